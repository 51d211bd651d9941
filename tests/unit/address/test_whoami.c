/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "address/whoami.h"
#include "dns/msg.h"
#include "dns/type.h"

enum { ID = 7, SIZE = 1024 };

static const uint8_t name[] = "\7_whoami\3lab";
static const uint8_t other[] = "\7_whoami\5cloud";

static struct sockaddr_storage found;

static void record_add(struct dns_writer *w, const uint8_t *owner, const char *value)
{
	uint8_t rdata[256];
	size_t nchars = strlen(value);

	rdata[0] = (uint8_t)nchars;
	memcpy(rdata + 1, value, nchars);
	dns_writer_rr(w, owner, DNS_TYPE_TXT, DNS_CLASS_IN, 0, rdata, (uint16_t)(nchars + 1));
}

/* Reads an answer with one record, or, if `second` is not NULL, with two. */
static bool is_read(const uint8_t *owner, const char *value, const char *second)
{
	struct dns_header h = {.id = ID, .flags = DNS_FLAG_QR | DNS_FLAG_AA, .qdcount = 1};
	struct resolve_answer answer;
	struct dns_writer w;
	uint8_t msg[SIZE];

	dns_writer_init(&w, msg, sizeof(msg));
	dns_writer_name(&w, name, false);
	base_out_u16(&w.out, DNS_TYPE_TXT);
	base_out_u16(&w.out, DNS_CLASS_IN);
	h.ancount = (uint16_t)(1 + (second != NULL));
	record_add(&w, owner, value);
	if (second != NULL)
		record_add(&w, owner, second);
	dns_writer_header(&w, &h);
	assert_true(resolve_message_parse(&answer, msg, base_out_nbytes(&w.out), ID, name,
					  DNS_TYPE_TXT));
	return address_whoami_read(&found, &answer, name);
}

static void addresses_of_both_families_are_read(void **state)
{
	char text[INET6_ADDRSTRLEN];

	(void)state;
	assert_true(is_read(name, "addr=192.0.2.7", NULL));
	assert_int_equal(found.ss_family, AF_INET);
	inet_ntop(AF_INET, &((struct sockaddr_in *)&found)->sin_addr, text, sizeof(text));
	assert_string_equal(text, "192.0.2.7");
	assert_true(is_read(name, "addr=2001:db8::7", NULL));
	assert_int_equal(found.ss_family, AF_INET6);
	inet_ntop(AF_INET6, &((struct sockaddr_in6 *)&found)->sin6_addr, text, sizeof(text));
	assert_string_equal(text, "2001:db8::7");
	assert_true(is_read(name, "addr=127.0.0.1", NULL));
	assert_true(is_read(name, "addr=::1", NULL));
}

static void what_is_no_address_of_a_host_is_refused(void **state)
{
	static const char *const values[] = {
		"addr=",
		"addr",
		"addr=0.0.0.0",
		"addr=224.0.0.1",
		"addr=255.1.1.1",
		"addr=::",
		"addr=ff02::1",
		"addr=fe80::1",
		"addr=::ffff:1.2.3.4",
		"addr=1.2.3",
		"addr=1.2.3.4 ",
		"addr=169.254.1.2",
		"port=53",
		"address=1.2.3.4",
		"addr=fe80::1%lo",
		"addr=example.com",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
		assert_false(is_read(name, values[i], NULL));
}

static void a_record_of_another_name_or_one_of_two_is_refused(void **state)
{
	(void)state;
	assert_false(is_read(other, "addr=192.0.2.7", NULL));
	assert_false(is_read(name, "addr=192.0.2.7", "addr=192.0.2.8"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_of_both_families_are_read),
		cmocka_unit_test(what_is_no_address_of_a_host_is_refused),
		cmocka_unit_test(a_record_of_another_name_or_one_of_two_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
