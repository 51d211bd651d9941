/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* doctor/visit.h - asks all hops of the way of a name, in three rounds, and has them judged.
 *
 * 1. Every registry and resolver: the name, and the SOA, over UDP and TCP.
 * 2. What the first round gives reason to ask: truncated answers over TCP, refused ones without
 *    EDNS or validation, the addresses of the targets, reports, the Push server; and a name that no
 *    cache has.
 * 3. Connections to the instances and to the Push server; the C library; a second look at a TTL.
 *
 * The local link is asked beside all of this.
 *
 * Blocks, but no longer than its time. One thread. */
#pragma once

#include "doctor/contact.h"
#include "doctor/finding.h"
#include "doctor/hop.h"
#include "doctor/lan.h"
#include "doctor/library.h"
#include "doctor/system.h"

enum {
	DOCTOR_REGISTRIES_MAX = 16,
	DOCTOR_RESOLVERS_MAX = 16,
	DOCTOR_INSTANCES_MAX = 8, /* of which reports are asked for */
};

struct doctor_visit {
	/* set before doctor_visit_run */
	struct doctor_subject subject; /* name, text and types */
	struct doctor_hop *registries, *resolvers;
	size_t nregistries, nresolvers;
	const struct dns_tsig_key *key; /* of this host; NULL: none */
	struct doctor_library library;	/* what it has found; not asked here */
	bool has_system;		/* ask the C library, too */
	uint64_t limit_ms;		/* of the whole */

	/* results */
	const struct doctor_hop *reference;
	struct doctor_contact contacts[DOCTOR_CONTACTS_MAX];
	size_t ncontacts;
	struct doctor_system system;
	struct doctor_lan lan;
	struct doctor_probe push; /* SOA over TLS; UNASKED: the zone names no Push server */
	size_t nreports;	  /* of instances that could not be reached */
	struct doctor_findings findings;
};

/* Makes the subject of a name: which types are asked for depends on its kind. */
void doctor_subject_make(struct doctor_subject *s, const uint8_t *name);

/* Makes a hop, all zero before. */
void doctor_hop_make(struct doctor_hop *h, enum doctor_hop_kind kind,
		     const struct resolve_endpoint *at, enum doctor_transport transport);

/* Asks, connects and judges. Returns 0, or a negative errno without a result. */
int doctor_visit_run(struct doctor_visit *v);

/* Frees the results; the hops are the caller's. */
void doctor_visit_fini(struct doctor_visit *v);
