/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "api/description.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <weft/context.h>

#include "base/address.h"

enum { PAIR_MAX = 255, ID_MAX = 200 };

static const char *const own_keys[] = {"id", "inc", "state"};

/* Describes what is wrong with a value. Returns `code`. */
static int fail(struct api_description *d, int code, const char *why)
{
	d->why = why;
	return code;
}

/* Has the settings point to what the description owns. */
static void settings_point(struct api_description *d)
{
	d->settings.txt = d->txt;
	d->settings.id = d->id != NULL ? d->id : "";
	d->settings.subtypes = (const char *const *)d->subtypes;
	d->settings.addresses = d->addresses;
}

struct api_description *api_description_new(const uint8_t *name, uint16_t port)
{
	struct api_description *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	memcpy(d->settings.name, name, dns_name_nbytes(name));
	d->settings.port = port;
	d->settings.kind = port == 0 ? REGISTRANT_NODE : REGISTRANT_INSTANCE;
	d->settings.lease_s = API_LEASE_S;
	settings_point(d);
	return d;
}

void api_description_free(struct api_description *d)
{
	if (d == NULL)
		return;
	free(d->txt);
	free(d->id);
	for (size_t i = 0; i < d->settings.nsubtypes; i++)
		free(d->subtypes[i]);
	free(d);
}

/* Copies what `d` has pointers to, to `out`, a copy of the struct alone. */
static int owned_copy(struct api_description *out, const struct api_description *d)
{
	out->txt = NULL;
	out->id = NULL;
	out->settings.nsubtypes = 0;
	if (d->settings.ntxt > 0) {
		out->txt = malloc(d->settings.ntxt);
		if (out->txt == NULL)
			return WEFT_E_MEMORY;
		memcpy(out->txt, d->txt, d->settings.ntxt);
	}
	if (d->id != NULL) {
		out->id = strdup(d->id);
		if (out->id == NULL)
			return WEFT_E_MEMORY;
	}
	for (size_t i = 0; i < d->settings.nsubtypes; i++) {
		out->subtypes[i] = strdup(d->subtypes[i]);
		if (out->subtypes[i] == NULL)
			return WEFT_E_MEMORY;
		out->settings.nsubtypes++;
	}
	return WEFT_OK;
}

struct api_description *api_description_copy(const struct api_description *d)
{
	struct api_description *out = malloc(sizeof(*out));

	if (out == NULL)
		return NULL;
	*out = *d;
	if (owned_copy(out, d) != WEFT_OK) {
		api_description_free(out);
		return NULL;
	}
	settings_point(out);
	return out;
}

/* ---- TXT ---- */

/* Returns why a program may not set this key (RFC 6763 section 6.4), or NULL. */
static const char *key_fault(const char *key)
{
	if (key == NULL || key[0] == '\0')
		return "a key is not empty";
	for (const char *c = key; *c != '\0'; c++)
		if (*c < 0x20 || *c > 0x7e || *c == '=')
			return "a key is of printable ASCII characters without \"=\"";
	for (size_t i = 0; i < sizeof(own_keys) / sizeof(*own_keys); i++)
		if (strcasecmp(key, own_keys[i]) == 0)
			return "it is set by libweft";
	return NULL;
}

/* Returns where the pair with the key is in the record, or where the record ends. */
static size_t pair_find(const struct api_description *d, const char *key)
{
	size_t at = 0, nkey = strlen(key);

	while (at < d->settings.ntxt) {
		size_t n = d->txt[at];
		const char *pair = (const char *)&d->txt[at + 1];

		if (n >= nkey && strncasecmp(pair, key, nkey) == 0 &&
		    (n == nkey || pair[nkey] == '='))
			break;
		at += 1 + n;
	}
	return at;
}

/* Replaces `nold` octets of the record, at `at`, by a pair. */
static int pair_replace(struct api_description *d, size_t at, size_t nold, const uint8_t *pair,
			size_t npair)
{
	size_t ntxt = d->settings.ntxt - nold + npair;
	uint8_t *txt;

	if (d->settings.kind == REGISTRANT_NODE)
		return WEFT_OK; /* it has no text */
	if (ntxt > API_TXT_MAX)
		return fail(d, WEFT_E_TEXT, "the TXT record has more than 8900 octets then");
	txt = malloc(ntxt > 0 ? ntxt : 1);
	if (txt == NULL)
		return WEFT_E_MEMORY;
	if (at > 0)
		memcpy(txt, d->txt, at);
	if (npair > 0)
		memcpy(txt + at, pair, npair);
	if (at + nold < d->settings.ntxt)
		memcpy(txt + at + npair, d->txt + at + nold, d->settings.ntxt - at - nold);
	free(d->txt);
	d->txt = txt;
	d->settings.ntxt = ntxt;
	settings_point(d);
	return WEFT_OK;
}

