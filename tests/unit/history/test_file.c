/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "history/file.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <sys/stat.h>
#include <unistd.h>

#include "../folder.h"
#include "../memory.h"
#include "base/error.h"
#include "history/content.h"

static char folder[FOLDER_PATH_MAX], path[FOLDER_PATH_MAX + 16];

static int folder_begin(void **state)
{
	(void)state;
	folder_make(folder, "history");
	snprintf(path, sizeof(path), "%s/history", folder);
	return 0;
}

static int folder_end(void **state)
{
	(void)state;
	folder_remove(folder);
	return 0;
}

/* The content as text. */
static void describe(char out[static 4096], struct history_content *c)
{
	char text[HISTORY_EVENT_TEXT_MAX];
	size_t n = 0;

	for (unsigned i = 0; i < c->nspans; i++)
		n += (size_t)sprintf(out + n, "%d:%d-%d ", (int)c->spans[i].era,
				     (int)c->spans[i].first, (int)c->spans[i].last);
	for (const struct history_event *e = c->first; e != NULL; e = e->next) {
		history_event_to_text(text, e);
		n += (size_t)sprintf(out + n, "%.200s ", text);
	}
	out[n] = 0;
}

/* Opens, describes and closes. Returns whether the file was damaged. */
static bool look(char out[static 4096])
{
	struct history_content c;
	struct history_file *f;
	struct base_error error;
	bool is_damaged;

	history_content_init(&c);
	assert_int_equal(history_file_open(&f, folder, &c, &is_damaged, &error), 0);
	describe(out, &c);
	history_content_fini(&c);
	history_file_close(f);
	return is_damaged;
}

static void add(struct history_file *f, struct history_content *c, const char *text)
{
	uint64_t n = history_content_add(c, history_event_from_text(text));
	const struct history_event *e = c->first;

	while (e->next != NULL)
		e = e->next;
	assert_int_equal(history_file_add(f, n, e), 0);
}

/* Writes a file with all kinds of lines. */
static void fill(void)
{
	struct history_content c;
	struct history_file *f;
	struct base_error error;
	bool is_damaged;

	unlink(path);
	history_content_init(&c);
	assert_int_equal(history_file_open(&f, folder, &c, &is_damaged, &error), 0);
	assert_false(is_damaged);
	assert_int_equal(c.nspans, 0);
	history_content_begin(&c, 7);
	history_content_begin(&c, 8);
	c.spans[0] = (struct history_span){8, 1, 0};
	assert_int_equal(history_file_write(f, &c), 0);
	add(f, &c, "what=a");
	add(f, &c, "what=b why=\\032");
	add(f, &c, "what=c");
	history_content_done(&c, 2);
	assert_int_equal(history_file_done(f, 2), 0);
	assert_true(history_content_removed(&c, 8, 2));
	assert_int_equal(history_file_removed(f, 8, 2), 0);
	history_content_fini(&c);
	history_file_close(f);
}

static void what_was_written_is_read(void **state)
{
	char text[4096];

	(void)state;
	fill();
	assert_false(look(text));
	assert_string_equal(text, "8:2-2 what=c ");
}

static size_t file_read(char out[static 4096])
{
	int fd = open(path, O_RDONLY);
	ssize_t n = read(fd, out, 4096);

	assert_true(n > 0);
	close(fd);
	return (size_t)n;
}

static void file_set(const char *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_TRUNC);

	assert_int_equal(write(fd, bytes, n), (ssize_t)n);
	close(fd);
}

/* Cut anywhere, and with any bit changed, it is what it was before the line, never something
 * else. */
