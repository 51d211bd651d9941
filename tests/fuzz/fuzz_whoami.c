/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Answers to TXT _whoami.lab: whatever they have, what is read of them is an address without a port
 * that a host may have, or nothing. The input is the message from its flags on. */

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "address/whoami.h"
#include "dns/type.h"
#include "response.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ID = 0x1234, MESSAGE_MAX = 4096 };

static const uint8_t name[] = "\7_whoami\3lab";

static void require_address(const struct sockaddr_storage *a)
{
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)a;
	const struct sockaddr_in *four = (const struct sockaddr_in *)a;

	require(a->ss_family == AF_INET || a->ss_family == AF_INET6);
	if (a->ss_family == AF_INET)
		require(four->sin_port == 0 && four->sin_addr.s_addr != 0);
	else
		require(six->sin6_port == 0 && six->sin6_scope_id == 0 &&
			!IN6_IS_ADDR_V4MAPPED(&six->sin6_addr));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t msg[2 + MESSAGE_MAX] = {ID >> 8, ID & 0xff};
	struct sockaddr_storage found;
	struct resolve_answer answer;

	if (size > MESSAGE_MAX)
		return 0;
	memcpy(msg + 2, data, size);
	if (resolve_message_parse(&answer, msg, 2 + size, ID, name, DNS_TYPE_TXT) &&
	    address_whoami_read(&found, &answer, name))
		require_address(&found);
	return 0;
}
