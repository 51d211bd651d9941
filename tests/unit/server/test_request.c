/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include "dns/cookie.h"
#include "fabric/cache.h"

#define NAME "\3lab\5cloud\0"
#define QUESTION(type) NAME "\0" type "\0\1"
#define SOA_RECORD NAME "\0\6\0\1\0\0\0\0\0\2\0\0"
#define A_RECORD NAME "\0\1\0\1\0\0\0\0\0\4abcd"
#define OPT(version) "\0\0\51\4\320\0" version "\0\0\0\0"
#define COOKIE_OPT "\0\0\51\4\320\0\0\0\0\0\14\0\12\0\10clientck"
#define TSIG "\1k\0\0\372\0\377\0\0\0\0\0\0"
#define BODY(bytes) bytes, sizeof(bytes) - 1

enum { QUERY = 0, NOTIFY = 0x2000, UPDATE = 0x2800, DROPPED = 0xffff };

static struct server_request parse(const uint8_t *msg, size_t nbytes)
{
	struct server_request r;

	memset(&r, 0xff, sizeof(r));
	r.msg = msg;
	r.nbytes = nbytes;
	server_request_parse(&r);
	return r;
}

static void a_message_is_dropped_refused_or_parsed(void **state)
{
	static const struct {
		const char *name;
		struct dns_header h;
		const char *body;
		size_t nbytes;
		uint16_t rcode;
	} cases[] = {
		{"a query", {.qdcount = 1}, BODY(QUESTION("\1")), DNS_RCODE_NOERROR},
		{"a response", {.flags = DNS_FLAG_QR, .qdcount = 1}, BODY(QUESTION("\1")), DROPPED},
		{"an opcode that we do not have",
		 {.flags = NOTIFY, .qdcount = 1},
		 BODY(QUESTION("\6")),
		 DNS_RCODE_NOTIMP},
		{"two questions",
		 {.qdcount = 2},
		 BODY(QUESTION("\1") QUESTION("\1")),
		 DNS_RCODE_FORMERR},
		{"a question that is cut", {.qdcount = 1}, BODY(NAME "\0\1\0"), DNS_RCODE_FORMERR},
		{"octets after the end",
		 {.qdcount = 1},
		 BODY(QUESTION("\1") "x"),
		 DNS_RCODE_FORMERR},
		{"a record that is counted but missing",
		 {.qdcount = 1, .arcount = 1},
		 BODY(QUESTION("\1")),
		 DNS_RCODE_FORMERR},
		{"a query with an answer",
		 {.qdcount = 1, .ancount = 1},
		 BODY(QUESTION("\1") A_RECORD),
		 DNS_RCODE_FORMERR},
		{"a query with an authority",
		 {.qdcount = 1, .nscount = 1},
		 BODY(QUESTION("\1") SOA_RECORD),
		 DNS_RCODE_FORMERR},
		{"IXFR has one",
		 {.qdcount = 1, .nscount = 1},
		 BODY(QUESTION("\373") SOA_RECORD),
		 DNS_RCODE_NOERROR},
		{"an update has any",
		 {.flags = UPDATE, .qdcount = 1, .ancount = 1, .nscount = 1},
		 BODY(QUESTION("\6") A_RECORD A_RECORD),
		 DNS_RCODE_NOERROR},
		{"no question", {0}, BODY(""), DNS_RCODE_FORMERR},
		{"no question, an OPT", {.arcount = 1}, BODY(OPT("\0")), DNS_RCODE_FORMERR},
		{"no question, a cookie", {.arcount = 1}, BODY(COOKIE_OPT), DNS_RCODE_NOERROR},
		{"an update without zone, a cookie",
		 {.flags = UPDATE, .arcount = 1},
		 BODY(COOKIE_OPT),
		 DNS_RCODE_FORMERR},
		{"EDNS version 1",
		 {.qdcount = 1, .arcount = 1},
		 BODY(QUESTION("\1") OPT("\1")),
		 DNS_RCODE_BADVERS},
		{"two OPTs",
		 {.qdcount = 1, .arcount = 2},
		 BODY(QUESTION("\1") OPT("\0") OPT("\0")),
		 DNS_RCODE_FORMERR},
		{"an OPT with an owner",
		 {.qdcount = 1, .arcount = 1},
		 BODY(QUESTION("\1") "\1x" OPT("\0")),
		 DNS_RCODE_FORMERR},
		{"an OPT between others",
		 {.qdcount = 1, .arcount = 3},
		 BODY(QUESTION("\1") A_RECORD OPT("\0") A_RECORD),
		 DNS_RCODE_NOERROR},
		{"a TSIG at the end",
		 {.qdcount = 1, .arcount = 2},
		 BODY(QUESTION("\1") OPT("\0") TSIG),
		 DNS_RCODE_NOERROR},
		{"a TSIG before another",
		 {.qdcount = 1, .arcount = 2},
		 BODY(QUESTION("\1") TSIG OPT("\0")),
		 DNS_RCODE_FORMERR},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint8_t msg[256];
		struct dns_writer w;
		struct server_request r;

		print_message("# %s\n", cases[i].name);
		dns_writer_init(&w, msg, sizeof(msg));
		dns_writer_header(&w, &cases[i].h);
		base_out_bytes(&w.out, cases[i].body, cases[i].nbytes);
		r = parse(msg, base_out_nbytes(&w.out));
		assert_int_equal(r.is_dropped, cases[i].rcode == DROPPED);
		if (!r.is_dropped)
			assert_int_equal(r.rcode, cases[i].rcode);
	}
}

