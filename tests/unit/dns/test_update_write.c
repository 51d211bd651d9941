/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dns/edns.h"
#include "dns/type.h"
#include "dns/update.h"
#include "dns/update_write.h"

enum { SIZE = 1232 };

static const uint8_t zone[] = "\3lab\5cloud";
static const uint8_t web[] = "\3web\5_http\4_tcp\3lab\5cloud";
static const uint8_t srv[] = "\0\0\0\0\0\120\2n1\5nodes\3lab\5cloud"; /* port 80 */
static const uint8_t txt[] = "\3a=b";

/* Writes one of everything. Returns the length. */
static size_t write_all(uint8_t *out, size_t size, uint32_t lease_s)
{
	struct dns_update_writer u;

	dns_update_write_begin(&u, out, size, 0x1234, zone);
	dns_update_write_require(&u, web, DNS_TYPE_SRV);
	dns_update_write_require_none(&u, web, DNS_TYPE_CNAME);
	dns_update_write_require_record(&u, web, DNS_TYPE_TXT, txt, sizeof(txt) - 1);
	dns_update_write_remove_all(&u, web, DNS_TYPE_ANY);
	dns_update_write_remove(&u, web, DNS_TYPE_TXT, txt, sizeof(txt) - 1);
	dns_update_write_add(&u, web, DNS_TYPE_SRV, 30, srv, sizeof(srv));
	return dns_update_write_end(&u, 1232, lease_s);
}

static void check_record(const struct dns_update_record *r, uint16_t type, uint16_t rrclass,
			 uint32_t ttl, uint16_t nbytes)
{
	assert_true(dns_name_equal(r->owner, web));
	assert_int_equal(r->type, type);
	assert_int_equal(r->rrclass, rrclass);
	assert_int_equal(r->ttl, ttl);
	assert_int_equal(r->rdlength > 0 ? r->nbytes : 0, nbytes);
}

static void what_is_written_is_read_by_the_server(void **state)
{
	uint8_t msg[SIZE];
	size_t n = write_all(msg, sizeof(msg), 0);
	struct dns_update m;

	(void)state;
	assert_int_equal(dns_update_init(&m), 0);
	assert_int_equal(dns_update_parse(&m, msg, n), 0);
	assert_true(dns_name_equal(m.zone, zone));
	assert_int_equal(m.ztype, DNS_TYPE_SOA);
	assert_int_equal(m.nprerequisites, 3);
	check_record(&m.prerequisite[0], DNS_TYPE_SRV, DNS_CLASS_ANY, 0, 0);
	check_record(&m.prerequisite[1], DNS_TYPE_CNAME, DNS_CLASS_NONE, 0, 0);
	check_record(&m.prerequisite[2], DNS_TYPE_TXT, DNS_CLASS_IN, 0, sizeof(txt) - 1);
	assert_int_equal(m.nupdates, 3);
	check_record(&m.update[0], DNS_TYPE_ANY, DNS_CLASS_ANY, 0, 0);
	check_record(&m.update[1], DNS_TYPE_TXT, DNS_CLASS_NONE, 0, sizeof(txt) - 1);
	check_record(&m.update[2], DNS_TYPE_SRV, DNS_CLASS_IN, 30, sizeof(srv));
	assert_memory_equal(m.update[2].rdata, srv, sizeof(srv));
	dns_update_fini(&m);
}

static void the_lease_is_asked_for(void **state)
{
	uint8_t msg[SIZE];

	(void)state;
	for (uint32_t lease_s = 0; lease_s <= 90; lease_s += 45) {
		size_t n = write_all(msg, sizeof(msg), lease_s), tsig;
		struct base_buf b = base_buf_over(msg, n);
		struct dns_header h = dns_header_parse(&b);
		struct dns_edns e;

		assert_int_equal(h.id, 0x1234);
		assert_int_equal(dns_flags_opcode(h.flags), DNS_OPCODE_UPDATE);
		base_buf_take(&b, sizeof(zone) + 4);
		assert_true(dns_msg_scan(&b, &h, &e, &tsig));
		assert_true(e.is_present);
		assert_int_equal(e.payload, 1232);
		assert_int_equal(e.has_lease, lease_s > 0);
		assert_false(e.has_key_lease);
		assert_int_equal(e.lease_s, lease_s);
	}
}

static void what_does_not_fit_makes_no_message(void **state)
{
	uint8_t msg[SIZE];
	size_t n = write_all(msg, sizeof(msg), 60);

	(void)state;
	for (size_t size = 0; size < n; size++)
		assert_int_equal(write_all(msg, size, 60), 0);
	assert_int_equal(write_all(msg, n, 60), n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read_by_the_server),
		cmocka_unit_test(the_lease_is_asked_for),
		cmocka_unit_test(what_does_not_fit_makes_no_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
