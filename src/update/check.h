/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* update/check.h - what an update must fulfil before anything is done (RFC 2136 section 3.1 to
 * 3.4.1), apart from permission (update/permit.h).
 *
 * Each check looks at the update in hand and returns DNS_RCODE_NOERROR, or, after update_fail, the
 * RCODE of the answer, or -ENOMEM. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct update;

/* The zone section must name the zone of the draft (RFC 2136 section 3.1). */
int update_check_zone(struct update *u);

/* The prerequisites must hold (section 3.2), those with values last. */
int update_check_prerequisites(struct update *u);

/* The records of the update section must make sense (section 3.4.1, the prescan). */
int update_check_records(struct update *u);

/* An update of a zone with a service view must fulfil three more conditions: an instance is not
 * registered under an incarnation lower than the registered one, reports are alone in their update,
 * and no instance has more than VIEW_SUBTYPES_MAX subtypes. */
int update_check_services(struct update *u);

/* Returns whether only the server itself makes records of a type: signatures, NSEC. */
bool update_check_is_server_type(uint16_t type);

/* Returns whether an RRset is one that no delete removes: SOA and NS at the apex. */
bool update_check_is_protected(const struct update *u, const uint8_t *owner, uint16_t type);
