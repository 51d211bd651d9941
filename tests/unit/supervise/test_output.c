/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "supervise/output.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../child/bench.h"
#include "supervise/follow.h"

static void lines_write(int fd, int from, int to)
{
	char line[32];

	for (int i = from; i < to; i++) {
		int n = snprintf(line, sizeof(line), "line %d\n", i);

		assert_int_equal(write(fd, line, (size_t)n), n);
	}
}

static void old_parts_move_up_and_nothing_is_lost(void **state)
{
	struct supervise_output_settings settings = {
		.path = bench_path(*state, "log"), .size = 20000, .count = 2};
	char *text, expected[32];
	int fd = supervise_output_open(&settings);
	size_t nbytes;
	struct stat st;

	assert_int_equal(supervise_output_rotate(&settings), 0);
	for (int i = 0; i < 3; i++) {
		lines_write(fd, i * 3000, (i + 1) * 3000);
		assert_int_equal(supervise_output_rotate(&settings), 1);
		assert_int_equal(stat(settings.path, &st), 0);
		assert_true(st.st_size <= 20000);
	}
	assert_int_equal(supervise_output_rotate(&settings), 0);
	assert_int_equal(access(bench_path(*state, "log.2"), F_OK), 0);
	assert_int_not_equal(access(bench_path(*state, "log.3"), F_OK), 0);
	lines_write(fd, 9000, 9001);
	for (size_t lines = 1; lines < 6000; lines = lines * 3 + 1) {
		assert_int_equal(supervise_output_tail(&settings, lines, &text, &nbytes), 0);
		snprintf(expected, sizeof(expected), "line %d\n", 9001 - (int)lines);
		assert_memory_equal(text, expected, strlen(expected));
		assert_string_equal(text + nbytes - 10, "line 9000\n");
		free(text);
	}
	close(fd);
}

static void there_may_be_nothing(void **state)
{
	struct supervise_output_settings settings = {.path = bench_path(*state, "none"), .size = 1};
	size_t nbytes;
	char *text;

	assert_int_equal(supervise_output_rotate(&settings), 0);
	assert_int_equal(supervise_output_tail(&settings, 3, &text, &nbytes), -ENOENT);
	settings.path = NULL;
	assert_int_equal(supervise_output_open(&settings), -ENOENT);
	if (access("/run/systemd/journal/stdout", F_OK) < 0)
		assert_int_equal(supervise_output_journal("x"), -ENOENT);
}

struct followed {
	char text[200000];
	size_t nbytes, wanted;
};

static void on_bytes(void *arg, const char *bytes, size_t nbytes)
{
	struct followed *f = arg;

	assert_true(f->nbytes + nbytes < sizeof(f->text));
	memcpy(f->text + f->nbytes, bytes, nbytes);
	f->nbytes += nbytes;
}

static bool is_complete(void *arg)
{
	struct followed *f = arg;

	return f->nbytes >= f->wanted;
}

static void a_follower_sees_each_line_once(void **state)
{
	struct supervise_output_settings settings = {
		.path = bench_path(*state, "log"), .size = 5000, .count = 2};
	struct followed *f = calloc(1, sizeof(*f));
	int fd = supervise_output_open(&settings);
	struct supervise_follow *follow;
	struct bench *bench = *state;
	const char *at = f->text;

	lines_write(fd, 0, 1000); /* before: is not shown */
	assert_int_equal(supervise_follow_open(&follow, bench->loop, settings.path, on_bytes, f),
			 0);
	for (int i = 1; i < 10; i++) {
		lines_write(fd, i * 1000, (i + 1) * 1000);
		f->wanted += 10000;
		if (i % 3 == 0) /* is seen before the follower has read it */
			supervise_output_rotate(&settings);
		bench_wait_for(bench, is_complete, f);
		if (i % 3 == 1) /* or after */
			supervise_output_rotate(&settings);
	}
	for (int i = 1000; i < 10000; i++) {
		char line[32];
		size_t n = (size_t)snprintf(line, sizeof(line), "line %d\n", i);

		assert_memory_equal(at, line, n);
		at += n;
	}
	assert_int_equal(f->nbytes, 90000);
	supervise_follow_close(follow);
	assert_int_equal(supervise_follow_open(&follow, bench->loop, "/no/such", on_bytes, f),
			 -ENOENT);
	free(f);
	close(fd);
}

static void a_service_that_locks_its_output_delays_nobody(void **state)
{
	struct supervise_output_settings settings = {
		.path = bench_path(*state, "log"), .size = 5000, .count = 2};
	struct followed *f = calloc(1, sizeof(*f));
	int fd = supervise_output_open(&settings);
	struct supervise_follow *follow;
	struct bench *bench = *state;

	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(supervise_follow_open(&follow, bench->loop, settings.path, on_bytes, f),
			 0);
	lines_write(fd, 1000, 2000);
	f->wanted = 10000;
	bench_wait_for(bench, is_complete, f);
	assert_int_equal(supervise_output_rotate(&settings), 1);
	supervise_follow_close(follow);
	free(f);
	close(fd);
}

static void an_output_of_any_length_costs_neither_time_nor_disk(void **state)
{
	struct supervise_output_settings settings = {
		.path = bench_path(*state, "log"), .size = 5000, .count = 2};
	struct followed *f = calloc(1, sizeof(*f));
	int fd = supervise_output_open(&settings);
	struct supervise_follow *follow;
	struct bench *bench = *state;
	struct stat st;

	lines_write(fd, 1000, 2000);
	assert_int_equal(supervise_follow_open(&follow, bench->loop, settings.path, on_bytes, f),
			 0);
	assert_int_equal(ftruncate(fd, (off_t)1 << 40), 0);
	assert_int_equal(supervise_output_rotate(&settings), 1);
	assert_int_equal(stat(bench_path(*state, "log.1"), &st), 0);
	assert_true(st.st_size <= 4 << 20);
	assert_int_equal(stat(settings.path, &st), 0);
	assert_true(st.st_size <= 5000);
	supervise_follow_close(follow);
	free(f);
	close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(old_parts_move_up_and_nothing_is_lost),
		TEST(there_may_be_nothing),
		TEST(a_follower_sees_each_line_once),
		TEST(a_service_that_locks_its_output_delays_nobody),
		TEST(an_output_of_any_length_costs_neither_time_nor_disk),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
