/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* discover/followed.h - the service types of the LAN that a rule discovers: those that it names,
 * with subtypes, or all that are on the LAN (`*`, RFC 6763 section 9) but for those that it
 * excludes and those of registries.
 *
 * It does not know what is done with their instances. The bridge's thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dns/name.h"
#include "mdns/table.h"

struct lan_browser;
struct lan_daemon;
struct lan_interfaces;
struct mdns_rule;
struct mdns_seen;

enum {
	DISCOVER_FOLLOWED_MAX = 256, /* types that were found on the LAN; others are ignored */
	DISCOVER_FOLLOWED_SUBTYPES_MAX = 64, /* that a rule names; others are ignored */
};

struct discover_followed_type {
	struct mdns_entry entry;    /* first */
	uint8_t name[DNS_NAME_MAX]; /* under `local.` */
	bool is_of_rule;	    /* the rule names it */
	bool is_listed;		    /* the list of types on the LAN has it */
	unsigned nusers;	    /* instances */
};

struct discover_followed {
	struct mdns_table types; /* without subtypes */
	uint8_t (*subtypes)[DNS_NAME_MAX];
	unsigned nsubtypes;
	struct mdns_seen *seen;
	const struct mdns_rule *rule;
	struct lan_browser *list; /* of types; NULL: not for this rule */
	bool is_full;
	void (*on_type)(void *arg, const uint8_t *type);
	void *arg;
};

/* Begins to follow the types of a rule; all is borrowed. `on_type` is called from the loop when a
 * type of the LAN's list is followed from now on. Returns 0 or -ENOMEM; discover_followed_fini is
 * due either way. */
int discover_followed_init(struct discover_followed *f, const struct mdns_rule *rule,
			   struct mdns_seen *seen, struct lan_daemon *daemon,
			   const struct lan_interfaces *where, uint64_t seed,
			   void (*on_type)(void *arg, const uint8_t *type), void *arg);

/* Ends that. */
void discover_followed_fini(struct discover_followed *f);

/* Returns whether an instance is named by a type or subtype that is followed. */
bool discover_followed_has(const struct discover_followed *f, const uint8_t *instance);

/* Returns the subtypes that are followed and name the instance, one bit for each. */
uint64_t discover_followed_subtypes(const struct discover_followed *f, const uint8_t *instance);

/* Returns those of the instance's type, whether they name it or not. */
uint64_t discover_followed_subtypes_of(const struct discover_followed *f, const uint8_t *instance);

/* Begins or ends an instance's use of its type, which is followed so long. Returns NULL if only a
 * subtype is; NULL may be released. */
struct discover_followed_type *discover_followed_acquire(struct discover_followed *f,
							 const uint8_t *instance);
void discover_followed_release(struct discover_followed *f, struct discover_followed_type *type);
