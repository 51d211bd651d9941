/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* declare/zone.h - the fabric's zone at its registries: reading all of it, and sending it an
 * update.
 *
 * Each call waits, but no longer than --timeout. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atlas/atlas.h"
#include "dns/name.h"
#include "registrant/sender.h"
#include "setup/known.h"

struct cli_options;

struct declare_zone {
	struct setup_known known;
	struct registrant_signing signing;
	uint8_t name[DNS_NAME_MAX];
	char text[DNS_NAME_TEXT_MAX]; /* the name, without its final dot */
	uint32_t limit_ms;
};

/* How sending an update has ended. */
enum declare_sent {
	DECLARE_SENT,	  /* done */
	DECLARE_CONFLICT, /* a prerequisite is not met: what was read is not so any more */
	DECLARE_REFUSED,  /* nothing was changed, and will not be */
	DECLARE_UNKNOWN,  /* no registry has answered in time: it may have been done */
};

enum { DECLARE_WHY_MAX = REGISTRANT_WHY_MAX };

/* Reads the options, the environment and the files. Returns an exit status, after a message unless
 * it is CLI_OK; then declare_zone_close is owed. */
int declare_zone_open(struct declare_zone *z, const struct cli_options *options);

void declare_zone_close(struct declare_zone *z);

/* Transfers the zone. Returns an exit status, after a message unless it is CLI_OK. */
int declare_zone_read(struct declare_zone *z, struct atlas **out);

/* Returns the octets that a signature takes. */
size_t declare_zone_room(const struct declare_zone *z);

/* Signs and sends the UPDATE in `msg`, in memory from malloc, which it takes. Writes how it has
 * ended to `why`, for people. Without a key, an update is refused. */
enum declare_sent declare_zone_send(struct declare_zone *z, uint8_t *msg, size_t nbytes,
				    char why[static DECLARE_WHY_MAX]);
