/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "client/records.h"
#include "dns/type.h"

enum { LOG_SIZE = 4096 };

static char seen[LOG_SIZE];

/* Logs `+A:7:60 ` for the addition of the A record 7 with TTL 60. */
static void report(void *arg, enum client_change change, uint16_t type, uint32_t ttl,
		   const uint8_t *rdata, uint16_t nbytes)
{
	char mnemonic[DNS_TYPE_TEXT_MAX];
	size_t n = strlen(seen);

	(void)arg;
	snprintf(seen + n, sizeof(seen) - n, "%c%s:%u:%u ", "+-~"[change],
		 dns_type_to_text(mnemonic, type), nbytes > 0 ? rdata[nbytes - 1] : 0u, ttl);
}

static const char *flush(struct client_records *r)
{
	seen[0] = '\0';
	client_records_flush(r, report, NULL);
	return seen;
}

static void add(struct client_records *r, uint8_t number, uint32_t ttl)
{
	const uint8_t a[] = {10, 0, 0, number};

	assert_int_equal(client_records_add(r, DNS_TYPE_A, ttl, CLIENT_TTL_IS_SET, a, 4), 0);
}

static void drop(struct client_records *r, uint8_t number)
{
	const uint8_t a[] = {10, 0, 0, number};

	client_records_remove(r, DNS_TYPE_A, a, 4);
}

static void only_what_differs_from_what_was_reported_is_a_change(void **state)
{
	struct client_records r;

	(void)state;
	client_records_init(&r);
	drop(&r, 1);
	client_records_remove_type(&r, DNS_TYPE_ANY);
	assert_string_equal(flush(&r), "");
	add(&r, 1, 60);
	add(&r, 2, 60);
	assert_int_equal(r.npresent, 2);
	assert_string_equal(flush(&r), "+A:1:60 +A:2:60 ");
	add(&r, 1, 60);
	assert_string_equal(flush(&r), "");
	add(&r, 1, 30);
	drop(&r, 2);
	assert_string_equal(flush(&r), "-A:2:60 ~A:1:30 ");
	client_records_remove_type(&r, DNS_TYPE_A);
	add(&r, 1, 30);
	add(&r, 3, 5);
	drop(&r, 3);
	assert_string_equal(flush(&r), "");
	client_records_remove_type(&r, DNS_TYPE_AAAA);
	assert_string_equal(flush(&r), "");
	client_records_remove_type(&r, DNS_TYPE_ANY);
	assert_string_equal(flush(&r), "-A:1:30 ");
	assert_int_equal(r.n, 0);
	assert_int_equal(r.npresent, 0);
	client_records_fini(&r);
}

static void records_in_doubt_are_removed_when_all_have_come_and_not_before(void **state)
{
	static const uint8_t aaaa[16] = {[15] = 9};
	struct client_records r;

	(void)state;
	client_records_init(&r);
	for (uint8_t i = 1; i <= 4; i++)
		add(&r, i, 60);
	client_records_add(&r, DNS_TYPE_AAAA, 60, CLIENT_TTL_IS_SET, aaaa, 16);
	flush(&r);
	client_records_doubt(&r, DNS_TYPE_ANY);
	assert_int_equal(r.npresent, 0);
	assert_string_equal(flush(&r), "");
	add(&r, 1, 60); /* is still there */
	add(&r, 2, 99); /* with another TTL */
	add(&r, 7, 60); /* is new */
	drop(&r, 3);	/* went while the others come */
	assert_string_equal(flush(&r), "-A:3:60 ~A:2:99 +A:7:60 ");
	client_records_confirm(&r, DNS_TYPE_A);
	assert_string_equal(flush(&r), "-A:4:60 ");
	client_records_confirm(&r, DNS_TYPE_ANY);
	assert_string_equal(flush(&r), "-AAAA:9:60 ");
	client_records_confirm(&r, DNS_TYPE_ANY);
	assert_string_equal(flush(&r), "");
	client_records_fini(&r);
}

