/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "find/order.h"

#include <stdlib.h>
#include <string.h>

#include "base/checksum.h"
#include "dns/name.h"
#include "find/find.h"

/* Instances of one priority that would all have weight 0 share the first place evenly; next to
 * others they get about a hundredth of what weight 1 gets (RFC 2782: a very small chance). */
#define WEIGHT_OF_ZERO 0.01
#define LN_2 0.69314718055994530942
#define LN_LEAST 1e-12 /* instead of 0, by which it would be divided */

/* Returns which instances come first whatever their priority: those that work. */
static unsigned rank(const struct find_instance *i)
{
	static const unsigned ranks[] = {
		[DNSSD_UP] = 0,	       [DNSSD_DRAINING] = 1, [DNSSD_STARTING] = 2,
		[DNSSD_PREPARING] = 3, [DNSSD_ASSIGNED] = 4, [DNSSD_FAILED] = 5,
		[DNSSD_STOPPED] = 5,
	};

	return ranks[i->state];
}

/* By state and priority. */
static int instance_compare(const struct find_instance *a, const struct find_instance *b)
{
	if (rank(a) != rank(b))
		return rank(a) < rank(b) ? -1 : 1;
	return (a->priority > b->priority) - (a->priority < b->priority);
}

/* Sorts by state and priority, without memory. */
static void coarse_sort(struct find_instance **all, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct find_instance *moved = all[i];
		size_t at = i;

		for (; at > 0 && instance_compare(moved, all[at - 1]) < 0; at--)
			all[at] = all[at - 1];
		all[at] = moved;
	}
}

/* ---- by weight ---- */

void find_order_with(struct find_instance **all, size_t n, resolve_order_random_fn random,
		     void *arg)
{
	struct resolve_order_srv *srv = n > 1 ? malloc(n * sizeof(*srv)) : NULL;

	if (srv == NULL) {
		coarse_sort(all, n);
		return;
	}
	for (unsigned r = 0, done = 0; done < n; r++) {
		size_t k = 0;

		for (size_t i = done; i < n; i++) {
			struct find_instance *moved = all[i];

			if (rank(moved) != r)
				continue;
			memmove(&all[done + k + 1], &all[done + k], (i - done - k) * sizeof(*all));
			all[done + k] = moved;
			srv[k++] = (struct resolve_order_srv){
				.priority = moved->priority,
				.weight = moved->weight,
				.target = (const uint8_t *)moved,
			};
		}
		resolve_order_sort(srv, k, random, arg);
		for (size_t i = 0; i < k; i++)
			all[done + i] = (struct find_instance *)srv[i].target;
		done += (unsigned)k;
	}
	free(srv);
}

void find_order(struct find_instance **all, size_t n)
{
	find_order_with(all, n, resolve_order_random, NULL);
}

/* ---- by a key ---- */

struct scored {
	struct find_instance *instance;
	uint64_t hash;
	double score;
};

/* Returns -ln(x) of x = (hash + 1) / 2^64. The same on every machine, so that clients with the same
 * key agree; and without libm. */
static double minus_ln(uint64_t hash)
{
	uint64_t x = hash == UINT64_MAX ? UINT64_MAX : hash + 1;
	int zeros = __builtin_clzll(x);
	double m = (double)(x << zeros) / 9223372036854775808.0; /* 1 to 2 */
	double z = (m - 1) / (m + 1), power = z, sum = 0;

	/* ln(m) = 2 artanh(z), with z below 1/3. */
	for (int k = 1; k < 40; k += 2, power *= z * z)
		sum += power / k;
	sum = (zeros + 1) * LN_2 - 2 * sum;
	return sum > LN_LEAST ? sum : LN_LEAST;
}

static uint64_t target_hash(const struct find_instance *i, uint64_t seed)
{
	uint8_t lower[DNS_NAME_MAX + 2];
	size_t nbytes = dns_name_lower(lower, i->target);

	lower[nbytes++] = (uint8_t)(i->port >> 8);
	lower[nbytes++] = (uint8_t)i->port;
	return base_checksum(lower, nbytes, seed);
}

/* Instances have their names to be told apart by, so that one that moves keeps its clients; those
 * that are SRV records alone have target and port. */
static uint64_t instance_hash(const struct find_instance *i, uint64_t seed)
{
	uint8_t lower[DNS_NAME_MAX];
	uint64_t hash = base_checksum(lower, dns_name_lower(lower, i->name), seed);

	return i->label[0] == '\0' ? target_hash(i, hash) : hash;
}

static int hash_compare(const void *left, const void *right)
{
	const struct scored *a = left, *b = right;
	int d;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	d = dns_name_compare(a->instance->target, b->instance->target);
	return d != 0 ? d : (int)a->instance->port - (int)b->instance->port;
}

static int score_compare(const void *left, const void *right)
{
	const struct scored *a = left, *b = right;
	int d = instance_compare(a->instance, b->instance);

	if (d != 0)
		return d;
	if (a->score > b->score || a->score < b->score)
		return a->score > b->score ? -1 : 1;
	return (a->hash > b->hash) - (a->hash < b->hash);
}

void find_order_sticky(struct find_instance **all, size_t n, const void *key, size_t nbytes)
{
	struct scored *scored = n > 1 ? malloc(n * sizeof(*scored)) : NULL;
	uint64_t seed = base_checksum(key, nbytes, 0), hash_before = 0;

	if (scored == NULL) {
		coarse_sort(all, n);
		return;
	}
	for (size_t i = 0; i < n; i++)
		scored[i] =
			(struct scored){.instance = all[i], .hash = instance_hash(all[i], seed)};
	/* Further SRV records of one instance have hashes of their own. */
	qsort(scored, n, sizeof(*scored), hash_compare);
	for (size_t i = 0; i < n; i++) {
		const struct find_instance *instance = scored[i].instance;
		uint64_t hash = scored[i].hash;

		if (i > 0 && hash == hash_before)
			scored[i].hash = target_hash(instance, hash);
		hash_before = hash;
		/* The largest of -1 / (ln(x) / weight) wins with a chance in proportion to its
		 * weight. */
		scored[i].score = (instance->weight == 0 ? WEIGHT_OF_ZERO : instance->weight) /
				  minus_ln(scored[i].hash);
	}
	qsort(scored, n, sizeof(*scored), score_compare);
	for (size_t i = 0; i < n; i++)
		all[i] = scored[i].instance;
	free(scored);
}
