/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "locate/list.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"

enum { ITEM_CHARS_MAX = 300 };

static const char between[] = " \t\r\n,";
static const char host_chars[] = "abcdefghijklmnopqrstuvwxyz"
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";

/* Reads the decimal number after an `@`. Returns 0 if it is not a port. */
static uint16_t port_parse(const char *text)
{
	unsigned long port = 0;

	if (*text == '\0' || strlen(text) > 5 || text[strspn(text, "0123456789")] != '\0')
		return 0;
	port = strtoul(text, NULL, 10);
	return port <= UINT16_MAX ? (uint16_t)port : 0;
}

/* Takes a scheme away. */
static const char *transport_parse(enum locate_transport *out, const char *text)
{
	static const struct {
		const char *scheme;
		enum locate_transport transport;
	} schemes[] = {{"tls://", LOCATE_TLS}, {"tcp://", LOCATE_TCP}};

	*out = LOCATE_UDP;
	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes); i++) {
		size_t nchars = strlen(schemes[i].scheme);

		if (strncasecmp(text, schemes[i].scheme, nchars) != 0)
			continue;
		*out = schemes[i].transport;
		return text + nchars;
	}
	return text;
}

/* Returns whether the last label is a number: then it is an address, or nothing (RFC 1123 section
 * 2.1). */
static bool ends_in_number(const char *host)
{
	const char *dot = strrchr(host, '.');
	const char *last = dot != NULL ? dot + 1 : host;

	return *last != '\0' && last[strspn(last, "0123456789")] == '\0';
}

/* Reads one item. Returns whether it is valid. */
static bool item_parse(struct locate_item *item, const char *text)
{
	const char *rest, *at;
	char host[ITEM_CHARS_MAX];

	*item = (struct locate_item){0};
	rest = transport_parse(&item->transport, text);
	item->port = item->transport == LOCATE_TLS ? LOCATE_TLS_PORT : LOCATE_PORT;
	at = strchrnul(rest, '@');
	if (*at == '@') {
		item->port = port_parse(at + 1);
		if (item->port == 0)
			return false;
	}
	if (base_address_from_text(&item->address, rest, item->port) == 0)
		return true;
	memcpy(host, rest, (size_t)(at - rest));
	host[at - rest] = '\0';
	/* A name in a list is a host's (RFC 1123 section 2.1), whatever DNS could have. */
	if (host[strspn(host, host_chars)] != '\0' || ends_in_number(host) ||
	    dns_name_from_text(item->host, host, strlen(host), NULL) == 0)
		return false;
	dns_name_lower(item->host, item->host);
	return item->host[0] != 0;
}

int locate_list_parse(struct locate_list *out, const char *text, struct base_error *error)
{
	out->n = 0;
	for (const char *word = text + strspn(text, between); *word != '\0';
	     word += strspn(word, between)) {
		size_t nchars = strcspn(word, between);
		char item[ITEM_CHARS_MAX];

		if (out->n == LOCATE_LIST_MAX)
			return base_error_set(error, -EINVAL, "more than %d registries",
					      LOCATE_LIST_MAX);
		memcpy(item, word, nchars < sizeof(item) ? nchars : sizeof(item) - 1);
		item[nchars < sizeof(item) ? nchars : sizeof(item) - 1] = '\0';
		if (nchars >= sizeof(item) || !item_parse(&out->items[out->n], item))
			return base_error_set(error, -EINVAL,
					      "invalid registry \"%s\": expected an address or a "
					      "host's name, with tcp:// or tls:// before it and "
					      "@port after it where needed",
					      item);
		out->n++;
		word += nchars;
	}
	if (out->n == 0)
		return base_error_set(error, -EINVAL, "the list of registries is empty");
	return 0;
}
