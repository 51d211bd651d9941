/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* outfit/target.h - where a check connects to: the address by which others reach the instance, if
 * it is one of this machine. Where a gateway translates it is not, and a connection to it would not
 * come back in. Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

/* Chooses of a node's addresses the first of IPv4 that is one of this machine, else the first of
 * IPv6 that is, else 127.0.0.1; with the port. */
void outfit_target_find(struct sockaddr_storage *out, const struct sockaddr_storage *addresses,
			size_t naddresses, uint32_t port);
