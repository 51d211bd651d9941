/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* answer/answer.h - the answer to a question (RFC 1034 section 4.3.2 and its successors).
 *
 * Writes the sections of a response after its question, from a look-up (answer/lookup.h). It knows
 * no EDNS, no transport, and no limit but the capacity of the writer. Any thread, inside the RCU
 * read section of the look-up. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "answer/lookup.h"
#include "dns/msg.h"

/* What the caller puts into the header and the OPT record. */
struct answer {
	uint16_t rcode; /* DNS_RCODE_... */
	bool is_authoritative;
	bool is_truncated;
	uint16_t ancount, nscount, arcount; /* records written to each section */
	int ede; /* extended error that explains the answer (RFC 8914), or DNS_EDE_NONE */
};

/* Step 5 of a look-up: writes answer, authority and additional section to `w`, which holds a header
 * and the question with its name uncompressed, and fills in `a`. If a required record does not fit,
 * the answer is truncated and its sections are empty; additional records that do not fit are left
 * out, a whole RRset at a time. The RCODE is REFUSED for a name in no zone of the catalog, SERVFAIL
 * for one in a zone without a version. */
void answer_write(const struct answer_lookup *l, struct dns_writer *w, struct answer *a);
