/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* locate/hosts.h - the addresses of a host in hosts(5).
 *
 * Reads the file each time; the file is small where registries are named in it. Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* Writes the addresses of `host` (wire form), at most `most`, with `port` to `out`; those of
 * `localhost` (RFC 6761 section 6.3) even without the file. Returns how many there are. */
size_t locate_hosts_find(struct sockaddr_storage *out, size_t most, const char *path,
			 const uint8_t *host, uint16_t port);
