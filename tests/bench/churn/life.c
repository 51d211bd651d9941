/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Services that live:
 *
 * 1. All are registered, with at most `window` updates in flight.
 * 2. They take turns, evenly over the interval. At most turns a service is refreshed; at the
 *    others it changes: it moves to another node and port, gets another state, is removed, or
 *    dies, that is, is not refreshed any more. A service that is away comes back at a random
 *    turn. A service that moves or comes back has the next incarnation in its TXT.
 * 3. At the end each is asked for: a service that lives must be found, and one that has been
 *    away for long enough must not. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "churn.h"
#include "histogram.h"

enum {
	WAIT_US = 100000,
	PAUSE_US = 1000,
	GIVE_UP_US = 500000,
	CATCH_UP = 256,	    /* turns in a row, at most */
	SLACK_US = 2000000, /* how late a lease may end, or how long an answer may take */
	RCODES = 16,
	RCODE_NXDOMAIN = 3
};

enum stage { AWAY, ALIVE };

struct life {
	struct churn_service v;
	uint8_t stage; /* enum stage */
	bool is_sent;  /* an update is in flight; the stage changes with its answer */
	bool is_sure;  /* the last update was answered */
	uint64_t sent_us;
	uint64_t back_us; /* AWAY: the time before which it does not come back */
	uint64_t gone_us; /* AWAY: the time by which the lease has ended */
};

struct churn {
	struct load *load;
	struct life *lives;
	double changes;
	uint64_t position; /* turns taken */
	uint32_t nwrong, nchecked;
	uint64_t refreshed, moved, restated, removed, died, returned, late;
	uint64_t rcode[RCODES];
	struct histogram took;
};

static double dice(void)
{
	return (double)random() / ((double)RAND_MAX + 1);
}

static void send_life(struct churn *c, uint32_t i, bool is_removal)
{
	const struct subject *about = &c->load->about;
	struct life *l = &c->lives[i];
	uint8_t msg[MESSAGE_MAX + SIGNATURE_MAX];
	size_t n = is_removal ? churn_remove(about, &l->v, msg) : churn_register(about, &l->v, msg);

	l->stage = is_removal ? AWAY : ALIVE;
	l->is_sure = false;
	l->is_sent = churn_send(c->load, msg, n, i, i);
	l->sent_us = load_now_us();
}

static void place(struct life *l)
{
	l->v.node = (uint16_t)(random() % CHURN_NODES);
	l->v.port = (uint16_t)(1024 + random() % 60000);
	l->v.inc++;
}

static void leave(struct churn *c, struct life *l, bool is_removed)
{
	uint64_t lease_us = c->load->about.lease_s * 1000000ull, now_us = load_now_us();

	l->gone_us = (is_removed ? now_us : l->sent_us + lease_us) + SLACK_US;
	l->back_us = now_us + (uint64_t)(dice() * 2 * (double)lease_us);
}

/* Makes a change: half of them are moves, a quarter are another state, the others end the
 * service. */
static void change(struct churn *c, uint32_t i)
{
	struct life *l = &c->lives[i];
	double how = dice();

	if (how < 0.5) {
		place(l);
		c->moved++;
	} else if (how < 0.75) {
		/* The state up comes as often as all others together. */
		l->v.state = l->v.state == CHURN_UP ? (uint8_t)(1 + random() % (CHURN_STATES - 1))
						    : (uint8_t)CHURN_UP;
		c->restated++;
	} else if (how < 0.87) {
		send_life(c, i, true);
		leave(c, l, true);
		c->removed++;
		return;
	} else {
		l->stage = AWAY;
		leave(c, l, false);
		c->died++;
		return;
	}
	send_life(c, i, false);
}

