/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* fabric/file.h - a fabric in its file.
 *
 *	weft-fabric 1			the format's version, first of all
 *	name lab.cloud.
 *	public BASE64			the Ed25519 public key
 *	epoch 2 1764000000		number and beginning, the current one first
 *	epoch 1 1763000000
 *	secret plain BASE64		or: secret argon2id OPS MEMORY SALT NONCE BOX
 *	check HEX			BLAKE2b-256 of all before this line
 *
 * Lines that begin with # are comments. The secret is BLAKE2b-256 of all before its line, the
 * Ed25519 seed, and the master of each epoch; sealed with a passphrase it is in a box of
 * XSalsa20-Poly1305 under what Argon2id makes of that. So damage is told from a wrong passphrase by
 * `check`, and nobody without the passphrase can put another name or epoch before a sealed secret.
 *
 * The only I/O of this room besides fabric/keyfile.c. No state, any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "fabric/fabric.h"

enum { FABRIC_PASSPHRASE_MAX = 1024 };

/* Asked for the passphrase of a sealed file: writes it to `out`, not ended by NUL, and returns its
 * length, 0 if there is none, or a negative errno. */
typedef int (*fabric_passphrase_fn)(void *arg, char out[static FABRIC_PASSPHRASE_MAX]);

/* What else there is to know of a file that was read. */
struct fabric_file_state {
	bool is_sealed;
	bool is_open_to_others; /* its mode lets others than owner and group read it */
};

/* Reads the file at `path`; `ask` is called if it is sealed. With `ask` NULL the secrets are left
 * out (has_secrets is false). 0 with a fabric to be freed by the caller; a negative errno
 * otherwise, and a sentence that begins with the path in `why`: -EBADMSG damaged or no such file of
 * ours, -EPROTO of a newer format, -ENOKEY sealed and no passphrase given, -EKEYREJECTED a wrong
 * passphrase, others of reading. `state` may be NULL. */
int fabric_file_read(struct fabric **out, const char *path, fabric_passphrase_fn ask, void *arg,
		     struct fabric_file_state *state, struct base_error *error);

/* Writes a new file, readable by its owner only, sealed if `npassphrase` is not 0. It is there
 * whole or not at all. 0 or a negative errno (-EEXIST: there is one already) with a sentence in
 * `why`. */
int fabric_file_create(const struct fabric *f, const char *path, const char *passphrase,
		       size_t npassphrase, struct base_error *error);

/* The same for a file that is there: it is replaced, and keeps its owner and mode. */
int fabric_file_replace(const struct fabric *f, const char *path, const char *passphrase,
			size_t npassphrase, struct base_error *error);

/* Reads a passphrase from a file: its first line. Returns its length or a negative errno: -EINVAL
 * for one that is empty, -EMSGSIZE for one longer than FABRIC_PASSPHRASE_MAX. */
int fabric_file_passphrase(char out[static FABRIC_PASSPHRASE_MAX], const char *path);
