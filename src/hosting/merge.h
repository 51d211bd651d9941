/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* hosting/merge.h - what an administrator changed in a zone file: records removed and records
 * added.
 *
 * The difference is taken between the file as it was last merged and as it is now, and applied to
 * whatever the zone has become meanwhile. What was registered stays: a record of the file that is
 * not allowed beside it, because of a CNAME, is left out as one of an update would be. A merge
 * knows no file and no store. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "dns/record.h"
#include "zone/limits.h"

struct zone_draft;
struct zone_snapshot;

struct hosting_merge_list {
	struct dns_record *items; /* owners in the merge's arena, rdata in a snapshot */
	size_t count, capacity;
};

struct hosting_merge {
	struct hosting_merge_list removed;   /* without the SOA */
	struct hosting_merge_list added;     /* without the SOA; also records with another TTL, or
					      with names in another case */
	struct hosting_merge_list respelled; /* records whose owner has another case */
	struct dns_record soa;		     /* of the file as it is now */
	bool is_soa_changed, is_serial_changed;
	struct base_arena owners;

	/* set by the caller of hosting_merge_apply: once true, it ends early; NULL: it does not */
	const _Atomic bool *must_end;

	/* set by applying */
	size_t nadded, nremoved; /* records of the draft that changed, the SOA not included; one
				    with another TTL counts as added */
	size_t nbarred;			 /* records of `added` that were left out */
	const struct dns_record *barred; /* the first of them; NULL if there is none */
	const struct dns_record *over;	 /* after -E2BIG: the record that has no room */
	enum zone_limit limit;		 /* and what it went over */
};

/* Takes the difference between two versions, which must outlive `m`: the last file merged and the
 * file as it is now. Returns 0; the caller ends it with hosting_merge_fini. Returns -ENOMEM with
 * `m` empty. */
int hosting_merge_take(struct hosting_merge *m, const struct zone_snapshot *before,
		       const struct zone_snapshot *after);

/* Applies the difference to a draft. The file's serial is set if the administrator has changed it
 * and it is newer than the zone's; otherwise the serial is raised if `must_raise`. Returns 0;
 * -E2BIG if a record would bring a name over the zone's limits, -ECANCELED if it ended early, or
 * -ENOMEM: then the draft is good only for zone_draft_abort. The draft's writer. */
int hosting_merge_apply(struct hosting_merge *m, struct zone_draft *d, bool must_raise);

/* Frees what is inside, and makes `m` empty. */
void hosting_merge_fini(struct hosting_merge *m);
