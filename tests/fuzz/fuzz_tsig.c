/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Verifies a request and signs an answer to it. The input's first octet chooses the key's
 * algorithm, the second whether the time is right and the name known; the rest is the message. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dns/edns.h"
#include "dns/msg.h"
#include "dns/tsig.h"
#include "dns/type.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TIME = 1700000000 };

static void require(bool holds)
{
	if (!holds)
		abort();
}

static const char *const algorithms[] = {
	"hmac-sha256", "hmac-sha1",    "hmac-sha224",	  "hmac-sha384",
	"hmac-sha512", "hmac-sha1-80", "hmac-sha256-128", "hmac-sha512-256",
};

static struct dns_tsig_key key_of(uint8_t which)
{
	static const uint8_t name[] = "\010test-key\007example";
	const char *text = algorithms[which % 8];
	struct dns_tsig_algorithm algorithm;
	struct dns_tsig_key key;
	uint8_t secret[32];

	for (uint8_t i = 0; i < sizeof(secret); i++)
		secret[i] = i + 1;
	require(dns_tsig_algorithm_from_text(&algorithm, text, strlen(text)));
	dns_tsig_key_init(&key, name, algorithm, secret, sizeof(secret));
	return key;
}

static const struct dns_tsig_key *find(void *arg, struct dns_tsig_search *search)
{
	require(dns_name_nbytes(search->name) == search->nbytes);
	return search->attempt == 0 ? arg : NULL;
}

/* Where dns_msg_scan finds the TSIG of a whole message; 0 if there is none, or the message is
 * malformed. */
static size_t locate(const uint8_t *msg, size_t nbytes)
{
	struct base_buf b = base_buf_over(msg, nbytes);
	struct dns_header h = dns_header_parse(&b);
	struct dns_edns edns;
	size_t offset;

	for (unsigned i = 0; i < h.qdcount && !b.has_failed; i++) {
		dns_name_skip(&b);
		base_buf_take(&b, 4);
	}
	return !b.has_failed && dns_msg_scan(&b, &h, &edns, &offset) ? offset : 0;
}

/* A message that is accepted as signed must have its TSIG where this file's own search finds
 * one. */
static void answer_check(struct dns_tsig *t)
{
	uint8_t answer[DNS_HEADER_SIZE + 1024] = {0};
	size_t octets = dns_tsig_nbytes(t), n;

	n = dns_tsig_sign(t, answer, DNS_HEADER_SIZE, sizeof(answer), TIME);
	require(n == DNS_HEADER_SIZE + octets);
	require(locate(answer, n) == (octets > 0 ? DNS_HEADER_SIZE : 0));
	if (octets > 0)
		require(dns_tsig_sign(t, answer, DNS_HEADER_SIZE, DNS_HEADER_SIZE + octets - 1,
				      TIME) == 0);
	dns_tsig_sign_next(t, answer, DNS_HEADER_SIZE, sizeof(answer), TIME);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[DNS_TSIG_EXPLAIN_MAX];
	struct dns_tsig_key key;
	struct dns_tsig t;
	size_t at;

	if (size < 2)
		return 0;
	at = locate(data + 2, size - 2);
	if (at == 0)
		return 0;
	key = key_of(data[0]);
	dns_tsig_verify(&t, data + 2, size - 2, at, find, data[1] & 1 ? NULL : &key,
			data[1] & 2 ? TIME + 10000 : TIME);
	require(t.status != DNS_TSIG_NONE);
	require((t.status == DNS_TSIG_NOTAUTH) == (t.error != 0));
	require(dns_tsig_explain(&t, text, sizeof(text)) == text);
	require((text[0] == '\0') == (t.status == DNS_TSIG_VERIFIED));
	answer_check(&t);
	return 0;
}
