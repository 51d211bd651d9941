/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "view/instance.h"

#include "dns/type.h"
#include "dns/update.h"
#include "dnssd/kind.h"
#include "dnssd/txt.h"
#include "zone/draft.h"

/* Returns the value of a key in the first TXT record at `name` that has the key, or NULL. */
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
		value = dnssd_txt_find(one.bytes, one.nbytes, key, length);
	return value;
}

enum dnssd_state view_instance_state(struct zone_draft *draft, const uint8_t *instance)
{
	size_t n = 0;
	const uint8_t *value = txt_find(draft, instance, "state", &n);

	return dnssd_txt_state(value, n);
}

/* The last number: what is registered with it would be followed by nothing, if it counted. */
#define INC_LAST UINT64_C(999999999999999999)

/* Reads a decimal number of at most 18 digits. Returns false if the text is not one. */
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

bool view_instance_inc_in(const uint8_t *rdata, size_t nbytes, uint64_t *inc)
{
	size_t n;
	const uint8_t *value = dnssd_txt_find(rdata, nbytes, "inc", &n);

	return value != NULL && number_of(value, n, inc);
}

bool view_instance_inc(struct zone_draft *draft, const uint8_t *instance, uint64_t *inc)
{
	size_t n;
	const uint8_t *value = txt_find(draft, instance, "inc", &n);

	return value != NULL && number_of(value, n, inc) && *inc < INC_LAST;
}

bool view_instance_is_fenced(struct zone_draft *draft, const uint8_t *zone,
			     const struct dns_update_record *r)
{
	uint64_t ours, theirs;

	return r->type == DNS_TYPE_TXT && r->rrclass == DNS_CLASS_IN &&
	       dnssd_kind_of(r->owner, zone) == DNSSD_INSTANCE &&
	       view_instance_inc_in(r->rdata, r->nbytes, &theirs) &&
	       view_instance_inc(draft, r->owner, &ours) && theirs < ours;
}
