/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The C library's resolver: getaddrinfo() of a name with the addresses of all instances, then each
 * in turn. The port is known, as it must be without SRV records. */
#include <netdb.h>
#include <stddef.h>
#include <sys/socket.h>

#include "way.h"

static struct way_service at;

static int system_open(const struct way_service *service)
{
	at = *service;
	return 0;
}

static int system_way(void)
{
	const struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM};
	struct addrinfo *found;
	int fd = -1;

	if (getaddrinfo(at.host, at.port, &hints, &found) != 0)
		return -1;
	for (const struct addrinfo *a = found; a != NULL && fd < 0; a = a->ai_next)
		fd = way_connect(a->ai_addr, a->ai_addrlen);
	freeaddrinfo(found);
	return fd;
}

const struct way way_system = {"system", system_open, system_way};
