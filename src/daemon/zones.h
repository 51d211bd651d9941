/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* daemon/zones.h - what the registrar has to know of the configured zones: their rules for leases
 * and service views.
 *
 * The main thread finds the zones of a configuration; the registrar's thread then reads these and
 * the configuration, without the main thread's list of zones. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct daemon;
struct hosting_zone;
struct ledger_lease_rule;
struct registry_announcements;
struct registry_registrar;
struct registry_state;
struct settings;
struct settings_zone;
struct view_before;
struct zone;

/* A zone of the configuration and the hosted one. */
struct daemon_zone {
	const struct settings_zone *config;
	struct zone *zone;
};

/* All of them, sorted by name; valid as long as the configuration and the zones. */
struct daemon_zones {
	struct registry_state *state;
	struct registry_announcements *announced;
	struct daemon_zone *items;
	size_t count;
	bool has_changed;  /* zones came or went; set by daemon_zones_find, to be cleared if not */
	uint16_t tls_port; /* on which weftd listens for TLS; 0: it does not */

	/* of daemon_zones_reconcile */
	bool is_reconciling;
	bool must_reconcile;	    /* also views with the same rule: other zones came or went */
	struct view_before *before; /* of each zone */
	size_t next;		    /* zone whose view is derived next */
	bool is_begun;		    /* that has begun */
};

/* Finds the zones of a configuration, all of which are hosted. Main thread. Returns 0 or
 * -ENOMEM. */
int daemon_zones_find(struct daemon_zones *zones, struct daemon *d, const struct settings *config);

/* Frees the list. */
void daemon_zones_fini(struct daemon_zones *zones);

/* Finds the configured zone of that name and its rule for leases; both live as long as the
 * configuration. Returns false if no such zone is configured, or it has no version: its leases
 * wait. Fits what ledger_resume() takes; `zones` is a struct daemon_zones. Registered with RCU and
 * online. */
bool daemon_zones_find_leased(void *zones, const uint8_t *name, struct zone **zone,
			      const struct ledger_lease_rule **rule);

/* Makes the leases and the derived records those of the configuration, after a start or a reload,
 * in steps; returns true if it is to be called again. Service views whose rule has not changed
 * since they were last derived are left as they are. Logs what fails. In the registrar's thread. */
bool daemon_zones_reconcile(struct registry_registrar *r, struct daemon_zones *zones);

/* Has each zone name its DNS Push server (registry/announce.h), when its file has been merged. Logs
 * what fails. In the registrar's thread. */
void daemon_zones_announce(struct registry_registrar *r, const struct daemon_zones *zones);
