/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* fleet/zone.h - the zone of a fabric, read for a command: which one it is, and from which
 * registry.
 *
 * Registry, key and zone are found as libweft finds them. Writes messages. One thread. */
#pragma once

#include "atlas/atlas.h"
#include "dns/name.h"
#include "setup/known.h"

struct cli_options;

struct fleet_zone {
	const struct cli_options *options;
	struct setup_known known;
	uint8_t name[DNS_NAME_MAX]; /* of the zone */
	struct atlas *atlas;	    /* NULL: not read */
};

/* Finds out which registries and which zone; `zone` NULL: as setup_known_init_zone does. Returns an
 * exit status, after a message unless it is CLI_OK; then fleet_zone_close is owed. */
int fleet_zone_open(struct fleet_zone *z, const struct cli_options *options, const char *zone);

/* Reads the zone, also again: what was read before is gone then. Returns an exit status, after a
 * message unless it is CLI_OK. */
int fleet_zone_read(struct fleet_zone *z);

/* Both of these; closed again if it fails. */
int fleet_zone_load(struct fleet_zone *z, const struct cli_options *options, const char *zone);

void fleet_zone_close(struct fleet_zone *z);

/* Waits until `until_ms` on the steady clock, and serves the zone's connections meanwhile. Returns
 * the time then. */
uint64_t fleet_zone_pause(struct fleet_zone *z, uint64_t until_ms);
