/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "control/server.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "control/command.h"

static char folder[] = "/tmp/weft-test-control-XXXXXX";
static char path[64];
static struct ev_loop *loop;
static struct control_server *control;
static struct control_request *kept;

static void run_echo(void *arg, struct control_request *request)
{
	json_t *words = json_array();

	assert_ptr_equal(arg, path);
	for (size_t i = 0; i < control_request_nargs(request); i++)
		json_array_append_new(words, json_string(control_request_arg(request, i)));
	control_request_answer(request, words);
}

static void run_fail(void *arg, struct control_request *request)
{
	(void)arg;
	control_request_fail(request, "no %s today", "luck");
}

static void run_keep(void *arg, struct control_request *request)
{
	(void)arg;
	kept = request;
}

static void run_output(void *arg, struct control_request *request)
{
	int fd = control_request_output(request);

	(void)arg;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "dump", 4), 4);
	control_request_answer(request, json_true());
}

static void run_big(void *arg, struct control_request *request)
{
	json_t *words = json_array();

	(void)arg;
	for (int i = 0; i < 100000; i++)
		json_array_append_new(words, json_string("0123456789"));
	control_request_answer(request, words);
}

static const struct control_command commands[] = {
	{"echo", "[WORD...]", "answer with the words", 0, 2},
	{"fail", "", "fail", 0, 0},
	{"keep", "", "answer later", 0, 0},
	{"output", "", "write to the descriptor", 0, 0},
	{"big", "", "answer at length", 0, 0},
};
enum { NCOMMANDS = sizeof(commands) / sizeof(*commands) };
static const control_run_fn run[NCOMMANDS] = {run_echo, run_fail, run_keep, run_output, run_big};

static int open_control(struct control_server **out)
{
	const struct control_server_settings settings = {
		.path = path,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
		.commands = commands,
		.run = run,
		.ncommands = NCOMMANDS,
		.arg = path,
	};

	return control_server_open(out, loop, &settings);
}

static int set_up(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/sock", folder);
	base_log_set_level(BASE_LOG_ERROR);
	loop = ev_loop_new(0);
	return open_control(&control);
}

static int tear_down(void **state)
{
	(void)state;
	control_server_close(control);
	ev_loop_destroy(loop);
	return rmdir(folder);
}

