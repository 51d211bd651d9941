/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* address/whoami.h - the address that a registry reports in an answer to TXT `_whoami.ZONE`.
 *
 * It asks nothing and decides nothing. No state; any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "resolve/message.h"

/* Reads the address, without a port, of the only TXT record at `name` into `out`. Returns false if
 * there is none, or several, or if it is one that no other host could reach, loopback excepted. */
bool address_whoami_read(struct sockaddr_storage *out, struct resolve_answer *answer,
			 const uint8_t *name);
