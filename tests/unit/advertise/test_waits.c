/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "../mdns/lan_kit.h"
#include "advertise/waits.h"

static struct advertise_waits waits;
static struct advertise_wait a, b;
static unsigned ncalls;

static void on_wait(struct advertise_wait *w)
{
	ncalls++;
	advertise_wait_end(w == &a ? &b : &a);
}

static void on_again(struct advertise_wait *w)
{
	ncalls++;
	advertise_wait_begin(&waits, w, 0, on_again);
}

static void each_wait_ends_in_time(void **state)
{
	(void)state;
	advertise_waits_init(&waits, NULL);
	advertise_wait_begin(&waits, &b, 5000, on_wait);
	advertise_wait_begin(&waits, &a, 1000, on_wait);
	lan_kit_pass(900);
	assert_int_equal(ncalls, 0);
	/* The first one that ends, ends the other. */
	lan_kit_pass(10000);
	assert_int_equal(ncalls, 1);
	advertise_waits_fini(&waits);
}

static void a_call_that_waits_again_does_not_hold_up_the_loop(void **state)
{
	(void)state;
	ncalls = 0;
	advertise_waits_init(&waits, NULL);
	advertise_wait_begin(&waits, &a, 0, on_again);
	lan_kit_pass(1000);
	assert_in_range(ncalls, 5, 10);
	advertise_wait_end(&a);
	advertise_waits_fini(&waits);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_wait_ends_in_time),
		cmocka_unit_test(a_call_that_waits_again_does_not_hold_up_the_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
