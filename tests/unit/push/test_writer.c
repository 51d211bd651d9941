/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include <errno.h>

#include "push/writer.h"

#include "../memory.h"

static struct push_writer writer;

static const uint8_t web[] = "\3Web\3lab\5cloud";
static const uint8_t db[] = "\2db\3lab\5cloud";

static struct push_messages *end(void)
{
	struct push_messages *m;

	assert_int_equal(push_writer_end(&writer, &m), 0);
	return m;
}

static void the_kinds_of_change_have_their_form(void **state)
{
	static const uint8_t expected[] =
		"\x00\x64"
		"\x00\x00\x30\x00\x00\x00\x00\x00\x00\x00\x00\x00"
		"\x00\x41\x00\x54"
		"\3Web\3lab\5cloud\0\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\xc0\x00\x02\x01"
		"\xc0\x10\x00\x01\x00\x01\xff\xff\xff\xff\x00\x04\xc0\x00\x02\x02"
		"\xc0\x10\x00\x1c\x00\x01\xff\xff\xff\xfe\x00\x00"
		"\2db\xc0\x14\x00\xff\x00\x01\xff\xff\xff\xfe\x00\x00"
		"\xc0\x10\x00\x2a\x00\x01\x00\x00\x00\x00\x00\x00";
	struct push_messages *m;

	(void)state;
	push_writer_begin(&writer, 0);
	push_writer_add(&writer, web, DNS_TYPE_A, 60, (const uint8_t *)"\xc0\0\2\1", 4);
	push_writer_remove(&writer, web, DNS_TYPE_A, (const uint8_t *)"\xc0\0\2\2", 4);
	push_writer_remove_rrset(&writer, web, DNS_TYPE_AAAA);
	push_writer_remove_name(&writer, db);
	push_writer_add(&writer, web, DNS_TYPE_APL, 0, NULL, 0); /* may be empty */
	m = end();
	assert_int_equal(m->count, 1);
	assert_int_equal(m->nbytes, m->item[0]->nbytes);
	assert_int_equal(m->item[0]->nbytes, sizeof(expected) - 1);
	assert_memory_equal(m->item[0]->bytes, expected, sizeof(expected) - 1);
	push_messages_release(m);
}

static void a_message_without_a_change_is_none(void **state)
{
	(void)state;
	push_writer_begin(&writer, 0);
	assert_null(end());
}

static void a_ttl_is_at_most_two_to_the_31_minus_1(void **state)
{
	struct push_messages *m;

	(void)state;
	push_writer_begin(&writer, 0);
	push_writer_add(&writer, web, DNS_TYPE_A, DNS_DSO_TTL_REMOVE, (const uint8_t *)"\xc0\0\2\1",
			4);
	m = end();
	kit_expect(m, "Web.lab.cloud. 2147483647 A 192.0.2.1\n");
	push_messages_release(m);
}

/* RFC 6762 section 18.14; in all of them the name is that of the owner. */
static void names_in_rdata_are_compressed_for_the_types_of_the_list_alone(void **state)
{
	static const struct {
		uint16_t type;
		uint8_t before, names, after; /* octets, names, octets */
		bool is_compressed;
	} types[] = {
		{DNS_TYPE_NS, 0, 1, 0, true},	  {DNS_TYPE_CNAME, 0, 1, 0, true},
		{DNS_TYPE_PTR, 0, 1, 0, true},	  {DNS_TYPE_DNAME, 0, 1, 0, true},
		{DNS_TYPE_SOA, 0, 2, 20, true},	  {DNS_TYPE_MX, 2, 1, 0, true},
		{DNS_TYPE_AFSDB, 2, 1, 0, true},  {DNS_TYPE_RT, 2, 1, 0, true},
		{DNS_TYPE_KX, 2, 1, 0, true},	  {DNS_TYPE_RP, 0, 2, 0, true},
		{DNS_TYPE_PX, 2, 2, 0, true},	  {DNS_TYPE_SRV, 6, 1, 0, true},
		{DNS_TYPE_NSEC, 0, 1, 3, true},	  {DNS_TYPE_MB, 0, 1, 0, false},
		{DNS_TYPE_MINFO, 0, 2, 0, false}, {DNS_TYPE_SVCB, 2, 1, 0, false},
		{DNS_TYPE_LP, 2, 1, 0, false},
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(types) / sizeof(*types); i++) {
		uint8_t rdata[128] = {0};
		struct base_out o = base_out_over(rdata, sizeof(rdata));
		size_t used = 12 + 4 + sizeof(web) + 10, n;
		struct push_messages *m;

		memset(base_out_take(&o, types[i].before), 0, types[i].before);
		for (unsigned j = 0; j < types[i].names; j++)
			base_out_bytes(&o, web, sizeof(web));
		if (types[i].type == DNS_TYPE_NSEC)
			base_out_bytes(&o, "\0\1\x40", 3);
		else
			base_out_take(&o, types[i].after);
		push_writer_begin(&writer, 0);
		push_writer_add(&writer, web, types[i].type, 5, rdata, base_out_nbytes(&o));
		m = end();
		n = types[i].is_compressed ? 2 : sizeof(web);
		assert_int_equal(m->nbytes,
				 2 + used + types[i].before + types[i].names * n + types[i].after);
		free(kit_text(m));
		push_messages_release(m);
	}
}

