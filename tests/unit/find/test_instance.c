/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../memory.h"
#include "base/address.h"
#include "find/instance.h"

#define NAME(text) ((const uint8_t *)(text))
#define TXT(text) .txt = (const uint8_t *)(text), .ntxt = sizeof(text) - 1

static const uint8_t *const web = NAME("\5web-1\5_http\4_tcp\3lab\5cloud");
static const uint8_t *const host = NAME("\2n1\5nodes\3lab\5cloud");

static struct find_instance *make(const struct find_parts *parts)
{
	struct find_instance *i = find_instance_new(parts);

	assert_non_null(i);
	return i;
}

static void an_instance_has_all_parts(void **state)
{
	struct sockaddr_storage addresses[2];
	struct find_instance *i, *again;

	(void)state;
	memset(addresses, 0, sizeof(addresses));
	assert_int_equal(base_address_from_text(&addresses[0], "192.0.2.1@80", 0), 0);
	assert_int_equal(base_address_from_text(&addresses[1], "2001:db8::1@80", 0), 0);
	i = make(&(struct find_parts){.name = web,
				      .target = host,
				      .priority = 1,
				      .weight = 2,
				      .port = 80,
				      .addresses = addresses,
				      .naddresses = 2,
				      TXT("\7path=/a\16state=draining\6inc=17\6id=abc"),
				      .ttl_s = 30});
	assert_string_equal(i->name_text, "web-1._http._tcp.lab.cloud.");
	assert_string_equal(i->target_text, "n1.nodes.lab.cloud.");
	assert_string_equal(i->label, "web-1");
	assert_string_equal(i->type, "_http._tcp");
	assert_string_equal(i->domain, "lab.cloud.");
	assert_int_equal(i->priority, 1);
	assert_int_equal(i->weight, 2);
	assert_int_equal(i->port, 80);
	assert_int_equal(i->ttl_s, 30);
	assert_int_equal(i->state, DNSSD_DRAINING);
	assert_int_equal(i->incarnation, 17);
	assert_string_equal(i->id, "abc");
	assert_int_equal(i->npairs, 4);
	assert_string_equal(i->pairs[0].key, "path");
	assert_int_equal(i->naddresses, 2);
	assert_true(base_address_equal((const struct sockaddr *)&i->addresses[1],
				       (const struct sockaddr *)&addresses[1]));
	again = find_instance_acquire(i);
	find_instance_release(i);
	assert_string_equal(again->label, "web-1");
	find_instance_release(again);
	find_instance_release(NULL);
}

static void a_name_has_the_parts_that_it_has(void **state)
{
	static const struct {
		const char *name, *text, *label, *type, *domain;
	} cases[] = {
		{"\6My web\5_http\4_tcp\3lab", "My\\032web._http._tcp.lab.", "My web", "_http._tcp",
		 "lab."},
		{"\5a.b\\c\5_http\4_TCP\3lab", "a\\.b\\\\c._http._TCP.lab.", "a.b\\c", "_http._TCP",
		 "lab."},
		{"\3\303\274x\4_ipp\4_udp", "\\195\\188x._ipp._udp.", "\303\274x", "_ipp._udp",
		 "."},
		{"\5_http\4_tcp\3lab", "_http._tcp.lab.", "", "_http._tcp", "lab."},
		{"\2n1\5nodes\3lab", "n1.nodes.lab.", "", "", ""},
		{"\5_http", "_http.", "", "", ""},
		{"", ".", "", "", ""},
	};

	(void)state;
	for (size_t k = 0; k < sizeof(cases) / sizeof(*cases); k++) {
		struct find_instance *i = make(&(struct find_parts){.name = NAME(cases[k].name)});

		assert_string_equal(i->name_text, cases[k].text);
		assert_string_equal(i->label, cases[k].label);
		assert_string_equal(i->type, cases[k].type);
		assert_string_equal(i->domain, cases[k].domain);
		assert_string_equal(i->target_text, "");
		find_instance_release(i);
	}
}

