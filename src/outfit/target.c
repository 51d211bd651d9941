/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "outfit/target.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/address.h"

/* Copies an address with another port. */
static void port_set(struct sockaddr_storage *out, const struct sockaddr_storage *address,
		     uint32_t port)
{
	*out = *address;
	if (address->ss_family == AF_INET6)
		((struct sockaddr_in6 *)out)->sin6_port = htons((uint16_t)port);
	else
		((struct sockaddr_in *)out)->sin_port = htons((uint16_t)port);
}

/* Only an address of this machine can be bound. */
static bool is_local(const struct sockaddr_storage *address)
{
	int fd = socket(address->ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_storage any;
	bool is_bound;

	if (fd < 0)
		return false;
	port_set(&any, address, 0);
	is_bound = bind(fd, (const struct sockaddr *)&any,
			base_address_nbytes((const struct sockaddr *)&any)) == 0;
	close(fd);
	return is_bound;
}

void outfit_target_find(struct sockaddr_storage *out, const struct sockaddr_storage *addresses,
			size_t naddresses, uint32_t port)
{
	static const sa_family_t families[] = {AF_INET, AF_INET6};
	struct sockaddr_storage loopback = {0};
	struct sockaddr_in *v4 = (struct sockaddr_in *)&loopback;

	v4->sin_family = AF_INET;
	v4->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (size_t f = 0; f < 2; f++) {
		for (size_t i = 0; i < naddresses; i++) {
			if (addresses[i].ss_family != families[f] || !is_local(&addresses[i]))
				continue;
			port_set(out, &addresses[i], port);
			return;
		}
	}
	port_set(out, &loopback, port);
}
