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
 *	check HEX			BLAKE2b-256 of all text before this line
 *
 * Lines that begin with # are comments. The secret is the BLAKE2b-256 of all text before its line,
 *the Ed25519 seed, and the master of each epoch. With a passphrase the secret is sealed in a box of
 * XSalsa20-Poly1305, whose key Argon2id derives from the passphrase. So `check` distinguishes
 *damage from a wrong passphrase, and nobody without the passphrase can put another name or epoch
 *before a sealed secret.
 *
 * Only this file and fabric/keyfile.c of the room do I/O. No state, any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "fabric/fabric.h"

enum { FABRIC_PASSPHRASE_MAX = 1024 }; /* bytes */

/* Asks for the passphrase of a sealed file and writes it to `out`, without a NUL at its end.
 * Returns its length, 0 if there is none, or a negative errno. */
typedef int (*fabric_passphrase_fn)(void *arg, char out[static FABRIC_PASSPHRASE_MAX]);

/* Properties of a file that was read. */
struct fabric_file_state {
	bool is_sealed;
	bool is_open_to_others; /* its mode lets others than owner and group read it */
};

/* Reads the file at `path`. Calls `ask` with `arg` if the file is sealed; with `ask` NULL the
 * secrets are left out (has_secrets is false). `state` may be NULL. Returns 0 with a fabric that
 * fabric_free frees, or a negative errno described in `error`, whose location is `path` (borrowed):
 * -EBADMSG if the file is damaged or is not the file of a fabric, -EPROTO if its format is newer,
 * -ENOKEY if it is sealed and no passphrase was given, -EKEYREJECTED if the passphrase is wrong, or
 * another one of reading. */
int fabric_file_read(struct fabric **out, const char *path, fabric_passphrase_fn ask, void *arg,
		     struct fabric_file_state *state, struct base_error *error);

/* Returns the mode for a new file with secrets at `path`: 0600, or 0640 in a folder that gives its
 * group to its files (set-group-ID) and is closed to others. /etc/weft is such a folder, because
 * weftd does not run as the owner of its files. */
unsigned fabric_file_mode(const char *path);

/* Writes a new file with the mode of fabric_file_mode, sealed if `npassphrase` is not 0. The file
 * appears whole or not at all. Returns 0, or a negative errno described in `error`, whose location
 * is `path` (borrowed): -EEXIST if there is a file already. */
int fabric_file_create(const struct fabric *f, const char *path, const char *passphrase,
		       size_t npassphrase, struct base_error *error);

/* Replaces an existing file, which keeps its owner and mode, all or nothing. Arguments and result
 * are those of fabric_file_create; -ENOENT if there is no file. */
int fabric_file_replace(const struct fabric *f, const char *path, const char *passphrase,
			size_t npassphrase, struct base_error *error);

/* Reads a passphrase from a file: its first line. Returns its length, or a negative errno: -EINVAL
 * if the line is empty, -EMSGSIZE if it is longer than FABRIC_PASSPHRASE_MAX. */
int fabric_file_passphrase(char out[static FABRIC_PASSPHRASE_MAX], const char *path);
