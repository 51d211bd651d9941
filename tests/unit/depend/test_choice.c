/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include "depend/choice.h"

static const uint8_t type[] = "\3_pg\4_tcp\3lab";

static void instances_of_a_service_have_its_name_with_or_without_a_number(void **state)
{
	static const struct {
		const char *name;
		bool has;
	} cases[] = {
		{"db._pg._tcp.lab", true},
		{"DB-1._PG._tcp.lab", true},
		{"db-10._pg._tcp.lab", true},
		{"db-0._pg._tcp.lab", false},
		{"db-a._pg._tcp.lab", false},
		{"dbx-1._pg._tcp.lab", false},
		{"d._pg._tcp.lab", false},
		{"db-1._http._tcp.lab", false},
		{"_pg._tcp.lab", false},
		{"x.db-1._pg._tcp.lab", false},
		{".", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct find_instance *one = kit_instance(cases[i].name, "192.0.2.1", 1, 0, "");

		assert_int_equal(depend_choice_has(one, "db", type), cases[i].has);
		find_instance_release(one);
	}
}

/* Gives the choice these instances, and no others. */
static bool make(struct depend_choice *c, struct find_instance *a, struct find_instance *b)
{
	struct find_instance *all[2] = {0};
	size_t n = 0;
	bool has_changed;

	if (a != NULL)
		all[n++] = a;
	if (b != NULL)
		all[n++] = b;
	has_changed = depend_choice_make(c, all, n);
	for (size_t i = 0; i < n; i++)
		find_instance_release(all[i]);
	return has_changed;
}

static struct find_instance *one(uint16_t port, const char *txt)
{
	return kit_instance("db-1._pg._tcp.lab", "192.0.2.1", port, 0, txt);
}

static struct find_instance *two(uint16_t priority, const char *txt)
{
	return kit_instance("db-2._pg._tcp.lab", "2001:db8::2", 2, priority, txt);
}

static void the_first_that_is_up_is_chosen_and_kept_while_it_is(void **state)
{
	struct depend_choice c = {0};

	(void)state;
	assert_false(make(&c, NULL, NULL));
	assert_true(make(&c, one(1, ""), two(1, "")));
	assert_string_equal(c.host_port, "192.0.2.1:1");
	assert_false(make(&c, two(0, ""), one(1, ""))); /* a better one is there: it is kept */
	assert_false(make(&c, two(0, ""), one(1, "a=b")));
	assert_true(make(&c, two(0, ""), one(1, "inc=2")));
	assert_true(make(&c, two(0, ""), one(3, "inc=2")));
	assert_string_equal(c.host_port, "192.0.2.1:3");
	assert_true(make(&c, two(0, ""), one(3, "inc=2 state=failed")));
	assert_string_equal(c.host_port, "[2001:db8::2]:2");
	assert_false(make(&c, two(0, ""), one(3, "inc=3")));
	assert_true(make(&c, NULL, NULL));
	assert_null(c.instance);
	assert_string_equal(c.host_port, "");
}

static void one_that_is_not_up_is_not_chosen_but_one_that_drains_is_kept(void **state)
{
	struct depend_choice c = {0};

	(void)state;
	assert_false(make(&c, one(1, "state=starting"), two(0, "state=draining")));
	assert_true(make(&c, one(1, ""), two(0, "state=draining")));
	assert_false(make(&c, one(1, "state=draining"), two(0, "state=draining")));
	assert_true(make(&c, one(1, "state=draining"), two(0, "")));
	assert_string_equal(c.host_port, "[2001:db8::2]:2");
	assert_true(make(&c, one(1, "state=starting"), two(0, "state=starting")));
	assert_null(c.instance);
}

static void an_address_is_kept_as_long_as_the_instance_has_it(void **state)
{
	struct depend_choice c = {0};
	const char *name = "db-1._pg._tcp.lab";

	(void)state;
	assert_false(make(&c, kit_instance(name, "", 1, 0, ""), NULL)); /* without addresses */
	assert_true(make(&c, kit_instance(name, "192.0.2.1 192.0.2.2", 1, 0, ""), NULL));
	assert_string_equal(c.host_port, "192.0.2.1:1");
	assert_false(
		make(&c, kit_instance(name, "2001:db8::1 192.0.2.2 192.0.2.1", 1, 0, ""), NULL));
	assert_true(make(&c, kit_instance(name, "2001:db8::1 192.0.2.2", 1, 0, ""), NULL));
	assert_string_equal(c.host_port, "[2001:db8::1]:1");
	assert_true(make(&c, kit_instance(name, "", 1, 0, ""), NULL));
	assert_null(c.instance);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(instances_of_a_service_have_its_name_with_or_without_a_number),
		cmocka_unit_test(the_first_that_is_up_is_chosen_and_kept_while_it_is),
		cmocka_unit_test(one_that_is_not_up_is_not_chosen_but_one_that_drains_is_kept),
		cmocka_unit_test(an_address_is_kept_as_long_as_the_instance_has_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
