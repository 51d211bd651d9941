/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* view/view.h - the service view: the records that the registry derives from the registered
 * instances.
 *
 * An instance I._svc._proto is live if it has an SRV record with a target other than `.` that has
 * an address (view/address.h), its TXT has no `state=` other than up, and it is neither drained nor
 * withdrawn as suspect. From each live instance the registry makes: the PTR at the service type and
 * at each subtype under which the instance was registered (RFC 6763 sections 4.1, 7.1), a copy of
 * its SRV at the type for clients of RFC 2782, the type in the list of types (section 9), the zone
 * in the lists of browsing domains (section 11), and the reverse PTRs of its node's addresses in
 * reverse zones hosted here. They change in the same batch as their cause. A derived record and a
 * record that a client registered itself are one record.
 *
 * This file has the tables that live as long as weftd: subtypes and marks of instances, which are
 * on disk as items of the store, and which instances imply which derived records, which are found
 * again at start. The view derives everything else from the draft in hand. One update's walk
 * through the view is view/pass.h; view/update.h has its order.
 *
 * The view knows no socket, no lease and no store. Changes to the tables belong to the batch until
 * view_commit or view_undo. Only the registrar thread may touch it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/seen.h"
#include "place/place.h"
#include "undo/names.h"
#include "undo/pairs.h"
#include "undo/table.h"
#include "zone/changeset.h"

struct zone;
struct zone_draft;

/* What is done with a suspect instance. */
enum view_then {
	VIEW_DEMOTE,   /* its SRV at the type gets the last priority */
	VIEW_WITHDRAW, /* it is taken out of the view */
	VIEW_IGNORE,
};

/* What is done when withdrawing all suspects of a type would leave it without instances. */
enum view_panic {
	VIEW_PANIC_ALL,	 /* all of them stay */
	VIEW_PANIC_LAST, /* the one that became suspect last stays */
	VIEW_PANIC_NONE, /* none stays */
};

/* `suspect:` of a zone (weftd.conf(5)). The enums are stored as numbers, as the configuration's
 * tables fill them in. */
struct view_suspect_rule {
	uint32_t reports;  /* keys that must report an instance before it is suspect */
	uint32_t within_s; /* seconds within which they must */
	uint32_t then;	   /* enum view_then */
	uint32_t panic;	   /* enum view_panic; for VIEW_WITHDRAW */
};

enum { VIEW_AUTO = 2 };

/* `service-view:` of a zone (weftd.conf(5)). */
struct view_rule {
	uint32_t is_on;		 /* 0 or 1; VIEW_AUTO only until the configuration has been read */
	uint32_t has_srv;	 /* 1: make SRV records at the type */
	uint32_t srv_max;	 /* SRV records at a type at most, the best by priority */
	uint32_t weight_scale;	 /* factor by which the instances' weights are multiplied there */
	uint32_t has_reverse;	 /* 1: make reverse PTRs */
	uint32_t ttl_s;		 /* of derived records */
	uint32_t negative_ttl_s; /* upper bound of a negative answer's TTL; the server applies it */
	struct view_suspect_rule suspect;
};

enum {
	VIEW_SRV_MAX = 200,	/* upper bound of srv_max: fits any answer with the longest names */
	VIEW_SUBTYPES_MAX = 32, /* subtypes of one instance */
	VIEW_SRVS_MAX = 64,	/* SRVs of one instance that the view considers */
};

/* Octets of an answer that fits a datagram, and of any answer. */
enum { VIEW_ANSWER_SMALL = 1232, VIEW_ANSWER_MAX = 65535 };

/* Returns the batch's draft of a reverse zone, which it begins if there is none yet, or NULL if
 * memory is short. The draft stays the batch's. */
typedef struct zone_draft *(*view_draft_fn)(void *arg, struct zone *zone);

/* Returns the wire name of the key that owns an instance, or NULL, valid until the next change. */
typedef const uint8_t *(*view_owner_fn)(void *arg, const uint8_t *zone, const uint8_t *instance);

/* Is called with a PTR whose instance no longer exists, so that no lease holds it any longer.
 * Returns 0 or -ENOMEM. */
typedef int (*view_gone_fn)(void *arg, const uint8_t *zone, const struct dns_record *pointer);

/* Figures of the last committed batch. */
struct view_stats {
	uint64_t nwaiting; /* instances not browsed, and types not listed, for want of room */
	uint64_t nsuspects, ndrained;
	uint64_t nlive;	       /* instances */
	uint64_t nunaddressed; /* instances that would be live if a target had an address */
};

/* Relations between names, each a pair of hashes (left, right). */
enum view_relation {
	/* hashes by themselves: an instance, a key that owns instances, a zone */
	VIEW_INSTANCE,
	VIEW_OWNER,
	VIEW_ZONE,

