/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* way.h - the ways in which the clients of this bench get a connection to a service.
 *
 * Each is what a programmer would write with that library, as short as it can be with the failures
 * handled. One thread. */
#pragma once

struct sockaddr;

/* Where the service is found. A way looks at what it needs. */
struct way_service {
	const char *name;     /* `_echo._tcp.lab.cloud.` */
	const char *host;     /* a name with all addresses of all instances, or an address */
	const char *port;     /* at the host */
	const char *registry; /* `10.78.0.2:53,10.78.0.3:53` */
};

enum { WAY_CONNECT_MS = 1000 }; /* that the ways other than libweft give each address */

struct way {
	const char *name;
	/* Gets ready. Returns 0, or -1 after a message. */
	int (*open)(const struct way_service *service);
	/* Returns a connected socket, or -1. */
	int (*connect)(void);
};

extern const struct way way_cares, way_connector, way_poll, way_system, way_weft;

/* Connects to an address, waiting at most WAY_CONNECT_MS. Returns a socket or -1. */
int way_connect(const struct sockaddr *address, unsigned nbytes);
