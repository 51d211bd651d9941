/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "../memory.h"
#include "kit.h"
#include "reach/pace.h"
#include "reach/reach.h"

enum { ALL_MAX = 1000, DEADLINE_MS = 10000 };

static bool has_network; /* of its own */

/* A reach, with a clock that moves only if no socket is ready. */
struct fixture {
	struct resolve_events events;
	struct reach_memory *memory;
	struct find_instance *all[ALL_MAX];
	size_t n;
	struct reach *reach;
	struct reach_options options;
	uint64_t now_ms;
	unsigned before; /* descriptors */
	unsigned most;
	/* what was reported */
	char failed[256]; /* labels, if they are not too many */
	unsigned nfailed, ndone;
	int error, fd;
	char to[32], why[REACH_WHY_MAX];
	uint64_t done_ms;
	unsigned free_at; /* which report frees the reach; 0: none */
};

static void fixture_init(struct fixture *f)
{
	*f = (struct fixture){.options.deadline_ms = DEADLINE_MS, .fd = -1};
	f->before = kit_descriptors();
	assert_int_equal(resolve_events_init(&f->events), 0);
	f->memory = reach_memory_new();
	assert_non_null(f->memory);
}

static void fixture_add(struct fixture *f, struct find_instance *i)
{
	f->all[f->n++] = i;
}

/* Closes all, and checks that nothing remains. */
static void fixture_fini(struct fixture *f)
{
	reach_free(f->reach);
	reach_memory_free(f->memory);
	assert_true(resolve_events_deadline(&f->events) == UINT64_MAX);
	resolve_events_fini(&f->events);
	if (f->fd >= 0)
		close(f->fd);
	while (f->n > 0) {
		assert_int_equal(f->all[--f->n]->nreferences, 1);
		find_instance_release(f->all[f->n]);
	}
}

static void report_count(struct fixture *f)
{
	if (f->free_at != f->nfailed + f->ndone)
		return;
	reach_free(f->reach);
	f->reach = NULL;
}

static void on_failed(void *arg, const struct find_instance *i, int error)
{
	struct fixture *f = arg;

	assert_true(error < 0);
	if (strlen(f->failed) + strlen(i->label) + 2 < sizeof(f->failed)) {
		strcat(f->failed, i->label);
		strcat(f->failed, " ");
	}
	f->nfailed++;
	report_count(f);
}

static void on_done(void *arg, int error, int fd, const struct find_instance *to, const char *why,
		    uint64_t now_ms)
{
	struct fixture *f = arg;

	f->ndone++;
	f->error = error;
	f->fd = fd;
	f->done_ms = now_ms;
	report_count(f);
	snprintf(f->to, sizeof(f->to), "%s", to != NULL ? to->label : "");
	strcpy(f->why, why);
	assert_true((fd >= 0) == (error == 0) && (to != NULL) == (error == 0));
}

static int fixture_begin(struct fixture *f)
{
	return reach_new(&f->reach, &f->events, f->memory, f->all, f->n, &f->options, on_done,
			 on_failed, f);
}

/* Begins, and runs until the end; from one deadline to the next when no socket is ready. */
static void fixture_run(struct fixture *f)
{
	assert_int_equal(fixture_begin(f), 0);
	while (f->ndone == 0 && f->reach != NULL) {
		struct pollfd ready = {.fd = f->events.fd, .events = POLLIN};
		unsigned n = kit_descriptors();

		f->most = n > f->most ? n : f->most;
		if (poll(&ready, 1, 10) == 0) {
			uint64_t due_ms = resolve_events_deadline(&f->events);

			f->now_ms = due_ms > f->now_ms ? due_ms : f->now_ms;
		}
		resolve_events_run(&f->events, f->now_ms);
	}
}

/* ---- streams ---- */

