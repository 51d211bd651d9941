/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* answer/answer_priv.h - one answer being composed, shared by answer.c (which sets),
 * additional.c (additional records and glue), rrset.c (how a set is written) and whoami.c (the set
 * that no zone has). */
#pragma once

#include "answer/answer.h"
#include "zone/prepared.h"
#include "zone/rrset.h"

struct dns_question;
struct sockaddr;
struct zone_snapshot;

/* Sets whose targets get additional records; those of further sets are left out. */
enum { ANSWER_COMPOSE_SETS = 24 };

struct answer_compose {
	const struct zone_catalog *catalog;
	struct dns_writer *w;
	struct answer *a;
	const uint8_t *body;	     /* where the answer begins, if `is_cacheable` */
	const struct sockaddr *peer; /* that asks; NULL: not known */
	unsigned nsets, ndepends, nparts;
	bool is_do;	    /* the client wants DNSSEC records */
	bool is_cacheable;  /* may become the prepared answer of its node */
	bool is_questioned; /* the writer may compress names against the question's */
	bool is_all;	    /* no additional record was left out */

	/* sets of the answer section whose targets want additional records */
	struct {
		const struct zone_snapshot *snapshot; /* of the zone that the set is from */
		struct zone_rrset rrset;
		const uint8_t *owner;
	} set[ANSWER_COMPOSE_SETS];

	/* for preparing the answer */
	uint32_t depends[ZONE_PREPARED_DEPENDS]; /* low bits of the hashes of the names that it came
						    from, without its own */
	struct zone_prepared_part part[ZONE_PREPARED_PARTS];
};

/* Writes one set with the owner name `owner` and adds its records to `*count`. Returns false, with
 * nothing written, if it does not fit. */
bool answer_rrset_put(struct answer_compose *c, const uint8_t *owner,
		      const struct zone_rrset *rrset, uint16_t *count);

/* Notes that a set ends here, if the answer may be prepared and its parts are still wanted. */
void answer_rrset_end_part(struct answer_compose *c);

/* Writes the additional section for c->set: the addresses of targets, and for the targets of PTRs
 * SRV and TXT too (RFC 6763 section 12). Stops at the first set that does not fit. */
void answer_additional_put(struct answer_compose *c);

/* Writes the glue of a referral for the delegation `cut`, a full wire name, with the NS set `ns`.
 * Returns false if required glue does not fit (RFC 9471). */
bool answer_additional_put_glue(struct answer_compose *c, const struct zone_snapshot *s,
				const uint8_t *cut, const struct zone_rrset *ns);

/* Returns whether a name that a zone of `labels` labels does not have is the zone's `_whoami`, and
 * the peer is known. */
bool answer_whoami_is(const struct answer_compose *c, const struct dns_question *q,
		      unsigned labels);

enum { ANSWER_WHOAMI_MAX = 96 };

/* Makes `rrset` the TXT of `_whoami`: address and port of the peer, TTL 0. `data` is its memory. */
void answer_whoami_make(const struct answer_compose *c, struct zone_rrset *rrset,
			uint8_t data[static ANSWER_WHOAMI_MAX]);
