/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../memory.h"
#include "base/error.h"
#include "dns/type.h"
#include "locate/ask.h"
#include "world.h"

enum { FIVE_S = 5000 };

static const uint8_t name[] = "\2db\3lab\5cloud";

/* A question, and how it ended. */
struct question {
	struct locate_ask *ask;
	bool is_done, was_refused, has_refusal;
	int error;
	uint8_t server; /* the last octet of the address in the answer */
	uint64_t took_ms;
	char why[512];
};

static struct world world;
static struct locate *locate;
static uint64_t begun_ms;

static void on_answer(void *arg, struct resolve_answer *answer, int error, const char *why,
		      uint64_t now_ms)
{
	struct question *q = arg;
	struct resolve_answer_record *r = test_malloc(sizeof(*r));

	assert_false(q->is_done);
	q->is_done = true;
	q->error = error;
	q->was_refused = locate_ask_was_refused(q->ask);
	q->took_ms = now_ms - begun_ms;
	assert_int_equal(answer == NULL, error != 0);
	snprintf(q->why, sizeof(q->why), "%s", why);
	if (answer != NULL && resolve_message_next(answer, r))
		q->server = r->rdata[3];
	test_free(r);
	q->has_refusal = locate_ask_has_refusal(q->ask);
	locate_ask_free(q->ask);
	q->ask = NULL;
}

static void begin(size_t nservers, const char *scheme)
{
	struct locate_settings settings = {.config = ""};
	struct base_error error;
	char list[600] = "", text[512];

	world_start(&world, nservers);
	strcpy(text, world.list);
	for (char *item = strtok(text, " "); item != NULL; item = strtok(NULL, " "))
		sprintf(list + strlen(list), "%s%s ", scheme, item);
	settings.registry = list;
	assert_int_equal(locate_new(&locate, &world.events, &settings, &error), 0);
}

static void end(void)
{
	locate_free(locate);
	assert_int_equal(resolve_events_deadline(&world.events), UINT64_MAX);
	world_end(&world);
}

/* Asks, and waits until it is over. */
static struct question ask(void)
{
	struct question q = {0};

	begun_ms = world.now_ms;
	assert_int_equal(locate_ask_new(&q.ask, locate, name, DNS_TYPE_A, world.now_ms + FIVE_S,
					on_answer, &q),
			 0);
	assert_true(world_run(&world, &q.is_done, world.now_ms + 2 * FIVE_S));
	return q;
}

static const char *const schemes[] = {"", "tcp://"};

static void the_first_registry_is_asked(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct question q;

		begin(2, schemes[i]);
		q = ask();
		assert_int_equal(q.error, 0);
		assert_int_equal(q.server, 1);
		assert_non_null(strstr(q.why, "127.0.0.1@"));
		assert_int_equal(world.servers[1].nudp + world.servers[1].ntcp, 0);
		end();
	}
}

static void another_registry_answers_if_the_first_does_not(void **state)
{
	static const struct {
		enum world_manner manner;
		const char *why; /* NULL: it answers itself */
	} cases[] = {
		{WORLD_IS_SILENT, ""},	   {WORLD_REFUSES, ""},	     {WORLD_FAILS, ""},
		{WORLD_LACKS_EDNS, NULL},  {WORLD_TRUNCATES, NULL},  {WORLD_MISTAKES_ID, ""},
		{WORLD_MISTAKES_NAME, ""}, {WORLD_IS_CUT_SHORT, ""}, {WORLD_RAVES, ""},
	};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		for (size_t c = 0; c < sizeof(cases) / sizeof(*cases); c++) {
			struct question q;

			begin(2, schemes[i]);
			world.servers[0].manner = cases[c].manner;
			q = ask();
			assert_int_equal(q.error, 0);
			assert_int_equal(q.server, cases[c].why == NULL ? 1 : 2);
			assert_true(q.took_ms <= 300);
			end();
		}
	}
}

static void a_closed_port_costs_nothing(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		struct question q;

		begin(2, schemes[i]);
		world_server_end(&world.servers[0]);
		q = ask();
		assert_int_equal(q.server, 2);
		assert_int_equal(q.took_ms, 0);
		end();
	}
}

