/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "reach/why.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"

enum {
	MORE_MAX = 24,	/* characters of "; and 4294967295 more" at most, with the NUL */
	LABEL_MAX = 64, /* characters of an instance's name */
	WORDS_MAX = LABEL_MAX + BASE_ADDRESS_TEXT_MAX + 64,
};

/* Copies the name. A label may have any character: those that do something to a terminal are
 * replaced. */
static void label_copy(char out[static LABEL_MAX], const struct find_instance *i)
{
	snprintf(out, LABEL_MAX, "%s", i->label[0] != '\0' ? i->label : i->name_text);
	for (char *c = out; *c != '\0'; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
}

void reach_why_add(struct reach_why *w, const struct find_instance *i,
		   const struct sockaddr *address, const char *reason)
{
	char label[LABEL_MAX], at[BASE_ADDRESS_TEXT_MAX] = "", line[WORDS_MAX];
	size_t n;

	label_copy(label, i);
	if (address != NULL)
		base_address_to_text(at, address);
	snprintf(line, sizeof(line), "%s%s%s%s: %s", w->nchars > 0 ? "; " : "", label,
		 address != NULL ? " " : "", at, reason);
	n = strlen(line);
	if (w->nmore > 0 || n + MORE_MAX > sizeof(w->text) - w->nchars) {
		w->nmore++;
		return;
	}
	memcpy(w->text + w->nchars, line, n + 1);
	w->nchars += n;
}

void reach_why_add_count(struct reach_why *w, size_t n)
{
	w->nmore += n < 1000000 ? (unsigned)n : 1000000;
}

const char *reach_why_text(struct reach_why *w)
{
	if (w->nmore > 0 && w->nchars == 0)
		snprintf(w->text, sizeof(w->text), "no time was left to try any instance of %u",
			 w->nmore);
	else if (w->nmore > 0)
		snprintf(w->text + w->nchars, sizeof(w->text) - w->nchars, "; and %u more",
			 w->nmore);
	return w->text;
}

const char *reach_why_reason(int error)
{
	switch (-error) {
	case ECONNREFUSED:
		return "refused";
	case ETIMEDOUT:
		return "silent";
	case EHOSTUNREACH:
	case ENETUNREACH:
		return "unreachable";
	case ECONNRESET:
		return "reset";
	case EADDRNOTAVAIL:
		return "no local address or port";
	case EAFNOSUPPORT:
		return "address family not supported";
	case EDESTADDRREQ:
		return "no address";
	default:
		return strerror(-error);
	}
}
