/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The registrar in its own thread, over an engine that only counts. */

#include "kit.h"

#include <errno.h>
#include <semaphore.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/rcu.h"
#include "dns/msg.h"
#include "dns/type.h"
#include "engine.h"
#include "message.h"
#include "registry/registrar.h"

enum { REQUESTS = 100 };

/* A request with its message. */
struct asked {
	struct registry_request request; /* first */
	uint8_t msg[KIT_MESSAGE_NBYTES], key[DNS_NAME_MAX];
	sem_t *is_done;
};

struct fixture {
	struct kit_world w;
	struct kit_engine engine;
	struct registry_registrar *registrar;
	struct asked asked[REQUESTS];
	sem_t is_done;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	kit_world_init(&f->w);
	kit_follow_clock(&f->w);
	f->registrar = kit_engine_registrar(&f->engine, &f->w.state);
	assert_int_equal(sem_init(&f->is_done, 0, 0), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	sem_destroy(&f->is_done);
	kit_world_fini(&f->w);
	free(f);
	return 0;
}

static void reply(struct registry_request *r)
{
	sem_post(((struct asked *)r)->is_done);
}

/* Queues an update that adds an address of number `i` at `owner`, signed by `key`, with a lease
 * unless `lease_s` is 0. */
static void put_leased(struct fixture *f, unsigned i, const char *owner, const char *key,
		       uint32_t lease_s)
{
	struct asked *a = &f->asked[i];
	size_t nbytes = kit_message(a->msg, &f->w, owner, i);

	dns_name_lower(a->key, kit_name(key));
	a->is_done = &f->is_done;
	a->request = (struct registry_request){
		.zone = f->w.zone,
		.policy = f->w.policy,
		.lease_rule = &f->w.rule,
		.msg = a->msg,
		.nbytes = nbytes,
		.key = a->key,
		.client = "127.0.0.1@53",
		.lease = {.is_present = lease_s > 0, .lease_s = lease_s, .key_lease_s = lease_s},
		.source = registry_registrar_source(f->registrar, a->key),
		.arrived_us = base_clock_steady_us(),
		.reply = reply,
	};
	registry_registrar_put(f->registrar, &a->request);
}

static void put(struct fixture *f, unsigned i, const char *owner, const char *key)
{
	put_leased(f, i, owner, key, 0);
}

static void wait_for(struct fixture *f, unsigned count)
{
	base_rcu_offline();
	while (count > 0)
		count -= sem_wait(&f->is_done) == 0;
	base_rcu_online();
}

static void stop(struct fixture *f)
{
	base_rcu_offline();
	registry_registrar_stop(f->registrar);
	base_rcu_online();
}

static void queued_updates_see_each_other(void **state)
{
	struct fixture *f = *state;
	struct registry_stats stats;

	/* All are in the queue before the thread runs. The second key finds the name taken. */
	for (unsigned i = 0; i < 10; i++)
		put(f, i, "web._http._tcp", i < 9 ? "n1.keys" : "n2.keys");
	assert_int_equal(registry_registrar_start(f->registrar), 0);
	wait_for(f, 10);
	registry_registrar_stats(f->registrar, &stats);
	stop(f);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(f->asked[i].request.result.rcode,
				 i < 9 ? DNS_RCODE_NOERROR : DNS_RCODE_YXDOMAIN);
	assert_in_range(f->engine.ncommits, 1, 9);
	assert_int_equal(stats.updates, 10);
	assert_int_equal(kit_count(&f->w, "web._http._tcp", "A"), 9);
	assert_string_equal(kit_owner(&f->w, "web._http._tcp"), "n1");
}

static void a_batch_that_is_not_durable_is_answered_servfail(void **state)
{
	struct fixture *f = *state;

	f->engine.ret = -ENOSPC;
	put(f, 0, "web._http._tcp", "n1.keys");
	put(f, 1, "web._http._tcp", "n2.keys");
	assert_int_equal(registry_registrar_start(f->registrar), 0);
	wait_for(f, 2);
	stop(f);
	/* The second was refused because of the first, which has not happened. */
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(f->asked[i].request.result.rcode, DNS_RCODE_SERVFAIL);
	assert_int_equal(kit_count(&f->w, "web._http._tcp", "A"), 0);
	assert_string_equal(kit_owner(&f->w, "web._http._tcp"), "");
}

static void everything_queued_is_done_before_a_stop(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(registry_registrar_start(f->registrar), 0);
	for (unsigned i = 0; i < REQUESTS; i++)
		put(f, i, "n1.nodes", "admin.keys");
	stop(f);
	for (unsigned i = 0; i < REQUESTS; i++) {
		assert_int_equal(sem_trywait(&f->is_done), 0);
		assert_int_equal(f->asked[i].request.result.rcode, DNS_RCODE_NOERROR);
	}
	assert_int_equal(kit_count(&f->w, "n1.nodes", "A"), REQUESTS);
}

static void count_up(struct registry_registrar *r, void *arg)
{
	(void)r;
	++*(unsigned *)arg;
}

static void a_call_has_returned_when_the_caller_goes_on(void **state)
{
	struct fixture *f = *state;
	unsigned count = 0;

	assert_int_equal(registry_registrar_start(f->registrar), 0);
	for (unsigned i = 1; i <= 10; i++) {
		base_rcu_offline();
		registry_registrar_run(f->registrar, count_up, &count);
		base_rcu_online();
		assert_int_equal(count, i);
	}
	stop(f);
}

/* A call that holds the registrar's thread up. */
struct holding {
	struct registry_call call; /* first */
	sem_t begun, may_end;
};

static void hold(struct registry_registrar *r, void *arg)
{
	struct holding *h = arg;

	(void)r;
	sem_post(&h->begun);
	while (sem_wait(&h->may_end) != 0)
		;
}

static void hold_begin(struct fixture *f, struct holding *h)
{
	h->call = (struct registry_call){.run = hold, .arg = h};
	sem_init(&h->begun, 0, 0);
	sem_init(&h->may_end, 0, 0);
	registry_registrar_call(f->registrar, &h->call);
}

static void a_lease_does_not_end_while_a_refresh_in_time_waits(void **state)
{
	struct fixture *f = *state;
	struct holding first, second;
	struct registry_stats stats;

	assert_int_equal(registry_registrar_start(f->registrar), 0);
	put_leased(f, 0, "web._http._tcp", "n1.keys", 1);
	wait_for(f, 1);
	hold_begin(f, &first);
	while (sem_wait(&first.begun) != 0)
		;
	/* For the second call the round ends after the first of these; then a tick is due. */
	put(f, 1, "n1.nodes", "n1.keys");
	put_leased(f, 2, "web._http._tcp", "n1.keys", 600);
	hold_begin(f, &second);
	usleep(1300000);
	sem_post(&first.may_end);
	wait_for(f, 1);
	while (sem_wait(&second.begun) != 0)
		;
	registry_registrar_stats(f->registrar, &stats);
	assert_int_equal(stats.leases.expired, 0);
	sem_post(&second.may_end);
	wait_for(f, 1);
	stop(f);
	assert_int_equal(f->asked[2].request.result.rcode, DNS_RCODE_NOERROR);
	assert_true(kit_count(&f->w, "web._http._tcp", "A") > 0);
	assert_int_equal(f->w.state.ledger.leases.stats.expired, 0);
}

static void a_registrar_that_waits_is_alive_and_one_that_hangs_is_not(void **state)
{
	struct fixture *f = *state;
	struct holding h;

	assert_int_equal(registry_registrar_start(f->registrar), 0);
	put(f, 0, "n1.nodes", "admin.keys");
	wait_for(f, 1);
	assert_true(registry_registrar_is_alive(f->registrar));
	/* It goes to sleep soon, and is alive then however often that is asked. */
	while (!registry_registrar_is_alive(f->registrar))
		usleep(1000);
	hold_begin(f, &h);
	while (sem_wait(&h.begun) != 0)
		;
	registry_registrar_is_alive(f->registrar);
	assert_false(registry_registrar_is_alive(f->registrar));
	assert_false(registry_registrar_is_alive(f->registrar));
	sem_post(&h.may_end);
	stop(f);
}

static void a_registrar_that_never_ran_can_be_stopped(void **state)
{
	struct fixture *f = *state;

	stop(f);
	registry_registrar_stop(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(queued_updates_see_each_other),
		TEST(a_batch_that_is_not_durable_is_answered_servfail),
		TEST(everything_queued_is_done_before_a_stop),
		TEST(a_call_has_returned_when_the_caller_goes_on),
		TEST(a_lease_does_not_end_while_a_refresh_in_time_waits),
		TEST(a_registrar_that_waits_is_alive_and_one_that_hangs_is_not),
		TEST(a_registrar_that_never_ran_can_be_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
