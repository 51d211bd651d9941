/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/lease.h"

static void an_end_is_seized_only_while_it_is_the_same(void **state)
{
	struct ledger_lease lease = {.expires_ms = 500};

	(void)state;
	assert_false(ledger_lease_seize(&lease, 499));
	assert_int_equal(ledger_lease_expires(&lease), 500);
	assert_true(ledger_lease_seize(&lease, 500));
	assert_int_equal(ledger_lease_expires(&lease), LEDGER_LEASE_ENDED);
	assert_false(ledger_lease_seize(&lease, 500));
	assert_int_equal(lease.seized_ms, 500);
}

static void a_revived_lease_has_the_end_that_was_seized(void **state)
{
	struct ledger_lease lease = {.expires_ms = 500};

	(void)state;
	assert_true(ledger_lease_seize(&lease, 500));
	ledger_lease_revive(&lease);
	assert_int_equal(ledger_lease_expires(&lease), 500);
	lease.expires_ms = 600;
	ledger_lease_revive(&lease); /* not seized: nothing to give back */
	assert_int_equal(ledger_lease_expires(&lease), 600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_end_is_seized_only_while_it_is_the_same),
		cmocka_unit_test(a_revived_lease_has_the_end_that_was_seized),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
