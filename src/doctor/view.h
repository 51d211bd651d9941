/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* doctor/view.h - what one server answers to one question, with all that may be wrong with it.
 *
 * A copy of the message's content. It does not know which server was asked, or what others answer.
 * One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"
#include "resolve/message.h"

enum doctor_outcome {
	DOCTOR_UNASKED,
	DOCTOR_ANSWERED,
	DOCTOR_SILENT, /* nothing has come in time */
	DOCTOR_FAILED, /* `error` is why */
};

enum {
	DOCTOR_RECORDS_MAX = 4096, /* of a message; others are ignored */
	DOCTOR_TEXT_MAX = 160,
};

/* One record of an answer. */
struct doctor_record {
	enum resolve_section section;
	uint8_t owner[DNS_NAME_MAX]; /* lower case */
	uint16_t type, nbytes;
	uint32_t ttl;
	uint8_t *rdata; /* laid out (dns/rdata.h) */
};

struct doctor_view {
	enum doctor_outcome outcome;
	int error;	 /* negative errno of DOCTOR_FAILED */
	uint32_t rtt_us; /* until the answer, connecting included */
	uint64_t at_ms;	 /* when it came, on the steady clock */
	unsigned rcode;	 /* with the upper bits of the OPT record */
	bool is_authoritative, is_truncated, is_recursive;
	bool has_edns;	   /* has an OPT record */
	bool is_case_kept; /* the question came back as it was sent, letter by letter */
	bool is_malformed; /* cut short, or a record is invalid: those before are there */
	int ede;	   /* extended error (RFC 8914), DNS_EDE_NONE if there is none */
	char ede_text[DOCTOR_TEXT_MAX]; /* escaped for a terminal */
	struct doctor_record *records;
	size_t nrecords;
};

/* The extended errors by which a resolver explains what it has done (RFC 8914 section 4). */
enum {
	DOCTOR_EDE_STALE = 3,
	DOCTOR_EDE_BOGUS = 6,
	DOCTOR_EDE_DNSSEC_LAST = 12, /* 6 to 12 are about DNSSEC, with 1, 2, 5 and 27 */
	DOCTOR_EDE_STALE_NXDOMAIN = 19,
};

/* Reads a message, if it answers the query with this id and question. Returns 1 with the content in
 * `v`, which has been all zero; 0 if it is not the answer; -ENOMEM with `v` empty. */
int doctor_view_take(struct doctor_view *v, const uint8_t *msg, size_t nbytes, uint16_t id,
		     const uint8_t *name, uint16_t type);

/* Frees the records; the view is all zero then. */
void doctor_view_fini(struct doctor_view *v);

/* Returns whether it has an answer: NOERROR or NXDOMAIN, and not truncated. */
bool doctor_view_is_good(const struct doctor_view *v);

/* Returns the next record of the type in the section after `last`, or the first one if that is
 * NULL; NULL at the end. */
const struct doctor_record *doctor_view_next(const struct doctor_view *v,
					     enum resolve_section section, uint16_t type,
					     const struct doctor_record *last);

/* Returns how many records of the type the section has. */
size_t doctor_view_count(const struct doctor_view *v, enum resolve_section section, uint16_t type);

/* Returns the first SOA record, of the answer or the authority section, or NULL. */
const struct doctor_record *doctor_view_soa(const struct doctor_view *v);

/* Returns the record of the answer with this type and rdata, or NULL. */
const struct doctor_record *doctor_view_find(const struct doctor_view *v, uint16_t type,
					     const uint8_t *rdata, size_t nbytes);

/* Returns whether the extended error is about DNSSEC. */
bool doctor_view_is_bogus(const struct doctor_view *v);

/* Returns for people why there is no answer. */
const char *doctor_view_failure(const struct doctor_view *v);
