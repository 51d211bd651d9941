/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* tool/server.h - which servers a client of the command line talks to, and how: options and
 * environment.
 *
 * It asks the system's resolver for the address of a server that is named, and waits for it. One
 * thread. */
#pragma once

#include "client/client.h"
#include "resolve/conf.h"

struct cli_options;
struct fabric_tls_context;

/* Gives the client its servers: that of --server, or the resolvers of WEFT_REGISTRY or
 * resolv.conf(5), which `resolv` then contains, to find others by. Writes the context for TLS to
 * `tls`, to be released after the client was freed. Returns an exit status, after a message unless
 * it is CLI_OK. */
int tool_server_set(struct client *c, const struct cli_options *options,
		    struct resolve_conf *resolv, struct fabric_tls_context **tls);