static void the_first_instance_is_connected_to(void **state)
{
	struct kit_port p = kit_listening();
	struct fixture f;
	int flags;

	(void)state;
	fixture_init(&f);
	fixture_add(&f, kit_instance("a", 0, "127.0.0.1", p.port));
	fixture_add(&f, kit_instance("b", 0, "127.0.0.1", p.port));
	fixture_run(&f);
	assert_int_equal(f.error, 0);
	assert_string_equal(f.to, "a");
	assert_string_equal(f.why, "");
	flags = fcntl(f.fd, F_GETFL);
	assert_int_equal(flags & O_NONBLOCK, 0);
	assert_int_equal(fcntl(f.fd, F_GETFD), FD_CLOEXEC);
	/* The memory's and the listener's aside, events and the socket. */
	assert_int_equal(kit_descriptors(), f.before + 2);
	fixture_fini(&f);

	fixture_init(&f);
	f.options.is_nonblocking = true;
	fixture_add(&f, kit_instance("a", 0, "127.0.0.1", p.port));
	fixture_run(&f);
	assert_true(fcntl(f.fd, F_GETFL) & O_NONBLOCK);
	fixture_fini(&f);
	kit_close(&p);
}

static void an_instance_that_refuses_is_followed_at_once(void **state)
{
	struct kit_port refusing = kit_refusing(), listening = kit_listening();
	char why[64];
	struct fixture f;

	(void)state;
	fixture_init(&f);
	fixture_add(&f, kit_instance("a", 0, "127.0.0.1", refusing.port));
	fixture_add(&f, kit_instance("b", 1, "127.0.0.1", listening.port));
	fixture_run(&f);
	assert_string_equal(f.to, "b");
	assert_string_equal(f.failed, "a ");
	assert_int_equal(f.done_ms, 0);
	snprintf(why, sizeof(why), "a 127.0.0.1@%u: refused", refusing.port);
	assert_string_equal(f.why, why);
	assert_true(reach_memory_is_bad(f.memory, f.all[0], 0));
	assert_false(reach_memory_is_bad(f.memory, f.all[1], 0));
	fixture_fini(&f);
	kit_close(&refusing);
	kit_close(&listening);
}

static void the_next_is_begun_beside_a_silent_one(void **state)
{
	struct kit_port silent = kit_silent(), listening = kit_listening();
	struct fixture f;

	(void)state;
	for (unsigned priority = 0; priority < 2; priority++) {
		fixture_init(&f);
		fixture_add(&f, kit_instance("a", 0, "127.0.0.1", silent.port));
		fixture_add(&f, kit_instance("b", (uint16_t)priority, "127.0.0.1", listening.port));
		fixture_run(&f);
		assert_string_equal(f.to, "b");
		assert_int_equal(f.done_ms, REACH_PATIENCE_MS);
		assert_true(reach_memory_is_bad(f.memory, f.all[0], f.done_ms));

		/* The first time one packet may have been lost. */
		assert_string_equal(f.failed, "");
		reach_free(f.reach);
		close(f.fd);
		f.ndone = 0;
		f.now_ms += REACH_MEMORY_LEAST_MS;
		fixture_run(&f);
		assert_string_equal(f.to, "b");
		assert_string_equal(f.failed, "a ");
		fixture_fini(&f);
	}
	kit_close(&silent);
	kit_close(&listening);
}

static void after_one_that_was_silent_others_wait_less(void **state)
{
	struct kit_port silent = kit_silent(), listening = kit_listening();
	struct fixture f;

	(void)state;
	fixture_init(&f);
	fixture_add(&f, kit_instance("a", 0, "127.0.0.1", silent.port));
	fixture_add(&f, kit_instance("b", 0, "127.0.0.1", silent.port));
	fixture_add(&f, kit_instance("c", 0, "127.0.0.1", listening.port));
	fixture_run(&f);
	assert_string_equal(f.to, "c");
	assert_int_equal(f.done_ms, REACH_PATIENCE_MS + REACH_PATIENCE_LEAST_MS);
	fixture_fini(&f);
	kit_close(&silent);
	kit_close(&listening);
}

