/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Rounds over an engine that only counts, with requests that cannot be applied or stored. */

#include "kit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "dns/msg.h"
#include "dns/type.h"
#include "engine.h"
#include "message.h"
#include "registry/batch.h"
#include "registry/request.h"
#include "registry/round.h"

enum { REQUESTS = 200, SOURCES = 8, WAITED_US = 3000 };

struct asked {
	struct registry_request request; /* first */
	uint8_t msg[KIT_MESSAGE_NBYTES], key[DNS_NAME_MAX];
	unsigned nreplies, number; /* of the reply */
};

struct fixture {
	struct kit_world w;
	struct kit_engine engine;
	struct registry_batch batch;
	struct registry_round round;
	struct base_queue requests, calls;
	struct asked asked[REQUESTS];
	const uint8_t *revoked;
};

static unsigned nreplies;

/* ---- updates that fail by the name of their key ---- */

static unsigned napplied;

int __real_update_run(struct update *u, const struct update_request *request);
int __wrap_update_run(struct update *u, const struct update_request *request);

/* Updates of the key `late` are refused once they have been applied, those of `short` fail for want
 * of memory. */
int __wrap_update_run(struct update *u, const struct update_request *request)
{
	int ret = __real_update_run(u, request);

	napplied++;
	if (dns_name_equal(request->key, kit_name("short.keys")))
		return -ENOMEM;
	if (!dns_name_equal(request->key, kit_name("late.keys")))
		return ret;
	request->result->rcode = DNS_RCODE_REFUSED;
	request->result->ede = DNS_EDE_OTHER;
	strcpy(request->result->text, "over the bound");
	return -ECANCELED;
}

/* ---- requests ---- */

static bool is_revoked(void *arg, const uint8_t *key)
{
	struct fixture *f = arg;

	return f->revoked != NULL && dns_name_equal(key, f->revoked);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	kit_world_init(&f->w);
	kit_follow_clock(&f->w);
	kit_engine_init(&f->engine);
	base_queue_init(&f->requests);
	base_queue_init(&f->calls);
	registry_batch_init(&f->batch, &(struct registry_settings){
					       .store = &f->engine.store,
					       .state = &f->w.state,
					       .is_revoked = is_revoked,
					       .arg = f,
				       });
	assert_int_equal(registry_round_init(&f->round, &f->batch, &f->requests, &f->calls), 0);
	/* However slow the machine is, a round ends for other reasons. */
	f->round.lone_us = f->round.shared_us = UINT64_MAX;
	nreplies = napplied = 0;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	assert_false(registry_round_run(&f->round));
	registry_round_fini(&f->round);
	registry_batch_fini(&f->batch);
	kit_world_fini(&f->w);
	free(f);
	return 0;
}

static void reply(struct registry_request *r)
{
	struct asked *a = (struct asked *)r;

	a->nreplies++;
	a->number = nreplies++;
}

/* Queues an update that adds an address of number `i` at `owner`, signed by `key`. */
static struct registry_request *put(struct fixture *f, unsigned i, const char *owner,
				    const char *key)
{
	struct asked *a = &f->asked[i];
	size_t nbytes = kit_message(a->msg, &f->w, owner, i);

	dns_name_lower(a->key, kit_name(key));
	a->request = (struct registry_request){
		.zone = f->w.zone,
		.policy = f->w.policy,
		.lease_rule = &f->w.rule,
		.msg = a->msg,
		.nbytes = nbytes,
		.key = a->key,
		.client = "127.0.0.1@53",
		.lease = {.is_present = true, .lease_s = 100, .key_lease_s = 100},
		.source = key[0] * 256u + (uint8_t)key[1],
		.arrived_us = base_clock_steady_us() - WAITED_US,
		.reply = reply,
	};
	base_queue_put(&f->requests, &a->request.link);
	return &a->request;
}

static void run(struct fixture *f)
{
	while (registry_round_run(&f->round))
		;
}

static void assert_replied(const struct fixture *f, unsigned i, uint16_t rcode)
{
	assert_int_equal(f->asked[i].nreplies, 1);
	assert_int_equal(f->asked[i].request.result.rcode, rcode);
}

/* ---- tests ---- */

static void requests_of_all_sources_are_one_batch(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < 20; i++)
		put(f, i, i % 2 ? "a._x._tcp" : "b._x._tcp", i % 2 ? "n1.keys" : "n2.keys");
	run(f);
	for (unsigned i = 0; i < 20; i++)
		assert_replied(f, i, DNS_RCODE_NOERROR);
	assert_int_equal(f->engine.ncommits, 1);
	assert_int_equal(f->batch.stats.updates, 20);
}

