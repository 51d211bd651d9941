/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "outfit/ports.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/checksum.h"
#include "base/error.h"

enum { NPORTS = OUTFIT_PORT_LAST - OUTFIT_PORT_FIRST + 1 };

struct outfit_ports {
	uint16_t counts[65536]; /* of instances that have the port */
};

int outfit_ports_new(struct outfit_ports **out)
{
	*out = calloc(1, sizeof(**out));
	return *out != NULL ? 0 : -ENOMEM;
}

void outfit_ports_free(struct outfit_ports *ports)
{
	free(ports);
}

/* Returns whether a socket of the family can be bound to the port; also if there is no such family.
 * A port whose old connections only wait for their end is free: hence SO_REUSEADDR, with which
 * Linux still refuses a port that is listened at. */
static bool can_bind(int family, int type, uint32_t port)
{
	struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
	bool is_v4 = family == AF_INET;
	int fd = socket(family, type | SOCK_CLOEXEC, 0), on = 1, ret;

	if (fd < 0)
		return true;
	if (type == SOCK_STREAM)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (!is_v4)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	ret = bind(fd, is_v4 ? (const struct sockaddr *)&v4 : (const struct sockaddr *)&v6,
		   is_v4 ? sizeof(v4) : sizeof(v6));
	ret = ret < 0 ? errno : 0;
	close(fd);
	return ret == 0 || ret == EADDRNOTAVAIL;
}

bool outfit_ports_is_free(uint32_t port, bool is_udp)
{
	int type = is_udp ? SOCK_DGRAM : SOCK_STREAM;

	return can_bind(AF_INET, type, port) && can_bind(AF_INET6, type, port);
}

int outfit_ports_choose(struct outfit_ports *ports, const char *name, bool is_udp, uint32_t *port,
			struct base_error *error)
{
	uint32_t first = (uint32_t)(base_checksum(name, strlen(name), 0) % NPORTS);

	for (uint32_t i = 0; i < NPORTS; i++) {
		uint32_t one = OUTFIT_PORT_FIRST + (first + i) % NPORTS;

		if (ports->counts[one] != 0 || !outfit_ports_is_free(one, is_udp))
			continue;
		ports->counts[one]++;
		*port = one;
		return 0;
	}
	return base_error_set(error, -EADDRINUSE, "port: auto: none of %d to %d is free",
			      OUTFIT_PORT_FIRST, OUTFIT_PORT_LAST);
}

void outfit_ports_reserve(struct outfit_ports *ports, uint32_t port)
{
	if (port > 0 && port < 65536)
		ports->counts[port]++;
}

void outfit_ports_release(struct outfit_ports *ports, uint32_t port)
{
	if (port > 0 && port < 65536 && ports->counts[port] > 0)
		ports->counts[port]--;
}