int api_description_set_txt(struct api_description *d, const char *key, const void *value,
			    size_t nbytes)
{
	const char *why = key_fault(key);
	uint8_t pair[1 + PAIR_MAX];
	size_t at, nkey, n;

	if (why != NULL)
		return fail(d, WEFT_E_TEXT, why);
	nkey = strlen(key);
	n = nkey + (value != NULL ? 1 : 0);
	if (n > PAIR_MAX || (value != NULL && nbytes > PAIR_MAX - n))
		return fail(d, WEFT_E_TEXT, "key and value have more than 255 octets");
	memcpy(pair + 1, key, nkey);
	if (value != NULL) {
		pair[1 + nkey] = '=';
		if (nbytes > 0)
			memcpy(pair + 1 + n, value, nbytes);
		n += nbytes;
	}
	pair[0] = (uint8_t)n;
	at = pair_find(d, key);
	return pair_replace(d, at, at < d->settings.ntxt ? 1U + d->txt[at] : 0, pair, 1 + n);
}

int api_description_unset_txt(struct api_description *d, const char *key)
{
	const char *why = key_fault(key);
	size_t at;

	if (why != NULL)
		return fail(d, WEFT_E_TEXT, why);
	at = pair_find(d, key);
	return at < d->settings.ntxt ? pair_replace(d, at, 1U + d->txt[at], NULL, 0) : WEFT_OK;
}

/* ---- identity, subtypes, addresses ---- */

int api_description_set_id(struct api_description *d, const char *id)
{
	char *copy;

	if (strlen(id) > ID_MAX)
		return fail(d, WEFT_E_TEXT, "an identity has at most 200 octets");
	copy = strdup(id);
	if (copy == NULL)
		return WEFT_E_MEMORY;
	free(d->id);
	d->id = copy;
	settings_point(d);
	return WEFT_OK;
}

int api_description_add_subtype(struct api_description *d, const char *subtype)
{
	size_t n = d->settings.nsubtypes;
	char *copy;

	if (subtype[0] == '\0' || strlen(subtype) > DNS_LABEL_MAX)
		return fail(d, WEFT_E_NAME, "a subtype is a label of 1 to 63 octets");
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(d->subtypes[i], subtype) == 0)
			return WEFT_OK;
	if (n == API_SUBTYPES_MAX)
		return fail(d, WEFT_E_TOO_LARGE, "there are 32 subtypes already");
	copy = strdup(subtype);
	if (copy == NULL)
		return WEFT_E_MEMORY;
	d->subtypes[n] = copy;
	d->settings.nsubtypes++;
	return WEFT_OK;
}

int api_description_set_addresses(struct api_description *d, const char *list)
{
	static const char fault[] = "expected IPv4 or IPv6 addresses with blanks or commas between";
	struct sockaddr_storage addresses[API_ADDRESSES_MAX];
	size_t n = 0;

	memset(addresses, 0, sizeof(addresses));
	for (list = list != NULL ? list : ""; list[strspn(list, " \t,")] != '\0';) {
		char text[BASE_ADDRESS_TEXT_MAX];
		size_t nchars;

		list += strspn(list, " \t,");
		nchars = strcspn(list, " \t,");
		if (nchars >= sizeof(text) || memchr(list, '@', nchars) != NULL)
			return fail(d, WEFT_E_ARGUMENT, fault);
		if (n == API_ADDRESSES_MAX)
			return fail(d, WEFT_E_TOO_LARGE, "more than 32 addresses");
		memcpy(text, list, nchars);
		text[nchars] = '\0';
		if (base_address_from_text(&addresses[n], text, 0) < 0)
			return fail(d, WEFT_E_ARGUMENT, fault);
		n++;
		list += nchars;
	}
	memcpy(d->addresses, addresses, sizeof(addresses));
	d->settings.naddresses = n;
	return WEFT_OK;
}
