/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A value is decoded twice: as a character-string, which resolves \X and \DDD, and then, if it is a
 * list, into items, where a backslash escapes a comma or another backslash (RFC 9460 appendix A.1).
 */

#include "text/svcb_parse.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "dns/rdata.h"
#include "dns/svcb.h"
#include "text/svcb_key.h"
#include "text/value.h"
#include "text/words.h"

/* One parameter: the text of its value, without quotes. */
struct param {
	const struct text_token *token;
	const char *value;
	uint32_t nchars;
	uint16_t key;
	bool is_named; /* not key123 */
};

/* A character-string, decoded. */
struct octets {
	const uint8_t *at, *end;
};

/* ---- the token ---- */

/* Takes key, key=value or key="value", which are two tokens joined. Returns false if the next
 * tokens are none of these. */
static bool param_take(struct param *p, struct text_words *w)
{
	const struct text_token *t = text_words_take(w, "");
	const char *equals = memchr(t->text, '=', t->nchars);
	size_t nkey = equals == NULL ? t->nchars : (size_t)(equals - t->text);

	*p = (struct param){.token = t};
	if (t->is_quoted || !text_svcb_key_parse(&p->key, &p->is_named, t->text, nkey))
		return false;
	if (equals != NULL) {
		p->value = equals + 1;
		p->nchars = t->nchars - (uint32_t)nkey - 1;
	}
	if (w->at < w->end && w->at->is_joined) {
		if (equals == NULL || p->nchars > 0 || !w->at->is_quoted)
			return false;
		p->value = w->at->text;
		p->nchars = w->at->nchars;
		w->at++;
	}
	return w->at == w->end || !w->at->is_joined;
}

/* ---- values ---- */

/* Reads the next item of a list, whose escapes it resolves, into `item`, which has room for 255
 * octets. Returns its length, or -1 if it is empty, too long or has another escape. */
static int item_read(struct octets *list, uint8_t item[static 255])
{
	int n = 0;

	for (; list->at < list->end && *list->at != ','; list->at++) {
		if (*list->at == '\\' &&
		    (++list->at == list->end || (*list->at != ',' && *list->at != '\\')))
			return -1;
		if (n == 255)
			return -1;
		item[n++] = *list->at;
	}
	return n == 0 ? -1 : n;
}

/* Moves after the comma that follows an item. Returns false at the end of the list. */
static bool list_next(struct octets *list)
{
	if (list->at == list->end)
		return false;
	list->at++;
	return true;
}

static bool alpn_write(struct base_out *out, struct octets list)
{
	uint8_t item[255];

	do {
		int n = item_read(&list, item);

		if (n < 0)
			return false;
		base_out_u8(out, (uint8_t)n);
		base_out_bytes(out, item, (size_t)n);
	} while (list_next(&list));
	return true;
}

static int key_compare(const void *a, const void *b)
{
	return memcmp(a, b, 2);
}

/* The keys may be given in any order (RFC 9460 section 8). */
static bool mandatory_write(struct base_out *out, struct octets list)
{
	uint8_t item[255], *first = out->at;

	do {
		int n = item_read(&list, item);
		uint16_t key;
		bool is_named;

		if (n < 0 || !text_svcb_key_parse(&key, &is_named, (const char *)item, (size_t)n))
			return false;
		base_out_u16(out, key);
	} while (list_next(&list));
	if (!out->is_full)
		qsort(first, (size_t)(out->at - first) / 2, 2, key_compare);
	return true;
}

static bool hints_write(struct base_out *out, struct octets list, int family)
{
	uint8_t item[256], address[16];

	do {
		int n = item_read(&list, item);

		if (n < 0)
			return false;
		item[n] = '\0';
		if (inet_pton(family, (const char *)item, address) != 1)
			return false;
		base_out_bytes(out, address, family == AF_INET ? 4 : 16);
	} while (list_next(&list));
	return true;
}

static bool port_write(struct base_out *out, struct octets value)
{
	uint32_t port;

	if (!text_value_parse_number(&port, (const char *)value.at, (size_t)(value.end - value.at),
				     UINT16_MAX))
		return false;
	base_out_u16(out, (uint16_t)port);
	return true;
}

