/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The other side is weft's own server side, which is tested with dnspython's vectors. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "dns/msg.h"
#include "dns/tsig.h"
#include "dns/tsig_client.h"
#include "dns/type.h"

enum { SIZE = 512, TIME = 1700000000 };

static const uint8_t name[] = "\2n1\4keys\3lab\5cloud";
static const uint8_t header[DNS_HEADER_SIZE] = {0x12, 0x34, 0x28};

static struct dns_tsig_key key_of(const char *algorithm, const char *secret)
{
	struct dns_tsig_algorithm a;
	struct dns_tsig_key key;

	assert_true(dns_tsig_algorithm_from_text(&a, algorithm, strlen(algorithm)));
	dns_tsig_key_init(&key, name, a, secret, strlen(secret));
	return key;
}

static const struct dns_tsig_key *find(void *arg, struct dns_tsig_search *search)
{
	return search->attempt == 0 ? arg : NULL;
}

static const struct dns_tsig_key *find_none(void *arg, struct dns_tsig_search *search)
{
	(void)arg;
	(void)search;
	return NULL;
}

/* One request and its response. */
struct exchange {
	struct dns_tsig_request request;
	struct dns_tsig server;
	uint8_t msg[SIZE]; /* the response */
	size_t nbytes;
};

/* Signs a request with `key` and has the server, whose clock is at `server_s` and which finds its
 * key by `find_key`, respond. */
static void exchange_run(struct exchange *x, const struct dns_tsig_key *key,
			 dns_tsig_find_fn find_key, void *arg, uint64_t server_s)
{
	size_t n;

	memcpy(x->msg, header, sizeof(header));
	n = dns_tsig_request_sign(&x->request, key, x->msg, sizeof(header), SIZE, TIME);
	assert_int_equal(n, sizeof(header) + dns_tsig_request_nbytes(key));
	dns_tsig_verify(&x->server, x->msg, n, sizeof(header), find_key, arg, server_s);
	memcpy(x->msg, header, sizeof(header));
	x->msg[2] |= 0x80;
	x->nbytes = dns_tsig_sign(&x->server, x->msg, sizeof(header), SIZE, server_s);
}

static enum dns_tsig_response verify(const struct exchange *x, uint64_t now_s, uint64_t *server_s)
{
	return dns_tsig_request_verify(&x->request, x->msg, x->nbytes,
				       x->nbytes > sizeof(header) ? sizeof(header) : 0, now_s,
				       server_s);
}

static void each_algorithm_is_verified_by_both_sides(void **state)
{
	static const char *const algorithms[] = {"hmac-sha1",	"hmac-sha224", "hmac-sha256",
						 "hmac-sha384", "hmac-sha512", "hmac-sha256-128"};
	uint64_t server_s;

	(void)state;
	for (unsigned i = 0; i < sizeof(algorithms) / sizeof(*algorithms); i++) {
		struct dns_tsig_key key = key_of(algorithms[i], "secret");
		struct exchange x;

		exchange_run(&x, &key, find, &key, TIME + 1);
		assert_int_equal(x.server.status, DNS_TSIG_VERIFIED);
		assert_int_equal(verify(&x, TIME + 2, &server_s), DNS_TSIG_RESPONSE_VALID);
	}
}

static void every_changed_octet_is_noticed(void **state)
{
	struct dns_tsig_key key = key_of("hmac-sha256", "secret");
	struct exchange x;
	uint64_t server_s;

	(void)state;
	exchange_run(&x, &key, find, &key, TIME);
	/* The id of the header is not signed: the original id is. The case of names, neither. */
	for (size_t i = 2; i < x.nbytes; i++) {
		bool is_letter = x.msg[i] >= 'a' && x.msg[i] <= 'z' && i < x.nbytes - 50;

		x.msg[i] ^= is_letter ? 1 : 0x20;
		assert_int_not_equal(verify(&x, TIME, &server_s), DNS_TSIG_RESPONSE_VALID);
		x.msg[i] ^= is_letter ? 1 : 0x20;
	}
	assert_int_equal(verify(&x, TIME, &server_s), DNS_TSIG_RESPONSE_VALID);
}

