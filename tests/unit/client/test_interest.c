/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "client/interest.h"
#include "dns/type.h"

static const uint8_t host[] = "\002n1\003lab\005cloud", upper[] = "\002N1\003lab\005cloud";

struct user {
	char seen[256];
	struct client_interests *t;
	struct client_subscription *subscription, *other; /* `other` is ended at the first event */
};

static void on_event(void *arg, enum client_event event, const struct dns_record *record)
{
	struct user *u = arg;
	size_t n = strlen(u->seen);

	if (event == CLIENT_EVENT_CURRENT)
		snprintf(u->seen + n, sizeof(u->seen) - n, "= ");
	else if (event == CLIENT_EVENT_FAILED)
		snprintf(u->seen + n, sizeof(u->seen) - n, "! ");
	else
		snprintf(u->seen + n, sizeof(u->seen) - n, "%c%u ", "+-~"[event],
			 record -> rdata[record->nbytes - 1]);
	if (u->other != NULL)
		client_interests_end(u->t, u->other);
	u->other = NULL;
}

static struct client_interest *subscribe(struct client_interests *t, struct user *u,
					 const uint8_t *name, uint16_t type, bool is_new)
{
	bool was_new;

	u->t = t;
	assert_int_equal(
		client_interests_add(t, name, &type, 1, on_event, u, &u->subscription, &was_new),
		0);
	assert_int_equal(was_new, is_new);
	return u->subscription->interest;
}

static void add(struct client_interests *t, struct client_interest *i, uint8_t number)
{
	const uint8_t a[] = {10, 0, 0, number};

	client_records_add(&i->records, DNS_TYPE_A, 60, CLIENT_TTL_IS_SET, a, 4);
	client_interests_touch(t, i);
}

static void on_end(void *arg, struct client_interest *i)
{
	unsigned *n = arg;

	(void)i;
	++*n;
}

static void users_of_the_same_records_share_them(void **state)
{
	struct user first = {.seen = ""}, second = {.seen = ""}, mail = {.seen = ""};
	struct client_interests t;
	struct client_interest *i;
	unsigned nended = 0;

	(void)state;
	client_interests_init(&t);
	i = subscribe(&t, &first, host, DNS_TYPE_A, true);
	add(&t, i, 1);
	client_interests_flush(&t);
	assert_string_equal(first.seen, "+1 ");
	i->is_current = true;
	assert_ptr_equal(subscribe(&t, &second, upper, DNS_TYPE_A, false), i);
	assert_ptr_not_equal(subscribe(&t, &mail, host, DNS_TYPE_MX, true), i);
	client_interests_flush(&t);
	assert_string_equal(first.seen, "+1 = ");
	assert_string_equal(second.seen, "+1 = ");
	add(&t, i, 2);
	client_interests_flush(&t);
	assert_string_equal(first.seen, "+1 = +2 ");
	assert_string_equal(second.seen, "+1 = +2 ");
	client_interests_end(&t, first.subscription);
	client_interests_reap(&t, on_end, &nended);
	assert_int_equal(nended, 0);
	add(&t, i, 3);
	client_interests_end(&t, second.subscription);
	client_interests_reap(&t, on_end, &nended);
	assert_int_equal(nended, 1);
	client_interests_flush(&t);
	assert_null(t.touched);
	assert_string_equal(first.seen, "+1 = +2 ");
	assert_int_equal(t.n, 1);
	assert_null(client_interests_next(client_interests_find(&t, upper)));
	client_interests_fini(&t);
}

static void a_user_may_end_another_in_an_event(void **state)
{
	struct user first = {.seen = ""}, second = {.seen = ""};
	struct client_interests t;
	struct client_interest *i;
	unsigned nended = 0;

	(void)state;
	client_interests_init(&t);
	i = subscribe(&t, &first, host, DNS_TYPE_A, true);
	subscribe(&t, &second, host, DNS_TYPE_A, false);
	client_interests_flush(&t);
	first.other = second.subscription;
	second.other = first.subscription;
	add(&t, i, 1);
	client_interests_flush(&t);
	assert_int_equal(strlen(first.seen) + strlen(second.seen), 3);
	client_interests_reap(&t, on_end, &nended);
	assert_int_equal(nended, 0);
	client_interests_fini(&t);
}

static void an_interest_without_users_that_gets_one_in_time_lives_on(void **state)
{
	struct user first = {.seen = ""}, second = {.seen = ""};
	struct client_interests t;
	struct client_interest *i;
	unsigned nended = 0;

	(void)state;
	client_interests_init(&t);
	i = subscribe(&t, &first, host, DNS_TYPE_A, true);
	client_interests_end(&t, first.subscription);
	assert_ptr_equal(subscribe(&t, &second, host, DNS_TYPE_A, false), i);
	client_interests_reap(&t, on_end, &nended);
	assert_int_equal(nended, 0);
	add(&t, i, 1);
	client_interests_flush(&t);
	assert_string_equal(second.seen, "+1 ");
	client_interests_fini(&t);
}

