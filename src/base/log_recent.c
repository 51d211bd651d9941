/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "base/log_recent.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct head {
	uint64_t time_us;
	uint32_t nchars; /* of the text that follows */
	uint32_t level;
};

int base_log_recent_init(struct base_log_recent *r, size_t size)
{
	*r = (struct base_log_recent){.bytes = malloc(size), .size = size};
	if (r->bytes == NULL)
		return -ENOMEM;
	pthread_mutex_init(&r->lock, NULL);
	return 0;
}

void base_log_recent_fini(struct base_log_recent *r)
{
	pthread_mutex_destroy(&r->lock);
	free(r->bytes);
}

/* Copies to the end of the ring, around its corner. */
static void copy_in(struct base_log_recent *r, const void *from, size_t nbytes)
{
	size_t to = r->end % r->size;
	size_t first = nbytes < r->size - to ? nbytes : r->size - to;

	memcpy(r->bytes + to, from, first);
	memcpy(r->bytes, (const char *)from + first, nbytes - first);
	r->end += nbytes;
}

/* Copies from an offset of the ring, around its corner. */
static void copy_out(const struct base_log_recent *r, void *to, uint64_t offset, size_t nbytes)
{
	size_t from = offset % r->size;
	size_t first = nbytes < r->size - from ? nbytes : r->size - from;

	memcpy(to, r->bytes + from, first);
	memcpy((char *)to + first, r->bytes, nbytes - first);
}

static void drop_oldest(struct base_log_recent *r)
{
	struct head head;

	copy_out(r, &head, r->begin, sizeof(head));
	r->begin += sizeof(head) + head.nchars;
	r->first++;
}

void base_log_recent_put(struct base_log_recent *r, uint64_t time_us, int level,
			 const char *subject, const char *text, size_t nchars)
{
	size_t nsubject = strlen(subject), whole = nsubject + 2 + nchars;
	const struct head head = {time_us, (uint32_t)whole, (uint32_t)level};

	if (whole > BASE_LOG_PAST_MAX || sizeof(head) + whole > r->size)
		return;
	pthread_mutex_lock(&r->lock);
	while (r->end + sizeof(head) + whole - r->begin > r->size)
		drop_oldest(r);
	copy_in(r, &head, sizeof(head));
	copy_in(r, subject, nsubject);
	copy_in(r, ": ", 2);
	copy_in(r, text, nchars);
	r->next++;
	pthread_mutex_unlock(&r->lock);
}

void base_log_recent_seek(struct base_log_recent *r, struct base_log_cursor *at, bool is_oldest)
{
	pthread_mutex_lock(&r->lock);
	at->offset = is_oldest ? r->begin : r->end;
	at->number = is_oldest ? r->first : r->next;
	at->nlost = 0;
	pthread_mutex_unlock(&r->lock);
}

bool base_log_recent_read(struct base_log_recent *r, struct base_log_cursor *at,
			  struct base_log_past *out)
{
	struct head head;
	bool is_there;

	pthread_mutex_lock(&r->lock);
	if (at->number < r->first) {
		at->nlost += r->first - at->number;
		at->number = r->first;
		at->offset = r->begin;
	}
	is_there = at->number < r->next;
	if (is_there) {
		copy_out(r, &head, at->offset, sizeof(head));
		copy_out(r, out->line, at->offset + sizeof(head), head.nchars);
		out->time_us = head.time_us;
		out->level = (int)head.level;
		out->nchars = head.nchars;
		at->offset += sizeof(head) + head.nchars;
		at->number++;
	}
	pthread_mutex_unlock(&r->lock);
	return is_there;
}
