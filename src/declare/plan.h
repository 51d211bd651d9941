/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* declare/plan.h - what is to be changed in a zone so that it declares what is wanted: RRsets as
 * they are and as they shall be, and the same for people, as services, schemas and places.
 *
 * A plan is made for one atlas, which must remain until the plan is ended, and changes nothing. It
 * knows no command line and sends nothing (declare/commit.h). One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "atlas/atlas.h"
#include "base/arena.h"
#include "base/error.h"
#include "dns/record.h"
#include "spec/diff.h"
#include "spec/service.h"

enum {
	DECLARE_TTL_S = 5,	   /* of what is written: clients that poll see changes soon */
	DECLARE_RDATA_MAX = 63988, /* octets that a registry takes in a record by default */
};

struct declare_records {
	struct dns_record *items;
	size_t count, capacity;
};

/* The change of an RRset. */
struct declare_change {
	const uint8_t *owner;
	uint16_t type; /* PTR: it assigns instances to a node; TXT: it declares something */
	const struct dns_record *before;
	size_t nbefore;
	struct declare_records removed, added;
};

/* The plan depends on this RRset, which it does not change. */
struct declare_read {
	const uint8_t *owner;
	uint16_t type;
	const struct dns_record *records;
	size_t count;
};

enum declare_kind { DECLARE_SCHEMA, DECLARE_SERVICE, DECLARE_PLACE };
enum declare_action { DECLARE_UNCHANGED, DECLARE_CREATED, DECLARE_CHANGED, DECLARE_DELETED };

/* What changes, for people. */
struct declare_item {
	enum declare_kind kind;
	enum declare_action action;
	const char *name; /* of a service or a schema; the label of an instance */
	const char *type; /* of a service or an instance */
	const struct spec_service *before, *after; /* or NULL, also if it cannot be read */
	enum spec_consequence consequence;
	uint32_t nbefore, nafter;	      /* instances */
	const char *text_before, *text_after; /* of a schema: its JSON, or NULL */
	const char *from, *to;		      /* nodes, or NULL */
	bool is_assigned; /* a service: an instance runs, or is to run, on a node */
};

struct declare_plan {
	const struct atlas *atlas;
	struct base_arena arena;
	struct declare_change *changes;
	size_t nchanges, changes_capacity;
	struct declare_read *reads;
	size_t nreads, reads_capacity;
	struct declare_item *items;
	size_t nitems, items_capacity;

	/* Nothing at all in the zone may have changed: the plan relies on what is not there. */
	bool is_exclusive;
	size_t ndeleted; /* services and schemas */

	base_report_fn report;
	void *arg;
	unsigned nerrors;
	bool is_short; /* of memory */
};

/* Begins a plan without changes. The atlas is borrowed until the end, and `report` gets errors and
 * warnings. */
void declare_plan_init(struct declare_plan *p, const struct atlas *a, base_report_fn report,
		       void *arg);

/* Frees all. */
void declare_plan_fini(struct declare_plan *p);

/* Returns 0 if the plan may be carried out; -EBADMSG if an error was reported, or -ENOMEM. */
int declare_plan_status(const struct declare_plan *p);

/* Report an error, or a warning; `at` may be NULL. */
void declare_plan_error(struct declare_plan *p, const struct base_location *at, const char *format,
			...) __attribute__((format(printf, 3, 4)));
void declare_plan_warn(struct declare_plan *p, const struct base_location *at, const char *format,
		       ...) __attribute__((format(printf, 3, 4)));

/* Returns the JSON in `text` as rdata of a TXT record, in the plan's memory; NULL, after reporting
 * an error about `what` and `name`, if a registry does not take as much, or if memory is short. */
const uint8_t *declare_plan_rdata(struct declare_plan *p, const struct base_location *at,
				  const char *what, const char *name, const char *text,
				  size_t *nbytes);

/* Have the TXT record of an owner be this one, whose rdata is the plan's, or have there be none.
 * Return whether that changes something. */
bool declare_plan_write(struct declare_plan *p, const uint8_t *owner, const uint8_t *rdata,
			size_t nbytes);
bool declare_plan_erase(struct declare_plan *p, const uint8_t *owner);

/* Adds the instance to the set of the node NODE.nodes.ZONE, or removes it. */
void declare_plan_assign(struct declare_plan *p, const uint8_t *node, const uint8_t *instance);
void declare_plan_withdraw(struct declare_plan *p, const struct atlas_run *run);

/* Has the instance be in the set of this node and of no other; NULL: of none. Writes the label of a
 * node that it is taken from to `from`, or NULL. Returns whether that changes something. */
bool declare_plan_move(struct declare_plan *p, const uint8_t *instance, const uint8_t *node,
		       const char **from);

/* Returns the label of the node of this name in the atlas, `?` if there is none. */
const char *declare_plan_node(const struct declare_plan *p, const uint8_t *name);

/* Has the plan depend on an RRset of the atlas, or on that there is none: PTR records when it
 * assigns, TXT records when it declares. */
void declare_plan_read(struct declare_plan *p, const uint8_t *owner, uint16_t type);

/* Has the plan depend on the sets of all nodes, as what is assigned to none of them does. */
void declare_plan_read_runs(struct declare_plan *p);

/* Adds an item, without name, kind and action. Returns it, valid until the next one is added; a
 * struct that is ignored if memory is short. */
struct declare_item *declare_plan_item(struct declare_plan *p);

/* Returns a copy of a text in the plan's memory; "" if that is short. */
const char *declare_plan_text(struct declare_plan *p, const char *text);

/* Ends the making: puts first what is taken from nodes, then declarations, then what nodes are
 * given; leaves out changes that change nothing. */
void declare_plan_sort(struct declare_plan *p);
