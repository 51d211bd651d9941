/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* update/update.h - what an UPDATE message does to a zone and to all that is kept about it (RFC
 * 2136 section 3, RFC 3007, RFC 9664).
 *
 * update_run has the steps in order; each is a file of this room. The room knows no socket and no
 * signature (the name of the key that signed is an argument), leaves the SOA's automatic serial to
 * the registrar, and writes nothing to disk: draft, ledger and view belong to the batch. Only the
 * registrar thread may call it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "update/bound.h"

struct dns_update_record;
struct ledger;
struct ledger_lease;
struct ledger_lease_rule;
struct ledger_lease_terms;
struct update;
struct update_policy;
struct view;
struct view_pass;
struct view_rule;
struct zone_draft;

enum {
	UPDATE_TEXT_MAX = 256,

	/* Looks (base/budget.h) that one update may cause, apart from those that grow with its own
	 * records: 20 ms of work. */
	UPDATE_LOOKS = 50000,
};

/* What became of an update. */
struct update_result {
	uint16_t rcode;
	enum update_bound bound; /* if REFUSED: the bound that it went over */
	int ede;       /* extended error code (RFC 8914); DNS_EDE_NONE: nothing to explain */
	unsigned rule; /* number, from 1, of the policy's rule that decided last; 0: none did */
	uint32_t nadded, nremoved;  /* records; one with a new TTL counts as added */
	bool is_repeatable;	    /* a worker may learn to answer the next one like it */
	char text[UPDATE_TEXT_MAX]; /* the extended error's text: which record, prerequisite or
				       rule; "" if `ede` is DNS_EDE_NONE */
};

/* An update whose opcode and signature have been checked. All of it is borrowed during the call. */
struct update_request {
	struct zone_draft *draft; /* of the zone that the request was sent to */
	const uint8_t *msg;	  /* without TSIG; its ARCOUNT is not looked at */
	size_t nbytes;
	const uint8_t *key; /* wire name of the key that signed; NULL: unsigned */
	const struct update_policy *policy;
	const struct ledger_lease_rule *lease_rule; /* NULL: the zone grants no leases */
	const struct view_rule *view_rule;	    /* NULL: the zone has no service view */
	struct ledger_lease_terms *lease;	    /* as asked for; then, as granted */
	uint64_t now_ms;			    /* lease clock */
	struct update_result *result;		    /* filled in */
};

/* Makes the working memory for update_run; one serves all updates. `ledger` and `view` must outlive
 * it. Returns NULL if memory is short. */
struct update *update_new(struct ledger *ledger, struct view *view);

/* Frees the working memory; NULL is fine. */
void update_free(struct update *u);

/* Applies an update, all of it or nothing. Fills in result and lease and returns the result's
 * RCODE. Or returns a negative errno: the draft, the ledger and the view are then good only for
 * being undone. -ECANCELED is the one that the request itself is at fault for: its result is filled
 * in, and once the batch is undone, the batch's other requests can be applied without it. */
int update_run(struct update *u, const struct update_request *request);

/* Ends a lease: removes its records that no other lease holds from `draft`, a draft of its zone,
 * and all that depends on them. Returns the number of records removed, or a negative errno, after
 * which the batch is to be undone. */
int update_expire(struct update *u, struct ledger_lease *lease, struct zone_draft *draft,
		  const struct view_rule *rule);

/* Returns the records of the update section that update_run read last, of a malformed message those
 * that precede the fault. They are valid until update_run is called again. */
const struct dns_update_record *update_records(const struct update *u, size_t *count);

/* Returns the pass through the view, for changes that are not updates. */
struct view_pass *update_pass(struct update *u);
