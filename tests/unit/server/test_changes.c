/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../zone/kit.h"

#include "push/change.h"
#include "server/changes.h"

#include "../memory.h"

enum { WORKERS = 2 };

struct world {
	struct server_watchers watchers;
	struct server_changes changes[WORKERS];
	struct zone *zone;
};

static int begin(void **state)
{
	static struct world w;

	base_rcu_register();
	memset(&w, 0, sizeof(w));
	for (unsigned i = 0; i < WORKERS; i++)
		server_changes_init(&w.changes[i], &w.watchers);
	w.zone = kit_zone("lab.cloud.", "$TTL 3600\n@ SOA ns hostmaster 1 2 3 4 5\n@ NS ns\n");
	zone_set_number(w.zone, 7);
	*state = &w;
	return 0;
}

static int end(void **state)
{
	struct world *w = *state;

	for (unsigned i = 0; i < WORKERS; i++)
		server_changes_fini(&w->changes[i]);
	base_rcu_offline();
	zone_free(w->zone);
	base_rcu_online();
	base_rcu_unregister();
	return 0;
}

/* What server_on_changed does with the workers of a server. */
static void hand_over(struct world *w, const struct zone_changeset *changes)
{
	struct push_change *copy;

	if (!server_changes_are_wanted(&w->watchers))
		return;
	copy = server_changes_copy(w->zone, changes, 1);
	for (unsigned i = 0; i < WORKERS; i++)
		if (server_changes_has(&w->changes[i], w->zone))
			server_changes_put(&w->changes[i], copy);
	push_change_release(copy);
}

static void put(struct world *w)
{
	struct zone_draft *d = zone_draft_new(w->zone);
	struct zone_changeset changes;
	char text[64];

	snprintf(text, sizeof(text), "a 60 TXT v%llu\n",
		 (unsigned long long)zone_snapshot_version(zone_current(w->zone)));
	kit_add(d, text);
	assert_int_equal(zone_draft_seal(d, &changes), 1);
	zone_draft_show(d);
	hand_over(w, &changes);
	zone_draft_finish(d);
}

/* Takes the changes of a worker. Returns how many there were. */
static unsigned take(struct world *w, unsigned worker, bool *has_lost_one)
{
	struct server_change *c = server_changes_take(&w->changes[worker], has_lost_one), *next;
	uint64_t version = 0;
	unsigned n = 0;

	for (; c != NULL; c = next, n++) {
		next = (struct server_change *)c->link.next;
		assert_ptr_equal(c->change->zone, w->zone);
		assert_true(c->change->version > version);
		version = c->change->version;
		assert_int_equal(c->change->changes.nadded, 2);
		server_change_drop(&w->changes[worker], c);
	}
	return n;
}

static void a_worker_gets_the_changes_of_zones_that_it_watches(void **state)
{
	struct world *w = *state;
	struct server_changes *c = &w->changes[1];
	bool has_lost_one;

	put(w);
	assert_true(server_changes_watch(c, w->zone, 10));
	put(w);
	put(w);
	assert_int_equal(take(w, 0, &has_lost_one), 0);
	assert_int_equal(take(w, 1, &has_lost_one), 2);
	assert_false(has_lost_one);
	server_changes_unwatch(c, zone_number(w->zone));
	put(w);
	assert_int_equal(take(w, 1, &has_lost_one), 0);
	zone_set_number(w->zone, 8);
	assert_true(server_changes_watch(c, w->zone, 10));
	zone_set_number(w->zone, 7);
	put(w);
	assert_int_equal(take(w, 1, &has_lost_one), 0);
	server_changes_unwatch(c, 8);
}

static void no_more_may_watch_than_the_limit(void **state)
{
	struct world *w = *state;

	assert_true(server_changes_watch(&w->changes[0], w->zone, 2));
	assert_true(server_changes_watch(&w->changes[1], w->zone, 2));
	assert_false(server_changes_watch(&w->changes[0], w->zone, 2));
	server_changes_unwatch(&w->changes[1], 7);
	assert_true(server_changes_watch(&w->changes[0], w->zone, 2));
}

static void a_lost_change_is_told_once(void **state)
{
	for (int n = 0;; n++) {
		struct world *w;
		bool has_lost_one;
		unsigned ntaken;

		assert_int_equal(begin(state), 0);
		w = *state;
		assert_true(server_changes_watch(&w->changes[0], w->zone, 10));
		assert_true(server_changes_watch(&w->changes[1], w->zone, 10));
		{
			struct zone_draft *d = zone_draft_new(w->zone);
			struct zone_changeset changes;

			kit_add(d, "a 60 TXT x\n");
			assert_int_equal(zone_draft_seal(d, &changes), 1);
			zone_draft_show(d);
			memory_fail_after(n);
			hand_over(w, &changes);
			memory_pause();
			zone_draft_finish(d);
		}
		for (unsigned i = 0; i < WORKERS; i++) {
			ntaken = take(w, i, &has_lost_one);
			assert_int_equal(ntaken + has_lost_one, 1);
			assert_int_equal(take(w, i, &has_lost_one), 0);
			assert_false(has_lost_one);
		}
		end(state);
		if (!memory_has_failed())
			break;
	}
	memory_fail_after(MEMORY_ENOUGH);
}

/* Returns a copy of a change that adds `nbytes`. */
static struct push_change *large(struct world *w, size_t nbytes)
{
	uint8_t *bytes = calloc(1, nbytes);
	struct zone_changeset changes = {.added = bytes, .nadded_bytes = nbytes};
	struct push_change *copy = server_changes_copy(w->zone, &changes, 1);

	free(bytes);
	return copy;
}

static void what_waits_for_a_worker_is_bounded(void **state)
{
	enum { HALF = SERVER_CHANGES_MAX / 2 };
	struct world *w = *state;
	struct server_changes *c = &w->changes[0];
	struct push_change *half = large(w, HALF - 1000), *more = large(w, HALF);
	struct push_change *whole = large(w, SERVER_CHANGES_MAX + 1);
	bool has_lost_one;

	server_changes_put(c, half);
	server_changes_put(c, half);
	assert_false(atomic_load(&c->has_lost_one));
	server_changes_put(c, more);
	for (struct server_change *at = server_changes_take(c, &has_lost_one), *next; at != NULL;
	     at = next) {
		next = (struct server_change *)at->link.next;
		assert_ptr_equal(at->change, half);
		server_change_drop(c, at);
	}
	assert_true(has_lost_one);
	/* A larger one gets through when nothing waits. */
	server_changes_put(c, whole);
	assert_false(atomic_load(&c->has_lost_one));
	server_changes_put(c, more);
	assert_true(atomic_load(&c->has_lost_one));
	push_change_release(half);
	push_change_release(more);
	push_change_release(whole);
}

static void what_is_left_in_the_queue_is_freed(void **state)
{
	struct world *w = *state;

	assert_true(server_changes_watch(&w->changes[0], w->zone, 10));
	put(w);
	put(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_worker_gets_the_changes_of_zones_that_it_watches,
						begin, end),
		cmocka_unit_test_setup_teardown(no_more_may_watch_than_the_limit, begin, end),
		cmocka_unit_test(a_lost_change_is_told_once),
		cmocka_unit_test_setup_teardown(what_waits_for_a_worker_is_bounded, begin, end),
		cmocka_unit_test_setup_teardown(what_is_left_in_the_queue_is_freed, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