static void a_response_to_another_request_is_invalid(void **state)
{
	struct dns_tsig_key key = key_of("hmac-sha256", "secret");
	struct exchange x, y;
	uint64_t server_s;

	(void)state;
	exchange_run(&x, &key, find, &key, TIME);
	y = x;
	y.request.mac[0] ^= 1;
	assert_int_equal(verify(&y, TIME, &server_s), DNS_TSIG_RESPONSE_INVALID);
	y = x;
	y.request.id++;
	assert_int_equal(verify(&y, TIME, &server_s), DNS_TSIG_RESPONSE_INVALID);
}

static void the_time_of_a_server_with_another_clock_is_read(void **state)
{
	struct dns_tsig_key key = key_of("hmac-sha256", "secret");
	struct exchange x;
	uint64_t server_s = 0;

	(void)state;
	exchange_run(&x, &key, find, &key, TIME + 4000);
	assert_int_equal(x.server.error, DNS_TSIG_BADTIME);
	assert_int_equal(verify(&x, TIME, &server_s), DNS_TSIG_RESPONSE_BADTIME);
	assert_int_equal(server_s, TIME + 4000);
	/* Not if it is forged. */
	x.msg[x.nbytes - 1] ^= 1;
	assert_int_equal(verify(&x, TIME, &server_s), DNS_TSIG_RESPONSE_INVALID);
}

static void errors_that_cannot_be_signed_are_told_apart(void **state)
{
	struct dns_tsig_key key = key_of("hmac-sha256", "secret");
	struct dns_tsig_key other = key_of("hmac-sha256", "another");
	struct exchange x;
	uint64_t server_s;

	(void)state;
	exchange_run(&x, &key, find_none, NULL, TIME);
	assert_int_equal(verify(&x, TIME, &server_s), DNS_TSIG_RESPONSE_BADKEY);
	exchange_run(&x, &key, find, &other, TIME);
	assert_int_equal(verify(&x, TIME, &server_s), DNS_TSIG_RESPONSE_BADSIG);
	x.nbytes = sizeof(header);
	assert_int_equal(verify(&x, TIME, &server_s), DNS_TSIG_RESPONSE_UNSIGNED);
}

static void an_old_response_is_expired(void **state)
{
	struct dns_tsig_key key = key_of("hmac-sha256", "secret");
	struct exchange x;
	uint64_t server_s;

	(void)state;
	exchange_run(&x, &key, find, &key, TIME);
	assert_int_equal(verify(&x, TIME + 300, &server_s), DNS_TSIG_RESPONSE_VALID);
	assert_int_equal(verify(&x, TIME + 301, &server_s), DNS_TSIG_RESPONSE_EXPIRED);
	assert_int_equal(verify(&x, TIME - 301, &server_s), DNS_TSIG_RESPONSE_EXPIRED);
}

static void what_is_cut_short_is_invalid(void **state)
{
	struct dns_tsig_key key = key_of("hmac-sha256", "secret");
	struct exchange x;
	uint64_t server_s;

	(void)state;
	exchange_run(&x, &key, find, &key, TIME);
	for (size_t n = x.nbytes - 1; n > sizeof(header); n--) {
		x.nbytes = n;
		assert_int_equal(verify(&x, TIME, &server_s), DNS_TSIG_RESPONSE_INVALID);
	}
}

static void a_signature_without_room_is_not_made(void **state)
{
	struct dns_tsig_key key = key_of("hmac-sha256", "secret");
	size_t n = sizeof(header) + dns_tsig_request_nbytes(&key);
	struct dns_tsig_request r;
	uint8_t msg[SIZE];

	(void)state;
	memcpy(msg, header, sizeof(header));
	assert_int_equal(dns_tsig_request_sign(&r, &key, msg, sizeof(header), n - 1, TIME), 0);
	assert_int_equal(dns_tsig_request_sign(&r, &key, msg, sizeof(header), n, TIME), n);
}

