/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The parts of the engine that other threads than the registrar use: checkpoints, baselines,
 * history.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "journal/io.h"
#include "journal/journal_priv.h"
#include "journal/system.h"

/* A checkpoint or baseline being written. */
struct image {
	struct store_checkpoint checkpoint;
	struct journal_image_out out;
};

static int image_begin(struct store *s, struct store_checkpoint **out, const uint8_t *zone,
		       const char *suffix)
{
	struct journal *j = journal_of(s);
	struct image *image = calloc(1, sizeof(*image));
	char path[JOURNAL_PATH_MAX];
	int ret;

	if (image == NULL)
		return -ENOMEM;
	journal_zone_path(path, j->folder, zone, suffix);
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
	j->stats.checkpoint_failures++;
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

/* Tells the index of a checkpoint that is in place. Returns false if the zone was forgotten
 * meanwhile. Under the lock. */
static bool checkpoint_count(struct journal *j, const struct journal_blocks_header *h)
{
	struct journal_zone *z = journal_history_find(&j->history, h->zone);

	j->stats.checkpoints++;
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
	bool is_wanted = true;
	int ret = journal_blocks_end(&image->out.blocks);

	if (ret < 0) {
		count_failure(j);
		free(image);
		return ret;
	}
	pthread_mutex_lock(&j->lock);
	if (header.kind == JOURNAL_BLOCKS_CHECKPOINT)
		is_wanted = checkpoint_count(j, &header);
	pthread_mutex_unlock(&j->lock);
	if (!is_wanted) {
		journal_system.unlink(image->out.blocks.path);
		journal_io_sync_folder(j->folder);
	}
	free(image);
	/* The checkpoint stands, whether or not log could be given back. */
	if (header.kind == JOURNAL_BLOCKS_CHECKPOINT)
		journal_round(j);
	return 0;
}

void journal_checkpoint_abort(struct store_checkpoint *c)
{
	struct image *image = (struct image *)c;

	count_failure(journal_of(c->store));
	journal_blocks_abort(&image->out.blocks);
	free(image);
}

/* ---- Baselines ----------------------------------------------------------------------------------
 */

/* The identity is a block of its own before the records; the header's serial is its length. */
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

/* Opens a baseline; its identity, if it has one, is in the block read last. */
static int baseline_open(struct journal *j, const uint8_t *zone, const char *suffix,
			 struct journal_blocks_in *r, const uint8_t **identity)
{
	char path[JOURNAL_PATH_MAX];
	size_t nbytes = 0;
	int ret;

	journal_zone_path(path, j->folder, zone, suffix);
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
	journal_zone_path(from, j->folder, zone, "base-next");
	journal_zone_path(to, j->folder, zone, "base");
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

/* ---- History -------------------------------------------------------------------------------- */

/* Copies the entries from `serial` on, and holds their segments. The count, -ENOENT or -ENOMEM. */
static ssize_t entries_hold(struct journal *j, const uint8_t *zone, uint32_t serial,
			    struct journal_entry **out)
{
	const struct journal_zone *z;
	ssize_t count = -ENOENT;
	size_t first;

	*out = NULL;
	pthread_mutex_lock(&j->lock);
	z = journal_history_find(&j->history, zone);
	if (z != NULL && journal_history_since(z, serial, &first)) {
		size_t n = z->end - first;

		*out = malloc((n + 1) * sizeof(**out));
		count = *out == NULL ? -ENOMEM : (ssize_t)n;
		for (size_t i = 0; i < n && *out != NULL; i++) {
			(*out)[i] = z->entries[first + i];
			(*out)[i].segment->refs++;
		}
	}
	pthread_mutex_unlock(&j->lock);
	return count;
}

static void entries_release(struct journal *j, struct journal_entry *entries, size_t count)
{
	pthread_mutex_lock(&j->lock);
	for (size_t i = 0; i < count; i++)
		journal_segment_unref(j, entries[i].segment);
	pthread_mutex_unlock(&j->lock);
	free(entries);
}

struct reading {
	const uint8_t *zone;
	int (*on_change)(void *, const struct store_change *);
	void *arg;
	uint8_t *bytes;
	size_t capacity;
};

static int entry_read(const struct journal *j, struct reading *reading,
		      const struct journal_entry *e)
{
	struct journal_record r;
	struct journal_payload p;
	struct store_change change;
	bool is_removal;
	int ret;

	if (e->nbytes > reading->capacity) {
		uint8_t *grown = realloc(reading->bytes, e->nbytes);

		if (grown == NULL)
			return -ENOMEM;
		reading->bytes = grown;
		reading->capacity = e->nbytes;
	}
	ret = journal_io_read(e->segment->fd, reading->bytes, e->nbytes, e->offset);
	if (ret < 0)
		return ret;
	if (!journal_record_parse(&r, reading->bytes, e->nbytes, e->segment->number, j->key) ||
	    r.sequence != e->sequence)
		return -EBADMSG;
	p = journal_payload_of(&r, reading->bytes);
	while (journal_payload_change(&p, &change, &is_removal))
		if (change.changes.from == e->from && change.changes.to == e->to &&
		    dns_name_equal(change.zone, reading->zone))
			return reading->on_change(reading->arg, &change);
	return -EBADMSG;
}

int journal_history_read(struct store *s, const uint8_t *zone, uint32_t serial,
			 int (*on_change)(void *, const struct store_change *), void *arg)
{
	struct journal *j = journal_of(s);
	struct reading reading = {.zone = zone, .on_change = on_change, .arg = arg};
	struct journal_entry *entries;
	ssize_t count = entries_hold(j, zone, serial, &entries);
	int ret = 0;

	if (count < 0)
		return (int)count;
	for (ssize_t i = 0; i < count && ret == 0; i++)
		ret = entry_read(j, &reading, &entries[i]);
	entries_release(j, entries, (size_t)count);
	free(reading.bytes);
	return ret;
}
