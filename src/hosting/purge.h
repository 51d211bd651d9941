/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* hosting/purge.h - a parked zone is removed from the store for good.
 *
 * Records, leases and owners of the zone go with one commit, made by the registrar. It does not
 * free the hosted zone. The jobs' thread (hosting/jobs.h), so that no checkpoint of the zone is
 * being written meanwhile. */
#pragma once

struct hosting_zone;
struct registry_registrar;

/* Removes all that the store has of the parked zone `h`. Returns 0, or a negative errno with the
 * zone as it was. */
int hosting_purge(struct hosting_zone *h, struct registry_registrar *registrar);