static void take_turn(struct churn *c)
{
	uint32_t i = (uint32_t)(c->position++ % c->load->nservices);
	struct life *l = &c->lives[i];

	if (l->is_sent)
		return;
	if (l->stage == AWAY) {
		if (load_now_us() < l->back_us)
			return;
		place(l);
		l->v.state = CHURN_UP;
		c->returned++;
	} else if (dice() < c->changes) {
		change(c, i);
		return;
	} else {
		c->refreshed++;
	}
	send_life(c, i, false);
}

static void update_answered(struct churn *c, struct life *l, const struct load_answer *a)
{
	l->is_sent = false;
	if (a->rcode == LOAD_RCODE_LOST) {
		/* A service that was to be removed ends with its lease. */
		l->gone_us = l->sent_us + c->load->about.lease_s * 1000000ull + SLACK_US;
		return;
	}
	l->is_sure = a->rcode == 0;
	histogram_add(&c->took, load_now_us() - a->flight.sent_us);
	if (a->rcode != 0 && c->rcode[a->rcode % RCODES] == 0)
		fprintf(stderr, "service %u: rcode %u\n", a->flight.service, a->rcode);
	c->rcode[a->rcode % RCODES]++;
}

/* Returns whether the answer about a service is right. */
static bool is_right(const struct churn *c, const struct life *l, const struct load_answer *a)
{
	uint64_t lease_us = c->load->about.lease_s * 1000000ull, now_us = load_now_us();
	bool is_there = a->rcode == 0 && a->nanswers > 0;

	if (a->rcode != 0 && a->rcode != RCODE_NXDOMAIN)
		return false;
	if (l->stage == ALIVE)
		return is_there || !l->is_sure || now_us + SLACK_US > l->sent_us + lease_us;
	return !is_there || now_us < l->gone_us;
}

static void on_answer(void *arg, const struct load_answer *a)
{
	struct churn *c = arg;
	struct life *l = &c->lives[a->flight.service];

	if (a->flight.kind == LOAD_UPDATE) {
		update_answered(c, l, a);
		return;
	}
	c->nchecked += a->rcode != LOAD_RCODE_LOST;
	if (a->rcode == LOAD_RCODE_LOST || is_right(c, l, a))
		return;
	if (c->nwrong++ == 0)
		fprintf(stderr, "service %u of type %u: rcode %u, %u answers, but it is %s\n",
			l->v.id, l->v.type, a->rcode, a->nanswers,
			l->stage == ALIVE ? "alive" : "away");
}

static void ask(struct churn *c, uint32_t i)
{
	uint8_t msg[MESSAGE_MAX];
	size_t n = churn_query(&c->load->about, &c->lives[i].v, CHURN_ASK_SRV, msg);
	unsigned socket;
	uint16_t id;

	if (!load_next(c->load, &socket, &id))
		return;
	base_store16(msg, id);
	load_send(c->load, socket, id, msg, n, LOAD_QUERY, i);
}

static void take_answers(struct churn *c, uint64_t wait_us, uint64_t *given_up_us)
{
	uint64_t now_us;

	load_take(c->load, wait_us, on_answer, c);
	now_us = load_now_us();
	if (now_us > *given_up_us + GIVE_UP_US) {
		load_give_up(c->load, on_answer, c);
		*given_up_us = now_us;
	}
}

/* Sends one message for each service: its registration, or the query at the end. */
static void run_all(struct churn *c, unsigned window, void (*step)(struct churn *c, uint32_t i))
{
	uint64_t given_up_us = load_now_us();
	uint32_t next = 0;

	while (next < c->load->nservices || c->load->in_flight > 0) {
		for (; next < c->load->nservices && c->load->in_flight < window; next++)
			step(c, next);
		take_answers(c, WAIT_US, &given_up_us);
	}
}

static void register_one(struct churn *c, uint32_t i)
{
	place(&c->lives[i]);
	send_life(c, i, false);
}

/* Sleeps for a fixed time instead of until an answer comes: on one machine, waking this process
 * would cost weftd time. */
