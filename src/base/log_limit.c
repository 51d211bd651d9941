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

bool base_log_limit_take(struct base_log_limit *l, const char *name, uint64_t now_s)
{
	uint64_t hash = base_hash(name, strlen(name), 0);
	struct base_log_limit_peer *p = place_of(l, hash, now_s);

	/* The whole set consists of peers over their limit: nobody knows what this one caused. */
	if (p == NULL)
		return true;
	if (p->nlines == 0 || p->hash != hash || (is_over(p, now_s) && p->left_out == 0)) {
		*p = (struct base_log_limit_peer){.hash = hash, .begin_s = now_s};
		snprintf(p->name, sizeof(p->name), "%s", name);
	}
	if (p->nlines < BASE_LOG_LIMIT_LINES) {
		p->nlines++;
		return true;
	}
	if (p->left_out == 0)
		l->nover++;
	if (p->left_out < UINT32_MAX)
		p->left_out++;
	l->left_out++;
	return false;
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
