/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../memory.h"
#include "registrant/settings.h"

static const char *const subtypes[] = {"_printer", "_Colour"};

static struct registrant_settings valid(void)
{
	static const uint8_t txt[] = "\3a=b";
	static struct sockaddr_storage address = {.ss_family = AF_INET};
	struct registrant_settings s = {
		.port = 80,
		.lease_s = 60,
		.txt = txt,
		.ntxt = sizeof(txt) - 1,
		.id = "one",
		.subtypes = subtypes,
		.nsubtypes = 2,
		.addresses = &address,
		.naddresses = 1,
	};

	memcpy(s.name, "\3web\5_http\4_tcp\3lab\5cloud", 26);
	return s;
}

static void a_copy_owns_what_it_points_to(void **state)
{
	struct registrant_settings s = valid(), *copy;
	uint8_t txt[] = "\3a=b";
	char id[] = "one";

	(void)state;
	s.txt = txt;
	s.id = id;
	assert_int_equal(registrant_settings_copy(&copy, &s), 0);
	memset(txt, 0, sizeof(txt));
	memset(id, 0, sizeof(id));
	assert_memory_equal(copy->txt, "\3a=b", 4);
	assert_string_equal(copy->id, "one");
	assert_string_equal(copy->subtypes[0], "_printer");
	assert_string_equal(copy->subtypes[1], "_Colour");
	assert_int_equal(copy->addresses[0].ss_family, AF_INET);
	assert_int_equal(copy->port, 80);
	assert_true(registrant_settings_has_subtype(copy, "_colour"));
	assert_false(registrant_settings_has_subtype(copy, "_none"));
	registrant_settings_free(copy);
}

static void nothing_but_what_is_required_may_be_left_out(void **state)
{
	struct registrant_settings s = valid(), *copy;

	(void)state;
	s.txt = NULL;
	s.id = NULL;
	s.subtypes = NULL;
	s.addresses = NULL;
	s.ntxt = s.nsubtypes = s.naddresses = 0;
	assert_int_equal(registrant_settings_copy(&copy, &s), 0);
	assert_string_equal(copy->id, "");
	registrant_settings_free(copy);
}

static void check_is_invalid(const struct registrant_settings *s)
{
	struct registrant_settings *copy;

	assert_int_equal(registrant_settings_copy(&copy, s), -EINVAL);
}

static void what_cannot_be_registered_is_refused(void **state)
{
	static uint8_t long_txt[REGISTRANT_TXT_MAX + 1];
	static const char *const empty[] = {""};
	struct registrant_settings s;

	(void)state;
	s = valid();
	s.port = 0;
	check_is_invalid(&s);
	s = valid();
	s.lease_s = 0;
	check_is_invalid(&s);
	s = valid();
	s.txt = (const uint8_t *)"\4a=b"; /* cut short */
	check_is_invalid(&s);
	s = valid();
	s.txt = long_txt;
	s.ntxt = sizeof(long_txt);
	check_is_invalid(&s);
	s = valid();
	s.subtypes = empty;
	s.nsubtypes = 1;
	check_is_invalid(&s);
	s = valid();
	memcpy(s.name, "\5cloud", 7);
	check_is_invalid(&s);
	s.kind = REGISTRANT_NODE;
	check_is_invalid(&s);
}

static void what_agents_register_is_valid(void **state)
{
	static const uint8_t txt[] = "\4by=x", db[] = "\2db\3_pg\4_tcp\3lab\5cloud";
	const uint8_t *const uses[] = {db, db};
	uint8_t long_txt[REGISTRANT_CLAIM_MAX + 256];
	struct registrant_settings s = valid(), *copy;

	(void)state;
	s.port = 0; /* it has none yet */
	check_is_invalid(&s);
	s.incarnation = 1;
	s.uses = uses;
	s.nuses = 2;
	assert_int_equal(registrant_settings_copy(&copy, &s), 0);
	assert_ptr_not_equal(copy->uses[1], db);
	assert_memory_equal(copy->uses[1], db, sizeof(db));
	assert_true(registrant_settings_are_same(copy, &s));
	registrant_settings_free(copy);
	s.incarnation = REGISTRANT_INCARNATION_MAX + 1;
	check_is_invalid(&s);
	s = (struct registrant_settings){.kind = REGISTRANT_CLAIM, .lease_s = 5, .txt = txt};
	memcpy(s.name, "\1d\12_resources\3lab", 17);
	check_is_invalid(&s);
	s.ntxt = sizeof(txt) - 1;
	assert_int_equal(registrant_settings_copy(&copy, &s), 0);
	registrant_settings_free(copy);
	memset(long_txt, 0, sizeof(long_txt));
	s.txt = long_txt;
	s.ntxt = sizeof(long_txt);
	check_is_invalid(&s);
}

static void each_difference_counts(void **state)
{
	static const char *const others[] = {"_printer", "_color"};
	struct registrant_settings s = valid(), t[8];

	(void)state;
	assert_true(registrant_settings_are_same(&s, &s));
	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++)
		t[i] = s;
	t[0].port = 81;
	t[1].state = DNSSD_STOPPED;
	t[2].ntxt = 0;
	t[3].id = NULL;
	t[4].subtypes = others;
	t[5].naddresses = 0;
	t[6].ttl_s = 1;
	t[7].incarnation = 1;
	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++)
		assert_false(registrant_settings_are_same(&s, &t[i]));
	t[0] = s;
	t[0].is_eager = true; /* how it is sent is not what is sent */
	assert_true(registrant_settings_are_same(&s, &t[0]));
}

static void short_memory_is_reported(void **state)
{
	struct registrant_settings s = valid(), *copy;

	(void)state;
	memory_fail_after(0);
	assert_int_equal(registrant_settings_copy(&copy, &s), -ENOMEM);
	memory_fail_after(MEMORY_ENOUGH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_copy_owns_what_it_points_to),
		cmocka_unit_test(nothing_but_what_is_required_may_be_left_out),
		cmocka_unit_test(what_cannot_be_registered_is_refused),
		cmocka_unit_test(what_agents_register_is_valid),
		cmocka_unit_test(each_difference_counts),
		cmocka_unit_test(short_memory_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