static void other_hosts_are_tried_before_those_of_a_silent_one(void **state)
{
	struct kit_port silent = kit_silent(), listening = kit_listening();
	struct fixture f;

	(void)state;
	fixture_init(&f);
	for (unsigned k = 0; k < 5; k++)
		fixture_add(&f, kit_instance_at("a", "gone", 0, "127.0.0.1", silent.port, NULL));
	fixture_add(&f, kit_instance("b", 0, "127.0.0.1", listening.port));
	fixture_run(&f);
	assert_string_equal(f.to, "b");
	assert_int_equal(f.done_ms, REACH_PATIENCE_MS);
	fixture_fini(&f);
	kit_close(&silent);
	kit_close(&listening);
}

static void others_on_the_host_of_a_silent_one_have_little_time(void **state)
{
	struct kit_port silent = kit_silent(), listening = kit_listening();
	struct fixture f;

	(void)state;
	fixture_init(&f);
	for (unsigned k = 0; k < 4; k++)
		fixture_add(&f, kit_instance_at("a", "gone", 0, "127.0.0.1", silent.port, NULL));
	fixture_add(&f, kit_instance("b", 1, "127.0.0.1", listening.port));
	fixture_run(&f);
	assert_string_equal(f.to, "b");
	assert_true(f.done_ms < 300);
	fixture_fini(&f);
	kit_close(&silent);
	kit_close(&listening);
}

static void addresses_of_an_instance_race(void **state)
{
	struct kit_port listening = kit_listening(), silent = kit_silent();
	struct sockaddr_storage both[2];
	struct find_instance *a = kit_instance("a", 0, "127.0.0.1", silent.port);
	struct find_instance *b = kit_instance("b", 0, "127.0.0.1", listening.port);
	struct find_parts parts = {.name = a->name,
				   .target = a->target,
				   .addresses = both,
				   .naddresses = 2,
				   .port = silent.port};
	struct fixture f;

	(void)state;
	both[0] = a->addresses[0];
	both[1] = b->addresses[0];
	fixture_init(&f);
	fixture_add(&f, find_instance_new(&parts));
	fixture_add(&f, b);
	fixture_run(&f);
	assert_string_equal(f.to, "a");
	assert_int_equal(f.done_ms, REACH_PATIENCE_MS / 2);
	assert_int_equal(f.nfailed, 0);

	/* Next time, the address that was silent is the last one. */
	reach_free(f.reach);
	close(f.fd);
	f.ndone = 0;
	fixture_run(&f);
	assert_int_equal(f.done_ms, REACH_PATIENCE_MS / 2);
	fixture_fini(&f);
	find_instance_release(a);
	kit_close(&silent);
	kit_close(&listening);
}

static void one_that_failed_is_tried_last_until_its_time_is_over(void **state)
{
	struct kit_port p = kit_listening();
	struct fixture f;

	(void)state;
	for (unsigned k = 0; k < 2; k++) {
		fixture_init(&f);
		fixture_add(&f, kit_instance("a", 0, "127.0.0.1", p.port));
		fixture_add(&f, kit_instance("b", 1, "127.0.0.1", p.port));
		reach_memory_failed(f.memory, f.all[0], 0);
		f.now_ms = k * REACH_MEMORY_LEAST_MS;
		fixture_run(&f);
		assert_string_equal(f.to, k == 0 ? "b" : "a");
		fixture_fini(&f);
	}
	kit_close(&p);
}

