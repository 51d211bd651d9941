/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sodium.h>

#include "dns/hmac.h"

/* A secret or text: `repeat` times `c`, or `text` if repeat is 0. */
struct piece {
	const char *text;
	unsigned char c;
	size_t repeat;
};

struct vector {
	struct piece secret, message;
	const char *mac[5]; /* by enum dns_hmac_hash; NULL: not in the RFC */
};

/* RFC 4231 sections 4.2, 4.3, 4.4 and 4.7; RFC 2202 section 3 for SHA-1. */
static const struct vector vectors[] = {
	{{NULL, 0x0b, 20},
	 {"Hi There", 0, 0},
	 {"b617318655057264e28bc0b6fb378c8ef146be00",
	  "896fb1128abbdf196832107cd49df33f47b4b1169912ba4f53684b22",
	  "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
	  "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8"
	  "b2fa9cb6",
	  "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274e"
	  "aea3f4e4be9d914eeb61f1702e696c203a126854"}},
	{{"Jefe", 0, 0},
	 {"what do ya want for nothing?", 0, 0},
	 {"effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
	  "a30e01098bc6dbbf45690f3a7e9e6d0f8bbea2a39e6148008fd05e44",
	  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
	  "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ec"
	  "fab21649",
	  "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65"
	  "f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"}},
	{{NULL, 0xaa, 131},
	 {"Test Using Larger Than Block-Size Key - Hash Key First", 0, 0},
	 {NULL, "95e9a0db962095adaebe9b2d6f0dbce2d499f112f2d2b7273fa6870e",
	  "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
	  "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df1"
	  "63f44952",
	  "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd221"
	  "5d6a1e5295e64f73f63f0aec8b915a985d786598"}},
};

static size_t piece_fill(uint8_t *out, const struct piece *p)
{
	if (p->repeat == 0) {
		memcpy(out, p->text, strlen(p->text));
		return strlen(p->text);
	}
	memset(out, p->c, p->repeat);
	return p->repeat;
}

static void macs_are_those_of_the_rfcs(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++)
		for (int hash = DNS_HMAC_SHA1; hash <= DNS_HMAC_SHA512; hash++) {
			uint8_t secret[160], message[160], mac[DNS_HMAC_MAX];
			char hex[2 * DNS_HMAC_MAX + 1];
			size_t nsecret = piece_fill(secret, &vectors[i].secret);
			size_t nmessage = piece_fill(message, &vectors[i].message);
			struct dns_hmac_key key;
			struct dns_hmac h;

			if (vectors[i].mac[hash] == NULL)
				continue;
			dns_hmac_key_init(&key, hash, secret, nsecret);
			dns_hmac_begin(&h, &key);
			dns_hmac_add(&h, message, nmessage / 2);
			dns_hmac_add(&h, message + nmessage / 2, nmessage - nmessage / 2);
			dns_hmac_end(&h, mac);
			sodium_bin2hex(hex, sizeof(hex), mac, dns_hmac_nbytes(hash));
			assert_string_equal(hex, vectors[i].mac[hash]);
			dns_hmac_key_fini(&key);
		}
}

static void a_key_makes_the_same_mac_again(void **state)
{
	uint8_t first[DNS_HMAC_MAX], second[DNS_HMAC_MAX];
	struct dns_hmac_key key;
	struct dns_hmac h;

	(void)state;
	dns_hmac_key_init(&key, DNS_HMAC_SHA256, "", 0);
	for (int i = 0; i < 2; i++) {
		dns_hmac_begin(&h, &key);
		dns_hmac_add(&h, "weft", 4);
		dns_hmac_end(&h, i == 0 ? first : second);
	}
	assert_memory_equal(first, second, 32);
}

static void an_ended_key_holds_nothing(void **state)
{
	struct dns_hmac_key key;

	(void)state;
	dns_hmac_key_init(&key, DNS_HMAC_SHA512, "secret", 6);
	dns_hmac_key_fini(&key);
	assert_true(sodium_is_zero((const unsigned char *)&key, sizeof(key)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(macs_are_those_of_the_rfcs),
		cmocka_unit_test(a_key_makes_the_same_mac_again),
		cmocka_unit_test(an_ended_key_holds_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