static bool ech_write(struct base_out *out, struct octets value)
{
	struct text_value_base64 b = {0};

	return text_value_parse_base64(&b, out, (const char *)value.at,
				       (size_t)(value.end - value.at)) &&
	       text_value_ends_base64(&b);
}

static bool octets_write(struct base_out *out, struct octets value)
{
	base_out_bytes(out, value.at, (size_t)(value.end - value.at));
	return true;
}

/* Writes a decoded value in the wire form of its key. */
static bool value_write(struct base_out *out, const struct param *p, struct octets value)
{
	if (!p->is_named)
		return octets_write(out, value);
	switch (p->key) {
	case DNS_SVCB_MANDATORY:
		return mandatory_write(out, value);
	case DNS_SVCB_ALPN:
		return alpn_write(out, value);
	case DNS_SVCB_PORT:
		return port_write(out, value);
	case DNS_SVCB_IPV4HINT:
		return hints_write(out, value, AF_INET);
	case DNS_SVCB_ECH:
		return ech_write(out, value);
	case DNS_SVCB_IPV6HINT:
		return hints_write(out, value, AF_INET6);
	case DNS_SVCB_NO_DEFAULT_ALPN:
	case DNS_SVCB_OHTTP:
		return value.at == value.end;
	default:
		return octets_write(out, value);
	}
}

/* Decodes the character-string of a value into `bytes`, p->nchars of them at most. Returns false if
 * an escape is invalid. */
static bool value_decode(struct octets *value, uint8_t *bytes, const struct param *p)
{
	uint8_t *at = bytes;

	for (uint32_t i = 0; i < p->nchars;) {
		int c = text_value_parse_octet(p->value, p->nchars, &i);

		if (c < 0)
			return false;
		*at++ = (uint8_t)c;
	}
	*value = (struct octets){bytes, at};
	return true;
}

/* ---- the record ---- */

/* Writes the parameter at the end of `out`. Returns what is wrong, or NULL. */
static const char *param_write(struct base_out *out, const struct param *p, uint8_t *scratch)
{
	struct octets value;
	uint8_t *length;

	/* A value of nothing is one of no octets, which only some keys have. */
	if (!value_decode(&value, scratch, p))
		return "has an escape that is not \\DDD";
	base_out_u16(out, p->key);
	length = base_out_take(out, 2);
	if (length == NULL)
		return NULL;
	if (!value_write(out, p, value))
		return "does not have a valid value";
	if (!out->is_full && out->at - length - 2 <= UINT16_MAX)
		base_store16(length, (uint16_t)(out->at - length - 2));
	return NULL;
}

static void reverse(uint8_t *first, uint8_t *end)
{
	while (first < end) {
		uint8_t c = *first;

		*first++ = *--end;
		*end = c;
	}
}

/* Moves the last parameter, from `last` on, before the first one with a higher key; `first` is
 * where parameters begin. Returns false if another one has its key. */
static bool param_sort(uint8_t *first, uint8_t *last, uint8_t *end)
{
	uint16_t key = base_load16(last);

	while (first < last && base_load16(first) < key)
		first += 4 + (size_t)base_load16(first + 2);
	if (first == last)
		return true;
	if (base_load16(first) == key)
		return false;
	/* Three reversals exchange two neighbours. */
	reverse(first, last);
	reverse(last, end);
	reverse(first, end);
	return true;
}

void text_svcb_parse(struct text_words *w, struct base_out *out)
{
	uint8_t *first = out->at, *scratch = NULL;
	uint32_t nscratch = 0;

	while (w->at < w->end && !out->is_full) {
		uint8_t *last = out->at;
		const char *fault;
		struct param p;

		if (!param_take(&p, w)) {
			text_words_fail(w, p.token, "is not a parameter as in key=value");
			break;
		}
		if (scratch == NULL || nscratch < p.nchars) {
			free(scratch);
			nscratch = p.nchars + 256;
			scratch = malloc(nscratch);
			if (scratch == NULL) {
				text_words_fail(w, NULL, "out of memory");
				break;
			}
		}
		fault = param_write(out, &p, scratch);
		if (fault != NULL)
			text_words_fail(w, p.token, "%s", fault);
		else if (!out->is_full && !param_sort(first, last, out->at))
			text_words_fail(w, p.token, "is a second parameter with this key");
	}
	free(scratch);
}
