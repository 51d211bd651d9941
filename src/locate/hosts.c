/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "locate/hosts.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/address.h"
#include "dns/name.h"

enum { LINE_SIZE = 1024, LINES_MAX = 65536 };

static const char blanks[] = " \t\r\n";

/* Returns whether one of the words is the host. */
static bool names_host(char *words, const uint8_t *host)
{
	uint8_t name[DNS_NAME_MAX];
	char *rest;

	for (char *word = strtok_r(words, blanks, &rest); word != NULL;
	     word = strtok_r(NULL, blanks, &rest))
		if (dns_name_from_text(name, word, strlen(word), NULL) != 0 &&
		    dns_name_equal(name, host))
			return true;
	return false;
}

static size_t loopback(struct sockaddr_storage *out, size_t most, uint16_t port)
{
	static const char *const addresses[] = {"::1", "127.0.0.1"};
	size_t n = 0;

	for (size_t i = 0; i < 2 && n < most; i++)
		n += base_address_from_text(&out[n], addresses[i], port) == 0;
	return n;
}

size_t locate_hosts_find(struct sockaddr_storage *out, size_t most, const char *path,
			 const uint8_t *host, uint16_t port)
{
	static const uint8_t localhost[] = "\11localhost";
	FILE *f = fopen(path, "re");
	char line[LINE_SIZE];
	size_t n = 0;

	for (unsigned i = 0; f != NULL && i < LINES_MAX && n < most; i++) {
		char *address, *names;

		if (fgets(line, sizeof(line), f) == NULL)
			break;
		*strchrnul(line, '#') = '\0';
		address = line + strspn(line, blanks);
		names = address + strcspn(address, blanks);
		if (*names == '\0')
			continue;
		*names = '\0';
		if (names_host(names + 1, host) && strchr(address, '@') == NULL &&
		    base_address_from_text(&out[n], address, port) == 0)
			n++;
	}
	if (f != NULL)
		fclose(f);
	return n == 0 && dns_name_equal(host, localhost) ? loopback(out, most, port) : n;
}
