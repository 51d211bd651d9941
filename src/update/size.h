/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* update/size.h - the limits of names and RRsets (zone/limits.h), applied to an update.
 *
 * What an update that only adds would end with is decided before anything is changed. If it
 * deletes, too, each record is decided when it is added: the names never hold more than the limits.
 * Only the registrar thread may call these. */
#pragma once

#include <stdint.h>

struct dns_update_record;
struct update;

/* Step 6: refuses an update that only adds records, and too many. Returns 0, an RCODE, or -ENOMEM.
 */
int update_size_check(struct update *u);

/* Adds a record to the draft, within the limits. A PTR of DNS-SD to an instance is not counted: the
 * service view has a bound for these. Returns the number of records added or given a new TTL, 0 or
 * 1, -ECANCELED (update/update.h) or -ENOMEM. */
int update_size_add(struct update *u, const struct dns_update_record *r, uint32_t ttl);
