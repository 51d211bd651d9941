/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../memory.h"
#include "kit.h"

#include <errno.h>

#include "dns/record.h"
#include "dns/type.h"
#include "ledger/leases.h"

static struct ledger_lease *find_by_holder(const struct kit_world *w, const char *name,
					   const char *key)
{
	const uint8_t *wire = key == NULL ? NULL : kit_name(key);

	return ledger_leases_find_by_holder(&w->state.ledger.leases, zone_name(w->zone),
					    kit_name(name), wire);
}

static void the_leases_of_a_name_are_found_by_number_and_by_holder(void **state)
{
	struct kit_world *w = *state;
	const struct ledger_leases *l = &w->state.ledger.leases;
	struct ledger_lease *leases[LEDGER_LEASES_OF_NAME];
	const uint8_t *zone = zone_name(w->zone);

	assert_int_equal(kit_do(w, "n1", 10, 20, REGISTER("web")), 0);
	assert_int_equal(kit_do(w, "admin", 10, 0, REGISTER("web")), 0);
	assert_int_equal(ledger_leases_of(l, zone, kit_name("WEB._http._tcp"), leases), 3);
	assert_ptr_equal(leases[0],
			 ledger_leases_find(l, zone, kit_name(WEB), LEDGER_LEASE_RECORDS));
	assert_ptr_equal(leases[1], ledger_leases_find(l, zone, kit_name(WEB), 2));
	assert_ptr_equal(leases[2], ledger_leases_find(l, zone, kit_name(WEB), LEDGER_LEASE_NAME));
	assert_ptr_equal(find_by_holder(w, WEB, "n1.keys"), leases[0]);
	assert_ptr_equal(find_by_holder(w, WEB, "admin.keys"), leases[1]);
	assert_null(find_by_holder(w, WEB, "n2.keys"));
	assert_null(find_by_holder(w, WEB, NULL));
	assert_int_equal(ledger_leases_of(l, zone, kit_name("none"), leases), 0);
	assert_null(ledger_leases_find(l, zone, kit_name("none"), LEDGER_LEASE_RECORDS));
}

static void a_lease_is_the_only_holder_until_another_has_the_record(void **state)
{
	static const struct {
		const char *update, *owner, *address;
		bool is_only;
	} rows[] = {
		{REGISTER("web") NODE, "n1.nodes", "\12\0\0\1", true},
		{REGISTER("web") NODE, "n1.nodes", "\12\0\0\2", false}, /* not held by any lease */
		{REGISTER("api") NODE, "n1.nodes", "\12\0\0\1", false},
	};
	struct kit_world *w = *state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct dns_record record = {
			.type = DNS_TYPE_A, .rdata = (const uint8_t *)rows[i].address, .nbytes = 4};

		assert_int_equal(kit_do(w, "n1", 10, 0, rows[i].update), 0);
		record.owner = kit_name(rows[i].owner);
		assert_int_equal(ledger_leases_is_only_holder(&w->state.ledger.leases,
							      find_by_holder(w, WEB, "n1.keys"),
							      &record),
				 rows[i].is_only);
	}
}

static void a_batch_that_is_undone_gives_each_lease_its_end_back(void **state)
{
	struct kit_world *w = *state;

	assert_int_equal(kit_do(w, "n1", 10, 0, REGISTER("web")), 0);
	assert_int_equal(kit_update(w, "n1", 20, 0, REGISTER("web") NODE), 0);
	assert_int_equal(kit_left_ms(w, WEB, LEDGER_LEASE_RECORDS), 20000);
	kit_undo(w);
	assert_int_equal(kit_left_ms(w, WEB, LEDGER_LEASE_RECORDS), 10000);
	assert_int_equal(ledger_schedule_next(&w->state.ledger.leases.schedule),
			 ledger_lease_expires(find_by_holder(w, WEB, "n1.keys")));
	assert_int_equal(w->state.ledger.leases.holders.used, 3);
}

static void without_memory_a_batch_that_is_undone_never_was(void **state)
{
	static const char *const updates[] = {
		"- " WEB "; + " WEB " SRV 81 n1.nodes; + " WEB
		" TXT b; + new._http._tcp SRV 1 ns; + new._http._tcp TXT x" NODE,
		REGISTER("web"),
		REGISTER("api") NODE,
		"- api._http._tcp; - _http._tcp PTR api._http._tcp",
	};
	struct kit_world *w = *state;
	unsigned nfailed = 0;

	kit_do(w, "n1", 10, 20, REGISTER("web") NODE);
	kit_do(w, "n1", 10, 0, REGISTER("api"));
	for (size_t i = 0; i < sizeof(updates) / sizeof(*updates); i++)
		for (int n = 0, is_done = 0; !is_done; n++) {
			int ret;

			memory_fail_after(n);
			ret = kit_update(w, "n1", 10, i % 2 == 0 ? 20 : 0, updates[i]);
			is_done = !memory_has_failed();
			kit_undo(w);
			assert_true(ret == 0 || (ret == -ENOMEM && !is_done));
			nfailed += !is_done;
			assert_int_equal(kit_left_ms(w, WEB, LEDGER_LEASE_RECORDS), 10000);
			assert_int_equal(kit_left_ms(w, WEB, LEDGER_LEASE_NAME), 20000);
			assert_int_equal(kit_left_ms(w, "new._http._tcp", LEDGER_LEASE_RECORDS),
					 -1);
			assert_string_equal(kit_owner(w, WEB), "n1");
			assert_string_equal(kit_owner(w, "new._http._tcp"), "");
		}
	assert_true(nfailed > 10);
	kit_pass(w, 10000);
	assert_int_equal(kit_count(w, WEB, "SRV") + kit_count(w, "_http._tcp", "PTR") +
				 kit_count(w, "n1.nodes", "A"),
			 0);
	assert_int_equal(w->state.ledger.leases.holders.used, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(the_leases_of_a_name_are_found_by_number_and_by_holder),
		WORLD(a_lease_is_the_only_holder_until_another_has_the_record),
		WORLD(a_batch_that_is_undone_gives_each_lease_its_end_back),
		WORLD(without_memory_a_batch_that_is_undone_never_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
