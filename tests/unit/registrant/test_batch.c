/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Registrations on their way: messages to a registry in the test's own process, which signs its
 * answers, and their fate. The clock moves only when nobody has anything to do. */

#include "registrant/batch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "../folder.h"
#include "../memory.h"
#include "base/address.h"
#include "base/secret.h"
#include "dns/edns.h"
#include "dns/msg.h"
#include "dns/tsig.h"
#include "dns/type.h"
#include "registrant/clocks.h"
#include "registrant/registrant.h"

enum { SERVICES = 3, SIZE = 2048, WALL_S = 1700000000, LIMIT_MS = 600000 };

static const uint8_t zone[] = "\3lab\5cloud";

/* The registry: what it does with updates, and what it was sent. */
static struct {
	int fd;
	bool is_unsigned, is_silent;
	uint16_t rcode;
	uint32_t lease_s;
	struct dns_tsig_key key;
	unsigned nupdates;
} server;

static char folder[FOLDER_PATH_MAX];
static struct resolve_events events;
static struct locate *locate;
static struct registrant *registrant;
static uint64_t now_ms;
static bool are_agents; /* what is registered is as agents do it */

/* What was reported of one registration. */
static struct service {
	struct registrant_service *s;
	unsigned ndone, nfailed, nlost, nended;
	int error;
	char why[512];
} services[SERVICES];

static uint64_t wall_ms(void *arg)
{
	(void)arg;
	return WALL_S * UINT64_C(1000) + now_ms;
}

static uint64_t slept_ms(void *arg)
{
	(void)arg;
	return 0;
}

static const struct registrant_clocks clocks = {wall_ms, slept_ms, NULL};

/* ---- the registry ---- */

static const struct dns_tsig_key *find(void *arg, struct dns_tsig_search *search)
{
	return search->attempt == 0 ? arg : NULL;
}

/* Answers a question: nothing is there, and the zone is lab.cloud. */
static size_t question_answer(uint8_t *out, const struct dns_header *h,
			      const struct dns_question *q)
{
	static const uint8_t soa[22] = {0};
	const struct dns_header answer = {
		.id = h->id, .flags = DNS_FLAG_QR | DNS_FLAG_AA, .qdcount = 1, .nscount = 1};
	struct dns_writer w;

	dns_writer_init(&w, out, SIZE);
	dns_writer_name(&w, q->name, false);
	base_out_u16(&w.out, q->type);
	base_out_u16(&w.out, q->qclass);
	dns_writer_rr(&w, zone, DNS_TYPE_SOA, DNS_CLASS_IN, 5, soa, sizeof(soa));
	dns_writer_header(&w, &answer);
	return base_out_nbytes(&w.out);
}

static size_t update_answer(uint8_t *out, const struct dns_header *h, struct base_buf *b,
			    const uint8_t *msg, size_t nbytes)
{
	struct dns_header answer = {.id = h->id,
				    .flags = DNS_FLAG_QR | (DNS_OPCODE_UPDATE << 11) | server.rcode,
				    .arcount = 1};
	const struct dns_edns_reply opt = {.payload = 1232,
					   .keepalive = -1,
					   .has_lease = true,
					   .lease_s = server.lease_s,
					   .ede = DNS_EDE_NONE};
	struct dns_writer w;
	struct dns_edns e;
	struct dns_tsig t;
	size_t offset;

	server.nupdates++;
	assert_true(dns_msg_scan(b, h, &e, &offset));
	assert_true(offset > 0);
	assert_int_equal(
		dns_tsig_verify(&t, msg, nbytes, offset, find, &server.key, wall_ms(NULL) / 1000),
		DNS_TSIG_VERIFIED);
	dns_writer_init(&w, out, SIZE);
	dns_edns_write(&w.out, &opt);
	dns_writer_header(&w, &answer);
	return server.is_unsigned ? base_out_nbytes(&w.out)
				  : dns_tsig_sign(&t, out, base_out_nbytes(&w.out), SIZE,
						  wall_ms(NULL) / 1000);
}

/* Answers one message, if there is any. */
static bool server_run(void)
{
	struct sockaddr_storage from;
	socklen_t nfrom = sizeof(from);
	uint8_t msg[SIZE], out[SIZE];
	ssize_t n = recvfrom(server.fd, msg, sizeof(msg), MSG_DONTWAIT, (struct sockaddr *)&from,
			     &nfrom);
	int enough = memory_pause();
	struct dns_question q;
	struct dns_header h;
	struct base_buf b;
	size_t nout;

	if (n >= 0) {
		b = base_buf_over(msg, (size_t)n);
		h = dns_header_parse(&b);
		assert_true(dns_question_parse(&b, &q));
		nout = dns_flags_opcode(h.flags) == DNS_OPCODE_UPDATE
			       ? update_answer(out, &h, &b, msg, (size_t)n)
			       : question_answer(out, &h, &q);
		if (!server.is_silent || dns_flags_opcode(h.flags) != DNS_OPCODE_UPDATE)
			assert_int_equal(
				sendto(server.fd, out, nout, 0, (struct sockaddr *)&from, nfrom),
				nout);
	}
	memory_fail_after(enough);
	return n >= 0;
}

