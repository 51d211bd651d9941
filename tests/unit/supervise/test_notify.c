/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "supervise/notify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "../child/bench.h"

static struct supervise_notify_message parse(const char *text)
{
	struct supervise_notify_message m;

	supervise_notify_parse(&m, text, strlen(text));
	return m;
}

static void lines_are_parsed_and_others_skipped(void **state)
{
	struct supervise_notify_message m;

	(void)state;
	m = parse("READY=1\nSTATUS=all\twell\nMAINPID=77\nX_OTHER=1\nEXTEND_TIMEOUT_USEC=5000\n");
	assert_true(m.is_ready && m.has_status);
	assert_false(m.is_stopping || m.is_reloading || m.is_watchdog || m.is_watchdog_trigger);
	assert_string_equal(m.status, "all?well");
	assert_int_equal(m.main_pid, 77);
	assert_int_equal(m.extend_us, 5000);
	m = parse("STOPPING=1\nRELOADING=1\nWATCHDOG=1\nWATCHDOG_USEC=9\nERRNO=2");
	assert_true(m.is_stopping && m.is_reloading && m.is_watchdog);
	assert_int_equal(m.watchdog_us, 9);
	assert_int_equal(m.exit_errno, 2);
	assert_true(parse("WATCHDOG=trigger").is_watchdog_trigger);
	m = parse("READY=0\nREADY\nMAINPID=-5\nMAINPID=1\nERRNO=99999\nMAINPID=9x\n=\nWATCHDOG_"
		  "USEC=");
	assert_false(m.is_ready);
	assert_int_equal(m.main_pid, 0);
	assert_int_equal(m.exit_errno, 0);
}

static void a_long_message_is_cut(void **state)
{
	struct supervise_notify_message m;
	char bytes[10000];

	(void)state;
	memset(bytes, 'x', sizeof(bytes));
	memcpy(bytes, "STATUS=", 7);
	supervise_notify_parse(&m, bytes, sizeof(bytes));
	assert_int_equal(strlen(m.status), SUPERVISE_NOTIFY_STATUS_MAX - 1);
}

struct seen {
	bool is_there;
	pid_t sender;
};

static void on_message(void *arg, pid_t sender, const struct supervise_notify_message *message)
{
	struct seen *seen = arg;

	seen->is_there = message->is_ready;
	seen->sender = sender;
}

static void the_sender_is_named_and_its_descriptors_are_closed(void **state)
{
	struct bench *bench = *state;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct supervise_notify *notify;
	char text[] = "READY=1";
	struct iovec part = {text, strlen(text)};
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {.header = {CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
	struct msghdr message = {.msg_name = &address,
				 .msg_namelen = sizeof(address),
				 .msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = control.bytes,
				 .msg_controllen = sizeof(control.bytes)};
	struct seen seen = {0};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", bench_path(bench, "n"));
	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	for (int i = 0; i < 2; i++) { /* the second one replaces the file of the first */
		assert_int_equal(supervise_notify_open(&notify, bench->loop, address.sun_path,
						       on_message, &seen),
				 0);
		seen = (struct seen){0};
		assert_int_equal(sendmsg(fd, &message, 0), (ssize_t)strlen(text));
		bench_wait(bench, &seen.is_there);
		assert_int_equal(seen.sender, getpid());
		supervise_notify_close(notify);
	}
	close(fd);
}

struct count {
	unsigned n;
	bool is_over;
};

static void on_counted(void *arg, pid_t sender, const struct supervise_notify_message *message)
{
	struct count *count = arg;

	(void)sender;
	count->n++;
	count->is_over = message->is_stopping;
}

static void on_time(struct ev_loop *loop, ev_timer *timer, int revents)
{
	(void)revents;
	(void)timer;
	ev_break(loop, EVBREAK_ALL);
}

/* Each turn of the loop finds as many as the queue takes. */
static void a_flood_is_taken_at_a_bounded_rate_and_nothing_is_lost(void **state)
{
	struct bench *bench = *state;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct supervise_notify *notify;
	struct count count = {0};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	unsigned nsent = 0;
	ev_timer timer;
	double begin_s;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", bench_path(bench, "n"));
	assert_int_equal(
		supervise_notify_open(&notify, bench->loop, address.sun_path, on_counted, &count),
		0);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	ev_timer_init(&timer, on_time, 0.2, 0);
	ev_timer_start(bench->loop, &timer);
	begin_s = ev_time();
	while (ev_is_active(&timer)) {
		while (send(fd, "STATUS=x", 8, 0) == 8)
			nsent++;
		ev_run(bench->loop, EVRUN_NOWAIT);
	}
	assert_true(count.n <= 512 + 32 + 2000 * (ev_time() - begin_s));
	while (count.n < nsent)
		ev_run(bench->loop, EVRUN_ONCE);
	assert_int_equal(send(fd, "STOPPING=1", 10, 0), 10);
	bench_wait(bench, &count.is_over);
	supervise_notify_close(notify);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_parsed_and_others_skipped),
		cmocka_unit_test(a_long_message_is_cut),
		cmocka_unit_test_setup_teardown(the_sender_is_named_and_its_descriptors_are_closed,
						bench_set_up, bench_tear_down),
		cmocka_unit_test_setup_teardown(
			a_flood_is_taken_at_a_bounded_rate_and_nothing_is_lost, bench_set_up,
			bench_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
