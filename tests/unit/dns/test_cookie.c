/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>
#include <sodium.h>

#include "dns/cookie.h"

struct address {
	uint8_t bytes[16];
	size_t nbytes;
};

static struct address address_from(const char *text)
{
	struct address a = {.nbytes = strchr(text, ':') != NULL ? 16 : 4};

	assert_int_equal(inet_pton(a.nbytes == 16 ? AF_INET6 : AF_INET, text, a.bytes), 1);
	return a;
}

static struct dns_cookie_secrets secrets_from(const char *first, const char *second)
{
	struct dns_cookie_secrets s = {.count = second == NULL ? 1 : 2};

	sodium_hex2bin(s.secret[0], 16, first, 32, NULL, NULL, NULL);
	if (second != NULL)
		sodium_hex2bin(s.secret[1], 16, second, 32, NULL, NULL, NULL);
	return s;
}

/* RFC 9018 appendix A: the client's option and the server's answer. */
static const struct vector {
	const char *client, *secret, *old_secret, *in, *out;
	uint64_t now_s;
	enum dns_cookie_status status;
} vectors[] = {
	{"198.51.100.100", "e5e973e5a6b2a43f48e7dc849e37bfcf", NULL, "2464c4abcf10c957",
	 "2464c4abcf10c957010000005cf79f111f8130c3eee29480", 1559731985, DNS_COOKIE_CLIENT_ONLY},
	{"198.51.100.100", "e5e973e5a6b2a43f48e7dc849e37bfcf", NULL,
	 "2464c4abcf10c957010000005cf79f111f8130c3eee29480",
	 "2464c4abcf10c957010000005cf7a871d4a564a1442aca77", 1559734385, DNS_COOKIE_RENEW},
	{"203.0.113.203", "e5e973e5a6b2a43f48e7dc849e37bfcf", NULL,
	 "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5",
	 "fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e", 1559734700, DNS_COOKIE_INVALID},
	{"2001:db8:220:1:59de:d0f4:8769:82b8", "445536bcd2513298075a5d379663c962",
	 "dd3bdf9344b678b185a6f5cb60fca715", "22681ab97d52c298010000005cf7c57926556bd0934c72f8",
	 "22681ab97d52c298010000005cf7c609a6bb79d16625507a", 1559741961, DNS_COOKIE_RENEW},
};

static void the_cookies_are_those_of_rfc_9018(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(*vectors); i++) {
		const struct vector *v = &vectors[i];
		struct address a = address_from(v->client);
		struct dns_cookie_secrets s = secrets_from(v->secret, v->old_secret);
		uint8_t in[40], out[DNS_COOKIE_SIZE];
		char hex[2 * DNS_COOKIE_SIZE + 1];
		size_t n;

		sodium_hex2bin(in, sizeof(in), v->in, strlen(v->in), NULL, &n, NULL);
		assert_int_equal(dns_cookie_check(&s, in, n, a.bytes, a.nbytes, v->now_s),
				 v->status);
		dns_cookie_make(out, &s, in, a.bytes, a.nbytes, v->now_s);
		sodium_bin2hex(hex, sizeof(hex), out, sizeof(out));
		assert_string_equal(hex, v->out);
	}
}

/* The third vector's reserved octets are set: the hash is over them as they were received. */
static void reserved_octets_do_not_matter(void **state)
{
	struct address a = address_from(vectors[2].client);
	struct dns_cookie_secrets s = secrets_from(vectors[2].secret, NULL);
	uint8_t in[DNS_COOKIE_SIZE];

	(void)state;
	sodium_hex2bin(in, sizeof(in), vectors[2].in, 48, NULL, NULL, NULL);
	assert_int_equal(dns_cookie_check(&s, in, sizeof(in), a.bytes, 4, 1559727985 + 60),
			 DNS_COOKIE_VALID);
}

static void a_cookie_is_good_for_an_hour(void **state)
{
	static const struct {
		int64_t age_s;
		enum dns_cookie_status status;
	} cases[] = {
		{0, DNS_COOKIE_VALID},	    {1800, DNS_COOKIE_VALID},	{1801, DNS_COOKIE_RENEW},
		{3600, DNS_COOKIE_RENEW},   {3601, DNS_COOKIE_INVALID}, {-300, DNS_COOKIE_VALID},
		{-301, DNS_COOKIE_INVALID},
	};
	/* The second time is just before the 32 bits are full. */
	static const uint64_t made_s[] = {1700000000, UINT32_MAX - 10};
	struct dns_cookie_secrets s = secrets_from(vectors[0].secret, NULL);
	uint8_t cookie[DNS_COOKIE_SIZE], client[8] = {1, 2, 3}, address[4] = {127, 0, 0, 1};

	(void)state;
	for (size_t m = 0; m < 2; m++)
		for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
			dns_cookie_make(cookie, &s, client, address, 4, made_s[m]);
			assert_int_equal(dns_cookie_check(&s, cookie, sizeof(cookie), address, 4,
							  made_s[m] + (uint64_t)cases[i].age_s),
					 cases[i].status);
		}
}

static void a_cookie_of_another_client_or_server_is_invalid(void **state)
{
	struct dns_cookie_secrets s = secrets_from(vectors[0].secret, NULL), none = {0};
	uint8_t cookie[DNS_COOKIE_SIZE], client[8] = {1}, here[16] = {127, 0, 0, 1};
	uint8_t there[16] = {127, 0, 0, 2};

	(void)state;
	dns_cookie_make(cookie, &s, client, here, 4, 1000);
	assert_int_equal(dns_cookie_check(&s, cookie, 24, here, 4, 1000), DNS_COOKIE_VALID);
	assert_int_equal(dns_cookie_check(&s, cookie, 24, there, 4, 1000), DNS_COOKIE_INVALID);
	assert_int_equal(dns_cookie_check(&s, cookie, 24, here, 16, 1000), DNS_COOKIE_INVALID);
	assert_int_equal(dns_cookie_check(&none, cookie, 24, here, 4, 1000), DNS_COOKIE_INVALID);
	cookie[0] ^= 1;
	assert_int_equal(dns_cookie_check(&s, cookie, 24, here, 4, 1000), DNS_COOKIE_INVALID);
	cookie[0] ^= 1;
	cookie[8] = 2;
	assert_int_equal(dns_cookie_check(&s, cookie, 24, here, 4, 1000), DNS_COOKIE_INVALID);
}

static void only_some_lengths_are_a_cookie(void **state)
{
	struct dns_cookie_secrets s = secrets_from(vectors[0].secret, NULL);
	uint8_t option[64] = {0}, address[4] = {0};

	(void)state;
	for (size_t n = 0; n <= sizeof(option); n++) {
		enum dns_cookie_status expected = DNS_COOKIE_MALFORMED;

		if (n == 8)
			expected = DNS_COOKIE_CLIENT_ONLY;
		else if (n >= 16 && n <= 40)
			expected = DNS_COOKIE_INVALID;
		assert_int_equal(dns_cookie_check(&s, option, n, address, 4, 0), expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_cookies_are_those_of_rfc_9018),
		cmocka_unit_test(reserved_octets_do_not_matter),
		cmocka_unit_test(a_cookie_is_good_for_an_hour),
		cmocka_unit_test(a_cookie_of_another_client_or_server_is_invalid),
		cmocka_unit_test(only_some_lengths_are_a_cookie),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