/* Lets time pass until `is_over` or the limit. Returns whether it is. */
static bool run(bool (*is_over)(void))
{
	uint64_t limit_ms = now_ms + LIMIT_MS;

	while (!is_over()) {
		struct resolve_events *e = &events;
		uint64_t due_ms;

		resolve_events_run(e, now_ms);
		if (server_run())
			continue;
		due_ms = resolve_events_deadline(e);
		if (due_ms > limit_ms)
			return is_over();
		now_ms = due_ms > now_ms ? due_ms : now_ms;
	}
	return true;
}

/* ---- registrations ---- */

static void on_event(void *arg, enum registrant_event event, int error, const char *why, uint64_t t)
{
	struct service *s = arg;

	(void)t;
	s->ndone += event == REGISTRANT_DONE;
	s->nfailed += event == REGISTRANT_FAILED;
	s->nlost += event == REGISTRANT_LOST;
	s->nended += event == REGISTRANT_ENDED;
	s->error = error;
	snprintf(s->why, sizeof(s->why), "%s", why);
}

static struct registrant_settings settings_of(size_t i, uint16_t port)
{
	static const uint8_t *const uses[] = {(const uint8_t *)"\2db\3_pg\4_tcp\3lab\5cloud"};
	struct registrant_settings s = {.port = port, .lease_s = 60};

	memcpy(s.name, "\4web0\5_http\4_tcp\3lab\5cloud", 27);
	s.name[4] = (uint8_t)('0' + i);
	memcpy(s.host, "\2ns\3lab\5cloud", 14);
	if (!are_agents)
		return s;
	s.is_eager = true;
	s.incarnation = port;
	s.uses = uses;
	s.nuses = 1;
	s.kind = i == 2 ? REGISTRANT_CLAIM : REGISTRANT_INSTANCE;
	s.txt = (const uint8_t *)"\4by=x";
	s.ntxt = 5;
	return s;
}

static int begin(void)
{
	int ret = registrant_new(&registrant, &events, locate, &clocks);

	for (size_t i = 0; i < SERVICES && ret == 0; i++) {
		struct registrant_settings settings = settings_of(i, 80);

		ret = registrant_service_new(&services[i].s, registrant, &settings, on_event,
					     &services[i]);
	}
	return ret;
}

static bool all_are_done(void)
{
	for (size_t i = 0; i < SERVICES; i++)
		if (registrant_service_lease_s(services[i].s) == 0)
			return false;
	return true;
}

static bool all_have_ended(void)
{
	for (size_t i = 0; i < SERVICES; i++)
		if (services[i].nended == 0)
			return false;
	return true;
}

static bool all_have_failed(void)
{
	for (size_t i = 0; i < SERVICES; i++)
		if (services[i].nfailed == 0)
			return false;
	return true;
}

static bool never(void)
{
	return false;
}

static int set_up(void **state)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	const struct dns_tsig_algorithm algorithm = {DNS_HMAC_SHA256, 32};
	socklen_t nany = sizeof(any);
	char registry[64], key[FOLDER_PATH_MAX + 16];
	const struct locate_settings settings = {
		.config = "", .registry = registry, .domain = "lab.cloud", .key_file = key};
	struct base_error error;

	(void)state;
	assert_int_equal(base_secret_start(), 0);
	memset(&server, 0, sizeof(server));
	are_agents = false;
	memset(services, 0, sizeof(services));
	registrant = NULL;
	now_ms = 1000;
	server.lease_s = 60;
	server.fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(server.fd, (struct sockaddr *)&any, sizeof(any)), 0);
	assert_int_equal(getsockname(server.fd, (struct sockaddr *)&any, &nany), 0);
	dns_tsig_key_init(&server.key, (const uint8_t *)"\1k", algorithm, "secret", 6);
	folder_make(folder, "batch");
	folder_write(folder, "key", "key \"k\" { algorithm hmac-sha256; secret \"c2VjcmV0\"; };\n");
	snprintf(key, sizeof(key), "%s/key", folder);
	snprintf(registry, sizeof(registry), "127.0.0.1@%u", ntohs(any.sin_port));
	assert_int_equal(resolve_events_init(&events), 0);
	assert_int_equal(locate_new(&locate, &events, &settings, &error), 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < SERVICES; i++)
		registrant_service_free(services[i].s);
	registrant_free(registrant);
	locate_free(locate);
	assert_int_equal(resolve_events_deadline(&events), UINT64_MAX);
	resolve_events_fini(&events);
	close(server.fd);
	folder_remove(folder);
	return 0;
}

