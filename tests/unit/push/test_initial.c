/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include <errno.h>

#include "push/initial.h"
#include "push/writer.h"

#include "../memory.h"

#define HEAD "$TTL 3600\n@ SOA ns hostmaster 1 2 3 4 5\n@ NS ns\n"

static struct push_writer writer;

static char *initial(const struct zone *z, const char *name, uint16_t type)
{
	struct push_messages *m;
	struct push_initial i;
	char *text;

	if (!push_initial_begin(&i, zone_current(z), kit_name(name), type))
		return NULL;
	assert_int_equal(push_initial_next(&i, &writer, 0, &m), 0);
	text = kit_text(m);
	push_messages_release(m);
	return text;
}

static void what_there_is_depends_on_name_and_type(void **state)
{
	static const struct {
		const char *name;
		uint16_t type;
		const char *text;
	} asked[] = {
		{"web.lab.cloud.", DNS_TYPE_A,
		 "Web.lab.cloud. 60 A 192.0.2.1\nWeb.lab.cloud. 60 A 192.0.2.2\n"},
		{"WEB.lab.cloud.", DNS_TYPE_TXT, "Web.lab.cloud. 5 TXT \"x\"\n"},
		{"web.lab.cloud.", DNS_TYPE_ANY,
		 "Web.lab.cloud. 60 A 192.0.2.1\nWeb.lab.cloud. 60 A 192.0.2.2\n"
		 "Web.lab.cloud. 5 TXT \"x\"\n"},
		{"web.lab.cloud.", DNS_TYPE_AAAA, NULL},
		{"alias.lab.cloud.", DNS_TYPE_AAAA, "alias.lab.cloud. 3600 CNAME web.lab.cloud.\n"},
		{"alias.lab.cloud.", DNS_TYPE_CNAME,
		 "alias.lab.cloud. 3600 CNAME web.lab.cloud.\n"},
		{"a.w.lab.cloud.", DNS_TYPE_A, NULL},
		{"*.w.lab.cloud.", DNS_TYPE_A, "*.w.lab.cloud. 3600 A 192.0.2.9\n"},
		{"w.lab.cloud.", DNS_TYPE_ANY, NULL},
		{"none.lab.cloud.", DNS_TYPE_ANY, NULL},
		{"lab.cloud.", DNS_TYPE_NS, "lab.cloud. 3600 NS ns.lab.cloud.\n"},
	};
	struct zone *z = kit_zone("lab.cloud.", HEAD "Web 60 A 192.0.2.1\nWeb 60 A 192.0.2.2\n"
						     "Web 5 TXT x\nalias CNAME web\n"
						     "*.w A 192.0.2.9\n");

	(void)state;
	for (unsigned i = 0; i < sizeof(asked) / sizeof(*asked); i++) {
		char *text = initial(z, asked[i].name, asked[i].type);

		if (asked[i].text == NULL)
			assert_null(text);
		else
			assert_string_equal(text, asked[i].text);
		free(text);
	}
	zone_free(z);
}

/* Makes a first version with `n` PTRs at one name. */
static void fill(struct zone *z, unsigned n)
{
	struct zone_draft *d = zone_draft_new(z);
	static const uint8_t owner[] = "\5_http\4_tcp\3lab\5cloud";

	kit_add(d, HEAD);
	for (unsigned i = 0; i < n; i++) {
		char text[64];
		const uint8_t *target;

		snprintf(text, sizeof(text), "i%u._http._tcp.lab.cloud.", i);
		target = kit_name(text);
		assert_true(zone_draft_add(d, owner, DNS_TYPE_PTR, 10, target,
					   (uint16_t)dns_name_nbytes(target)) >= 0);
	}
	assert_int_equal(zone_draft_seal(d, NULL), 1);
	zone_draft_publish(d);
}