static void pause_us(unsigned us)
{
	nanosleep(&(struct timespec){.tv_nsec = us * 1000L}, NULL);
}

static void run_turns(struct churn *c, double seconds, double turn_us)
{
	uint64_t start_us = load_now_us(), now_us = start_us, given_up_us = start_us;
	uint64_t end_us = start_us + (uint64_t)(seconds * 1e6);

	while (now_us < end_us) {
		double due = (double)(now_us - start_us) / turn_us;

		for (unsigned i = 0; i < CATCH_UP && (double)c->position < due; i++)
			take_turn(c);
		pause_us(PAUSE_US);
		take_answers(c, 0, &given_up_us);
		now_us = load_now_us();
	}
	c->late = (uint64_t)((double)(end_us - start_us) / turn_us) - c->position;
	while (c->load->in_flight > 0)
		take_answers(c, WAIT_US, &given_up_us);
}

static void report_rcodes(const struct churn *c)
{
	printf("{");
	for (unsigned i = 0, n = 0; i < RCODES; i++)
		if (c->rcode[i] > 0)
			printf("%s\"%u\": %llu", n++ > 0 ? ", " : "", i,
			       (unsigned long long)c->rcode[i]);
	printf("}");
}

static void report(const struct churn *c, double seconds)
{
	uint64_t updates = c->took.total;

	printf("{\"services\": %u, \"types\": %u, \"seconds\": %.1f, \"updates\": %llu, "
	       "\"updates-per-s\": %.0f, \"refreshed\": %llu, \"moved\": %llu, \"restated\": %llu, "
	       "\"removed\": %llu, \"died\": %llu, \"returned\": %llu, \"turns-late\": %llu, "
	       "\"lost\": %llu, \"checked\": %u, \"wrong\": %u, \"rcodes\": ",
	       c->load->nservices, c->lives[c->load->nservices - 1].v.type + 1, seconds,
	       (unsigned long long)updates, (double)updates / seconds,
	       (unsigned long long)c->refreshed, (unsigned long long)c->moved,
	       (unsigned long long)c->restated, (unsigned long long)c->removed,
	       (unsigned long long)c->died, (unsigned long long)c->returned,
	       (unsigned long long)c->late, (unsigned long long)c->load->lost, c->nchecked,
	       c->nwrong);
	report_rcodes(c);
	printf(", \"update-latency-ms\": ");
	histogram_print(&c->took);
	puts("}");
}

static int lives_make(struct churn *c)
{
	uint32_t n = c->load->nservices;
	struct churn_service *services = calloc(n, sizeof(*services));

	c->lives = calloc(n, sizeof(*c->lives));
	if (services == NULL || c->lives == NULL) {
		free(services);
		return -1;
	}
	churn_types(services, n);
	for (uint32_t i = 0; i < n; i++)
		c->lives[i].v = services[i];
	free(services);
	return 0;
}

int churn_life(struct load *l, unsigned window, double seconds, double interval_s, double changes)
{
	struct churn c = {.load = l, .changes = changes};
	uint64_t start_us = load_now_us();
	char line[60];
	int status = 1;

	if (histogram_init(&c.took) < 0 || lives_make(&c) < 0) {
		fputs("out of memory\n", stderr);
		goto out;
	}
	run_all(&c, window, register_one);
	snprintf(line, sizeof(line), "registered %.0f",
		 l->nservices * 1e6 / (double)(load_now_us() - start_us));
	churn_tell(line);
	histogram_clear(&c.took);
	run_turns(&c, seconds, interval_s * 1e6 / l->nservices);
	churn_tell("churned");
	run_all(&c, window, ask);
	report(&c, seconds);
	/* A few answers may be lost, as on a network. */
	status = c.nwrong > 0 || l->lost * 100 > l->sent;
	for (unsigned i = 1; i < RCODES; i++)
		status |= c.rcode[i] > 0;
out:
	histogram_fini(&c.took);
	free(c.lives);
	return status;
}