/* ---- a response of several messages ---- */

/* Writes the next message of the exchange's response, which has one octet of content, signed. */
static void next_message(struct exchange *x, uint8_t content)
{
	memcpy(x->msg, header, sizeof(header));
	x->msg[2] |= 0x80;
	x->msg[sizeof(header)] = content;
	x->nbytes = dns_tsig_sign_next(&x->server, x->msg, sizeof(header) + 1, SIZE, TIME);
	assert_true(x->nbytes > sizeof(header) + 1);
}

static enum dns_tsig_response chain_next(struct dns_tsig_chain *c, const struct exchange *x)
{
	uint64_t server_s;

	return dns_tsig_chain_verify(c, x->msg, x->nbytes, sizeof(header) + 1, TIME, &server_s);
}

static void chain_start(struct dns_tsig_chain *c, struct exchange *x,
			const struct dns_tsig_key *key)
{
	uint64_t server_s;

	exchange_run(x, key, find, (void *)key, TIME);
	dns_tsig_chain_begin(c, &x->request);
	assert_false(dns_tsig_chain_is_whole(c));
	assert_int_equal(
		dns_tsig_chain_verify(c, x->msg, x->nbytes, sizeof(header), TIME, &server_s),
		DNS_TSIG_RESPONSE_VALID);
	assert_true(dns_tsig_chain_is_whole(c));
}

static void each_message_is_signed_after_the_one_before(void **state)
{
	struct dns_tsig_key key = key_of("hmac-sha256", "secret");
	struct dns_tsig_chain c;
	struct exchange x;

	(void)state;
	chain_start(&c, &x, &key);
	for (uint8_t i = 0; i < 5; i++) {
		next_message(&x, i);
		assert_int_equal(chain_next(&c, &x), DNS_TSIG_RESPONSE_VALID);
	}
	assert_true(dns_tsig_chain_is_whole(&c));
	/* The same once more, and then nothing is believed any more. */
	assert_int_equal(chain_next(&c, &x), DNS_TSIG_RESPONSE_INVALID);
	next_message(&x, 6);
	assert_int_equal(chain_next(&c, &x), DNS_TSIG_RESPONSE_INVALID);
	assert_false(dns_tsig_chain_is_whole(&c));
}

static void a_message_that_is_left_out_is_noticed(void **state)
{
	struct dns_tsig_key key = key_of("hmac-sha256", "secret");
	struct dns_tsig_chain c;
	struct exchange x;

	(void)state;
	chain_start(&c, &x, &key);
	next_message(&x, 1);
	next_message(&x, 2);
	assert_int_equal(chain_next(&c, &x), DNS_TSIG_RESPONSE_INVALID);
}

static void a_changed_octet_of_a_later_message_is_noticed(void **state)
{
	struct dns_tsig_key key = key_of("hmac-sha256", "secret");
	struct dns_tsig_chain c;
	struct exchange x;

	(void)state;
	chain_start(&c, &x, &key);
	next_message(&x, 1);
	x.msg[sizeof(header)] ^= 1;
	assert_int_equal(chain_next(&c, &x), DNS_TSIG_RESPONSE_INVALID);
}

/* Signs the exchange's last message, of which `offset` octets precede its TSIG, as a server does
 * that has sent `before` without a signature. */
