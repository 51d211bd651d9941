/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include "server/transfer.h"

static const char small[] = "$ORIGIN lab.cloud.\n$TTL 60\n" KIT_SOA "@ NS ns\nns A 192.0.2.1\n";

/* Asks for the zone and begins its transfer. */
static struct server_transfer *begin(struct kit_rules *v)
{
	struct server_query q;
	struct server_transfer *t;
	uint8_t msg[512];
	size_t nbytes = kit_query(msg, sizeof(msg), "lab.cloud.", DNS_TYPE_AXFR, 0);

	q.request.msg = msg;
	q.request.nbytes = nbytes;
	server_query_begin_batch(&q, 1, &v->turn);
	q.zone = q.lookup.zone;
	assert_int_equal(server_transfer_new(&t, &q, &v->turn), 0);
	server_transfer_begin(t, &v->turn);
	return t;
}

static void a_transfer_moves_to_newer_rules_if_they_have_its_zone(void **state)
{
	struct kit_rules first, same, other;
	struct server_transfer *t;

	(void)state;
	kit_rules_init(&first, kit_zone("lab.cloud.", small));
	kit_rules_init(&same, first.zone);
	kit_rules_init(&other,
		       kit_zone("other.cloud.", "$ORIGIN other.cloud.\n" KIT_SOA "@ 60 NS ns\n"));
	t = begin(&first);
	assert_int_equal(first.rules.nusers, 1);
	assert_true(server_transfer_move(t, &same.rules));
	assert_int_equal(first.rules.nusers, 0);
	assert_int_equal(same.rules.nusers, 1);
	assert_false(server_transfer_move(t, &other.rules));
	assert_int_equal(same.rules.nusers, 1);
	server_transfer_free(t);
	kit_rules_fini(&first);
	kit_rules_fini(&same);
	kit_rules_fini(&other);
	zone_free(first.zone);
	zone_free(other.zone);
}

/* The first message is a response and counted as one; all are counted as messages. */
static void sent_messages_and_responses_are_counted(void **state)
{
	static uint8_t out[DNS_MSG_MAX];
	struct server_transfer *t;
	struct kit_rules v;
	uint64_t n = 0;

	(void)state;
	kit_rules_init(&v, kit_zone("lab.cloud.", small));
	t = begin(&v);
	for (; !t->out->is_done; n++)
		assert_true(server_transfer_next(t, &v.turn, out, sizeof(out)) > 0);
	assert_int_equal(v.stats.transfers, 1);
	assert_int_equal(v.stats.transfer_messages, n);
	assert_int_equal(v.stats.rcode[DNS_RCODE_NOERROR], 1);
	server_transfer_free(t);
	kit_rules_fini(&v);
	zone_free(v.zone);
}

/* RFC 8914 section 4.15: Not Ready. */
static void a_transfer_that_could_not_begin_is_answered(void **state)
{
	static uint8_t out[DNS_MSG_MAX];
	struct server_transfer *t;
	struct kit_rules v;
	size_t nbytes;

	(void)state;
	kit_rules_init(&v, kit_zone("lab.cloud.", small));
	t = begin(&v);
	nbytes = server_transfer_refuse(t, &v.turn, out, sizeof(out));
	assert_int_equal(nbytes, DNS_HEADER_SIZE + 11 + 4);
	assert_int_equal(base_load16(out + 2) & 15, DNS_RCODE_SERVFAIL);
	assert_int_equal(v.stats.rcode[DNS_RCODE_SERVFAIL], 1);
	server_transfer_free(t);
	kit_rules_fini(&v);
	zone_free(v.zone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_transfer_moves_to_newer_rules_if_they_have_its_zone),
		cmocka_unit_test(sent_messages_and_responses_are_counted),
		cmocka_unit_test(a_transfer_that_could_not_begin_is_answered),
	};

	return cmocka_run_group_tests(tests, kit_setup, kit_teardown);
}