static void a_caller_that_was_late_does_not_blame_the_peer(void **state)
{
	struct kit_port p = kit_listening();
	struct fixture f;

	(void)state;
	fixture_init(&f);
	fixture_add(&f, kit_instance("a", 0, "127.0.0.1", p.port));
	fixture_add(&f, kit_instance("b", 0, "127.0.0.1", p.port));
	assert_int_equal(fixture_begin(&f), 0);
	resolve_timers_run(&f.events.timers, 0, 1); /* begins, and looks at no socket */
	resolve_events_run(&f.events, DEADLINE_MS + 1);
	assert_string_equal(f.to, "a");
	assert_int_equal(f.nfailed, 0);
	fixture_fini(&f);
	kit_close(&p);
}

/* ---- ends without a connection ---- */

static void a_thousand_that_refuse_are_over_soon(void **state)
{
	struct kit_port p = kit_refusing();
	char label[16];
	struct fixture f;

	(void)state;
	fixture_init(&f);
	for (unsigned k = 0; k < ALL_MAX; k++) {
		snprintf(label, sizeof(label), "web-%u", k);
		fixture_add(&f, kit_instance(label, (uint16_t)(k % 3), "127.0.0.1", p.port));
	}
	fixture_run(&f);
	assert_int_equal(f.error, -EHOSTUNREACH);
	assert_int_equal(f.nfailed, ALL_MAX);
	assert_int_equal(f.done_ms, 0);
	assert_non_null(strstr(f.why, "; and 9"));
	fixture_fini(&f);
	assert_int_equal(kit_descriptors(), f.before);
	kit_close(&p);
}

static void a_thousand_that_are_silent_take_few_descriptors(void **state)
{
	struct kit_port silent = kit_silent(), listening = kit_listening();
	char label[16];
	struct fixture f;

	(void)state;
	fixture_init(&f);
	f.options.deadline_ms = 60000;
	for (unsigned k = 0; k < 300; k++) {
		snprintf(label, sizeof(label), "web-%u", k);
		fixture_add(&f, kit_instance(label, 0, "127.0.0.1", silent.port));
	}
	fixture_add(&f, kit_instance("last", 0, "127.0.0.1", listening.port));
	fixture_run(&f);
	assert_string_equal(f.to, "last");
	assert_in_range(f.nfailed, 300 - REACH_ATTEMPTS_MAX, 300);
	assert_true(f.most <= f.before + 1 + REACH_ATTEMPTS_MAX);
	fixture_fini(&f);
	kit_close(&silent);
	kit_close(&listening);
}

static void one_deadline_ends_it(void **state)
{
	struct kit_port silent = kit_silent();
	struct fixture f;

	(void)state;
	fixture_init(&f);
	f.options.deadline_ms = 250;
	for (unsigned k = 0; k < 3; k++)
		fixture_add(&f, kit_instance((const char[]){(char)('a' + k), 0}, (uint16_t)k,
					     "127.0.0.1", silent.port));
	fixture_run(&f);
	assert_int_equal(f.error, -ETIMEDOUT);
	assert_int_equal(f.done_ms, 250);
	assert_int_equal(f.nfailed, 1); /* the second one had only 50 ms */
	assert_non_null(strstr(f.why, "silent; b 127.0.0.1@"));
	assert_non_null(strstr(f.why, "no answer yet; and 1 more"));
	fixture_fini(&f);
	assert_int_equal(kit_descriptors(), f.before);
	kit_close(&silent);
}

static void without_instances_or_addresses_it_is_unreachable(void **state)
{
	struct fixture f;

	(void)state;
	fixture_init(&f);
	fixture_run(&f);
	assert_int_equal(f.error, -EHOSTUNREACH);
	fixture_fini(&f);

	fixture_init(&f);
	fixture_add(&f, kit_instance("a", 0, "", 80));
	fixture_run(&f);
	assert_int_equal(f.error, -EHOSTUNREACH);
	assert_string_equal(f.why, "a: no address");
	assert_int_equal(f.nfailed, 0);
	fixture_fini(&f);
}

