/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* advertise/twins.h - the same service once more on the LAN, by an alternative of its name.
 *
 * A node that announces its service after a bridge did so finds the name taken, and gets "web #2"
 * (Avahi) or "web (2)" (others). These names are looked for among what is seen, up to a number, and
 * resolved, a few at a time: there may be any number of them, of which none is the service. Names
 * of hosts have "-2", but a service "web-2" is more likely another one than "web".
 *
 * It does not know which one is the service: the caller compares. All names are wire names; those
 * of the LAN are under `local.`. The bridge's thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "advertise/waits.h"
#include "dns/name.h"

struct mdns_seen;
struct mdns_table;

enum {
	ADVERTISE_TWINS_MAX = 32, /* names of a service: bits of a word */
	ADVERTISE_TWINS_RESOLVED_MAX = 4,
};

/* Those of one service; all zero at first. */
struct advertise_twins {
	uint32_t known;	    /* looked at already */
	uint32_t resolving; /* being looked at */
	bool is_found;	    /* it is the one that is being resolved */
	struct advertise_wait wait;
};

/* Makes the name of which `name` is an alternative, "web #2" or "web (2)" of "web". Returns false
 * if it does not look like one. */
bool advertise_twins_original(uint8_t out[static DNS_NAME_MAX], const uint8_t *name);

/* Makes the `i`-th alternative of a name, from 0 on. Returns false if that is too long. */
bool advertise_twins_name(uint8_t out[static DNS_NAME_MAX], const uint8_t *original, unsigned i);

/* Returns the bit of an alternative of the original name; 0 if it is not one, or has a number that
 * is not looked for. */
uint32_t advertise_twins_bit(const uint8_t *original, const uint8_t *name);

/* Ends what is being resolved, which is known then, and begins to resolve the next ones that are
 * seen, not known and not in the table `own`. Returns whether there are any. */
bool advertise_twins_next(struct advertise_twins *t, struct mdns_seen *seen,
			  const uint8_t *original, const struct mdns_table *own);

/* Keeps only the one of the bit, which is the service, resolved. */
void advertise_twins_find(struct advertise_twins *t, struct mdns_seen *seen,
			  const uint8_t *original, uint32_t bit);

/* Ends everything, and knows nothing any more. */
void advertise_twins_stop(struct advertise_twins *t, struct mdns_seen *seen,
			  const uint8_t *original);
