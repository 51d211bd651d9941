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

/* Takes a free port for an instance called `name` over TCP and UDP: `wanted` (0: none) if no other
 * instance has it and nothing has bound it, else another one. With `is_running` the instance has
 * bound it already. Returns 0, or -EADDRINUSE with `error` filled in. */
int outfit_ports_choose(struct outfit_ports *ports, const char *name, uint32_t wanted,
			bool is_running, uint32_t *port, struct base_error *error);

/* Takes a port that is declared, whatever runs there. */
void outfit_ports_reserve(struct outfit_ports *ports, uint32_t port);

/* Gives one up. Several instances may have reserved the same. */
void outfit_ports_release(struct outfit_ports *ports, uint32_t port);
