/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include "push/index.h"

#include "../memory.h"

static const char zones[2];

static struct push_question ask(const char *name, uint16_t type)
{
	return (struct push_question){zones, 0, kit_name(name), type, DNS_CLASS_IN};
}

static struct push_subscription *add(struct push_index *x, struct push_subscriber *s,
				     const char *name, uint16_t type, uint16_t id)
{
	struct push_question q = ask(name, type);

	return push_index_add(x, s, &q, id, 0);
}

static struct push_name *find(struct push_index *x, const void *zone, const char *name)
{
	uint8_t lower[DNS_NAME_MAX];

	return push_index_name(x, zone, lower, dns_name_lower(lower, kit_name(name)));
}

static void a_subscription_is_found_by_its_question_in_any_case(void **state)
{
	struct push_index *x = push_index_new(100);
	struct push_subscriber a = {0}, b = {0};
	struct push_subscription *sub = add(x, &a, "Web.lab.cloud.", DNS_TYPE_A, 7);
	struct push_question same = ask("wEB.Lab.cloud.", DNS_TYPE_A), q;

	(void)state;
	assert_ptr_equal(push_index_find(x, &a, &same), sub);
	assert_int_equal(sub->operation.id, 7);
	assert_ptr_equal(push_index_of(&sub->operation), sub);
	assert_null(push_index_find(x, &b, &same));
	q = ask("web.lab.cloud.", DNS_TYPE_AAAA);
	assert_null(push_index_find(x, &a, &q));
	q = ask("web.lab.cloud.", DNS_TYPE_ANY);
	assert_null(push_index_find(x, &a, &q));
	q = ask("*.lab.cloud.", DNS_TYPE_A);
	assert_null(push_index_find(x, &a, &q));
	q = same;
	q.rrclass = DNS_CLASS_ANY;
	assert_null(push_index_find(x, &a, &q));
	q = same;
	q.zone = zones + 1;
	assert_null(push_index_find(x, &a, &q));
	push_index_clear(x, &a);
	assert_null(push_index_find(x, &a, &same));
	push_index_free(x);
}

static void names_are_found_by_zone_as_long_as_there_are_subscriptions(void **state)
{
	struct push_index *x = push_index_new(1);
	struct push_subscriber a = {0}, b = {0};
	struct push_subscription *first = add(x, &a, "web.lab.cloud.", DNS_TYPE_A, 1);

	(void)state;
	add(x, &b, "WEB.lab.cloud.", DNS_TYPE_A, 1);
	add(x, &b, "web.lab.cloud.", DNS_TYPE_ANY, 2);
	add(x, &b, "*.lab.cloud.", DNS_TYPE_ANY, 3);
	assert_int_equal(push_index_count(x), 4);
	assert_int_equal(a.count, 1);
	assert_int_equal(b.count, 3);
	assert_non_null(find(x, zones, "web.lab.cloud."));
	assert_null(find(x, zones + 1, "web.lab.cloud."));
	assert_null(find(x, zones, "db.lab.cloud."));
	assert_int_equal(
		LIST_NEXT(LIST_FIRST(&find(x, zones, "web.lab.cloud.")->topics), by_name)->count,
		2);
	push_index_remove(x, first);
	assert_non_null(find(x, zones, "web.lab.cloud."));
	push_index_clear(x, &b);
	assert_null(find(x, zones, "web.lab.cloud."));
	assert_null(find(x, zones, "*.lab.cloud."));
	assert_int_equal(push_index_count(x), 0);
	push_index_free(x);
}

/* Removes subscriptions of one name in all orders in the middle of a walk. */
static void a_walk_goes_on_when_subscriptions_are_removed(void **state)
{
	enum { N = 6 };

	(void)state;
	for (unsigned after = 0; after <= N; after++)
		for (unsigned removed = 1; removed < 1 << N; removed++) {
			struct push_index *x = push_index_new(16);
			struct push_subscriber s[N] = {0};
			struct push_subscription *sub[N];
			struct push_group *group = (struct push_group *)x;
			unsigned seen = 0, n = 0;
			struct push_name *name;
			struct push_subscription *at;

			for (unsigned i = 0; i < N; i++)
				sub[i] = add(x, &s[i], "web.lab.cloud.", i % 3 + 1, 1);
			name = find(x, zones, "web.lab.cloud.");
			name->group = group;
			push_index_walk(x, name);
			for (; n < after && (at = push_index_walk_next(x)) != NULL; n++)
				seen |= 1u << (at->subscriber - s);
			for (unsigned i = 0; i < N; i++)
				if (removed & 1u << i)
					push_index_remove(x, sub[i]);
			while ((at = push_index_walk_next(x)) != NULL) {
				assert_false(seen & 1u << (at->subscriber - s));
				assert_false(removed & 1u << (at->subscriber - s));
				seen |= 1u << (at->subscriber - s);
			}
			assert_int_equal(seen | removed, (1 << N) - 1);
			push_index_release(x, name);
			for (unsigned i = 0; i < N; i++)
				push_index_clear(x, &s[i]);
			push_index_free(x);
		}
}

static void a_subscription_takes_little_memory(void **state)
{
	enum { N = 50000 };
	struct push_index *x = push_index_new(N);
	struct push_subscriber s = {0};
	size_t before = push_index_memory(x), each;

	(void)state;
	for (unsigned i = 0; i < N; i++) {
		char text[64];

		snprintf(text, sizeof(text), "i%u._http._tcp.lab.cloud.", i);
		assert_non_null(add(x, &s, text, DNS_TYPE_SRV, 0));
	}
	each = (push_index_memory(x) - before) / N;
	print_message("%zu bytes for each, with a name of its own\n", each);
	assert_true(each <= 192);
	assert_true(sizeof(struct push_subscription) <= 72);
	push_index_clear(x, &s);
	push_index_free(x);
}

static void short_memory_leaves_the_index_as_it_was(void **state)
{
	(void)state;
	for (int n = 0;; n++) {
		struct push_index *x;
		struct push_subscriber s = {0};
		struct push_subscription *sub = NULL;

		memory_fail_after(n);
		x = push_index_new(4);
		if (x != NULL)
			sub = add(x, &s, "web.lab.cloud.", DNS_TYPE_A, 1);
		if (sub == NULL && x != NULL) {
			assert_null(find(x, zones, "web.lab.cloud."));
			assert_int_equal(s.count, 0);
		}
		if (x != NULL)
			push_index_clear(x, &s);
		push_index_free(x);
		if (!memory_has_failed())
			break;
		assert_null(sub);
	}
	memory_fail_after(MEMORY_ENOUGH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_subscription_is_found_by_its_question_in_any_case),
		cmocka_unit_test(names_are_found_by_zone_as_long_as_there_are_subscriptions),
		cmocka_unit_test(a_walk_goes_on_when_subscriptions_are_removed),
		cmocka_unit_test(a_subscription_takes_little_memory),
		cmocka_unit_test(short_memory_leaves_the_index_as_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
