/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* locate/keys.h - the key that updates are signed with, and which servers are trusted over TLS.
 *
 * Reads files that the configuration names; what is wrong with one is described with the location
 * of its name, and with its own. One thread. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "dns/tsig.h"
#include "locate/config.h"

struct fabric_tls_context;

struct locate_keys {
	bool has_key;
	struct dns_tsig_key key;
	bool is_trust_given;		/* a public key or authorities, not those of the system */
	struct fabric_tls_context *tls; /* NULL: not made yet */
};

/* Reads what the configuration names. The public key of a fabric whose file has the key is trusted
 * if nothing else is configured. A context that would trust the system's authorities is not made
 * before locate_keys_tls. Returns 0, or a negative errno described in `error`: -ENOKEY for the key,
 * -EINVAL for the rest, or -ENOMEM. */
int locate_keys_read(struct locate_keys *out, const struct locate_config *c,
		     struct base_error *error);

/* Returns the context for connections with TLS, made when it is first wanted; NULL if that fails.
 * The keys own it. */
struct fabric_tls_context *locate_keys_tls(struct locate_keys *k);

/* Wipes and frees all; contexts in use live on. */
void locate_keys_fini(struct locate_keys *k);