static int client_open(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(address.sun_path, path);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* Turns the loop until a whole line came, or the connection ended. Returns the length of what
 * came. */
static size_t line_hear(int fd, char *line, size_t size)
{
	size_t used = 0;

	while (used == 0 || line[used - 1] != '\n') {
		ssize_t got;

		ev_run(loop, EVRUN_NOWAIT);
		got = recv(fd, line + used, size - used - 1, MSG_DONTWAIT);
		if (got == 0 || (got < 0 && errno != EAGAIN))
			break;
		used += got > 0 ? (size_t)got : 0;
	}
	line[used] = '\0';
	return used;
}

static void expect(int fd, const char *request, const char *answer)
{
	char line[4096];

	assert_int_equal(send(fd, request, strlen(request), 0), strlen(request));
	line_hear(fd, line, sizeof(line));
	assert_string_equal(line, answer);
}

static void a_command_is_answered_with_its_result(void **state)
{
	int fd = client_open();

	(void)state;
	expect(fd, "{\"command\":\"echo\",\"args\":[\"a\",\"b\"]}\n",
	       "{\"ok\":true,\"result\":[\"a\",\"b\"]}\n");
	expect(fd, "{\"command\":\"fail\"}\n", "{\"ok\":false,\"error\":\"no luck today\"}\n");
	close(fd);
}

static void a_malformed_request_is_answered_with_an_error(void **state)
{
	static const char shape[] = "{\"ok\":false,\"error\":\"the request is not "
				    "{\\\"command\\\": TEXT, \\\"args\\\": [TEXT...]}\"}\n";
	int fd = client_open();

	(void)state;
	expect(fd, "\n", shape);
	expect(fd, "hello\n", shape);
	expect(fd, "[]\n", shape);
	expect(fd, "{\"command\":1}\n", shape);
	expect(fd, "{\"command\":\"echo\",\"args\":{}}\n", shape);
	expect(fd, "{\"command\":\"echo\",\"args\":[1]}\n", shape);
	expect(fd, "{\"command\":\"sing\"}\n",
	       "{\"ok\":false,\"error\":\"unknown command sing\"}\n");
	expect(fd, "{\"command\":\"echo\",\"args\":[\"1\",\"2\",\"3\"]}\n",
	       "{\"ok\":false,\"error\":\"usage: echo [WORD...]\"}\n");
	close(fd);
}

static void several_lines_are_answered_in_turn(void **state)
{
	int fd = client_open();
	char line[4096];

	(void)state;
	expect(fd, "{\"command\":\"echo\",\"args\":[\"1\"]}\n{\"command\":\"echo\"}\n{\"comm",
	       "{\"ok\":true,\"result\":[\"1\"]}\n");
	line_hear(fd, line, sizeof(line));
	assert_string_equal(line, "{\"ok\":true,\"result\":[]}\n");
	expect(fd, "and\":\"fail\"}\n", "{\"ok\":false,\"error\":\"no luck today\"}\n");
	close(fd);
}

static void a_request_may_be_answered_later_or_to_nobody(void **state)
{
	int fd = client_open();
	char line[200];

	(void)state;
	kept = NULL;
	assert_true(send(fd, "{\"command\":\"keep\"}\n", 19, 0) == 19);
	while (kept == NULL)
		ev_run(loop, EVRUN_NOWAIT);
	control_request_answer(kept, json_integer(7));
	line_hear(fd, line, sizeof(line));
	assert_string_equal(line, "{\"ok\":true,\"result\":7}\n");

	kept = NULL;
	assert_true(send(fd, "{\"command\":\"keep\"}\n", 19, 0) == 19);
	while (kept == NULL)
		ev_run(loop, EVRUN_NOWAIT);
	close(fd);
	control_request_answer(kept, json_integer(7));
	ev_run(loop, EVRUN_NOWAIT);
}

static void a_client_that_ends_its_side_still_hears_the_answer(void **state)
{
	int fd = client_open();
	char line[200];

	(void)state;
	assert_true(send(fd, "{\"command\":\"fail\"}\n", 19, 0) == 19);
	shutdown(fd, SHUT_WR);
	line_hear(fd, line, sizeof(line));
	assert_string_equal(line, "{\"ok\":false,\"error\":\"no luck today\"}\n");
	assert_int_equal(line_hear(fd, line, sizeof(line)), 0);
	close(fd);
}

static void a_descriptor_comes_with_the_request(void **state)
{
	char byte[] = "{\"command\":\"output\"}\n", text[10] = "";
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} parts = {0};
	struct iovec iov = {byte, strlen(byte)};
	struct msghdr msg = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = parts.bytes,
			     .msg_controllen = sizeof(parts.bytes)};
	struct cmsghdr *part = CMSG_FIRSTHDR(&msg);
	int fd = client_open(), pipe_fds[2];
	char line[200];

	(void)state;
	assert_int_equal(pipe(pipe_fds), 0);
	part->cmsg_level = SOL_SOCKET;
	part->cmsg_type = SCM_RIGHTS;
	part->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(part), &pipe_fds[1], sizeof(int));
	assert_int_equal(sendmsg(fd, &msg, 0), strlen(byte));
	close(pipe_fds[1]);
	line_hear(fd, line, sizeof(line));
	assert_string_equal(line, "{\"ok\":true,\"result\":true}\n");
	assert_int_equal(read(pipe_fds[0], text, sizeof(text)), 4);
	/* The server has closed the request's copy of the descriptor: the pipe has ended. */
	assert_int_equal(read(pipe_fds[0], text, sizeof(text)), 0);
	close(pipe_fds[0]);
	close(fd);
}