static void a_message_shorter_than_a_header_is_dropped(void **state)
{
	static const uint8_t header[DNS_HEADER_SIZE];

	(void)state;
	for (size_t n = 0; n < DNS_HEADER_SIZE; n++)
		assert_true(parse(header, n).is_dropped);
	assert_false(parse(header, DNS_HEADER_SIZE).is_dropped);
}

/* An error is answered with the OPT and the question that were read before it. */
static void an_error_response_has_the_question_and_opt_that_could_be_read(void **state)
{
	static const uint8_t msg[] = "\22\64\1\0\0\1\0\0\0\0\0\2" QUESTION("\1") OPT("\0") "\1";
	struct server_request r = parse(msg, sizeof(msg) - 1);

	(void)state;
	assert_int_equal(r.rcode, DNS_RCODE_FORMERR);
	assert_int_equal(r.response.id, 0x1234);
	assert_ptr_equal(r.response.question, msg + DNS_HEADER_SIZE);
	assert_int_equal(r.response.question_nbytes, sizeof(QUESTION("\1")) - 1);
	assert_true(r.response.has_opt);
}

/* ---- checking ---- */

static const struct server_peer *peer(const char *text)
{
	static struct sockaddr_storage sa;
	static const struct server_peer p = {.address = (struct sockaddr *)&sa,
					    .transport = SERVER_UDP};

	sa = kit_address(text);
	return &p;
}

/* Parses and checks a query with these octets as its COOKIE option. */
static struct server_request ask_with_cookie(struct kit_rules *v, const void *cookie, size_t nbytes)
{
	static uint8_t msg[256];
	uint8_t option[64] = {0, DNS_OPTION_COOKIE, 0, (uint8_t)nbytes};
	size_t n = kit_query(msg, sizeof(msg), "lab.cloud.", DNS_TYPE_A, 0);
	struct server_request r;

	memcpy(option + 4, cookie, nbytes);
	n = kit_opt(msg, n, 1232, 0, option, nbytes + 4);
	r = parse(msg, n);
	server_request_check(&r, &v->turn, peer("192.0.2.1"));
	return r;
}

