/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A small zone, three leases made by hand, and one thread that is registrar and worker in turn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rcu.h"
#include "dns/name.h"
#include "dns/type.h"
#include "dns/update.h"
#include "ledger/lease.h"
#include "ledger/refresh.h"
#include "zone/draft.h"
#include "zone/zone.h"

enum { NLEASES = 3, POLICY = 7, NOW_MS = 1000000 };

struct world {
	struct zone *zone;
	struct ledger_refreshes refreshes;
	struct ledger_lease lease[NLEASES];
	uint8_t key[NLEASES][2 * DNS_NAME_MAX + 1];
};

static const struct ledger_lease_terms terms = {
	.is_present = true, .has_key = true, .lease_s = 10, .key_lease_s = 100};
static const struct ledger_fingerprint print = {1, 2};

static const uint8_t *name(const char *text)
{
	static const uint8_t apex[] = "\003lab\005cloud";
	static uint8_t names[8][DNS_NAME_MAX];
	static unsigned turn;
	uint8_t *n = names[turn++ % 8];

	assert_true(dns_name_from_text(n, text, strlen(text), apex) > 0);
	return n;
}

/* ---- the world ---- */

static void zone_add(struct world *w, const char *owner, const char *address)
{
	struct zone_draft *d = zone_draft_new(w->zone);

	assert_int_equal(
		zone_draft_add(d, name(owner), DNS_TYPE_A, 60, (const uint8_t *)address, 4), 1);
	assert_int_equal(zone_draft_seal(d, NULL), 1);
	zone_draft_publish(d);
}

static void zone_make(struct world *w)
{
	static const uint8_t soa[] = "\2ns\3lab\5cloud\0\1h\3lab\5cloud\0\0\0\0\1\0\0\16\20\0\0\2"
				     "\130\0\1\121\200\0\0\0\12";
	static const char *const owners[] = {"ns", "web._http._tcp", "_http._tcp", "n1.nodes"};
	struct zone_draft *d;

	w->zone = zone_new(name("lab.cloud."), 42);
	d = zone_draft_new(w->zone);
	assert_int_equal(zone_draft_set_soa(d, 60, soa, sizeof(soa) - 1), 0);
	assert_int_equal(zone_draft_add(d, name("lab.cloud."), DNS_TYPE_NS, 60, name("ns"),
					dns_name_nbytes(name("ns"))),
			 1);
	for (size_t i = 0; i < sizeof(owners) / sizeof(*owners); i++)
		assert_int_equal(zone_draft_add(d, name(owners[i]), DNS_TYPE_A, 60,
						(const uint8_t *)"\12\0\0\1", 4),
				 1);
	assert_int_equal(zone_draft_seal(d, NULL), 1);
	zone_draft_publish(d);
}

static void lease_make(struct world *w, unsigned i, const char *text, uint8_t number)
{
	struct ledger_lease *lease = &w->lease[i];
	size_t n = dns_name_lower(w->key[i], zone_name(w->zone));

	n += dns_name_lower(w->key[i] + n, name(text));
	w->key[i][n++] = number;
	lease->entry.key = w->key[i];
	lease->entry.nkey = (uint16_t)n;
	lease->entry.hash = 100 + i;
	lease->expires_ms = NOW_MS + 1;
	lease->zone = w->zone;
}

static int world_make(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert_non_null(w);
	base_rcu_register();
	zone_make(w);
	assert_int_equal(ledger_refreshes_init(&w->refreshes, 3), 0);
	lease_make(w, 0, "web._http._tcp", LEDGER_LEASE_RECORDS);
	lease_make(w, 1, "web._http._tcp", LEDGER_LEASE_NAME);
	lease_make(w, 2, "n1.nodes", LEDGER_LEASE_RECORDS);
	*state = w;
	return 0;
}