static void faults_of_this_host_are_not_the_instances(void **state)
{
	struct kit_port p = kit_listening();
	struct fixture f;

	(void)state;
	if (!has_network)
		skip();
	fixture_init(&f);
	fixture_add(&f, kit_instance("a", 0, "2001:db8::1,192.0.2.1", 80));
	fixture_add(&f, kit_instance("b", 0, "2001:db8::1,127.0.0.1", p.port));
	fixture_run(&f);
	assert_string_equal(f.to, "b");
	assert_int_equal(f.done_ms, 0);
	assert_int_equal(f.nfailed, 0);
	assert_false(reach_memory_is_bad(f.memory, f.all[0], 0));
	fixture_fini(&f);
	kit_close(&p);
}

static void without_descriptors_it_waits_and_then_reports_that(void **state)
{
	struct kit_port p = kit_listening();
	struct rlimit before, none;
	struct fixture f;
	int next;

	(void)state;
	fixture_init(&f);
	fixture_add(&f, kit_instance("a", 0, "127.0.0.1", p.port));
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	next = dup(0);
	close(next);
	none = (struct rlimit){.rlim_cur = (rlim_t)next, .rlim_max = before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(fixture_begin(&f), 0);
	for (unsigned k = 0; k < 3; k++)
		resolve_events_run(&f.events, resolve_events_deadline(&f.events));
	assert_int_equal(f.ndone, 0);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	resolve_events_run(&f.events, resolve_events_deadline(&f.events));
	assert_int_equal(f.ndone, 1);
	assert_string_equal(f.to, "a");
	reach_free(f.reach);
	f.reach = NULL;
	close(f.fd);

	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(fixture_begin(&f), 0);
	for (f.ndone = 0; f.ndone == 0;)
		resolve_events_run(&f.events, resolve_events_deadline(&f.events));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(f.error, -EMFILE);
	assert_true(f.done_ms >= REACH_SHORT_MS && f.done_ms < REACH_SHORT_MS + 200);
	assert_string_equal(f.why, "a: Too many open files");
	assert_int_equal(f.nfailed, 0);
	fixture_fini(&f);
	kit_close(&p);
}

/* ---- datagrams ---- */

static void a_datagram_socket_goes_where_there_is_a_route(void **state)
{
	struct kit_port p = kit_datagram();
	struct sockaddr_storage there = {0};
	socklen_t n = sizeof(there);
	struct fixture f;

	(void)state;
	if (!has_network)
		skip();
	fixture_init(&f);
	f.options.is_datagram = true;
	fixture_add(&f, kit_instance("a", 0, "2001:db8::1,127.0.0.1", p.port));
	fixture_run(&f);
	assert_int_equal(f.error, 0);
	assert_int_equal(getpeername(f.fd, (struct sockaddr *)&there, &n), 0);
	assert_int_equal(there.ss_family, AF_INET);
	assert_int_equal(send(f.fd, "hello", 5, 0), 5);
	fixture_fini(&f);
	kit_close(&p);
}

static void a_datagram_socket_that_failed_has_another_address_next_time(void **state)
{
	static const int families[] = {AF_INET6, AF_INET, AF_INET6};
	struct fixture f;

	(void)state;
	fixture_init(&f);
	f.options.is_datagram = true;
	fixture_add(&f, kit_instance("a", 0, "::1,127.0.0.1", 9));
	for (unsigned k = 0; k < 3; k++) {
		struct sockaddr_storage there = {0};
		socklen_t n = sizeof(there);

		f.now_ms = k * 10;
		f.ndone = 0;
		fixture_run(&f);
		assert_int_equal(f.error, 0);
		assert_int_equal(getpeername(f.fd, (struct sockaddr *)&there, &n), 0);
		assert_int_equal(there.ss_family, families[k]);
		reach_memory_failed(f.memory, f.all[0], f.now_ms);
		reach_free(f.reach);
		f.reach = NULL;
		close(f.fd);
	}
	f.fd = -1;
	fixture_fini(&f);
}

/* ---- owners ---- */

static void a_reach_may_be_freed_within_any_call(void **state)
{
	struct kit_port refusing = kit_refusing(), listening = kit_listening();

	(void)state;
	for (unsigned at = 1; at <= 3; at++) {
		struct fixture f;

		fixture_init(&f);
		f.free_at = at;
		fixture_add(&f, kit_instance("a", 0, "127.0.0.1", refusing.port));
		fixture_add(&f, kit_instance("b", 0, "127.0.0.1", refusing.port));
		fixture_add(&f, kit_instance("c", 0, "127.0.0.1", listening.port));
		fixture_run(&f);
		assert_null(f.reach);
		assert_int_equal(f.nfailed + f.ndone, at);
		if (at == 3)
			assert_string_equal(f.to, "c");
		fixture_fini(&f);
		assert_int_equal(kit_descriptors(), f.before);
	}
	kit_close(&refusing);
	kit_close(&listening);
}

static void a_reach_that_is_freed_early_leaves_nothing(void **state)
{
	struct kit_port silent = kit_silent();
	struct fixture f;

	(void)state;
	fixture_init(&f);
	fixture_add(&f, kit_instance("a", 0, "127.0.0.1", silent.port));
	assert_int_equal(fixture_begin(&f), 0);
	resolve_events_run(&f.events, 0);
	assert_int_equal(kit_descriptors(), f.before + 2);
	fixture_fini(&f);
	assert_int_equal(kit_descriptors(), f.before);
	kit_close(&silent);
}

static void short_memory_leaves_nothing(void **state)
{
	struct kit_port refusing = kit_refusing(), listening = kit_listening();
	bool is_over = false;

	(void)state;
	for (int n = 0; !is_over; n++) {
		struct fixture f;

		fixture_init(&f);
		fixture_add(&f, kit_instance("a", 0, "127.0.0.1", refusing.port));
		fixture_add(&f, kit_instance("b", 0, "127.0.0.1", listening.port));
		memory_fail_after(n);
		if (fixture_begin(&f) == 0) {
			resolve_events_run(&f.events, 0);
			assert_string_equal(f.to, "b");
		}
		is_over = !memory_has_failed();
		memory_fail_after(MEMORY_ENOUGH);
		fixture_fini(&f);
		assert_int_equal(kit_descriptors(), f.before);
	}
	kit_close(&refusing);
	kit_close(&listening);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_instance_is_connected_to),
		cmocka_unit_test(an_instance_that_refuses_is_followed_at_once),
		cmocka_unit_test(the_next_is_begun_beside_a_silent_one),
		cmocka_unit_test(after_one_that_was_silent_others_wait_less),
		cmocka_unit_test(other_hosts_are_tried_before_those_of_a_silent_one),
		cmocka_unit_test(others_on_the_host_of_a_silent_one_have_little_time),
		cmocka_unit_test(addresses_of_an_instance_race),
		cmocka_unit_test(one_that_failed_is_tried_last_until_its_time_is_over),
		cmocka_unit_test(a_caller_that_was_late_does_not_blame_the_peer),
		cmocka_unit_test(a_thousand_that_refuse_are_over_soon),
		cmocka_unit_test(a_thousand_that_are_silent_take_few_descriptors),
		cmocka_unit_test(one_deadline_ends_it),
		cmocka_unit_test(without_instances_or_addresses_it_is_unreachable),
		cmocka_unit_test(faults_of_this_host_are_not_the_instances),
		cmocka_unit_test(without_descriptors_it_waits_and_then_reports_that),
		cmocka_unit_test(a_datagram_socket_goes_where_there_is_a_route),
		cmocka_unit_test(a_datagram_socket_that_failed_has_another_address_next_time),
		cmocka_unit_test(a_reach_may_be_freed_within_any_call),
		cmocka_unit_test(a_reach_that_is_freed_early_leaves_nothing),
		cmocka_unit_test(short_memory_leaves_nothing),
	};

	has_network = kit_enter_network();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
