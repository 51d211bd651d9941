/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "journal/checkpoint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "journal/image.h"
#include "journal/io.h"
#include "journal/path.h"
#include "journal/reclaim.h"
#include "journal/system.h"

/* A checkpoint or baseline being written. */
struct image {
	struct store_checkpoint checkpoint;
	struct journal_image_out out;
};

/* Begins the file of a zone with that suffix; the caller enters the kind in its header. */
static int image_begin(struct store *s, struct store_checkpoint **out, const uint8_t *zone,
		       const char *suffix)
{
	struct journal *j = journal_of(s);
	struct image *image = calloc(1, sizeof(*image));
	char path[JOURNAL_PATH_MAX];
	int ret;

	if (image == NULL)
		return -ENOMEM;
	journal_path_of_zone(path, j->folder, zone, suffix);
	ret = journal_blocks_create(&image->out.blocks, j->folder, path, j->key);
	if (ret < 0) {
		free(image);
		return ret;
	}
	dns_name_lower(image->out.blocks.header.zone, zone);
	image->checkpoint.store = s;
	*out = &image->checkpoint;
	return 0;
}

static void count_failure(struct journal *j)
{
	pthread_mutex_lock(&j->lock);
	base_counter_add(&j->stats.checkpoint_failures, 1);
	pthread_mutex_unlock(&j->lock);
}

int journal_checkpoint_begin(struct store *s, struct store_checkpoint **out, const uint8_t *zone,
			     uint32_t serial)
{
	struct journal *j = journal_of(s);
	struct journal_blocks_header *header;
	struct journal_zone *z;
	uint64_t sequence = 0;
	int ret;

	pthread_mutex_lock(&j->lock);
	z = journal_history_get(&j->history, zone);
	if (z != NULL)
		sequence = journal_history_sequence(z, serial, j->sequence);
	pthread_mutex_unlock(&j->lock);
	ret = z == NULL ? -ENOMEM : image_begin(s, out, zone, "checkpoint");
	if (ret < 0) {
		count_failure(j);
		return ret;
	}
	header = &((struct image *)*out)->out.blocks.header;
	header->kind = JOURNAL_BLOCKS_CHECKPOINT;
	header->serial = serial;
	header->sequence = sequence;
	return 0;
}

int journal_checkpoint_record(struct store_checkpoint *c, const struct dns_record *record)
{
	return journal_image_write(&((struct image *)c)->out, record);
}

/* Enters a checkpoint whose file is in place in the index. Returns false if the zone was forgotten
 * meanwhile. Under the lock. */
static bool checkpoint_count(struct journal *j, const struct journal_blocks_header *h)
{
	struct journal_zone *z = journal_history_find(&j->history, h->zone);

	base_counter_add(&j->stats.checkpoints, 1);
	if (z->removed_sequence > h->sequence)
		return false;
	z->has_checkpoint = true;
	z->checkpoint_serial = h->serial;
	z->checkpoint_sequence = h->sequence;
	return true;
}

int journal_checkpoint_end(struct store_checkpoint *c)
{
	struct image *image = (struct image *)c;
	struct journal *j = journal_of(c->store);
	struct journal_blocks_header header = image->out.blocks.header;
	bool is_current = true;
	int ret = journal_blocks_end(&image->out.blocks);

	if (ret < 0) {
		count_failure(j);
		free(image);
		return ret;
	}
	pthread_mutex_lock(&j->lock);
	if (header.kind == JOURNAL_BLOCKS_CHECKPOINT)
		is_current = checkpoint_count(j, &header);
	pthread_mutex_unlock(&j->lock);
	if (!is_current) {
		journal_system.unlink(image->out.blocks.path);
		journal_io_sync_folder(j->folder);
	}
	free(image);
	/* The checkpoint is complete, whether or not log could be given back. */
	if (header.kind == JOURNAL_BLOCKS_CHECKPOINT)
		journal_reclaim_run(j);
	return 0;
}

void journal_checkpoint_abort(struct store_checkpoint *c)
{
	struct image *image = (struct image *)c;

	count_failure(journal_of(c->store));
	journal_blocks_abort(&image->out.blocks);
	free(image);
}

/* ---- baselines ---- */