static int world_end(void **state)
{
	struct world *w = *state;

	ledger_refreshes_fini(&w->refreshes);
	zone_free(w->zone);
	base_rcu_unregister();
	free(w);
	return 0;
}

/* ---- updates ---- */

/* Makes an update that adds an SRV at web._http._tcp and the PTR to it at _http._tcp. */
static size_t update_make(struct dns_update_record records[static 3])
{
	records[0] = (struct dns_update_record){.owner = name("web._http._tcp"),
						.type = DNS_TYPE_SRV,
						.rrclass = DNS_CLASS_IN,
						.rdata = (const uint8_t *)"\0\0\0\0\0\120\0",
						.nbytes = 7,
						.rdlength = 7};
	records[1] = (struct dns_update_record){.owner = name("_http._tcp"),
						.type = DNS_TYPE_PTR,
						.rrclass = DNS_CLASS_IN,
						.rdata = name("web._http._tcp")};
	records[1].nbytes = records[1].rdlength = (uint16_t)dns_name_nbytes(records[1].rdata);
	return 2;
}

static struct ledger_refresh *refresh_make(struct world *w, size_t nleases)
{
	struct ledger_lease *const leases[] = {&w->lease[0], &w->lease[1], &w->lease[2]};
	struct dns_update_record records[3];
	size_t n = update_make(records);

	return ledger_refresh_new(w->zone, POLICY, &print, records, n, leases, nleases, &terms);
}

static void learn(struct world *w, size_t nleases)
{
	struct ledger_refresh *r = refresh_make(w, nleases);

	assert_non_null(r);
	ledger_refresh_learn(&w->refreshes, r);
}

static bool try_at(struct world *w, const struct ledger_fingerprint *p, uint64_t now_ms,
		   bool *is_first)
{
	struct ledger_lease_terms granted;

	return ledger_refresh_try(&w->refreshes, p, w->zone, POLICY, now_ms, &granted, is_first);
}

static bool is_answered(struct world *w)
{
	bool is_first;

	return try_at(w, &print, NOW_MS, &is_first);
}

/* ---- tests ---- */

static void a_fingerprint_depends_on_key_and_message_but_not_on_the_id(void **state)
{
	static const struct {
		const char *msg, *key;
		uint64_t seed;
		bool is_same;
	} rows[] = {
		{"IDbody", "\2n1", 5, true},  {"XXbody", "\2n1", 5, true},
		{"IDbody", "\2N1", 5, true},  {"IDbodY", "\2n1", 5, false},
		{"IDbod", "\2n1", 5, false},  {"IDbody", "\2n2", 5, false},
		{"IDbody", "\2n1", 6, false},
	};
	struct ledger_refreshes t = {.seed = 5};
	struct ledger_fingerprint first, p;

	(void)state;
	first = ledger_refresh_fingerprint(&t, (const uint8_t *)"IDbody", 6,
					   (const uint8_t *)"\2n1");
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		t.seed = rows[i].seed;
		p = ledger_refresh_fingerprint(&t, (const uint8_t *)rows[i].msg,
					       strlen(rows[i].msg), (const uint8_t *)rows[i].key);
		assert_int_equal(p.high == first.high && p.low == first.low, rows[i].is_same);
	}
}

static void a_learned_refresh_moves_each_lease_by_its_own_duration(void **state)
{
	struct world *w = *state;
	struct ledger_lease_terms granted = {0};
	bool is_first;

	learn(w, 2);
	assert_true(ledger_refresh_try(&w->refreshes, &print, w->zone, POLICY, NOW_MS, &granted,
				       &is_first));
	assert_int_equal(w->lease[0].expires_ms, NOW_MS + 10000);
	assert_int_equal(w->lease[1].expires_ms, NOW_MS + 100000);
	assert_int_equal(w->lease[2].expires_ms, NOW_MS + 1);
	assert_int_equal(w->lease[0].stamp_ms, NOW_MS);
	assert_true(granted.is_present && granted.has_key);
	assert_int_equal(granted.lease_s, 10);
	assert_int_equal(granted.key_lease_s, 100);
	assert_int_equal(w->refreshes.nanswered, 1);
}