	/* in `pairs` */
	VIEW_IMPLIES, /* SRV record at a type - entry of a live instance in `srvs` that has it */

	/* in `listed` */
	VIEW_SUSPECT_OF, /* type - entry of a suspect instance of it in `marks` */
	VIEW_PANIC,   /* type - itself: all of its suspects are live; or the entry of the one that
			    is */
	VIEW_RUNS_ON, /* node with an address of its own - entry of a live instance in `srvs` with
			    an SRV that targets it */
	VIEW_LACKS,   /* node without one - entry of an instance in `unaddressed` */
};

/* What is known of an instance apart from its records. A mark is never changed in place: another
 * replaces it, so that a batch can be undone. */
struct view_mark {
	bool is_suspect, is_drained;
	bool is_node_drained; /* it is drained, but only because its node is (view/node.h) */
	uint64_t suspect_ms; /* lease clock: since when it is suspect; 0: it is not */
	size_t nowner_txt;
	uint8_t owner_txt[]; /* drained: rdata of its TXT records as its owner registered them,
				each after its length in two octets */
};

/* An entry of the table `subtypes`. */
struct view_subtype_entry {
	struct undo_entry entry;
	bool is_old_item; /* the store has its list as one STORE_ITEM_SUBTYPES */
};

struct view {
	/* by instance; an entry's content is an undo_list, in `marks` a view_mark */
	struct undo_table subtypes; /* its subtypes (view/subtype.h) */
	struct undo_table srvs;	    /* live instances only: a head (view/type_srv.c); rdata of its
				       SRVs as they are at the type, each after its length in two
				       octets */
	struct undo_table marks;
	struct undo_table unaddressed; /* those with targets that have no address of their own; in
					  the form of view/address.c */
	struct undo_table flips;       /* by node: see view/flip.h */

	struct undo_table nodes; /* drained nodes (view/node.h), by node in the zone of the root */

	struct undo_pairs pairs;      /* enum view_relation */
	struct undo_pairs listed;     /* those of them in which members are listed */
	struct places places;	      /* of sets that are short of them */
	uint64_t nsuspects, ndrained; /* marks with that flag */
	uint64_t nunaddressed;	      /* as view_stats */

	struct undo_names known_full; /* owners of PTRs whose being full was logged, until they
					 have some room again */
	struct zone **reverse;	      /* reverse zones that are hosted now */
	size_t nreverse;
	struct base_seen inner; /* hosted zones that lie below another one (VIEW_ZONE) */

	/* set by the owner before the first update */
	view_draft_fn draft_of;
	void *draft_arg;
	view_owner_fn owner_of; /* may be NULL: instances have no owners */
	void *owner_arg;
	view_gone_fn on_gone; /* may be NULL */
	void *gone_arg;

	struct view_stats stats;
};

/* Makes an empty view; `seed` keys its hashes. Returns 0, or -ENOMEM, after which view_fini is
 * due all the same. */
int view_init(struct view *v, uint64_t seed);

/* Frees what the view holds. */
void view_fini(struct view *v);

/* Makes `zones` (malloc'd, taken over) the reverse zones that are hosted from now on. */
void view_set_reverse(struct view *v, struct zone **zones, size_t count);

/* Makes `inner` (its slots are taken over) the hosted zones that lie below another hosted zone, by
 * their hashes. Returns whether they are others than before: then the views of zones above them are
 * to be reconciled. */
bool view_set_inner(struct view *v, const struct base_seen *inner);

/* Returns whether `zone` is one of the reverse zones hosted here. */
bool view_is_reverse(const struct view *v, const struct zone *zone);

/* Returns the hash of `name`, of any case, as one side of a relation. */
uint64_t view_hash(const struct view *v, enum view_relation relation, const uint8_t *name);

/* Returns the instance that a record points to, within `rdata`, if it is a PTR of DNS-SD
 * (RFC 6763 section 4.1, 7.1) at a type or subtype of `zone` to an instance of that type; else
 * NULL. */
const uint8_t *view_target(const uint8_t *zone, const uint8_t *owner, uint16_t type,
			   const uint8_t *rdata);

/* Returns how many subtypes an instance has. */
unsigned view_subtypes_of(const struct view *v, const uint8_t *zone, const uint8_t *instance);

/* Returns how many subtypes an instance has if `subtype` is added, or 0 if it has that one
 * already. */
unsigned view_subtypes(const struct view *v, const uint8_t *zone, const uint8_t *instance,
		       const uint8_t *subtype);

/* Makes the batch's changes permanent, or takes them back. Neither can fail. */
void view_commit(struct view *v);
void view_undo(struct view *v);