static void a_large_set_comes_in_parts_each_record_once(void **state)
{
	enum { N = 60000 };
	struct zone *z = zone_new(kit_name("lab.cloud."), 42);
	static bool seen[N];
	unsigned n = 0, nparts = 0;
	struct push_initial i;
	int ret;

	(void)state;
	fill(z, N);
	assert_true(push_initial_begin(&i, zone_current(z), kit_name("_http._tcp.lab.cloud."),
				       DNS_TYPE_PTR));
	do {
		struct push_messages *m;
		char *text, *at;

		ret = push_initial_next(&i, &writer, 2, &m);
		assert_true(ret >= 0 && m != NULL && m->count <= 2);
		/* The next record would not fit. */
		for (size_t k = 0; ret == 1 && k < m->count; k++)
			assert_true(m->item[k]->nbytes > DNS_DSO_PUSH_MAX - 40);
		text = at = kit_text(m);
		while ((at = strstr(at, " PTR i")) != NULL) {
			unsigned number = (unsigned)atoi(at += 6);

			assert_true(number < N && !seen[number]);
			seen[number] = true;
			n++;
		}
		free(text);
		push_messages_release(m);
		nparts++;
	} while (ret == 1);
	assert_int_equal(ret, 0);
	assert_int_equal(n, N);
	assert_true(nparts > 20);
	zone_free(z);
}

/* The removal precedes the others of the RRset: they would not outlast it. */
static void an_oversized_record_is_announced_before_the_others_of_its_rrset(void **state)
{
	static uint8_t rdata[DNS_DSO_PUSH_MAX];
	static const uint8_t owner[] = "\1a\3lab\5cloud";
	size_t most = DNS_DSO_PUSH_MAX - 12 - 4 - sizeof(owner) - 10;
	struct zone *z = zone_new(kit_name("lab.cloud."), 42);
	struct zone_draft *d = zone_draft_new(z);
	static const char *const begins[] = {
		"a.lab.cloud. -- TYPE65280\na.lab.cloud. 60 TYPE65280 \\# 1 00\n"
		"a.lab.cloud. -- TYPE65281\n",
		"a.lab.cloud. 60 TYPE65281 \\# "};
	struct push_initial i;
	int ret;

	(void)state;
	kit_add(d, HEAD);
	zone_draft_add(d, owner, 65280, 60, rdata, 1);
	zone_draft_add(d, owner, 65280, 60, rdata, sizeof(rdata));
	zone_draft_add(d, owner, 65281, 60, rdata, most); /* with no room for the removal */
	zone_draft_add(d, owner, 65281, 60, rdata, most + 1);
	assert_int_equal(zone_draft_seal(d, NULL), 1);
	zone_draft_publish(d);
	assert_true(push_initial_begin(&i, zone_current(z), owner, DNS_TYPE_ANY));
	for (unsigned k = 0; k < 2; k++) {
		struct push_messages *m;
		char *text;

		ret = push_initial_next(&i, &writer, 1, &m);
		text = kit_text(m);
		assert_int_equal(strncmp(text, begins[k], strlen(begins[k])), 0);
		assert_null(strstr(text + strlen(begins[k]), "lab"));
		free(text);
		push_messages_release(m);
	}
	assert_int_equal(ret, 0);
	zone_free(z);
}

static void short_memory_is_told(void **state)
{
	struct zone *z = zone_new(kit_name("lab.cloud."), 42);
	struct push_initial i;

	(void)state;
	fill(z, 2000);
	for (int n = 0;; n++) {
		struct push_messages *m;
		int ret;

		assert_true(push_initial_begin(&i, zone_current(z),
					       kit_name("_http._tcp.lab.cloud."), DNS_TYPE_PTR));
		memory_fail_after(n);
		ret = push_initial_next(&i, &writer, 0, &m);
		push_messages_release(m);
		if (!memory_has_failed())
			break;
		assert_int_equal(ret, -ENOMEM);
		assert_null(m);
	}
	memory_fail_after(MEMORY_ENOUGH);
	zone_free(z);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_there_is_depends_on_name_and_type),
		cmocka_unit_test(a_large_set_comes_in_parts_each_record_once),
		cmocka_unit_test(an_oversized_record_is_announced_before_the_others_of_its_rrset),
		cmocka_unit_test(short_memory_is_told),
	};

	return cmocka_run_group_tests(tests, kit_setup, kit_teardown);
}
