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
#include "base/secret.h"
#include "find/find.h"
#include "find/order.h"

enum { MOST = 8, DRAWS = 100000 };

/* Chi-square of 3 degrees of freedom that is exceeded by chance once in 10,000 times. */
#define CHI_SQUARE_MOST 21.1

static uint32_t random_below(void *arg, uint32_t n)
{
	uint64_t *seed = arg;

	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((*seed >> 32) * n >> 32);
}

/* Makes `i<number>._http._tcp`, or without `is_instance` an SRV record of the type itself. */
static struct find_instance *make(unsigned number, uint16_t priority, uint16_t weight,
				  const char *state, bool is_instance)
{
	char text[64], txt[64];
	uint8_t name[DNS_NAME_MAX], target[DNS_NAME_MAX];
	struct find_instance *i;

	snprintf(text, sizeof(text), is_instance ? "i%u._http._tcp.lab." : "_http._tcp.lab.",
		 number);
	assert_true(dns_name_from_text(name, text, strlen(text), NULL) > 0);
	snprintf(text, sizeof(text), "n%u.lab.", number);
	assert_true(dns_name_from_text(target, text, strlen(text), NULL) > 0);
	snprintf(txt, sizeof(txt), "%cstate=%s", (int)strlen(state) + 6, state);
	i = find_instance_new(&(struct find_parts){
		.name = name,
		.target = target,
		.priority = priority,
		.weight = weight,
		.port = (uint16_t)number,
		.txt = (const uint8_t *)txt,
		.ntxt = strlen(txt),
	});
	assert_non_null(i);
	return i;
}

static void release(struct find_instance **all, size_t n)
{
	for (size_t i = 0; i < n; i++)
		find_instance_release(all[i]);
}

static double chi_square(const unsigned *found, const double *wanted, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (found[i] - wanted[i]) * (found[i] - wanted[i]) / wanted[i];
	return sum;
}

static void states_and_priorities_come_before_weights(void **state)
{
	static const uint16_t wanted[] = {2, 1, 3, 4, 5};
	struct find_instance *all[] = {
		make(5, 0, 9, "failed", true), make(4, 0, 9, "starting", true),
		make(1, 20, 1, "up", true),    make(3, 0, 60000, "draining", true),
		make(2, 10, 0, "other", true),
	};
	uint64_t seed = 1;

	(void)state;
	find_order_with(all, 5, random_below, &seed);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(all[i]->port, wanted[i]);
	find_order_sticky(all, 5, "x", 1);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(all[i]->port, wanted[i]);
	find_order(all, 0);
	find_order(all, 1);
	find_order(all, 5);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(all[i]->port, wanted[i]);
	release(all, 5);
}

/* RFC 2782: with the number drawn from 0 to the sum of weights, weight 0 has one chance in sum + 1,
 * and the others as many as their weights. */
static void the_first_one_is_drawn_by_weight(void **state)
{
	static const uint16_t weights[] = {0, 10, 20, 69};
	struct find_instance *all[4];
	unsigned first[4] = {0};
	double wanted[4];
	uint64_t seed = 42;

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		all[i] = make(i, 0, weights[i], "up", true);
		wanted[i] = DRAWS * (weights[i] == 0 ? 1 : weights[i]) / 100.0;
	}
	for (int i = 0; i < DRAWS; i++) {
		find_order_with(all, 4, random_below, &seed);
		first[all[0]->port]++;
	}
	assert_true(chi_square(first, wanted, 4) < CHI_SQUARE_MOST);
	release(all, 4);
}

/* As the first one, the second is drawn by weight from those that are left. */
static void the_second_one_is_drawn_by_weight(void **state)
{
	static const uint16_t weights[] = {50, 10, 20, 30};
	struct find_instance *all[4];
	unsigned second[4] = {0}, n = 0;
	double wanted[4] = {1, 0, 0, 0};
	uint64_t seed = 43;

	(void)state;
	for (unsigned i = 0; i < 4; i++)
		all[i] = make(i, 0, weights[i], "up", true);
	for (int i = 0; i < DRAWS; i++) {
		find_order_with(all, 4, random_below, &seed);
		if (all[0]->port != 0)
			continue;
		second[all[1]->port]++;
		n++;
	}
	/* The order in which the set was drawn before decides which one gets the chance of 0: it
	 * is one in 61, and evenly so. */
	for (unsigned i = 1; i < 4; i++)
		wanted[i] = n * (weights[i] + 1 / 3.0) / 61;
	second[0] = 1;
	assert_true(chi_square(second, wanted, 4) < 2 * CHI_SQUARE_MOST);
	release(all, 4);
}

static void a_key_has_its_order(void **state)
{
	struct find_instance *all[MOST], *again[MOST];

	(void)state;
	for (unsigned i = 0; i < MOST; i++)
		all[i] = again[MOST - 1 - i] = make(i, 0, 1, "up", true);
	find_order_sticky(all, MOST, "client-1", 8);
	find_order_sticky(again, MOST, "client-1", 8);
	assert_memory_equal(all, again, sizeof(all));
	release(all, MOST);
}

