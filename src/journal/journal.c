/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Opening, closing and figures; the other functions of the engine are in the files included here.
 */

#include "journal/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/error.h"
#include "journal/backup.h"
#include "journal/checkpoint.h"
#include "journal/commit.h"
#include "journal/format.h"
#include "journal/io.h"
#include "journal/log.h"
#include "journal/path.h"
#include "journal/reclaim.h"
#include "journal/recover.h"
#include "journal/system.h"

enum {
	SEGMENT_SIZE = 16 * 1024 * 1024,
	HISTORY_SIZE = 256 * 1024 * 1024,
};

static int lock_take(struct journal *j, struct base_error *error)
{
	const struct base_location at = {j->folder, 0};
	char path[JOURNAL_PATH_MAX];

	journal_path_of(path, j->folder, "lock");
	j->lock_fd = journal_system.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (j->lock_fd < 0 && errno == EROFS) /* a store can be read from a read-only disk */
		j->lock_fd = journal_system.open(path, O_RDONLY | O_CLOEXEC, 0);
	if (j->lock_fd < 0)
		return base_error_set_at(error, -errno, at, "cannot open %s/lock: %s", j->folder,
					 strerror(errno));
	if (flock(j->lock_fd, LOCK_EX | LOCK_NB) < 0)
		return base_error_set_at(error, errno == EWOULDBLOCK ? -EBUSY : -errno, at,
					 "the store is in use by another weftd");
	return 0;
}

static struct journal *journal_new(const struct store_settings *settings)
{
	struct journal *j = calloc(1, sizeof(*j));

	if (j == NULL)
		return NULL;
	j->direct = aligned_alloc(JOURNAL_IO_ALIGNED, JOURNAL_IO_DIRECT);
	if (j->direct == NULL) {
		free(j);
		return NULL;
	}
	j->store.engine = &journal_engine;
	j->lock_fd = -1;
	j->next_number = 1;
	j->log_from = 1;
	j->segment_size = settings->segment_size > 0 ? settings->segment_size : SEGMENT_SIZE;
	j->history_size = settings->history_size > 0 ? settings->history_size : HISTORY_SIZE;
	j->history_age_s = settings->history_age_s;
	snprintf(j->folder, sizeof(j->folder), "%s", settings->directory);
	j->store.place = j->folder;
	pthread_mutex_init(&j->round, NULL);
	pthread_mutex_init(&j->lock, NULL);
	pthread_cond_init(&j->wake, NULL);
	pthread_cond_init(&j->made, NULL);
	return j;
}

static void segments_close(struct journal_segment *s)
{
	while (s != NULL) {
		struct journal_segment *next = s->next;

		journal_segment_close(s);
		s = next;
	}
}

static void journal_close(struct store *s)
{
	struct journal *j = journal_of(s);

	journal_reclaim_stop(j);
	segments_close(j->segments);
	segments_close(j->spares);
	journal_segment_close(j->prepared);
	journal_gather_fini(&j->gather);
	journal_history_fini(&j->history);
	journal_items_fini(&j->items);
	if (j->lock_fd >= 0)
		close(j->lock_fd);
	pthread_cond_destroy(&j->made);
	pthread_cond_destroy(&j->wake);
	pthread_mutex_destroy(&j->lock);
	pthread_mutex_destroy(&j->round);
	free(j->direct);
	free(j);
}

static int journal_open(struct store **out, const struct store_settings *settings,
			struct base_error *error)
{
	struct journal *j;
	int ret;

	if (settings->segment_size % JOURNAL_BLOCK != 0)
		return base_error_set(error, -EINVAL, "segment-size must be a multiple of %d bytes",
				      JOURNAL_BLOCK);
	if (strlen(settings->directory) >= sizeof(j->folder))
		return base_error_set(error, -EINVAL, "state-dir must be shorter than %zu bytes",
				      sizeof(j->folder));
	j = journal_new(settings);
	if (j == NULL)
		return base_error_set(error, -ENOMEM, "out of memory");
	ret = lock_take(j, error);
	if (ret == 0)
		ret = journal_format_read_or_make(j->folder, &j->key, error);
	if (ret < 0) {
		/* The folder's name is freed with `j`. */
		if (error != NULL)
			error->at.file = settings->directory;
		journal_close(&j->store);
		return ret;
	}
	*out = &j->store;
	return 0;
}

/* ---- figures ---- */

static uint64_t journal_log_nbytes(struct store *s)
{
	struct journal *j = journal_of(s);
	uint64_t oldest, end;

	pthread_mutex_lock(&j->lock);
	oldest = end = journal_log_end(j);
	for (const struct journal_zone *z = j->history.zones; z != NULL; z = z->next) {
		const struct journal_entry *e = journal_history_unchecked(z);

		if (e != NULL && e->segment->start + e->offset < oldest)
			oldest = e->segment->start + e->offset;
	}
	pthread_mutex_unlock(&j->lock);
	return end - oldest;
}

static void journal_stats_get(struct store *s, struct store_stats *out)
{
	struct journal *j = journal_of(s);
	uint64_t needed;

	pthread_mutex_lock(&j->lock);
	*out = j->stats;
	out->history_bytes = 0;
	out->last_time_s = j->last == NULL ? 0 : j->last->last_time_s;
	needed = journal_history_needed(&j->history, j->sequence + 1);
	for (const struct journal_segment *g = j->segments; g != NULL; g = g->next)
		if (g != j->active && g != j->last && g->last_sequence < needed)
			out->history_bytes += g->size;
	pthread_mutex_unlock(&j->lock);
}

static void journal_counters_get(struct store *s, struct store_stats *out)
{
	const struct journal *j = journal_of(s);

	base_counters_get((uint64_t *)out, (const uint64_t *)&j->stats,
			  sizeof(*out) / sizeof(uint64_t));
}

const struct store_engine journal_engine = {
	.open = journal_open,
	.close = journal_close,
	.recover = journal_recover,
	.commit = journal_commit,
	.log_nbytes = journal_log_nbytes,
	.checkpoint_begin = journal_checkpoint_begin,
	.checkpoint_record = journal_checkpoint_record,
	.checkpoint_end = journal_checkpoint_end,
	.checkpoint_abort = journal_checkpoint_abort,
	.baseline_begin = journal_baseline_begin,
	.baseline_prepare = journal_baseline_prepare,
	.baseline_adopt = journal_baseline_adopt,
	.baseline_read = journal_baseline_read,
	.baseline_identity = journal_baseline_identity,
	.zone_remove = journal_zone_remove,
	.history_read = journal_history_read,
	.backup_begin = journal_backup_begin,
	.backup_write = journal_backup_write,
	.backup_info = journal_backup_info,
	.backup_end = journal_backup_end,
	.stats_get = journal_stats_get,
	.counters_get = journal_counters_get,
};
