/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The item of a lease (integers in network order): version (1 byte), stamp_ms (8), expires_ms (8),
 * granted_s (4), number of records (4), bytes of the holder's name (1), the name, the records. The
 * item of a time: stamp_ms (8), expires_ms (8). */
#include "ledger/item.h"

#include <errno.h>
#include <stdlib.h>

#include "base/buf.h"
#include "dns/name.h"
#include "dns/record.h"
#include "ledger/leases.h"
#include "zone/changeset.h"

enum { ITEM_VERSION = 1 };

/* ---- writing ---- */

size_t ledger_item_size(const struct ledger_lease *lease)
{
	const struct ledger_content *c = ledger_lease_content(lease);

	return 1 + 8 + 8 + 4 + 4 + 1 + (size_t)c->nholder_bytes + c->nbytes;
}

size_t ledger_item_write(const struct ledger_lease *lease, uint8_t *out)
{
	const struct ledger_content *c = ledger_lease_content(lease);
	struct base_out o = base_out_over(out, ledger_item_size(lease));

	base_out_u8(&o, ITEM_VERSION);
	base_out_u64(&o, lease->stamp_ms);
	base_out_u64(&o, lease->expires_ms);
	base_out_u32(&o, c->granted_s);
	base_out_u32(&o, c->nrecords);
	base_out_u8(&o, c->nholder_bytes);
	base_out_bytes(&o, c->bytes, (size_t)c->nholder_bytes + c->nbytes);
	return base_out_nbytes(&o);
}

void ledger_item_time_write(const struct ledger_lease *lease,
			    uint8_t out[static LEDGER_ITEM_TIME_SIZE])
{
	base_store64(out, lease->stamp_ms);
	base_store64(out + 8, lease->expires_ms);
}

/* ---- reading ---- */

static bool is_key(const uint8_t *key, size_t nkey)
{
	struct base_buf b = base_buf_over(key, nkey);
	uint8_t name[DNS_NAME_MAX];

	if (nkey > UNDO_KEY_MAX)
		return false;
	dns_name_parse(&b, name);
	dns_name_parse(&b, name);
	return !b.has_failed && base_buf_left(&b) == 1 && base_buf_u8(&b) <= LEDGER_LEASE_LAST;
}

/* Returns the lease of the key, made if there is none, or NULL if memory is short. */
static struct ledger_lease *take(struct ledger_leases *l, const uint8_t *key, size_t nkey)
{
	struct undo_key k;

	undo_table_key_of(&l->table, &k, key, nkey);
	l->has_others |= key[nkey - 1] > LEDGER_LEASE_NAME;
	return ledger_leases_take(l, &k, NULL);
}

int ledger_item_time_read(struct ledger_leases *l, const uint8_t *key, size_t nkey,
			  const uint8_t *bytes, size_t nbytes)
{
	struct ledger_lease *lease;

	if (!is_key(key, nkey) || (nbytes > 0 && nbytes != LEDGER_ITEM_TIME_SIZE))
		return -EBADMSG;
	lease = take(l, key, nkey);
	if (lease == NULL)
		return -ENOMEM;
	lease->has_time_item = nbytes > 0;
	if (nbytes > 0) {
		lease->stamp_ms = base_load64(bytes);
		lease->expires_ms = base_load64(bytes + 8);
	}
	return 0;
}

/* Removes the content that an older item of the same lease brought. */
static int content_remove(struct ledger_leases *l, struct ledger_lease *lease)
{
	struct dns_record r;
	struct base_buf b = ledger_content_records(ledger_lease_content(lease));
	int ret = 0;

	while (ret == 0 && zone_changeset_next(&b, &r))
		ret = undo_pairs_remove(&l->holders, ledger_content_hash(l->table.seed, &r),
					lease->entry.hash);
	free(lease->entry.content);
	lease->entry.content = NULL;
	undo_pairs_commit(&l->holders);
	return ret;
}

/* Makes the lease a holder of the records in its content. */
static int pairs_add(struct ledger_leases *l, struct ledger_lease *lease)
{
	struct base_buf b = ledger_content_records(ledger_lease_content(lease));
	struct dns_record r;
	int ret = 0;

	while (ret == 0 && zone_changeset_next(&b, &r))
		ret = undo_pairs_add(&l->holders, ledger_content_hash(l->table.seed, &r),
				     lease->entry.hash);
	undo_pairs_commit(&l->holders);
	return b.has_failed ? -EBADMSG : ret;
}

int ledger_item_read(struct ledger_leases *l, const uint8_t *key, size_t nkey, const uint8_t *bytes,
		     size_t nbytes)
{
	struct base_buf b = base_buf_over(bytes, nbytes);
	struct ledger_lease *lease;
	uint64_t stamp_ms, expires_ms;
	uint32_t granted_s, nrecords;
	uint8_t version, nholder_bytes;
	const uint8_t *holder, *records;
	size_t left;

	if (!is_key(key, nkey))
		return -EBADMSG;
	lease = take(l, key, nkey);
	if (lease == NULL || content_remove(l, lease) < 0)
		return -ENOMEM;
	if (nbytes == 0) {
		lease->stamp_ms = lease->expires_ms = 0;
		lease->has_time_item = false;
		return 0;
	}
	version = base_buf_u8(&b);
	stamp_ms = base_buf_u64(&b);
	expires_ms = base_buf_u64(&b);
	granted_s = base_buf_u32(&b);
	nrecords = base_buf_u32(&b);
	nholder_bytes = base_buf_u8(&b);
	holder = base_buf_take(&b, nholder_bytes);
	left = base_buf_left(&b);
	records = base_buf_take(&b, left);
	if (b.has_failed || version != ITEM_VERSION ||
	    (nholder_bytes > 0 && !dns_name_is_valid(holder, nholder_bytes)))
		return -EBADMSG;
	lease->entry.content = ledger_content_new(nholder_bytes == 0 ? NULL : holder, granted_s,
						  records, left, nrecords);
	if (lease->entry.content == NULL)
		return -ENOMEM;
	/* An item of the time exists only if it is the later one, in whichever order the two are
	 * read. */
	if (!lease->has_time_item) {
		lease->stamp_ms = stamp_ms;
		lease->expires_ms = expires_ms;
	}
	return pairs_add(l, lease);
}
