/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "base/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static const uint8_t v4_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/* A decimal number of digits only, at most `max`; -1 for anything else. */
static long number_parse(const char *text, long max)
{
	long value = 0;

	if (*text == '\0')
		return -1;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return -1;
		value = value * 10 + (*text - '0');
		if (value > max)
			return -1;
	}
	return value;
}

int base_address_from_text(struct sockaddr_storage *out, const char *text, uint16_t port)
{
	const struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
				       .ai_socktype = SOCK_DGRAM};
	const char *at = strrchr(text, '@');
	size_t nhost = at != NULL ? (size_t)(at - text) : strlen(text);
	char host[BASE_ADDRESS_TEXT_MAX], service[24];
	struct addrinfo *found;
	long number = port;

	if (at != NULL)
		number = number_parse(at + 1, 65535);
	if (number < 0 || nhost == 0 || nhost >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, nhost);
	host[nhost] = '\0';
	/* getaddrinfo() takes old forms like `10.1` too, which nobody means. */
	if (strchr(host, ':') == NULL && inet_pton(AF_INET, host, &(struct in_addr){0}) != 1)
		return -EINVAL;
	snprintf(service, sizeof(service), "%ld", number);
	if (getaddrinfo(host, service, &hints, &found) != 0)
		return -EINVAL;

	memset(out, 0, sizeof(*out));
	memcpy(out, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	return 0;
}

void base_address_from_bytes(struct sockaddr_storage *out, int family, const void *bytes,
			     uint16_t port)
{
	struct sockaddr_in *in = (struct sockaddr_in *)out;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;

	*out = (struct sockaddr_storage){.ss_family = (sa_family_t)family};
	if (family == AF_INET) {
		in->sin_port = htons(port);
		memcpy(&in->sin_addr, bytes, sizeof(in->sin_addr));
	} else {
		in6->sin6_port = htons(port);
		memcpy(&in6->sin6_addr, bytes, sizeof(in6->sin6_addr));
	}
}

const char *base_address_to_text(char out[static BASE_ADDRESS_TEXT_MAX], const struct sockaddr *sa)
{
	char host[BASE_ADDRESS_TEXT_MAX - 8], service[8];

	if ((sa->sa_family != AF_INET && sa->sa_family != AF_INET6) ||
	    getnameinfo(sa, base_address_nbytes(sa), host, sizeof(host), service, sizeof(service),
			NI_NUMERICHOST | NI_NUMERICSERV | NI_DGRAM) != 0)
		return strcpy(out, "-");
	snprintf(out, BASE_ADDRESS_TEXT_MAX, "%s@%s", host, service);
	return out;
}

socklen_t base_address_nbytes(const struct sockaddr *sa)
{
	if (sa->sa_family == AF_INET6)
		return sizeof(struct sockaddr_in6);
	return sizeof(struct sockaddr_in);
}

bool base_address_equal(const struct sockaddr *a, const struct sockaddr *b)
{
	const struct sockaddr_in *a4 = (const struct sockaddr_in *)a;
	const struct sockaddr_in *b4 = (const struct sockaddr_in *)b;
	const struct sockaddr_in6 *a6 = (const struct sockaddr_in6 *)a;
	const struct sockaddr_in6 *b6 = (const struct sockaddr_in6 *)b;

	if (a->sa_family != b->sa_family)
		return false;
	if (a->sa_family == AF_INET)
		return a4->sin_port == b4->sin_port && a4->sin_addr.s_addr == b4->sin_addr.s_addr;
	return a->sa_family == AF_INET6 && a6->sin6_port == b6->sin6_port &&
	       a6->sin6_scope_id == b6->sin6_scope_id &&
	       memcmp(&a6->sin6_addr, &b6->sin6_addr, sizeof(a6->sin6_addr)) == 0;
}

/* Whether the first `bits` bits of both are the same. */
static bool bits_equal(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	unsigned rest = bits % 8;

	if (memcmp(a, b, bits / 8) != 0)
		return false;
	return rest == 0 || ((a[bits / 8] ^ b[bits / 8]) & (0xff00 >> rest) & 0xff) == 0;
}

int base_prefix_from_text(struct base_prefix *out, const char *text)
{
	static const uint8_t zeros[16];
	struct base_prefix prefix = {.bits = 128};
	const char *slash = strchr(text, '/');
	size_t nhost = slash != NULL ? (size_t)(slash - text) : strlen(text);
	char host[INET6_ADDRSTRLEN];
	uint8_t rest[16];
	bool is_v4;

	if (nhost >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, nhost);
	host[nhost] = '\0';

	is_v4 = strchr(host, ':') == NULL;
	memcpy(prefix.address, v4_prefix, is_v4 ? sizeof(v4_prefix) : 0);
	if (inet_pton(is_v4 ? AF_INET : AF_INET6, host, prefix.address + (is_v4 ? 12 : 0)) != 1)
		return -EINVAL;
	if (slash != NULL) {
		long bits = number_parse(slash + 1, is_v4 ? 32 : 128);

		if (bits < 0)
			return -EINVAL;
		prefix.bits = (uint8_t)(bits + (is_v4 ? 96 : 0));
	}

	memcpy(rest, zeros, sizeof(rest));
	memcpy(rest, prefix.address, prefix.bits / 8);
	if (prefix.bits % 8 != 0)
		rest[prefix.bits / 8] =
			prefix.address[prefix.bits / 8] & (uint8_t)(0xff00 >> prefix.bits % 8);
	if (memcmp(rest, prefix.address, sizeof(rest)) != 0)
		return -EDOM;
	*out = prefix;
	return 0;
}

bool base_prefix_has(const struct base_prefix *prefix, const struct sockaddr *sa)
{
	uint8_t address[16];

	if (sa->sa_family == AF_INET) {
		memcpy(address, v4_prefix, sizeof(v4_prefix));
		memcpy(address + 12, &((const struct sockaddr_in *)sa)->sin_addr, 4);
	} else if (sa->sa_family == AF_INET6) {
		memcpy(address, &((const struct sockaddr_in6 *)sa)->sin6_addr, 16);
	} else {
		return false;
	}
	return bits_equal(prefix->address, address, prefix->bits);
}
