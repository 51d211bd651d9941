/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* view/instance.h - what a service instance says of itself in its TXT (weft-services(7)): its state and
 * its incarnation. Reads a draft, keeps nothing; for the registrar's thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dns_update_record;
struct zone_draft;

/* A state that is not known, or not said, counts as up. */
enum dnssd_state { DNSSD_UP, DNSSD_STARTING, DNSSD_DRAINING, DNSSD_FAILED };
enum dnssd_state view_instance_state(struct zone_draft *draft, const uint8_t *instance);

/* Whether the TXT that an update adds is of an incarnation before the one that is registered: its
 * `inc=` is lower. */
bool view_instance_is_fenced(struct zone_draft *draft, const uint8_t *zone,
			     const struct dns_update_record *record);

/* Writes to `out` the TXT with that rdata, with `key` saying `value` in the place of what it says
 * there, or at its end (RFC 6763 section 6). Returns the octets, 0 if there is no room. */
size_t dnssd_txt_set(uint8_t *out, size_t size, const uint8_t *rdata, size_t nbytes,
		     const char *key, const char *value);
