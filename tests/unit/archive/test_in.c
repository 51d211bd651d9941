/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* What archive/out.h writes, archive/in.h reads; and everything that was cut or changed is refused.
 */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "archive/in.h"
#include "archive/out.h"

enum { LONG = 200, BIG = 700 * 1024 };

/* The bytes of an archive. */
static struct {
	uint8_t *bytes;
	size_t n;
} archive;

/* What a reading got, as text. */
static char seen[4096];
static uint64_t nseen_bytes;

static int append(void *arg, const void *bytes, size_t nbytes)
{
	(void)arg;
	archive.bytes = realloc(archive.bytes, archive.n + nbytes);
	assert_non_null(archive.bytes);
	memcpy(archive.bytes + archive.n, bytes, nbytes);
	archive.n += nbytes;
	return 0;
}

/* Makes an archive of four members, one long, one empty, one with a long name. */
static void make(void)
{
	static uint8_t big[BIG];
	char name[LONG + 1];
	struct archive_out a;

	memset(name, 'n', LONG);
	name[LONG] = '\0';
	for (size_t i = 0; i < BIG; i++)
		big[i] = (uint8_t)(i * 7 + i / 256);
	archive.n = 0;
	archive_out_begin(&a, append, NULL, 1795935631);
	assert_int_equal(archive_out_text(&a, "text", "one\ntwo\n"), 0);
	assert_int_equal(archive_out_member(&a, "big", BIG), 0);
	assert_int_equal(archive_out_bytes(&a, big, 1000), 0);
	assert_int_equal(archive_out_bytes(&a, big + 1000, BIG - 1000), 0);
	assert_int_equal(archive_out_member(&a, "empty", 0), 0);
	assert_int_equal(archive_out_text(&a, name, "x"), 0);
	assert_int_equal(archive_out_end(&a), 0);
	assert_int_equal(a.total, archive.n);
	archive_out_fini(&a);
}

static int on_member(void *arg, const char *name, uint64_t nbytes)
{
	size_t n = strlen(seen);

	(void)arg;
	snprintf(seen + n, sizeof(seen) - n, "%.6s(%lu", name, (unsigned long)nbytes);
	return 0;
}

static int on_bytes(void *arg, const void *bytes, size_t nbytes)
{
	(void)bytes;
	nseen_bytes += nbytes;
	return arg == NULL ? 0 : *(int *)arg;
}

static int on_member_end(void *arg)
{
	(void)arg;
	strcat(seen, ") ");
	return 0;
}

/* Reads `n` bytes as an archive. `code` is what the function for bytes returns, if not NULL. */
static int try(const uint8_t *bytes, size_t n, int *code, struct base_error *error)
{
	const struct archive_in_reader reader = {on_member, on_bytes, on_member_end, code};
	int fd = memfd_create("archive", MFD_CLOEXEC), ret;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), n);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	seen[0] = '\0';
	nseen_bytes = 0;
	*error = (struct base_error){.code = 0};
	ret = archive_in_read(fd, &reader, error);
	close(fd);
	return ret;
}

static void members_come_back(void **state)
{
	struct base_error error;

	(void)state;
	make();
	assert_int_equal(try(archive.bytes, archive.n, NULL, &error), 0);
	assert_string_equal(seen, "text(8) big(716800) empty(0) nnnnnn(1) ");
	assert_int_equal(nseen_bytes, 8 + BIG + 1);
}

static void an_archive_that_is_cut_anywhere_is_refused(void **state)
{
	struct base_error error;

	(void)state;
	make();
	/* The last two blocks say only that there is no more. */
	for (size_t n = 0; n < archive.n - 1024; n += n < 3000 || n > BIG ? 97 : 60000) {
		assert_int_equal(try(archive.bytes, n, NULL, &error), -EBADMSG);
		assert_string_not_equal(error.text, "");
	}
}

static void a_changed_byte_is_noticed(void **state)
{
	struct base_error error;
	size_t step = 1;

	(void)state;
	make();
	for (size_t at = 0; at < archive.n - 1024; at += step) {
		uint8_t *byte = &archive.bytes[at];
		int ret;

		step = at > 2000 && at < BIG ? 50021 : 1;
		*byte ^= 0x10;
		ret = try(archive.bytes, archive.n, NULL, &error);
		/* Padding is not read, nor what follows the sum of a header. */
		if (*byte != 0x10 && at % ARCHIVE_BLOCK != 155)
			assert_int_equal(ret, -EBADMSG);
		*byte ^= 0x10;
	}
}

static void what_is_no_archive_is_refused(void **state)
{
	uint8_t zeroes[2048] = {0}, text[2048];
	struct base_error error;

	(void)state;
	memset(text, 'a', sizeof(text));
	assert_int_equal(try(zeroes, sizeof(zeroes), NULL, &error), -EBADMSG);
	assert_int_equal(try(text, sizeof(text), NULL, &error), -EBADMSG);
	assert_non_null(strstr(error.text, "is not a backup"));
	assert_int_equal(try(text, 0, NULL, &error), -EBADMSG);
}

static void a_reader_ends_the_reading(void **state)
{
	struct base_error error;
	int code = -ENOSPC;

	(void)state;
	make();
	assert_int_equal(try(archive.bytes, archive.n, &code, &error), -ENOSPC);
	assert_string_equal(error.text, "");
}

static void names_that_are_too_long_are_refused(void **state)
{
	char name[ARCHIVE_NAME_MAX + 1];
	struct archive_out a;

	(void)state;
	memset(name, 'n', ARCHIVE_NAME_MAX);
	name[ARCHIVE_NAME_MAX] = '\0';
	archive_out_begin(&a, append, NULL, 0);
	assert_int_equal(archive_out_text(&a, name, "x"), -ENAMETOOLONG);
	archive_out_fini(&a);
}

static int teardown(void **state)
{
	(void)state;
	free(archive.bytes);
	archive.bytes = NULL;
	archive.n = 0;
	return 0;
}

#define with_archive(test) cmocka_unit_test_teardown(test, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		with_archive(members_come_back),
		with_archive(an_archive_that_is_cut_anywhere_is_refused),
		with_archive(a_changed_byte_is_noticed),
		with_archive(what_is_no_archive_is_refused),
		with_archive(a_reader_ends_the_reading),
		with_archive(names_that_are_too_long_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
