/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* fabric/revoked.h - the names of keys that are not to be trusted any more.
 *
 * A set never changes: revoking or restoring a name makes another set, which takes the place of the
 * old one with one pointer. So any thread may ask without a lock; who frees an old set sees to it
 * that nobody asks it any more. It knows no store. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"

struct fabric_revoked_key {
	uint64_t since_s; /* seconds since 1970 */
	uint8_t nbytes;
	uint8_t name[DNS_NAME_MAX]; /* lower case */
};

struct fabric_revoked {
	size_t count;
	struct fabric_revoked_key keys[]; /* in the order of their octets */
};

/* A set with what is in `old` (NULL: nothing) and this name (wire form); a name that is in already
 * gets the new time. NULL when memory is short. */
struct fabric_revoked *fabric_revoked_with(const struct fabric_revoked *old, const uint8_t *name,
					   uint64_t since_s);

/* The same without the name. */
struct fabric_revoked *fabric_revoked_without(const struct fabric_revoked *old,
					      const uint8_t *name);

/* Frees a set; NULL is fine. */
void fabric_revoked_free(struct fabric_revoked *set);

/* The entry of a name (lower case, `nbytes` octets), or NULL; a set may be NULL too. */
const struct fabric_revoked_key *fabric_revoked_find(const struct fabric_revoked *set,
						     const uint8_t *name, size_t nbytes);
