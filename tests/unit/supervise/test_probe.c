/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "supervise/probe.h"

#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../child/bench.h"

static void only_http_has_a_status(void **state)
{
	static const struct {
		const char *bytes;
		int status;
	} cases[] = {
		{"", 0},
		{"HTTP", 0},
		{"HTTP/1.1 200", 0},
		{"HTTP/1.1 200 OK\r\n", 200},
		{"HTTP/1.0 404\r\n", 404},
		{"HTTP/1.1 503 ", 503},
		{"HTTP/1.1 20\r\n", -EINVAL},
		{"HTTP/1.1 2000 ", -EINVAL},
		{"HTTP/1.1 099 ", -EINVAL},
		{"HTTP/1.1 999 ", -EINVAL},
		{"HTTP/1.1  200 ", -EINVAL},
		{"HTTP/2 200 OK\r\n", -EINVAL},
		{"http/1.1 200 OK", -EINVAL},
		{"SSH-2.0-OpenSSH", -EINVAL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(
			supervise_probe_parse_status(cases[i].bytes, strlen(cases[i].bytes)),
			cases[i].status);
}

struct seen {
	bool is_there;
	enum supervise_verdict verdict;
	char reason[256];
};

static void on_done(void *arg, enum supervise_verdict verdict, const char *reason)
{
	struct seen *seen = arg;

	seen->is_there = true;
	seen->verdict = verdict;
	snprintf(seen->reason, sizeof(seen->reason), "%s", reason);
}

static int listener(struct sockaddr_storage *address)
{
	struct sockaddr_in *in = (struct sockaddr_in *)address;
	socklen_t n = sizeof(*address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memset(address, 0, sizeof(*address));
	in->sin_family = AF_INET;
	in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)in, sizeof(*in)), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)address, &n), 0);
	return fd;
}

static void a_service_is_asked(void **state)
{
	static const struct {
		const char *path, *answer;
		enum supervise_verdict verdict;
		const char *reason;
	} cases[] = {
		{NULL, "", SUPERVISE_PASSED, "accepts connections"},
		{"/health", "HTTP/1.1 204 No\r\n\r\n", SUPERVISE_PASSED, "HTTP status 204"},
		{"/health", "HTTP/1.1 302 F\r\n\r\n", SUPERVISE_PASSED, "HTTP status 302"},
		{"/health", "HTTP/1.1 500 F\r\n\r\n", SUPERVISE_FAILED, "HTTP status 500"},
		{"/health", "220 mail.example\r\n", SUPERVISE_FAILED, "the answer is not HTTP"},
		{"/health", "", SUPERVISE_FAILED, "the connection was closed without an answer"},
		{"/health", NULL, SUPERVISE_FAILED, "no answer within 50 ms"},
	};
	struct bench *bench = *state;
	struct sockaddr_storage address;
	int fd = listener(&address);

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct supervise_probe_settings settings = {.address = address,
							    .path = cases[i].path};
		struct supervise_probe *probe;
		struct seen seen = {0};
		char request[300] = "";
		int peer;

		settings.timeout_ms = cases[i].answer == NULL ? 50 : 20000;
		assert_int_equal(
			supervise_probe_start(&probe, bench->loop, &settings, on_done, &seen), 0);
		peer = accept(fd, NULL, NULL);
		while (settings.path != NULL && strstr(request, "\r\n\r\n") == NULL) {
			ev_run(bench->loop, EVRUN_NOWAIT);
			if (recv(peer, request + strlen(request), 200, MSG_DONTWAIT) < 0)
				assert_int_equal(errno, EAGAIN);
		}
		if (settings.path != NULL)
			assert_string_equal(request, "GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n"
						     "User-Agent: weft\r\n"
						     "Connection: close\r\n\r\n");
		if (cases[i].answer != NULL) {
			send(peer, cases[i].answer, strlen(cases[i].answer), MSG_NOSIGNAL);
			shutdown(peer, SHUT_WR);
		}
		bench_wait(bench, &seen.is_there);
		assert_string_equal(seen.reason, cases[i].reason);
		assert_int_equal(seen.verdict, cases[i].verdict);
		close(peer);
	}
	close(fd);
}

static void nobody_listens(void **state)
{
	struct supervise_probe_settings settings = {.timeout_ms = 20000};
	struct supervise_probe *probe;
	struct bench *bench = *state;
	struct seen seen = {0};

	close(listener(&settings.address));
	assert_int_equal(supervise_probe_start(&probe, bench->loop, &settings, on_done, &seen), 0);
	bench_wait(bench, &seen.is_there);
	assert_string_equal(seen.reason, "Connection refused");
	assert_int_equal(supervise_probe_start(&probe, bench->loop, &settings, on_done, &seen), 0);
	supervise_probe_close(probe);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bench_set_up, bench_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_http_has_a_status),
		TEST(a_service_is_asked),
		TEST(nobody_listens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
