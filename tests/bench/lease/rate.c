/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* How fast refreshes of registered services are answered, and how fast signed queries for the
 * same names: in turns, some rounds of each. All messages of a round are signed before its clock
 * starts; at most `window` of them are in flight at a time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lease.h"

enum { WAIT_US = 100000, GIVE_UP_US = 500000, ROUNDS_MAX = 50 };

/* Messages that are ready to be sent. */
struct volley {
	uint8_t *bytes;
	size_t *at; /* count + 1 */
	uint16_t *id;
	uint8_t *socket;
	uint32_t count;
};

struct blast {
	struct load *load;
	uint64_t errors;
};

static void volley_free(struct volley *v)
{
	free(v->bytes);
	free(v->at);
	free(v->id);
	free(v->socket);
}

static int volley_alloc(struct volley *v, uint32_t count)
{
	v->count = count;
	v->bytes = malloc((size_t)count * (MESSAGE_MAX + SIGNATURE_MAX) / 2);
	v->at = calloc(count + 1u, sizeof(*v->at));
	v->id = calloc(count, sizeof(*v->id));
	v->socket = calloc(count, 1);
	return v->bytes == NULL || v->at == NULL || v->id == NULL || v->socket == NULL ? -1 : 0;
}

/* Fills the batch with signed messages about the services in turn. Each message takes less than
 * half of the room for one. */
static void volley_fill(struct volley *v, const struct load *l, enum load_kind kind)
{
	for (uint32_t i = 0; i < v->count; i++) {
		uint32_t service = i % l->nservices;
		uint8_t msg[MESSAGE_MAX + SIGNATURE_MAX];
		size_t n = kind == LOAD_UPDATE ? lease_registration(&l->about, service, msg)
					       : lease_query(&l->about, service, msg);

		v->socket[i] = (uint8_t)(i % LOAD_SOCKETS);
		v->id[i] = (uint16_t)(i / LOAD_SOCKETS);
		n = signer_sign(load_signer(l, service), msg, n, v->id[i], (uint64_t)time(NULL));
		memcpy(v->bytes + v->at[i], msg, n);
		v->at[i + 1] = v->at[i] + n;
	}
}

static void on_answer(void *arg, const struct load_answer *a)
{
	struct blast *b = arg;

	if (a->rcode != 0)
		b->errors++;
	if (a->rcode != 0 && b->errors == 1)
		fprintf(stderr, "service %u: rcode %u\n", a->flight.service, a->rcode);
}

/* Sends all messages, `window` at a time. Returns the seconds that it took. */
static double volley_send(const struct volley *v, struct load *l, struct blast *b,
			  enum load_kind kind, unsigned window)
{
	uint64_t start_us = load_now_us(), given_up_us = start_us, now_us;
	uint32_t next = 0;

	while (next < v->count || l->in_flight > 0) {
		for (; next < v->count && l->in_flight < window; next++)
			load_send(l, v->socket[next], v->id[next], v->bytes + v->at[next],
				  v->at[next + 1] - v->at[next], kind, next % l->nservices);
		load_take(l, WAIT_US, on_answer, b);
		now_us = load_now_us();
		if (now_us > given_up_us + GIVE_UP_US) {
			load_give_up(l, on_answer, b);
			given_up_us = now_us;
		}
	}
	return (double)(load_now_us() - start_us) / 1e6;
}

static int compare(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return (a > b) - (a < b);
}

static double median(double *values, unsigned n)
{
	qsort(values, n, sizeof(*values), compare);
	return values[n / 2];
}

/* The script that started this program reads weftd's CPU time at these lines. */
static void tell(const char *what, enum load_kind kind)
{
	printf("%s %s\n", what, kind == LOAD_UPDATE ? "refreshes" : "queries");
	fflush(stdout);
}

static double round_run(struct volley *v, struct load *l, struct blast *b, enum load_kind kind,
			unsigned window)
{
	double seconds;

	volley_fill(v, l, kind);
	tell("begin", kind);
	seconds = volley_send(v, l, b, kind, window);
	tell("end", kind);
	return v->count / seconds;
}

int lease_rate(struct load *l, unsigned window, uint32_t count, unsigned rounds)
{
	double refreshes[ROUNDS_MAX], queries[ROUNDS_MAX];
	struct blast b = {.load = l};
	struct volley first = {0}, v = {0};
	int status = 1;

	if (rounds > ROUNDS_MAX)
		rounds = ROUNDS_MAX;
	if (volley_alloc(&first, l->nservices) < 0 || volley_alloc(&v, count) < 0) {
		fputs("out of memory\n", stderr);
		goto out;
	}
	/* Each service is registered and refreshed once in advance: the first refresh is not
	 * measured. */
	round_run(&first, l, &b, LOAD_UPDATE, window);
	round_run(&first, l, &b, LOAD_UPDATE, window);
	for (unsigned i = 0; i < rounds; i++) {
		refreshes[i] = round_run(&v, l, &b, LOAD_UPDATE, window);
		queries[i] = round_run(&v, l, &b, LOAD_QUERY, window);
	}
	puts("done");
	printf("{\"services\": %u, \"window\": %u, \"rounds\": %u, \"refreshes-per-s\": %.0f, "
	       "\"signed-queries-per-s\": %.0f, \"lost\": %llu, \"errors\": %llu}\n",
	       l->nservices, window, rounds, median(refreshes, rounds), median(queries, rounds),
	       (unsigned long long)l->lost, (unsigned long long)b.errors);
	status = 0;
out:
	volley_free(&first);
	volley_free(&v);
	return status;
}
