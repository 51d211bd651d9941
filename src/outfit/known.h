/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* outfit/known.h - what the owner of an outfit knows and outfit.h does not find out: of the node
 * and of the instance; and copies of the latter. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "spec/service.h"

struct outfit_ports;
struct supervise_host;

enum { OUTFIT_ADDRESSES_MAX = 16 };

/* What all instances of the node share. All is borrowed until the last outfit is closed. */
struct outfit_node {
	const char *name;     /* WEFT_NODE */
	const char *registry; /* WEFT_REGISTRY; "" if there is none */
	const char *key_file; /* WEFT_KEY_FILE; "" if there is none */
	/* Of the instances' folders, which their users must be able to reach: web-1._http._tcp in
	 * it, with mode 0750, owned by `user`; and beside that web-1._http._tcp.json with its
	 * parameters. Made if it is missing, as is the next one. */
	const char *folder;
	const char *log_folder; /* of web-1._http._tcp.log and its like */
	struct supervise_host *host;
	struct outfit_ports *ports;
	const char *ocf_root; /* NULL: /usr/lib/ocf */
};

/* What is known of an instance. All is borrowed during the call. */
struct outfit_facts {
	const char *id;
	const char *label; /* "web-1" */
	uint64_t inc;
	uint32_t port;	   /* that it had, if auto; 0: none yet. For outfit_new() alone */
	bool must_restore; /* WEFT_RESTORE=1 */
	const struct spec_pair *uses; /* names in `uses`, and HOST:PORT of each that was found */
	size_t nuses;
	/* Of the node: tcp and http checks go to the first IPv4 address of these that is one of
	 * this machine, else to the first IPv6 address that is, else to 127.0.0.1. */
	const struct sockaddr_storage *addresses;
	size_t naddresses;
	/* For a command of `fence` alone: which node has the instance, and as which incarnation;
	 * NULL: none. */
	const char *fence_node;
	uint64_t fence_inc;
};

/* A copy. */
struct outfit_known {
	struct base_arena arena;
	struct outfit_facts facts; /* lives in the arena */
};

/* Copies facts over those that were there; `known` is all zero at first. Returns 0, or -ENOMEM with
 * nothing changed. */
int outfit_known_set(struct outfit_known *known, const struct outfit_facts *facts);

void outfit_known_fini(struct outfit_known *known);
