/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A server that does not push, and answers over UDP, in the test's own loop. What is pushed is
 * tested by test_watch and test_find_watch of tests/system. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "client/client.h"
#include "dns/msg.h"
#include "dns/type.h"

enum { TURNS = 2000, TTL_S = 60 };

static const uint8_t name[] = "\2n1\3lab";

struct server {
	int fd;
	struct resolve_endpoint endpoint;
	unsigned rcode, nasked;
	uint8_t last_octet; /* of the address that it answers */
	bool is_silent;
};

struct fixture {
	struct server servers[2];
	struct client *client;
	struct client_subscription *subscription;
	uint64_t now_ms;
	char seen[256]; /* events */
};

/* ---- servers ---- */

static void server_open(struct server *s, uint8_t last_octet)
{
	struct sockaddr_in *a = (struct sockaddr_in *)&s->endpoint.address;
	socklen_t n = sizeof(*a);

	*s = (struct server){.last_octet = last_octet,
			     .fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
	a->sin_family = AF_INET;
	a->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(s->fd, (struct sockaddr *)a, sizeof(*a)), 0);
	assert_int_equal(getsockname(s->fd, (struct sockaddr *)a, &n), 0);
}

/* Answers what has come. */
static void server_turn(struct server *s)
{
	struct sockaddr_storage from;
	socklen_t nfrom = sizeof(from);
	uint8_t msg[DNS_MSG_MAX];
	ssize_t n;
	struct base_out o;
	size_t nquestion = dns_name_nbytes(name) + 4;

	if (s->fd < 0)
		return;
	n = recvfrom(s->fd, msg, sizeof(msg), 0, (struct sockaddr *)&from, &nfrom);
	if (n < (ssize_t)(DNS_HEADER_SIZE + nquestion))
		return;
	s->nasked++;
	if (s->is_silent)
		return;
	o = base_out_over(msg + 2, sizeof(msg) - 2);
	base_out_u16(&o, (uint16_t)(DNS_FLAG_QR | DNS_FLAG_AA | s->rcode));
	base_out_u16(&o, 1);
	base_out_u16(&o, s->rcode == 0);
	base_out_u32(&o, 0);
	o = base_out_over(msg + DNS_HEADER_SIZE + nquestion, 64);
	if (s->rcode == 0) {
		base_out_u16(&o, 0xc000 + DNS_HEADER_SIZE);
		base_out_u16(&o, DNS_TYPE_A);
		base_out_u16(&o, DNS_CLASS_IN);
		base_out_u32(&o, TTL_S);
		base_out_u16(&o, 4);
		base_out_u32(&o, 0x7f000000u + s->last_octet);
	}
	sendto(s->fd, msg, DNS_HEADER_SIZE + nquestion + base_out_nbytes(&o), 0,
	       (struct sockaddr *)&from, nfrom);
}

/* ---- a client ---- */

static void on_event(void *arg, enum client_event event, const struct dns_record *record)
{
	static const char letters[] = "+-~.!";
	struct fixture *f = arg;
	size_t n = strlen(f->seen);

	if (record != NULL)
		snprintf(f->seen + n, sizeof(f->seen) - n, "%c%u ", letters[event],
			 record->rdata[3]);
	else
		snprintf(f->seen + n, sizeof(f->seen) - n, "%c ", letters[event]);
}

static enum client_known known(const struct fixture *f)
{
	return client_known(f->client, f->subscription);
}

/* Goes on until that is what is known; the clock moves on when nothing else does. */
static void wait_until(struct fixture *f, enum client_known wanted)
{
	for (unsigned n = 0; n < TURNS; n++) {
		struct pollfd ready = {.fd = client_fd(f->client), .events = POLLIN};

		client_process(f->client, f->now_ms);
		for (unsigned s = 0; s < 2; s++)
			server_turn(&f->servers[s]);
		if (known(f) == wanted && client_deadline(f->client) > f->now_ms)
			return;
		if (poll(&ready, 1, 1) == 0)
			f->now_ms += 10;
	}
	fail_msg("it is %d rather than %d", (int)known(f), (int)wanted);
}

/* Returns the events since the last call. */
static const char *seen(struct fixture *f)
{
	static char text[sizeof(f->seen)];

	strcpy(text, f->seen);
	f->seen[0] = '\0';
	return text;
}

static void servers_use(struct fixture *f, unsigned number)
{
	const struct resolve_endpoint *e = &f->servers[number].endpoint;

	/* Nothing listens at that port over TCP. */
	assert_int_equal(client_set_servers(f->client, e, 1, e, 1), 0);
}

