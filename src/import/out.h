/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* import/out.h - what an import makes: a weftd.conf(5), and a list of what could not be taken over.
 *
 * Knows what weftd.conf can express, and neither BIND nor Knot. One thread. */
#pragma once

#include <stdio.h>

#include "base/error.h"
#include "import/tree.h"

/* Texts in the order in which they were added; borrowed from the tree. */
struct import_texts {
	const char **items;
	size_t count, capacity;
};

struct import_key {
	const char *name, *algorithm, *secret;
};

struct import_zone {
	struct import_zone *next;
	const char *name, *file;
	struct base_location at;
	struct import_texts keys;	/* each may change everything */
	struct import_texts rules;	/* of an update policy */
	struct import_texts transfer_keys, transfer_addresses;
	unsigned nboth;	     /* conditions for a transfer: of these keys from these addresses */
	unsigned nsingle;    /* and others: by these keys, or from these addresses */
	bool is_policy_over; /* a rule that denies was left out, and so are all after it */
};

struct import_out {
	struct import_tree *tree;
	struct import_texts listen;
	struct import_key *keys;
	size_t nkeys, keys_capacity;
	struct import_zone *zones, **zones_end;
	size_t nzones;
	size_t nleft; /* reports of what was left out */
};

/* Makes an empty configuration, whose texts are of `tree`, borrowed; import_out_fini is owed. */
void import_out_init(struct import_out *o, struct import_tree *tree);

/* Frees the lists; the texts are the tree's. */
void import_out_fini(struct import_out *o);

/* Adds a text, unless it is there. */
void import_out_add(struct import_out *o, struct import_texts *texts, const char *text);

/* Adds a key; what it lacks is reported. */
void import_out_key(struct import_out *o, struct base_location at, const char *name,
		    const char *algorithm, const char *secret);

/* Adds a zone. Returns NULL, after a report, if the zone is there already or
 * memory is short. */
struct import_zone *import_out_zone(struct import_out *o, struct base_location at, const char *name,
				    const char *file);

/* Lets a key change everything in the zone. */
void import_out_full(struct import_out *o, struct import_zone *z, const char *key);

/* Adds a rule. A zone has rules or keys that may change everything: with the first rule those keys
 * get rules, too. */
void import_out_rule(struct import_out *o, struct import_zone *z, const char *rule);

/* Completes a zone, once all of it was added. In weftd.conf a transfer needs one of the keys and
 * one of the addresses, if it has both; other conditions become the keys alone. */
void import_out_zone_end(struct import_out *o, struct import_zone *z);

/* Reports, as a warning, something that was left out or must be looked at. */
__attribute__((format(printf, 3, 4))) void
import_out_left(struct import_out *o, struct base_location at, const char *format, ...);

/* Writes the configuration. `from` names where it came from. Returns 0 or -EIO. */
int import_out_write(const struct import_out *o, FILE *file, const char *from);