static void another_message_zone_or_policy_goes_to_the_registrar(void **state)
{
	struct world *w = *state;
	struct zone *other = zone_new(name("lab.cloud."), 42);
	const struct {
		struct ledger_fingerprint print;
		const struct zone *zone;
		uint64_t policy_number;
	} rows[] = {
		{{1, 3}, w->zone, POLICY},
		{{2, 2}, w->zone, POLICY},
		{print, other, POLICY},
		{print, w->zone, POLICY + 1},
	};
	struct ledger_lease_terms granted;
	bool is_first;

	learn(w, 2);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_false(ledger_refresh_try(&w->refreshes, &rows[i].print, rows[i].zone,
						rows[i].policy_number, NOW_MS, &granted,
						&is_first));
		assert_false(is_first);
	}
	assert_int_equal(w->lease[0].expires_ms, NOW_MS + 1);
	assert_int_equal(w->refreshes.nanswered, 0);
	zone_free(other);
}

static void a_change_of_a_name_that_the_update_depends_on_ends_the_refresh(void **state)
{
	static const struct {
		const char *changed;
		bool has_removal; /* the update also removes the RRset at _http._tcp */
		bool is_answered;
	} rows[] = {
		{"web._http._tcp", false, false},
		{"_http._tcp", false, true}, /* it only adds a PTR there */
		{"_http._tcp", true, false},
		{"n1.nodes", false, true},
		{"new.nodes", false, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		void *made;
		struct world *w;
		struct ledger_lease *leases[1];
		struct dns_update_record records[3];
		size_t n;

		world_make(&made);
		w = made;
		leases[0] = &w->lease[0];
		n = update_make(records);
		if (rows[i].has_removal)
			records[n++] = (struct dns_update_record){.owner = name("_http._tcp"),
								  .type = DNS_TYPE_PTR,
								  .rrclass = DNS_CLASS_ANY};
		ledger_refresh_learn(
			&w->refreshes,
			ledger_refresh_new(w->zone, POLICY, &print, records, n, leases, 1, &terms));
		assert_true(is_answered(w));
		zone_add(w, rows[i].changed, "\12\0\0\2");
		assert_int_equal(is_answered(w), rows[i].is_answered);
		world_end(&made);
	}
}

static void the_target_of_a_pointer_is_depended_on(void **state)
{
	struct world *w = *state;
	struct ledger_lease *const leases[] = {&w->lease[0]};
	struct dns_update_record records[3];

	update_make(records);
	ledger_refresh_learn(&w->refreshes, ledger_refresh_new(w->zone, POLICY, &print, records + 1,
							       1, leases, 1, &terms));
	assert_true(is_answered(w));
	zone_add(w, "web._http._tcp", "\12\0\0\2");
	assert_false(is_answered(w));
}

static void a_seized_lease_sends_the_update_to_the_registrar(void **state)
{
	struct world *w = *state;

	learn(w, 2);
	assert_true(ledger_lease_seize(&w->lease[1], NOW_MS + 1));
	assert_false(is_answered(w));
	assert_int_equal(w->lease[0].expires_ms, NOW_MS + 10000);
	assert_int_equal(w->lease[1].expires_ms, LEDGER_LEASE_ENDED);
	ledger_lease_revive(&w->lease[1]);
	assert_int_equal(w->lease[1].expires_ms, NOW_MS + 1);
	assert_true(is_answered(w));
}

static void a_moved_lease_cannot_be_seized_at_its_old_end(void **state)
{
	struct world *w = *state;

	learn(w, 1);
	assert_true(is_answered(w));
	assert_false(ledger_lease_seize(&w->lease[0], NOW_MS + 1));
	assert_true(ledger_lease_seize(&w->lease[0], NOW_MS + 10000));
}

static void a_forgotten_refresh_is_forgotten_for_all_its_leases(void **state)
{
	struct world *w = *state;

	learn(w, 3);
	assert_non_null(w->lease[2].refresh);
	ledger_refresh_forget(&w->refreshes, &w->lease[1]);
	for (unsigned i = 0; i < NLEASES; i++)
		assert_null(w->lease[i].refresh);
	assert_false(is_answered(w));
	assert_int_equal(w->refreshes.count, 0);
	ledger_refresh_forget(&w->refreshes, &w->lease[1]);
	learn(w, 1);
	assert_true(is_answered(w));
}

static void a_refresh_replaces_those_of_its_leases_and_of_its_fingerprint(void **state)
{
	struct world *w = *state;
	struct ledger_lease *const node[] = {&w->lease[2]}, *const both[] = {&w->lease[0],
									     &w->lease[2]};
	const struct ledger_fingerprint other = {8, 9};
	struct dns_update_record records[3];
	size_t n = update_make(records);
	bool is_first;

	learn(w, 1);
	ledger_refresh_learn(&w->refreshes, ledger_refresh_new(w->zone, POLICY, &print, records, n,
							       node, 1, &terms));
	assert_int_equal(w->refreshes.count, 1);
	assert_null(w->lease[0].refresh);
	assert_true(is_answered(w));
	assert_int_equal(w->lease[0].expires_ms, NOW_MS + 1);
	assert_int_equal(w->lease[2].expires_ms, NOW_MS + 10000);
	ledger_refresh_learn(&w->refreshes, ledger_refresh_new(w->zone, POLICY, &other, records, n,
							       both, 2, &terms));
	assert_int_equal(w->refreshes.count, 1);
	assert_false(is_answered(w));
	assert_true(try_at(w, &other, NOW_MS, &is_first));
}

static void a_refresh_is_invalid_if_the_batch_changes_one_of_its_leases(void **state)
{
	struct world *w = *state;
	struct ledger_refresh *r = refresh_make(w, 2);
	struct ledger_lease *const *leases;

	assert_int_equal(ledger_refresh_leases(r, &leases), 2);
	assert_ptr_equal(leases[0], &w->lease[0]);
	assert_ptr_equal(leases[1], &w->lease[1]);
	assert_true(ledger_refresh_is_valid(r));
	w->lease[2].entry.is_changed = true;
	assert_true(ledger_refresh_is_valid(r));
	w->lease[1].entry.is_changed = true;
	assert_false(ledger_refresh_is_valid(r));
	ledger_refresh_free(r);
	ledger_refresh_free(NULL);
}

static void too_many_leases_or_names_are_not_learned(void **state)
{
	struct world *w = *state;
	struct ledger_lease *leases[LEDGER_REFRESH_LEASES_MAX + 1];
	struct dns_update_record records[32];
	uint8_t owners[32][DNS_NAME_MAX];
	char text[64];

	for (size_t i = 0; i < sizeof(leases) / sizeof(*leases); i++)
		leases[i] = &w->lease[0];
	assert_null(refresh_make(w, 0));
	assert_null(ledger_refresh_new(w->zone, POLICY, &print, records, 0, leases,
				       LEDGER_REFRESH_LEASES_MAX + 1, &terms));
	for (unsigned i = 0; i < 32; i++) {
		snprintf(text, sizeof(text), "a-name-of-forty-characters-and-number-%02u", i);
		dns_name_lower(owners[i], name(text));
		records[i] = (struct dns_update_record){
			.owner = owners[i], .type = DNS_TYPE_A, .rrclass = DNS_CLASS_IN};
	}
	assert_null(ledger_refresh_new(w->zone, POLICY, &print, records, 32, leases, 1, &terms));
	/* A name that occurs many times is learned once. */
	for (unsigned i = 0; i < 32; i++)
		records[i].owner = owners[0];
	ledger_refresh_learn(&w->refreshes, ledger_refresh_new(w->zone, POLICY, &print, records, 32,
							       leases, 1, &terms));
	assert_int_equal(w->refreshes.count, 1);
}

static unsigned take_moved(struct world *w, uint64_t *last)
{
	struct base_queue_link *link = base_queue_take(&w->refreshes.moved), *next;
	unsigned n = 0;

	for (; link != NULL; link = next, n++) {
		next = link->next;
		*last = ((struct ledger_moved *)link)->lease;
		free(link);
	}
	return n;
}

static void a_worker_reports_a_lease_whose_end_on_disk_is_far(void **state)
{
	struct world *w = *state;
	uint64_t last = 0;
	bool is_first;

	learn(w, 1);
	assert_true(try_at(w, &print, NOW_MS, &is_first));
	assert_true(is_first);
	assert_true(try_at(w, &print, NOW_MS + 1000, &is_first));
	assert_false(is_first);
	assert_int_equal(take_moved(w, &last), 2);
	assert_int_equal(last, w->lease[0].entry.hash);
	w->lease[0].saved_ms = NOW_MS + 10000;
	assert_true(try_at(w, &print, NOW_MS + LEDGER_REFRESH_SAVE_MS - 1, &is_first));
	assert_false(is_first);
	assert_int_equal(take_moved(w, &last), 0);
	assert_true(try_at(w, &print, NOW_MS + LEDGER_REFRESH_SAVE_MS, &is_first));
	assert_true(is_first);
	assert_int_equal(take_moved(w, &last), 1);
}

/* More than the first slots can hold; a third of them is forgotten again. */
static void many_refreshes_are_all_found(void **state)
{
	enum { MANY = 1500 };
	struct world *w = *state;
	struct ledger_lease *many = calloc(MANY, sizeof(*many));
	struct dns_update_record records[3];
	size_t n = update_make(records);
	bool is_first;

	assert_non_null(many);
	for (unsigned i = 0; i < MANY; i++) {
		struct ledger_lease *const leases[] = {&many[i]};
		const struct ledger_fingerprint p = {i, i / 4};

		many[i] = w->lease[0];
		ledger_refresh_learn(&w->refreshes, ledger_refresh_new(w->zone, POLICY, &p, records,
								       n, leases, 1, &terms));
		if (i % 3 == 2)
			ledger_refresh_forget(&w->refreshes, &many[i]);
	}
	assert_int_equal(w->refreshes.count, MANY - MANY / 3);
	for (unsigned i = 0; i < MANY; i++)
		assert_int_equal(
			try_at(w, &(struct ledger_fingerprint){i, i / 4}, NOW_MS, &is_first),
			i % 3 != 2);
	free(many);
}

#define WORLD(test) cmocka_unit_test_setup_teardown(test, world_make, world_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fingerprint_depends_on_key_and_message_but_not_on_the_id),
		WORLD(a_learned_refresh_moves_each_lease_by_its_own_duration),
		WORLD(another_message_zone_or_policy_goes_to_the_registrar),
		cmocka_unit_test(a_change_of_a_name_that_the_update_depends_on_ends_the_refresh),
		WORLD(the_target_of_a_pointer_is_depended_on),
		WORLD(a_seized_lease_sends_the_update_to_the_registrar),
		WORLD(a_moved_lease_cannot_be_seized_at_its_old_end),
		WORLD(a_forgotten_refresh_is_forgotten_for_all_its_leases),
		WORLD(a_refresh_replaces_those_of_its_leases_and_of_its_fingerprint),
		WORLD(a_refresh_is_invalid_if_the_batch_changes_one_of_its_leases),
		WORLD(too_many_leases_or_names_are_not_learned),
		WORLD(a_worker_reports_a_lease_whose_end_on_disk_is_far),
		WORLD(many_refreshes_are_all_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
