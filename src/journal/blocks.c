/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "journal/blocks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/checksum.h"
#include "journal/io.h"
#include "journal/record.h"
#include "journal/system.h"

enum {
	MAGIC = 0x5746424b, /* "WFBK" */
	CHECKSUM_AT = JOURNAL_BLOCK - 8,
	HEAD = JOURNAL_BLOCKS_HEAD,
	SYNC_EVERY = 16 * JOURNAL_BLOCK_SIZE,
};

static uint64_t block_seed(uint64_t key, uint64_t index)
{
	return key ^ (index + 1) * 0x9e3779b97f4a7c15;
}

static void header_write(const struct journal_blocks_header *h, uint8_t *bytes, uint64_t key)
{
	struct base_out o = base_out_over(bytes, JOURNAL_BLOCK);
	size_t nzone = dns_name_nbytes(h->zone);

	memset(bytes, 0, JOURNAL_BLOCK);
	base_out_u32(&o, MAGIC);
	base_out_u16(&o, JOURNAL_FORMAT);
	base_out_u16(&o, (uint16_t)h->kind);
	base_out_u32(&o, h->serial);
	base_out_u32(&o, 0);
	base_out_u64(&o, h->sequence);
	base_out_u64(&o, h->log_from);
	base_out_u64(&o, h->nitems);
	base_out_u64(&o, h->nowners);
	base_out_u64(&o, h->nblocks);
	base_out_u64(&o, h->nbytes);
	base_out_u16(&o, (uint16_t)nzone);
	base_out_bytes(&o, h->zone, nzone);
	base_store64(bytes + CHECKSUM_AT, base_checksum(bytes, CHECKSUM_AT, key));
}

static int header_parse(struct journal_blocks_header *h, const uint8_t *bytes, uint64_t key)
{
	struct base_buf b = base_buf_over(bytes, CHECKSUM_AT);
	const uint8_t *zone;
	uint16_t nzone, format;

	if (base_buf_u32(&b) != MAGIC)
		return -EBADMSG;
	format = base_buf_u16(&b);
	if (format != JOURNAL_FORMAT)
		return format > JOURNAL_FORMAT ? -EPROTO : -EBADMSG;
	h->kind = (enum journal_blocks_kind)base_buf_u16(&b);
	h->serial = base_buf_u32(&b);
	base_buf_u32(&b);
	h->sequence = base_buf_u64(&b);
	h->log_from = base_buf_u64(&b);
	h->nitems = base_buf_u64(&b);
	h->nowners = base_buf_u64(&b);
	h->nblocks = base_buf_u64(&b);
	h->nbytes = base_buf_u64(&b);
	nzone = base_buf_u16(&b);
	zone = base_buf_take(&b, nzone);
	if (b.has_failed || !dns_name_is_valid(zone, nzone) ||
	    base_load64(bytes + CHECKSUM_AT) != base_checksum(bytes, CHECKSUM_AT, key))
		return -EBADMSG;
	memcpy(h->zone, zone, nzone);
	return 0;
}