static void the_case_of_names_is_kept(void **state)
{
	static const uint8_t lower[] = "\3web\3LAB\5cloud";
	struct push_messages *m;

	(void)state;
	push_writer_begin(&writer, 0);
	push_writer_add(&writer, web, DNS_TYPE_PTR, 5, lower, sizeof(lower));
	push_writer_add(&writer, lower, DNS_TYPE_PTR, 5, web, sizeof(web));
	m = end();
	kit_expect(m, "Web.lab.cloud. 5 PTR web.LAB.cloud.\n"
		      "web.LAB.cloud. 5 PTR Web.lab.cloud.\n");
	push_messages_release(m);
}

static void a_full_message_is_followed_by_another(void **state)
{
	uint8_t rdata[256] = {255};
	struct push_messages *m;
	unsigned n = 0;
	char *text;

	(void)state;
	push_writer_begin(&writer, 0);
	for (unsigned i = 0; i < 200; i++) {
		rdata[1] = 'a' + i % 26;
		push_writer_add(&writer, web, DNS_TYPE_TXT, i, rdata, sizeof(rdata));
	}
	m = end();
	assert_int_equal(m->count, 4);
	/* 61 times 268 and the owner once: as many as fit */
	assert_int_equal(m->item[0]->nbytes, 2 + 16 + sizeof(web) - 2 + 61 * 268);
	text = kit_text(m);
	for (const char *at = text; (at = strstr(at, "Web.lab.cloud. ")) != NULL; at++, n++)
		assert_int_equal(atoi(at + 15), n);
	assert_int_equal(n, 200);
	free(text);
	push_messages_release(m);
}

static void a_message_has_at_most_16382_octets(void **state)
{
	static uint8_t rdata[DNS_DSO_PUSH_MAX];
	size_t most = DNS_DSO_PUSH_MAX - 12 - 4 - sizeof(web) - 10;
	struct push_messages *m;

	(void)state;
	push_writer_begin(&writer, 0);
	push_writer_add(&writer, web, 65280, 5, rdata, most);
	push_writer_add(&writer, web, 65281, 5, rdata, most);
	push_writer_add(&writer, web, 65283, 5, rdata, 1);
	assert_int_equal(writer.noversized, 0);
	m = end();
	assert_int_equal(m->count, 3);
	assert_int_equal(m->item[0]->nbytes, 2 + DNS_DSO_PUSH_MAX);
	assert_int_equal(m->item[1]->nbytes, 2 + DNS_DSO_PUSH_MAX);
	push_messages_release(m);
}

static void a_record_that_fits_no_message_is_left_out_and_counted(void **state)
{
	static uint8_t rdata[DNS_DSO_PUSH_MAX];
	size_t most = DNS_DSO_PUSH_MAX - 12 - 4 - sizeof(web) - 10;
	struct push_messages *m;

	(void)state;
	assert_true(push_writer_fits(web, most));
	assert_false(push_writer_fits(web, most + 1));
	push_writer_begin(&writer, 1);
	assert_int_equal(push_writer_add(&writer, web, 65280, 5, rdata, most + 1), 0);
	assert_int_equal(push_writer_add(&writer, web, 65280, 5, rdata, 1), 0);
	assert_int_equal(writer.noversized, 1);
	m = end();
	kit_expect(m, "Web.lab.cloud. 5 TYPE65280 \\# 1 00\n");
	push_messages_release(m);
}

static void short_memory_leaves_nothing_behind(void **state)
{
	static uint8_t rdata[DNS_DSO_PUSH_MAX / 2];

	(void)state;
	for (int n = 0;; n++) {
		struct push_messages *m = NULL;
		int ret;

		memory_fail_after(n);
		ret = push_writer_begin(&writer, 0);
		for (unsigned i = 0; i < 4 && ret == 0; i++)
			ret = push_writer_add(&writer, web, 65280, i, rdata, sizeof(rdata));
		if (ret < 0)
			push_writer_abort(&writer);
		else
			ret = push_writer_end(&writer, &m);
		if (!memory_has_failed()) {
			assert_int_equal(ret, 0);
			push_messages_release(m);
			break;
		}
		assert_int_equal(ret, -ENOMEM);
		assert_null(m);
	}
	memory_fail_after(MEMORY_ENOUGH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kinds_of_change_have_their_form),
		cmocka_unit_test(a_message_without_a_change_is_none),
		cmocka_unit_test(a_ttl_is_at_most_two_to_the_31_minus_1),
		cmocka_unit_test(names_in_rdata_are_compressed_for_the_types_of_the_list_alone),
		cmocka_unit_test(the_case_of_names_is_kept),
		cmocka_unit_test(a_full_message_is_followed_by_another),
		cmocka_unit_test(a_message_has_at_most_16382_octets),
		cmocka_unit_test(a_record_that_fits_no_message_is_left_out_and_counted),
		cmocka_unit_test(short_memory_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
