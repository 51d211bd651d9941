/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A server of one worker without a registrar: TCP connections from the client's side. */
#include "../server/kit.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/address.h"
#include "base/error.h"
#include "base/rcu.h"
#include "server/server.h"
#include "server/udp.h"
#include "stream/tcp.h"

enum { NAMES = 200 };

struct fixture {
	struct kit_rules v;
	struct server *server;
	struct sockaddr_storage address;
};

static struct zone *zone_with(unsigned names)
{
	char *text;
	size_t n;
	FILE *f = open_memstream(&text, &n);
	struct zone *z;

	fprintf(f, "$ORIGIN lab.cloud.\n$TTL 60\n" KIT_SOA "@ NS ns\nns A 192.0.2.1\n");
	for (unsigned i = 0; i < names; i++)
		fprintf(f, "n%u A 10.0.0.%u\n", i, i % 256);
	fclose(f);
	z = kit_zone("lab.cloud.", text);
	free(text);
	return z;
}

/* Returns a port that the kernel gives for TCP. */
static void choose_port(struct sockaddr_storage *address)
{
	struct sockaddr *sa = (struct sockaddr *)address;
	socklen_t length = sizeof(*address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(base_address_from_text(address, "127.0.0.1", 0), 0);
	assert_int_equal(bind(fd, sa, base_address_nbytes(sa)), 0);
	assert_int_equal(getsockname(fd, sa, &length), 0);
	close(fd);
}

/* Tries ports until one is free for UDP too. */
static int open_somewhere(struct fixture *f)
{
	const struct server_listener listeners[] = {
		{&server_udp_channel, &f->address, 1},
		{&stream_tcp_channel, &f->address, 1},
	};
	struct server_settings settings = {.listeners = listeners, .nlisteners = 2, .workers = 1};
	struct base_error error;
	int ret = -EADDRINUSE;

	for (unsigned i = 0; i < 100 && ret < 0; i++) {
		choose_port(&f->address);
		ret = server_open(&f->server, &settings, &error);
	}
	return ret;
}

static int start_server(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	kit_setup(state);
	kit_rules_init(&f->v, zone_with(NAMES));
	f->v.rules.options.tcp.connections_per_client = 3;
	assert_int_equal(open_somewhere(f), 0);
	server_set_rules(f->server, &f->v.rules);
	assert_int_equal(server_start(f->server, NULL), 0);
	/* This thread reads no zone while the server runs, and must not delay grace periods. */
	base_rcu_offline();
	*state = f;
	return 0;
}

static int stop_server(void **state)
{
	struct fixture *f = *state;

	server_stop(f->server);
	server_close(f->server);
	base_rcu_online();
	kit_rules_fini(&f->v);
	zone_free(f->v.zone);
	free(f);
	return kit_teardown(state);
}

static int dial(const struct fixture *f)
{
	struct timeval limit = {.tv_sec = 20};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
	assert_int_equal(connect(fd, (const struct sockaddr *)&f->address,
				 base_address_nbytes((const struct sockaddr *)&f->address)),
			 0);
	return fd;
}

/* Writes a framed query for n0, n1 and so on. Returns its length. */
static size_t framed(uint8_t *out, size_t size, unsigned number)
{
	char name[64];
	size_t nbytes;

	snprintf(name, sizeof(name), "n%u.lab.cloud.", number % NAMES);
	nbytes = kit_query(out + 2, size - 2, name, DNS_TYPE_A, 0);
	base_store16(out, (uint16_t)nbytes);
	base_store16(out + 2, (uint16_t)number);
	return nbytes + 2;
}

static void read_all(int fd, uint8_t *out, size_t nbytes)
{
	while (nbytes > 0) {
		ssize_t n = recv(fd, out, nbytes, 0);

		assert_true(n > 0);
		out += n;
		nbytes -= (size_t)n;
	}
}

/* Reads one answer, which must be NOERROR, and returns its id. */
static unsigned answer_id(int fd)
{
	uint8_t length[2], msg[65535];
	struct base_buf b;
	struct dns_header h;

	read_all(fd, length, 2);
	read_all(fd, msg, base_load16(length));
	b = base_buf_over(msg, base_load16(length));
	h = dns_header_parse(&b);
	assert_int_equal(h.flags, DNS_FLAG_QR | DNS_FLAG_AA);
	assert_int_equal(h.ancount, 1);
	return h.id;
}

static void ask(int fd, unsigned number)
{
	uint8_t query[128];
	size_t n = framed(query, sizeof(query), number);

	assert_int_equal(send(fd, query, n, MSG_NOSIGNAL), n);
	assert_int_equal(answer_id(fd), number);
}

static bool is_closed(int fd)
{
	uint8_t octet;

	errno = 0;
	return recv(fd, &octet, 1, 0) <= 0 && errno != EAGAIN;
}

static void pipelined_queries_are_answered_wherever_they_are_cut(void **state)
{
	enum { QUERIES = 500 };
	static uint8_t queries[QUERIES * 64];
	static const size_t pieces[] = {1, 2, 3, 7, 31, 64, 1000, sizeof(queries)};
	size_t nbytes = 0;

	for (unsigned i = 0; i < QUERIES; i++)
		nbytes += framed(queries + nbytes, sizeof(queries) - nbytes, i);
	for (unsigned i = 0; i < sizeof(pieces) / sizeof(*pieces); i++) {
		int fd = dial(*state);

		for (size_t at = 0; at < nbytes; at += pieces[i]) {
			size_t n = pieces[i] < nbytes - at ? pieces[i] : nbytes - at;

			assert_int_equal(send(fd, queries + at, n, MSG_NOSIGNAL), n);
		}
		for (unsigned j = 0; j < QUERIES; j++)
			assert_int_equal(answer_id(fd), j);
		close(fd);
	}
}

static void at_the_cap_the_idlest_goes(void **state)
{
	int fds[4];

	for (unsigned i = 0; i < 3; i++) {
		fds[i] = dial(*state);
		ask(fds[i], i);
		usleep(20000);
	}
	ask(fds[0], 4);
	fds[3] = dial(*state);
	ask(fds[3], 5);
	ask(fds[0], 6);
	ask(fds[2], 7);
	assert_true(is_closed(fds[1]));
	for (unsigned i = 0; i < 4; i++)
		close(fds[i]);
}

static void a_message_that_is_too_short_is_ignored(void **state)
{
	static const uint8_t junk[] = {0, 0, 0, 1, 'x', 0, 3, 'a', 'b', 'c'};
	int fd = dial(*state);

	assert_int_equal(send(fd, junk, sizeof(junk), MSG_NOSIGNAL), sizeof(junk));
	ask(fd, 1);
	close(fd);
}

/* Has the server use other rules, and waits until the ones before are not used. */
static void replace_rules(struct fixture *f, const struct kit_rules *old, struct kit_rules *next)
{
	server_set_rules(f->server, &next->rules);
	base_rcu_wait();
	while (server_rules_are_used(&old->rules))
		usleep(1000);
}

static void new_rules_are_taken_while_connections_are_open(void **state)
{
	struct fixture *f = *state;
	struct kit_rules empty;
	uint8_t query[128], length[2], msg[65535];
	int fd = dial(f);

	ask(fd, 1);
	kit_rules_init(&empty, zone_new(kit_name("other.cloud."), 1));
	replace_rules(f, &f->v, &empty);
	send(fd, query, framed(query, sizeof(query), 2), MSG_NOSIGNAL);
	read_all(fd, length, 2);
	read_all(fd, msg, base_load16(length));
	assert_int_equal(msg[3] & 15, DNS_RCODE_REFUSED);
	replace_rules(f, &empty, &f->v);
	ask(fd, 3);
	close(fd);
	kit_rules_fini(&empty);
	zone_free(empty.zone);
}

static void stopping_closes_idle_connections(void **state)
{
	struct fixture *f;
	int fd;

	start_server(state);
	f = *state;
	fd = dial(f);
	ask(fd, 1);
	stop_server(state);
	assert_true(is_closed(fd));
	close(fd);
}

#define WITH_SERVER(test) cmocka_unit_test_setup_teardown(test, start_server, stop_server)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_SERVER(pipelined_queries_are_answered_wherever_they_are_cut),
		WITH_SERVER(at_the_cap_the_idlest_goes),
		WITH_SERVER(a_message_that_is_too_short_is_ignored),
		WITH_SERVER(new_rules_are_taken_while_connections_are_open),
		cmocka_unit_test(stopping_closes_idle_connections),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
