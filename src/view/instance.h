/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* view/instance.h - what the TXT of a service instance contains for the registry
 * (weft-services(7)): its state and its incarnation.
 *
 * Reads a draft and stores nothing. Only the registrar thread may call these functions. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dnssd/txt.h"

struct dns_update_record;
struct zone_draft;

/* Returns the `state=` in the TXT at `instance`; one that is absent or unknown counts as up. */
enum dnssd_state view_instance_state(struct zone_draft *draft, const uint8_t *instance);

/* Writes the number in the `inc=` of a TXT (`nbytes` octets of rdata), or of the one at `instance`,
 * to `inc`. Returns false if there is none; the last number at an instance, 999999999999999999, is
 * none: else nothing could follow it. */
bool view_instance_inc_in(const uint8_t *rdata, size_t nbytes, uint64_t *inc);
bool view_instance_inc(struct zone_draft *draft, const uint8_t *instance, uint64_t *inc);

/* Returns whether an update may not add a record because a later incarnation of its owner is
 * registered: the record is a TXT of an instance, and its `inc=` is lower than the one in the
 * draft. */
bool view_instance_is_fenced(struct zone_draft *draft, const uint8_t *zone,
			     const struct dns_update_record *record);
