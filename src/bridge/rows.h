/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* bridge/rows.h - what is bridged, as other threads may see it: `weft bridge list`.
 *
 * Each service that is to be advertised or was discovered has a row. The bridge's thread writes the
 * rows under a lock that is a leaf, and makes no call of Avahi's under it; any thread reads
 * them. */
#pragma once

#include <pthread.h>
#include <stdint.h>

#include "dns/name.h"

enum bridge_row_state {
	BRIDGE_ROW_PENDING, /* waits for Avahi, is being probed, or for the registry's answer */
	BRIDGE_ROW_ACTIVE,  /* advertised, or in the registry */
	BRIDGE_ROW_STANDBY, /* another bridge, or the node itself, advertises it; or the registry
				   has it already */
	BRIDGE_ROW_REFUSED, /* see `why` */
	BRIDGE_ROW_STATES
};

enum { BRIDGE_ROW_WHY_MAX = 200 };

enum bridge_direction { BRIDGE_ADVERTISE, BRIDGE_DISCOVER };

struct bridge_row {
	struct bridge_row *next, *previous; /* the rows' */
	enum bridge_direction direction;
	enum bridge_row_state state;
	uint8_t name[DNS_NAME_MAX];	/* in the registry */
	uint8_t lan_name[DNS_NAME_MAX]; /* under `local.` */
	uint64_t since_s;		/* of the state, seconds since 1970 */
	char why[BRIDGE_ROW_WHY_MAX];	/* a sentence without its point, or "" */
};

struct bridge_rows {
	pthread_mutex_t lock;
	/* under the lock */
	struct bridge_row *first, *last;
	uint64_t counts[2][BRIDGE_ROW_STATES]; /* by direction and state */
};

/* Make empty rows, and free what they hold: no row may be left. */
void bridge_rows_init(struct bridge_rows *rows);
void bridge_rows_fini(struct bridge_rows *rows);

/* Adds a row, which is filled in but for its links and the time; it is its owner's. */
void bridge_rows_add(struct bridge_rows *rows, struct bridge_row *row);

/* Changes a row that was added; `lan_name` NULL: that stays. Nothing happens if all is as it
 * was. */
void bridge_rows_set(struct bridge_rows *rows, struct bridge_row *row, enum bridge_row_state state,
		     const uint8_t *lan_name, const char *why);

/* Removes a row. */
void bridge_rows_remove(struct bridge_rows *rows, struct bridge_row *row);

/* Calls `each` with all rows, under the lock, in the order in which they were added. */
void bridge_rows_each(struct bridge_rows *rows,
		      void (*each)(void *arg, const struct bridge_row *row), void *arg);

/* Copies the counts. */
void bridge_rows_count(struct bridge_rows *rows, uint64_t out[2][BRIDGE_ROW_STATES]);
