/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* bridge/followed.h - the service types of the LAN that a rule discovers: those that it names, with
 * subtypes, or all that are on the LAN (`*`, RFC 6763 section 9) but for those that it excludes
 * and those of registries.
 *
 * It does not know what is done with their instances. The bridge's thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bridge/table.h"
#include "dns/name.h"

struct bridge_rule;
struct bridge_seen;
struct lan_browser;
struct lan_daemon;
struct lan_interfaces;

enum {
	BRIDGE_FOLLOWED_MAX = 256, /* types that were found on the LAN; others are ignored */
	BRIDGE_FOLLOWED_SUBTYPES_MAX = 64, /* that a rule names; others are ignored */
};

struct bridge_followed_type {
	struct bridge_entry entry;  /* first */
	uint8_t name[DNS_NAME_MAX]; /* under `local.` */
	bool is_of_rule;	    /* the rule names it */
	bool is_listed;		    /* the list of types on the LAN has it */
	unsigned nusers;	    /* instances */
};

struct bridge_followed {
	struct bridge_table types; /* without subtypes */
	uint8_t (*subtypes)[DNS_NAME_MAX];
	unsigned nsubtypes;
	struct bridge_seen *seen;
	const struct bridge_rule *rule;
	struct lan_browser *list; /* of types; NULL: not for this rule */
	bool is_full;
	void (*on_type)(void *arg, const uint8_t *type);
	void *arg;
};

/* Begins to follow the types of a rule; all is borrowed. `on_type` is called from the loop when a
 * type of the LAN's list is followed from now on. Returns 0 or -ENOMEM; bridge_followed_fini is due
 * either way. */
int bridge_followed_init(struct bridge_followed *f, const struct bridge_rule *rule,
			 struct bridge_seen *seen, struct lan_daemon *daemon,
			 const struct lan_interfaces *where, uint64_t seed,
			 void (*on_type)(void *arg, const uint8_t *type), void *arg);

/* Ends that. */
void bridge_followed_fini(struct bridge_followed *f);

/* Returns whether an instance is named by a type or subtype that is followed. */
bool bridge_followed_has(const struct bridge_followed *f, const uint8_t *instance);

/* Returns the subtypes that are followed and name the instance, one bit for each. */
uint64_t bridge_followed_subtypes(const struct bridge_followed *f, const uint8_t *instance);

/* Returns those of the instance's type, whether they name it or not. */
uint64_t bridge_followed_subtypes_of(const struct bridge_followed *f, const uint8_t *instance);

/* Begins or ends an instance's use of its type, which is followed so long. Returns NULL if only a
 * subtype is; NULL may be released. */
struct bridge_followed_type *bridge_followed_acquire(struct bridge_followed *f,
						     const uint8_t *instance);
void bridge_followed_release(struct bridge_followed *f, struct bridge_followed_type *type);
