/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* fabric/keyfile.h - TSIG keys in files as BIND writes them.
 *
 *	key "name" { algorithm hmac-sha256; secret "base64"; };
 *
 * is what tsig-keygen prints and nsupdate -k reads. Computes no MAC. Secrets are wiped when they
 *are freed. No state, any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "dns/name.h"
#include "dns/tsig.h"

enum {
	FABRIC_KEYFILE_SECRET_MAX = 512, /* bytes of a secret */
};

/* A decoded secret. */
struct fabric_keyfile_secret {
	uint8_t *bytes; /* owned: fabric_keyfile_secret_fini wipes and frees them */
	size_t nbytes;
};

struct fabric_keyfile_key {
	uint8_t name[DNS_NAME_MAX]; /* wire form, lower case */
	struct dns_tsig_algorithm algorithm;
	struct fabric_keyfile_secret secret;
	unsigned line; /* of the file, where the key begins */
};

/* The keys of a file. */
struct fabric_keyfile {
	struct fabric_keyfile_key *keys;
	size_t nkeys;
	bool is_open_to_others; /* the file's mode lets others than owner and group read it */
};

/* Decodes base64, in which white space is allowed. Returns 0 with a secret that
 * fabric_keyfile_secret_fini frees; -EINVAL if `text` is not base64, is empty, or is longer than
 * FABRIC_KEYFILE_SECRET_MAX bytes; or -ENOMEM. */
int fabric_keyfile_secret_from_text(struct fabric_keyfile_secret *out, const char *text);

/* Wipes and frees the bytes. */
void fabric_keyfile_secret_fini(struct fabric_keyfile_secret *secret);

/* Reads all keys of the file at `path`. Reports every error with its line to `on_report`, not only
 * the first one. Returns 0 with at least one key, which fabric_keyfile_fini frees; -EBADMSG if
 * anything was wrong; or the negative errno of reading the file, reported with line 0. `out` is
 * empty then. */
int fabric_keyfile_read(struct fabric_keyfile *out, const char *path, base_report_fn on_report,
			void *arg);

/* Wipes and frees the keys. */
void fabric_keyfile_fini(struct fabric_keyfile *keyfile);

/* Writes one key so that BIND's tools and fabric_keyfile_read read it. Returns 0 or -EIO. */
int fabric_keyfile_write(FILE *out, const struct fabric_keyfile_key *key);
