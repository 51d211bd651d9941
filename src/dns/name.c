/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "dns/name.h"

#include <string.h>

#define ROW(n) n, n + 1, n + 2, n + 3, n + 4, n + 5, n + 6, n + 7
#define ROWS(n) ROW(n), ROW(n + 8), ROW(n + 16), ROW(n + 24)

const uint8_t dns_lower[256] = {
	ROWS(0), ROWS(32), '@', 'a', 'b',      'c',	  'd',	     'e',	'f',	   'g',
	'h',	 'i',	   'j', 'k', 'l',      'm',	  'n',	     'o',	'p',	   'q',
	'r',	 's',	   't', 'u', 'v',      'w',	  'x',	     'y',	'z',	   '[',
	'\\',	 ']',	   '^', '_', ROWS(96), ROWS(128), ROWS(160), ROWS(192), ROWS(224),
};

size_t dns_name_parse(struct base_buf *b, uint8_t out[static DNS_NAME_MAX])
{
	const uint8_t *p = b->at, *limit = b->at;
	const uint8_t *after = NULL; /* where reading continues, after the first pointer */
	size_t n = 0;

	/* `limit` falls with every pointer, so the loop ends. */
	while (p < b->end) {
		uint8_t c = *p;

		if (c == 0) {
			out[n++] = 0;
			b->at = after != NULL ? after : p + 1;
			return n;
		}
		if (c <= DNS_LABEL_MAX) {
			if ((size_t)(b->end - p) <= c || n + c + 2 > DNS_NAME_MAX)
				break;
			memcpy(out + n, p, (size_t)c + 1);
			n += (size_t)c + 1;
			p += (size_t)c + 1;
			continue;
		}
		if (c < 0xc0 || b->end - p < 2)
			break;
		if (after == NULL)
			after = p + 2;
		p = b->start + (base_load16(p) & 0x3fff);
		if (p >= limit)
			break;
		limit = p;
	}
	base_buf_fail(b);
	return 0;
}

void dns_name_skip(struct base_buf *b)
{
	while (b->at < b->end) {
		uint8_t c = *b->at;

		if (c >= 0xc0) {
			base_buf_take(b, 2);
			return;
		}
		if (c > DNS_LABEL_MAX)
			break;
		if (base_buf_take(b, (size_t)c + 1) == NULL || c == 0)
			return;
	}
	base_buf_fail(b);
}

bool dns_name_is_valid(const uint8_t *bytes, size_t nbytes)
{
	size_t n = 0;

	if (nbytes > DNS_NAME_MAX)
		return false;
	while (n < nbytes && bytes[n] != 0) {
		if (bytes[n] > DNS_LABEL_MAX)
			return false;
		n += (size_t)bytes[n] + 1;
	}
	return n + 1 == nbytes;
}

size_t dns_name_nbytes(const uint8_t *name)
{
	const uint8_t *p = name;

	while (*p != 0)
		p += *p + 1;
	return (size_t)(p - name) + 1;
}

unsigned dns_name_labels(const uint8_t *name)
{
	unsigned n = 0;

	for (; *name != 0; name += *name + 1)
		n++;
	return n;
}

size_t dns_name_lower(uint8_t out[static DNS_NAME_MAX], const uint8_t *name)
{
	size_t n = dns_name_nbytes(name);

	/* Length octets are below 64, so dns_lower leaves them as they are. */
	for (size_t i = 0; i < n; i++)
		out[i] = dns_lower[name[i]];
	return n;
}

bool dns_name_equal(const uint8_t *a, const uint8_t *b)
{
	for (;;) {
		uint8_t n = *a;

		if (n != *b)
			return false;
		if (n == 0)
			return true;
		for (a++, b++; n > 0; n--, a++, b++)
			if (dns_lower[*a] != dns_lower[*b])
				return false;
	}
}

const uint8_t *dns_name_strip(const uint8_t *name, unsigned labels)
{
	for (; labels > 0; labels--)
		name += *name + 1;
	return name;
}

bool dns_name_relative(const uint8_t *name, const uint8_t *ancestor, unsigned *nlabels)
{
	unsigned n = dns_name_labels(name), a = dns_name_labels(ancestor);
	bool is_under = n >= a && dns_name_equal(dns_name_strip(name, n - a), ancestor);

	*nlabels = is_under ? n - a : 0;
	return is_under;
}

bool dns_name_is_under(const uint8_t *name, const uint8_t *ancestor)
{
	unsigned nlabels;

	return dns_name_relative(name, ancestor, &nlabels);
}

bool dns_name_begins(const uint8_t *name, const uint8_t *first)
{
	uint8_t a[DNS_NAME_MAX], b[DNS_NAME_MAX];
	size_t nname = dns_name_lower(a, name), nfirst = dns_name_lower(b, first);

	/* Without the root of `first`. Lengths are compared with the labels that follow them. */
	return nfirst <= nname && memcmp(a, b, nfirst - 1) == 0;
}

