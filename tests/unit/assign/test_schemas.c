/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "../memory.h"
#include "assign/schemas.h"
#include "dns/type.h"
#include "fake.h"

static const uint8_t zone[] = "\3lab";
static struct follow_tracks tracks;
static struct assign_schemas schemas;
static unsigned ntouched, nchanged;

static void on_touched(void *arg)
{
	(void)arg;
	ntouched++;
}

static void on_changed(void *arg, struct assign_schema_user *user)
{
	(void)arg;
	(void)user;
	nchanged++;
}

static int setup(void **state)
{
	(void)state;
	fake_reset();
	tracks = (struct follow_tracks){0};
	schemas = (struct assign_schemas){.tracks = &tracks,
					  .zone = zone,
					  .on_touched = on_touched,
					  .on_changed = on_changed};
	ntouched = nchanged = 0;
	return 0;
}

static void settle(void)
{
	fake_deliver();
	assert_int_equal(assign_schemas_settle(&schemas), 0);
}

static void a_schema_is_followed_once_for_all_that_use_it(void **state)
{
	struct assign_schema_user a = {0}, b = {0};

	(void)state;
	fake_add("http._schemas.lab", DNS_TYPE_TXT, "{\"type\":\"object\"}");
	assert_int_equal(assign_schema_use(&schemas, &a, "http"), 0);
	assert_int_equal(assign_schema_use(&schemas, &b, "http"), 0);
	assert_int_equal(assign_schema_use(&schemas, &b, "http"), 0);
	assert_ptr_equal(a.of, b.of);
	assert_int_equal(fake_nsubscriptions(), 1);
	assert_false(assign_schema_is_known(a.of));
	settle();
	assert_true(assign_schema_is_known(a.of));
	assert_non_null(a.of->schema);
	assert_true(ntouched > 0);
	assert_int_equal(nchanged, 2);
	assert_int_equal(assign_schema_use(&schemas, &b, "other"), 0);
	assert_int_equal(fake_nsubscriptions(), 2);
	assign_schema_leave(&a);
	assign_schema_leave(&a);
	assert_int_equal(fake_nsubscriptions(), 1);
	assign_schema_leave(&b);
	assert_int_equal(fake_nsubscriptions(), 0);
	assign_schemas_fini(&schemas);
}

static void what_is_not_a_schema_has_a_reason(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{"{", "it is not JSON: "},
		{"{\"type\":\"nonsense\"}", "it is not a schema: /type: "},
		{"1", "it is not a schema: "},
	};
	struct assign_schema_user user = {0};

	(void)state;
	assert_int_equal(assign_schema_use(&schemas, &user, "http"), 0);
	settle();
	assert_string_equal(user.of->why, "the zone has no _schemas record");
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		fake_remove("http._schemas.lab");
		fake_add("http._schemas.lab", DNS_TYPE_TXT, cases[i].text);
		settle();
		assert_null(user.of->schema);
		assert_int_equal(strncmp(user.of->why, cases[i].why, strlen(cases[i].why)), 0);
	}
	fake_remove("http._schemas.lab");
	fake_add("http._schemas.lab", DNS_TYPE_TXT, "true");
	settle();
	assert_non_null(user.of->schema);
	assert_string_equal(user.of->why, "");
	assign_schema_leave(&user);
	assign_schemas_fini(&schemas);
}

static void a_name_that_no_zone_can_have_is_refused(void **state)
{
	struct assign_schema_user user = {0};
	char name[65];

	(void)state;
	memset(name, 'x', 64);
	name[64] = '\0';
	assert_int_equal(assign_schema_use(&schemas, &user, name), -EINVAL);
	assert_int_equal(assign_schema_use(&schemas, &user, ""), -EINVAL);
	assert_null(user.of);
	assign_schemas_fini(&schemas);
}

static void users_hear_of_a_refusal(void **state)
{
	struct assign_schema_user user = {0};

	(void)state;
	fake_refuse("http._schemas.lab");
	assert_int_equal(assign_schema_use(&schemas, &user, "http"), 0);
	settle();
	assert_int_equal(nchanged, 1);
	assert_false(assign_schema_is_known(user.of));
	assign_schema_leave(&user);
	assign_schemas_fini(&schemas);
}

static void short_memory_changes_nothing(void **state)
{
	struct assign_schema_user user = {0};

	(void)state;
	fake_add("http._schemas.lab", DNS_TYPE_TXT, "{\"type\":\"object\"}");
	for (int n = 0;; n++) {
		memory_fail_after(n);
		if (assign_schema_use(&schemas, &user, "http") == 0)
			break;
		assert_null(user.of);
		assert_int_equal(fake_nsubscriptions(), 0);
	}
	memory_fail_after(MEMORY_ENOUGH);
	fake_deliver();
	for (int n = 0;; n++) {
		memory_fail_after(n);
		if (assign_schemas_settle(&schemas) == 0)
			break;
		assert_non_null(schemas.dirty);
	}
	memory_fail_after(MEMORY_ENOUGH);
	assert_non_null(user.of->schema);
	assign_schema_leave(&user);
	assign_schemas_fini(&schemas);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_schema_is_followed_once_for_all_that_use_it, setup),
		cmocka_unit_test_setup(what_is_not_a_schema_has_a_reason, setup),
		cmocka_unit_test_setup(a_name_that_no_zone_can_have_is_refused, setup),
		cmocka_unit_test_setup(users_hear_of_a_refusal, setup),
		cmocka_unit_test_setup(short_memory_changes_nothing, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
