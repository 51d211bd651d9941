/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The reclaiming thread does what commits should not wait for: it makes the next segment before it
 * is needed, and writes the items' file when much log has gathered since the last time. A round,
 * which the end of a checkpoint starts as well:
 *
 * 1. The first commit that is still needed is found: the first one that some zone's checkpoint does
 *    not contain, or that comes after the items' file.
 * 2. The items' file is written with its number, and is durable.
 * 3. Segments that end before that commit, and that are beyond the history promised to IXFR, are
 *    given back: their files become the next segments, or are removed. */

#include "journal/reclaim.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "journal/io.h"
#include "journal/log.h"
#include "journal/path.h"
#include "journal/system.h"

enum {
	ITEMS_LOG_SEGMENTS = 4, /* segments of log after which the items' file is written anew */
	RETRY_S = 1,		/* pause after a failure */
};

/* ---- segments given back ---- */

/* Under the lock. The folder need not be synced: if the file comes back after a crash, its number
 * shows that it is old. */
static void segment_give_back(struct journal *j, struct journal_segment *s)
{
	char path[JOURNAL_PATH_MAX];

	journal_history_drop(&j->history, s);
	if (s->npins == 0 && !s->is_abandoned && journal_log_add_spare(j, s))
		return;
	journal_segment_path(path, j->folder, s->number);
	journal_system.unlink(path);
	if (s->npins > 0)
		s->is_gone = true;
	else
		journal_segment_close(s);
}

static bool is_needed(const struct journal *j, const struct journal_segment *s, uint64_t log_from)
{
	return s == j->active || s == j->last || s->last_sequence >= log_from;
}

/* Gives back the oldest segments that neither recovery nor history needs. Under the lock. */
static void segments_give_back(struct journal *j)
{
	uint64_t nunneeded = 0, now = j->last == NULL ? 0 : j->last->last_time_s;

	for (const struct journal_segment *s = j->segments;
	     s != NULL && !is_needed(j, s, j->log_from); s = s->next)
		nunneeded += s->size;
	while (j->segments != NULL && !is_needed(j, j->segments, j->log_from)) {
		struct journal_segment *s = j->segments;
		bool is_old = j->history_age_s > 0 && s->last_time_s + j->history_age_s < now;

		if (nunneeded <= j->history_size && !is_old)
			return;
		nunneeded -= s->size;
		j->segments = s->next;
		segment_give_back(j, s);
		journal_log_count(j);
	}
}

/* ---- rounds ---- */

/* Returns whether a round with `log_from` frees a segment that the last round could not. Under the
 * lock. */
static bool has_segments_to_free(const struct journal *j, uint64_t log_from)
{
	const struct journal_segment *s = j->segments;

	while (s != NULL && !is_needed(j, s, j->log_from))
		s = s->next;
	return s != NULL && !is_needed(j, s, log_from);
}

static int items_write(struct journal *j, uint64_t sequence, uint64_t log_from)
{
	struct journal_blocks_out *w = malloc(sizeof(*w));
	char path[JOURNAL_PATH_MAX];
	int ret;

	if (w == NULL)
		return -ENOMEM;
	journal_path_of(path, j->folder, "notes.checkpoint");
	ret = journal_blocks_create(w, j->folder, path, j->key);
	if (ret == 0) {
		w->header.kind = JOURNAL_BLOCKS_ITEMS;
		w->header.sequence = sequence;
		w->header.log_from = log_from;
		ret = journal_items_write(&j->items, &j->lock, w);
		if (ret == 0)
			ret = journal_blocks_end(w);
		else
			journal_blocks_abort(w);
	}
	free(w);
	return ret;
}

static int round_run(struct journal *j, bool is_forced)
{
	uint64_t sequence, position, log_from;
	bool is_useful;
	int ret = 0;

	pthread_mutex_lock(&j->round);
	pthread_mutex_lock(&j->lock);
	sequence = j->sequence;
	position = journal_log_end(j);
	log_from = journal_history_needed(&j->history, sequence + 1);
	is_useful = is_forced || has_segments_to_free(j, log_from);
	pthread_mutex_unlock(&j->lock);
	if (is_useful)
		ret = items_write(j, sequence, log_from);
	pthread_mutex_lock(&j->lock);
	if (is_useful && ret == 0) {
		j->items_sequence = sequence;
		j->items_position = position;
		j->log_from = log_from;
	}
	segments_give_back(j);
	pthread_mutex_unlock(&j->lock);
	pthread_mutex_unlock(&j->round);
	return ret;
}

int journal_reclaim_run(struct journal *j)
{
	return round_run(j, false);
}

int journal_reclaim_all(struct journal *j)
{
	return round_run(j, true);
}

/* ---- the thread ---- */

static void pause_under_lock(struct journal *j)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += RETRY_S;
	while (!j->is_stopping && pthread_cond_timedwait(&j->wake, &j->lock, &until) != ETIMEDOUT)
		;
}

static void *thread_run(void *arg)
{
	struct journal *j = arg;
	int ret = 0;

	pthread_mutex_lock(&j->lock);
	while (!j->is_stopping) {
		if (ret < 0) {
			pause_under_lock(j);
			ret = 0;
		} else if (j->prepared == NULL && !j->is_making) {
			ret = journal_log_prepare(j);
		} else if (journal_log_end(j) - j->items_position >
			   ITEMS_LOG_SEGMENTS * j->segment_size) {
			j->items_position = journal_log_end(j);
			pthread_mutex_unlock(&j->lock);
			ret = journal_reclaim_run(j);
			pthread_mutex_lock(&j->lock);
		} else {
			pthread_cond_wait(&j->wake, &j->lock);
		}
	}
	pthread_mutex_unlock(&j->lock);
	return NULL;
}

int journal_reclaim_start(struct journal *j)
{
	sigset_t all, before;
	int ret;

	/* Signals belong to main's thread. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	ret = pthread_create(&j->thread, NULL, thread_run, j);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	j->has_thread = ret == 0;
	return -ret;
}

void journal_reclaim_stop(struct journal *j)
{
	if (!j->has_thread)
		return;
	pthread_mutex_lock(&j->lock);
	j->is_stopping = true;
	pthread_cond_broadcast(&j->wake);
	pthread_mutex_unlock(&j->lock);
	pthread_join(j->thread, NULL);
	j->has_thread = false;
}
