/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "journal/image.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/buf.h"

enum {
	NEW_OWNER = 1,
	SAME_TYPE = 2,
	SAME_TTL = 4,
	SHORT_RDATA = 8,
	RECORD_MAX = 1 + 2 + DNS_NAME_MAX + 2 + 4 + 2 + 65535, /* bytes of one record */
};

/* Returns the bytes that two names have in common at their ends. */
static size_t shared_end(const uint8_t *a, size_t na, const uint8_t *b, size_t nb)
{
	size_t n = 0, most = na < nb ? na : nb;

	while (n < most && a[na - n - 1] == b[nb - n - 1])
		n++;
	return n;
}

static void owner_write(struct journal_image_out *w, struct base_out *o, const uint8_t *owner,
			size_t nowner)
{
	size_t shared = shared_end(owner, nowner, w->owner, w->nowner);

	base_out_u8(o, (uint8_t)(nowner - shared));
	base_out_u8(o, (uint8_t)shared);
	base_out_bytes(o, owner, nowner - shared);
	memcpy(w->owner, owner, nowner);
	w->nowner = nowner;
}

int journal_image_write(struct journal_image_out *w, const struct dns_record *record)
{
	struct journal_blocks_out *blocks = &w->blocks;
	size_t nowner = dns_name_nbytes(record->owner);
	struct base_out o;
	bool is_new, is_first;
	uint8_t flags;
	int ret;

	ret = journal_blocks_left(blocks) < RECORD_MAX ? journal_blocks_flush(blocks) : 0;
	if (ret < 0)
		return ret;
	is_first = blocks->fill == 0;
	is_new = nowner != w->nowner || memcmp(record->owner, w->owner, nowner) != 0;
	assert(blocks->block != NULL);
	blocks->header.nitems++;
	blocks->header.nowners += is_new;
	if (is_first)
		w->nowner = 0;
	flags = (is_new || is_first ? NEW_OWNER : 0) |
		(!is_first && record->type == w->type ? SAME_TYPE : 0) |
		(!is_first && record->ttl == w->ttl ? SAME_TTL : 0) |
		(record->nbytes < 256 ? SHORT_RDATA : 0);
	o = base_out_over(blocks->block + JOURNAL_BLOCKS_HEAD + blocks->fill,
			  journal_blocks_left(blocks));
	base_out_u8(&o, flags);
	if (flags & NEW_OWNER)
		owner_write(w, &o, record->owner, nowner);
	if (!(flags & SAME_TYPE))
		base_out_u16(&o, w->type = record->type);
	if (!(flags & SAME_TTL))
		base_out_u32(&o, w->ttl = record->ttl);
	if (flags & SHORT_RDATA)
		base_out_u8(&o, (uint8_t)record->nbytes);
	else
		base_out_u16(&o, record->nbytes);
	base_out_bytes(&o, record->rdata, record->nbytes);
	blocks->fill += base_out_nbytes(&o);
	return 0;
}

struct image_in {
	uint8_t owner[DNS_NAME_MAX];
	size_t nowner;
	struct dns_record record;
	uint64_t nrecords;
};

static void owner_parse(struct image_in *in, struct base_buf *b)
{
	uint8_t own = base_buf_u8(b), shared = base_buf_u8(b);
	const uint8_t *p = base_buf_take(b, own);

	if (b->has_failed || shared > in->nowner || own + shared > DNS_NAME_MAX) {
		base_buf_fail(b);
		return;
	}
	memmove(in->owner + own, in->owner + in->nowner - shared, shared);
	memcpy(in->owner, p, own);
	in->nowner = (size_t)own + shared;
	if (!dns_name_is_valid(in->owner, in->nowner))
		base_buf_fail(b);
}

/* Reads one record; makes `b` fail if it is damaged. */
static void record_parse(struct image_in *in, struct base_buf *b)
{
	struct dns_record *r = &in->record;
	uint8_t flags = base_buf_u8(b);

	if (flags & NEW_OWNER)
		owner_parse(in, b);
	else if (in->nowner == 0)
		base_buf_fail(b);
	if (!(flags & SAME_TYPE))
		r->type = base_buf_u16(b);
	if (!(flags & SAME_TTL))
		r->ttl = base_buf_u32(b);
	r->nbytes = flags & SHORT_RDATA ? base_buf_u8(b) : base_buf_u16(b);
	r->rdata = base_buf_take(b, r->nbytes);
	r->owner = in->owner;
}

static int block_read(struct image_in *in, const uint8_t *bytes, size_t nbytes,
		      int (*on_record)(void *arg, const struct dns_record *record), void *arg)
{
	struct base_buf b = base_buf_over(bytes, nbytes);
	int ret = 0;

	in->nowner = 0;
	while (ret == 0 && base_buf_left(&b) > 0) {
		record_parse(in, &b);
		if (b.has_failed)
			return -EBADMSG;
		in->nrecords++;
		ret = on_record(arg, &in->record);
	}
	return ret;
}

int journal_image_read(struct journal_blocks_in *r,
		       int (*on_record)(void *arg, const struct dns_record *record), void *arg)
{
	struct image_in in = {.nowner = 0};
	const uint8_t *bytes;
	size_t nbytes;
	int ret;

	while ((ret = journal_blocks_next(r, &bytes, &nbytes)) > 0) {
		ret = block_read(&in, bytes, nbytes, on_record, arg);
		if (ret != 0)
			return ret;
	}
	if (ret < 0)
		return ret;
	return in.nrecords == r->header.nitems ? 0 : -EBADMSG;
}
