/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* fleet/join.h - the instances of a fabric: each that is declared, assigned or registered, with all
 * three.
 *
 * What is wrong with an instance is decided here. Borrows the atlas. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "atlas/atlas.h"

struct fleet_row {
	const uint8_t *name;
	const struct atlas_spec *spec; /* NULL: not declared */
	const struct atlas_run *runs;  /* the nodes that it is assigned to */
	size_t nruns;
	const struct atlas_instance *instance; /* NULL: not registered */
};

struct fleet_join {
	const struct atlas *atlas;
	struct fleet_row *rows; /* in canonical order of the names */
	size_t n;
};

/* Makes the rows of all service instances. Returns 0, or -ENOMEM with nothing to free. */
int fleet_join_make(struct fleet_join *j, const struct atlas *a);

void fleet_join_free(struct fleet_join *j);

/* Returns the row of an instance, or NULL. */
const struct fleet_row *fleet_join_get(const struct fleet_join *j, const uint8_t *name);

/* Finds the rows that a person means by `text`: a label, a label with its type, or a whole name.
 * Returns their number, and the first in `out`: more than one have the label. */
size_t fleet_join_find(const struct fleet_join *j, const char *text, const struct fleet_row **out);

/* Returns its state: the one that it is registered with, else `assigned` or `declared`. */
const char *fleet_join_state(const struct fleet_row *r);

/* Returns the node on which it is registered, or is to run: NULL if there is none. */
const uint8_t *fleet_join_node(const struct fleet_join *j, const struct fleet_row *r);

enum { FLEET_JOIN_WHY_MAX = 1200 };

/* Writes what is wrong with an instance, in one line; "" if nothing is. Returns `out`. */
const char *fleet_join_why(char out[static FLEET_JOIN_WHY_MAX], const struct fleet_join *j,
			   const struct fleet_row *r);
