/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The steady load:
 *
 * 1. All services take turns, evenly over the interval: at its first turn a service is
 *    registered, at each further one it is refreshed. Figures are counted from the third round
 *    on: by then weftd knows all services and how they are refreshed.
 * 2. Some die at their turn: they are not refreshed any more. From shortly before the end of
 *    such a lease the name is asked for every POLL_US, until it is gone.
 * 3. At its next turn after that the service is registered again.
 *
 * How late a service went is counted from when its last refresh was sent: the figure is never
 * less than the true one, and too large by the time of that refresh and up to one poll. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "lease.h"

enum {
	POLL_US = 10000,
	AHEAD_US = 30000,
	PAUSE_US = 1000,
	CLOCK_US = 3000, /* weftd counts in milliseconds, from when it began to read */
	GIVE_UP_US = 500000,
	RCODE_NXDOMAIN = 3,
	ROUNDS_BEFORE = 2
};

enum state { FRESH, ALIVE, DYING };

struct service {
	uint8_t *msg;
	uint16_t nmsg;
	uint8_t state; /* enum state */
	bool is_asked; /* DYING: a query is in flight */
	uint64_t refreshed_us;
	uint64_t ask_us;
};

struct steady {
	struct load *load;
	struct service *services;
	uint64_t position; /* turns taken */
	uint32_t *dying;   /* in the order of their ends */
	size_t first, ndying;
	double deaths_due;
	uint32_t *late_us;
	size_t nlate, late_room;
	uint64_t registered, refreshed, early, earliest_us;
	uint64_t counted_us; /* the measured time begins here */
	uint64_t end_us;
};

static int services_make(struct steady *s)
{
	struct load *l = s->load;
	uint8_t msg[MESSAGE_MAX];

	s->services = calloc(l->nservices, sizeof(*s->services));
	s->dying = calloc(l->nservices, sizeof(*s->dying));
	if (s->services == NULL || s->dying == NULL)
		return -1;
	for (uint32_t i = 0; i < l->nservices; i++) {
		struct service *v = &s->services[i];

		v->nmsg = (uint16_t)lease_registration(&l->about, i, msg);
		v->msg = malloc(v->nmsg);
		if (v->msg == NULL)
			return -1;
		for (size_t j = 0; j < v->nmsg; j++)
			v->msg[j] = msg[j];
	}
	return 0;
}

static void services_free(struct steady *s)
{
	for (uint32_t i = 0; s->services != NULL && i < s->load->nservices; i++)
		free(s->services[i].msg);
	free(s->services);
	free(s->dying);
	free(s->late_us);
}

static void send_update(struct steady *s, uint32_t i)
{
	const struct service *v = &s->services[i];
	uint8_t msg[MESSAGE_MAX + SIGNATURE_MAX];
	unsigned socket;
	uint16_t id;
	size_t n = v->nmsg;

	if (!load_next(s->load, &socket, &id))
		return;
	for (size_t j = 0; j < n; j++)
		msg[j] = v->msg[j];
	n = signer_sign(load_signer(s->load, i), msg, n, id, (uint64_t)time(NULL));
	load_send(s->load, socket, id, msg, n, LOAD_UPDATE, i);
}

static void send_query(struct steady *s, uint32_t i)
{
	uint8_t msg[MESSAGE_MAX];
	unsigned socket;
	uint16_t id;
	size_t n = lease_query(&s->load->about, i, msg);

	if (!load_next(s->load, &socket, &id))
		return;
	msg[0] = (uint8_t)(id >> 8);
	msg[1] = (uint8_t)id;
	s->services[i].is_asked = true;
	load_send(s->load, socket, id, msg, n, LOAD_QUERY, i);
}

static uint64_t end_of(const struct steady *s, const struct service *v)
{
	return v->refreshed_us + s->load->about.lease_s * 1000000ull;
}

static void gone(struct steady *s, struct service *v)
{
	uint64_t now_us = load_now_us(), end_us = end_of(s, v);

	v->state = FRESH;
	if (now_us + CLOCK_US < end_us)
		s->early++;
	if (now_us < end_us && end_us - now_us > s->earliest_us)
		s->earliest_us = end_us - now_us;
	if (s->nlate == s->late_room) {
		size_t room = s->late_room * 2 + 1024;
		uint32_t *more = reallocarray(s->late_us, room, sizeof(*more));

		if (more == NULL)
			return;
		s->late_us = more;
		s->late_room = room;
	}
	s->late_us[s->nlate++] = (uint32_t)(now_us > end_us ? now_us - end_us : 0);
}

static void on_answer(void *arg, const struct load_answer *a)
{
	struct steady *s = arg;
	struct service *v = &s->services[a->flight.service];

	if (a->flight.kind == LOAD_QUERY) {
		v->is_asked = false;
		if (v->state == DYING &&
		    (a->rcode == RCODE_NXDOMAIN || (a->rcode == 0 && a->nanswers == 0)))
			gone(s, v);
		return;
	}
	if (a->rcode != 0) {
		if (a->rcode != LOAD_RCODE_LOST)
			s->load->errors++;
		else if (v->state != DYING)
			send_update(s, a->flight.service);
		return;
	}
	if (v->state == FRESH)
		s->registered++;
	else
		s->refreshed++;
	if (v->state == FRESH)
		v->state = ALIVE;
	v->refreshed_us = a->flight.sent_us;
}