static void begin(struct fixture *f)
{
	static const uint16_t types[] = {DNS_TYPE_A};

	*f = (struct fixture){.now_ms = 1000000};
	server_open(&f->servers[0], 1);
	server_open(&f->servers[1], 2);
	assert_int_equal(client_new(&f->client), 0);
	servers_use(f, 0);
	assert_int_equal(client_subscribe(f->client, name, types, 1, on_event, f, &f->subscription),
			 0);
	assert_int_equal(known(f), CLIENT_KNOWN_NOT_YET);
	wait_until(f, CLIENT_KNOWN_POLLED);
	assert_string_equal(seen(f), "+1 . ");
}

static void end(struct fixture *f)
{
	client_free(f->client);
	for (unsigned s = 0; s < 2; s++)
		if (f->servers[s].fd >= 0)
			close(f->servers[s].fd);
}

/* ---- tests ---- */

static void what_is_polled_is_known_until_its_ttl_has_passed(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	f.now_ms += (TTL_S - 1) * 1000;
	assert_int_equal(known(&f), CLIENT_KNOWN_POLLED);
	client_process(f.client, f.now_ms);
	assert_int_equal(known(&f), CLIENT_KNOWN_POLLED);
	f.servers[0].last_octet = 9;
	f.now_ms += 10000;
	client_process(f.client, f.now_ms);
	assert_int_equal(known(&f), CLIENT_KNOWN_NOT_YET);
	wait_until(&f, CLIENT_KNOWN_POLLED);
	assert_string_equal(seen(&f), "-1 +9 ");
	end(&f);
}

static void what_is_refreshed_is_asked_for_again(void **state)
{
	struct fixture f;
	unsigned nasked;

	(void)state;
	begin(&f);
	nasked = f.servers[0].nasked;
	client_refresh(f.client, f.subscription);
	assert_int_equal(known(&f), CLIENT_KNOWN_NOT_YET);
	wait_until(&f, CLIENT_KNOWN_POLLED);
	assert_int_equal(f.servers[0].nasked, nasked + 1);
	assert_string_equal(seen(&f), "");
	end(&f);
}

static void servers_that_refuse_are_told_from_those_that_are_not_there(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	f.servers[0].rcode = DNS_RCODE_REFUSED;
	client_refresh(f.client, f.subscription);
	wait_until(&f, CLIENT_KNOWN_REFUSED);
	assert_string_equal(seen(&f), "! ");
	f.servers[0].rcode = 0;
	wait_until(&f, CLIENT_KNOWN_POLLED);
	seen(&f);
	close(f.servers[0].fd);
	f.servers[0].fd = -1;
	client_refresh(f.client, f.subscription);
	wait_until(&f, CLIENT_KNOWN_UNREACHED);
	assert_string_equal(seen(&f), "! ");
	end(&f);
}

static void other_servers_are_asked_and_only_what_differs_is_reported(void **state)
{
	struct fixture f;

	(void)state;
	for (unsigned same = 0; same < 2; same++) {
		begin(&f);
		if (same)
			f.servers[1].last_octet = 1;
		client_forget_servers(f.client);
		assert_int_equal(known(&f), CLIENT_KNOWN_NOT_YET);
		client_process(f.client, f.now_ms);
		servers_use(&f, 1);
		wait_until(&f, CLIENT_KNOWN_POLLED);
		assert_string_equal(seen(&f), same ? "" : "-1 +2 ");
		end(&f);
	}
}

/* As when a question is in flight. */
static void servers_are_forgotten_at_any_time(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	f.servers[0].is_silent = true;
	client_refresh(f.client, f.subscription);
	client_process(f.client, f.now_ms);
	client_forget_servers(f.client);
	servers_use(&f, 1);
	wait_until(&f, CLIENT_KNOWN_POLLED);
	assert_string_equal(seen(&f), "-1 +2 ");
	client_forget_servers(f.client);
	client_unsubscribe(f.client, f.subscription);
	client_process(f.client, f.now_ms);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_polled_is_known_until_its_ttl_has_passed),
		cmocka_unit_test(what_is_refreshed_is_asked_for_again),
		cmocka_unit_test(servers_that_refuse_are_told_from_those_that_are_not_there),
		cmocka_unit_test(other_servers_are_asked_and_only_what_differs_is_reported),
		cmocka_unit_test(servers_are_forgotten_at_any_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
