/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "service/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { LARGE = 1 << 20 };

/* Standard input and output are pipes whose other ends are here; the socket is one of a pair. */
struct ends {
	int input, output, peer, fd;
	int stdin_before, stdout_before;
};

static void begin(struct ends *e, int type)
{
	int in[2], out[2], pair[2];

	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	assert_int_equal(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair), 0);
	fflush(stdout);
	e->stdin_before = dup(STDIN_FILENO);
	e->stdout_before = dup(STDOUT_FILENO);
	dup2(in[0], STDIN_FILENO);
	dup2(out[1], STDOUT_FILENO);
	close(in[0]);
	close(out[1]);
	e->input = in[1];
	e->output = out[0];
	e->fd = pair[0];
	e->peer = pair[1];
	fcntl(e->fd, F_SETFL, O_NONBLOCK);
}

/* Puts standard input and output back, so that cmocka can report. */
static void end(struct ends *e)
{
	dup2(e->stdin_before, STDIN_FILENO);
	dup2(e->stdout_before, STDOUT_FILENO);
	close(e->stdin_before);
	close(e->stdout_before);
	close(e->fd);
}

static size_t all_read(int fd, char *to, size_t size)
{
	size_t n = 0;
	ssize_t more;

	while (n < size && (more = read(fd, to + n, size - n)) > 0)
		n += (size_t)more;
	return n;
}

/* A peer that answers what it has read to its end, which only comes if the half is ended. */
static void *echo_run(void *arg)
{
	struct ends *e = arg;
	char *text = malloc(LARGE);
	size_t n = all_read(e->peer, text, LARGE), at = 0;

	while (at < n) {
		ssize_t more = send(e->peer, text + at, n - at, MSG_NOSIGNAL);

		if (more <= 0)
			break;
		at += (size_t)more;
	}
	free(text);
	close(e->peer);
	return NULL;
}

static void *input_run(void *arg)
{
	struct ends *e = arg;
	char *text = malloc(LARGE);
	size_t at = 0;

	memset(text, 'x', LARGE);
	while (at < LARGE - 1) {
		ssize_t more = write(e->input, text + at, LARGE - 1 - at);

		if (more <= 0)
			break;
		at += (size_t)more;
	}
	free(text);
	close(e->input);
	return NULL;
}

struct reading {
	int fd;
	size_t n;
};

static void *output_run(void *arg)
{
	struct reading *r = arg;
	char *text = malloc(LARGE);

	r->n = all_read(r->fd, text, LARGE);
	free(text);
	return NULL;
}

static void the_end_of_the_input_ends_the_half_and_the_answer_still_comes(void **state)
{
	struct service_relay *relay = service_relay_new(-1);
	struct ends e;
	pthread_t echo, input, output;
	struct reading reading;
	int ret;

	(void)state;
	begin(&e, SOCK_STREAM);
	reading = (struct reading){.fd = e.output};
	pthread_create(&echo, NULL, echo_run, &e);
	pthread_create(&input, NULL, input_run, &e);
	pthread_create(&output, NULL, output_run, &reading);
	ret = service_relay_run(relay, e.fd);
	end(&e);
	pthread_join(echo, NULL);
	pthread_join(input, NULL);
	pthread_join(output, NULL);
	close(e.output);
	assert_int_equal(ret, 0);
	assert_int_equal(reading.n, LARGE - 1);
	assert_true(service_relay_has_begun(relay));
	service_relay_free(relay);
}

static void the_end_of_the_peer_is_the_end(void **state)
{
	struct service_relay *relay = service_relay_new(-1);
	char text[8] = "";
	struct ends e;
	int ret;

	(void)state;
	begin(&e, SOCK_STREAM);
	assert_int_equal(write(e.peer, "bye", 3), 3);
	close(e.peer);
	ret = service_relay_run(relay, e.fd);
	end(&e);
	assert_int_equal(ret, 0);
	assert_int_equal(read(e.output, text, sizeof(text)), 3);
	assert_string_equal(text, "bye");
	close(e.input);
	close(e.output);
	service_relay_free(relay);
}

static void a_reader_that_goes_is_noticed(void **state)
{
	struct service_relay *relay = service_relay_new(-1);
	struct ends e;
	int ret;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	begin(&e, SOCK_STREAM);
	close(e.output);
	ret = service_relay_run(relay, e.fd);
	end(&e);
	assert_int_equal(ret, -EPIPE);
	assert_true(service_relay_is_unread(relay));
	assert_false(service_relay_has_begun(relay));
	close(e.input);
	close(e.peer);
	service_relay_free(relay);
}

static void input_that_the_first_connection_did_not_take_goes_over_the_next(void **state)
{
	struct service_relay *relay = service_relay_new(-1);
	struct ends first, second;
	char text[8] = "";
	int rets[2];

	(void)state;
	begin(&first, SOCK_STREAM);
	assert_int_equal(write(first.input, "hello", 5), 5);
	close(first.input);
	shutdown(first.fd, SHUT_WR); /* sending fails */
	rets[0] = service_relay_run(relay, first.fd);
	end(&first);
	close(first.peer);
	close(first.output);
	begin(&second, SOCK_STREAM);
	close(second.input);
	shutdown(second.peer, SHUT_WR);
	rets[1] = service_relay_run(relay, second.fd);
	end(&second);
	assert_int_equal(rets[0], -EPIPE);
	assert_int_equal(rets[1], 0);
	assert_int_equal(read(second.peer, text, sizeof(text)), 5);
	assert_string_equal(text, "hello");
	close(second.peer);
	close(second.output);
	service_relay_free(relay);
}

static void a_datagram_is_waited_for_only_so_long(void **state)
{
	struct service_relay *relay = service_relay_new(10);
	char text[8] = "";
	struct ends e;
	int ret;

	(void)state;
	begin(&e, SOCK_DGRAM);
	assert_int_equal(write(e.input, "ping", 4), 4);
	close(e.input);
	assert_int_equal(write(e.peer, "pong", 4), 4);
	ret = service_relay_run(relay, e.fd);
	end(&e);
	assert_int_equal(ret, 0);
	assert_int_equal(read(e.peer, text, sizeof(text)), 4);
	assert_string_equal(text, "ping");
	assert_int_equal(read(e.output, text, sizeof(text)), 4);
	assert_string_equal(text, "pong");
	close(e.peer);
	close(e.output);
	service_relay_free(relay);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_end_of_the_input_ends_the_half_and_the_answer_still_comes),
		cmocka_unit_test(the_end_of_the_peer_is_the_end),
		cmocka_unit_test(a_reader_that_goes_is_noticed),
		cmocka_unit_test(input_that_the_first_connection_did_not_take_goes_over_the_next),
		cmocka_unit_test(a_datagram_is_waited_for_only_so_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
