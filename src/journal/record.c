/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "journal/record.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "base/grow.h"
#include "dns/name.h"

enum {
	MAGIC = 0x57464c47, /* "WFLG" */
	CHECKED = 56,	    /* bytes of the header that the checksum covers */
	CHANGE_HEAD = 35,
	ITEM_HEAD = 7,
	REMOVAL = 1, /* flag of a change */
};

static void header_write(const struct journal_record *r, uint8_t *bytes)
{
	uint8_t header[JOURNAL_RECORD_HEADER];
	struct base_out o = base_out_over(header, sizeof(header));

	base_out_u32(&o, MAGIC);
	base_out_u16(&o, JOURNAL_FORMAT);
	base_out_u16(&o, 0);
	base_out_u64(&o, r->sequence);
	base_out_u64(&o, r->segment);
	base_out_u64(&o, r->time_s);
	base_out_u64(&o, r->nbytes);
	base_out_u32(&o, r->nchanges);
	base_out_u32(&o, r->nitems);
	base_out_u64(&o, r->previous);
	base_out_u64(&o, r->checksum);
	memcpy(bytes, header, sizeof(header));
}

/* The hash of the payload is the seed of the header's, so that the pieces need not be joined. */
static uint64_t checksum_of(const uint8_t *header, uint64_t payload_hash)
{
	return base_checksum(header, CHECKED, payload_hash);
}

bool journal_record_parse(struct journal_record *r, const uint8_t *bytes, size_t nbytes,
			  uint64_t segment, uint64_t key)
{
	struct base_buf b = base_buf_over(
		bytes, nbytes < JOURNAL_RECORD_HEADER ? nbytes : JOURNAL_RECORD_HEADER);

	if (base_buf_u32(&b) != MAGIC || base_buf_u16(&b) != JOURNAL_FORMAT)
		return false;
	base_buf_u16(&b);
	r->sequence = base_buf_u64(&b);
	r->segment = base_buf_u64(&b);
	r->time_s = base_buf_u64(&b);
	r->nbytes = base_buf_u64(&b);
	r->nchanges = base_buf_u32(&b);
	r->nitems = base_buf_u32(&b);
	r->previous = base_buf_u64(&b);
	r->checksum = base_buf_u64(&b);
	if (b.has_failed || r->segment != segment || r->nbytes > nbytes - JOURNAL_RECORD_HEADER)
		return false;
	return r->checksum ==
	       checksum_of(bytes, base_checksum(bytes + JOURNAL_RECORD_HEADER, r->nbytes, key));
}

uint64_t journal_record_nbytes(const struct journal_record *r)
{
	return (JOURNAL_RECORD_HEADER + r->nbytes + JOURNAL_BLOCK - 1) / JOURNAL_BLOCK *
	       JOURNAL_BLOCK;
}

struct journal_payload journal_payload_of(const struct journal_record *r, const uint8_t *bytes)
{
	return (struct journal_payload){
		.b = base_buf_over(bytes + JOURNAL_RECORD_HEADER, r->nbytes),
		.nchanges = r->nchanges,
		.nitems = r->nitems};
}

/* Takes `nbytes`, a number from the record itself, which may be larger than the record. */
static const uint8_t *take(struct base_buf *b, uint64_t nbytes)
{
	if (nbytes > base_buf_left(b)) {
		base_buf_fail(b);
		return NULL;
	}
	return base_buf_take(b, nbytes);
}

bool journal_payload_change(struct journal_payload *p, struct store_change *change,
			    bool *is_removal)
{
	struct base_buf *b = &p->b;
	struct zone_changeset *c = &change->changes;
	size_t nzone;

	if (p->nchanges == 0 || b->has_failed)
		return false;
	*is_removal = (base_buf_u8(b) & REMOVAL) != 0;
	nzone = base_buf_u16(b);
	c->from = base_buf_u32(b);
	c->to = base_buf_u32(b);
	c->nremoved = base_buf_u32(b);
	c->nadded = base_buf_u32(b);
	c->nremoved_bytes = base_buf_u64(b);
	c->nadded_bytes = base_buf_u64(b);
	change->zone = take(b, nzone);
	c->removed = take(b, c->nremoved_bytes);
	c->added = take(b, c->nadded_bytes);
	if (b->has_failed || !dns_name_is_valid(change->zone, nzone)) {
		base_buf_fail(b);
		return false;
	}
	p->nchanges--;
	return true;
}

bool journal_payload_item(struct journal_payload *p, struct store_item *item)
{
	struct base_buf *b = &p->b;

	if (p->nitems == 0 || p->nchanges > 0 || b->has_failed)
		return false;
	item->kind = base_buf_u8(b);
	item->nkey = base_buf_u16(b);
	item->nbytes = base_buf_u32(b);
	item->key = take(b, item->nkey);
	item->bytes = take(b, item->nbytes);
	p->nitems--;
	return !b->has_failed;
}

static size_t scratch_nbytes(const struct store_batch *batch)
{
	size_t n = JOURNAL_RECORD_HEADER;

	for (size_t i = 0; i < batch->nchanges; i++)
		n += CHANGE_HEAD + dns_name_nbytes(batch->changes[i].zone);
	for (size_t i = 0; i < batch->nitems; i++)
		n += ITEM_HEAD + (size_t)batch->items[i].nkey + batch->items[i].nbytes;
	return n;
}