int journal_blocks_create(struct journal_blocks_out *w, const char *folder, const char *path,
			  uint64_t key)
{
	memset(w, 0, sizeof(*w));
	w->folder = folder;
	w->key = key;
	w->at = JOURNAL_BLOCK;
	if (snprintf(w->path, sizeof(w->path), "%s", path) >= (int)sizeof(w->path) ||
	    snprintf(w->temporary, sizeof(w->temporary), "%s.new", path) >=
		    (int)sizeof(w->temporary))
		return -ENAMETOOLONG;
	w->block = malloc(HEAD + JOURNAL_BLOCK_SIZE);
	if (w->block == NULL)
		return -ENOMEM;
	w->fd = journal_system.open(w->temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (w->fd < 0) {
		free(w->block);
		return -errno;
	}
	return 0;
}

/* Syncs every SYNC_EVERY bytes, so that no sync takes long: commits wait for the same disk. */
static int sync_some(struct journal_blocks_out *w)
{
	if (w->at - w->nsynced < SYNC_EVERY)
		return 0;
	w->nsynced = w->at;
	return journal_system.fdatasync(w->fd) < 0 ? -errno : 0;
}

int journal_blocks_flush(struct journal_blocks_out *w)
{
	struct iovec piece = {w->block, HEAD + w->fill};
	int ret;

	if (w->fill == 0)
		return 0;
	base_store32(w->block, (uint32_t)w->fill);
	base_store32(w->block + 4, 0);
	base_store64(w->block + 8, base_checksum(w->block + HEAD, w->fill,
						 block_seed(w->key, w->header.nblocks)));
	ret = journal_io_write(w->fd, &piece, 1, w->at);
	if (ret < 0)
		return ret;
	w->at += HEAD + w->fill;
	w->header.nblocks++;
	w->fill = 0;
	return sync_some(w);
}

int journal_blocks_end(struct journal_blocks_out *w)
{
	uint8_t header[JOURNAL_BLOCK];
	struct iovec piece = {header, sizeof(header)};
	int ret = journal_blocks_flush(w);

	if (ret == 0) {
		w->header.nbytes = w->at;
		header_write(&w->header, header, w->key);
		ret = journal_io_write(w->fd, &piece, 1, 0);
	}
	if (ret == 0 && journal_system.fsync(w->fd) < 0)
		ret = -errno;
	if (ret == 0)
		ret = journal_io_rename(w->folder, w->temporary, w->path);
	if (ret < 0) {
		journal_blocks_abort(w);
		return ret;
	}
	close(w->fd);
	free(w->block);
	return 0;
}

void journal_blocks_abort(struct journal_blocks_out *w)
{
	journal_system.unlink(w->temporary);
	close(w->fd);
	free(w->block);
}

int journal_blocks_open(struct journal_blocks_in *r, const char *path,
			enum journal_blocks_kind kind, uint64_t key)
{
	uint8_t header[JOURNAL_BLOCK];
	struct stat st;
	int ret;

	*r = (struct journal_blocks_in){.key = key, .at = JOURNAL_BLOCK};
	r->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (r->fd < 0)
		return -errno;
	ret = journal_io_read(r->fd, header, sizeof(header), 0);
	if (ret == 0)
		ret = header_parse(&r->header, header, key);
	if (ret == 0 && (fstat(r->fd, &st) < 0 || (uint64_t)st.st_size != r->header.nbytes ||
			 r->header.kind != kind))
		ret = -EBADMSG;
	if (ret == 0 && (r->block = malloc(JOURNAL_BLOCK_SIZE)) == NULL)
		ret = -ENOMEM;
	if (ret < 0) {
		close(r->fd);
		return ret == -ENODATA ? -EBADMSG : ret;
	}
	return 0;
}

int journal_blocks_next(struct journal_blocks_in *r, const uint8_t **bytes, size_t *nbytes)
{
	uint8_t head[HEAD];
	uint32_t n;
	int ret;

	if (r->nread == r->header.nblocks)
		return r->at == r->header.nbytes ? 0 : -EBADMSG;
	ret = journal_io_read(r->fd, head, sizeof(head), r->at);
	n = base_load32(head);
	if (ret == 0 && (n == 0 || n > JOURNAL_BLOCK_SIZE))
		ret = -EBADMSG;
	if (ret == 0)
		ret = journal_io_read(r->fd, r->block, n, r->at + HEAD);
	if (ret == 0 &&
	    base_load64(head + 8) != base_checksum(r->block, n, block_seed(r->key, r->nread)))
		ret = -EBADMSG;
	if (ret < 0)
		return ret == -ENODATA ? -EBADMSG : ret;
	r->at += HEAD + n;
	r->nread++;
	*bytes = r->block;
	*nbytes = n;
	return 1;
}

void journal_blocks_close(struct journal_blocks_in *r)
{
	close(r->fd);
	free(r->block);
}
