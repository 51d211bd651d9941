/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* What archive/out.h writes is an archive that tar(1) reads. test_in.c reads it with
 * archive/in.h. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "archive/out.h"

/* Writes to the descriptor that is `arg`. */
static int to_file(void *arg, const void *bytes, size_t nbytes)
{
	return write(*(int *)arg, bytes, nbytes) == (ssize_t)nbytes ? 0 : -EIO;
}

/* Returns -ENOSPC at the call that `arg` counts down to. */
static int to_full_disk(void *arg, const void *bytes, size_t nbytes)
{
	int *left = arg;

	(void)bytes;
	(void)nbytes;
	return (*left)-- > 0 ? 0 : -ENOSPC;
}

static void tar_lists_and_extracts_what_was_written(void **state)
{
	char path[] = "/tmp/test_out.XXXXXX", command[128], seen[512];
	struct archive_out a;
	int fd = mkstemp(path);
	size_t n;
	FILE *tar;

	(void)state;
	assert_true(fd >= 0);
	archive_out_begin(&a, to_file, &fd, 1795935631);
	assert_int_equal(archive_out_text(&a, "one", "first\n"), 0);
	assert_int_equal(archive_out_member(&a, "two", 7), 0);
	assert_int_equal(archive_out_bytes(&a, "sec", 3), 0);
	assert_int_equal(archive_out_bytes(&a, "ond\n", 4), 0);
	assert_int_equal(archive_out_end(&a), 0);
	assert_int_equal(lseek(fd, 0, SEEK_END), a.total);
	archive_out_fini(&a);
	close(fd);

	snprintf(command, sizeof(command), "tar -tf %s && tar -xOf %s one two", path, path);
	tar = popen(command, "r");
	assert_non_null(tar);
	n = fread(seen, 1, sizeof(seen) - 1, tar);
	seen[n] = '\0';
	assert_int_equal(pclose(tar), 0);
	unlink(path);
	assert_string_equal(seen, "one\ntwo\n" ARCHIVE_OUT_SUMS "\nfirst\nsecond\n");
}

static void an_error_of_the_receiver_ends_the_writing(void **state)
{
	(void)state;
	for (int n = 0; n < 3; n++) {
		struct archive_out a;
		int left = n, ret;

		archive_out_begin(&a, to_full_disk, &left, 0);
		ret = archive_out_text(&a, "name", "text");
		if (ret == 0)
			ret = archive_out_end(&a);
		assert_int_equal(ret, -ENOSPC);
		archive_out_fini(&a);
	}
}

static void a_name_that_is_too_long_is_refused(void **state)
{
	char name[ARCHIVE_NAME_MAX + 1];
	struct archive_out a;
	int left = 1000;

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	archive_out_begin(&a, to_full_disk, &left, 0);
	assert_int_equal(archive_out_member(&a, name, 1), -ENAMETOOLONG);
	assert_int_equal(left, 1000);
	archive_out_fini(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tar_lists_and_extracts_what_was_written),
		cmocka_unit_test(an_error_of_the_receiver_ends_the_writing),
		cmocka_unit_test(a_name_that_is_too_long_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
