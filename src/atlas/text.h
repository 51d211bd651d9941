/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* atlas/text.h - texts of rdata and names, as C strings in an arena. No state. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "dns/record.h"

/* Copies octets to the arena as a C string. Returns NULL if one of them is NUL, or memory is short.
 */
const char *atlas_text_copy(struct base_arena *arena, const void *octets, size_t n);

/* Copies the value of a key of a TXT record to `out`; NULL if there is no such key, or its value
 * has a NUL. `txt` may be NULL. Returns 0 or -ENOMEM. */
int atlas_text_key(const char **out, struct base_arena *arena, const struct dns_record *txt,
		   const char *key);

/* Reads the value of a key of a TXT record as a decimal number. Returns 0 if it is not one. */
uint64_t atlas_text_number(const struct dns_record *txt, const char *key);

/* Reads the value of a key of a TXT record as seconds, `1700000000.123`. Returns milliseconds, 0 if
 * it is not a time. */
uint64_t atlas_text_time_ms(const struct dns_record *txt, const char *key);

/* Copies a wire label to the arena. Returns NULL if it has a NUL, or memory is short. */
const char *atlas_text_label(struct base_arena *arena, const uint8_t *label);

/* Copies the first `nlabels` labels of `name` to the arena, in presentation format without a final
 * dot. Returns NULL if memory is short. */
const char *atlas_text_labels(struct base_arena *arena, const uint8_t *name, unsigned nlabels);

/* Makes the name of an instance of a text, as records have it: complete, or without the zone.
 * Returns a name in the arena, or NULL if it is not one in the zone, or memory is short. */
const uint8_t *atlas_text_instance(struct base_arena *arena, const char *text, const uint8_t *zone);
