/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* hosting/purge.h - a parked zone is removed for good.
 *
 * Removes the zone's records, leases and owners from the store in one commit; it does not free the
 * zone. The jobs' thread (hosting/jobs.h), so that none of the zone's checkpoints is being written.
 */
#pragma once

struct hosting_zone;
struct registry_registrar;

/* Makes the store forget the parked zone `h`. Returns 0, or a negative errno with the zone as it
 * was. */
int hosting_purge(struct hosting_zone *h, struct registry_registrar *registrar);
