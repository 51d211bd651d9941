/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A zone of a fabric, lab.cloud, that a test makes record by record. Texts of names are relative to
 * the zone unless they end with a dot. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct atlas;

extern const uint8_t zone_made_zone[];

/* Removes all records. */
void zone_made_clear(void);

/* Returns the name of a text, valid until some more calls. */
const uint8_t *zone_made_name(const char *text);

/* Adds a record. Returns its rdata, of `nbytes`, for the caller to fill in. */
uint8_t *zone_made_record(const char *owner, uint16_t type, size_t nbytes);

/* Add a TXT record of pairs, with a blank between, or of JSON; a PTR; an SRV of weight 10. */
void zone_made_txt(const char *owner, const char *pairs);
void zone_made_json(const char *owner, const char *text);
void zone_made_ptr(const char *owner, const char *target);
void zone_made_srv(const char *owner, uint16_t port, const char *target);

/* Returns the atlas of the records, for the caller to free. */
struct atlas *zone_made_atlas(void);
