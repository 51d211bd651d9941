/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* fabric/fabric.h - a fabric: its name, its Ed25519 pair, and the master secrets of its epochs.
 *
 * One secret stands for all keys of the fabric: the TSIG key of any name below `keys.FABRIC` is
 * derived from the master secret of the epoch (fabric/derive.h). Each epoch has a random master of
 * its own, so that the keys of one epoch reveal nothing about those of another.
 *
 * A fabric knows no file and no message, and reads no clock. It lives in guarded memory, which is
 * wiped when it is freed. Only fabric_rotate changes it; at other times any thread may read it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"

enum {
	FABRIC_PUBLIC_SIZE = 32, /* bytes of an Ed25519 public key */
	FABRIC_SEED_SIZE = 32,	 /* bytes of its private half (RFC 8032 section 5.1.5) */
	FABRIC_MASTER_SIZE = 32, /* bytes of an epoch's master secret */
	FABRIC_EPOCHS_MAX = 4,	 /* the current epoch, the one before, and older epochs, so that an
				    outdated key can be distinguished from a wrong one */
	FABRIC_NAME_MAX = 248,	 /* bytes: a label and `keys` must fit before the name */
};

struct fabric_epoch {
	uint32_t number;  /* the first is 1 */
	uint64_t begun_s; /* seconds since 1970 */
	uint8_t master[FABRIC_MASTER_SIZE];
};

struct fabric {
	uint8_t name[DNS_NAME_MAX]; /* wire form, lower case */
	uint8_t keys[DNS_NAME_MAX]; /* `keys` and the name: the fabric's keys are below it */
	uint8_t public_key[FABRIC_PUBLIC_SIZE];
	uint8_t seed[FABRIC_SEED_SIZE];
	struct fabric_epoch epoch[FABRIC_EPOCHS_MAX]; /* the current one first */
	unsigned nepochs;
	bool has_secrets; /* false: read without them, seed and masters are zero */
};

/* Makes a fabric called `name` (wire form) with new secrets; its first epoch begins at `now_s`.
 * Returns 0 with a fabric that fabric_free frees, -EINVAL for the root, -ENAMETOOLONG or -ENOMEM.
 */
int fabric_new(struct fabric **out, const uint8_t *name, uint64_t now_s);

/* Makes a fabric called `name` (wire form) without epochs and secrets, for the caller to fill in.
 * Returns what fabric_new returns. */
int fabric_new_empty(struct fabric **out, const uint8_t *name);

/* Wipes and frees the fabric; NULL is fine. */
void fabric_free(struct fabric *f);

/* Begins a new epoch with a new master secret. Forgets the oldest epoch if there are
 * FABRIC_EPOCHS_MAX already. */
void fabric_rotate(struct fabric *f, uint64_t now_s);

/* Returns whether keys of epoch[i] are valid at `now_s`: those of the current epoch always, those
 * of the epoch before for `overlap_s` seconds after its end, those of older ones never. */
bool fabric_epoch_is_valid(const struct fabric *f, unsigned i, uint32_t overlap_s, uint64_t now_s);

/* Returns whether `name` (wire form) can be that of a key of the fabric: it is below `keys.FABRIC`.
 */
bool fabric_has_key(const struct fabric *f, const uint8_t *name);

/* Parses the name of a key as people write it: `n1`, `n1.keys.lab.cloud` and `n1.keys.lab.cloud.`
 * are the same. Writes the name in lower case to `out`. Returns its length, or 0 if `text` is not a
 * domain name, or has a final dot and is not below `keys.FABRIC`. */
size_t fabric_key_from_text(const struct fabric *f, uint8_t out[static DNS_NAME_MAX],
			    const char *text);