static void a_cookie_is_valid_when_it_is_ours(void **state)
{
	static const uint8_t client[24] = "clientck";
	struct kit_rules v;
	struct server_request r;

	(void)state;
	kit_rules_init(&v, kit_zone("lab.cloud.", "$ORIGIN lab.cloud.\n" KIT_SOA "@ 60 NS ns\n"));
	r = ask_with_cookie(&v, client, 8);
	assert_false(r.response.has_cookie); /* the server has no secret */

	v.rules.cookies.count = 1;
	r = ask_with_cookie(&v, client, 8);
	assert_int_equal(r.rcode, DNS_RCODE_NOERROR);
	assert_true(r.response.has_cookie && !r.is_cookie_valid);
	r = ask_with_cookie(&v, r.response.cookie, DNS_COOKIE_SIZE);
	assert_true(r.response.has_cookie && r.is_cookie_valid);
	r = ask_with_cookie(&v, client, 24);
	assert_int_equal(r.rcode, DNS_RCODE_NOERROR);
	assert_true(r.response.has_cookie && !r.is_cookie_valid);
	r = ask_with_cookie(&v, client, 9);
	assert_int_equal(r.rcode, DNS_RCODE_FORMERR);
	assert_int_equal(v.stats.cookies_good, 1);
	assert_int_equal(v.stats.cookies_bad, 2);
	kit_rules_fini(&v);
	zone_free(v.zone);
}

static void a_signature_is_verified_with_the_key_of_its_name(void **state)
{
	static const struct {
		const char *key, *secret;
		int64_t late_s;
		uint16_t rcode;
		const char *explanation;
	} cases[] = {
		{"xfer.", "secret", 0, DNS_RCODE_NOERROR, ""},
		{"xfer.", "secret", 299, DNS_RCODE_NOERROR, ""},
		{"xfer.", "secret", 301, DNS_RCODE_NOTAUTH,
		 "TSIG: time signed is 301 s behind the server's clock, fudge is 300 s"},
		{"xfer.", "other", 0, DNS_RCODE_NOTAUTH,
		 "TSIG: MAC does not match, another secret for key xfer.?"},
		{"other.", "secret", 0, DNS_RCODE_NOTAUTH, "TSIG: unknown key name other."},
	};
	struct kit_rules v;

	(void)state;
	kit_rules_init(&v, kit_zone("lab.cloud.", "$ORIGIN lab.cloud.\n" KIT_SOA "@ 60 NS ns\n"));
	v.rules.ring = fabric_ring_new(NULL, 0);
	v.turn.keys = fabric_cache_new();
	for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint64_t time_s = v.turn.responder.now_s - (uint64_t)cases[i].late_s;
		struct server_request r;
		struct dns_tsig_key key;
		uint8_t msg[512];
		size_t n = kit_query(msg, sizeof(msg), "lab.cloud.", DNS_TYPE_A, 0);

		dns_tsig_key_init(&key, kit_name(cases[i].key), v.key.algorithm, cases[i].secret,
				  strlen(cases[i].secret));
		r = parse(msg, kit_sign(msg, n, &key, time_s));
		assert_int_equal(r.tsig_offset, n);
		server_request_check(&r, &v.turn, peer("192.0.2.1"));
		assert_int_equal(r.rcode, cases[i].rcode);
		assert_string_equal(r.response.ede_text, cases[i].explanation);
		assert_ptr_equal(server_request_key(&r), r.rcode == 0 ? &v.key : NULL);
	}
	assert_int_equal(v.stats.tsig_good, 2);
	assert_int_equal(v.stats.tsig_bad, 3);
	fabric_cache_free(v.turn.keys);
	fabric_ring_free(v.rules.ring);
	kit_rules_fini(&v);
	zone_free(v.zone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_dropped_refused_or_parsed),
		cmocka_unit_test(a_message_shorter_than_a_header_is_dropped),
		cmocka_unit_test(an_error_response_has_the_question_and_opt_that_could_be_read),
		cmocka_unit_test(a_cookie_is_valid_when_it_is_ours),
		cmocka_unit_test(a_signature_is_verified_with_the_key_of_its_name),
	};

	return cmocka_run_group_tests(tests, kit_setup, kit_teardown);
}
