/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "view/instance.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "dns/type.h"
#include "dns/update.h"
#include "dnssd/kind.h"
#include "zone/draft.h"

/* Whether a character-string is `key=...`, or, as a key without value, `key` alone (RFC 6763
 * section 6.4: case does not count). */
static bool is_key(const uint8_t *string, size_t n, const char *key)
{
	size_t nkey = strlen(key);

	return n >= nkey && (n == nkey || string[nkey] == '=') &&
	       strncasecmp((const char *)string, key, nkey) == 0;
}

/* The value of a key in a TXT (RFC 6763 section 6.4: the first counts, case does not). NULL if it
 * is not there. */
static const uint8_t *txt_value(const uint8_t *rdata, size_t nbytes, const char *key,
				size_t *length)
{
	size_t nkey = strlen(key);

	for (size_t at = 0; at < nbytes; at += 1 + (size_t)rdata[at]) {
		size_t n = rdata[at];

		if (at + 1 + n > nbytes)
			return NULL;
		if (!is_key(rdata + at + 1, n, key))
			continue;
		if (n == nkey)
			return NULL;
		*length = n - nkey - 1;
		return rdata + at + 2 + nkey;
	}
	return NULL;
}

/* The same in the first of the TXT records at a name that has it. */
static const uint8_t *txt_find(struct zone_draft *draft, const uint8_t *name, const char *key,
			       size_t *length)
{
	struct zone_rrset set;
	struct zone_rdata one;
	const uint8_t *at, *value = NULL;

	if (!zone_draft_find(draft, name, DNS_TYPE_TXT, &set))
		return NULL;
	at = set.data;
	while (value == NULL && zone_rrset_next(&set, &at, &one))
		value = txt_value(one.bytes, one.nbytes, key, length);
	return value;
}

enum dnssd_state view_instance_state(struct zone_draft *draft, const uint8_t *instance)
{
	static const char *const words[] = {"up", "starting", "draining", "failed"};
	size_t n;
	const uint8_t *value = txt_find(draft, instance, "state", &n);

	for (unsigned i = 1; value != NULL && i < sizeof(words) / sizeof(*words); i++)
		if (strlen(words[i]) == n && strncasecmp(words[i], (const char *)value, n) == 0)
			return (enum dnssd_state)i;
	return DNSSD_UP;
}

/* A decimal number; false if it is none, or too large to be one of ours. */
static bool number_of(const uint8_t *text, size_t n, uint64_t *out)
{
	*out = 0;
	for (size_t i = 0; i < n; i++) {
		if (text[i] < '0' || text[i] > '9' || i == 18)
			return false;
		*out = *out * 10 + (uint64_t)(text[i] - '0');
	}
	return n > 0;
}

bool view_instance_is_fenced(struct zone_draft *draft, const uint8_t *zone,
			     const struct dns_update_record *r)
{
	const uint8_t *said, *registered;
	uint64_t ours, theirs;
	size_t n, m;

	if (r->type != DNS_TYPE_TXT || r->rrclass != DNS_CLASS_IN ||
	    dnssd_kind_of(r->owner, zone) != DNSSD_INSTANCE)
		return false;
	said = txt_value(r->rdata, r->nbytes, "inc", &n);
	registered = said == NULL ? NULL : txt_find(draft, r->owner, "inc", &m);
	return registered != NULL && number_of(said, n, &theirs) &&
	       number_of(registered, m, &ours) && theirs < ours;
}

size_t dnssd_txt_set(uint8_t *out, size_t size, const uint8_t *rdata, size_t nbytes,
		     const char *key, const char *value)
{
	struct base_out o = base_out_over(out, size);
	char pair[UINT8_MAX + 1];
	int npair = snprintf(pair, sizeof(pair), "%s=%s", key, value);
	bool is_set = false;

	for (size_t at = 0; at < nbytes; at += 1 + (size_t)rdata[at]) {
		size_t n = rdata[at];
		bool is_it;

		if (at + 1 + n > nbytes)
			break;
		is_it = is_key(rdata + at + 1, n, key);
		/* The first counts; an empty string says nothing. */
		if (n == 0 || (is_it && is_set))
			continue;
		base_out_u8(&o, is_it ? (uint8_t)npair : (uint8_t)n);
		base_out_bytes(&o, is_it ? (const void *)pair : rdata + at + 1,
			       is_it ? (size_t)npair : n);
		is_set |= is_it;
	}
	if (!is_set) {
		base_out_u8(&o, (uint8_t)npair);
		base_out_bytes(&o, pair, (size_t)npair);
	}
	return o.is_full ? 0 : base_out_nbytes(&o);
}
