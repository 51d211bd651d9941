/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "locate/known.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"

enum { SMOOTH = 8 }; /* an answer counts for an eighth (RFC 6298 section 2) */

static struct locate_registry *find(struct locate_known *all,
				    const struct resolve_endpoint *endpoint)
{
	for (size_t i = 0; i < all->n; i++)
		if (resolve_endpoint_equal(&all->items[i].endpoint, endpoint))
			return &all->items[i];
	return NULL;
}

static int compare(const void *left, const void *right)
{
	const struct locate_registry *a = left, *b = right;
	int failed_a = a->health == LOCATE_FAILED, failed_b = b->health == LOCATE_FAILED;

	if (failed_a != failed_b)
		return failed_a - failed_b;
	return a->rank < b->rank ? -1 : a->rank > b->rank;
}

static void sort(struct locate_known *all)
{
	qsort(all->items, all->n, sizeof(*all->items), compare);
}

void locate_known_add(struct locate_known *all, const struct resolve_endpoint *endpoint,
		      enum locate_transport transport, const char *source)
{
	struct locate_registry *r = &all->items[all->n];

	if (all->n == LOCATE_REGISTRIES_MAX)
		return;
	*r = (struct locate_registry){
		.endpoint = *endpoint, .transport = transport, .rank = (unsigned)all->n};
	r->endpoint.is_tls = transport == LOCATE_TLS;
	r->endpoint.is_stream = transport != LOCATE_UDP;
	if (!r->endpoint.is_tls)
		r->endpoint.name[0] = '\0'; /* which is for certificates */
	strcpy(r->host, endpoint->name);
	snprintf(r->source, sizeof(r->source), "%s", source);
	if (find(all, &r->endpoint) == NULL)
		all->n++;
}

void locate_known_replace(struct locate_known *all, const struct locate_known *found)
{
	struct locate_known next = *found;

	for (size_t i = 0; i < next.n; i++) {
		struct locate_registry *r = &next.items[i];
		const struct locate_registry *known = find(all, &r->endpoint);

		if (known == NULL)
			continue;
		r->health = known->health;
		r->rtt_us = known->rtt_us;
		r->nfailures = known->nfailures;
		r->failed_until_ms = known->failed_until_ms;
		r->questions = known->questions;
		r->updates = known->updates;
	}
	*all = next;
	sort(all);
}

void locate_known_succeeded(struct locate_known *all, const struct resolve_endpoint *at,
			    uint32_t rtt_us)
{
	struct locate_registry *r = find(all, at);

	if (r == NULL)
		return;
	if (r->rtt_us == 0)
		r->rtt_us = rtt_us;
	else if (rtt_us != 0)
		r->rtt_us = (uint32_t)(((uint64_t)r->rtt_us * (SMOOTH - 1) + rtt_us) / SMOOTH);
	r->nfailures = 0;
	r->failed_until_ms = 0;
	if (r->health == LOCATE_FAILED) {
		r->health = LOCATE_WELL;
		sort(all);
	}
	r->health = LOCATE_WELL;
}

void locate_known_failed(struct locate_known *all, const struct resolve_endpoint *at,
			 uint64_t now_ms)
{
	struct locate_registry *r = find(all, at);
	uint64_t backoff_ms = LOCATE_BACKOFF_MIN_MS;

	if (r == NULL)
		return;
	for (unsigned i = 0; i < r->nfailures && backoff_ms < LOCATE_BACKOFF_MAX_MS; i++)
		backoff_ms *= 2;
	r->nfailures++;
	r->failed_until_ms =
		now_ms + (backoff_ms < LOCATE_BACKOFF_MAX_MS ? backoff_ms : LOCATE_BACKOFF_MAX_MS);
	if (r->health != LOCATE_FAILED) {
		r->health = LOCATE_FAILED;
		sort(all);
	}
}

static struct locate_refusals *refusals_of(struct locate_registry *r, bool is_update)
{
	return is_update ? &r->updates : &r->questions;
}

void locate_known_accepted(struct locate_known *all, const struct resolve_endpoint *at,
			   bool is_update)
{
	struct locate_registry *r = find(all, at);

	if (r != NULL)
		*refusals_of(r, is_update) = (struct locate_refusals){0};
}

void locate_known_refused(struct locate_known *all, const struct resolve_endpoint *at,
			  bool is_update, uint64_t now_ms)
{
	struct locate_registry *r = find(all, at);

	if (r != NULL && ++refusals_of(r, is_update)->n >= LOCATE_REFUSALS_MAX)
		refusals_of(r, is_update)->until_ms = now_ms + LOCATE_REFUSED_MS;
}

/* Returns 0 for those to be asked first, 2 for those last. */
static unsigned turn_of(const struct locate_registry *r, bool is_update, uint64_t now_ms)
{
	const struct locate_refusals *refusals = is_update ? &r->updates : &r->questions;

	return r->health == LOCATE_FAILED ? 2 : now_ms < refusals->until_ms;
}

void locate_known_order(const struct locate_known *all, bool is_update, uint64_t now_ms,
			const struct locate_registry *out[static LOCATE_REGISTRIES_MAX])
{
	size_t n = 0;

	for (unsigned turn = 0; turn <= 2; turn++)
		for (size_t i = 0; i < all->n; i++)
			if (turn_of(&all->items[i], is_update, now_ms) == turn)
				out[n++] = &all->items[i];
}

bool locate_known_have_failed(const struct locate_known *all)
{
	for (size_t i = 0; i < all->n; i++)
		if (all->items[i].health != LOCATE_FAILED)
			return false;
	return true;
}

struct locate_registry *locate_known_due(struct locate_known *all, uint64_t now_ms)
{
	struct locate_registry *due = NULL;

	for (size_t i = 0; i < all->n; i++) {
		struct locate_registry *r = &all->items[i];

		if (r->health == LOCATE_FAILED && r->failed_until_ms <= now_ms &&
		    (due == NULL || r->failed_until_ms < due->failed_until_ms))
			due = r;
	}
	return due;
}

uint64_t locate_known_silence_ms(uint32_t rtt_us)
{
	uint64_t usual_ms = (UINT64_C(3) * rtt_us + 999) / 1000;

	if (rtt_us == 0)
		return LOCATE_SILENCE_UNKNOWN_MS;
	return usual_ms > LOCATE_SILENCE_MIN_MS ? usual_ms : LOCATE_SILENCE_MIN_MS;
}
