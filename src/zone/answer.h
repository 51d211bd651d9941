/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* zone/answer.h - the answer to a question (RFC 1034 section 4.3.2 and its successors).
 *
 * Writes the sections of a response after its question, from a look-up (zone/lookup.h). An answer
 * knows no EDNS, no transport, and no limit but the capacity of the writer. Any thread, inside the
 * RCU read section of the look-up. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dns/msg.h"
#include "zone/lookup.h"

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
