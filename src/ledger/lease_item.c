/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Leases as notes of the store. */
#include "ledger/lease_priv.h"

#include <errno.h>
#include <stdlib.h>

enum { NOTE_VERSION = 1 };

size_t ledger_lease_item_size(const struct ledger_lease *lease)
{
	const struct ledger_lease_content *c = ledger_lease_said(lease);

	return 1 + 8 + 8 + 4 + 4 + 1 + (size_t)c->nholder + c->nbytes;
}

size_t ledger_lease_item_write(const struct ledger_lease *lease, uint8_t *out)
{
	const struct ledger_lease_content *c = ledger_lease_said(lease);
	struct base_out o = base_out_over(out, ledger_lease_item_size(lease));

	base_out_u8(&o, NOTE_VERSION);
	base_out_u64(&o, lease->stamp_ms);
	base_out_u64(&o, lease->expires_ms);
	base_out_u32(&o, c->granted_s);
	base_out_u32(&o, c->nrecords);
	base_out_u8(&o, c->nholder);
	base_out_bytes(&o, c->bytes, (size_t)c->nholder + c->nbytes);
	return base_out_nbytes(&o);
}

void ledger_lease_time_write(const struct ledger_lease *lease,
			     uint8_t out[static LEDGER_LEASE_TIME_SIZE])
{
	base_store64(out, lease->stamp_ms);
	base_store64(out + 8, lease->expires_ms);
}

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

/* The lease of a key that was read; its zone is not known yet. NULL when memory is short. */
static struct ledger_lease *lease_read(struct ledger_leases *l, const uint8_t *key, size_t nkey)
{
	struct undo_key k;

	undo_table_key_of(&l->table, &k, key, nkey);
	l->has_others |= key[nkey - 1] > LEDGER_LEASE_NAME;
	return ledger_lease_take(l, &k, NULL);
}

int ledger_lease_time_read(struct ledger_leases *l, const uint8_t *key, size_t nkey,
			   const uint8_t *bytes, size_t nbytes)
{
	struct ledger_lease *lease;

	if (!is_key(key, nkey) || (nbytes > 0 && nbytes != LEDGER_LEASE_TIME_SIZE))
		return -EBADMSG;
	lease = lease_read(l, key, nkey);
	if (lease == NULL)
		return -ENOMEM;
	lease->has_time = nbytes > 0;
	if (nbytes > 0) {
		lease->stamp_ms = base_load64(bytes);
		lease->expires_ms = base_load64(bytes + 8);
	}
	return 0;
}

/* Takes what an older note of the same lease said back. */
static int forget(struct ledger_leases *l, struct ledger_lease *lease)
{
	struct dns_record r;
	struct base_buf b = ledger_lease_records(ledger_lease_said(lease));
	int ret = 0;

	while (ret == 0 && zone_changeset_next(&b, &r))
		ret = undo_pairs_remove(&l->holds,
					ledger_lease_hash(l, r.owner, r.type, r.rdata, r.nbytes),
					lease->entry.hash);
	free(lease->entry.content);
	lease->entry.content = NULL;
	undo_pairs_commit(&l->holds);
	return ret;
}

static int records_hold(struct ledger_leases *l, struct ledger_lease *lease)
{
	struct base_buf b = ledger_lease_records(ledger_lease_said(lease));
	struct dns_record r;
	int ret = 0;

	while (ret == 0 && zone_changeset_next(&b, &r))
		ret = undo_pairs_add(&l->holds,
				     ledger_lease_hash(l, r.owner, r.type, r.rdata, r.nbytes),
				     lease->entry.hash);
	undo_pairs_commit(&l->holds);
	return b.has_failed ? -EBADMSG : ret;
}

int ledger_lease_item_read(struct ledger_leases *l, const uint8_t *key, size_t nkey,
			   const uint8_t *bytes, size_t nbytes)
{
	struct base_buf b = base_buf_over(bytes, nbytes);
	struct ledger_lease *lease;
	uint64_t stamp_ms, expires_ms;
	uint32_t granted_s, nrecords;
	uint8_t version, nholder;
	const uint8_t *holder, *records;
	size_t left;

	if (!is_key(key, nkey))
		return -EBADMSG;
	lease = lease_read(l, key, nkey);
	if (lease == NULL || forget(l, lease) < 0)
		return -ENOMEM;
	if (nbytes == 0) {
		lease->stamp_ms = lease->expires_ms = 0;
		lease->has_time = false;
		return 0;
	}
	version = base_buf_u8(&b);
	stamp_ms = base_buf_u64(&b);
	expires_ms = base_buf_u64(&b);
	granted_s = base_buf_u32(&b);
	nrecords = base_buf_u32(&b);
	nholder = base_buf_u8(&b);
	holder = base_buf_take(&b, nholder);
	left = base_buf_left(&b);
	records = base_buf_take(&b, left);
	if (b.has_failed || version != NOTE_VERSION ||
	    (nholder > 0 && !dns_name_is_valid(holder, nholder)))
		return -EBADMSG;
	lease->entry.content = ledger_lease_content_new(nholder == 0 ? NULL : holder, granted_s,
							records, left, nrecords);
	if (lease->entry.content == NULL)
		return -ENOMEM;
	/* A note of the time alone is there only if it is the later one, whichever of the two comes
	 * first. */
	if (!lease->has_time) {
		lease->stamp_ms = stamp_ms;
		lease->expires_ms = expires_ms;
	}
	return records_hold(l, lease);
}
