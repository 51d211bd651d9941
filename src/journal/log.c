/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "journal/log.h"

enum { SPARES_MAX = 2 }; /* files kept for the next segments */

/* ---- segments of the log ---- */

void journal_log_count(struct journal *j)
{
	uint64_t count = 0, nbytes = 0;

	for (const struct journal_segment *s = j->segments; s != NULL; s = s->next) {
		count++;
		nbytes += s->size;
	}
	base_counter_set(&j->stats.segments, count);
	base_counter_set(&j->stats.segment_bytes, nbytes);
}

void journal_log_add(struct journal *j, struct journal_segment *s)
{
	struct journal_segment **end = &j->segments;

	while (*end != NULL)
		end = &(*end)->next;
	*end = s;
	s->next = NULL;
	s->start = j->log_end;
	j->log_end += s->size;
	journal_log_count(j);
}

void journal_log_remove_newest(struct journal *j, struct journal_segment *s)
{
	struct journal_segment **link = &j->segments;

	while (*link != s)
		link = &(*link)->next;
	*link = s->next;
	j->log_end -= s->size;
	journal_log_count(j);
}

uint64_t journal_log_end(const struct journal *j)
{
	return j->active == NULL ? j->log_end : j->active->start + j->at;
}

/* ---- segments to come ---- */

bool journal_log_add_spare(struct journal *j, struct journal_segment *s)
{
	struct journal_segment **end = &j->spares;

	if (s->size != j->segment_size || j->nspares >= SPARES_MAX)
		return false;
	while (*end != NULL)
		end = &(*end)->next;
	*end = s;
	s->next = NULL;
	j->nspares++;
	return true;
}

/* Makes a segment, from a spare file if there is one. Not under the lock. */
static int segment_make(struct journal *j, struct journal_segment **out, uint64_t size)
{
	struct journal_segment *spare = NULL;
	uint64_t number;

	pthread_mutex_lock(&j->lock);
	number = j->next_number++;
	if (size == j->segment_size && j->spares != NULL) {
		spare = j->spares;
		j->spares = spare->next;
		j->nspares--;
	}
	pthread_mutex_unlock(&j->lock);
	if (spare != NULL)
		return journal_segment_recycle(out, spare, j->folder, number);
	return journal_segment_make(out, j->folder, number, size);
}

int journal_log_prepare(struct journal *j)
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

int journal_log_take(struct journal *j, struct journal_segment **out, uint64_t nbytes)
{
	struct journal_segment *prepared, *small = NULL;
	int ret;

	pthread_mutex_lock(&j->lock);
	while (j->is_making)
		pthread_cond_wait(&j->made, &j->lock);
	prepared = j->prepared;
	j->prepared = NULL;
	pthread_cond_signal(&j->wake);
	if (prepared == NULL || prepared->size < nbytes) {
		small = prepared;
		prepared = NULL;
		/* A segment made ahead meanwhile would get a lower number and be used later. */
		j->is_making = true;
	}
	pthread_mutex_unlock(&j->lock);
	if (small != NULL)
		journal_segment_remove(small, j->folder);
	if (prepared != NULL) {
		*out = prepared;
		return 0;
	}
	ret = segment_make(j, out, nbytes > j->segment_size ? nbytes : j->segment_size);
	pthread_mutex_lock(&j->lock);
	j->is_making = false;
	pthread_cond_broadcast(&j->wake);
	pthread_mutex_unlock(&j->lock);
	return ret;
}
