/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../registry/kit.h"

#include <errno.h>
#include <ev.h>
#include <string.h>

#include "../memory.h"
#include "../registry/engine.h"
#include "base/rcu.h"
#include "discover/writer.h"
#include "dns/type.h"
#include "dns/update_write.h"
#include "mdns/rules.h"
#include "registry/intake.h"
#include "registry/registrar.h"
#include "update/policy.h"
#include "zone/snapshot.h"

enum { LEASE_S = 120, SIZE = 512 };

static struct {
	struct kit_world w;
	struct kit_engine engine;
	struct registry_registrar *registrar;
	struct ev_loop *loop;
	struct discover_writer *writer;
	struct mdns_into into;
	struct update_policy *policy;
	unsigned ndone, nlost;
	uint16_t rcode;
	uint32_t granted_s;
} t;

static int setup(void **state)
{
	memset(&t, 0, sizeof(t));
	kit_world_init(&t.w);
	kit_follow_clock(&t.w);
	t.registrar = kit_engine_registrar(&t.engine, &t.w.state);
	t.loop = ev_loop_new(0);
	t.writer = discover_writer_new(t.loop, t.registrar);
	memcpy(t.into.name, kit_name("lan"), dns_name_nbytes(kit_name("lan")));
	memcpy(t.into.key, kit_name("_mdns.lan"), dns_name_nbytes(kit_name("_mdns.lan")));
	t.policy = update_policy_new_lan(t.into.key, t.into.name);
	t.into.zone = t.w.zone;
	t.into.policy = t.policy;
	t.into.lease_rule = &t.w.rule;
	base_rcu_offline();
	*state = &t;
	return 0;
}

static void set_limit(uint64_t nbytes)
{
	registry_registrar_set_limits(
		t.registrar,
		&(struct registry_intake_limits){.nbytes = nbytes, .nbytes_per_source = nbytes});
}

static void start(void)
{
	set_limit(1 << 24);
	assert_int_equal(registry_registrar_start(t.registrar), 0);
}

static int teardown(void **state)
{
	(void)state;
	discover_writer_free(t.writer);
	registry_registrar_stop(t.registrar);
	base_rcu_online();
	ev_loop_destroy(t.loop);
	update_policy_free(t.policy);
	kit_world_fini(&t.w);
	return 0;
}

static void on_done(void *arg, const struct update_result *result, uint32_t granted_s)
{
	assert_ptr_equal(arg, &t);
	t.ndone++;
	t.nlost += result == NULL;
	t.rcode = result == NULL ? 0 : result->rcode;
	t.granted_s = granted_s;
}

/* Puts an update that gives `owner` an address. Returns what discover_writer_put returns. */
static int put(const char *owner)
{
	static const uint8_t address[4] = {10, 0, 0, 1};
	struct dns_update_writer u;
	uint8_t msg[SIZE];

	dns_update_write_begin(&u, msg, sizeof(msg), 0, kit_name("lab.cloud."));
	dns_update_write_remove_all(&u, kit_name(owner), DNS_TYPE_A);
	dns_update_write_add(&u, kit_name(owner), DNS_TYPE_A, 10, address, sizeof(address));
	return discover_writer_put(t.writer, &t.into, msg, dns_update_write_end(&u, 1232, LEASE_S),
				   LEASE_S, on_done, &t);
}

static void run(unsigned ndone)
{
	while (t.ndone < ndone)
		ev_run(t.loop, EVRUN_ONCE);
	assert_int_equal(t.ndone, ndone);
	assert_int_equal(discover_writer_nwaiting(t.writer), 0);
}

static uint64_t version(void)
{
	uint64_t number;

	base_rcu_online();
	number = zone_snapshot_version(zone_current(t.w.zone));
	base_rcu_offline();
	return number;
}

static void an_update_is_answered_from_the_loop_and_a_repeated_one_changes_nothing(void **state)
{
	struct registry_stats stats;
	uint64_t before;

	(void)state;
	start();
	assert_int_equal(put("pc.lan"), 0);
	assert_int_equal(t.ndone, 0);
	assert_int_equal(discover_writer_nwaiting(t.writer), 1);
	run(1);
	assert_int_equal(t.rcode, 0);
	assert_true(t.granted_s > 0);
	before = version();
	for (unsigned i = 2; i < 6; i++) {
		assert_int_equal(put("pc.lan"), 0);
		run(i);
		assert_true(t.granted_s > 0);
	}
	assert_int_equal(version(), before);
	/* The second went to the registrar, which learnt it: those after it did not. */
	registry_registrar_stats(t.registrar, &stats);
	assert_true(stats.updates <= 2);
}

static void a_refusal_has_its_text_and_no_lease(void **state)
{
	(void)state;
	start();
	assert_int_equal(put("pc"), 0);
	run(1);
	assert_int_equal(t.rcode, DNS_RCODE_REFUSED);
	assert_int_equal(t.granted_s, 0);
	assert_int_equal(t.nlost, 0);
}

static void without_room_or_with_a_failed_store_it_may_be_tried_again(void **state)
{
	(void)state;
	start();
	set_limit(1);
	assert_int_equal(put("pc.lan"), 0);
	assert_int_equal(t.ndone, 0);
	run(1);
	assert_int_equal(t.nlost, 1);
	set_limit(1 << 24);
	t.engine.ret = -EIO;
	assert_int_equal(put("pc.lan"), 0);
	run(2);
	assert_int_equal(t.nlost, 2);
	t.engine.ret = 0;
	assert_int_equal(put("pc.lan"), 0);
	run(3);
	assert_int_equal(t.nlost, 2);
}

static void what_is_forgotten_is_done_all_the_same(void **state)
{
	(void)state;
	set_limit(1 << 24);
	assert_int_equal(put("pc.lan"), 0);
	assert_int_equal(put("tv.lan"), 0);
	discover_writer_forget(t.writer, &t);
	assert_int_equal(registry_registrar_start(t.registrar), 0);
	discover_writer_free(t.writer);
	t.writer = NULL;
	assert_int_equal(t.ndone, 0);
	base_rcu_online();
	assert_int_equal(kit_count(&t.w, "pc.lan", "A"), 1);
	assert_int_equal(kit_count(&t.w, "tv.lan", "A"), 1);
	base_rcu_offline();
}

static void short_memory_is_reported(void **state)
{
	struct discover_writer *w;

	(void)state;
	start();
	memory_fail_after(0);
	w = discover_writer_new(t.loop, t.registrar);
	memory_fail_after(0);
	assert_int_equal(put("pc.lan"), -ENOMEM);
	memory_fail_after(MEMORY_ENOUGH);
	assert_null(w);
	assert_int_equal(discover_writer_nwaiting(t.writer), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		TEST(an_update_is_answered_from_the_loop_and_a_repeated_one_changes_nothing),
		TEST(a_refusal_has_its_text_and_no_lease),
		TEST(without_room_or_with_a_failed_store_it_may_be_tried_again),
		TEST(what_is_forgotten_is_done_all_the_same),
		TEST(short_memory_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
