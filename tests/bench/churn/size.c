/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* What an update costs in a type of l->nservices instances. All of them are registered; then
 * come rounds, in which each of the `window` slots sends its next update when the last was
 * answered:
 *
 * 1. join: one more instance, a slot's own, is registered and removed, in turns. It is the last
 *    in the order of SRVs;
 * 2. best: likewise, but the instance is the first, so that it enters the set at the type and
 *    leaves it;
 * 3. port: existing instances, each of one slot, get another port in turn. */
#include <stdio.h>

#include "churn.h"

enum { WAIT_US = 100000, GIVE_UP_US = 500000 };

enum phase { FILL, JOIN, BEST, PORT };

struct size {
	struct load *load;
	enum phase phase;
	unsigned window;
	uint32_t ninstances, sent, count;
	uint64_t errors;
};

static void send_step(struct size *s, uint32_t slot, uint32_t step)
{
	const struct subject *about = &s->load->about;
	uint8_t msg[MESSAGE_MAX + SIGNATURE_MAX];
	struct churn_service v = {.node = 1, .port = 1024, .inc = 1};
	size_t n;

	switch (s->phase) {
	case FILL:
		v.id = step;
		v.port = (uint16_t)(1024 + step);
		n = churn_register(about, &v, msg);
		break;
	case JOIN:
	case BEST:
		v.port = (uint16_t)(s->phase == BEST ? 1 + slot : 60000 + slot);
		v.id = s->ninstances + slot;
		n = step % 2 == 0 ? churn_register(about, &v, msg) : churn_remove(about, &v, msg);
		break;
	default:
		v.id = (slot + step * s->window) % s->ninstances;
		v.port = (uint16_t)(10000 + step);
		n = churn_readdress(about, &v, msg);
	}
	/* The number of a message gives its slot and step. */
	if (churn_send(s->load, msg, n, v.id, s->phase == FILL ? step : slot + step * s->window))
		s->sent++;
}

static void on_answer(void *arg, const struct load_answer *a)
{
	struct size *s = arg;
	uint32_t slot = a->flight.service % s->window, step = a->flight.service / s->window;

	if (a->rcode != 0 && s->errors++ == 0)
		fprintf(stderr, "update %u: rcode %u\n", a->flight.service, a->rcode);
	if (s->phase == FILL) {
		if (s->sent < s->count)
			send_step(s, 0, s->sent);
		return;
	}
	/* All instances that joined are removed again. */
	if (s->sent < s->count || (s->phase != PORT && step % 2 == 0))
		send_step(s, slot, step + 1);
}

static double run(struct size *s, enum phase phase, uint32_t count)
{
	uint64_t start_us = load_now_us(), given_up_us = start_us;

	s->phase = phase;
	s->sent = 0;
	s->count = count;
	for (uint32_t slot = 0; slot < s->window && s->sent < count; slot++)
		send_step(s, slot, phase == FILL ? slot : 0);
	while (s->load->in_flight > 0) {
		load_take(s->load, WAIT_US, on_answer, s);
		if (load_now_us() > given_up_us + GIVE_UP_US) {
			load_give_up(s->load, on_answer, s);
			given_up_us = load_now_us();
		}
	}
	return (double)(load_now_us() - start_us) / 1e6;
}

static void run_round(struct size *s, enum phase phase, const char *name, unsigned window,
		      uint32_t count)
{
	char line[60];
	double seconds;

	s->window = window;
	snprintf(line, sizeof(line), "begin %s-%u", name, window);
	churn_tell(line);
	seconds = run(s, phase, count);
	snprintf(line, sizeof(line), "end %s-%u %u %.6f", name, window, s->sent, seconds);
	churn_tell(line);
}

int churn_size(struct load *l, unsigned window, uint32_t count)
{
	struct size s = {.load = l, .window = 64, .ninstances = l->nservices};

	run(&s, FILL, l->nservices);
	run_round(&s, JOIN, "join", window, count);
	run_round(&s, JOIN, "join", 1, count / 8);
	run_round(&s, BEST, "best", window, count);
	run_round(&s, BEST, "best", 1, count / 8);
	run_round(&s, PORT, "port", window, count);
	run_round(&s, PORT, "port", 1, count / 8);
	return s.errors > 0;
}