static void a_silent_registry_that_was_fast_costs_little_and_only_once(void **state)
{
	struct question q;
	size_t n;

	(void)state;
	begin(2, "");
	assert_int_equal(ask().server, 1);
	world.servers[0].manner = WORLD_IS_SILENT;
	q = ask();
	assert_int_equal(q.server, 2);
	assert_in_range(q.took_ms, 20, 30);
	assert_int_equal(locate_registries(locate, &n)[1].health, LOCATE_FAILED);
	assert_int_equal(ask().took_ms, 0);
	end();
}

static void a_better_registry_is_used_again_when_it_answers_again(void **state)
{
	bool never = false;

	(void)state;
	begin(2, "");
	world.servers[0].manner = WORLD_REFUSES;
	world_server_end(&world.servers[0]);
	assert_int_equal(ask().server, 2);
	assert_int_equal(ask().server, 2);
	end();
	begin(2, "");
	world.servers[0].manner = WORLD_IS_SILENT;
	assert_int_equal(ask().server, 2);
	world.servers[0].manner = WORLD_ANSWERS;
	assert_int_equal(ask().server, 2);
	world_run(&world, &never, world.now_ms + 2000);
	assert_int_equal(ask().server, 2); /* and the first one is probed */
	world_run(&world, &never, world.now_ms + 1);
	assert_int_equal(ask().server, 1);
	end();
}

static void a_lost_datagram_is_sent_again(void **state)
{
	struct question q = {0};
	bool never = false;

	(void)state;
	begin(1, "");
	world.servers[0].manner = WORLD_IS_SILENT;
	begun_ms = world.now_ms;
	assert_int_equal(locate_ask_new(&q.ask, locate, name, DNS_TYPE_A, world.now_ms + FIVE_S,
					on_answer, &q),
			 0);
	world_run(&world, &never, world.now_ms + 100);
	assert_int_equal(world.servers[0].nudp, 1);
	world.servers[0].manner = WORLD_ANSWERS;
	assert_true(world_run(&world, &q.is_done, world.now_ms + FIVE_S));
	assert_int_equal(q.server, 1);
	assert_int_equal(world.servers[0].nudp, 2);
	assert_in_range(q.took_ms, 300, 600);
	end();
}

static void the_deadline_is_kept_and_all_are_asked_at_growing_intervals(void **state)
{
	struct question q;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		begin(3, schemes[i]);
		for (unsigned s = 0; s < 3; s++)
			world.servers[s].manner = WORLD_IS_SILENT;
		q = ask();
		assert_int_equal(q.error, -ETIMEDOUT);
		assert_int_equal(q.took_ms, FIVE_S);
		assert_non_null(strstr(q.why, "no answer"));
		for (unsigned s = 0; s < 3; s++)
			assert_in_range(world.servers[s].nudp + world.servers[s].ntcp, 2, 5);
		end();
	}
}

static void a_failure_of_all_is_explained(void **state)
{
	struct question q;

	(void)state;
	begin(2, "");
	world_server_end(&world.servers[0]);
	world.servers[1].manner = WORLD_REFUSES;
	q = ask();
	assert_int_equal(q.error, -EHOSTUNREACH);
	assert_int_equal(q.took_ms, 0);
	assert_non_null(strstr(q.why, "Connection refused; "));
	assert_non_null(strstr(q.why, ": REFUSED"));
	assert_false(q.was_refused); /* the other one may have an answer */
	assert_true(q.has_refusal);
	world_server_end(&world.servers[1]);
	assert_false(ask().has_refusal);
	end();

	begin(2, "");
	world.servers[0].manner = world.servers[1].manner = WORLD_REFUSES;
	q = ask();
	assert_int_equal(q.error, -EHOSTUNREACH);
	assert_true(q.was_refused);
	end();
}

