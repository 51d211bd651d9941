/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Clients on loopback, in the thread of the server: they never wait, the loop turns between their
 * steps. The steady clock can be put forward. */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "web/http.h"

enum { ANSWER_MAX = 1 << 16, LIMIT_S = 30, MANY = 100, LARGE = 4 << 20 };

struct fixture {
	struct ev_loop *loop;
	struct web_http *http;
	struct sockaddr_storage address;
	unsigned nwritten, status;
	char answer[ANSWER_MAX];
};

/* ---- the clock ---- */

static long ahead_s;

int __real_clock_gettime(clockid_t id, struct timespec *ts);
int __wrap_clock_gettime(clockid_t id, struct timespec *ts);

int __wrap_clock_gettime(clockid_t id, struct timespec *ts)
{
	int ret = __real_clock_gettime(id, ts);

	ts->tv_sec += ahead_s;
	return ret;
}

/* ---- the server ---- */

static unsigned write_numbers(void *arg, struct web_page *p)
{
	struct fixture *f = arg;

	f->nwritten++;
	web_page_family(p, "written", WEB_COUNTER, "Times.");
	web_page_value(p, NULL, f->nwritten);
	web_page_end(p);
	return 200;
}

static unsigned write_words(void *arg, struct web_page *p)
{
	struct fixture *f = arg;

	web_page_text(p, "%s\n", f->status == 200 ? "ok" : "unwell");
	return f->status;
}

static unsigned write_large(void *arg, struct web_page *p)
{
	struct fixture *f = arg;

	f->nwritten++;
	for (size_t n = 0; n < LARGE; n += 64)
		web_page_text(p, "%063d\n", 0);
	return 200;
}

static const struct web_resource resources[] = {
	{"/metrics", true, write_numbers},
	{"/healthz", false, write_words},
	{"/large", false, write_large},
	{0},
};

static int open_at(struct fixture *f, struct web_http **out, struct base_error *error)
{
	const struct web_http_settings settings = {&f->address, 1, resources, f};

	return web_http_open(out, f->loop, &settings, error);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct sockaddr_in *a;
	socklen_t n = sizeof(f->address);
	struct base_error error;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_non_null(f);
	a = (struct sockaddr_in *)&f->address;
	a->sin_family = AF_INET;
	a->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	/* A port that is free; SO_REUSEADDR of the server's socket takes it at once. */
	assert_int_equal(bind(fd, (struct sockaddr *)a, sizeof(*a)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)a, &n), 0);
	close(fd);
	f->loop = ev_loop_new(EVFLAG_AUTO);
	assert_non_null(f->loop);
	f->status = 200;
	ahead_s = 0;
	assert_int_equal(open_at(f, &f->http, &error), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	web_http_close(f->http);
	ev_loop_destroy(f->loop);
	free(f);
	return 0;
}

/* ---- clients ---- */

static void turn(struct fixture *f)
{
	struct timespec pause = {.tv_nsec = 1000000};

	ev_run(f->loop, EVRUN_NOWAIT);
	nanosleep(&pause, NULL);
}

/* Returns a socket that is connected, or will be. */
static int client(const struct fixture *f)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	assert_true(connect(fd, (const struct sockaddr *)&f->address, sizeof(struct sockaddr_in)) ==
			    0 ||
		    errno == EINPROGRESS);
	return fd;
}

static void say(struct fixture *f, int fd, const char *text)
{
	ssize_t n;

	while ((n = send(fd, text, strlen(text), MSG_NOSIGNAL)) < 0 &&
	       (errno == EAGAIN || errno == ENOTCONN))
		turn(f);
}

/* Returns whether the server has closed the connection. */
static bool is_closed(int fd)
{
	char byte;
	ssize_t n = recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	return n == 0 || (n < 0 && errno != EAGAIN && errno != ENOTCONN);
}

