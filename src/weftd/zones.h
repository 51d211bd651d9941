/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weftd/zones.h - what the registrar has to know of the configured zones: their rules for leases
 * and service views. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct ledger_lease_rule;
struct registry_registrar;
struct zone;

/* Finds the configured zone of that name and its rule for leases; both live as long as the
 * configuration. Returns false if no such zone is configured. Fits what ledger_resume()
 * takes; `daemon` is the struct weftd. In the main thread, or while that waits. */
bool weftd_zones_find_leased(void *daemon, const uint8_t *name, struct zone **zone,
			     const struct ledger_lease_rule **rule);

/* Makes the leases and the derived records those of the configuration: after a start or a reload.
 * Logs what fails. In the registrar's thread while the main thread waits; `daemon` is the struct
 * weftd. */
void weftd_zones_reconcile(struct registry_registrar *r, void *daemon);