/* A record that came and is in doubt before it was reported: the user never knew it. */
static void what_was_never_reported_is_not_removed(void **state)
{
	struct client_records r;

	(void)state;
	client_records_init(&r);
	add(&r, 1, 60);
	client_records_doubt(&r, DNS_TYPE_ANY);
	assert_string_equal(flush(&r), "");
	client_records_confirm(&r, DNS_TYPE_ANY);
	assert_string_equal(flush(&r), "");
	assert_int_equal(r.n, 0);
	client_records_fini(&r);
}

static void a_ttl_that_runs_down_in_a_cache_is_not_a_change(void **state)
{
	static const uint8_t a[] = {10, 0, 0, 1};
	struct client_records r;

	(void)state;
	client_records_init(&r);
	client_records_add(&r, DNS_TYPE_A, 60, CLIENT_TTL_IS_AGE, a, 4);
	assert_string_equal(flush(&r), "+A:1:60 ");
	client_records_doubt(&r, DNS_TYPE_A);
	client_records_add(&r, DNS_TYPE_A, 12, CLIENT_TTL_IS_AGE, a, 4);
	client_records_confirm(&r, DNS_TYPE_A);
	assert_string_equal(flush(&r), "");
	client_records_fini(&r);
}

static void names_in_rdata_are_compared_without_their_case(void **state)
{
	static const uint8_t lower[] = "\003web\005cloud", upper[] = "\003WEB\005Cloud";
	struct client_records r;

	(void)state;
	client_records_init(&r);
	client_records_add(&r, DNS_TYPE_PTR, 60, CLIENT_TTL_IS_SET, lower, sizeof(lower));
	flush(&r);
	client_records_add(&r, DNS_TYPE_PTR, 60, CLIENT_TTL_IS_SET, upper, sizeof(upper));
	assert_string_equal(flush(&r), "");
	client_records_remove(&r, DNS_TYPE_PTR, upper, sizeof(upper));
	assert_string_equal(flush(&r), "-PTR:0:60 ");
	client_records_fini(&r);
}

static void rdata_may_be_empty(void **state)
{
	struct client_records r;

	(void)state;
	client_records_init(&r);
	client_records_add(&r, DNS_TYPE_APL, 60, CLIENT_TTL_IS_SET, NULL, 0);
	assert_string_equal(flush(&r), "+APL:0:60 ");
	client_records_remove(&r, DNS_TYPE_APL, NULL, 0);
	assert_string_equal(flush(&r), "-APL:0:60 ");
	client_records_fini(&r);
}

static void count(void *arg, enum client_change change, uint16_t type, uint32_t ttl,
		  const uint8_t *rdata, uint16_t nbytes)
{
	unsigned *n = arg;

	(void)type;
	(void)ttl;
	(void)rdata;
	(void)nbytes;
	*n += change == CLIENT_REMOVED ? 0x10000 : 1;
}

static void many_records_are_found_and_told_to_another_user(void **state)
{
	struct client_records r;
	unsigned n = 0, again = 0, gone = 0;

	(void)state;
	client_records_init(&r);
	for (uint32_t i = 0; i < 5000; i++)
		client_records_add(&r, DNS_TYPE_A, 60, CLIENT_TTL_IS_SET, (const uint8_t *)&i, 4);
	client_records_each(&r, count, &n);
	assert_int_equal(n, 0); /* nothing was reported yet */
	client_records_flush(&r, count, &n);
	assert_int_equal(n, 5000);
	client_records_each(&r, count, &again);
	assert_int_equal(again, 5000);
	for (uint32_t i = 0; i < 5000; i += 2)
		client_records_remove(&r, DNS_TYPE_A, (const uint8_t *)&i, 4);
	client_records_flush(&r, count, &gone);
	assert_int_equal(gone, 2500u * 0x10000);
	assert_int_equal(r.n, 2500);
	client_records_fini(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_differs_from_what_was_reported_is_a_change),
		cmocka_unit_test(records_in_doubt_are_removed_when_all_have_come_and_not_before),
		cmocka_unit_test(what_was_never_reported_is_not_removed),
		cmocka_unit_test(a_ttl_that_runs_down_in_a_cache_is_not_a_change),
		cmocka_unit_test(names_in_rdata_are_compared_without_their_case),
		cmocka_unit_test(rdata_may_be_empty),
		cmocka_unit_test(many_records_are_found_and_told_to_another_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