static void a_label_with_a_nul_is_whole(void **state)
{
	static const uint8_t name[] = "\3a\0b\5_http\4_tcp";
	struct find_instance *i = make(&(struct find_parts){.name = name});

	(void)state;
	assert_string_equal(i->label, "a\\000b");
	find_instance_release(i);
}

/* RFC 6763 section 6. */
static void txt_is_read_by_the_rules(void **state)
{
	static const struct {
		const char *key, *value;
		size_t nvalue;
	} wanted[] = {
		{"a", "1", 1},	   {"bare", "", SIZE_MAX}, {"empty", "", 0},
		{"bin", "\0x", 2}, {"eq", "a=b", 3},	   {"with blank", " v ", 3},
	};
	struct find_instance *i = make(&(struct find_parts){
		.name = web,
		TXT("\3a=1\3A=2\0\2=x\1=\4bare\5bare=\6empty=\5empty\6bin=\0x\6eq=a=b"
		    "\16with blank= v \6\303\274bc=1\3\1=1"),
	});

	(void)state;
	assert_int_equal(i->npairs, sizeof(wanted) / sizeof(*wanted));
	for (size_t k = 0; k < i->npairs; k++) {
		assert_string_equal(i->pairs[k].key, wanted[k].key);
		assert_int_equal(i->pairs[k].nvalue, wanted[k].nvalue);
		if (wanted[k].nvalue != SIZE_MAX)
			assert_memory_equal(i->pairs[k].value, wanted[k].value,
					    wanted[k].nvalue + 1);
		assert_ptr_equal(find_instance_find(i, wanted[k].key), &i->pairs[k]);
	}
	assert_ptr_equal(find_instance_find(i, "BIN"), &i->pairs[3]);
	assert_null(find_instance_find(i, "x"));
	assert_null(find_instance_find(i, ""));
	find_instance_release(i);
}

static void a_txt_that_is_cut_short_has_what_is_before(void **state)
{
	struct find_instance *i = make(&(struct find_parts){.name = web, TXT("\3a=1\7b=2")});

	(void)state;
	assert_int_equal(i->npairs, 1);
	find_instance_release(i);
}

static void a_txt_of_many_strings_is_read_at_once(void **state)
{
	enum { STRINGS = 13000 };
	static uint8_t txt[STRINGS * 5 + 1];
	struct find_instance *i;

	(void)state;
	for (unsigned k = 0; k < STRINGS; k++)
		snprintf((char *)txt + (size_t)k * 5, 6, "%c%04x", 4, k % 6500);
	i = make(&(struct find_parts){.name = web, .txt = txt, .ntxt = sizeof(txt) - 1});
	assert_int_equal(i->npairs, 6500);
	find_instance_release(i);
}

static void an_incarnation_is_a_number(void **state)
{
	static const struct {
		const char *txt;
		uint64_t incarnation;
	} cases[] = {
		{"\5inc=7", 7},
		{"\5INC=7", 7},
		{"\4inc=", 0},
		{"\3inc", 0},
		{"\6inc=-1", 0},
		{"\6inc=1x", 0},
		{"\30inc=18446744073709551615", UINT64_MAX},
		{"\30inc=18446744073709551616", 0},
		{"\5abc=7", 0},
	};

	(void)state;
	for (size_t k = 0; k < sizeof(cases) / sizeof(*cases); k++) {
		struct find_instance *i =
			make(&(struct find_parts){.name = web,
						  .txt = (const uint8_t *)cases[k].txt,
						  .ntxt = strlen(cases[k].txt)});

		assert_true(i->incarnation == cases[k].incarnation);
		find_instance_release(i);
	}
}

