/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* fleet/name.h - names of a zone as people and JSON have them: without the zone and the final dot.
 *
 * Knows no atlas. No state; any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "dns/name.h"

/* Writes the name as text: relative to the zone if it is below it, else complete without its final
 * dot. Returns `out`. */
const char *fleet_name_to_text(char out[static DNS_NAME_TEXT_MAX], const uint8_t *name,
			       const uint8_t *zone);

/* Writes the label of a node, `n1`, if the name is NODE.nodes.ZONE; else what fleet_name_to_text
 * does. Returns `out`. */
const char *fleet_name_node_to_text(char out[static DNS_NAME_TEXT_MAX], const uint8_t *name,
				    const uint8_t *zone);

/* Returns whether the first label of the name is the text, in any case. */
bool fleet_name_has_label(const uint8_t *name, const char *text);

/* Return these texts as JSON, null for NULL. */
json_t *fleet_name_to_json(const uint8_t *name, const uint8_t *zone);
json_t *fleet_name_node_to_json(const uint8_t *name, const uint8_t *zone);

/* Returns a text of the zone as JSON, with what is not UTF-8 escaped; null for NULL. */
json_t *fleet_name_text_to_json(const char *text);
