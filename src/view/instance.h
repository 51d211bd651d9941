/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* view/instance.h - what a service instance says of itself in its TXT (weft-services(7)): its state
 * and its incarnation. Reads a draft, keeps nothing; for the registrar's thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dnssd/txt.h"

struct dns_update_record;
struct zone_draft;

/* The state in the TXT at `instance`; without a known one the instance counts as up. */
enum dnssd_state view_instance_state(struct zone_draft *draft, const uint8_t *instance);

/* Whether the TXT that an update adds is of an incarnation before the one that is registered: its
 * `inc=` is lower. */
bool view_instance_is_fenced(struct zone_draft *draft, const uint8_t *zone,
			     const struct dns_update_record *record);
