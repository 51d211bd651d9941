/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger/clock.h"

static void the_clock_goes_on_from_the_latest_saved_time(void **state)
{
	static const struct {
		uint64_t saved_ms[3]; /* in the order in which they are read */
		uint64_t steady_start_ms, steady_ms, now_ms;
	} rows[] = {
		{{0, 0, 0}, 0, 0, 0},
		{{0, 0, 0}, 5000, 5000, 0},
		{{0, 0, 0}, 5000, 5001, 1},
		{{700, 900, 800}, 5000, 5000, 900},
		{{900, 0, 0}, 5000, 6000, 1900},
		/* The steady clock starts anew with the machine. */
		{{86400000, 0, 0}, 3, 13, 86400010},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct ledger_clock c = {0};

		for (unsigned k = 0; k < 3; k++)
			ledger_clock_read(&c, rows[i].saved_ms[k]);
		ledger_clock_start(&c, rows[i].steady_start_ms);
		assert_int_equal(ledger_clock_now(&c, rows[i].steady_ms), rows[i].now_ms);
	}
}

static void the_clock_is_saved_each_second(void **state)
{
	struct ledger_clock c = {0};

	(void)state;
	ledger_clock_read(&c, 4000);
	ledger_clock_start(&c, 77);
	assert_int_equal(ledger_clock_next_save(&c), 5000);
	c.saved_ms = 5100;
	assert_int_equal(ledger_clock_next_save(&c), 6100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_clock_goes_on_from_the_latest_saved_time),
		cmocka_unit_test(the_clock_is_saved_each_second),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
