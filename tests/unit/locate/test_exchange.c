/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "locate/exchange.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "resolve/message.h"
#include "world.h"

enum { DEADLINE_MS = 6000 };

static const uint8_t name[] = "\2db\3lab\5cloud";
static const char *const schemes[] = {"", "tcp://"};

/* An exchange, what its owner does, and how it ended. */
static struct request {
	struct locate_exchange *exchange;
	enum locate_verdict verdict; /* of every answer */
	int write_error;
	enum { NEVER, IN_WRITE, IN_READ, IN_DONE } freed;
	unsigned nwritten, nread;
	uint16_t ids[LOCATE_ATTEMPTS_MAX];
	bool is_done;
	int error;
	uint64_t took_ms;
} request;

static struct world world;
static struct locate *locate;
static uint64_t begun_ms;

static void free_at(int when)
{
	if ((int)request.freed != when)
		return;
	locate_exchange_free(request.exchange);
	request.exchange = NULL;
	request.is_done = true;
}

static ssize_t on_write(void *arg, unsigned attempt, uint16_t id, uint8_t *out, size_t size)
{
	assert_ptr_equal(arg, &request);
	assert_true(attempt < LOCATE_ATTEMPTS_MAX);
	assert_true(size >= RESOLVE_MESSAGE_QUERY_MAX);
	request.nwritten++;
	request.ids[attempt] = id;
	if (request.write_error < 0)
		return request.write_error;
	free_at(IN_WRITE);
	return (ssize_t)resolve_message_query(out, id, name, 1);
}

static enum locate_verdict on_read(void *arg, unsigned attempt, const uint8_t *msg, size_t nbytes,
				   uint64_t now_ms)
{
	(void)arg;
	(void)now_ms;
	assert_true(nbytes >= DNS_HEADER_SIZE);
	assert_int_equal(base_load16(msg), request.ids[attempt]);
	request.nread++;
	free_at(IN_READ);
	return request.verdict;
}

static void on_done(void *arg, int error, uint64_t now_ms)
{
	(void)arg;
	assert_false(request.is_done);
	request.is_done = true;
	request.error = error;
	request.took_ms = now_ms - begun_ms;
	free_at(IN_DONE);
}

static const struct locate_exchange_calls calls = {on_write, on_read, on_done};

static void begin(size_t nservers, const char *scheme)
{
	struct locate_settings settings = {.config = ""};
	struct base_error error;
	char list[600] = "", text[512];

	world_start(&world, nservers);
	strcpy(text, world.list);
	for (char *item = strtok(text, " "); item != NULL; item = strtok(NULL, " ")) {
		strcat(list, scheme);
		strcat(list, item);
		strcat(list, " ");
	}
	settings.registry = list;
	assert_int_equal(locate_new(&locate, &world.events, &settings, &error), 0);
	request = (struct request){.verdict = LOCATE_DONE};
}

static void end(void)
{
	locate_exchange_free(request.exchange);
	locate_free(locate);
	assert_int_equal(resolve_events_deadline(&world.events), UINT64_MAX);
	world_end(&world);
}

static void run(bool is_update, bool is_large)
{
	const struct locate_exchange_options options = {.deadline_ms = world.now_ms + DEADLINE_MS,
							.is_update = is_update,
							.is_large = is_large};

	begun_ms = world.now_ms;
	assert_int_equal(locate_exchange_new(&request.exchange, locate, &options, &calls, &request),
			 0);
	assert_int_equal(request.nwritten, 0);
	assert_true(world_run(&world, &request.is_done, begun_ms + 2 * DEADLINE_MS));
}

static void an_update_goes_to_a_second_registry_only_after_a_long_silence(void **state)
{
	(void)state;
	begin(2, "");
	world.servers[0].manner = WORLD_IS_SILENT;
	run(true, false);
	assert_int_equal(request.error, 0);
	assert_in_range(request.took_ms, 1000, 1100);
	assert_in_range(world.servers[0].nudp, 1, 2);
	end();
	/* A failure is a reason, too. */
	begin(2, "");
	world_server_end(&world.servers[0]);
	run(true, false);
	assert_int_equal(request.error, 0);
	assert_int_equal(request.took_ms, 0);
	end();
}

static void a_large_message_goes_over_tcp(void **state)
{
	(void)state;
	begin(1, "");
	run(false, true);
	assert_int_equal(request.error, 0);
	assert_int_equal(world.servers[0].nudp, 0);
	assert_int_equal(world.servers[0].ntcp, 1);
	end();
}

static void what_cannot_be_written_ends_it(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		begin(2, schemes[i]);
		request.write_error = -ENOKEY;
		run(false, false);
		assert_int_equal(request.error, -ENOKEY);
		assert_int_equal(request.nwritten, 1);
		end();
	}
}

static void the_owner_may_free_it_from_within_any_call(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		for (int when = IN_WRITE; when <= IN_DONE; when++) {
			begin(2, schemes[i]);
			request.freed = (typeof(request.freed))when;
			run(false, false);
			assert_null(request.exchange);
			end();
		}
	}
}

static void no_verdict_makes_it_go_on_for_ever(void **state)
{
	static const struct {
		enum locate_verdict verdict;
		int error;
	} cases[] = {
		{LOCATE_NEXT, -EHOSTUNREACH},
		{LOCATE_AGAIN, -EHOSTUNREACH},
		{LOCATE_OVER_TCP, -EHOSTUNREACH},
	};

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		for (size_t c = 0; c < sizeof(cases) / sizeof(*cases); c++) {
			begin(2, schemes[i]);
			request.verdict = cases[c].verdict;
			run(false, false);
			assert_int_equal(request.error, cases[c].error);
			assert_int_equal(request.took_ms, 0);
			assert_true(request.nread <= 8);
			end();
		}
	}
	/* Over UDP anybody may have sent what is ignored: the answer may still come. */
	begin(1, "");
	request.verdict = LOCATE_IGNORED;
	run(false, false);
	assert_int_equal(request.error, -ETIMEDOUT);
	assert_non_null(strstr(locate_exchange_why(request.exchange), "invalid answers ignored"));
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_update_goes_to_a_second_registry_only_after_a_long_silence),
		cmocka_unit_test(a_large_message_goes_over_tcp),
		cmocka_unit_test(what_cannot_be_written_ends_it),
		cmocka_unit_test(the_owner_may_free_it_from_within_any_call),
		cmocka_unit_test(no_verdict_makes_it_go_on_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
