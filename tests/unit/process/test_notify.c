/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "process/notify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static int manager = -1;

/* Listens under an abstract name that the kernel chose. */
static int manager_open(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	socklen_t length = sizeof(address.sun_family);
	char name[120];

	(void)state;
	manager = socket(AF_UNIX, SOCK_DGRAM, 0);
	assert_int_equal(bind(manager, (struct sockaddr *)&address, length), 0);
	length = sizeof(address);
	assert_int_equal(getsockname(manager, (struct sockaddr *)&address, &length), 0);
	snprintf(name, sizeof(name), "@%.*s",
		 (int)(length - offsetof(struct sockaddr_un, sun_path) - 1), address.sun_path + 1);
	return setenv("NOTIFY_SOCKET", name, 1);
}

static int manager_close(void **state)
{
	(void)state;
	unsetenv("NOTIFY_SOCKET");
	return close(manager);
}

static const char *heard(void)
{
	static char text[300];
	ssize_t got = recv(manager, text, sizeof(text) - 1, MSG_DONTWAIT);

	text[got > 0 ? got : 0] = '\0';
	return text;
}

static void the_manager_hears_each_state(void **state)
{
	(void)state;
	assert_int_equal(process_notify_ready(NULL), 0);
	assert_string_equal(heard(), "READY=1");
	assert_int_equal(process_notify_ready("3 zones"), 0);
	assert_string_equal(heard(), "READY=1\nSTATUS=3 zones");
	assert_int_equal(process_notify_status("no zones"), 0);
	assert_string_equal(heard(), "STATUS=no zones");
	assert_int_equal(process_notify_reloading(), 0);
	assert_memory_equal(heard(), "RELOADING=1\nMONOTONIC_USEC=", 27);
	assert_int_equal(process_notify_stopping(), 0);
	assert_string_equal(heard(), "STOPPING=1");
	assert_int_equal(process_notify_watchdog(), 0);
	assert_string_equal(heard(), "WATCHDOG=1");
}

static void without_a_manager_nothing_is_sent(void **state)
{
	char *name = strdup(getenv("NOTIFY_SOCKET"));

	(void)state;
	unsetenv("NOTIFY_SOCKET");
	assert_int_equal(process_notify_ready(NULL), 0);
	assert_string_equal(heard(), "");
	setenv("NOTIFY_SOCKET", name, 1);
	free(name);
}

static void the_watchdog_is_fed_twice_as_often_as_asked(void **state)
{
	char pid[20];

	(void)state;
	assert_int_equal(process_notify_watchdog_interval_ms(), 0);
	setenv("WATCHDOG_USEC", "3000000", 1);
	assert_int_equal(process_notify_watchdog_interval_ms(), 1500);
	setenv("WATCHDOG_PID", "1", 1);
	assert_int_equal(process_notify_watchdog_interval_ms(), 0);
	snprintf(pid, sizeof(pid), "%d", getpid());
	setenv("WATCHDOG_PID", pid, 1);
	assert_int_equal(process_notify_watchdog_interval_ms(), 1500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_manager_hears_each_state),
		cmocka_unit_test(without_a_manager_nothing_is_sent),
		cmocka_unit_test(the_watchdog_is_fed_twice_as_often_as_asked),
	};

	return cmocka_run_group_tests(tests, manager_open, manager_close);
}