static void a_damaged_line_and_what_follows_counts_as_not_written(void **state)
{
	static const char *const wanted[] = {"",
					     "8:1-0 ",
					     "8:1-0 what=a ",
					     "8:1-0 what=a what=b why=\\032 ",
					     "8:1-0 what=a what=b why=\\032 what=c ",
					     "8:1-2 what=c ",
					     "8:2-2 what=c "};
	char bytes[4096], text[4096];
	unsigned nlines = 0;
	size_t n;

	(void)state;
	fill();
	n = file_read(bytes);
	for (size_t i = 0; i < n; i++) {
		bool is_at_end = i == 0 || bytes[i - 1] == 10;

		file_set(bytes, i);
		assert_int_equal(look(text), !is_at_end);
		assert_string_equal(text, wanted[nlines]);
		bytes[i] ^= 1 << (i % 8);
		file_set(bytes, n);
		assert_true(look(text));
		assert_string_equal(text, wanted[nlines]);
		bytes[i] ^= 1 << (i % 8);
		nlines += bytes[i] == 10;
	}
	assert_int_equal(nlines, 6);
}

static void a_long_file_is_written_anew(void **state)
{
	struct history_content c;
	struct history_file *f;
	struct base_error error;
	unsigned nwritten = 0;
	bool is_damaged;
	struct stat st;
	char text[4096];

	(void)state;
	fill();
	history_content_init(&c);
	assert_int_equal(history_file_open(&f, folder, &c, &is_damaged, &error), 0);
	for (unsigned i = 0; i < 20000; i++) {
		add(f, &c, "what=a");
		history_content_done(&c, 1);
		assert_int_equal(history_file_done(f, history_content_era(&c)->last), 0);
		if (history_file_is_due(f)) {
			assert_int_equal(history_file_write(f, &c), 0);
			nwritten++;
		}
	}
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size < 600 << 10);
	assert_in_range(nwritten, 1, 10);
	history_content_fini(&c);
	history_file_close(f);
	assert_false(look(text));
	assert_string_equal(text, "8:2-20002 what=a ");
}

/* After a failure the next line would not be valid: all is written, once there is room again. */
static void a_full_disk_costs_only_what_is_not_on_it(void **state)
{
	struct history_content c;
	struct history_file *f;
	struct base_error error;
	bool is_damaged;
	char text[4096];
	unsigned n = 0;

	(void)state;
	fill();
	history_content_init(&c);
	assert_int_equal(history_file_open(&f, folder, &c, &is_damaged, &error), 0);
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	folder_write(path, "x", "y");
	assert_true(history_file_write(f, &c) < 0);
	folder_empty(path);
	rmdir(path);
	add(f, &c, "what=d");
	assert_int_equal(history_file_write(f, &c), 0);
	while (!history_file_is_due(f) && n++ < 100000)
		add(f, &c, "what=e");
	assert_true(n < 100000);
	assert_int_equal(history_file_write(f, &c), 0);
	assert_false(history_file_is_due(f));
	history_content_fini(&c);
	history_file_close(f);
	fill();
	assert_false(look(text));
}

static void what_is_not_a_file_is_refused(void **state)
{
	struct history_content c;
	struct history_file *f;
	struct base_error error;
	bool is_damaged;

	(void)state;
	history_content_init(&c);
	assert_int_equal(history_file_open(&f, "/nowhere", &c, &is_damaged, &error), -ENOENT);
	assert_string_equal(error.text, "/nowhere/history: No such file or directory");
	unlink(path);
	assert_int_equal(symlink("/dev/null", path), 0);
	assert_int_equal(history_file_open(&f, folder, &c, &is_damaged, &error), -ELOOP);
	unlink(path);
	for (int n = 0;; n++) {
		int ret;

		memory_fail_after(n);
		ret = history_file_open(&f, folder, &c, &is_damaged, &error);
		memory_fail_after(MEMORY_ENOUGH);
		if (!memory_has_failed())
			break;
		assert_int_equal(ret, -ENOMEM);
	}
	history_file_close(f);
	history_content_fini(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(a_damaged_line_and_what_follows_counts_as_not_written),
		cmocka_unit_test(a_long_file_is_written_anew),
		cmocka_unit_test(a_full_disk_costs_only_what_is_not_on_it),
		cmocka_unit_test(what_is_not_a_file_is_refused),
	};

	return cmocka_run_group_tests(tests, folder_begin, folder_end);
}