static int gather_reserve(struct journal_gather *g, size_t scratch, size_t npieces)
{
	uint8_t *bytes = base_grow_bytes(g->scratch, 0, &g->scratch_capacity, scratch);
	size_t capacity = base_grow_capacity(npieces, npieces, sizeof(*g->pieces));
	struct iovec *grown;

	if (bytes == NULL)
		return -ENOMEM;
	g->scratch = bytes;
	if (npieces <= g->pieces_capacity)
		return 0;
	grown = capacity == 0 ? NULL : realloc(g->pieces, capacity * sizeof(*grown));
	if (grown == NULL)
		return -ENOMEM;
	g->pieces = grown;
	g->pieces_capacity = capacity;
	return 0;
}

static void piece_add(struct journal_gather *g, const void *bytes, size_t nbytes)
{
	struct iovec *last = g->npieces > 0 ? &g->pieces[g->npieces - 1] : NULL;

	if (nbytes == 0)
		return;
	if (last != NULL && (char *)last->iov_base + last->iov_len == bytes)
		last->iov_len += nbytes;
	else
		/* An iovec has no const; writing only reads. */
		g->pieces[g->npieces++] = (struct iovec){(void *)bytes, nbytes};
}

static void change_gather(struct journal_gather *g, struct base_out *o,
			  const struct store_change *change, enum journal_changes_kind kind)
{
	const struct zone_changeset *c = &change->changes;
	size_t nzone = dns_name_nbytes(change->zone);
	uint8_t *first = o->at;

	base_out_u8(o, kind == JOURNAL_REMOVALS ? REMOVAL : 0);
	base_out_u16(o, (uint16_t)nzone);
	base_out_u32(o, c->from);
	base_out_u32(o, c->to);
	base_out_u32(o, c->nremoved);
	base_out_u32(o, c->nadded);
	base_out_u64(o, c->nremoved_bytes);
	base_out_u64(o, c->nadded_bytes);
	base_out_bytes(o, change->zone, nzone);
	piece_add(g, first, (size_t)(o->at - first));
	piece_add(g, c->removed, c->nremoved_bytes);
	piece_add(g, c->added, c->nadded_bytes);
}

static void item_gather(struct journal_gather *g, struct base_out *o, const struct store_item *item)
{
	uint8_t *first = o->at;

	base_out_u8(o, item->kind);
	base_out_u16(o, item->nkey);
	base_out_u32(o, item->nbytes);
	base_out_bytes(o, item->key, item->nkey);
	base_out_bytes(o, item->bytes, item->nbytes);
	piece_add(g, first, (size_t)(o->at - first));
}

int journal_gather_batch(struct journal_gather *g, struct journal_record *r,
			 const struct store_batch *batch, enum journal_changes_kind kind)
{
	size_t scratch = scratch_nbytes(batch);
	struct base_out o;

	/* The header, three pieces for each change, the items, the padding. */
	if (gather_reserve(g, scratch, 3 + 3 * batch->nchanges + batch->nitems) < 0)
		return -ENOMEM;
	g->npieces = 0;
	o = base_out_over(g->scratch, scratch);
	piece_add(g, base_out_take(&o, JOURNAL_RECORD_HEADER), JOURNAL_RECORD_HEADER);
	for (size_t i = 0; i < batch->nchanges; i++)
		change_gather(g, &o, &batch->changes[i], kind);
	for (size_t i = 0; i < batch->nitems; i++)
		item_gather(g, &o, &batch->items[i]);
	*r = (struct journal_record){.time_s = batch->time_s,
				     .nchanges = (uint32_t)batch->nchanges,
				     .nitems = (uint32_t)batch->nitems};
	for (size_t i = 0; i < g->npieces; i++)
		r->nbytes += g->pieces[i].iov_len;
	r->nbytes -= JOURNAL_RECORD_HEADER;
	return 0;
}

void journal_gather_seal(struct journal_gather *g, struct journal_record *r, uint64_t key)
{
	static const uint8_t zeroes[JOURNAL_BLOCK];
	struct base_checksum_state state;

	base_checksum_begin(&state, key);
	for (size_t i = 0; i < g->npieces; i++) {
		size_t skip = i == 0 ? JOURNAL_RECORD_HEADER : 0;

		base_checksum_add(&state, (uint8_t *)g->pieces[i].iov_base + skip,
				  g->pieces[i].iov_len - skip);
	}
	header_write(r, g->scratch);
	r->checksum = checksum_of(g->scratch, base_checksum_end(&state));
	header_write(r, g->scratch);
	piece_add(g, zeroes, journal_record_nbytes(r) - JOURNAL_RECORD_HEADER - r->nbytes);
}

void journal_gather_fini(struct journal_gather *g)
{
	free(g->scratch);
	free(g->pieces);
	*g = (struct journal_gather){0};
}

void journal_record_reseal(struct journal_record *r, uint8_t *bytes, uint64_t key)
{
	header_write(r, bytes);
	r->checksum =
		checksum_of(bytes, base_checksum(bytes + JOURNAL_RECORD_HEADER, r->nbytes, key));
	header_write(r, bytes);
}