static void a_long_answer_arrives_whole(void **state)
{
	static char line[2000000];
	int fd = client_open();

	(void)state;
	assert_true(send(fd, "{\"command\":\"big\"}\n", 18, 0) == 18);
	assert_int_equal(line_hear(fd, line, sizeof(line)), 1300000 + 23);
	close(fd);
}

static void a_line_without_end_is_hung_up(void **state)
{
	static char junk[70000];
	int fd = client_open();
	char line[100];

	(void)state;
	memset(junk, 'x', sizeof(junk));
	for (size_t sent = 0; sent < sizeof(junk);) {
		ssize_t got = send(fd, junk, sizeof(junk) - sent, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (got < 0 && errno != EAGAIN)
			break;
		sent += got > 0 ? (size_t)got : 0;
		ev_run(loop, EVRUN_NOWAIT);
	}
	assert_int_equal(line_hear(fd, line, sizeof(line)), 0);
	close(fd);
}

static void more_clients_than_allowed_wait_their_turn(void **state)
{
	int fds[40];

	(void)state;
	for (int i = 0; i < 40; i++) {
		fds[i] = i < 33 ? client_open() : -1;
		ev_run(loop, EVRUN_NOWAIT);
	}
	for (int i = 0; i < 32; i++)
		close(fds[i]);
	expect(fds[32], "{\"command\":\"fail\"}\n", "{\"ok\":false,\"error\":\"no luck today\"}\n");
	close(fds[32]);
}

static void a_living_socket_is_left_alone_a_dead_one_replaced(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct control_server *second;
	struct stat st;
	int fd;

	(void)state;
	assert_int_equal(open_control(&second), -EADDRINUSE);
	control_server_close(control);
	assert_int_equal(access(path, F_OK), -1);

	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	strcpy(address.sun_path, path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	assert_int_equal(open_control(&control), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
}

static void a_file_that_is_no_socket_is_left_alone(void **state)
{
	struct control_server *second = NULL;
	char elsewhere[80];
	struct stat st;
	int fd;

	(void)state;
	control_server_close(control);
	fd = open(path, O_CREAT | O_WRONLY, 0600);
	assert_int_equal(write(fd, "precious", 8), 8);
	close(fd);
	assert_int_equal(open_control(&second), -ENOTSOCK);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 8);

	/* Nor is a symbolic link to it followed. */
	snprintf(elsewhere, sizeof(elsewhere), "%s.txt", path);
	assert_int_equal(rename(path, elsewhere), 0);
	assert_int_equal(symlink(elsewhere, path), 0);
	assert_int_equal(open_control(&second), -ENOTSOCK);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	unlink(path);

	/* What has taken the socket's place meanwhile stays too. */
	assert_int_equal(open_control(&control), 0);
	unlink(path);
	assert_int_equal(rename(elsewhere, path), 0);
	control_server_close(control);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 8);
	unlink(path);
	assert_int_equal(open_control(&control), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_command_is_answered_with_its_result),
		cmocka_unit_test(a_malformed_request_is_answered_with_an_error),
		cmocka_unit_test(several_lines_are_answered_in_turn),
		cmocka_unit_test(a_request_may_be_answered_later_or_to_nobody),
		cmocka_unit_test(a_client_that_ends_its_side_still_hears_the_answer),
		cmocka_unit_test(a_descriptor_comes_with_the_request),
		cmocka_unit_test(a_long_answer_arrives_whole),
		cmocka_unit_test(a_line_without_end_is_hung_up),
		cmocka_unit_test(more_clients_than_allowed_wait_their_turn),
		cmocka_unit_test(a_living_socket_is_left_alone_a_dead_one_replaced),
		cmocka_unit_test(a_file_that_is_no_socket_is_left_alone),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
