/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "base/log_limit.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"

enum { WAYS = 8 }; /* places in which a peer may be */

static bool is_over(const struct base_log_limit_peer *p, uint64_t now_s)
{
	return now_s - p->begin_s >= BASE_LOG_LIMIT_WINDOW_S;
}

/* Returns the peer's place: its own, or a free one, or that of the peer with the fewest lines. One
 * whose lines were left out keeps its place until that is reported. */
static struct base_log_limit_peer *place_of(struct base_log_limit *l, uint64_t hash, uint64_t now_s)
{
	struct base_log_limit_peer *set = &l->peers[hash % (BASE_LOG_LIMIT_PEERS / WAYS) * WAYS];
	struct base_log_limit_peer *best = NULL;

	for (unsigned i = 0; i < WAYS; i++) {
		struct base_log_limit_peer *p = &set[i];

		if (p->nlines > 0 && p->hash == hash)
			return p;
		if (p->left_out == 0 && p->nlines > 0 && is_over(p, now_s))
			p->nlines = 0;
		if (p->left_out == 0 && (best == NULL || p->nlines < best->nlines))
			best = p;
	}
	return best;
}

/* Returns the peer's place, in its present window; NULL if its whole set consists of peers over
 * their limit, so that nobody knows what this one caused. */
static struct base_log_limit_peer *place_open(struct base_log_limit *l, const char *name,
					      uint64_t now_s)
{
	uint64_t hash = base_hash(name, strlen(name), 0);
	struct base_log_limit_peer *p = place_of(l, hash, now_s);

	if (p != NULL &&
	    (p->nlines == 0 || p->hash != hash || (is_over(p, now_s) && p->left_out == 0))) {
		*p = (struct base_log_limit_peer){.hash = hash, .begin_s = now_s};
		snprintf(p->name, sizeof(p->name), "%s", name);
	}
	return p;
}

static void leave_out(struct base_log_limit *l, struct base_log_limit_peer *p, uint32_t n)
{
	if (p->left_out == 0)
		l->nover++;
	p->left_out = n < UINT32_MAX - p->left_out ? p->left_out + n : UINT32_MAX;
	/* A place with lines is in use. */
	p->nlines += p->nlines == 0;
	l->left_out += n;
}

bool base_log_limit_take(struct base_log_limit *l, const char *name, uint32_t most, uint64_t now_s)
{
	struct base_log_limit_peer *p = place_open(l, name, now_s);

	if (p == NULL)
		return true;
	if (p->nlines < most) {
		p->nlines++;
		return true;
	}
	leave_out(l, p, 1);
	return false;
}

void base_log_limit_leave_out(struct base_log_limit *l, const char *name, uint32_t n,
			      uint64_t now_s)
{
	struct base_log_limit_peer *p = place_open(l, name, now_s);

	if (p != NULL)
		leave_out(l, p, n);
}

uint32_t base_log_limit_report(struct base_log_limit *l, uint64_t now_s, bool is_end,
			       char name[static BASE_LOG_LIMIT_NAME])
{
	for (size_t i = 0; l->nover > 0 && i < BASE_LOG_LIMIT_PEERS; i++) {
		struct base_log_limit_peer *p = &l->peers[i];
		uint32_t left_out = p->left_out;

		if (left_out == 0 || (!is_end && !is_over(p, now_s)))
			continue;
		memcpy(name, p->name, BASE_LOG_LIMIT_NAME);
		p->nlines = p->left_out = 0;
		l->nover--;
		return left_out;
	}
	return 0;
}
