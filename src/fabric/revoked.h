/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* fabric/revoked.h - the names of keys that are not trusted any more.
 *
 * A set never changes: to revoke or restore a name is to make another set, which replaces the old
 * one by one pointer. So any thread may search a set without a lock; the owner frees an old set
 * when no thread searches it any more. Knows no store. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"

struct fabric_revoked_key {
	uint64_t since_s;	    /* seconds since 1970 */
	uint8_t nbytes;		    /* of the name */
	uint8_t name[DNS_NAME_MAX]; /* wire form, lower case */
};

struct fabric_revoked {
	size_t count;
	struct fabric_revoked_key keys[]; /* shorter names first, then by their bytes */
};

/* Makes a set of the names in `old` (NULL: none) and `name` (wire form, any case). A name that is
 * in `old` already gets the new time. Returns the caller's set, or NULL if memory is short. */
struct fabric_revoked *fabric_revoked_with(const struct fabric_revoked *old, const uint8_t *name,
					   uint64_t since_s);

/* Makes a set of the names in `old` (NULL: none) but `name` (wire form, any case). Returns the
 * caller's set, or NULL if memory is short. */
struct fabric_revoked *fabric_revoked_without(const struct fabric_revoked *old,
					      const uint8_t *name);

/* Frees a set; NULL is fine. */
void fabric_revoked_free(struct fabric_revoked *set);

/* Finds a name (wire form, lower case, of `nbytes` bytes) in a set, which may be NULL. Returns its
 * entry, or NULL. */
const struct fabric_revoked_key *fabric_revoked_find(const struct fabric_revoked *set,
						     const uint8_t *name, size_t nbytes);
