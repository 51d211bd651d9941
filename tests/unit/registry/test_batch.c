/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A batch over the world of the kit, and an engine that only counts what it is given. */

#include "kit.h"

#include <errno.h>
#include <stdlib.h>

#include "../memory.h"
#include "dns/type.h"
#include "engine.h"
#include "registry/batch.h"

#define WEB "web._http._tcp"

/* The world, a batch, and what the listeners were given. */
struct fixture {
	struct kit_world w;
	struct kit_engine engine;
	struct registry_batch batch;
	unsigned nchanged_calls, nbatch_calls;
	bool is_visible; /* the change was in the current version when on_changed was called */
};

static void on_changed(void *arg, struct zone *zone, const struct zone_changeset *changes)
{
	struct fixture *f = arg;

	f->nchanged_calls++;
	f->is_visible = zone_snapshot_serial(zone_current(zone)) == changes->to;
}

static void on_batch(void *arg)
{
	struct fixture *f = arg;

	f->nbatch_calls++;
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	kit_world_init(&f->w);
	/* A batch reads the steady clock itself. */
	kit_follow_clock(&f->w);
	kit_engine_init(&f->engine);
	registry_batch_init(&f->batch, &(struct registry_settings){
					       .store = &f->engine.store,
					       .state = &f->w.state,
					       .on_changed = on_changed,
					       .on_batch = on_batch,
					       .arg = f,
				       });
	registry_batch_begin(&f->batch);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	registry_batch_fini(&f->batch);
	kit_world_fini(&f->w);
	free(f);
	return 0;
}

/* Adds an address at `owner` in the batch. Returns a negative errno, or 0. */
static int add(struct fixture *f, const char *owner)
{
	struct zone_draft *d = registry_batch_draft(&f->batch, f->w.zone);
	int n = d == NULL ? -ENOMEM
			  : zone_draft_add(d, kit_name(owner), DNS_TYPE_A, 60,
					   (const uint8_t *)"\12\0\0\1", 4);

	return n < 0 ? n : 0;
}

static void a_zone_has_one_draft_in_a_batch(void **state)
{
	struct fixture *f = *state;
	struct zone_draft *d = registry_batch_draft(&f->batch, f->w.zone);

	assert_non_null(d);
	assert_ptr_equal(registry_batch_draft(&f->batch, f->w.zone), d);
	assert_int_equal(f->batch.nzones, 1);
	registry_batch_abort(&f->batch);
}

static void a_batch_is_durable_before_it_is_visible(void **state)
{
	struct fixture *f = *state;
	uint32_t serial = zone_snapshot_serial(zone_current(f->w.zone));

	assert_int_equal(add(f, "n1.nodes"), 0);
	assert_int_equal(registry_batch_commit(&f->batch, REGISTRY_BATCH_UPDATES), 0);
	assert_int_equal(f->engine.ncommits, 1);
	assert_int_equal(f->engine.nchanges, 1);
	assert_int_equal(zone_snapshot_serial(zone_current(f->w.zone)), serial);
	assert_int_equal(f->nchanged_calls, 0);
	registry_batch_publish(&f->batch);
	assert_int_equal(f->nchanged_calls, 1);
	assert_true(f->is_visible);
	assert_int_equal(kit_count(&f->w, "n1.nodes", "A"), 1);
}

static void an_end_commits_or_undoes_everything(void **state)
{
	static const struct {
		int ret, commit_ret; /* of the change; of the engine */
		int result;
		size_t ncommits;
		unsigned ncalls; /* of each listener */
	} rows[] = {
		{-EIO, 0, -EIO, 0, 0},
		{0, -ENOSPC, -ENOSPC, 1, 0},
		{0, 0, 0, 1, 1},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct registry_stats *stats = &f->batch.stats;
		uint64_t nfailed = stats->failed_batches;

		f->engine.ret = rows[i].commit_ret;
		f->engine.ncommits = f->nchanged_calls = f->nbatch_calls = 0;
		registry_batch_begin(&f->batch);
		assert_int_equal(add(f, "n1.nodes"), 0);
		assert_int_equal(ledger_owner_set(&f->w.state.ledger.owners, zone_name(f->w.zone),
						  kit_name("n1.nodes"), kit_name("n1.keys")),
				 0);
		assert_int_equal(registry_batch_end(&f->batch, rows[i].ret, REGISTRY_BATCH_UPDATES),
				 rows[i].result);
		assert_int_equal(f->engine.ncommits, rows[i].ncommits);
		assert_int_equal(f->nchanged_calls, rows[i].ncalls);
		assert_int_equal(f->nbatch_calls, rows[i].ncalls);
		assert_int_equal(kit_count(&f->w, "n1.nodes", "A"), rows[i].result == 0);
		assert_string_equal(kit_owner(&f->w, "n1.nodes"), rows[i].result == 0 ? "n1" : "");
		assert_int_equal(stats->failed_batches - nfailed, rows[i].commit_ret < 0);
		assert_int_equal(stats->commit_error, -rows[i].commit_ret);
	}
	assert_int_equal(f->batch.stats.nowners, 1);
}

