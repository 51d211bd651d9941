/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../memory.h"
#include "kit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/ledger.h"

#define CHALLENGE "_acme-challenge.n1.nodes"
#define REPORT "_suspect.static._http._tcp"

static void set_fabric(struct kit_world *w)
{
	struct ledger_fabric *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	memcpy(f->zone, kit_name("lab.cloud."), dns_name_nbytes(kit_name("lab.cloud.")));
	memcpy(f->fabric, f->zone, sizeof(f->zone));
	ledger_set_fabrics(&w->state.ledger, f, 1);
}

static void setup_fabric(struct kit_world *w)
{
	set_fabric(w);
	w->rule.default_s = 0;
}

/* Compares what the key has with five numbers: instances, records, octets, leases, reports. */
static void assert_usage(const struct kit_world *w, const char *key,
			 const uint64_t amounts[static LEDGER_KINDS])
{
	const struct ledger_amounts a =
		ledger_usage_of(&w->state.ledger.usages, zone_name(w->zone), kit_name(key));

	for (int k = 0; k < LEDGER_KINDS; k++)
		assert_int_equal(a.of[k], amounts[k]);
}

/* Each row continues from the one before. The octets of an A are 16, of a TXT of one letter 14, of
 * an SRV to n1.nodes.lab.cloud. 38. */
static const struct row {
	const char *key, *update;
	uint32_t lease_s, key_lease_s;
	uint64_t n1[LEDGER_KINDS];
} rows[] = {
	{"n1", "+ n1.nodes A 10.0.0.1; + n1.nodes A 10.0.0.2", 0, 0, {0, 2, 32, 0, 0}},
	{"n1", "+ n1.nodes A 10.0.0.1", 0, 0, {0, 2, 32, 0, 0}},
	{"admin", "+ n1.nodes TXT a", 0, 0, {0, 3, 46, 0, 0}},
	{"n1", "+ " CHALLENGE " TXT a", 0, 0, {0, 4, 60, 0, 0}},
	{"n2", "+ n2.nodes A 10.0.0.1", 0, 0, {0, 4, 60, 0, 0}},
	{"n1", "+ " WEB " SRV 80 n1.nodes; + " WEB " TXT a", 0, 0, {1, 6, 112, 0, 0}},
	{"n1", "+ api._http._tcp TXT a; + " WEB " TXT b", 30, 0, {2, 8, 140, 2, 0}},
	{"n1", "+ api._http._tcp TXT a", 30, 60, {2, 8, 140, 3, 0}},
	{"n1", "+ api._http._tcp TXT a", 30, 60, {2, 8, 140, 3, 0}},
	{"n1", "- api._http._tcp", 0, 0, {1, 7, 126, 1, 0}},
	{"n1", "+ " REPORT " TXT a", 30, 0, {1, 8, 140, 1, 1}},
	{"n2", "+ " REPORT " TXT b", 30, 0, {1, 8, 140, 1, 1}},
	{"n1", "- " REPORT " TXT a", 0, 0, {1, 7, 126, 1, 0}},
	{"admin", "- " WEB, 0, 0, {0, 4, 60, 0, 0}},
	{"admin", "- n1.nodes; - " CHALLENGE, 0, 0, {0, 0, 0, 0, 0}},
};

static void what_a_key_has_follows_each_change_and_its_undoing(void **state)
{
	static const uint64_t nothing[LEDGER_KINDS];
	const uint64_t *before = nothing;
	struct kit_world *w = *state;

	setup_fabric(w);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct row *r = &rows[i];

		for (int is_kept = 0; is_kept < 2; is_kept++) {
			assert_int_equal(
				kit_update(w, r->key, r->lease_s, r->key_lease_s, r->update), 0);
			assert_usage(w, "n1.keys", r->n1);
			if (is_kept)
				assert_true(kit_commit(w, false) >= 0);
			else
				kit_undo(w);
			assert_usage(w, "n1.keys", is_kept ? r->n1 : before);
		}
		before = r->n1;
	}
	/* A key that has nothing has no entry. */
	assert_usage(w, "n2.keys", (const uint64_t[]){0, 2, 30, 0, 1});
	assert_int_equal(kit_do(w, "n2", 0, 0, "- n2.nodes; - " REPORT " TXT b"), 0);
	assert_int_equal(w->state.ledger.usages.table.count, 0);
}

static void a_start_counts_the_same(void **state)
{
	struct kit_world *w = *state;

	setup_fabric(w);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(kit_do(w, rows[i].key, rows[i].lease_s, rows[i].key_lease_s,
					rows[i].update),
				 0);
		kit_restart(w, 0);
		set_fabric(w);
		for (int again = 0; again < 2; again++) {
			assert_int_equal(ledger_count_zone(&w->state.ledger, zone_name(w->zone),
							   zone_current(w->zone)),
					 0);
			ledger_commit(&w->state.ledger);
			assert_usage(w, "n1.keys", rows[i].n1);
		}
	}
}

static void what_ends_by_itself_or_is_forgotten_is_taken_off(void **state)
{
	struct kit_world *w = *state;

	setup_fabric(w);
	assert_int_equal(kit_do(w, "n1", 10, 0, REGISTER("web") NODE), 0);
	assert_usage(w, "n1.keys", (const uint64_t[]){1, 3, 68, 1, 0});
	kit_pass(w, 11000);
	assert_int_equal(w->state.ledger.usages.table.count, 0);
	assert_int_equal(kit_do(w, "n1", 10, 0, REGISTER("web") NODE), 0);
	assert_int_equal(ledger_forget(&w->state.ledger, zone_name(w->zone)), 0);
	ledger_undo(&w->state.ledger);
	assert_usage(w, "n1.keys", (const uint64_t[]){1, 3, 68, 1, 0});
	assert_int_equal(ledger_forget(&w->state.ledger, zone_name(w->zone)), 0);
	ledger_commit(&w->state.ledger);
	assert_int_equal(w->state.ledger.usages.table.count, 0);
}

static void without_memory_nothing_is_counted(void **state)
{
	struct kit_world *w = *state;
	int ret, n = 0;

	setup_fabric(w);
	do {
		memory_fail_after(n++);
		ret = kit_update(w, "n1", 30, 60, REGISTER("web") NODE);
		memory_fail_after(MEMORY_ENOUGH);
		if (ret == 0)
			break;
		assert_int_equal(ret, -ENOMEM);
		kit_undo(w);
		assert_usage(w, "n1.keys", (const uint64_t[]){0, 0, 0, 0, 0});
	} while (ret < 0);
	assert_true(n > 1);
	assert_usage(w, "n1.keys", (const uint64_t[]){1, 3, 68, 2, 0});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(what_a_key_has_follows_each_change_and_its_undoing),
		WORLD(a_start_counts_the_same),
		WORLD(what_ends_by_itself_or_is_forgotten_is_taken_off),
		WORLD(without_memory_nothing_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
