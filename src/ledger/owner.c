/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "ledger/owner.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "dns/name.h"

int ledger_owners_init(struct ledger_owners *o, uint64_t seed)
{
	return undo_table_init(&o->table, sizeof(struct undo_entry), seed, free, free);
}

void ledger_owners_fini(struct ledger_owners *o)
{
	undo_table_fini(&o->table);
}

const uint8_t *ledger_owner_of(const struct ledger_owners *o, const uint8_t *zone,
			       const uint8_t *name)
{
	return undo_table_content(&o->table, zone, name);
}

static int entry_set(struct ledger_owners *o, struct undo_entry *e, const uint8_t *key)
{
	uint8_t lower[DNS_NAME_MAX], *copy = NULL;
	size_t n;

	if (key != NULL) {
		n = dns_name_lower(lower, key);
		copy = malloc(n);
		if (copy == NULL)
			return -ENOMEM;
		memcpy(copy, lower, n);
	}
	return undo_table_put(&o->table, e, copy);
}

int ledger_owner_set(struct ledger_owners *o, const uint8_t *zone, const uint8_t *name,
		     const uint8_t *key)
{
	struct undo_key k;
	struct undo_entry *e;

	undo_table_key(&o->table, &k, zone, name, 0);
	e = key == NULL ? undo_table_find(&o->table, &k) : undo_table_take(&o->table, &k);
	if (e == NULL)
		return key == NULL ? 0 : -ENOMEM;
	if (key == NULL && e->content == NULL)
		return 0;
	return entry_set(o, e, key);
}

int ledger_owner_read(struct ledger_owners *o, const uint8_t *key, size_t nkey,
		      const uint8_t *bytes, size_t nbytes)
{
	struct base_buf b = base_buf_over(key, nkey);
	uint8_t zone[DNS_NAME_MAX], name[DNS_NAME_MAX];
	int ret;

	dns_name_parse(&b, zone);
	dns_name_parse(&b, name);
	if (b.has_failed || base_buf_left(&b) != 1 ||
	    (nbytes > 0 && !dns_name_is_valid(bytes, nbytes)))
		return -EBADMSG;
	ret = ledger_owner_set(o, zone, name, nbytes == 0 ? NULL : bytes);
	undo_table_commit(&o->table, NULL, NULL);
	return ret;
}
