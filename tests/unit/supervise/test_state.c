/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "supervise/state.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"

static char folder[] = "/tmp/weft-test-state-XXXXXX";
static char path[64];

static void fill(struct supervise_state *s)
{
	memset(s, 0, sizeof(*s));
	s->has_process = true;
	s->process.pid = 1234;
	s->process.start = 99999999999;
	strcpy(s->process.boot, "d18fee8d-542d-4ffe-a26f-66931c371a9e");
	s->process.handle_type = 254;
	s->process.handle_nbytes = 8;
	memcpy(s->process.handle, "\x00\x01\xff\x80zzzz", 8);
	strcpy(s->group, "/sys/fs/cgroup/a b/c");
	s->is_up = s->is_wanted = true;
	s->health = SUPERVISE_DEGRADED;
	s->started_ms = 1796057398250;
	s->nrestarts = 3;
	s->nsockets = SUPERVISE_SOCKETS_MAX;
	for (unsigned i = 0; i < s->nsockets; i++) {
		snprintf(s->sockets[i].name, sizeof(s->sockets[i].name), "socket%u", i);
		s->sockets[i].fd = (int)i + 3;
		s->sockets[i].inode = UINT64_MAX - i;
	}
}

static void what_was_written_is_read(void **state)
{
	struct supervise_state written, got;
	struct base_error error;

	(void)state;
	fill(&written);
	assert_int_equal(supervise_state_write(path, &written), 0);
	assert_int_equal(supervise_state_read(&got, path, &error), 0);
	assert_memory_equal(&written, &got, sizeof(got));
	memset(&written, 0, sizeof(written));
	assert_int_equal(supervise_state_write(path, &written), 0);
	assert_int_equal(supervise_state_read(&got, path, &error), 0);
	assert_memory_equal(&written, &got, sizeof(got));
}

static void a_torn_file_and_a_changed_one_count_as_none(void **state)
{
	struct supervise_state written, got, zero;
	char bytes[8192];
	ssize_t n;
	int fd;

	(void)state;
	fill(&written);
	memset(&zero, 0, sizeof(zero));
	assert_int_equal(supervise_state_write(path, &written), 0);
	fd = open(path, O_RDWR | O_CLOEXEC);
	n = read(fd, bytes, sizeof(bytes));
	assert_true(n > 100);
	for (ssize_t i = 0; i < n - 1; i++) {
		char other = (char)(bytes[i] ^ 1);

		assert_int_equal(pwrite(fd, &other, 1, i), 1);
		assert_int_equal(supervise_state_read(&got, path, NULL), -EBADMSG);
		assert_memory_equal(&got, &zero, sizeof(got));
		assert_int_equal(pwrite(fd, bytes + i, 1, i), 1);
	}
	for (ssize_t i = n - 2; i >= 0; i--) {
		assert_int_equal(ftruncate(fd, i), 0);
		assert_int_equal(supervise_state_read(&got, path, NULL), -EBADMSG);
	}
	close(fd);
	unlink(path);
	assert_int_equal(supervise_state_read(&got, path, NULL), -ENOENT);
}

static void a_folder_that_is_missing_is_an_error(void **state)
{
	struct supervise_state s = {0};

	(void)state;
	assert_int_equal(supervise_state_write("/no/such/folder/file", &s), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read),
		cmocka_unit_test(a_torn_file_and_a_changed_one_count_as_none),
		cmocka_unit_test(a_folder_that_is_missing_is_an_error),
	};
	int nfailed;

	if (mkdtemp(folder) == NULL)
		return 1;
	snprintf(path, sizeof(path), "%s/x.unit", folder);
	nfailed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(path);
	return rmdir(folder) != 0 ? 1 : nfailed;
}
