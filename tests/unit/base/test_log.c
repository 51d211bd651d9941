/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/weft-test-log-XXXXXX";
static char path[64];

static int folder_make(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/log", folder);
	return 0;
}

static int folder_remove(void **state)
{
	(void)state;
	return rmdir(folder);
}

/* Reads the whole log and removes it. */
static size_t log_read(char *buf, size_t size)
{
	FILE *in = fopen(path, "r");
	size_t got;

	assert_non_null(in);
	got = fread(buf, 1, size - 1, in);
	buf[got] = '\0';
	fclose(in);
	unlink(path);
	return got;
}

static void a_line_has_time_level_room_and_message(void **state)
{
	char text[512];

	(void)state;
	assert_int_equal(base_log_open(path), 0);
	errno = EBADF;
	base_log(BASE_LOG_WARNING, "store", "disk is slow ms=%d", 17);
	assert_int_equal(errno, EBADF);
	log_read(text, sizeof(text));
	assert_int_equal(text[4], '-');
	assert_int_equal(text[10], 'T');
	assert_int_equal(text[19], '.');
	assert_string_equal(text + 23, "Z warning store: disk is slow ms=17\n");
}

static void a_level_below_the_set_one_is_silent(void **state)
{
	char text[512];

	(void)state;
	assert_int_equal(base_log_open(path), 0);
	base_log(BASE_LOG_DEBUG, "base", "not seen");
	assert_false(base_log_is(BASE_LOG_DEBUG));
	base_log_set_level(BASE_LOG_DEBUG);
	assert_true(base_log_is(BASE_LOG_DEBUG));
	base_log(BASE_LOG_DEBUG, "base", "seen");
	base_log_set_level(BASE_LOG_INFO);
	log_read(text, sizeof(text));
	assert_null(strstr(text, "not seen"));
	assert_non_null(strstr(text, "debug base: seen\n"));
}

static void text_from_outside_cannot_forge_a_line(void **state)
{
	char text[512];

	(void)state;
	assert_int_equal(base_log_open(path), 0);
	base_log(BASE_LOG_INFO, "base", "name=%s", "a\nb\x1b[2J\x7f");
	log_read(text, sizeof(text));
	assert_non_null(strstr(text, "name=a?b?[2J?\n"));
}

static void a_long_line_is_cut_and_says_so(void **state)
{
	static char huge[10000], text[10000];
	size_t got;

	(void)state;
	memset(huge, 'x', sizeof(huge) - 1);
	assert_int_equal(base_log_open(path), 0);
	base_log(BASE_LOG_INFO, "base", "%s", huge);
	got = log_read(text, sizeof(text));
	assert_true(got < 4096);
	assert_string_equal(text + got - 4, "...\n");
}

static void a_moved_file_is_left_by_reopen(void **state)
{
	char moved[80], text[512];

	(void)state;
	snprintf(moved, sizeof(moved), "%s.1", path);
	assert_int_equal(base_log_open(path), 0);
	assert_int_equal(rename(path, moved), 0);
	assert_int_equal(base_log_reopen(), 0);
	base_log(BASE_LOG_INFO, "base", "in the new file");
	log_read(text, sizeof(text));
	assert_non_null(strstr(text, "in the new file"));
	unlink(moved);
}

static void a_file_that_cannot_be_opened_changes_nothing(void **state)
{
	char text[512];

	(void)state;
	assert_int_equal(base_log_open(path), 0);
	assert_int_equal(base_log_open("/nonexistent/folder/log"), -ENOENT);
	base_log(BASE_LOG_INFO, "base", "still here");
	log_read(text, sizeof(text));
	assert_non_null(strstr(text, "still here"));
}

static void *many_lines(void *arg)
{
	for (int i = 0; i < 500; i++)
		base_log(BASE_LOG_INFO, "base", "thread=%d line=%03d", (int)(intptr_t)arg, i);
	return NULL;
}

static void lines_of_many_threads_stay_whole(void **state)
{
	static char text[400000];
	pthread_t threads[4];
	int lines = 0;

	(void)state;
	assert_int_equal(base_log_open(path), 0);
	for (intptr_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, many_lines, (void *)i), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	log_read(text, sizeof(text));
	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"), lines++) {
		assert_int_equal(strlen(line), strlen("2026-11-21T15:32:15.123Z info base: "
						      "thread=0 line=000"));
	}
	assert_int_equal(lines, 2000);
}