/* The identity is a block of its own before the records; the serial in the header is its length. */
static int baseline_begin(struct store *s, struct store_checkpoint **out, const uint8_t *zone,
			  const char *suffix, const void *identity, size_t nidentity)
{
	struct journal *j = journal_of(s);
	struct journal_blocks_out *blocks;
	int ret;

	if (nidentity > JOURNAL_BLOCK_SIZE)
		return -EMSGSIZE;
	ret = image_begin(s, out, zone, suffix);
	if (ret < 0)
		return ret;
	blocks = &((struct image *)*out)->out.blocks;
	blocks->header.kind = JOURNAL_BLOCKS_BASELINE;
	blocks->header.serial = (uint32_t)nidentity;
	pthread_mutex_lock(&j->lock);
	blocks->header.sequence = j->sequence;
	pthread_mutex_unlock(&j->lock);
	if (nidentity > 0)
		memcpy(blocks->block + JOURNAL_BLOCKS_HEAD, identity, nidentity);
	blocks->fill = nidentity;
	ret = journal_blocks_flush(blocks);
	if (ret < 0)
		journal_checkpoint_abort(*out);
	return ret;
}

int journal_baseline_begin(struct store *s, struct store_checkpoint **out, const uint8_t *zone,
			   const void *identity, size_t nidentity)
{
	return baseline_begin(s, out, zone, "base", identity, nidentity);
}

int journal_baseline_prepare(struct store *s, struct store_checkpoint **out, const uint8_t *zone,
			     const void *identity, size_t nidentity)
{
	return baseline_begin(s, out, zone, "base-next", identity, nidentity);
}

/* Opens a baseline and reads its identity, if it has one: `identity` is valid until the next block.
 */
static int baseline_open(const struct journal *j, const uint8_t *zone, const char *suffix,
			 struct journal_blocks_in *r, const uint8_t **identity)
{
	char path[JOURNAL_PATH_MAX];
	size_t nbytes = 0;
	int ret;

	journal_path_of_zone(path, j->folder, zone, suffix);
	ret = journal_blocks_open(r, path, JOURNAL_BLOCKS_BASELINE, j->key);
	if (ret < 0 || r->header.serial == 0)
		return ret;
	ret = journal_blocks_next(r, identity, &nbytes);
	if (ret > 0 && nbytes == r->header.serial)
		return 0;
	journal_blocks_close(r);
	return ret < 0 ? ret : -EBADMSG;
}

int journal_baseline_adopt(struct store *s, const uint8_t *zone, const void *begin, size_t nbegin)
{
	struct journal *j = journal_of(s);
	char from[JOURNAL_PATH_MAX], to[JOURNAL_PATH_MAX];
	struct journal_blocks_in r;
	const uint8_t *identity;
	int ret = baseline_open(j, zone, "base-next", &r, &identity);

	if (ret < 0)
		return ret;
	if (r.header.serial < nbegin || memcmp(identity, begin, nbegin) != 0)
		ret = -ENOENT;
	journal_blocks_close(&r);
	if (ret < 0)
		return ret;
	journal_path_of_zone(from, j->folder, zone, "base-next");
	journal_path_of_zone(to, j->folder, zone, "base");
	return journal_io_rename(j->folder, from, to);
}

int journal_baseline_read(struct store *s, const uint8_t *zone,
			  int (*on_record)(void *, const struct dns_record *), void *arg)
{
	struct journal_blocks_in r;
	const uint8_t *identity;
	int ret = baseline_open(journal_of(s), zone, "base", &r, &identity);

	if (ret < 0)
		return ret;
	ret = journal_image_read(&r, on_record, arg);
	journal_blocks_close(&r);
	return ret;
}

int journal_baseline_identity(struct store *s, const uint8_t *zone, void *out, size_t size)
{
	struct journal_blocks_in r;
	const uint8_t *identity;
	int ret = baseline_open(journal_of(s), zone, "base", &r, &identity);

	if (ret < 0)
		return ret;
	if (size > 0 && r.header.serial > 0)
		memcpy(out, identity, size < r.header.serial ? size : r.header.serial);
	ret = (int)r.header.serial;
	journal_blocks_close(&r);
	return ret;
}
