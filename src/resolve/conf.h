/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* resolve/conf.h - which DNS servers this host asks, and where it searches: resolv.conf(5).
 *
 * Text in, addresses and names out. It does not know what is asked. Any thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "dns/name.h"

enum {
	RESOLVE_CONF_SERVERS_MAX = 3, /* as in the C library */
	RESOLVE_CONF_PORT = 53,
	RESOLVE_CONF_SEARCH_MAX = 6, /* domains; others are ignored */
};

struct resolve_conf {
	struct sockaddr_storage servers[RESOLVE_CONF_SERVERS_MAX];
	size_t nservers;
	uint8_t search[DNS_NAME_MAX]; /* the first domain to search in; the root if there is none */
	uint8_t searches[RESOLVE_CONF_SEARCH_MAX][DNS_NAME_MAX]; /* all of them */
	size_t nsearches;
};

/* Reads a resolv.conf: the lines `nameserver`, `search` and `domain`. Lines that are not understood
 * are ignored, as the C library does. Without a server there, or without the file, the server is
 * 127.0.0.1. Returns 0, or a negative errno if the file is there, but cannot be read. */
int resolve_conf_read(struct resolve_conf *r, const char *path);