/* ---- the tests ---- */

static void several_go_in_one_message_and_are_refreshed_in_one(void **state)
{
	(void)state;
	assert_int_equal(begin(), 0);
	assert_true(run(all_are_done));
	assert_int_equal(server.nupdates, 1);
	/* Ten minutes of a lease of one minute. */
	assert_false(run(never));
	assert_in_range(server.nupdates, 12, 15);
	for (size_t i = 0; i < SERVICES; i++)
		assert_int_equal(services[i].ndone + services[i].nlost, 1);
}

static void an_answer_that_is_not_signed_is_not_believed(void **state)
{
	(void)state;
	server.is_unsigned = true;
	assert_int_equal(begin(), 0);
	assert_true(run(all_have_failed));
	assert_false(all_are_done());
	assert_int_equal(services[0].error, -EHOSTUNREACH);
	assert_non_null(strstr(services[0].why, "not signed"));
	server.is_unsigned = false;
	assert_true(run(all_are_done));
}

static void what_is_refused_is_tried_again_seldom(void **state)
{
	(void)state;
	server.rcode = DNS_RCODE_REFUSED;
	assert_int_equal(begin(), 0);
	assert_false(run(never));
	/* Alone at the end, at most once a minute and some more at the beginning. */
	assert_in_range(server.nupdates, SERVICES * 8, SERVICES * 20);
	assert_int_equal(services[0].nfailed, 1);
	assert_int_equal(services[0].error, -EACCES);
}

static void a_lease_that_cannot_be_refreshed_is_lost_once(void **state)
{
	(void)state;
	assert_int_equal(begin(), 0);
	assert_true(run(all_are_done));
	server.is_silent = true;
	assert_false(run(never));
	for (size_t i = 0; i < SERVICES; i++) {
		assert_int_equal(services[i].nlost, 1);
		assert_int_equal(services[i].nfailed, 1);
	}
	server.is_silent = false;
	assert_true(run(all_are_done));
}

static void an_eager_one_is_tried_each_second(void **state)
{
	uint64_t begin_ms;

	(void)state;
	are_agents = true;
	server.is_silent = true;
	assert_int_equal(begin(), 0);
	assert_false(run(never));
	server.is_silent = false;
	begin_ms = now_ms;
	assert_true(run(all_are_done));
	assert_in_range(now_ms, begin_ms, begin_ms + REGISTRANT_EAGER_MS + 1000);
}

static void what_has_failed_is_sent_at_once_when_it_is_hurried(void **state)
{
	uint64_t begin_ms;

	for (int i = 0; i < 2; i++) {
		tear_down(state);
		set_up(state);
		are_agents = i == 1;
		server.is_silent = true;
		assert_int_equal(begin(), 0);
		assert_false(run(never));
		server.is_silent = false;
		begin_ms = now_ms;
		registrant_hurry(registrant);
		assert_true(run(all_are_done));
		/* The clock may pass a first answer that is late; a registrant that is not an
		 * agent's would wait for longer by itself. */
		assert_in_range(now_ms, begin_ms, begin_ms + 2000);
	}
}

static void short_memory_delays(void **state, bool is_agent)
{
	tear_down(state);
	for (int n = 0;; n++) {
		struct registrant_settings settings;
		bool has_failed, is_begun;

		set_up(state);
		are_agents = is_agent;
		settings = settings_of(1, 81);
		memory_fail_after(n);
		is_begun = begin() == 0;
		if (is_begun) {
			assert_true(run(all_are_done));
			if (registrant_service_change(services[1].s, &settings) == 0)
				assert_true(run(all_are_done));
			for (size_t i = 0; i < SERVICES; i++)
				registrant_service_end(services[i].s);
			assert_true(run(all_have_ended));
		}
		has_failed = memory_has_failed();
		memory_fail_after(MEMORY_ENOUGH);
		if (!has_failed)
			break;
		tear_down(state);
	}
}

static void short_memory_delays_but_loses_nothing(void **state)
{
	short_memory_delays(state, false);
}

static void short_memory_delays_agents_too(void **state)
{
	short_memory_delays(state, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(several_go_in_one_message_and_are_refreshed_in_one,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_answer_that_is_not_signed_is_not_believed,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_refused_is_tried_again_seldom, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_lease_that_cannot_be_refreshed_is_lost_once,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_eager_one_is_tried_each_second, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_has_failed_is_sent_at_once_when_it_is_hurried,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(short_memory_delays_but_loses_nothing, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(short_memory_delays_agents_too, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
