/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* advertise/alternatives.h - the names that instances and hosts have on the LAN if theirs is taken.
 *
 * The first is the original itself, the second is that with " (2)" or, of a host, "-2", and so on;
 * there is an end to it, so that a hostile LAN cannot have names tried for ever. Which one was
 * chosen is remembered in advertise/names.h. The bridge's thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "advertise/waits.h"
#include "dns/name.h"

struct advertise_names;
struct mdns_table;

enum { ADVERTISE_ALTERNATIVES_MAX = 99 };

/* lan_name_alternative or lan_name_alternative_host. */
typedef bool (*advertise_alternative_fn)(uint8_t out[static DNS_NAME_MAX], const uint8_t *name,
					 unsigned number);

/* Those of a rule. */
struct advertise_alternatives {
	struct advertise_names *names;
	struct advertise_waits *waits;
	struct advertise_wait saving;
};

/* Makes it ready; `names` and `waits` are borrowed. */
void advertise_alternatives_init(struct advertise_alternatives *a, struct advertise_names *names,
				 struct advertise_waits *waits);

/* Ends it; the names are saved by their owner. */
void advertise_alternatives_fini(struct advertise_alternatives *a);

/* Finds the name remembered for `name`, if it is an alternative of `original`. Returns its number,
 * 1 if there is none. */
unsigned advertise_alternatives_find(const struct advertise_alternatives *a, const uint8_t *name,
				     const uint8_t *original, advertise_alternative_fn alternative);

/* Writes the alternative with the lowest number from `number` on whose name is not in `taken`.
 * Returns that number, or 0 if there is none. */
unsigned advertise_alternative_choose(uint8_t out[static DNS_NAME_MAX], const uint8_t *original,
				      unsigned number, const struct mdns_table *taken,
				      advertise_alternative_fn alternative);

/* Remembers a choice, in the file within a second. If memory is short, it is forgotten. */
void advertise_alternatives_set(struct advertise_alternatives *a, const uint8_t *name,
				const uint8_t *lan_name);
