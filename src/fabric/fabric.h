/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* fabric/fabric.h - a fabric: its name, its Ed25519 pair, and the master secrets of its epochs.
 *
 * One secret stands for all keys of the fabric: the TSIG key of any name below `keys.FABRIC` is
 * derived from the master of the epoch (fabric/derive.h). Each epoch has a random master of its
 * own, so that the keys of one say nothing about those of another. It knows no file, no message and
 * reads no clock. A fabric lives in guarded memory that is wiped when it is freed. Once made it is
 * changed by fabric_rotate only; any thread may read it otherwise. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"

enum {
	FABRIC_PUBLIC_SIZE = 32, /* octets of an Ed25519 public key */
	FABRIC_SEED_SIZE = 32,	 /* of the private half, RFC 8032 section 5.1.5 */
	FABRIC_MASTER_SIZE = 32,
	FABRIC_EPOCHS_MAX = 4, /* the current one, the one before, and older ones by which a key of
				  theirs is told from a wrong one */
	FABRIC_NAME_MAX = 248, /* octets: a label and `keys` must go before it */
};

struct fabric_epoch {
	uint32_t number;  /* the first is 1 */
	uint64_t begun_s; /* seconds since 1970 */
	uint8_t master[FABRIC_MASTER_SIZE];
};

struct fabric {
	uint8_t name[DNS_NAME_MAX]; /* wire form, lower case */
	uint8_t keys[DNS_NAME_MAX]; /* `keys` and the name: its keys are below */
	uint8_t public_key[FABRIC_PUBLIC_SIZE];
	uint8_t seed[FABRIC_SEED_SIZE];
	struct fabric_epoch epoch[FABRIC_EPOCHS_MAX]; /* the current one first */
	unsigned nepochs;
	bool has_secrets; /* false: read without them, seed and masters are zero */
};

/* Makes a fabric of that name (wire form) with new secrets, its first epoch beginning now. 0;
 * -EINVAL for the root; -ENAMETOOLONG; -ENOMEM. */
int fabric_new(struct fabric **out, const uint8_t *name, uint64_t now_s);

/* Makes one of that name without anything else in it, for who reads it from a file. As above. */
int fabric_new_empty(struct fabric **out, const uint8_t *name);

/* Wipes and frees it; NULL is fine. */
void fabric_free(struct fabric *f);

/* Begins a new epoch with a new master; the oldest is forgotten if there are FABRIC_EPOCHS_MAX. */
void fabric_rotate(struct fabric *f, uint64_t now_s);

/* Whether keys of epoch[i] are good at that time: those of the current one always, those of the one
 * before for `overlap_s` seconds more, older ones never. */
bool fabric_epoch_is_valid(const struct fabric *f, unsigned i, uint32_t overlap_s, uint64_t now_s);

/* Whether `name` is that of a key of the fabric: below `keys.FABRIC`. */
bool fabric_has_key(const struct fabric *f, const uint8_t *name);

/* The name of a key as people write it: `n1`, `n1.keys.lab.cloud` and the same with a final dot are
 * one. Writes it in lower case to `out` and returns its length; 0 if it is no name, or one with a
 * final dot that is not below `keys.FABRIC`. */
size_t fabric_key_from_text(const struct fabric *f, uint8_t out[static DNS_NAME_MAX],
			    const char *text);
