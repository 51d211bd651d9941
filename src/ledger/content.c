/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "ledger/content.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "base/hash.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "dns/record.h"
#include "zone/changeset.h"

struct ledger_content *ledger_content_new(const uint8_t *key, uint32_t granted_s,
					  const uint8_t *records, size_t nbytes, uint32_t nrecords)
{
	size_t nholder_bytes = key == NULL ? 0 : dns_name_nbytes(key);
	struct ledger_content *c =
		nbytes > UINT32_MAX ? NULL : malloc(sizeof(*c) + nholder_bytes + nbytes);

	if (c == NULL)
		return NULL;
	c->granted_s = granted_s;
	c->nrecords = nrecords;
	c->nbytes = (uint32_t)nbytes;
	c->nholder_bytes = (uint8_t)nholder_bytes;
	if (nholder_bytes > 0)
		dns_name_lower(c->bytes, key);
	if (nbytes > 0)
		memcpy(c->bytes + nholder_bytes, records, nbytes);
	return c;
}

struct base_buf ledger_content_records(const struct ledger_content *c)
{
	return c == NULL ? base_buf_over(NULL, 0)
			 : base_buf_over(c->bytes + c->nholder_bytes, c->nbytes);
}

const uint8_t *ledger_content_holder(const struct ledger_content *c)
{
	return c->nholder_bytes == 0 ? NULL : c->bytes;
}

bool ledger_content_is_held_by(const struct ledger_content *c, const uint8_t *key)
{
	const uint8_t *holder = ledger_content_holder(c);

	return key == NULL || holder == NULL ? key == holder : dns_name_equal(holder, key);
}

uint64_t ledger_content_hash(uint64_t seed, const struct dns_record *r)
{
	uint8_t name[DNS_NAME_MAX];
	size_t n = dns_name_lower(name, r->owner);

	return base_hash(name, n, seed ^ r->type) ^
	       dns_rdata_hash(r->type, r->rdata, r->nbytes, seed + r->type);
}

/* ---- scratch ---- */

void ledger_scratch_clear(struct ledger_scratch *s)
{
	s->nbytes = 0;
	s->nrecords = 0;
}

int ledger_scratch_add(struct ledger_scratch *s, const struct dns_record *record)
{
	struct base_out o;
	size_t nbytes = zone_changeset_nbytes(record);
	uint8_t *bytes = base_grow_bytes(s->bytes, s->nbytes, &s->capacity, nbytes);

	if (bytes == NULL)
		return -ENOMEM;
	s->bytes = bytes;
	o = base_out_over(s->bytes + s->nbytes, nbytes);
	zone_changeset_write(&o, record);
	s->nbytes += nbytes;
	s->nrecords++;
	return 0;
}

void ledger_scratch_fini(struct ledger_scratch *s)
{
	free(s->bytes);
}