static void keys_are_spread_by_weight(void **state)
{
	static const uint16_t weights[] = {5, 10, 20, 65};
	struct find_instance *all[4];
	unsigned first[4] = {0};
	double wanted[4];

	(void)state;
	for (unsigned i = 0; i < 4; i++) {
		all[i] = make(i, 0, weights[i], "up", true);
		wanted[i] = DRAWS * weights[i] / 100.0;
	}
	for (int i = 0; i < DRAWS; i++) {
		find_order_sticky(all, 4, &i, sizeof(i));
		first[all[0]->port]++;
	}
	assert_true(chi_square(first, wanted, 4) < CHI_SQUARE_MOST);
	release(all, 4);
}

static void weight_0_gets_few_keys_and_all_if_alone(void **state)
{
	struct find_instance *all[3] = {make(0, 0, 0, "up", true), make(1, 0, 1, "up", true),
					make(2, 0, 0, "up", true)};
	struct find_instance *zeros[2] = {all[0], all[2]};
	unsigned first[3] = {0}, of_zeros[3] = {0};

	(void)state;
	for (int i = 0; i < 20000; i++) {
		find_order_sticky(all, 3, &i, sizeof(i));
		first[all[0]->port]++;
		find_order_sticky(zeros, 2, &i, sizeof(i));
		of_zeros[zeros[0]->port]++;
	}
	assert_in_range(first[1], 19000, 19999);
	assert_true(first[0] > 0 && first[2] > 0);
	assert_in_range(of_zeros[0], 9500, 10500);
	release(all, 3);
}

/* The instances that remain have the same order as before, whichever one goes. */
static void an_instance_that_goes_moves_only_its_clients(bool are_instances)
{
	struct find_instance *all[MOST], *rest[MOST];

	for (unsigned i = 0; i < MOST; i++)
		all[i] = make(i, 0, (uint16_t)(i * i), "up", are_instances);
	for (unsigned key = 0; key < 500; key++) {
		for (unsigned gone = 0; gone < MOST; gone++) {
			size_t n = 0;

			find_order_sticky(all, MOST, &key, sizeof(key));
			for (size_t i = MOST; i-- > 0;)
				if (all[i]->port != gone)
					rest[n++] = all[i];
			find_order_sticky(rest, n, &key, sizeof(key));
			for (size_t i = 0, k = 0; i < MOST; i++)
				if (all[i]->port != gone)
					assert_ptr_equal(all[i], rest[k++]);
		}
	}
	release(all, MOST);
}

static void instances_keep_their_clients(void **state)
{
	(void)state;
	an_instance_that_goes_moves_only_its_clients(true);
}

static void srv_records_keep_their_clients(void **state)
{
	(void)state;
	an_instance_that_goes_moves_only_its_clients(false);
}

/* One instance with two SRV records is two candidates. */
static void srv_records_of_an_instance_share_its_clients(void **state)
{
	static const uint8_t name[] = "\1i\5_http\4_tcp\3lab", targets[2][4] = {"\1a", "\1b"};
	struct find_instance *all[2];
	unsigned first[2] = {0};

	(void)state;
	for (unsigned i = 0; i < 2; i++)
		all[i] = find_instance_new(&(struct find_parts){
			.name = name, .target = targets[i], .port = (uint16_t)i, .weight = 1});
	for (int i = 0; i < 10000; i++) {
		find_order_sticky(all, 2, &i, sizeof(i));
		first[all[0]->port]++;
	}
	assert_in_range(first[0], 4700, 5300);
	release(all, 2);
}

static void short_memory_leaves_the_order_of_priorities(void **state)
{
	struct find_instance *all[] = {make(3, 30, 0, "up", true), make(1, 10, 0, "up", true),
				       make(2, 20, 0, "up", true)};

	(void)state;
	memory_fail_after(0);
	find_order(all, 3);
	memory_fail_after(MEMORY_ENOUGH);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(all[i]->port, i + 1);
	memory_fail_after(0);
	find_order_sticky(all, 3, "", 0);
	memory_fail_after(MEMORY_ENOUGH);
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(all[i]->port, i + 1);
	release(all, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(states_and_priorities_come_before_weights),
		cmocka_unit_test(the_first_one_is_drawn_by_weight),
		cmocka_unit_test(the_second_one_is_drawn_by_weight),
		cmocka_unit_test(a_key_has_its_order),
		cmocka_unit_test(keys_are_spread_by_weight),
		cmocka_unit_test(weight_0_gets_few_keys_and_all_if_alone),
		cmocka_unit_test(instances_keep_their_clients),
		cmocka_unit_test(srv_records_keep_their_clients),
		cmocka_unit_test(srv_records_of_an_instance_share_its_clients),
		cmocka_unit_test(short_memory_leaves_the_order_of_priorities),
	};

	if (base_secret_start() < 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
