/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/answer.h - the answer to a question (RFC 1034 section 4.3.2 and what has been added since).
 *
 * A look-up goes in steps so that a worker can begin those of a whole batch before it needs the
 * first: each step touches what the step before has prefetched. Then the sections are written
 * behind the question. It knows no EDNS, no transport, no limits but the room in the writer. Any
 * thread, inside one RCU read section from the first step to the last. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dns/msg.h"

struct zone;
struct zone_catalog;
struct zone_node;
struct zone_snapshot;

struct zone_lookup {
	const struct dns_question *question;
	const struct zone_catalog *catalog;
	struct zone *zone;		      /* NULL: in no zone of ours */
	const struct zone_snapshot *snapshot; /* NULL: the zone is not loaded */
	const struct zone_node *node;	      /* candidate from the index, or NULL */
	uint64_t hash;
	uint8_t octets; /* of the name relative to the zone */
	bool is_do;	/* the client wants DNSSEC data; false until the caller says so */
};

/* Step 1: finds the zone. */
void zone_lookup_begin(struct zone_lookup *l, const struct zone_catalog *catalog,
		       const struct dns_question *q);

/* Step 2: finds the node. */
void zone_lookup_node(struct zone_lookup *l);

/* Step 3: finds what is kept ready for it. */
void zone_lookup_prepared(const struct zone_lookup *l);

/* Step 4: finds out whether that is still good. */
void zone_lookup_stamps(const struct zone_lookup *l);

struct zone_answer {
	uint16_t rcode;
	bool is_authoritative;
	bool is_truncated;
	uint16_t ancount, nscount, arcount;
	int ede; /* DNS_EDE_NONE, or what explains the answer */
};

/* Step 5: writes answer, authority and additional section to `w`, which holds header and question
 * (the question's name uncompressed at offset 12). What the answer needs and does not fit makes it
 * truncated, with empty sections; additional records are left out one RRset at a time. REFUSED
 * outside our zones, SERVFAIL in a zone that is not loaded. */
void zone_answer_write(const struct zone_lookup *l, struct dns_writer *w, struct zone_answer *a);