static void several_types_are_one_interest_and_each_user_sees_its_own(void **state)
{
	static const uint16_t types[] = {DNS_TYPE_A, DNS_TYPE_AAAA},
			      more[] = {DNS_TYPE_TXT, DNS_TYPE_SRV};
	struct user u = {.seen = ""}, v = {.seen = ""};
	struct client_interests t;
	struct client_interest *i;
	bool is_new;

	(void)state;
	client_interests_init(&t);
	client_interests_add(&t, host, types, 2, on_event, &u, &u.subscription, &is_new);
	i = u.subscription->interest;
	assert_int_equal(i->wire_type, DNS_TYPE_ANY);
	client_interests_add(&t, host, more, 2, on_event, &v, &v.subscription, &is_new);
	assert_false(is_new);
	assert_int_equal(i->npolls, 4);
	add(&t, i, 1);
	client_records_add(&i->records, DNS_TYPE_TXT, 60, CLIENT_TTL_IS_SET,
			   (const uint8_t *)"\1\2", 2);
	client_interests_flush(&t);
	assert_string_equal(u.seen, "+1 ");
	assert_string_equal(v.seen, "+2 ");
	client_interests_fini(&t);
}

static void names_are_found_among_many(void **state)
{
	struct client_interests t;
	struct user u = {.seen = ""};
	uint8_t name[] = "\002xx\003lab\005cloud";

	(void)state;
	client_interests_init(&t);
	assert_null(client_interests_find(&t, host));
	for (unsigned i = 0; i < 1000; i++) {
		name[1] = (uint8_t)(i / 100 + '0');
		name[2] = (uint8_t)(i % 100 + 128);
		subscribe(&t, &u, name, DNS_TYPE_A, true);
	}
	for (unsigned i = 0; i < 1000; i++) {
		name[1] = (uint8_t)(i / 100 + '0');
		name[2] = (uint8_t)(i % 100 + 128);
		assert_memory_equal(client_interests_find(&t, name)->name, name, sizeof(name));
	}
	assert_null(client_interests_find(&t, host));
	client_interests_fini(&t);
}

static void what_was_reported_can_be_read_again(void **state)
{
	struct user u = {.seen = ""}, again = {.seen = ""};
	struct client_interests t;
	struct client_interest *i;

	(void)state;
	client_interests_init(&t);
	i = subscribe(&t, &u, host, DNS_TYPE_A, true);
	add(&t, i, 1);
	client_interests_flush(&t);
	add(&t, i, 2); /* not reported yet */
	client_subscription_each(u.subscription, on_event, &again);
	assert_string_equal(again.seen, "+1 ");
	assert_string_equal(u.seen, "+1 ");
	client_interests_fini(&t);
}

static void that_servers_do_not_answer_is_reported_each_time(void **state)
{
	struct user u = {.seen = ""};
	struct client_interests t;
	struct client_interest *i;

	(void)state;
	client_interests_init(&t);
	i = subscribe(&t, &u, host, DNS_TYPE_A, true);
	client_interests_flush(&t);
	client_interests_fail(&t, i);
	client_interests_flush(&t);
	client_interests_flush(&t);
	assert_string_equal(u.seen, "! ");
	client_interests_fail(&t, i);
	client_interests_flush(&t);
	assert_string_equal(u.seen, "! ! ");
	client_interests_fini(&t);
}

static void nothing_is_reported_of_what_is_hidden_until_it_is_known(void **state)
{
	struct user first = {.seen = ""}, second = {.seen = ""};
	struct client_interests t;
	struct client_interest *i;

	(void)state;
	client_interests_init(&t);
	i = subscribe(&t, &first, host, DNS_TYPE_A, true);
	add(&t, i, 1);
	i->is_current = true;
	client_interests_flush(&t);
	i->is_hidden = true;
	client_records_doubt(&i->records, DNS_TYPE_A);
	add(&t, i, 2);
	subscribe(&t, &second, host, DNS_TYPE_A, false);
	client_interests_fail(&t, i);
	client_interests_flush(&t);
	assert_string_equal(first.seen, "+1 = ! ");
	assert_string_equal(second.seen, "! ");
	i->is_hidden = false;
	add(&t, i, 3);
	client_interests_complete(&t, i, DNS_TYPE_A);
	client_interests_flush(&t);
	assert_string_equal(first.seen, "+1 = ! -1 +2 +3 ");
	assert_int_equal(strlen(second.seen), strlen("! +2 +3 = "));
	client_interests_fini(&t);
}

static void the_memory_of_all_records_is_counted(void **state)
{
	struct user u = {.seen = ""};
	struct client_interests t;
	struct client_interest *i;
	unsigned nended = 0;
	size_t nbytes;

	(void)state;
	client_interests_init(&t);
	i = subscribe(&t, &u, host, DNS_TYPE_A, true);
	add(&t, i, 1);
	nbytes = t.nbytes;
	assert_true(nbytes > 4);
	add(&t, i, 1);
	assert_int_equal(t.nbytes, nbytes);
	add(&t, i, 2);
	assert_int_equal(t.nbytes, 2 * nbytes);
	client_interests_flush(&t);
	client_records_remove_type(&i->records, DNS_TYPE_A);
	client_interests_touch(&t, i);
	client_interests_flush(&t);
	assert_int_equal(t.nbytes, 0);
	add(&t, i, 3);
	client_interests_end(&t, u.subscription);
	client_interests_reap(&t, on_end, &nended);
	assert_int_equal(t.nbytes, 0);
	client_interests_fini(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(users_of_the_same_records_share_them),
		cmocka_unit_test(a_user_may_end_another_in_an_event),
		cmocka_unit_test(an_interest_without_users_that_gets_one_in_time_lives_on),
		cmocka_unit_test(several_types_are_one_interest_and_each_user_sees_its_own),
		cmocka_unit_test(names_are_found_among_many),
		cmocka_unit_test(what_was_reported_can_be_read_again),
		cmocka_unit_test(that_servers_do_not_answer_is_reported_each_time),
		cmocka_unit_test(nothing_is_reported_of_what_is_hidden_until_it_is_known),
		cmocka_unit_test(the_memory_of_all_records_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
