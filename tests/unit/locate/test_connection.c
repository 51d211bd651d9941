/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "locate/connection.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dns/type.h"
#include "resolve/message.h"
#include "world.h"

enum { CALLS = LOCATE_PIPELINE_MAX + 2 };

static const uint8_t name[] = "\2db\3lab\5cloud";

/* A call, and what came of it. */
struct request {
	struct locate_call call;
	bool is_answered, is_ended;
	int error;
};

static struct world world;
static struct locate_connections connections;
static unsigned nover;
static bool are_over;
static unsigned nexpected;

static void over(void)
{
	are_over = ++nover == nexpected;
}

static void send_query(struct request *r)
{
	uint8_t msg[RESOLVE_MESSAGE_QUERY_MAX];
	size_t n = resolve_message_query(msg, r->call.id, name, DNS_TYPE_A);

	assert_int_equal(locate_call_send(&r->call, msg, n), 0);
}

static void on_open(void *arg, uint64_t now_ms)
{
	(void)now_ms;
	send_query(arg);
}

static void on_message(void *arg, const uint8_t *msg, size_t nbytes, uint64_t now_ms)
{
	struct request *r = arg;

	(void)now_ms;
	assert_true(nbytes >= DNS_HEADER_SIZE);
	assert_int_equal(base_load16(msg), r->call.id);
	assert_false(r->is_answered);
	r->is_answered = true;
	locate_call_end(&r->call, false);
	over();
}

static void on_end(void *arg, int error, const char *why, uint64_t now_ms)
{
	struct request *r = arg;

	(void)now_ms;
	assert_non_null(why);
	r->is_ended = true;
	r->error = error;
	over();
}

static const struct locate_call_fns fns = {on_open, on_message, on_end};

static void requests_begin(struct request *r, unsigned n)
{
	nover = 0;
	nexpected = n;
	are_over = false;
	for (unsigned i = 0; i < n; i++) {
		int ret;

		r[i] = (struct request){.call = {.fns = &fns, .arg = &r[i]}};
		ret = locate_call_begin(&connections, &r[i].call, &world.servers[0].endpoint);
		assert_in_range(ret, 0, 1);
		if (ret == 1)
			send_query(&r[i]);
	}
}

static int set_up(void **state)
{
	(void)state;
	world_start(&world, 1);
	locate_connections_init(&connections, &world.events, NULL);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	locate_connections_fini(&connections);
	assert_int_equal(resolve_events_deadline(&world.events), UINT64_MAX);
	world_end(&world);
	return 0;
}

static void requests_share_a_connection_up_to_a_limit(void **state)
{
	struct request *r = test_calloc(CALLS, sizeof(*r));

	(void)state;
	requests_begin(r, CALLS);
	/* So often that one in a connection would get the id of another one by chance. */
	for (unsigned i = 0; i < 20000; i++)
		locate_call_renew(&r[i % CALLS].call);
	for (unsigned i = 0; i < CALLS; i++)
		for (unsigned k = i + 1; k < CALLS; k++)
			assert_true(r[i].call.connection != r[k].call.connection ||
				    r[i].call.id != r[k].call.id);
	assert_true(world_run(&world, &are_over, world.now_ms + 1000));
	for (unsigned i = 0; i < CALLS; i++)
		assert_true(r[i].is_answered);
	assert_int_equal(world.servers[0].naccepted, 2);
	test_free(r);
}

static void a_peer_that_raves_does_not_keep_a_connection(void **state)
{
	bool never = false;
	struct request r;

	(void)state;
	world.servers[0].manner = WORLD_RAVES;
	requests_begin(&r, 1);
	assert_true(world_run(&world, &are_over, world.now_ms + 1000));
	assert_true(r.is_ended);
	assert_int_equal(r.error, -EBADMSG);
	assert_null(connections.first);
	/* Nor does it keep one that is idle. */
	world.servers[0].manner = WORLD_ANSWERS;
	requests_begin(&r, 1);
	assert_true(world_run(&world, &are_over, world.now_ms + 1000));
	assert_non_null(connections.first);
	world_run(&world, &never, world.now_ms + LOCATE_IDLE_MS + 1);
	assert_null(connections.first);
}

static void a_silent_connection_is_not_used_again(void **state)
{
	struct request r, again;

	(void)state;
	world.servers[0].manner = WORLD_IS_SILENT;
	requests_begin(&r, 1);
	assert_false(world_run(&world, &are_over, world.now_ms + 1000));
	locate_call_end(&r.call, true);
	world.servers[0].manner = WORLD_ANSWERS;
	requests_begin(&again, 1);
	assert_true(world_run(&world, &are_over, world.now_ms + 1000));
	assert_true(again.is_answered);
	assert_int_equal(world.servers[0].naccepted, 2);
}

static void all_requests_end_with_their_connection(void **state)
{
	struct request r[3];

	(void)state;
	world.servers[0].manner = WORLD_CLOSES;
	requests_begin(r, 3);
	assert_true(world_run(&world, &are_over, world.now_ms + 1000));
	for (unsigned i = 0; i < 3; i++)
		assert_true(r[i].is_ended && r[i].error < 0);
	assert_null(connections.first);
}

static void without_a_context_there_is_no_tls(void **state)
{
	struct resolve_endpoint to = world.servers[0].endpoint;
	struct request r = {.call = {.fns = &fns, .arg = &r}};

	(void)state;
	to.is_tls = true;
	assert_int_equal(locate_call_begin(&connections, &r.call, &to), -EPROTONOSUPPORT);
	locate_call_end(&r.call, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(requests_share_a_connection_up_to_a_limit, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_peer_that_raves_does_not_keep_a_connection,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_silent_connection_is_not_used_again, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(all_requests_end_with_their_connection, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(without_a_context_there_is_no_tls, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
