/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* fabric/uses.h - which derived keys have signed requests, of which epoch, since when and until
 * when.
 *
 * An operator who rotates a fabric asks here which keys are still of an old epoch. The workers
 * share one table, which begins empty with the process and is never written to disk. It is
 * bounded; keys beyond that are not recorded, which is logged once. Only keys whose signature was
 * valid get in. Any thread: adding and listing take a lock, and a use of a key that a worker knows
 * is one store. Reads no clock. */
#pragma once

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"

struct fabric_uses;

enum { FABRIC_USES_MAX = 16384 };

/* A key of one epoch. */
struct fabric_use {
	/* set before it is shared */
	uint8_t name[DNS_NAME_MAX]; /* of the key, lower case */
	uint32_t epoch;
	uint64_t since_s; /* seconds since 1970 */

	/* any thread, atomic */
	_Atomic uint64_t last_s;
	_Atomic uint64_t requests; /* that it has signed */
};

/* Makes an empty table. Returns NULL if memory is short. */
struct fabric_uses *fabric_uses_new(void);

/* Frees the table; NULL is fine. */
void fabric_uses_free(struct fabric_uses *u);

/* Returns the entry of a key and an epoch, which is added at `now_s` if it is not there; it lives
 * as long as the table. Returns NULL if there is no room, or `u` is NULL. */
struct fabric_use *fabric_uses_get(struct fabric_uses *u, const uint8_t *name, uint32_t epoch,
				   uint64_t now_s);

/* Returns how many entries there are, and the first of them in `all`; a following one is next to
 * it. They stay as they are, but for their last use. */
size_t fabric_uses_list(struct fabric_uses *u, struct fabric_use *const **all);
