/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* lan/name.h - names on the LAN: RFC 6762 section 3, RFC 6763 section 4.
 *
 * Bytes in, bytes out; no state; any thread. Labels of wire names are UTF-8 and may hold dots and
 * blanks. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"

/* Makes a name of `source`, of which the last labels are those of `from`, by replacing these with
 * `to`: from a zone to `local.` and back. Returns false if the name is not under `from`, or gets
 * too long. */
bool lan_name_move(uint8_t out[static DNS_NAME_MAX], const uint8_t *source, const uint8_t *from,
		   const uint8_t *to);

/* Returns the wire name `local.` */
const uint8_t *lan_name_local(void);

/* Writes the name as Avahi's library takes it: octets that are not plain ASCII as \DDD. */
void lan_name_to_text(char out[static DNS_NAME_TEXT_MAX], const uint8_t *name);

/* Makes the `number`-th alternative of a name: its first label with " (2)" at the end, or another
 * number, shortened at a character boundary to 63 octets. An alternative is made of the original
 * name, not of another alternative. `number` is at least 2. Returns false if the name is too
 * long. */
bool lan_name_alternative(uint8_t out[static DNS_NAME_MAX], const uint8_t *name, unsigned number);

/* Likewise of a host's name, with "-2", as host names have no blanks. */
bool lan_name_alternative_host(uint8_t out[static DNS_NAME_MAX], const uint8_t *name,
			       unsigned number);

/* Returns whether the octets of a label are UTF-8 without control characters, as RFC 6763 section
 * 4.1.1 has instance names. */
bool lan_name_is_text(const uint8_t *label);
