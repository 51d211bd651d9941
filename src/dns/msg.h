/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* dns/msg.h - DNS messages (RFC 1035 section 4): reading header, question and records; writing with
 * compression.
 *
 * A parsed message is a view of the packet: pointers in it are valid as long as the packet. It does
 * not know what a message asks for. No state but in the writer, which belongs to one thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "dns/name.h"

struct dns_edns;

enum {
	DNS_HEADER_SIZE = 12, /* octets */
	DNS_MSG_MAX = 65535,  /* octets of the longest message, over TCP */

	/* Bits of the flag word (RFC 1035 section 4.1.1, RFC 4035 section 3). */
	DNS_FLAG_QR = 0x8000,
	DNS_FLAG_AA = 0x0400,
	DNS_FLAG_TC = 0x0200,
	DNS_FLAG_RD = 0x0100,
	DNS_FLAG_RA = 0x0080,
	DNS_FLAG_AD = 0x0020,
	DNS_FLAG_CD = 0x0010,
	DNS_FLAG_RCODE = 0x000f,
};

/* The header: the count of each section is that of the sender, not checked. */
struct dns_header {
	uint16_t id, flags, qdcount, ancount, nscount, arcount;
};

/* Reads the DNS_HEADER_SIZE octets of the header; `b` fails if there are fewer. */
struct dns_header dns_header_parse(struct base_buf *b);

/* Returns the opcode in a flag word: DNS_OPCODE_... */
static inline unsigned dns_flags_opcode(uint16_t flags)
{
	return flags >> 11 & 15;
}

/* A question, with what every look-up needs to know about its name. */
struct dns_question {
	const uint8_t *name; /* a view of the message, uncompressed, case as sent */
	uint16_t type, qclass;
	uint8_t nbytes;			   /* length of the name, root label included */
	uint8_t nlabels;		   /* labels of the name, the root not counted */
	uint8_t label[DNS_LABELS_MAX + 1]; /* offset of each label in the name, the root last */
	uint8_t lower[DNS_NAME_MAX];	   /* the name in lower case */
};

/* Parses the question that follows the header. A compressed name is malformed: there is no name
 * before it to point at. Returns true, or false with `b` failed. `q` borrows the message. */
bool dns_question_parse(struct base_buf *b, struct dns_question *q);

/* Makes a question of a valid uncompressed name, which is borrowed. */
void dns_question_make(struct dns_question *q, const uint8_t *name, uint16_t type, uint16_t qclass);

/* One record of a message. Its rdata is as sent: not checked, and names in it may be compressed. */
struct dns_rr {
	uint8_t owner[DNS_NAME_MAX]; /* uncompressed */
	uint16_t type, rrclass;
	uint32_t ttl;
	uint16_t rdlength;     /* octets of rdata, as sent */
	struct base_buf rdata; /* cursor in the whole message, at the first octet of rdata */
};

/* Parses one record and moves `b` to the octet after the record. Returns true, or false with `b`
 * failed if the record is cut short or its owner malformed. */
bool dns_rr_parse(struct base_buf *b, struct dns_rr *rr);

/* Moves `b` to the octet after one record, which is parsed no further; `b` fails if the record is
 * cut short.
 */
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

enum { DNS_WRITER_NAMES = 64 }; /* names and their tails that later names can point to */

/* A message that is being written. Names are compressed against all names written before, those of
 * questions included. Once something does not fit, `out.is_full` is set and nothing more is
 * written.
 */
struct dns_writer {
	struct base_out out;		   /* over the whole message, header included */
	uint16_t offset[DNS_WRITER_NAMES]; /* of names and their tails in the message */
	uint16_t print[DNS_WRITER_NAMES];  /* of the first label of each: what differs in it is not
					      the name that is looked for */
	unsigned noffset;
	bool is_case_kept; /* names that differ in case are not compressed (RFC 5936 section 3.4) */
};

/* Starts a message of at most `nbytes` at `bytes`, which is borrowed. The first DNS_HEADER_SIZE
 * octets are left for dns_writer_header. */
void dns_writer_init(struct dns_writer *w, uint8_t *bytes, size_t nbytes);

/* Writes the header at the start of the message, at any time after dns_writer_init. */
void dns_writer_header(struct dns_writer *w, const struct dns_header *h);

/* Makes a name that was written by other means, at `offset` of the message, known to the writer:
 * later names may point to it and to its tails, up to a pointer in it. */
void dns_writer_know(struct dns_writer *w, size_t offset);

/* Writes a name, compressed if `compress` (RFC 1035 section 4.1.4). In both cases later names may
 * point into it. */
void dns_writer_name(struct dns_writer *w, const uint8_t *name, bool compress);

/* Writes one record with valid uncompressed rdata of `nbytes`. Its owner is compressed, names in
 * the rdata are where the type allows it (RFC 3597 section 4). */
void dns_writer_rr(struct dns_writer *w, const uint8_t *owner, uint16_t type, uint16_t rrclass,
		   uint32_t ttl, const uint8_t *rdata, size_t nbytes);

/* Writes `owner` compressed. Returns a compression pointer (RFC 1035 section 4.1.4) by which
 * further records of this owner can name it, or 0 if a pointer cannot reach it. */
uint16_t dns_writer_owner(struct dns_writer *w, const uint8_t *owner);

/* Writes the part of a record after its owner: type, class, TTL, and rdata as dns_writer_rr does.
 */
void dns_writer_after_owner(struct dns_writer *w, uint16_t type, uint16_t rrclass, uint32_t ttl,
			    const uint8_t *rdata, size_t nbytes);

/* A position to return to when a record or an RRset does not fit. */
struct dns_writer_mark {
	uint8_t *at;	  /* end of what is kept */
	unsigned noffset; /* names known there */
};

/* Returns the present position, valid until the writer is rewound to an earlier one. */
static inline struct dns_writer_mark dns_writer_mark(const struct dns_writer *w)
{
	return (struct dns_writer_mark){.at = w->out.at, .noffset = w->noffset};
}

/* Removes everything that was written after the mark; the writer is not full then. */
static inline void dns_writer_rewind(struct dns_writer *w, struct dns_writer_mark m)
{
	w->out.at = m.at;
	w->out.is_full = false;
	w->noffset = m.noffset;
}
