/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "answer/answer_priv.h"
#include "base/buf.h"
#include "dns/type.h"

bool answer_whoami_is(const struct answer_compose *c, const struct dns_question *q, unsigned labels)
{
	static const uint8_t label[] = "\7_whoami";

	return q->nlabels == labels + 1 && memcmp(q->lower, label, sizeof(label) - 1) == 0 &&
	       c->peer != NULL && (c->peer->sa_family == AF_INET || c->peer->sa_family == AF_INET6);
}

/* Writes the address without port and scope, an IPv4-mapped one as IPv4. Returns the port. */
static uint16_t address_to_text(char text[static INET6_ADDRSTRLEN], const struct sockaddr *peer)
{
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)peer;
	const struct sockaddr_in *four = (const struct sockaddr_in *)peer;

	if (peer->sa_family == AF_INET) {
		inet_ntop(AF_INET, &four->sin_addr, text, INET6_ADDRSTRLEN);
		return ntohs(four->sin_port);
	}
	if (IN6_IS_ADDR_V4MAPPED(&six->sin6_addr))
		inet_ntop(AF_INET, six->sin6_addr.s6_addr + 12, text, INET6_ADDRSTRLEN);
	else
		inet_ntop(AF_INET6, &six->sin6_addr, text, INET6_ADDRSTRLEN);
	return ntohs(six->sin6_port);
}

void answer_whoami_make(const struct answer_compose *c, struct zone_rrset *rrset,
			uint8_t data[static ANSWER_WHOAMI_MAX])
{
	char address[INET6_ADDRSTRLEN], text[2][INET6_ADDRSTRLEN + 8];
	uint16_t port = address_to_text(address, c->peer);
	uint16_t n = 0;

	snprintf(text[0], sizeof(text[0]), "addr=%s", address);
	snprintf(text[1], sizeof(text[1]), "port=%u", port);
	for (unsigned i = 0; i < 2; i++) {
		size_t nchars = strlen(text[i]);

		data[2 + n++] = (uint8_t)nchars;
		memcpy(data + 2 + n, text[i], nchars);
		n = (uint16_t)(n + nchars);
	}
	base_store16(data, n);
	*rrset = (struct zone_rrset){DNS_TYPE_TXT, 0, 1, n + 2u, data};
}
