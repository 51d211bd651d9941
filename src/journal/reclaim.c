/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The keeper is a thread that does what commits should not wait for: it makes the next segment
 * before it is needed, and carries the items on when much log has gathered since they last were. A
 * round, which a checkpoint's end begins as well:
 *
 * 1. The first commit that is still needed is found: the first that some checkpoint does not have
 *    in it, or that is after the items.
 * 2. The items' file says so, and is durable.
 * 3. Segments before that commit, and beyond what IXFR is promised, are given back: they become
 *    the next ones, or go. */

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "journal/io.h"
#include "journal/journal_priv.h"
#include "journal/system.h"

enum {
	ITEMS_LOG_SEGMENTS = 4, /* log after which the items are carried on */
	RETRY_S = 1,		/* pause after a failure */
};

/* ---- Segments made ahead -------------------------------------------------------------------- */

/* Makes a segment, of a file that was given back if there is one. Not under the lock. */
static int segment_make(struct journal *j, struct journal_segment **out, uint64_t size)
{
	struct journal_segment *spare = NULL;
	uint64_t number;
	int ret;

	pthread_mutex_lock(&j->lock);
	number = j->next_number++;
	if (size == j->segment_size && j->spares != NULL) {
		spare = j->spares;
		j->spares = spare->next;
		j->nspares--;
	}
	pthread_mutex_unlock(&j->lock);
	if (spare != NULL)
		ret = journal_segment_recycle(out, spare, j->folder, number);
	else
		ret = journal_segment_make(out, j->folder, number, size);
	return ret;
}

int journal_segment_take(struct journal *j, struct journal_segment **out, uint64_t nbytes)
{
	struct journal_segment *ready, *small = NULL;

	pthread_mutex_lock(&j->lock);
	while (j->is_making)
		pthread_cond_wait(&j->made, &j->lock);
	ready = j->prepared;
	j->prepared = NULL;
	pthread_cond_signal(&j->wake);
	if (ready == NULL || ready->size < nbytes) {
		small = ready;
		ready = NULL;
		j->is_making = true; /* the keeper's would get a lower number and a later place */
	}
	pthread_mutex_unlock(&j->lock);
	if (small != NULL)
		journal_segment_remove(small, j->folder);
	if (ready != NULL) {
		*out = ready;
		return 0;
	}

	int ret = segment_make(j, out, nbytes > j->segment_size ? nbytes : j->segment_size);

	pthread_mutex_lock(&j->lock);
	j->is_making = false;
	pthread_cond_broadcast(&j->wake);
	pthread_mutex_unlock(&j->lock);
	return ret;
}

/* ---- Segments given back -------------------------------------------------------------------- */

/* Under the lock. The folder need not be synced: a file that comes back is seen to be old. */
static void segment_give_back(struct journal *j, struct journal_segment *s)
{
	char path[JOURNAL_PATH_MAX];

	journal_history_drop(&j->history, s);
	if (s->refs == 0 && !s->is_abandoned && s->size == j->segment_size &&
	    j->nspares < JOURNAL_SPARES_MAX) {
		struct journal_segment **end = &j->spares;

		while (*end != NULL)
			end = &(*end)->next;
		*end = s;
		s->next = NULL;
		j->nspares++;
		return;
	}
	journal_segment_path(path, j->folder, s->number);
	journal_system.unlink(path);
	if (s->refs > 0)
		s->is_gone = true;
	else
		journal_segment_close(s);
}

void journal_segment_unref(struct journal *j, struct journal_segment *s)
{
	(void)j;
	if (--s->refs == 0 && s->is_gone)
		journal_segment_close(s);
}

static bool is_needed(const struct journal *j, const struct journal_segment *s, uint64_t log_from)
{
	return s == j->active || s == j->last || s->last_sequence >= log_from;
}

/* Gives back the oldest segments that neither recovery nor history needs. Under the lock. */
static void segments_give_back(struct journal *j)
{
	uint64_t kept = 0, now = j->last == NULL ? 0 : j->last->last_time_s;

	for (const struct journal_segment *s = j->segments;
	     s != NULL && !is_needed(j, s, j->log_from); s = s->next)
		kept += s->size;
	while (j->segments != NULL && !is_needed(j, j->segments, j->log_from)) {
		struct journal_segment *s = j->segments;
		bool is_old = j->history_age_s > 0 && s->last_time_s + j->history_age_s < now;

		if (kept <= j->history_size && !is_old)
			return;
		kept -= s->size;
		j->segments = s->next;
		segment_give_back(j, s);
	}
}

/* ---- Rounds --------------------------------------------------------------------------------- */

/* Whether a round with `log_from` would free a segment that the last one could not. Under the lock.
 */
static bool is_worth_while(const struct journal *j, uint64_t log_from)
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
	journal_path(path, j->folder, "notes.checkpoint");
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

int journal_round(struct journal *j)
{
	uint64_t sequence, position, log_from;
	bool is_worth;
	int ret = 0;

	pthread_mutex_lock(&j->round);
	pthread_mutex_lock(&j->lock);
	sequence = j->sequence;
	position = journal_end(j);
	log_from = journal_needed(j, sequence + 1);
	is_worth = is_worth_while(j, log_from);
	pthread_mutex_unlock(&j->lock);
	if (is_worth)
		ret = items_write(j, sequence, log_from);
	pthread_mutex_lock(&j->lock);
	if (is_worth && ret == 0) {
		j->items_sequence = sequence;
		j->items_position = position;
		j->log_from = log_from;
	}
	segments_give_back(j);
	pthread_mutex_unlock(&j->lock);
	pthread_mutex_unlock(&j->round);
	return ret;
}

/* ---- The thread ----------------------------------------------------------------------------- */

static void pause_under_lock(struct journal *j)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += RETRY_S;
	while (!j->is_stopping && pthread_cond_timedwait(&j->wake, &j->lock, &until) != ETIMEDOUT)
		;
}

/* Under the lock, which is let go meanwhile. */
static int prepare_next(struct journal *j)
{
	struct journal_segment *s = NULL;
	int ret;

	j->is_making = true;
	pthread_mutex_unlock(&j->lock);
	ret = segment_make(j, &s, j->segment_size);
	pthread_mutex_lock(&j->lock);
	j->is_making = false;
	j->prepared = s;
	pthread_cond_broadcast(&j->made);
	return ret;
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
			ret = prepare_next(j);
		} else if (journal_end(j) - j->items_position >
			   ITEMS_LOG_SEGMENTS * j->segment_size) {
			j->items_position = journal_end(j);
			pthread_mutex_unlock(&j->lock);
			ret = journal_round(j);
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

	/* Signals are for main. */
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
