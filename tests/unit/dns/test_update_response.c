/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dns/edns.h"
#include "dns/msg.h"
#include "dns/type.h"
#include "dns/update_response.h"

enum { SIZE = 512, FLAGS = DNS_FLAG_QR | DNS_OPCODE_UPDATE << 11 };

static const uint8_t zone[] = "\3lab\5cloud";

/* Writes a response, with the zone section if `has_zone`, and an OPT unless `opt` is NULL. */
static size_t respond(uint8_t *msg, uint16_t flags, bool has_zone, const struct dns_edns_reply *opt)
{
	const struct dns_header h = {
		.id = 7, .flags = flags, .qdcount = has_zone, .arcount = opt != NULL};
	struct dns_writer w;

	dns_writer_init(&w, msg, SIZE);
	dns_writer_header(&w, &h);
	if (has_zone) {
		dns_writer_name(&w, zone, false);
		base_out_u16(&w.out, DNS_TYPE_SOA);
		base_out_u16(&w.out, DNS_CLASS_IN);
	}
	if (opt != NULL)
		dns_edns_write(&w.out, opt);
	return base_out_nbytes(&w.out);
}

static void lease_and_explanation_are_read(void **state)
{
	const struct dns_edns_reply opt = {.payload = 1232,
					   .keepalive = -1,
					   .has_lease = true,
					   .lease_s = 45,
					   .ede = DNS_EDE_PROHIBITED,
					   .ede_text = "belongs\nto \033[31mn2"};
	struct dns_update_response r;
	uint8_t msg[SIZE];

	(void)state;
	for (int has_zone = 0; has_zone <= 1; has_zone++) {
		size_t n = respond(msg, FLAGS | DNS_RCODE_YXDOMAIN, has_zone, &opt);

		assert_true(dns_update_response_parse(&r, msg, n));
		assert_int_equal(r.id, 7);
		assert_int_equal(r.rcode, DNS_RCODE_YXDOMAIN);
		assert_false(r.is_truncated);
		assert_true(r.has_lease);
		assert_int_equal(r.lease_s, 45);
		assert_int_equal(r.tsig_offset, 0);
		assert_int_equal(r.ede, DNS_EDE_PROHIBITED);
		assert_string_equal(r.text, "belongs?to ?[31mn2");
		for (size_t cut = 0; cut < n; cut++)
			assert_false(dns_update_response_parse(&r, msg, cut));
	}
}

static void a_response_may_be_a_header(void **state)
{
	struct dns_update_response r;
	uint8_t msg[SIZE];
	size_t n = respond(msg, FLAGS | DNS_RCODE_NOTIMP | DNS_FLAG_TC, false, NULL);

	(void)state;
	assert_true(dns_update_response_parse(&r, msg, n));
	assert_int_equal(r.rcode, DNS_RCODE_NOTIMP);
	assert_true(r.is_truncated);
	assert_false(r.has_lease);
	assert_int_equal(r.ede, DNS_EDE_NONE);
	assert_string_equal(r.text, "");
}

static void the_upper_bits_of_the_rcode_are_in_the_opt(void **state)
{
	const struct dns_edns_reply opt = {
		.rcode = DNS_RCODE_BADVERS, .keepalive = -1, .ede = DNS_EDE_NONE};
	struct dns_update_response r;
	uint8_t msg[SIZE];
	size_t n = respond(msg, FLAGS, true, &opt);

	(void)state;
	assert_true(dns_update_response_parse(&r, msg, n));
	assert_int_equal(r.rcode, DNS_RCODE_BADVERS);
}

static void other_messages_are_no_responses(void **state)
{
	static const uint16_t others[] = {DNS_OPCODE_UPDATE << 11, DNS_FLAG_QR};
	struct dns_update_response r;
	uint8_t msg[SIZE];

	(void)state;
	for (unsigned i = 0; i < 2; i++)
		assert_false(
			dns_update_response_parse(&r, msg, respond(msg, others[i], true, NULL)));
}

static void a_long_text_is_cut(void **state)
{
	char text[300];
	const struct dns_edns_reply opt = {.keepalive = -1, .ede = 0, .ede_text = text};
	struct dns_update_response r;
	uint8_t msg[SIZE];
	size_t n;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	n = respond(msg, FLAGS | DNS_RCODE_REFUSED, true, &opt);
	assert_true(dns_update_response_parse(&r, msg, n));
	assert_int_equal(strlen(r.text), DNS_UPDATE_RESPONSE_TEXT_MAX - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lease_and_explanation_are_read),
		cmocka_unit_test(a_response_may_be_a_header),
		cmocka_unit_test(the_upper_bits_of_the_rcode_are_in_the_opt),
		cmocka_unit_test(other_messages_are_no_responses),
		cmocka_unit_test(a_long_text_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