static void each_commit_is_timed_and_a_request_at_fault_is_no_failure_of_the_store(void **state)
{
	static const int rets[] = {0, -ENOSPC, -E2BIG, -ENOMEM, 0};
	static const uint64_t errors[] = {0, ENOSPC, ENOSPC, ENOSPC, 0};
	struct fixture *f = *state;
	struct registry_stats *stats = &f->batch.stats;

	for (unsigned i = 0; i < sizeof(rets) / sizeof(*rets); i++) {
		uint64_t count = 0;

		f->engine.ret = rets[i];
		registry_batch_begin(&f->batch);
		assert_int_equal(add(f, i == 0 ? "n1.nodes" : "n2.nodes"), 0);
		assert_int_equal(registry_batch_end(&f->batch, 0, REGISTRY_BATCH_UPDATES), rets[i]);
		assert_int_equal(stats->commit_error, errors[i]);
		assert_int_equal(stats->commit_began_us, 0);
		for (unsigned k = 0; k < BASE_HISTOGRAM_BUCKETS; k++)
			count += stats->commit.bucket[k];
		assert_int_equal(count, i + 1);
	}
}

static void a_batch_without_changes_is_not_stored(void **state)
{
	struct fixture *f = *state;
	uint32_t serial = zone_snapshot_serial(zone_current(f->w.zone));

	assert_non_null(registry_batch_draft(&f->batch, f->w.zone));
	assert_int_equal(registry_batch_end(&f->batch, 0, REGISTRY_BATCH_UPDATES), 0);
	assert_int_equal(f->engine.ncommits, 0);
	assert_int_equal(f->nchanged_calls, 0);
	assert_int_equal(zone_snapshot_serial(zone_current(f->w.zone)), serial);
}

static void an_item_of_the_caller_is_stored_with_the_batch(void **state)
{
	static const struct store_item item = {
		.kind = STORE_ITEM_ZONE,
		.key = (const uint8_t *)"k",
		.nkey = 1,
	};
	struct fixture *f = *state;

	assert_int_equal(registry_batch_seal(&f->batch), 0);
	assert_int_equal(registry_batch_store(&f->batch, REGISTRY_BATCH_UPDATES, &item), 0);
	assert_int_equal(f->engine.ncommits, 1);
	assert_int_equal(f->engine.nchanges, 0);
	assert_int_equal(f->engine.nitems, 1);
	registry_batch_publish(&f->batch);
}

static void a_lease_ends_in_the_batch(void **state)
{
	struct fixture *f = *state;
	struct ledger_lease *lease;

	assert_int_equal(kit_do(&f->w, "n1", 30, 0, "+ " WEB " SRV 80 n1.nodes"), 0);
	lease = ledger_leases_find(&f->w.state.ledger.leases, zone_name(f->w.zone), kit_name(WEB),
				   LEDGER_LEASE_RECORDS);
	lease->zone = f->w.zone;
	assert_int_equal(registry_batch_end_lease(&f->batch, lease), 0);
	assert_int_equal(registry_batch_end(&f->batch, 0, REGISTRY_BATCH_TICK), 0);
	assert_int_equal(kit_count(&f->w, WEB, "SRV"), 0);
	assert_int_equal(f->batch.stats.nleases, 0);
}

static void without_memory_a_batch_can_be_aborted(void **state)
{
	struct fixture *f = *state;
	int ret, n = 0;

	do {
		registry_batch_begin(&f->batch);
		memory_fail_after(n++);
		ret = add(f, "n1.nodes");
		ret = registry_batch_end(&f->batch, ret, REGISTRY_BATCH_UPDATES);
		memory_fail_after(MEMORY_ENOUGH);
		assert_true(ret == 0 || (ret == -ENOMEM && memory_has_failed()));
		assert_int_equal(kit_count(&f->w, "n1.nodes", "A"), ret == 0);
	} while (ret < 0 && n < 1000);
	assert_true(n > 3 && n < 1000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_zone_has_one_draft_in_a_batch),
		TEST(a_batch_is_durable_before_it_is_visible),
		TEST(an_end_commits_or_undoes_everything),
		TEST(each_commit_is_timed_and_a_request_at_fault_is_no_failure_of_the_store),
		TEST(a_batch_without_changes_is_not_stored),
		TEST(an_item_of_the_caller_is_stored_with_the_batch),
		TEST(a_lease_ends_in_the_batch),
		TEST(without_memory_a_batch_can_be_aborted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
