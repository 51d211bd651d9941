/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "fabric/cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "fabric/derive.h"

enum { NOW = 1800000000, OVERLAP = 100 };

struct kit {
	struct fabric *fabric;
	struct fabric_ring *ring;
	struct fabric_cache *cache;
	struct fabric_revoked *revoked;
};

static struct kit kit_make(unsigned rotations)
{
	struct kit k = {.cache = fabric_cache_new()};
	struct fabric_ring_entry entry = {.overlap_s = OVERLAP};

	assert_int_equal(fabric_new(&k.fabric, (const uint8_t *)"\3lab\5cloud", NOW), 0);
	for (unsigned i = 0; i < rotations; i++)
		fabric_rotate(k.fabric, NOW);
	entry.fabric = k.fabric;
	k.ring = fabric_ring_new(&entry, 1);
	assert_non_null(k.cache);
	assert_non_null(k.ring);
	return k;
}

static void kit_free(struct kit *k)
{
	fabric_cache_free(k->cache);
	fabric_ring_free(k->ring);
	fabric_revoked_free(k->revoked);
	fabric_free(k->fabric);
}

static struct dns_tsig_search search_for(const uint8_t *name)
{
	return (struct dns_tsig_search){
		.name = name, .nbytes = dns_name_nbytes(name), .hash = DNS_HMAC_SHA256};
}

static const struct dns_tsig_key *find(struct kit *k, struct dns_tsig_search *s, uint64_t now_s)
{
	return fabric_cache_find(k->cache, k->ring, k->revoked, s, now_s);
}

static void name_make(uint8_t out[static DNS_NAME_MAX], unsigned number)
{
	char text[64];

	snprintf(text, sizeof(text), "n%u.keys.lab.cloud", number);
	assert_true(dns_name_from_text(out, text, strlen(text), NULL) > 0);
}

/* Returns whether the key is the one that the epoch derives. */
static bool is_of(const struct dns_tsig_key *key, const struct fabric_epoch *epoch,
		  const uint8_t *name)
{
	struct dns_tsig_algorithm algorithm = {DNS_HMAC_SHA256, 32};
	uint8_t secret[DNS_HMAC_MAX], a[DNS_HMAC_MAX], b[DNS_HMAC_MAX];
	struct dns_tsig_key wanted;
	struct dns_hmac h;

	dns_tsig_key_init(&wanted, name, algorithm, secret,
			  fabric_derive(secret, epoch, name, DNS_HMAC_SHA256));
	dns_hmac_begin(&h, &wanted.hmac);
	dns_hmac_end(&h, a);
	dns_hmac_begin(&h, &key->hmac);
	dns_hmac_end(&h, b);
	return memcmp(a, b, 32) == 0;
}

static void epochs_are_tried_from_the_newest_and_marked_when_they_are_over(void **state)
{
	struct kit k = kit_make(3);
	uint8_t name[DNS_NAME_MAX];
	struct dns_tsig_search s;

	(void)state;
	name_make(name, 1);
	for (s = search_for(name); s.attempt < 4; s.attempt++) {
		const struct dns_tsig_key *key;

		s.refusal = DNS_TSIG_NOT_REFUSED;
		key = find(&k, &s, NOW + OVERLAP - 1);
		assert_true(is_of(key, &k.fabric->epoch[s.attempt], name));
		assert_int_equal(s.refusal, s.attempt < 2 ? DNS_TSIG_NOT_REFUSED : DNS_TSIG_PAST);
		if (s.attempt >= 2)
			assert_int_equal(s.epoch, 4 - s.attempt);
	}
	assert_null(find(&k, &s, NOW));
	kit_free(&k);
}

static void a_cached_key_comes_first_and_the_others_after_it(void **state)
{
	struct kit k = kit_make(1);
	const struct dns_tsig_key *key, *cached;
	uint8_t name[DNS_NAME_MAX];
	struct dns_tsig_search s;

	(void)state;
	name_make(name, 1);
	s = search_for(name);
	find(&k, &s, NOW);
	s.attempt = 1;
	key = find(&k, &s, NOW); /* of the epoch before */
	fabric_cache_add(k.cache, key);

	s = search_for(name);
	cached = find(&k, &s, NOW);
	assert_ptr_not_equal(cached, key);
	assert_true(is_of(cached, &k.fabric->epoch[1], name));
	s.attempt = 1;
	assert_true(is_of(find(&k, &s, NOW), &k.fabric->epoch[0], name));
	s.attempt = 2;
	assert_null(find(&k, &s, NOW));

	/* When its epoch is over, a key is treated as if it were not in the file. */
	s = search_for(name);
	assert_true(is_of(find(&k, &s, NOW + OVERLAP), &k.fabric->epoch[0], name));
	assert_int_equal(s.refusal, DNS_TSIG_NOT_REFUSED);
	s.attempt = 1;
	find(&k, &s, NOW + OVERLAP);
	assert_int_equal(s.refusal, DNS_TSIG_PAST);
	kit_free(&k);
}

