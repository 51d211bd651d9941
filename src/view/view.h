/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* view/view.h - the service view: records that the registry makes of the instances that are
 * registered.
 *
 * For each live instance I._svc._proto (has an SRV record, no other `state=` than up in its TXT, is
 * not withdrawn as suspect): the PTR at the service type and at each subtype that it was registered
 * under (RFC 6763 sections 4.1, 7.1), a copy of its SRV at the type for clients of RFC 2782, the
 * type in the list of types (section 9), the zone in the lists of browsing domains (section 11),
 * and the reverse PTRs of its node's addresses in zones that are hosted here. They change in the
 * drafts of the update that is their cause. What a client says itself and what is made of its
 * instance are one record.
 *
 * Nothing is asked but the draft and what is kept here: the subtypes of instances, which of them
 * imply a record at a type, and their marks: an instance is suspect (registry/suspect.h) or drained
 * (an operator's `state=draining`, whatever its owner says). Subtypes and marks are on disk as
 * notes.
 *
 * An update goes: begin; before, with its records; the update itself, with removed for each record
 * that goes; said for each of its records; derive. Changes belong to the batch. Only the registrar
 * thread may touch it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "undo/names.h"
#include "undo/pairs.h"
#include "undo/table.h"
#include "view/reserve.h"
#include "zone/changeset.h"

struct dns_update_record;
struct zone;
struct zone_draft;
struct zone_snapshot;

/* `suspect:` of a zone: so many keys must report within that time; what is done then; and what when
 * it would leave a type without instances. */
enum view_then { VIEW_DEMOTE, VIEW_WITHDRAW, VIEW_IGNORE };
enum view_panic { VIEW_PANIC_ALL, VIEW_PANIC_LAST, VIEW_PANIC_NONE };

struct view_suspect_rule {
	uint32_t reports, within_s;
	uint32_t then;	/* enum view_then */
	uint32_t panic; /* enum view_panic; for VIEW_WITHDRAW */
};

enum { VIEW_AUTO = 2 };

/* `service-view:` of a zone. */
struct view_rule {
	uint32_t is_on;		 /* 0, 1; VIEW_AUTO only until the configuration is read */
	uint32_t has_srv;	 /* 1: make SRV records at the type */
	uint32_t srv_max;	 /* at most so many, the best by priority */
	uint32_t weight_scale;	 /* weights at the type are the instances' times this */
	uint32_t has_reverse;	 /* 1: make reverse PTRs */
	uint32_t ttl_s;		 /* of what is made */
	uint32_t negative_ttl_s; /* of answers that there is nothing, at most; the answering side's
				  */
	struct view_suspect_rule suspect;
};

/* Of SRVs at a type that many fit any answer, however long their names; so many subtypes an
 * instance may have. */
enum { VIEW_SRV_MAX = 200, VIEW_SUBTYPES_MAX = 256 };

enum {
	VIEW_ANSWER_SMALL = 1232,
	VIEW_ANSWER_MAX = 65535
}; /* octets: a datagram's answer, any answer */

/* The draft that the batch has of a reverse zone, begun if there is none yet. NULL when memory is
 * short. */
typedef struct zone_draft *(*view_draft_fn)(void *arg, struct zone *zone);

/* Told of a PTR of an instance that is gone. 0 or -ENOMEM. */
typedef int (*view_gone_fn)(void *arg, const uint8_t *zone, const struct dns_record *pointer);

struct view_stats {
	uint64_t nwaiting; /* instances that are not browsed, and types that are not listed, for
			      want of room */
	uint64_t nsuspects, ndrained;
};

struct view {
	struct undo_table subtypes;    /* of an instance: their names, one after the other */
	struct undo_table srvs;	       /* of a live instance: rdata of its SRVs as they are at the
						  type, each with its length */
	struct undo_table marks;       /* of an instance: struct view_mark */
	struct view_reserves reserves; /* of large types: who comes next into their SRVs */
	struct undo_pairs holds; /* which instances imply an SRV at a type, stand on a node, are
				  * suspects of a type, or wait for a place among the PTRs of one */
	uint64_t nwaiting;
	struct undo_names next; /* some of those that wait at `next_owner`, or did */
	size_t next_at;		/* the first that was not looked at again */
	uint8_t next_owner[DNS_NAME_MAX];
	struct zone **reverse; /* zones of the reverse tree that are hosted now */
	size_t nreverse;
	view_draft_fn draft_of;
	void *arg;
	view_gone_fn on_gone; /* may be NULL */
	void *gone_arg;
	struct view_stats stats;
	/* of the update in hand */
	const struct view_rule *rule; /* NULL: there is no view */
	struct zone_draft *draft;
	const uint8_t *zone;
	struct undo_names touched; /* instances */
	struct undo_names types;   /* that lost what the registry made there */
	bool has_lost_lists;	   /* the same of the lists of types and browsing domains */
	struct undo_names nodes;   /* whose reverse PTRs may have changed */
	struct undo_names pointed; /* instances that it has added PTRs to */
	struct undo_names
		lifted;	       /* drained instances that say what their owners said, until derive */
	bool is_following;     /* the whole zone is gone through */
	uint32_t ttl_before_s; /* then: the TTL that the rule had before */
	int failed;	       /* negative errno of what was noted, told by derive */
	/* what there is to tell of it */
	bool has_grown, is_full;    /* a set of PTRs no longer fits a datagram, or any answer */
	bool is_news;		    /* it is full since now */
	uint8_t told[DNS_NAME_MAX]; /* whose */
	struct undo_names full;	    /* that are known to be full, until they have some room again */
};

int view_init(struct view *s, uint64_t seed);
void view_fini(struct view *s);

/* Takes `zones`, malloc'd, as the reverse zones that are hosted from now on. */
void view_set_reverse(struct view *s, struct zone **zones, size_t count);

bool view_is_reverse(const struct view *s, const struct zone *zone);

/* Begins an update of a zone, in its draft, by its rule; NULL, or one that is off: nothing is noted
 * and nothing made. */
void view_begin(struct view *s, const struct view_rule *rule, struct zone_draft *draft);

/* Lets drained instances say in the draft what their owners said, until derive: those that `name`
 * is the owner of, or all of the zone. So that an update, a lease's end or the zone's file find
 * what they left. */
void view_restore(struct view *s, const uint8_t *name);
void view_restore_all(struct view *s);

/* A record is about to be removed, or was added or asked to be removed, by a client, a lease's end,
 * the zone's file. Takes note of whom that concerns; what goes wrong shows at
 * view_update. */
void view_removed(struct view *s, const struct dns_record *record);
void view_mentioned(struct view *s, const struct dns_update_record *record);
void view_added(struct view *s, const struct dns_record *record);

/* Makes the records follow. 0, or a negative errno after which the batch is to be undone. */
int view_update(struct view *s);

/* Goes through a whole version, takes in what is not kept on disk, and makes the records follow;
 * `draft` is begun from that version. At the start, and when the rule has changed, whose TTL was
 * `ttl_before_s` until then. As derive. */
int view_reconcile(struct view *s, const struct view_rule *rule, uint32_t ttl_before_s,
		   const struct zone_snapshot *snapshot, struct zone_draft *draft);

/* Whether a PTR at `owner` waits for a place there: that its client says it again changes nothing.
 */
bool view_is_waiting(const struct view *s, const uint8_t *zone, const uint8_t *owner,
		     const uint8_t *target);

/* How many subtypes an instance is registered under if `subtype` comes to them; 0 if it is one of
 * them. */
unsigned view_subtypes(const struct view *s, const uint8_t *zone, const uint8_t *instance,
		       const uint8_t *subtype);

/* Makes the reverse PTRs of all live instances follow, when a reverse zone has changed. As derive.
 */
int view_reconcile_reverse(struct view *s, const struct view_rule *rule, struct zone_draft *draft);

/* Drains an instance, or ends that; between begin and derive. 1; 0 if it was so already; -ENOENT if
 * there is no such instance; -ENOMEM. */
int view_drain(struct view *s, const uint8_t *instance, bool is_drained);

/* Whether an instance is suspect; and makes it so from `now_ms` of the lease clock on, or ends
 * that. The latter 0 or -ENOMEM. */
bool view_is_suspect(const struct view *s, const uint8_t *zone, const uint8_t *instance);
int view_set_suspect(struct view *s, const uint8_t *instance, bool is_suspect, uint64_t now_ms);

/* Told of a record of the service view that is missing, or that nothing implies. */
typedef void (*view_difference_fn)(void *arg, bool is_missing, const struct dns_record *record);

/* Compares the service view of a version with what its instances imply. `draft` is begun from that
 * version, and it and those of reverse zones can only be aborted after this. 0 or a negative errno.
 */
int view_check(const struct view *s, const struct view_rule *rule,
	       const struct zone_snapshot *snapshot, struct zone_draft *draft,
	       view_difference_fn on_wrong, void *arg);

/* What is kept on disk of an instance: its subtypes, its mark. The size of a note of that entry (of
 * the tables `subtypes`, `marks`), 0: there is nothing any more; and the note at `out`. */
size_t view_item_size(uint8_t kind, const struct undo_entry *e);
void view_item_write(uint8_t kind, const struct undo_entry *e, uint8_t *out);

/* Reads one back. 0, -ENOMEM or -EBADMSG. */
int view_item_read(struct view *s, uint8_t kind, const uint8_t *key, size_t nkey,
		   const uint8_t *bytes, size_t nbytes);

/* Forgets all about a zone. 0 or -ENOMEM; belongs to the batch. */
int view_forget(struct view *s, const uint8_t *zone);

/* Ends the batch. */
void view_commit(struct view *s);
void view_undo(struct view *s);
