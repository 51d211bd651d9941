/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "locate/probe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "world.h"

static const uint8_t domain[] = "\3lab\5cloud";
static struct world world;
static struct locate_known known;
static struct locate_probe probe;

static int set_up(void **state)
{
	(void)state;
	world_start(&world, 2);
	known = (struct locate_known){0};
	for (size_t i = 0; i < 2; i++)
		locate_known_add(&known, &world.servers[i].endpoint, LOCATE_UDP, "test");
	probe = (struct locate_probe){.events = &world.events, .known = &known, .name = domain};
	locate_known_failed(&known, &world.servers[0].endpoint, world.now_ms);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	locate_probe_end(&probe);
	assert_int_equal(resolve_events_deadline(&world.events), UINT64_MAX);
	world_end(&world);
	return 0;
}

/* Begins when the first server is due, and lets time pass. */
static void run(void)
{
	bool never = false;

	world.now_ms += LOCATE_BACKOFF_MIN_MS;
	locate_probe_begin(&probe, NULL, world.now_ms);
	locate_probe_begin(&probe, NULL, world.now_ms);
	world_run(&world, &never, world.now_ms + 20000);
	assert_null(probe.lookup);
}

static void one_that_answers_has_its_place_again(void **state)
{
	(void)state;
	locate_probe_begin(&probe, NULL, world.now_ms);
	assert_null(probe.lookup); /* it is not due yet */
	run();
	assert_int_equal(world.servers[0].nudp, 1);
	assert_int_equal(known.items[0].rank, 0);
	assert_int_equal(known.items[0].health, LOCATE_WELL);
}

static void one_that_is_silent_waits_longer(void **state)
{
	(void)state;
	world.servers[0].manner = WORLD_IS_SILENT;
	run();
	assert_int_equal(known.items[1].rank, 0);
	assert_int_equal(known.items[1].health, LOCATE_FAILED);
	assert_int_equal(known.items[1].nfailures, 2);
}

static void one_that_refuses_is_there(void **state)
{
	(void)state;
	world.servers[0].manner = WORLD_REFUSES;
	run();
	assert_int_equal(known.items[0].rank, 0);
	assert_int_equal(known.items[0].health, LOCATE_WELL);
}

static void none_is_probed_if_all_have_failed(void **state)
{
	(void)state;
	locate_known_failed(&known, &world.servers[1].endpoint, world.now_ms);
	run();
	assert_int_equal(world.servers[0].nudp + world.servers[1].nudp, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_that_answers_has_its_place_again, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(one_that_is_silent_waits_longer, set_up, tear_down),
		cmocka_unit_test_setup_teardown(one_that_refuses_is_there, set_up, tear_down),
		cmocka_unit_test_setup_teardown(none_is_probed_if_all_have_failed, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
