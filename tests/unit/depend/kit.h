/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* kit.h - instances for the tests of src/depend. */
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "find/instance.h"

/* Makes an instance: its name, addresses with blanks between, port, priority, and TXT, a pair of
 * which is a word. */
static inline struct find_instance *kit_instance(const char *name, const char *addresses,
						 uint16_t port, uint16_t priority, const char *txt)
{
	struct sockaddr_storage all[4] = {0};
	uint8_t owner[DNS_NAME_MAX], rdata[256];
	struct find_parts parts = {.name = owner,
				   .target = owner,
				   .priority = priority,
				   .port = port,
				   .addresses = all,
				   .txt = rdata};
	char text[INET6_ADDRSTRLEN];
	struct find_instance *i;
	int used;

	assert_true(dns_name_from_text(owner, name, strlen(name), NULL) > 0);
	for (; sscanf(addresses, "%45s%n", text, &used) == 1; addresses += used) {
		struct sockaddr_storage *to = &all[parts.naddresses++];
		struct sockaddr_in *in = (struct sockaddr_in *)to;
		struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)to;

		if (inet_pton(AF_INET, text, &in->sin_addr) == 1)
			to->ss_family = AF_INET;
		else if (inet_pton(AF_INET6, text, &in6->sin6_addr) == 1)
			to->ss_family = AF_INET6;
	}
	for (; sscanf(txt, "%45s%n", text, &used) == 1; txt += used) {
		rdata[parts.ntxt] = (uint8_t)strlen(text);
		memcpy(rdata + parts.ntxt + 1, text, strlen(text));
		parts.ntxt += 1 + strlen(text);
	}
	i = find_instance_new(&parts);
	assert_non_null(i);
	return i;
}
