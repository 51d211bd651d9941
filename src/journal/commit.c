/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A commit:
 *
 * 1. The pieces of the batch are gathered, and all memory that steps 2 and 3 need is taken.
 * 2. The pieces are written after the last record, in whole blocks that hold no committed record,
 *    and synced.
 * 3. If that worked the commit counts: index, items and figures follow, which cannot fail.
 * 4. If not, a record that must never be read back may be on the disk. The segment is abandoned,
 *    and an empty record in another one voids the failed record: it names the last commit that
 *    counts as the one before it (journal/scan.c has the rules for reading that).
 * 5. If the disk does not take the empty record either, nobody can know which of the two will be
 *    read back: the commit returns -EUCLEAN. Until an empty record is durable, each further commit
 *    tries that first, and fails without writing anything of its own if it cannot. */

#include "journal/commit.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "journal/io.h"
#include "journal/log.h"
#include "journal/path.h"
#include "journal/system.h"

/* ---- records ---- */

/* Takes the active segment out of use. It stays in the log if it holds a commit. */
static void segment_abandon(struct journal *j)
{
	struct journal_segment *s = j->active;

	pthread_mutex_lock(&j->lock);
	j->active = NULL;
	j->has_failed_record = true;
	s->is_abandoned = true;
	journal_segment_finish(s);
	if (s->last_sequence == 0) {
		journal_log_remove_newest(j, s);
		journal_segment_remove(s, j->folder);
	}
	pthread_mutex_unlock(&j->lock);
}

/* Copies the last record, found at the start, to where the next record would go: the page cache may
 * hold what the disk never got, and the next commit must not depend on it. Writing the record's old
 * blocks again would be the one thing that the log never does. */
static int tail_copy(struct journal *j)
{
	uint8_t *bytes = malloc(j->tail_nbytes);
	struct iovec piece = {bytes, j->tail_nbytes};
	struct journal_record r;
	int ret = bytes == NULL
			  ? -ENOMEM
			  : journal_io_read(j->tail->fd, bytes, j->tail_nbytes, j->tail_offset);

	if (ret == 0 && !journal_record_parse(&r, bytes, j->tail_nbytes, j->tail->number, j->key))
		ret = -EBADMSG;
	if (ret == 0) {
		r.segment = j->active->number;
		journal_record_reseal(&r, bytes, j->key);
		ret = journal_segment_write(j->active, j->direct, &piece, 1, j->at);
	}
	if (ret == 0 && journal_system.fdatasync(j->active->fd) < 0)
		ret = -errno;
	free(bytes);
	if (ret < 0)
		return ret;
	pthread_mutex_lock(&j->lock);
	journal_history_move(&j->history, r.sequence, j->active, j->at);
	j->active->last_sequence = r.sequence;
	j->active->last_time_s = r.time_s;
	j->last = j->active;
	j->at += j->tail_nbytes;
	pthread_mutex_unlock(&j->lock);
	j->checksum = r.checksum;
	j->is_tail_unsure = false;
	return 0;
}

int journal_commit_segment(struct journal *j, uint64_t nbytes)
{
	struct journal_segment *s;
	int ret;

	if (j->is_tail_unsure)
		nbytes += j->tail_nbytes;
	ret = journal_log_take(j, &s, nbytes);
	if (ret < 0)
		return ret;
	pthread_mutex_lock(&j->lock);
	journal_log_add(j, s);
	journal_segment_finish(j->active);
	j->active = s;
	j->at = 0;
	pthread_mutex_unlock(&j->lock);
	if (j->is_tail_unsure && (ret = tail_copy(j)) < 0)
		segment_abandon(j);
	return ret;
}

/* The folder is synced first: a removed segment whose removal is not durable might come back after
 * this one, with a record that voids the last. A new segment would have taken its name. */
int journal_commit_continue(struct journal *j)
{
	struct journal_segment *s = j->tail;
	uint64_t at = j->tail_offset + j->tail_nbytes;

	if (s == NULL || at + j->tail_nbytes > s->size || journal_io_sync_folder(j->folder) < 0 ||
	    journal_segment_reopen(s, j->folder) < 0)
		return journal_commit_segment(j, 0);
	pthread_mutex_lock(&j->lock);
	j->active = s;
	j->at = at;
	pthread_mutex_unlock(&j->lock);
	if (tail_copy(j) == 0)
		return 0;
	segment_abandon(j);
	return journal_commit_segment(j, 0);
}

/* Writes what j->gather holds as the record after the last one that counts, syncs it, and fills in
 * `r`. After a failure the segment is abandoned if a part of the record may be on the disk:
 * `may_be_there` is set then. */
static int record_write(struct journal *j, struct journal_record *r, bool *may_be_there)
{
	uint64_t nbytes = journal_record_nbytes(r);
	int ret = 0;

	*may_be_there = false;

	if (j->active == NULL || j->at + nbytes > j->active->size)
		ret = journal_commit_segment(j, nbytes);
	if (ret < 0)
		return ret;
	r->sequence = j->sequence + 1;
	r->previous = j->checksum;
	r->segment = j->active->number;
	journal_gather_seal(&j->gather, r, j->key);
	*may_be_there = true;
	ret = journal_segment_write(j->active, j->direct, j->gather.pieces, j->gather.npieces,
				    j->at);
	if (ret == 0 && journal_system.fdatasync(j->active->fd) < 0)
		ret = -errno;
	if (ret < 0)
		segment_abandon(j);
	return ret;
}

