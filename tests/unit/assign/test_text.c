/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../memory.h"
#include "assign/text.h"
#include "dns/type.h"
#include "fake.h"

static struct client_subscription *subscription;
static char why[ASSIGN_WHY_MAX];

static void on_event(void *arg, enum client_event event, const struct dns_record *record)
{
	(void)arg;
	(void)event;
	(void)record;
}

static int setup(void **state)
{
	static const uint16_t type = DNS_TYPE_TXT;
	static const uint8_t name[] = "\1a";

	(void)state;
	fake_reset();
	return client_subscribe(NULL, name, &type, 1, on_event, NULL, &subscription);
}

static int teardown(void **state)
{
	(void)state;
	client_unsubscribe(NULL, subscription);
	return 0;
}

static int read_text(struct assign_text *out)
{
	*out = (struct assign_text){0};
	why[0] = '\0';
	fake_deliver();
	return assign_text_read(out, subscription, "_spec", why);
}

static void one_record_is_read_however_many_strings_it_has(void **state)
{
	struct assign_text text;
	char value[1001];

	(void)state;
	memset(value, 'x', 1000);
	value[1000] = '\0';
	fake_add("a", DNS_TYPE_TXT, value);
	assert_int_equal(read_text(&text), 0);
	assert_int_equal(text.nchars, 1000);
	assert_string_equal(text.text, value);
	free(text.text);
}

static void none_and_several_are_told_apart(void **state)
{
	struct assign_text text;

	(void)state;
	assert_int_equal(read_text(&text), -ENOENT);
	assert_string_equal(why, "the zone has no _spec record");
	fake_add("a", DNS_TYPE_TXT, "1");
	fake_add("a", DNS_TYPE_TXT, "2");
	assert_int_equal(read_text(&text), -EBADMSG);
	assert_string_equal(why, "the zone has 2 _spec records: one is needed");
	assert_null(text.text);
}

static void short_memory_is_an_error(void **state)
{
	struct assign_text text;

	(void)state;
	fake_add("a", DNS_TYPE_TXT, "1");
	fake_deliver();
	memory_fail_after(0);
	assert_int_equal(read_text(&text), -ENOMEM);
	memory_fail_after(MEMORY_ENOUGH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_record_is_read_however_many_strings_it_has,
						setup, teardown),
		cmocka_unit_test_setup_teardown(none_and_several_are_told_apart, setup, teardown),
		cmocka_unit_test_setup_teardown(short_memory_is_an_error, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