static void the_wait_of_each_request_is_counted_once(void **state)
{
	struct fixture *f = *state;
	const struct base_histogram *waits = &f->batch.stats.queue;
	uint64_t count = 0;

	put(f, 0, "a._x._tcp", "n1.keys");
	put(f, 1, "a._x._tcp", "short.keys");
	put(f, 2, "b._x._tcp", "n2.keys");
	run(f);
	for (unsigned i = 0; i < BASE_HISTOGRAM_BUCKETS; i++) {
		assert_true(waits->bucket[i] == 0 || i >= base_histogram_bucket(WAITED_US));
		count += waits->bucket[i];
	}
	assert_int_equal(count, 3);
	assert_true(waits->sum_us >= 3 * WAITED_US);
}

static void a_late_refusal_fails_its_request_alone(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < 10; i++)
		put(f, i, i == 4 ? "late.nodes" : "a._x._tcp", i == 4 ? "late.keys" : "n1.keys");
	run(f);
	for (unsigned i = 0; i < 10; i++)
		assert_replied(f, i, i == 4 ? DNS_RCODE_REFUSED : DNS_RCODE_NOERROR);
	assert_string_equal(f->asked[4].request.result.text, "over the bound");
	assert_int_equal(kit_count(&f->w, "a._x._tcp", "A"), 9);
	assert_int_equal(kit_count(&f->w, "late.nodes", "A"), 0);
	assert_string_equal(kit_owner(&f->w, "a._x._tcp"), "n1");
	/* The terms were those that were asked for, each time. */
	assert_int_equal(f->asked[9].request.lease.lease_s, 100);
	assert_int_equal(f->w.state.ledger.leases.stats.granted, 9);
}

static void a_source_that_was_refused_late_costs_others_no_more_work(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < 100; i++)
		put(f, i, i % 2 ? "late.nodes" : "a._x._tcp", i % 2 ? "late.keys" : "n1.keys");
	run(f);
	for (unsigned i = 0; i < 100; i++)
		assert_replied(f, i, i % 2 ? DNS_RCODE_REFUSED : DNS_RCODE_NOERROR);
	/* The first late refusal undoes a part of the others, the next ones nothing. */
	assert_in_range(napplied, 100, 150);
	assert_int_equal(kit_count(&f->w, "a._x._tcp", "A"), 50);
}

static void a_request_that_is_short_of_memory_fails_alone(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < 9; i++)
		put(f, i, "a._x._tcp", i == 3 ? "short.keys" : "n1.keys");
	run(f);
	for (unsigned i = 0; i < 9; i++)
		assert_replied(f, i, i == 3 ? DNS_RCODE_SERVFAIL : DNS_RCODE_NOERROR);
	assert_string_equal(f->asked[3].request.result.text, "out of memory");
	assert_int_equal(kit_count(&f->w, "a._x._tcp", "A"), 8);
}

static void a_request_that_cannot_be_stored_fails_alone(void **state)
{
	struct fixture *f = *state;

	/* The owner of the poisoned name would be an item of the commit. */
	f->engine.poison = "poison";
	for (unsigned at = 0; at < 8; at++) {
		for (unsigned i = 0; i < 8; i++)
			put(f, at * 8 + i, i == at ? "poison._x._tcp" : "a._x._tcp",
			    i == at ? "n2.keys" : "n1.keys");
		run(f);
		for (unsigned i = 0; i < 8; i++)
			assert_replied(f, at * 8 + i,
				       i == at ? DNS_RCODE_SERVFAIL : DNS_RCODE_NOERROR);
		assert_string_equal(kit_owner(&f->w, "poison._x._tcp"), "");
	}
	assert_int_equal(kit_count(&f->w, "a._x._tcp", "A"), 8 * 7);
	assert_true(registry_queue_is_alone(&f->round.queue, 'n' * 256u + '2',
					    base_clock_steady_us() / 1000));
	assert_false(registry_queue_is_alone(&f->round.queue, 'n' * 256u + '1',
					     base_clock_steady_us() / 1000));
}

static void replies_of_a_source_keep_their_order(void **state)
{
	struct fixture *f = *state;

	f->engine.poison = "poison";
	for (unsigned i = 0; i < 60; i++)
		put(f, i, i % 10 == 7 ? "poison._x._tcp" : "a._x._tcp", "n1.keys");
	run(f);
	for (unsigned i = 0; i < 60; i++) {
		assert_replied(f, i, i % 10 == 7 ? DNS_RCODE_SERVFAIL : DNS_RCODE_NOERROR);
		assert_int_equal(f->asked[i].number, i);
	}
}

static void a_failing_disk_fails_all(void **state)
{
	struct fixture *f = *state;

	f->engine.ret = -EIO;
	for (unsigned i = 0; i < 5; i++)
		put(f, i, "a._x._tcp", "n1.keys");
	run(f);
	for (unsigned i = 0; i < 5; i++)
		assert_replied(f, i, DNS_RCODE_SERVFAIL);
	assert_int_equal(f->engine.ncommits, 1);
	assert_string_equal(kit_owner(&f->w, "a._x._tcp"), "");
}