/* Makes a record that is durable the last one that counts. Under the lock. */
static void record_count(struct journal *j, const struct journal_record *r)
{
	j->has_failed_record = false;
	j->sequence = r->sequence;
	j->checksum = r->checksum;
	j->active->last_sequence = r->sequence;
	j->active->last_time_s = r->time_s;
	j->last = j->active;
	j->at += journal_record_nbytes(r);
	base_counter_add(&j->stats.commits, 1);
	base_counter_add(&j->stats.syncs, 1);
	base_counter_add(&j->stats.commit_bytes, journal_record_nbytes(r));
}

/* Writes an empty record, which voids the one whose writing failed. Returns 0, or a negative errno:
 * the next commit tries it again. */
static int record_void_last(struct journal *j)
{
	const struct store_batch nothing = {.time_s = j->last == NULL ? 0 : j->last->last_time_s};
	struct journal_record r;
	bool may_be_there;
	int ret = journal_gather_batch(&j->gather, &r, &nothing, JOURNAL_CHANGES);

	if (ret == 0)
		ret = record_write(j, &r, &may_be_there);
	if (ret < 0)
		return ret;
	pthread_mutex_lock(&j->lock);
	record_count(j, &r);
	pthread_mutex_unlock(&j->lock);
	return 0;
}

/* ---- batches ---- */

/* Takes all the memory that counting the batch will need. Under the lock. */
static int batch_prepare(struct journal *j, const struct store_batch *batch)
{
	for (size_t i = 0; i < batch->nchanges; i++) {
		struct journal_zone *z = journal_history_get(&j->history, batch->changes[i].zone);

		if (z == NULL || journal_history_reserve(z, batch->nchanges) < 0)
			return -ENOMEM;
	}
	return journal_items_prepare(&j->items, batch->items, batch->nitems);
}

/* Enters a batch that is durable in the index and the items. Under the lock. */
static void batch_count(struct journal *j, const struct store_batch *batch,
			const struct journal_record *r, enum journal_changes_kind kind)
{
	struct journal_entry e = {.segment = j->active,
				  .offset = j->at,
				  .nbytes = journal_record_nbytes(r),
				  .sequence = r->sequence};

	for (size_t i = 0; i < batch->nchanges; i++) {
		struct journal_zone *z = journal_history_find(&j->history, batch->changes[i].zone);

		e.from = batch->changes[i].changes.from;
		e.to = batch->changes[i].changes.to;
		if (kind == JOURNAL_REMOVALS)
			journal_history_remove(z, r->sequence);
		else
			journal_history_add(z, &e);
	}
	journal_items_commit(&j->items, batch->items, batch->nitems);
}

static int batch_commit(struct journal *j, const struct store_batch *batch,
			enum journal_changes_kind kind)
{
	struct journal_record r;
	bool may_be_there;
	int ret = j->has_failed_record ? record_void_last(j) : 0;

	if (ret == 0)
		ret = journal_gather_batch(&j->gather, &r, batch, kind);
	pthread_mutex_lock(&j->lock);
	if (ret == 0)
		ret = batch_prepare(j, batch);
	if (ret < 0)
		base_counter_add(&j->stats.commit_failures, 1);
	pthread_mutex_unlock(&j->lock);
	if (ret < 0)
		return ret;

	ret = record_write(j, &r, &may_be_there);
	pthread_mutex_lock(&j->lock);
	if (ret == 0) {
		batch_count(j, batch, &r, kind);
		record_count(j, &r);
	} else {
		journal_items_abort(&j->items, batch->nitems);
		base_counter_add(&j->stats.commit_failures, 1);
	}
	if (j->prepared == NULL)
		pthread_cond_signal(&j->wake);
	pthread_mutex_unlock(&j->lock);
	if (ret < 0 && j->has_failed_record && record_void_last(j) < 0 && may_be_there)
		return -EUCLEAN;
	return ret;
}

int journal_commit(struct store *s, const struct store_batch *batch)
{
	return batch_commit(journal_of(s), batch, JOURNAL_CHANGES);
}

static void file_unlink(struct journal *j, const uint8_t *zone, const char *suffix)
{
	char path[JOURNAL_PATH_MAX];

	journal_path_of_zone(path, j->folder, zone, suffix);
	journal_system.unlink(path);
}

/* The record of the removal is written first: files that a crash leaves behind, or that come back
 * because the folder was not synced, are older than it. */
int journal_zone_remove(struct store *s, const uint8_t *zone, const struct store_batch *items)
{
	struct journal *j = journal_of(s);
	const struct store_change removal = {.zone = zone};
	struct store_batch batch = *items;
	int ret;

	assert(items->nchanges == 0);
	batch.changes = &removal;
	batch.nchanges = 1;
	ret = batch_commit(j, &batch, JOURNAL_REMOVALS);
	if (ret < 0)
		return ret;
	file_unlink(j, zone, "checkpoint");
	file_unlink(j, zone, "base");
	file_unlink(j, zone, "base-next");
	journal_io_sync_folder(j->folder);
	return 0;
}
