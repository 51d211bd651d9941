/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Responses to a signed update, of which the input is the message: whatever comes, parsing and
 * verifying end, the text can be shown, and nothing is believed that the key has not signed. */

#include <stdlib.h>
#include <string.h>

#include "dns/msg.h"
#include "dns/tsig_client.h"
#include "dns/type.h"
#include "dns/update_response.h"
#include "response.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TIME = 1700000000, SIZE = 512 };

static const uint8_t name[] = "\2n1\4keys\3lab\5cloud";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct dns_tsig_algorithm algorithm = {DNS_HMAC_SHA256, 32};
	uint8_t request[SIZE] = {0x12, 0x34, DNS_OPCODE_UPDATE << 3};
	struct dns_update_response response;
	struct dns_tsig_request signature;
	enum dns_tsig_response verdict;
	struct dns_tsig_key key;
	uint64_t server_s = 0;

	dns_tsig_key_init(&key, name, algorithm, "secret", 6);
	require(dns_tsig_request_sign(&signature, &key, request, DNS_HEADER_SIZE, SIZE, TIME) > 0);
	if (!dns_update_response_parse(&response, data, size))
		return 0;
	require(response.rcode <= 0xfff);
	require(response.tsig_offset < size);
	require(response.has_lease || response.lease_s == 0);
	require(memchr(response.text, '\0', sizeof(response.text)) != NULL);
	for (const char *c = response.text; *c != '\0'; c++)
		require((unsigned char)*c >= ' ' && *c != 0x7f);
	verdict = dns_tsig_request_verify(&signature, data, size, response.tsig_offset, TIME,
					  &server_s);
	require(verdict != DNS_TSIG_RESPONSE_VALID && verdict != DNS_TSIG_RESPONSE_BADTIME &&
		verdict != DNS_TSIG_RESPONSE_BADTRUNC && verdict != DNS_TSIG_RESPONSE_EXPIRED);
	require((verdict == DNS_TSIG_RESPONSE_UNSIGNED) == (response.tsig_offset == 0));
	return 0;
}