/* Reads what the server sends until it closes. Returns it as text. */
static const char *answer(struct fixture *f, int fd)
{
	time_t end = time(NULL) + LIMIT_S;
	size_t nanswer = 0;
	ssize_t n;

	while ((n = recv(fd, f->answer + nanswer, ANSWER_MAX - 1 - nanswer, 0)) != 0) {
		if (n > 0)
			nanswer += (size_t)n;
		else if (errno != EAGAIN && errno != ENOTCONN)
			break;
		assert_true(nanswer < ANSWER_MAX - 1 && time(NULL) < end);
		turn(f);
	}
	f->answer[nanswer] = '\0';
	close(fd);
	return f->answer;
}

static const char *ask(struct fixture *f, const char *request)
{
	int fd = client(f);

	say(f, fd, request);
	return answer(f, fd);
}

#define GET(path, headers) "GET " path " HTTP/1.1\r\nHost: weft\r\n" headers "\r\n"

static bool has(const char *text, const char *part)
{
	return strstr(text, part) != NULL;
}

/* ---- tests ---- */

static void the_client_chooses_the_format(void **state)
{
	struct fixture *f = *state;
	const char *text = ask(f, GET("/metrics", ""));

	assert_true(has(text, "HTTP/1.1 200 OK\r\n"));
	assert_true(has(text, "\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
	assert_true(has(text, "\r\nConnection: close\r\n"));
	assert_true(has(text, "\r\n\r\n# HELP written_total Times.\n"));
	text = ask(f,
		   GET("/metrics?name[]=x",
		       "Accept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5\r\n"));
	assert_true(has(text, "\r\nContent-Type: application/openmetrics-text; version=1.0.0; "
			      "charset=utf-8\r\n"));
	assert_true(has(text, "\nwritten_total 2\n# EOF\n"));
}

static void other_pages_have_their_status(void **state)
{
	struct fixture *f = *state;
	const char *text = ask(f, GET("/healthz", ""));

	assert_true(has(text, " 200 ") && has(text, "\r\n\r\nok\n"));
	assert_true(has(text, "\r\nContent-Type: text/plain; charset=utf-8\r\n"));
	f->status = 503;
	ahead_s++;
	text = ask(f, GET("/healthz", ""));
	assert_true(has(text, " 503 ") && has(text, "\r\n\r\nunwell\n"));
	text = ask(f, GET("/metrics/", ""));
	assert_true(has(text, " 404 ") && has(text, "\n/metrics\n/healthz\n"));
	text = ask(f, "HEAD /healthz HTTP/1.1\r\nHost: weft\r\n\r\n");
	assert_true(has(text, " 503 ") && has(text, "\r\nContent-Length: 7\r\n"));
	assert_false(has(text, "unwell"));
}

static void nothing_but_reading_is_served(void **state)
{
	static const char *const requests[] = {
		"POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\nx",
		"PUT /metrics HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n",
		"DELETE /metrics HTTP/1.1\r\nHost: a\r\n\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
		"TRACE / HTTP/1.1\r\nHost: a\r\n\r\n",
		"CONNECT weft:53 HTTP/1.1\r\nHost: a\r\n\r\n",
		"get /metrics HTTP/1.1\r\nHost: a\r\n\r\n",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++) {
		const char *text = ask(f, requests[i]);

		assert_true(has(text, "HTTP/1.1 405 "));
		assert_true(has(text, "\r\nAllow: GET, HEAD\r\n"));
	}
	assert_int_equal(f->nwritten, 0);
}

/* The connection ends, with an answer or without one. */
static void what_is_not_http_is_turned_away(void **state)
{
	struct fixture *f = *state;
	char large[20000];

	memset(large, 'x', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	memcpy(large, "GET /", 5);
	assert_false(has(ask(f, "\r\n\r\n\x16\x03\x01\x02\r\n\r\n"), " 200 "));
	assert_false(has(ask(f, large), " 200 "));
	assert_false(has(ask(f, "GET /metrics HTTP/1.1\r\n\r\n"), " 200 "));
	assert_true(has(ask(f, GET("/metrics", "")), " 200 "));
}

static void a_page_is_written_once_a_second(void **state)
{
	struct fixture *f = *state;

	assert_true(has(ask(f, GET("/metrics", "")), "\nwritten_total 1\n"));
	for (unsigned i = 0; i < 10; i++)
		ask(f, GET("/metrics", ""));
	assert_true(f->nwritten <= 2);
	ahead_s++;
	ask(f, GET("/metrics", ""));
	assert_true(f->nwritten >= 2);
}

/* Turns until the connection is closed. */
static void assert_ends(struct fixture *f, int fd)
{
	time_t end = time(NULL) + LIMIT_S;

	while (!is_closed(fd)) {
		assert_true(time(NULL) < end);
		turn(f);
	}
	close(fd);
}

static void a_client_that_is_silent_or_slow_is_cut_off(void **state)
{
	struct fixture *f = *state;
	int silent = client(f), slow = client(f), deaf = client(f);

	say(f, slow, "GET /metr");
	say(f, deaf, GET("/large", ""));
	for (unsigned i = 0; i < 100; i++)
		turn(f);
	assert_false(is_closed(silent) || is_closed(slow));
	/* A byte now and then does not help. */
	ahead_s += WEB_HTTP_DEADLINE_MS / 1000 - 1;
	say(f, slow, "i");
	turn(f);
	ahead_s += 1;
	say(f, slow, "c");
	assert_ends(f, silent);
	assert_ends(f, slow);
	/* What is in the kernel's buffers can still be read, but not all of the page is there. */
	for (unsigned i = 0; i < 1000; i++)
		turn(f);
	{
		static char page[LARGE];
		size_t n = 0;
		ssize_t got = 0;

		for (time_t end = time(NULL) + LIMIT_S; time(NULL) < end; turn(f)) {
			got = recv(deaf, page, sizeof(page), 0);
			if (got == 0 || (got < 0 && errno != EAGAIN))
				break;
			n += got > 0 ? (size_t)got : 0;
		}
		assert_true(n < LARGE && (got == 0 || errno != EAGAIN));
		close(deaf);
	}
	assert_true(has(ask(f, GET("/healthz", "")), "\nok\n"));
}

static void the_oldest_of_too_many_makes_room(void **state)
{
	struct fixture *f = *state;
	int fds[MANY];
	unsigned nclosed = 0;

	for (unsigned i = 0; i < MANY; i++) {
		fds[i] = client(f);
		turn(f);
	}
	assert_true(has(ask(f, GET("/healthz", "")), "\nok\n"));
	for (time_t end = time(NULL) + LIMIT_S; nclosed < MANY - WEB_HTTP_CONNECTIONS;) {
		assert_true(time(NULL) < end);
		turn(f);
		nclosed = 0;
		for (unsigned i = 0; i < MANY; i++)
			nclosed += is_closed(fds[i]);
	}
	assert_true(is_closed(fds[0]) && !is_closed(fds[MANY - 1]));
	for (unsigned i = 0; i < MANY; i++)
		close(fds[i]);
	assert_true(has(ask(f, GET("/healthz", "")), "\nok\n"));
}

static void an_address_that_is_taken_is_named(void **state)
{
	struct fixture *f = *state;
	struct web_http *second;
	struct base_error error;

	assert_int_equal(open_at(f, &second, &error), -EADDRINUSE);
	assert_null(second);
	assert_true(has(error.text, "cannot serve metrics on 127.0.0.1@"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_client_chooses_the_format),
		TEST(other_pages_have_their_status),
		TEST(nothing_but_reading_is_served),
		TEST(what_is_not_http_is_turned_away),
		TEST(a_page_is_written_once_a_second),
		TEST(a_client_that_is_silent_or_slow_is_cut_off),
		TEST(the_oldest_of_too_many_makes_room),
		TEST(an_address_that_is_taken_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
