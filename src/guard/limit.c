/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A bucket is one 64-bit word: 24 bits of the prefix's hash, 8 bits that count responses towards
 * the next slip, and 32 bits of time, wrapping: when the credit will be full again. Taking credit
 * moves this time into the future; a time in the past means full credit. So credit needs no
 * refilling, and one compare-and-swap takes it. Prefixes that share a bucket evict each other; the
 * table is large enough to make that rare. */
#include "guard/limit.h"

#include <netinet/in.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

enum { BUCKETS = 1 << 17, WAYS = 4 };

struct guard_limit {
	struct guard_limit_settings settings;
	uint64_t seed;
	uint32_t cost_us; /* microseconds that it takes to regain the credit of one response */
	_Atomic uint64_t bucket[BUCKETS];
};

/* The unit of time in buckets, 64 us: 32 bits of it are three days, and the cost of a response is
 * more than one unit up to a rate of 10,000 a second. */
enum { UNIT_US = 64 };

struct guard_limit *guard_limit_new(const struct guard_limit_settings *settings, uint64_t seed)
{
	struct guard_limit *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->settings = *settings;
	l->seed = seed;
	l->cost_us =
		settings->responses_per_second == 0 ? 0 : 1000000 / settings->responses_per_second;
	return l;
}

struct guard_limit *guard_limit_new_large(const struct guard_limit_settings *settings,
					  uint64_t seed)
{
	struct guard_limit_settings large = *settings;

	large.responses_per_second = settings->large_per_second;
	large.slip = 1;
	return guard_limit_new(&large, seed);
}

void guard_limit_free(struct guard_limit *l)
{
	free(l);
}

static uint64_t prefix_hash(const struct guard_limit *l, const struct sockaddr *client)
{
	uint8_t bytes[17] = {0};
	unsigned bits, n;

	if (client->sa_family == AF_INET) {
		memcpy(bytes, &((const struct sockaddr_in *)client)->sin_addr, 4);
		bits = l->settings.ipv4_prefix;
		n = 4;
	} else {
		memcpy(bytes, &((const struct sockaddr_in6 *)client)->sin6_addr, 16);
		bits = l->settings.ipv6_prefix;
		n = 16;
	}
	for (unsigned i = 0; i < n; i++) {
		unsigned nkept = bits > i * 8 ? bits - i * 8 : 0;

		if (nkept < 8)
			bytes[i] &= (uint8_t)(0xff00 >> nkept);
	}
	bytes[16] = (uint8_t)n;
	return base_hash(bytes, sizeof(bytes), l->seed);
}

static bool is_exempt(const struct guard_limit *l, const struct sockaddr *client)
{
	for (size_t i = 0; i < l->settings.exempt.count; i++)
		if (base_prefix_has(&l->settings.exempt.items[i], client))
			return true;
	return false;
}

/* Returns the bucket for a prefix, among the WAYS that its hash may use: its own if it has one,
 * otherwise the one that has been full for the longest time. */
static _Atomic uint64_t *bucket_of(struct guard_limit *l, uint64_t hash, uint32_t now)
{
	_Atomic uint64_t *first = &l->bucket[hash % (BUCKETS / WAYS) * WAYS], *best = first;
	int32_t least = INT32_MAX;

	for (unsigned i = 0; i < WAYS; i++) {
		uint64_t v = atomic_load_explicit(&first[i], memory_order_relaxed);
		int32_t debt = (int32_t)((uint32_t)v - now);

		if (v >> 40 == hash >> 40)
			return &first[i];
		if (debt < least) {
			least = debt;
			best = &first[i];
		}
	}
	return best;
}

/* Takes the credit of one response at `now` from the value `v` of a bucket. Returns the verdict. */
static enum guard_limit_verdict take(const struct guard_limit *l, uint64_t hash, uint32_t now,
				     uint64_t *v)
{
	bool is_own = *v >> 40 == hash >> 40;
	uint32_t window = l->settings.window_s * (1000000 / UNIT_US), cost = l->cost_us / UNIT_US;
	uint32_t full = is_own && (int32_t)((uint32_t)*v - now) > 0 ? (uint32_t)*v : now;
	uint8_t slips = is_own ? (uint8_t)(*v >> 32) : 0;
	enum guard_limit_verdict verdict = GUARD_LIMIT_SEND;

	if (cost == 0)
		cost = 1;
	if (full - now + cost > 1000000 / UNIT_US) { /* more than the credit of a second is taken */
		slips++;
		verdict = GUARD_LIMIT_DROP;
		if (l->settings.slip > 0 && slips >= l->settings.slip) {
			slips = 0;
			verdict = GUARD_LIMIT_SLIP;
		}
	}
	full = full - now + cost > window ? now + window : full + cost;
	*v = hash >> 40 << 40 | (uint64_t)slips << 32 | full;
	return verdict;
}

enum guard_limit_verdict guard_limit_check(struct guard_limit *l, const struct sockaddr *client,
					   uint64_t now_ms)
{
	uint32_t now = (uint32_t)(now_ms * 1000 / UNIT_US);
	enum guard_limit_verdict verdict;
	_Atomic uint64_t *bucket;
	uint64_t hash, old, new;

	if (l->cost_us == 0 || is_exempt(l, client))
		return GUARD_LIMIT_SEND;
	hash = prefix_hash(l, client);
	bucket = bucket_of(l, hash, now);
	old = atomic_load_explicit(bucket, memory_order_relaxed);
	do {
		new = old;
		verdict = take(l, hash, now, &new);
	} while (!atomic_compare_exchange_weak_explicit(bucket, &old, new, memory_order_relaxed,
							memory_order_relaxed));
	return verdict;
}

bool guard_limit_is_this_host(const struct sockaddr *client)
{
	if (client->sa_family == AF_INET)
		return ((const struct sockaddr_in *)client)->sin_addr.s_addr ==
		       htonl(INADDR_LOOPBACK);
	return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)client)->sin6_addr);
}
