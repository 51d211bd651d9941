/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* What groups, browsers and sets of interfaces do while there is no D-Bus. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <ev.h>

#include "dns/type.h"
#include "lan/browser.h"
#include "lan/daemon.h"
#include "lan/group.h"
#include "lan/interfaces.h"

static const uint8_t name[] = "\2n1\5local", address[] = {10, 0, 0, 1};
static const struct lan_record record = {.owner = name,
					 .type = DNS_TYPE_A,
					 .ttl = 120,
					 .rdata = address,
					 .nbytes = 4,
					 .is_unique = true};

static int nstates;
static bool does_free;

static void on_state(void *arg, struct lan_group *g, enum lan_group_state state)
{
	*(enum lan_group_state *)arg = state;
	nstates++;
	if (does_free)
		lan_group_free(g);
}

static void on_record(void *arg, struct lan_browser *b, enum lan_browser_event event,
		      const uint8_t *rdata, size_t nbytes)
{
	(void)arg;
	(void)b;
	(void)event;
	(void)rdata;
	(void)nbytes;
	nstates++;
}

static void on_daemon(void *arg, bool is_running)
{
	(void)arg;
	(void)is_running;
	nstates++;
}

static int setup(void **state)
{
	(void)state;
	nstates = 0;
	does_free = false;
	return setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus", 1);
}

static void turns(struct ev_loop *loop)
{
	for (int i = 0; i < 5; i++)
		ev_run(loop, EVRUN_NOWAIT);
}

static void without_a_bus_all_waits(void **state)
{
	static const char *const absent[] = {"nosuchinterface", "weft-none"};
	struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
	struct lan_daemon *d = lan_daemon_new(loop, on_daemon, NULL);
	struct lan_interfaces *all = lan_interfaces_new(d, NULL, 0);
	struct lan_interfaces *none = lan_interfaces_new(d, absent, 2);
	enum lan_group_state group = LAN_GROUP_STATES, other = LAN_GROUP_STATES;
	struct lan_group *g = lan_group_new(d, all, on_state, &group);
	struct lan_group *h = lan_group_new(d, none, on_state, &other);
	struct lan_browser *b = lan_browser_new(d, all, name, DNS_TYPE_A, on_record, NULL);
	struct lan_stats stats;

	(void)state;
	assert_int_equal(lan_group_publish(g, &record, 1), 0);
	assert_int_equal(lan_group_publish(h, &record, 1), 0);
	assert_int_equal(nstates, 0);
	turns(loop);
	assert_int_equal(group, LAN_GROUP_WAITING);
	assert_int_equal(other, LAN_GROUP_WAITING);
	assert_int_equal(nstates, 2);
	assert_int_equal(lan_group_publish(g, NULL, 0), 0);
	turns(loop);
	assert_int_equal(group, LAN_GROUP_EMPTY);
	assert_false(lan_daemon_is_running(d));
	lan_daemon_stats_get(d, &stats);
	assert_int_equal(stats.is_running + stats.nclients + stats.nobjects + stats.nrefused, 0);
	assert_true(lan_daemon_interrupt(d));
	lan_group_free(g);
	lan_group_free(h);
	lan_browser_free(b);
	lan_interfaces_free(all);
	lan_interfaces_free(none);
	lan_daemon_free(d);
	ev_loop_destroy(loop);
}

static void a_group_may_be_freed_in_its_function(void **state)
{
	struct ev_loop *loop = ev_loop_new(EVFLAG_AUTO);
	struct lan_daemon *d = lan_daemon_new(loop, NULL, NULL);
	struct lan_interfaces *all = lan_interfaces_new(d, NULL, 0);
	enum lan_group_state group = LAN_GROUP_STATES;
	struct lan_group *g = lan_group_new(d, all, on_state, &group);

	(void)state;
	does_free = true;
	assert_int_equal(lan_group_publish(g, &record, 1), 0);
	turns(loop);
	assert_int_equal(group, LAN_GROUP_WAITING);
	lan_interfaces_free(all);
	lan_daemon_free(d);
	ev_loop_destroy(loop);
}

static void nothing_is_freed_without_harm(void **state)
{
	(void)state;
	lan_group_free(NULL);
	lan_browser_free(NULL);
	lan_interfaces_free(NULL);
	lan_daemon_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(without_a_bus_all_waits, setup),
		cmocka_unit_test_setup(a_group_may_be_freed_in_its_function, setup),
		cmocka_unit_test(nothing_is_freed_without_harm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
