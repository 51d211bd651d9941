/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* view/pass.h - one walk through the service view: an update, a lease's end, a reload.
 *
 * A pass collects which names a change concerns while the change is applied to the draft; then
 * view_update makes the derived records agree with it. It keeps its memory from one walk to the
 * next, so one struct serves all updates of the registrar. Everything here works on the draft of
 * the pass and the tables of its view. Only the registrar thread may touch it. */
#pragma once

#include "base/seen.h"
#include "view/view.h"

struct base_budget;

/* Looks (base/budget.h) at a record that the view derives from an instance, when it is made or
 * removed. */
enum { VIEW_LOOKS_OF_DERIVED = 8 };

/* Looks that a pass takes, beside its request's, for instances on nodes that have got an address or
 * lost it: about a thousand instances. */
enum { VIEW_FLIP_LOOKS = 16384 };

/* What the owner of a pass may want to log or answer: a set of PTRs that has outgrown an answer, an
 * instance of the change that is not live for want of an address. */
struct view_notice {
	bool has_grown;		     /* it no longer fits a datagram */
	bool is_full;		     /* it no longer fits any answer */
	bool is_new;		     /* it is full since this pass, not before */
	uint8_t owner[DNS_NAME_MAX]; /* of that set; of the last one if there are several */
	bool is_unaddressed;
	uint8_t target[DNS_NAME_MAX]; /* of such an instance */
};

struct view_pass {
	struct view *view;
	const struct view_rule *rule; /* NULL: the zone has no view, and the pass does nothing */
	struct zone_draft *draft;
	const uint8_t *zone; /* the draft's zone's name */
	const uint8_t *key;  /* whose the instances are that have no owner yet; NULL: nobody's */

	/* names that the change concerns, in lower case */
	struct undo_names touched; /* instances */
	struct undo_names types;   /* whose records or place in the list of types changed */
	struct undo_names barred;  /* types and lists where a record is gone that had barred derived
				       ones */
	struct undo_names nodes;   /* whose reverse PTRs may have changed */
	struct undo_names pointers; /* PTRs at subtypes that the change concerns: owner, instance */
	struct undo_names addressed; /* where an address came or went (view/flip.h) */
	struct undo_names restored; /* drained instances whose records are their owners' until
				       view_update */
	struct base_seen seen;	    /* what is in these sets, and view_pass_point */
	struct base_seen implied;   /* what one instance implies, for view/type_srv.c */
	bool has_touched_lists;	    /* a list of types or browsing domains changed */
	bool has_touched_cover;	    /* a delegation, DNAME or wildcard came or went (view/flip.h) */
	uint64_t nflip_looks;	    /* left for instances that the change does not name itself */

	/* a walk through a whole zone rather than an update */
	bool is_reconciling;
	uint32_t ttl_before_s; /* TTL of derived records under the previous rule */

	struct base_budget *budget; /* of the request that the pass belongs to; NULL: no bound */

	int error; /* first negative errno while collecting; view_update returns it */
	struct view_notice notice;
};

/* Makes a pass through `view`, which must outlive it. */
void view_pass_init(struct view_pass *p, struct view *view);

/* Frees the memory of the pass. */
void view_pass_fini(struct view_pass *p);

/* Begins a walk in `draft` under the rule of its zone. `rule` NULL, or one that is off: nothing is
 * collected and nothing made. */
void view_pass_begin(struct view_pass *p, const struct view_rule *rule, struct zone_draft *draft);

/* Forgets the collected names; the memory is kept. */
void view_pass_clear(struct view_pass *p);

/* Remembers the first error of the walk; `ret` of 0 or more is none. */
void view_pass_fail_if(struct view_pass *p, int ret);

/* Takes looks from the budget of the request, if the pass belongs to one. Returns 0, or -ECANCELED
 * if fewer are left. */
int view_pass_look(const struct view_pass *p, uint64_t n);

/* Notes a name in one of the sets of the pass, once. Returns 1 if it is new, 0 if not, or -ENOMEM,
 * which is also the error of the pass. */
int view_pass_note(struct view_pass *p, struct undo_names *set, const uint8_t *name);

/* Returns whether a name is noted in that set of the pass. */
bool view_pass_is_noted(const struct view_pass *p, const struct undo_names *set,
			const uint8_t *name);

/* Notes that an instance may have changed. */
void view_pass_touch(struct view_pass *p, const uint8_t *instance);

/* Notes that the update added a PTR to an instance; and returns whether it did. */
void view_pass_point(struct view_pass *p, const uint8_t *instance);
bool view_pass_is_pointed(const struct view_pass *p, const uint8_t *instance);

/* Returns the hash of the owner of an instance; 0: it has none. */
uint32_t view_pass_owner(const struct view_pass *p, const uint8_t *instance);

/* Returns whether the draft has an RRset of that owner and type, in constant time. */
bool view_pass_has(const struct view_pass *p, const uint8_t *owner, uint16_t type);

/* Adds a derived record that is absent to `draft`, with the rule's TTL. Does nothing if
 * `owner` has a CNAME, or an NS of its own (RFC 2136 section 3.4.2.2). Returns the number of
 * records that changed, or -ENOMEM. */
int view_pass_add(const struct view_pass *p, struct zone_draft *draft, const uint8_t *owner,
		  uint16_t type, const uint8_t *rdata, size_t nbytes);

/* Gives a derived record that is present the rule's TTL if it has the previous rule's; only while
 * reconciling. Returns the number of records that changed, or -ENOMEM. */
int view_pass_retime(const struct view_pass *p, struct zone_draft *draft, const uint8_t *owner,
		     uint16_t type, const uint8_t *rdata, size_t nbytes);

/* Adds a derived record if `is_wanted` (one that is present keeps its TTL but for
 * view_pass_retime), else removes it. Returns the number of records that changed, or -ENOMEM. */
int view_pass_set(const struct view_pass *p, struct zone_draft *draft, const uint8_t *owner,
		  uint16_t type, const uint8_t *rdata, size_t nbytes, bool is_wanted);
