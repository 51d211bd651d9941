/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The test itself is the server: the kernel keeps what is sent until it is read. */

#include "control/client.h"
#include "control/command.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[] = "/tmp/weft-test-client-XXXXXX";
static char path[64];
static int listener = -1;

static int listener_open(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/sock", folder);
	strcpy(address.sun_path, path);
	listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	return listen(listener, 4);
}

static int listener_close(void **state)
{
	(void)state;
	close(listener);
	unlink(path);
	return rmdir(folder);
}

/* Connects, and accepts that connection as `peer`. */
static int connect_to(int *peer)
{
	int fd = control_client_connect(path, 20);

	assert_true(fd >= 0);
	*peer = accept(listener, NULL, NULL);
	assert_true(*peer >= 0);
	return fd;
}

static void a_request_is_one_line_of_json(void **state)
{
	char arg[] = "lab.cloud", *args[] = {arg, arg}, line[200] = "";
	int peer, fd = connect_to(&peer);

	(void)state;
	assert_int_equal(control_client_send(fd, "zone status", args, 2, -1), 0);
	assert_true(recv(peer, line, sizeof(line) - 1, 0) > 0);
	assert_string_equal(
		line, "{\"command\":\"zone status\",\"args\":[\"lab.cloud\",\"lab.cloud\"]}\n");
	close(fd);
	close(peer);
}

static void an_argument_that_is_not_utf_8_is_not_sent(void **state)
{
	char arg[] = "\xff", *args[] = {arg};
	int peer, fd = connect_to(&peer);
	char byte;

	(void)state;
	assert_int_equal(control_client_send(fd, "zone status", args, 1, -1), -EINVAL);
	assert_int_equal(recv(peer, &byte, 1, MSG_DONTWAIT), -1);
	close(fd);
	close(peer);
}

static void a_request_that_is_too_long_is_not_sent(void **state)
{
	static char arg[CONTROL_LINE_MAX];
	char *args[] = {arg};
	int peer, fd = connect_to(&peer);
	char byte;

	(void)state;
	memset(arg, 'a', sizeof(arg) - 1);
	assert_int_equal(control_client_send(fd, "zone status", args, 1, -1), -EMSGSIZE);
	assert_int_equal(recv(peer, &byte, 1, MSG_DONTWAIT), -1);
	close(fd);
	close(peer);
}

static void a_descriptor_is_handed_over(void **state)
{
	char line[200], text[10] = "";
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} parts = {0};
	struct iovec iov = {line, sizeof(line)};
	struct msghdr msg = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = parts.bytes,
			     .msg_controllen = sizeof(parts.bytes)};
	int peer, fd = connect_to(&peer), pipe_fds[2], copy;

	(void)state;
	assert_int_equal(pipe(pipe_fds), 0);
	assert_int_equal(control_client_send(fd, "zone dump", NULL, 0, pipe_fds[1]), 0);
	close(pipe_fds[1]);
	assert_true(recvmsg(peer, &msg, 0) > 0);
	assert_non_null(CMSG_FIRSTHDR(&msg));
	memcpy(&copy, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(int));
	assert_int_equal(write(copy, "dump", 4), 4);
	close(copy);
	assert_int_equal(read(pipe_fds[0], text, sizeof(text)), 4);
	close(pipe_fds[0]);
	close(fd);
	close(peer);
}

static void an_answer_is_received_whole(void **state)
{
	static const char line[] = "{\"ok\":true,\"result\":[1,2]}\n";
	int peer, fd = connect_to(&peer);
	json_t *answer;

	(void)state;
	assert_int_equal(send(peer, line, strlen(line), 0), strlen(line));
	assert_int_equal(control_client_receive(fd, 20, &answer), 0);
	assert_int_equal(json_array_size(json_object_get(answer, "result")), 2);
	json_decref(answer);
	close(fd);
	close(peer);
}

static void a_program_that_hangs_up_or_does_not_answer_is_an_error(void **state)
{
	static const char *const lines[] = {"", "hello\n", "{\"ok\":tr"};
	json_t *answer;
	int peer, fd;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		fd = connect_to(&peer);
		assert_true(send(peer, lines[i], strlen(lines[i]), 0) >= 0);
		close(peer);
		assert_int_equal(control_client_receive(fd, 20, &answer), -ECONNRESET);
		assert_null(answer);
		close(fd);
	}
	fd = connect_to(&peer);
	assert_int_equal(control_client_receive(fd, 1, &answer), -ETIMEDOUT);
	assert_null(answer);
	close(fd);
	close(peer);
}

static void a_path_without_a_server_is_an_error(void **state)
{
	char long_path[200];

	(void)state;
	assert_int_equal(control_client_connect("/tmp/weft-test-none", 20), -ENOENT);
	memset(long_path, 'x', sizeof(long_path));
	long_path[sizeof(long_path) - 1] = '\0';
	assert_int_equal(control_client_connect(long_path, 20), -ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_one_line_of_json),
		cmocka_unit_test(an_argument_that_is_not_utf_8_is_not_sent),
		cmocka_unit_test(a_request_that_is_too_long_is_not_sent),
		cmocka_unit_test(a_descriptor_is_handed_over),
		cmocka_unit_test(an_answer_is_received_whole),
		cmocka_unit_test(a_program_that_hangs_up_or_does_not_answer_is_an_error),
		cmocka_unit_test(a_path_without_a_server_is_an_error),
	};

	return cmocka_run_group_tests(tests, listener_open, listener_close);
}
