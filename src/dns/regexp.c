/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "dns/regexp.h"

#include <string.h>

enum { REPEATS_MAX = 255 }; /* of an atom: what POSIX grants at least */

/* A walk over the regular expression, without its delimiters. */
struct walk {
	const uint8_t *at, *end;
	unsigned ngroups;  /* opened so far; the n-th is \n */
	unsigned depth;	   /* of open groups */
	bool has_atom;	   /* there is something that a repetition can apply to */
	bool is_repeated;  /* the last item is a repetition or an anchor */
	bool may_be_empty; /* a group has just been opened */
};

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool atom(struct walk *w)
{
	w->has_atom = true;
	w->is_repeated = false;
	return true;
}

/* After a backslash: a back-reference to a group that was opened, or a literal. */
static bool escape(struct walk *w)
{
	uint8_t c;

	if (w->at == w->end)
		return false;
	c = *w->at++;
	if (c >= '1' && c <= '9' && (unsigned)(c - '0') > w->ngroups)
		return false;
	return atom(w);
}

static bool bound_number(struct walk *w, unsigned *number)
{
	const uint8_t *first = w->at;

	*number = 0;
	while (w->at < w->end && is_digit(*w->at) && *number <= REPEATS_MAX)
		*number = *number * 10 + (unsigned)(*w->at++ - '0');
	return w->at > first && *number <= REPEATS_MAX;
}

/* {n}, {n,} or {n,m}, after the opening brace. */
static bool bound(struct walk *w)
{
	unsigned low, high;

	if (!w->has_atom || w->is_repeated || !bound_number(w, &low))
		return false;
	if (w->at < w->end && *w->at == ',') {
		w->at++;
		if (w->at < w->end && is_digit(*w->at) && (!bound_number(w, &high) || low > high))
			return false;
	}
	w->is_repeated = true;
	return w->at < w->end && *w->at++ == '}';
}

/* [.x.], [=x=] or [:class:] within a bracket expression, after the inner opening bracket. Writes
 * the octet that [.x.] stands for to `c`; -1 if the item is not a single octet. */
static bool bracket_item(struct walk *w, int *c)
{
	static const char *const classes[] = {"alnum", "digit", "punct", "alpha",
					      "graph", "space", "blank", "lower",
					      "upper", "cntrl", "print", "xdigit"};
	uint8_t kind = *w->at++;
	const uint8_t *first = w->at;
	size_t n;

	while (w->end - w->at >= 2 && !(w->at > first && w->at[0] == kind && w->at[1] == ']'))
		w->at++;
	if (w->end - w->at < 2)
		return false;
	n = (size_t)(w->at - first);
	w->at += 2;
	*c = kind == '.' && n == 1 ? *first : -1;
	if (kind != ':')
		return true;
	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
		if (strlen(classes[i]) == n && memcmp(classes[i], first, n) == 0)
			return true;
	return false;
}

/* Takes one item of a bracket expression. Writes its octet to `c`, or -1 if it cannot begin or end
 * a range. */
static bool bracket_octet(struct walk *w, int *c)
{
	if (w->at == w->end)
		return false;
	if (*w->at == '[' && w->end - w->at >= 2 && memchr(".=:", w->at[1], 3) != NULL) {
		w->at++;
		return bracket_item(w, c);
	}
	*c = *w->at++;
	return true;
}

/* Whether a hyphen with something after it follows. */
static bool is_range(const struct walk *w)
{
	return w->end - w->at >= 2 && w->at[0] == '-' && w->at[1] != ']';
}

/* A bracket expression, after the opening bracket: items and ranges in rising order. A bracket that
 * comes first is a literal. */
static bool bracket(struct walk *w)
{
	bool is_first = true;
	int low, high;

	if (w->at < w->end && *w->at == '^')
		w->at++;
	for (; w->at < w->end && (*w->at != ']' || is_first); is_first = false) {
		if (!bracket_octet(w, &low))
			return false;
		if (low < 0 || !is_range(w))
			continue;
		w->at++;
		/* The end of a range does not begin another one. */
		if (!bracket_octet(w, &high) || high < low || is_range(w))
			return false;
	}
	if (w->at == w->end)
		return false;
	w->at++;
	return atom(w);
}

static bool group_open(struct walk *w)
{
	w->depth++;
	w->ngroups++;
	w->has_atom = w->is_repeated = false;
	w->may_be_empty = true;
	return true;
}

/* A closing parenthesis without an opening one is a literal. */
static bool group_close(struct walk *w)
{
	if (w->depth > 0 && !w->has_atom && !w->may_be_empty)
		return false;
	w->depth -= w->depth > 0;
	return atom(w);
}

static bool alternative(struct walk *w)
{
	if (!w->has_atom)
		return false;
	w->has_atom = w->may_be_empty = w->is_repeated = false;
	return true;
}

static bool repetition(struct walk *w)
{
	if (!w->has_atom || w->is_repeated)
		return false;
	w->is_repeated = true;
	return true;
}

static bool anchor(struct walk *w)
{
	w->has_atom = w->is_repeated = true;
	return true;
}

static bool item(struct walk *w)
{
	switch (*w->at++) {
	case '\\':
		return escape(w);
	case '[':
		return bracket(w);
	case '{':
		return w->at < w->end && is_digit(*w->at) ? bound(w) : atom(w);
	case '(':
		return group_open(w);
	case ')':
		return group_close(w);
	case '|':
		return alternative(w);
	case '*':
	case '+':
	case '?':
		return repetition(w);
	case '^':
	case '$':
		return anchor(w);
	default:
		return atom(w);
	}
}

/* Returns the number of groups of the regular expression, or -1 if it is invalid. */
static int groups_of(const uint8_t *text, size_t nbytes)
{
	struct walk w = {.at = text, .end = text + nbytes};

	while (w.at < w.end)
		if (!item(&w))
			return -1;
	return w.has_atom && w.depth == 0 ? (int)w.ngroups : -1;
}

/* Returns the position of the next delimiter that is not escaped, or NULL. Writes the highest
 * back-reference before it to `highest`; -1 if there is \0, which names no group. */
static const uint8_t *part_end(const uint8_t *at, const uint8_t *end, uint8_t delimiter,
			       int *highest)
{
	bool has_zero = false;

	*highest = 0;
	for (; at < end && *at != delimiter; at++) {
		if (*at != '\\')
			continue;
		if (++at == end)
			return NULL;
		has_zero |= *at == '0';
		if (is_digit(*at) && *at - '0' > *highest)
			*highest = *at - '0';
	}
	if (has_zero)
		*highest = -1;
	return at < end ? at : NULL;
}

bool dns_regexp_is_valid(const uint8_t *text, size_t nbytes)
{
	const uint8_t *end = text + nbytes, *replacement, *flags;
	int ngroups, highest, ignored;

	/* RFC 3402 section 3.2: neither a digit nor a flag delimits; a backslash escapes. */
	if (nbytes < 3 || is_digit(*text) || *text == '\\' || *text == 'i' ||
	    memchr(text, '\0', nbytes) != NULL)
		return false;
	replacement = part_end(text + 1, end, *text, &ignored);
	if (replacement == NULL)
		return false;
	flags = part_end(replacement + 1, end, *text, &highest);
	if (flags == NULL || highest < 0)
		return false;
	for (const uint8_t *p = flags + 1; p < end; p++)
		if (*p != 'i')
			return false;
	ngroups = groups_of(text + 1, (size_t)(replacement - text - 1));
	return ngroups >= highest;
}
