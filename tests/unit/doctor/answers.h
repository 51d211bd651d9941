/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* answers.h - answers made of a few records, as views.
 *
 * Any function here fails the running test on an error. List answers.c among the program's sources.
 */
#pragma once

#include "dns/msg.h"
#include "doctor/view.h"

enum { ANSWER_ID = 4711, ANSWER_SIZE = 4096 };

/* A record of an answer; `rdata` depends on the type: "10 80 n1." is an SRV with weight, port and
 * target; "7" is an SOA with this serial; an A has an address, a TXT one string. */
struct answer_record {
	enum resolve_section section;
	const char *owner;
	uint16_t type;
	uint32_t ttl;
	const char *rdata;
};

struct answer {
	const char *name;
	uint16_t type;
	uint16_t flags;			     /* with QR, and the RCODE */
	int ede;			     /* DNS_EDE_NONE: without; below that: no OPT record */
	const struct answer_record *records; /* in the order of their sections */
	size_t nrecords;
};

enum { ANSWER_NO_EDNS = -2 };

/* Writes the message to `out`. Returns its length. */
size_t answer_write(uint8_t out[static ANSWER_SIZE], const struct answer *a);

/* Writes the message, and reads it into a view, for doctor_view_fini. */
void answer_take(struct doctor_view *v, const struct answer *a);