/* Returns whether the service, whose turn it is, dies now. */
static bool dies(struct steady *s, const struct service *v, double deaths_per_turn)
{
	if (v->state != ALIVE)
		return false;
	s->deaths_due += deaths_per_turn;
	/* A service whose lease would not end before the measurement does is spared. */
	if (s->deaths_due < 1 || end_of(s, v) + 2000000 > s->end_us)
		return false;
	s->deaths_due -= 1;
	return true;
}

static void take_turn(struct steady *s, double deaths_per_turn)
{
	uint32_t i = (uint32_t)(s->position++ % s->load->nservices);
	struct service *v = &s->services[i];

	if (v->state == DYING)
		return;
	if (!dies(s, v, deaths_per_turn)) {
		send_update(s, i);
		return;
	}
	v->state = DYING;
	v->ask_us = end_of(s, v) - AHEAD_US;
	s->dying[(s->first + s->ndying++) % s->load->nservices] = i;
}

/* Leases were granted in the order of turns, so they end in nearly that order. */
static void ask_dying(struct steady *s, uint64_t now_us)
{
	uint32_t n = s->load->nservices;

	while (s->ndying > 0 && s->services[s->dying[s->first]].state != DYING) {
		s->first = (s->first + 1) % n;
		s->ndying--;
	}
	for (size_t k = 0; k < s->ndying; k++) {
		uint32_t i = s->dying[(s->first + k) % n];
		struct service *v = &s->services[i];

		if (v->state != DYING)
			continue;
		if (now_us + AHEAD_US + 1000000 < v->ask_us)
			break;
		if (now_us < v->ask_us || v->is_asked)
			continue;
		send_query(s, i);
		v->ask_us = now_us + POLL_US;
	}
}

static int compare(const void *left, const void *right)
{
	uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;

	return (a > b) - (a < b);
}

static double late_ms(const struct steady *s, double part)
{
	size_t at = (size_t)(part * (double)s->nlate);

	return s->nlate == 0 ? 0 : s->late_us[at < s->nlate ? at : s->nlate - 1] / 1000.0;
}

static void report(struct steady *s, double seconds, size_t nleft)
{
	const struct load *l = s->load;

	if (s->nlate > 0)
		qsort(s->late_us, s->nlate, sizeof(*s->late_us), compare);
	printf("{\"services\": %u, \"seconds\": %.1f, \"registered\": %llu, \"refreshed\": %llu, "
	       "\"refreshes-per-s\": %.0f, \"lost\": %llu, \"errors\": %llu, \"ended\": %zu, "
	       "\"not-ended\": %zu, \"early\": %llu, "
	       "\"late-ms\": {\"p50\": %.0f, \"p99\": %.0f, \"max\": %.0f}, \"earliest-ms\": "
	       "%.1f}\n",
	       l->nservices, seconds, (unsigned long long)s->registered,
	       (unsigned long long)s->refreshed, (double)s->refreshed / seconds,
	       (unsigned long long)l->lost, (unsigned long long)l->errors, s->nlate, nleft,
	       (unsigned long long)s->early, late_ms(s, 0.5), late_ms(s, 0.99), late_ms(s, 1),
	       (double)s->earliest_us / 1000);
}

static void begin_counting(struct steady *s, uint64_t now_us)
{
	s->counted_us = now_us;
	s->refreshed = 0;
	puts("registered");
	fflush(stdout);
}

/* Sleeps for a fixed time instead of until an answer comes: on one machine, waking this process
 * would cost weftd time. */
static void pause_us(unsigned us)
{
	nanosleep(&(struct timespec){.tv_nsec = us * 1000L}, NULL);
}

static void run(struct steady *s, uint64_t start_us, double turn_us, double deaths_per_turn)
{
	uint64_t now_us = start_us, given_up_us = start_us;

	while (now_us < s->end_us) {
		while ((double)s->position * turn_us <= (double)(now_us - start_us))
			take_turn(s, deaths_per_turn);
		if (s->counted_us == 0 && s->position >= ROUNDS_BEFORE * s->load->nservices)
			begin_counting(s, now_us);
		ask_dying(s, now_us);
		pause_us(PAUSE_US);
		load_take(s->load, 0, on_answer, s);
		now_us = load_now_us();
		if (now_us > given_up_us + GIVE_UP_US) {
			load_give_up(s->load, on_answer, s);
			given_up_us = now_us;
		}
	}
}

static size_t count_left(const struct steady *s)
{
	size_t n = 0;

	for (uint32_t i = 0; i < s->load->nservices; i++)
		n += s->services[i].state == DYING;
	return n;
}

int lease_steady(struct load *l, double seconds, double interval_s, double deaths_per_s)
{
	struct steady s = {.load = l};
	uint64_t start_us;
	int status = 1;

	if (services_make(&s) == 0) {
		start_us = load_now_us();
		s.end_us = start_us + (uint64_t)((seconds + ROUNDS_BEFORE * interval_s) * 1e6);
		run(&s, start_us, interval_s * 1e6 / l->nservices,
		    deaths_per_s * interval_s / l->nservices);
		puts("done");
		report(&s, seconds, count_left(&s));
		status = 0;
	} else {
		fputs("out of memory\n", stderr);
	}
	services_free(&s);
	return status;
}
