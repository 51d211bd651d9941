/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "address/whoami.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "dns/name.h"
#include "dns/type.h"
#include "dnssd/txt.h"

static bool is_usable4(const uint8_t *a)
{
	return a[0] != 0 && a[0] < 224 && !(a[0] == 169 && a[1] == 254);
}

static bool is_usable6(const struct in6_addr *a)
{
	return !IN6_IS_ADDR_UNSPECIFIED(a) && !IN6_IS_ADDR_LINKLOCAL(a) &&
	       !IN6_IS_ADDR_MULTICAST(a) && !IN6_IS_ADDR_V4MAPPED(a);
}

static bool from_text(struct sockaddr_storage *out, const uint8_t *value, size_t nvalue)
{
	struct sockaddr_in6 *six = (struct sockaddr_in6 *)out;
	struct sockaddr_in *four = (struct sockaddr_in *)out;
	char text[INET6_ADDRSTRLEN];

	if (value == NULL || nvalue >= sizeof(text) || memchr(value, '\0', nvalue) != NULL)
		return false;
	memcpy(text, value, nvalue);
	text[nvalue] = '\0';
	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
		out->ss_family = AF_INET;
		return is_usable4((const uint8_t *)&four->sin_addr);
	}
	out->ss_family = AF_INET6;
	return inet_pton(AF_INET6, text, &six->sin6_addr) == 1 && is_usable6(&six->sin6_addr);
}

bool address_whoami_read(struct sockaddr_storage *out, struct resolve_answer *answer,
			 const uint8_t *name)
{
	static _Thread_local struct resolve_answer_record record; /* too large for a stack */
	struct sockaddr_storage found;
	unsigned n = 0;

	while (resolve_message_next(answer, &record)) {
		const uint8_t *value;
		size_t nvalue = 0;

		if (record.section != RESOLVE_ANSWER || record.type != DNS_TYPE_TXT ||
		    !dns_name_equal(record.owner, name))
			continue;
		value = dnssd_txt_find(record.rdata, record.nbytes, "addr", &nvalue);
		if (!from_text(&found, value, nvalue) || ++n > 1)
			return false;
	}
	if (n == 1)
		*out = found;
	return n == 1;
}
