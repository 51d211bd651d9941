/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "reach/pace.h"

#include <assert.h>

enum {
	FAILURES_EACH = 8, /* after every N failures one more instance is tried at a time */
	WIDTH_MAX = 8,
	SAME_HOST_MS = 25, /* patience with an instance on the host of one that is silent */
};

static uint64_t sooner(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

int reach_pace_init(struct reach_pace *p, struct reach_memory *memory,
		    struct find_instance *const *all, size_t n)
{
	*p = (struct reach_pace){.memory = memory};
	return reach_candidates_init(&p->candidates, all, n);
}

void reach_pace_fini(struct reach_pace *p)
{
	reach_candidates_fini(&p->candidates);
}

void reach_pace_begin(struct reach_pace *p, uint64_t now_ms)
{
	reach_candidates_rank(&p->candidates, p->memory, now_ms);
	p->patience_ms = reach_memory_patience_ms(p->memory);
}

/* Returns when the next instance may be begun, in the past if now; UINT64_MAX: all are begun.
 * Instances that were not silent yet hold others up: of the same priority some, of others all. */
static uint64_t candidate_due(const struct reach_pace *p, uint64_t now_ms)
{
	const struct reach_candidate *next = reach_candidates_first(&p->candidates);
	size_t width = 1 + p->nfailed / FAILURES_EACH, nwaited = 0;
	uint64_t due_ms = UINT64_MAX;
	bool is_held = false;

	if (next == NULL)
		return UINT64_MAX;
	for (unsigned k = 0; k < p->nactive; k++) {
		const struct reach_candidate *c = p->active[k];

		if (now_ms >= c->patient_until_ms)
			continue;
		nwaited++;
		due_ms = sooner(due_ms, c->patient_until_ms);
		is_held = is_held || c->i->priority != next->i->priority;
	}
	is_held = is_held || nwaited >= (width < WIDTH_MAX ? width : WIDTH_MAX);
	return is_held ? due_ms : 0;
}

/* Returns whether an instance on the host of the candidate is silent. */
static bool host_is_silent(const struct reach_pace *p, const struct reach_candidate *c,
			   uint64_t now_ms)
{
	for (unsigned k = 0; k < p->nactive; k++)
		if (now_ms >= p->active[k]->patient_until_ms &&
		    dns_name_equal(p->active[k]->i->target, c->i->target))
			return true;
	return false;
}

/* Begins the next candidate. The more were silent, the sooner it is followed by others. */
static struct reach_candidate *candidate_begin(struct reach_pace *p, uint64_t now_ms)
{
	uint64_t patience_ms = p->patience_ms;
	struct reach_candidate *c;

	assert(p->nactive <= REACH_ATTEMPTS_MAX);
	for (unsigned k = 0; k < p->nactive; k++)
		if (now_ms >= p->active[k]->patient_until_ms) {
			reach_candidates_avoid(&p->candidates, p->active[k]);
			p->has_silent = true;
		}
	if (p->has_silent)
		patience_ms = patience_ms / 2 > REACH_PATIENCE_LEAST_MS ? patience_ms / 2
									: REACH_PATIENCE_LEAST_MS;
	c = reach_candidates_begin(&p->candidates, p->memory, now_ms);
	if (host_is_silent(p, c, now_ms))
		patience_ms = SAME_HOST_MS;
	c->patient_until_ms = now_ms + patience_ms;
	c->next_ms = now_ms;
	p->active[p->nactive++] = c;
	return c;
}

static struct reach_candidate *active_due(const struct reach_pace *p, uint64_t now_ms)
{
	for (unsigned k = 0; k < p->nactive; k++) {
		struct reach_candidate *c = p->active[k];

		if (c->next < c->naddresses && now_ms >= c->next_ms)
			return c;
	}
	return NULL;
}

uint64_t reach_pace_due(const struct reach_pace *p, uint64_t now_ms)
{
	uint64_t due_ms = candidate_due(p, now_ms);

	for (unsigned k = 0; k < p->nactive; k++)
		if (p->active[k]->next < p->active[k]->naddresses)
			due_ms = sooner(due_ms, p->active[k]->next_ms);
	return due_ms;
}

struct reach_candidate *reach_pace_next(struct reach_pace *p, uint64_t now_ms)
{
	struct reach_candidate *c = active_due(p, now_ms);

	return c != NULL ? c : candidate_begin(p, now_ms);
}

void reach_pace_tried(const struct reach_pace *p, struct reach_candidate *c, uint64_t now_ms)
{
	c->next++;
	c->next_ms = now_ms + p->patience_ms / 2;
}

void reach_pace_drop(struct reach_pace *p, const struct reach_candidate *c)
{
	unsigned k = 0;

	while (k < p->nactive && p->active[k] != c)
		k++;
	if (k < p->nactive)
		p->active[k] = p->active[--p->nactive];
	p->nfailed++;
}

bool reach_pace_is_over(const struct reach_pace *p)
{
	return p->nactive == 0 && reach_candidates_first(&p->candidates) == NULL;
}