static void what_nobody_can_know_is_not_answered(void **state)
{
	struct fixture *f = *state;

	f->engine.ret = -EUCLEAN;
	for (unsigned i = 0; i < 5; i++)
		put(f, i, "a._x._tcp", "n1.keys");
	run(f);
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(f->asked[i].nreplies, 1);
		assert_true(f->asked[i].request.is_unknown);
	}
	assert_int_equal(f->batch.stats.unanswered, 5);
	assert_int_equal(kit_count(&f->w, "a._x._tcp", "A"), 0);
}

static void a_revoked_key_is_refused_at_its_turn(void **state)
{
	struct fixture *f = *state;
	uint8_t key[DNS_NAME_MAX];

	dns_name_lower(key, kit_name("n2.keys"));
	f->revoked = key;
	put(f, 0, "a._x._tcp", "n1.keys");
	put(f, 1, "b._x._tcp", "n2.keys");
	run(f);
	assert_replied(f, 0, DNS_RCODE_NOERROR);
	assert_replied(f, 1, DNS_RCODE_REFUSED);
	assert_int_equal(kit_count(&f->w, "b._x._tcp", "A"), 0);
}

static void a_round_is_short_while_several_sources_are_active(void **state)
{
	struct fixture *f = *state;

	f->round.shared_us = 0;
	for (unsigned i = 0; i < 10; i++)
		put(f, i, "a._x._tcp", "n1.keys");
	run(f);
	/* Before the first request there was no source, which is another one. */
	assert_int_equal(f->batch.stats.batches, 10);
	f->round.shared_until_us = 0;
	for (unsigned i = 0; i < 10; i++)
		put(f, i, "a._x._tcp", "n1.keys");
	run(f);
	assert_int_equal(f->batch.stats.batches, 11);
}

static void requests_of_a_zone_that_is_held_wait_in_their_order(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(registry_hold_begin(&f->batch.hold, f->w.zone), 0);
	for (unsigned i = 0; i < 10; i++) {
		put(f, i, "a._x._tcp", "n1.keys");
		assert_false(registry_round_run(&f->round));
	}
	assert_int_equal(nreplies, 0);
	registry_hold_let_go(&f->batch.hold);
	registry_hold_take_back(&f->batch.hold, f->w.zone);
	put(f, 10, "a._x._tcp", "n1.keys");
	run(f);
	for (unsigned i = 0; i <= 10; i++) {
		assert_replied(f, i, DNS_RCODE_NOERROR);
		assert_int_equal(f->asked[i].number, i);
	}
	assert_int_equal(f->engine.ncommits, 1);
}

static void requests_that_were_set_aside_are_refused_at_the_end(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(registry_hold_begin(&f->batch.hold, f->w.zone), 0);
	put(f, 0, "a._x._tcp", "n1.keys");
	assert_false(registry_round_run(&f->round));
	registry_round_refuse(&f->round);
	assert_replied(f, 0, DNS_RCODE_SERVFAIL);
	registry_hold_let_go(&f->batch.hold);
	registry_hold_take_back(&f->batch.hold, f->w.zone);
}

static void a_round_ends_early_for_a_call(void **state)
{
	struct fixture *f = *state;
	struct base_queue_link call;

	base_queue_put(&f->calls, &call);
	for (unsigned i = 0; i < 3; i++)
		put(f, i, "a._x._tcp", "n1.keys");
	assert_true(registry_round_run(&f->round));
	assert_int_equal(nreplies, 1);
	base_queue_take(&f->calls);
	run(f);
	assert_int_equal(nreplies, 3);
}

static void what_waits_at_the_end_is_refused(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < 3; i++)
		put(f, i, "a._x._tcp", "n1.keys");
	registry_round_refuse(&f->round);
	for (unsigned i = 0; i < 3; i++)
		assert_replied(f, i, DNS_RCODE_SERVFAIL);
	assert_string_equal(f->asked[0].request.result.text, "the server is stopping");
	assert_int_equal(napplied, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(requests_of_all_sources_are_one_batch),
		TEST(the_wait_of_each_request_is_counted_once),
		TEST(a_late_refusal_fails_its_request_alone),
		TEST(a_source_that_was_refused_late_costs_others_no_more_work),
		TEST(a_request_that_is_short_of_memory_fails_alone),
		TEST(a_request_that_cannot_be_stored_fails_alone),
		TEST(replies_of_a_source_keep_their_order),
		TEST(a_failing_disk_fails_all),
		TEST(what_nobody_can_know_is_not_answered),
		TEST(a_revoked_key_is_refused_at_its_turn),
		TEST(a_round_is_short_while_several_sources_are_active),
		TEST(requests_of_a_zone_that_is_held_wait_in_their_order),
		TEST(requests_that_were_set_aside_are_refused_at_the_end),
		TEST(a_round_ends_early_for_a_call),
		TEST(what_waits_at_the_end_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
