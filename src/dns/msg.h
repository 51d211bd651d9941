/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* dns/msg.h - DNS messages (RFC 1035 section 4): reading header, question and records; writing with
 * compression.
 *
 * A read message is a view of the packet: pointers in it live as long as the packet. Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "dns/name.h"

struct dns_edns;

enum {
	DNS_HEADER_SIZE = 12,
	DNS_MSG_MAX = 65535,

	/* The flag word. */
	DNS_FLAG_QR = 0x8000,
	DNS_FLAG_AA = 0x0400,
	DNS_FLAG_TC = 0x0200,
	DNS_FLAG_RD = 0x0100,
	DNS_FLAG_RA = 0x0080,
	DNS_FLAG_AD = 0x0020,
	DNS_FLAG_CD = 0x0010,
	DNS_FLAG_RCODE = 0x000f,
};

struct dns_header {
	uint16_t id, flags, qdcount, ancount, nscount, arcount;
};

/* Reads the 12 octets of the header. */
struct dns_header dns_header_parse(struct base_buf *b);

static inline unsigned dns_flags_opcode(uint16_t flags)
{
	return flags >> 11 & 15;
}

/* A question, with what every look-up needs of its name. */
struct dns_question {
	const uint8_t *name; /* in the message, uncompressed, case as asked */
	uint16_t type, qclass;
	uint8_t octets;			   /* of the name, root label included */
	uint8_t nlabels;		   /* the root not counted */
	uint8_t label[DNS_LABELS_MAX + 1]; /* where each label starts, the root last */
	uint8_t lower[DNS_NAME_MAX];	   /* the name in lower case */
};

/* Reads the question behind the header. A compressed name has nothing to point at there, and is
 * malformed. Returns false with `b` failed. */
bool dns_question_parse(struct base_buf *b, struct dns_question *q);

/* Makes a question of an uncompressed name. */
void dns_question_make(struct dns_question *q, const uint8_t *name, uint16_t type, uint16_t qclass);

/* One record as it stands in a message. `rdata` points at what the sender wrote, names in it may be
 * compressed. */
struct dns_rr {
	uint8_t owner[DNS_NAME_MAX];
	uint16_t type, rrclass;
	uint32_t ttl;
	uint16_t rdlength;
	struct base_buf rdata; /* cursor in the whole message, at the first octet of rdata */
};

/* Reads one record and steps behind it. Returns false with `b` failed if it is cut short or
 * malformed. */
bool dns_rr_parse(struct base_buf *b, struct dns_rr *rr);

/* Steps over one record. */
void dns_rr_skip(struct base_buf *b);

/* Scans the records of a request in one pass, up to the end of the message, for the two that are
 * about the message itself. `h` is the header; `b` is at the first octet after the questions.
 * Parses the OPT record into `edns`, whose `is_present` remains false if there is no OPT, and
 * writes to `tsig_offset` where in the message the TSIG record starts, 0 if there is no TSIG. Both
 * are looked for in the additional section only; a TSIG in another section signs nothing.
 *
 * Returns false if the message is malformed (FORMERR): a record is cut short, octets follow the
 * last record, an OPT has an owner other than the root or is the second (RFC 6891 section 6.1.1),
 * or a TSIG is not the last record (RFC 8945 section 5.1). `edns` and `tsig_offset` then contain
 * what was found before the fault: an answer with an error needs it. */
bool dns_msg_scan(struct base_buf *b, const struct dns_header *h, struct dns_edns *edns,
		  size_t *tsig_offset);

/* A message being written. Names are compressed against all names written before, questions
 * included. Once something did not fit, nothing more is written and `out.is_full` tells. */
enum { DNS_WRITER_NAMES = 64 };
struct dns_writer {
	struct base_out out;
	uint16_t offset[DNS_WRITER_NAMES]; /* where names and their tails stand */
	unsigned noffset;
	bool is_case_kept; /* names that differ in case are not compressed (RFC 5936 section 3.4) */
};

/* Starts a message in `nbytes` of room at `bytes`; 12 octets are left for the header, to be put in
 * by dns_writer_header. */
void dns_writer_init(struct dns_writer *w, uint8_t *bytes, size_t nbytes);

/* Writes the header over the first 12 octets. */
void dns_writer_header(struct dns_writer *w, const struct dns_header *h);

/* Tells the writer of a name that already stands in the message, uncompressed, at `offset`. */
void dns_writer_know(struct dns_writer *w, size_t offset);

/* Writes a name, with compression if `compress`; either way later names may point into it. */
void dns_writer_name(struct dns_writer *w, const uint8_t *name, bool compress);

/* Writes one record; the names in its rdata are compressed where the type allows (RFC 3597 section
 * 4). */
void dns_writer_rr(struct dns_writer *w, const uint8_t *owner, uint16_t type, uint16_t rrclass,
		   uint32_t ttl, const uint8_t *rdata, size_t nbytes);

/* Writes `owner` as dns_writer_name does, and returns a pointer with which more records of this
 * owner can be written; 0 if there is none. */
uint16_t dns_writer_owner(struct dns_writer *w, const uint8_t *owner);

/* Writes what comes behind the owner of a record. */
void dns_writer_after_owner(struct dns_writer *w, uint16_t type, uint16_t rrclass, uint32_t ttl,
			    const uint8_t *rdata, size_t nbytes);

/* What to go back to when a record or RRset did not fit. */
struct dns_writer_mark {
	uint8_t *at;
	unsigned noffset;
};

static inline struct dns_writer_mark dns_writer_mark(const struct dns_writer *w)
{
	return (struct dns_writer_mark){.at = w->out.at, .noffset = w->noffset};
}

static inline void dns_writer_rewind(struct dns_writer *w, struct dns_writer_mark m)
{
	w->out.at = m.at;
	w->out.is_full = false;
	w->noffset = m.noffset;
}