static void sign_with(struct exchange *x, const uint8_t *mac, const uint8_t *before, size_t nbefore,
		      size_t offset)
{
	const uint8_t *algorithm = dns_tsig_algorithm_name(DNS_HMAC_SHA256);
	size_t at = offset + sizeof(name) + 10 + dns_name_nbytes(algorithm);
	uint8_t length[2] = {0, 32}, out[DNS_HMAC_MAX], head[DNS_HEADER_SIZE];
	struct dns_hmac h;

	memcpy(head, x->msg, sizeof(head));
	head[11]--;
	dns_hmac_begin(&h, &x->request.key->hmac);
	dns_hmac_add(&h, length, 2);
	dns_hmac_add(&h, mac, 32);
	dns_hmac_add(&h, before, nbefore);
	dns_hmac_add(&h, head, sizeof(head));
	dns_hmac_add(&h, x->msg + sizeof(head), offset - sizeof(head));
	dns_hmac_add(&h, x->msg + at, 8);
	dns_hmac_end(&h, out);
	memcpy(x->msg + at + 10, out, 32);
}

static void messages_between_signed_ones_may_be_unsigned(void **state)
{
	struct dns_tsig_key key = key_of("hmac-sha256", "secret");
	uint8_t mac[DNS_HMAC_MAX], plain[DNS_TSIG_UNSIGNED_MAX + 1][DNS_HEADER_SIZE + 1] = {0};
	unsigned n = DNS_TSIG_UNSIGNED_MAX;
	struct dns_tsig_chain c, forged;
	struct exchange x;
	uint64_t server_s;

	(void)state;
	chain_start(&c, &x, &key);
	memcpy(mac, x.server.mac, sizeof(mac));
	for (unsigned i = 0; i <= n; i++) {
		memcpy(plain[i], header, sizeof(header));
		plain[i][sizeof(header)] = (uint8_t)i;
	}
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(
			dns_tsig_chain_verify(&c, plain[i], sizeof(plain[i]), 0, TIME, &server_s),
			DNS_TSIG_RESPONSE_UNSIGNED);
	assert_false(dns_tsig_chain_is_whole(&c));
	forged = c;
	assert_int_equal(
		dns_tsig_chain_verify(&forged, plain[n], sizeof(plain[n]), 0, TIME, &server_s),
		DNS_TSIG_RESPONSE_INVALID);

	next_message(&x, 9);
	sign_with(&x, mac, plain[0], n * sizeof(plain[0]), sizeof(header) + 1);
	assert_int_equal(chain_next(&c, &x), DNS_TSIG_RESPONSE_VALID);
	assert_true(dns_tsig_chain_is_whole(&c));
}

static void the_first_message_must_be_signed(void **state)
{
	struct dns_tsig_key key = key_of("hmac-sha256", "secret");
	struct dns_tsig_chain c;
	struct exchange x;
	uint64_t server_s;

	(void)state;
	exchange_run(&x, &key, find, &key, TIME);
	dns_tsig_chain_begin(&c, &x.request);
	assert_int_equal(dns_tsig_chain_verify(&c, header, sizeof(header), 0, TIME, &server_s),
			 DNS_TSIG_RESPONSE_UNSIGNED);
	assert_int_equal(
		dns_tsig_chain_verify(&c, x.msg, x.nbytes, sizeof(header), TIME, &server_s),
		DNS_TSIG_RESPONSE_INVALID);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_algorithm_is_verified_by_both_sides),
		cmocka_unit_test(every_changed_octet_is_noticed),
		cmocka_unit_test(a_response_to_another_request_is_invalid),
		cmocka_unit_test(the_time_of_a_server_with_another_clock_is_read),
		cmocka_unit_test(errors_that_cannot_be_signed_are_told_apart),
		cmocka_unit_test(an_old_response_is_expired),
		cmocka_unit_test(what_is_cut_short_is_invalid),
		cmocka_unit_test(a_signature_without_room_is_not_made),
		cmocka_unit_test(each_message_is_signed_after_the_one_before),
		cmocka_unit_test(a_message_that_is_left_out_is_noticed),
		cmocka_unit_test(a_changed_octet_of_a_later_message_is_noticed),
		cmocka_unit_test(messages_between_signed_ones_may_be_unsigned),
		cmocka_unit_test(the_first_message_must_be_signed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
