/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "base/log_out.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* Makes standard error a pipe; *saved is what it was. Returns the end to read. */
static int pipe_make(int *saved)
{
	int ends[2];

	*saved = dup(STDERR_FILENO);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	fcntl(ends[1], F_SETPIPE_SZ, 4096);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	return ends[0];
}

static void a_full_pipe_takes_no_more_and_no_part_of_a_line(void **state)
{
	enum { LINES = 64, LINE = 100 };
	char lines[LINES * LINE + 1], got[8192];
	size_t done;
	int saved, fd = pipe_make(&saved);

	(void)state;
	for (unsigned i = 0; i < LINES; i++)
		snprintf(lines + (size_t)i * LINE, LINE + 1, "%099u\n", i);
	done = base_log_out_write(lines, sizeof(lines) - 1, 0);
	assert_int_equal(base_log_out_write(lines, sizeof(lines) - 1, 10), 0);
	dup2(saved, STDERR_FILENO);
	close(saved);
	assert_true(done > 0 && done < LINES * LINE);
	assert_int_equal(done % LINE, 0);
	assert_int_equal(read(fd, got, sizeof(got)), done);
	assert_memory_equal(got, lines, done);
	close(fd);
}

static void a_pipe_without_a_reader_is_given_up(void **state)
{
	int saved, fd = pipe_make(&saved);
	size_t done;

	(void)state;
	close(fd);
	signal(SIGPIPE, SIG_IGN);
	done = base_log_out_write("line\n", 5, -1);
	dup2(saved, STDERR_FILENO);
	close(saved);
	assert_int_equal(done, 5);
}

static void a_named_pipe_that_nobody_reads_is_not_opened(void **state)
{
	char path[] = "/tmp/weft-test-fifo-XXXXXX";

	(void)state;
	close(mkstemp(path));
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(base_log_out_open(path), -ENXIO);
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_pipe_takes_no_more_and_no_part_of_a_line),
		cmocka_unit_test(a_pipe_without_a_reader_is_given_up),
		cmocka_unit_test(a_named_pipe_that_nobody_reads_is_not_opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
