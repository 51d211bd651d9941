/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* mdns/rows.h - what is bridged, as other threads may see it: `weft bridge list`.
 *
 * Each service that is to be advertised or was discovered has a row. The bridge's thread writes the
 * rows under a lock that is a leaf, and makes no call of Avahi's under it; any thread reads
 * them. */
#pragma once

#include <pthread.h>
#include <stdint.h>

#include "dns/name.h"

enum mdns_row_state {
	MDNS_ROW_PENDING, /* waits for Avahi, is being probed, or for the registry's answer */
	MDNS_ROW_ACTIVE,  /* advertised, or in the registry */
	MDNS_ROW_STANDBY, /* another bridge, or the node itself, advertises it; or the registry
				   has it already */
	MDNS_ROW_REFUSED, /* see `why` */
	MDNS_ROW_STATES
};

enum { MDNS_ROW_WHY_MAX = 200 };

enum mdns_direction { MDNS_ADVERTISE, MDNS_DISCOVER };

struct mdns_row {
	struct mdns_row *next, *previous; /* the rows' */
	enum mdns_direction direction;
	enum mdns_row_state state;
	uint8_t name[DNS_NAME_MAX];	/* in the registry */
	uint8_t lan_name[DNS_NAME_MAX]; /* under `local.` */
	uint64_t since_s;		/* of the state, seconds since 1970 */
	char why[MDNS_ROW_WHY_MAX];	/* a sentence without its point, or "" */
};

struct mdns_rows {
	pthread_mutex_t lock;
	/* under the lock */
	struct mdns_row *first, *last;
	uint64_t counts[2][MDNS_ROW_STATES]; /* by direction and state */
};

/* Make empty rows, and free what they hold: no row may be left. */
void mdns_rows_init(struct mdns_rows *rows);
void mdns_rows_fini(struct mdns_rows *rows);

/* Adds a row, which is filled in but for its links and the time; it is its owner's. */
void mdns_rows_add(struct mdns_rows *rows, struct mdns_row *row);

/* Changes a row that was added; `lan_name` NULL: that stays. Nothing happens if all is as it
 * was. */
void mdns_rows_set(struct mdns_rows *rows, struct mdns_row *row, enum mdns_row_state state,
		   const uint8_t *lan_name, const char *why);

/* Removes a row. */
void mdns_rows_remove(struct mdns_rows *rows, struct mdns_row *row);

/* Calls `each` with all rows, under the lock, in the order in which they were added. */
void mdns_rows_each(struct mdns_rows *rows, void (*each)(void *arg, const struct mdns_row *row),
		    void *arg);

/* Copies the counts. */
void mdns_rows_count(struct mdns_rows *rows, uint64_t out[2][MDNS_ROW_STATES]);