static void what_differs_is_named(void **state)
{
	struct sockaddr_storage one[2], other[2];
	struct find_parts parts = {.name = web, .target = host, .port = 80, TXT("\3a=1")}, changed;
	struct find_instance *a, *b;

	(void)state;
	memset(one, 0, sizeof(one));
	assert_int_equal(base_address_from_text(&one[0], "192.0.2.1@80", 0), 0);
	assert_int_equal(base_address_from_text(&one[1], "192.0.2.2@80", 0), 0);
	memcpy(&other[0], &one[1], sizeof(*one));
	memcpy(&other[1], &one[0], sizeof(*one));
	parts.addresses = one;
	parts.naddresses = 2;
	a = make(&parts);

	changed = parts;
	changed.addresses = other;
	changed.ttl_s = 5;
	changed.target = NAME("\2N1\5nodes\3lab\5cloud");
	b = make(&changed);
	assert_int_equal(find_instance_compare(a, b), 0);
	find_instance_release(b);

	changed.naddresses = 1;
	b = make(&changed);
	assert_int_equal(find_instance_compare(a, b), FIND_DIFFERS_ADDRESSES);
	assert_int_equal(find_instance_compare(b, a), FIND_DIFFERS_ADDRESSES);
	find_instance_release(b);

	changed = parts;
	changed.weight = 1;
	changed.ntxt = 0;
	b = make(&changed);
	assert_int_equal(find_instance_compare(a, b), FIND_DIFFERS_SRV | FIND_DIFFERS_TXT);
	find_instance_release(b);
	find_instance_release(a);
}

static void no_txt_is_the_same_as_an_empty_one(void **state)
{
	struct find_instance *a = make(&(struct find_parts){.name = web});
	struct find_instance *b =
		make(&(struct find_parts){.name = web, .txt = (const uint8_t *)"", .ntxt = 1});

	(void)state;
	assert_int_equal(find_instance_compare(a, b), 0);
	find_instance_release(a);
	find_instance_release(b);
}

static void an_instance_has_moved_if_its_id_is_elsewhere(void **state)
{
	static const struct {
		struct find_parts before, now;
		bool has_moved;
	} cases[] = {
		{{.port = 1, TXT("\4id=a")}, {.port = 2, TXT("\4id=a")}, true},
		{{.port = 1, TXT("\4id=a")}, {.port = 1, TXT("\4id=a")}, false},
		{{.port = 1, TXT("\4id=a")}, {.port = 2, TXT("\4id=b")}, false},
		{{.port = 1}, {.port = 2}, false},
		{{TXT("\4id=a\5inc=1")}, {TXT("\4id=a\5inc=2")}, true},
		{{TXT("\4id=a"), .target = NAME("\1a")},
		 {TXT("\4id=a"), .target = NAME("\1b")},
		 true},
		{{TXT("\4id=a"), .target = NAME("\1a")},
		 {TXT("\4id=a\3x=1"), .target = NAME("\1A")},
		 false},
	};

	(void)state;
	for (size_t k = 0; k < sizeof(cases) / sizeof(*cases); k++) {
		struct find_parts before = cases[k].before, now = cases[k].now;
		struct find_instance *a, *b;

		before.name = now.name = web;
		a = make(&before);
		b = make(&now);
		assert_int_equal(find_instance_has_moved(a, b), cases[k].has_moved);
		find_instance_release(a);
		find_instance_release(b);
	}
}

static void short_memory_makes_no_instance(void **state)
{
	static const struct find_parts parts = {.name = NAME("\5web-1\5_http\4_tcp\3lab\5cloud"),
						TXT("\3a=1\3b=2")};

	(void)state;
	for (int n = 0;; n++) {
		struct find_instance *i;

		memory_fail_after(n);
		i = find_instance_new(&parts);
		memory_fail_after(MEMORY_ENOUGH);
		if (!memory_has_failed()) {
			assert_true(n > 0);
			find_instance_release(i);
			break;
		}
		assert_null(i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_instance_has_all_parts),
		cmocka_unit_test(a_name_has_the_parts_that_it_has),
		cmocka_unit_test(a_label_with_a_nul_is_whole),
		cmocka_unit_test(txt_is_read_by_the_rules),
		cmocka_unit_test(a_txt_that_is_cut_short_has_what_is_before),
		cmocka_unit_test(a_txt_of_many_strings_is_read_at_once),
		cmocka_unit_test(an_incarnation_is_a_number),
		cmocka_unit_test(what_differs_is_named),
		cmocka_unit_test(no_txt_is_the_same_as_an_empty_one),
		cmocka_unit_test(an_instance_has_moved_if_its_id_is_elsewhere),
		cmocka_unit_test(short_memory_makes_no_instance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
