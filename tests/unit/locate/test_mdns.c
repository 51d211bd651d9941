/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "locate/mdns.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void on_done(void *arg, uint64_t now_ms)
{
	(void)arg;
	(void)now_ms;
	fail();
}

static void without_a_daemon_there_is_an_error_and_nothing_is_left(void **state)
{
	struct resolve_events events;
	struct locate_mdns *m = NULL;
	int ret;

	(void)state;
	setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus", 1);
	assert_int_equal(resolve_events_init(&events), 0);
	ret = locate_mdns_new(&m, &events, on_done, NULL, 1);
	assert_true(ret == -EHOSTUNREACH || ret == -EOPNOTSUPP);
	assert_int_equal(resolve_events_deadline(&events), UINT64_MAX);
	locate_mdns_free(NULL);
	resolve_events_fini(&events);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_daemon_there_is_an_error_and_nothing_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
