/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* assign/schemas.h - the schemas that declarations name, as the zone has them now.
 *
 * A schema is followed as long as it has users, once for all of them. It does not know the
 * declarations. One thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "assign/order.h"
#include "follow/entry.h"
#include "follow/track.h"

struct assign_schema;
struct schema;

/* One that uses a schema; all zero: none. */
struct assign_schema_user {
	struct assign_schema *of;
	struct assign_schema_user *next, **link;
};

/* All schemas; all zero but for the first five. */
struct assign_schemas {
	struct follow_tracks *tracks;
	const uint8_t *zone;
	void (*on_touched)(void *arg); /* assign_schemas_settle wants to be called */
	/* The user's schema is another one now, or cannot be had; it may only take note of that. */
	void (*on_changed)(void *arg, struct assign_schema_user *user);
	void *arg;
	struct follow_entries entries;
	struct assign_schema *dirty;
};

struct assign_schema {
	struct follow_entry entry;
	struct follow_track track;
	struct assign_schemas *all;
	struct assign_schema *next_dirty, **link_dirty; /* NULL: it is not */
	struct assign_schema_user *users;
	struct schema *schema;	  /* NULL: not known, or not one: then `why` is not empty */
	char why[ASSIGN_WHY_MAX]; /* "": nothing is wrong, or it is not known */
	bool has_current;
};

/* Has the user use the schema of that name, a label, instead of the one it uses. Returns 0;
 * -EINVAL if no zone can have such a schema, or -ENOMEM, with the user unchanged. */
int assign_schema_use(struct assign_schemas *all, struct assign_schema_user *user,
		      const char *name);

/* Ends using a schema, if there is one. */
void assign_schema_leave(struct assign_schema_user *user);

/* Returns whether it is known what the zone has. */
bool assign_schema_is_known(const struct assign_schema *s);

/* Reads what has changed, and calls `on_changed` for the users. Returns 0, or -ENOMEM: it is to be
 * called again. */
int assign_schemas_settle(struct assign_schemas *all);

/* Ends following all schemas; users must not look at theirs any more. */
void assign_schemas_fini(struct assign_schemas *all);