static void a_key_cached_under_another_ring_does_not_count(void **state)
{
	struct kit k = kit_make(0);
	struct fabric_ring_entry entry = k.ring->entries[0];
	const struct dns_tsig_key *derived;
	uint8_t name[DNS_NAME_MAX];
	struct dns_tsig_search s;

	(void)state;
	name_make(name, 1);
	s = search_for(name);
	derived = find(&k, &s, NOW);
	fabric_cache_add(k.cache, derived);
	assert_ptr_not_equal(find(&k, &s, NOW), derived);
	fabric_ring_free(k.ring);
	k.ring = fabric_ring_new(&entry, 1);
	assert_ptr_equal(find(&k, &s, NOW), derived);
	kit_free(&k);
}

static void ten_thousand_cached_keys_stay_and_claimed_ones_push_none_out(void **state)
{
	enum { KEYS = 10000 };
	struct kit k = kit_make(0);
	const struct dns_tsig_key *derived = NULL;
	uint8_t name[DNS_NAME_MAX];
	unsigned ncached = 0;

	(void)state;
	for (unsigned i = 0; i < 2 * KEYS; i++) {
		struct dns_tsig_search s = search_for(name);

		name_make(name, i % KEYS);
		s.nbytes = dns_name_nbytes(name);
		derived = find(&k, &s, NOW);
		if (i < KEYS)
			fabric_cache_add(k.cache, derived);
	}
	for (unsigned i = 0; i < 100000; i++) {
		struct dns_tsig_search s = search_for(name);

		name_make(name, KEYS + i);
		s.nbytes = dns_name_nbytes(name);
		derived = find(&k, &s, NOW);
	}
	for (unsigned i = 0; i < KEYS; i++) {
		struct dns_tsig_search s = search_for(name);
		const struct dns_tsig_key *key;

		name_make(name, i);
		s.nbytes = dns_name_nbytes(name);
		key = find(&k, &s, NOW);
		ncached += key != derived;
		if (i % 1000 == 0)
			assert_true(is_of(key, &k.fabric->epoch[0], name));
	}
	assert_true(ncached > KEYS * 9 / 10);
	kit_free(&k);
}

static void a_revoked_name_has_no_key(void **state)
{
	struct kit k = kit_make(0);
	uint8_t n1[DNS_NAME_MAX], n2[DNS_NAME_MAX];
	struct dns_tsig_search s;

	(void)state;
	name_make(n1, 1);
	name_make(n2, 2);
	k.revoked = fabric_revoked_with(NULL, n1, NOW);
	s = search_for(n1);
	assert_null(find(&k, &s, NOW));
	assert_int_equal(s.refusal, DNS_TSIG_REVOKED);
	s = search_for(n2);
	assert_non_null(find(&k, &s, NOW));
	kit_free(&k);
}

static void names_below_no_fabric_have_no_key(void **state)
{
	static const char *const names[] = {"n1.keys.lab.clou",	   "keys.lab.cloud",   "lab.cloud",
					    "n1.keys.other.cloud", "n1keys.lab.cloud", "."};
	struct kit k = kit_make(0);

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		uint8_t name[DNS_NAME_MAX];
		struct dns_tsig_search s = search_for(name);

		assert_true(dns_name_from_text(name, names[i], strlen(names[i]), NULL) > 0);
		s.nbytes = dns_name_nbytes(name);
		assert_null(find(&k, &s, NOW));
		assert_int_equal(s.refusal, DNS_TSIG_NOT_REFUSED);
		assert_null(fabric_ring_find(NULL, name));
	}
	kit_free(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(epochs_are_tried_from_the_newest_and_marked_when_they_are_over),
		cmocka_unit_test(a_cached_key_comes_first_and_the_others_after_it),
		cmocka_unit_test(a_key_cached_under_another_ring_does_not_count),
		cmocka_unit_test(ten_thousand_cached_keys_stay_and_claimed_ones_push_none_out),
		cmocka_unit_test(a_revoked_name_has_no_key),
		cmocka_unit_test(names_below_no_fabric_have_no_key),
	};

	return sodium_init() < 0 ? 1 : cmocka_run_group_tests(tests, NULL, NULL);
}
