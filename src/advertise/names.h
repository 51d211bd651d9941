/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* advertise/names.h - names that were taken on the LAN, and by which others they were replaced.
 *
 * An instance or a host that was renamed for the LAN keeps that name, also when weftd starts again:
 * the names are in the file `bridge-names` of the state folder. It has a line for each, the name in
 * the registry, a blank and the name on the LAN, the oldest first; all octets but letters, digits,
 * `-` and `_` are written as \DDD (RFC 1035 section 5.1), and lines that begin with # are comments.
 * It is replaced as a whole, so that a crash leaves the old one or the new one. Damaged lines are
 * logged and ignored: they hold nothing that cannot be found again. Bounded; the oldest names are
 * forgotten. The bridge's thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"

struct advertise_names;

enum { ADVERTISE_NAMES_MAX = 4096 };

/* Reads the names of the state folder. Returns NULL if memory is short. */
struct advertise_names *advertise_names_open(const char *state_dir, uint64_t seed);

/* Returns the name on the LAN that was chosen for a name of the registry (wire names, in any case),
 * valid until the next change, or NULL. */
const uint8_t *advertise_names_find(const struct advertise_names *n, const uint8_t *name);

/* Remembers it in memory, until advertise_names_save. Returns 0 or -ENOMEM. */
int advertise_names_set(struct advertise_names *n, const uint8_t *name, const uint8_t *lan_name);

/* Writes the file if a name has changed since it was written last. As this waits for the disk, one
 * call is for all changes of a second. A failure is logged once, and all is written by the next
 * call. */
void advertise_names_save(struct advertise_names *n);

/* Saves and frees the names. NULL is fine. */
void advertise_names_close(struct advertise_names *n);