static void one_that_refuses_all_costs_a_round_trip_only_now_and_then(void **state)
{
	bool never = false;

	(void)state;
	begin(2, "");
	world.servers[0].manner = WORLD_REFUSES;
	for (unsigned i = 0; i < 20; i++)
		assert_int_equal(ask().server, 2);
	assert_int_equal(world.servers[0].nudp, 4);
	world_run(&world, &never, world.now_ms + 60001);
	for (unsigned i = 0; i < 20; i++)
		assert_int_equal(ask().server, 2);
	assert_int_equal(world.servers[0].nudp, 5);
	/* It is asked all the same when the other one has failed, and has its place again. */
	world.servers[0].manner = WORLD_ANSWERS;
	world_server_end(&world.servers[1]);
	assert_int_equal(ask().server, 1);
	end();
}

static void a_connection_is_shared_and_used_again_and_closed_when_idle(void **state)
{
	struct question q[3] = {0};
	bool never = false;

	(void)state;
	begin(1, "tcp://");
	begun_ms = world.now_ms;
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(locate_ask_new(&q[i].ask, locate, name, DNS_TYPE_A,
						world.now_ms + FIVE_S, on_answer, &q[i]),
				 0);
	for (unsigned i = 0; i < 3; i++)
		assert_true(world_run(&world, &q[i].is_done, world.now_ms + FIVE_S));
	assert_int_equal(ask().server, 1);
	assert_int_equal(world.servers[0].naccepted, 1);
	assert_int_equal(world.servers[0].ntcp, 4);
	world_run(&world, &never, world.now_ms + FIVE_S + 1);
	assert_int_equal(ask().server, 1);
	assert_int_equal(world.servers[0].naccepted, 2);
	end();
}

static void a_connection_that_was_closed_when_idle_is_made_again(void **state)
{
	struct question q;

	(void)state;
	begin(2, "tcp://");
	assert_int_equal(ask().server, 1);
	world.servers[0].manner = WORLD_CLOSES;
	q = ask();
	assert_int_equal(q.server, 2);
	assert_int_equal(q.took_ms, 0);
	assert_int_equal(world.servers[0].naccepted, 2);
	end();
}

static void a_question_can_be_ended_at_any_time(void **state)
{
	struct question q = {0};
	bool never = false;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		for (unsigned ms = 0; ms < 1000; ms += 100) {
			begin(2, schemes[i]);
			world.servers[0].manner = world.servers[1].manner = WORLD_IS_SILENT;
			assert_int_equal(locate_ask_new(&q.ask, locate, name, DNS_TYPE_A,
							world.now_ms + FIVE_S, on_answer, &q),
					 0);
			if (ms > 0)
				world_run(&world, &never, world.now_ms + ms);
			locate_ask_free(q.ask);
			end();
		}
	}
}

static void short_memory_is_an_error_and_loses_nothing(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		for (int n = 0;; n++) {
			struct question q = {0};

			begin(2, schemes[i]);
			begun_ms = world.now_ms;
			memory_fail_after(n);
			if (locate_ask_new(&q.ask, locate, name, DNS_TYPE_A, world.now_ms + FIVE_S,
					   on_answer, &q) == 0)
				assert_true(
					world_run(&world, &q.is_done, world.now_ms + 2 * FIVE_S));
			memory_fail_after(MEMORY_ENOUGH);
			end();
			if (!memory_has_failed())
				break;
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_registry_is_asked),
		cmocka_unit_test(another_registry_answers_if_the_first_does_not),
		cmocka_unit_test(a_closed_port_costs_nothing),
		cmocka_unit_test(a_silent_registry_that_was_fast_costs_little_and_only_once),
		cmocka_unit_test(a_better_registry_is_used_again_when_it_answers_again),
		cmocka_unit_test(a_lost_datagram_is_sent_again),
		cmocka_unit_test(the_deadline_is_kept_and_all_are_asked_at_growing_intervals),
		cmocka_unit_test(a_failure_of_all_is_explained),
		cmocka_unit_test(one_that_refuses_all_costs_a_round_trip_only_now_and_then),
		cmocka_unit_test(a_connection_is_shared_and_used_again_and_closed_when_idle),
		cmocka_unit_test(a_connection_that_was_closed_when_idle_is_made_again),
		cmocka_unit_test(a_question_can_be_ended_at_any_time),
		cmocka_unit_test(short_memory_is_an_error_and_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