static int label_compare(const uint8_t *a, const uint8_t *b)
{
	uint8_t n = *a < *b ? *a : *b;

	for (uint8_t i = 1; i <= n; i++) {
		int d = (int)dns_lower[a[i]] - (int)dns_lower[b[i]];

		if (d != 0)
			return d;
	}
	return (int)*a - (int)*b;
}

static unsigned label_offsets(const uint8_t *name, uint8_t at[static DNS_LABELS_MAX])
{
	unsigned n = 0;

	for (const uint8_t *p = name; *p != 0; p += *p + 1)
		at[n++] = (uint8_t)(p - name);
	return n;
}

int dns_name_compare(const uint8_t *a, const uint8_t *b)
{
	uint8_t at[DNS_LABELS_MAX], bt[DNS_LABELS_MAX];
	unsigned i = label_offsets(a, at), j = label_offsets(b, bt);

	while (i > 0 && j > 0) {
		int d = label_compare(a + at[--i], b + bt[--j]);

		if (d != 0)
			return d;
	}
	return (int)i - (int)j;
}

/* Reads one character of a label at text[*i] and moves *i after it. Returns its octet, with an
 * escape resolved, or -1 if the escape is invalid. */
static int escaped_octet(const char *text, size_t nchars, size_t *i)
{
	unsigned v = 0;

	if (text[*i] != '\\')
		return (unsigned char)text[(*i)++];
	if (++*i >= nchars)
		return -1;
	if (text[*i] < '0' || text[*i] > '9')
		return (unsigned char)text[(*i)++];
	if (nchars - *i < 3)
		return -1;
	for (int k = 0; k < 3; k++) {
		char c = text[(*i)++];

		if (c < '0' || c > '9')
			return -1;
		v = v * 10 + (unsigned)(c - '0');
	}
	return v > 255 ? -1 : (int)v;
}

size_t dns_name_from_text(uint8_t out[static DNS_NAME_MAX], const char *text, size_t nchars,
			  const uint8_t *origin)
{
	size_t i = 0, n = 1, label = 0; /* out[label] is the length octet being filled */

	if (nchars == 0)
		return 0;
	if (nchars == 1 && text[0] == '.') {
		out[0] = 0;
		return 1;
	}
	while (i < nchars) {
		int c;

		if (text[i] == '.') {
			if (n - label - 1 == 0)
				return 0;
			out[label] = (uint8_t)(n - label - 1);
			label = n++;
			i++;
			if (n > DNS_NAME_MAX)
				return 0;
			continue;
		}
		c = escaped_octet(text, nchars, &i);
		if (c < 0 || n - label - 1 >= DNS_LABEL_MAX || n >= DNS_NAME_MAX)
			return 0;
		out[n++] = (uint8_t)c;
	}
	if (n - label - 1 == 0) { /* ended with a dot */
		out[label] = 0;
		return n;
	}
	out[label] = (uint8_t)(n - label - 1);
	if (origin == NULL)
		origin = (const uint8_t *)"";
	if (n + dns_name_nbytes(origin) > DNS_NAME_MAX)
		return 0;
	memcpy(out + n, origin, dns_name_nbytes(origin));
	return n + dns_name_nbytes(origin);
}

size_t dns_name_to_text(char out[static DNS_NAME_TEXT_MAX], const uint8_t *name)
{
	char *o = out;

	if (*name == 0)
		*o++ = '.';
	for (; *name != 0; name += *name + 1) {
		for (uint8_t i = 1; i <= *name; i++) {
			uint8_t c = name[i];

			if (c <= ' ' || c > '~') {
				*o++ = '\\';
				*o++ = (char)('0' + c / 100);
				*o++ = (char)('0' + c / 10 % 10);
				*o++ = (char)('0' + c % 10);
				continue;
			}
			if (strchr(".\\\"();@$", c) != NULL)
				*o++ = '\\';
			*o++ = (char)c;
		}
		*o++ = '.';
	}
	*o = '\0';
	return (size_t)(o - out);
}

size_t dns_name_labels_to_text(char out[static DNS_NAME_TEXT_MAX], const uint8_t *name,
			       unsigned nlabels)
{
	size_t nbytes = (size_t)(dns_name_strip(name, nlabels) - name), nchars;
	uint8_t part[DNS_NAME_MAX];

	memcpy(part, name, nbytes);
	part[nbytes] = 0;
	nchars = dns_name_to_text(out, part);
	if (nchars > 1)
		out[--nchars] = '\0';
	return nchars;
}

size_t dns_name_join(uint8_t out[static DNS_NAME_MAX], const uint8_t *prefix, size_t prefix_nbytes,
		     const uint8_t *suffix)
{
	size_t n = dns_name_nbytes(suffix);

	if (prefix_nbytes + n > DNS_NAME_MAX)
		return 0;
	memmove(out + prefix_nbytes, suffix, n);
	memmove(out, prefix, prefix_nbytes);
	return prefix_nbytes + n;
}
