/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* kit.h - instances and places to connect to, for the tests of src/reach.
 *
 * All sockets are on loopback, in a network of the test's own if that is permitted: there is no
 * other route in it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct find_instance;
struct sockaddr;

enum { KIT_SOCKETS_MAX = 8 };

/* A port on 127.0.0.1, and what makes it what it is. */
struct kit_port {
	uint16_t port;
	int fds[KIT_SOCKETS_MAX];
	unsigned n;
};

/* Moves the process to an empty network with loopback. Returns whether that is permitted. */
bool kit_enter_network(void);

struct kit_port kit_listening(void);
struct kit_port kit_refusing(void); /* nothing listens; nobody else can get the port */
struct kit_port kit_silent(void);   /* ignores connections */
struct kit_port kit_datagram(void);
void kit_close(struct kit_port *p);

/* Makes an instance `LABEL._x._tcp.lab.cloud.` on the host `LABEL.lab.cloud.` with these addresses,
 * `::1,127.0.0.1`, or none (""). */
struct find_instance *kit_instance(const char *label, uint16_t priority, const char *addresses,
				   uint16_t port);

/* Likewise, on this host, with this TXT (rdata). */
struct find_instance *kit_instance_at(const char *label, const char *host, uint16_t priority,
				      const char *addresses, uint16_t port, const char *txt);

/* Returns the address of an instance with that number. */
const struct sockaddr *kit_address(const struct find_instance *i, unsigned n);

/* Returns the number of open descriptors. */
unsigned kit_descriptors(void);