static void values_that_are_not_a_word_are_quoted(void **state)
{
	static const struct {
		const char *value, *want;
	} cases[] = {
		{"word", "word"},
		{"", "\"\""},
		{"two words", "\"two words\""},
		{"a=b", "\"a=b\""},
		{"say \"hi\"", "\"say \\\"hi\\\"\""},
		{"b\\s", "\"b\\\\s\""},
	};
	char buf[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(base_log_quote(buf, sizeof(buf), cases[i].value),
				    cases[i].want);
	assert_string_equal(base_log_quote(buf, 8, "cut this off"), "\"cut \"");
}

static void the_journal_gets_the_level_in_front_and_no_time(void **state)
{
	int saved = dup(STDERR_FILENO), fd = open(path, O_CREAT | O_WRONLY, 0600);
	char stream[60], text[200];
	struct stat st;

	(void)state;
	assert_int_equal(fstat(fd, &st), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)st.st_dev,
		 (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	dup2(fd, STDERR_FILENO);
	assert_int_equal(base_log_open("stderr"), 0);
	base_log(BASE_LOG_ERROR, "store", "gone");
	dup2(saved, STDERR_FILENO);
	/* Standard error is no longer the journal. */
	assert_int_equal(base_log_open("stderr"), 0);
	unsetenv("JOURNAL_STREAM");
	close(saved);
	close(fd);
	log_read(text, sizeof(text));
	assert_string_equal(text, "<3>store: gone\n");
}

static void levels_go_to_text_and_back(void **state)
{
	enum base_log_level level = BASE_LOG_INFO;

	(void)state;
	assert_int_equal(base_log_level_from_text("loud", &level), -EINVAL);
	assert_int_equal(level, BASE_LOG_INFO);
	assert_int_equal(base_log_level_from_text("error", &level), 0);
	assert_string_equal(base_log_level_to_text(level), "error");
}

/* All that needs the writer, which there is once in a process: a reader that stops, and goes on. */
static void a_log_that_nobody_reads_holds_up_nobody(void **state)
{
	enum { MANY = 20000 };
	static char text[4 << 20];
	char line[200] = "";
	int ends[2], saved = dup(STDERR_FILENO);
	struct base_log_stats stats;
	size_t n = 0;
	ssize_t got;

	(void)state;
	memset(line, 'x', sizeof(line) - 1);
	assert_int_equal(pipe(ends), 0);
	dup2(ends[1], STDERR_FILENO);
	close(ends[1]);
	assert_int_equal(base_log_open("stderr"), 0);
	assert_int_equal(base_log_start(), 0);
	for (int i = 0; i < MANY; i++)
		base_log(BASE_LOG_INFO, "base", "%s", line);
	base_log_get_stats(&stats);
	assert_true(stats.dropped > 0 && stats.dropped < MANY);

	/* The reader goes on: the writer reports what is missing. */
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	while (strstr(text, "log: dropped count=") == NULL) {
		got = read(ends[0], text + n, sizeof(text) - 1 - n);
		n += got > 0 ? (size_t)got : 0;
		usleep(got > 0 ? 0 : 1000);
	}
	snprintf(line, sizeof(line), " count=%llu ", (unsigned long long)stats.dropped);
	assert_non_null(strstr(text, line));

	/* It stops again: the end of the log has a bound. */
	for (int i = 0; i < MANY; i++)
		base_log(BASE_LOG_INFO, "base", "%0100d", i);
	base_log_stop();
	for (int i = 0; i < MANY; i++)
		base_log(BASE_LOG_INFO, "base", "afterwards");
	dup2(saved, STDERR_FILENO);
	close(saved);
	close(ends[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_has_time_level_room_and_message),
		cmocka_unit_test(a_level_below_the_set_one_is_silent),
		cmocka_unit_test(text_from_outside_cannot_forge_a_line),
		cmocka_unit_test(a_long_line_is_cut_and_says_so),
		cmocka_unit_test(a_moved_file_is_left_by_reopen),
		cmocka_unit_test(a_file_that_cannot_be_opened_changes_nothing),
		cmocka_unit_test(lines_of_many_threads_stay_whole),
		cmocka_unit_test(values_that_are_not_a_word_are_quoted),
		cmocka_unit_test(the_journal_gets_the_level_in_front_and_no_time),
		cmocka_unit_test(levels_go_to_text_and_back),
		cmocka_unit_test(a_log_that_nobody_reads_holds_up_nobody),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
