/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* outfit/ports.h - which ports the instances of this node have, and one that is free for `port:
 * auto`.
 *
 * A port is chosen by the instance's name, so that it is the same one again wherever it is free;
 * between 20000 and 31999, below what Linux gives to outgoing connections. One thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct base_error;
struct outfit_ports;

enum { OUTFIT_PORT_FIRST = 20000, OUTFIT_PORT_LAST = 31999 };

/* Makes an empty table. Returns 0 or -ENOMEM. */
int outfit_ports_new(struct outfit_ports **out);

/* NULL is fine. */
void outfit_ports_free(struct outfit_ports *ports);

/* Returns whether nothing has bound the port, over TCP or over UDP. */
bool outfit_ports_is_free(uint32_t port, bool is_udp);

/* Takes a port for an instance called `name` that no other instance has and nothing has bound.
 * Returns 0, or -EADDRINUSE with `error` filled in. */
int outfit_ports_choose(struct outfit_ports *ports, const char *name, bool is_udp, uint32_t *port,
			struct base_error *error);

/* Takes a port that is declared, or that the instance had before, whatever has bound it. */
void outfit_ports_reserve(struct outfit_ports *ports, uint32_t port);

/* Gives one up. Several instances may have reserved the same. */
void outfit_ports_release(struct outfit_ports *ports, uint32_t port);
