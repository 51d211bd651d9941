/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The vectors are those of man/weft-fabric.7, made by another BLAKE2b (Python's hashlib) for the
 * master secret 0, 1, ... 31. They are read from the page, so that the page is tested too. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "dns/tsig.h"
#include "fabric/derive.h"

#include "../page.h"

static char *page;

static int page_open(void **state)
{
	(void)state;
	page = page_read("weft-fabric.7");
	return page != NULL ? 0 : -1;
}

static int page_close(void **state)
{
	(void)state;
	free(page);
	return 0;
}

static struct fabric_epoch epoch_of(uint32_t number)
{
	struct fabric_epoch epoch = {.number = number};

	for (uint8_t i = 0; i < FABRIC_MASTER_SIZE; i++)
		epoch.master[i] = i;
	return epoch;
}

/* One line of the page: `epoch NAME ALGORITHM SECRET`. */
static void vector_check(const char *line)
{
	char name[100], algorithm_text[20], secret[100], encoded[100];
	struct dns_tsig_algorithm algorithm;
	uint8_t wire[DNS_NAME_MAX], derived[DNS_HMAC_MAX];
	struct fabric_epoch epoch;
	unsigned number;
	size_t n;

	assert_int_equal(sscanf(line, "%u %99s %19s %99s", &number, name, algorithm_text, secret),
			 4);
	assert_true(
		dns_tsig_algorithm_from_text(&algorithm, algorithm_text, strlen(algorithm_text)));
	assert_true(dns_name_from_text(wire, name, strlen(name), NULL) > 0);
	epoch = epoch_of(number);
	n = fabric_derive(derived, &epoch, wire, algorithm.hash);
	assert_int_equal(n, dns_hmac_nbytes(algorithm.hash));
	sodium_bin2base64(encoded, sizeof(encoded), derived, n, sodium_base64_VARIANT_ORIGINAL);
	assert_string_equal(encoded, secret);
}

static void the_vectors_of_the_manual_are_met(void **state)
{
	const char *at = strstr(page, "\n1 n1.keys.lab.cloud. ");
	unsigned count = 0;

	(void)state;
	assert_non_null(at);
	for (at++; *at >= '1' && *at <= '9'; at = strchr(at, '\n') + 1, count++)
		vector_check(at);
	assert_true(count >= 6);
}

static void name_epoch_master_and_algorithm_each_make_another_secret(void **state)
{
	static const uint8_t n1[] = "\2n1\4keys\3lab\5cloud", n2[] = "\2n2\4keys\3lab\5cloud";
	struct fabric_epoch epoch = epoch_of(1), next = epoch_of(2), other = epoch_of(1);
	uint8_t a[DNS_HMAC_MAX], b[DNS_HMAC_MAX];

	(void)state;
	other.master[31] ^= 1;
	fabric_derive(a, &epoch, n1, DNS_HMAC_SHA256);
	fabric_derive(b, &epoch, n1, DNS_HMAC_SHA256);
	assert_memory_equal(a, b, 32);
	fabric_derive(b, &epoch, n2, DNS_HMAC_SHA256);
	assert_memory_not_equal(a, b, 32);
	fabric_derive(b, &next, n1, DNS_HMAC_SHA256);
	assert_memory_not_equal(a, b, 32);
	fabric_derive(b, &other, n1, DNS_HMAC_SHA256);
	assert_memory_not_equal(a, b, 32);
	fabric_derive(b, &epoch, n1, DNS_HMAC_SHA512);
	assert_memory_not_equal(a, b, 32);
}

static void the_longest_name_has_room(void **state)
{
	struct fabric_epoch epoch = epoch_of(1);
	uint8_t name[DNS_NAME_MAX], derived[DNS_HMAC_MAX];

	(void)state;
	for (unsigned i = 0; i < 254; i += 2)
		memcpy(name + i, "\1a", 2);
	name[254] = 0;
	assert_int_equal(fabric_derive(derived, &epoch, name, DNS_HMAC_SHA512), 64);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_vectors_of_the_manual_are_met),
		cmocka_unit_test(name_epoch_master_and_algorithm_each_make_another_secret),
		cmocka_unit_test(the_longest_name_has_room),
	};

	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, page_open, page_close);
}
