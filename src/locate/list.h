/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* locate/list.h - a list of registries as people write it: `tls://registry.example, 192.0.2.1@53`.
 *
 * Parses texts; it asks nobody for the addresses of hosts. Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/error.h"
#include "dns/name.h"
#include "locate/registry.h"

enum { LOCATE_PORT = 53, LOCATE_TLS_PORT = 853, LOCATE_LIST_MAX = 16 };

/* One item of a list: an address, or a host whose addresses are to be found. */
struct locate_item {
	enum locate_transport transport;
	uint8_t host[DNS_NAME_MAX];	 /* lower case; the root: an address is given */
	struct sockaddr_storage address; /* with the port */
	uint16_t port;
};

struct locate_list {
	struct locate_item items[LOCATE_LIST_MAX];
	size_t n;
};

/* Reads items with blanks or commas between, each `[tls://|tcp://]host-or-address[@port]`. Returns
 * 0 with at least one item, or -EINVAL, described in `error` without a location, with `out`
 * unspecified. */
int locate_list_parse(struct locate_list *out, const char *text, struct base_error *error);
