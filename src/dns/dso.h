/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* dns/dso.h - messages of DNS Stateful Operations (RFC 8490) and DNS Push (RFC 8765): the header
 * without sections, and the TLVs after it.
 *
 * Parsing yields views of the packet. It knows the form of a message, the fields of the base TLVs,
 * and where a type may be used, but not what a session makes of a message. No I/O, no state; any
 * thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "dns/msg.h"

enum {
	/* DSO-TYPEs (RFC 8490 section 7, RFC 8765 section 6) */
	DNS_DSO_KEEPALIVE = 0x0001,
	DNS_DSO_RETRY_DELAY = 0x0002,
	DNS_DSO_PADDING = 0x0003,
	DNS_DSO_SUBSCRIBE = 0x0040,
	DNS_DSO_PUSH = 0x0041,
	DNS_DSO_UNSUBSCRIBE = 0x0042,
	DNS_DSO_RECONFIRM = 0x0043,

	DNS_DSO_TLV_SIZE = 4,	  /* bytes of a TLV without data */
	DNS_DSO_PUSH_MAX = 16382, /* bytes of a PUSH message (RFC 8765 section 6.3.1) */

	/* RFC 8490 section 6 */
	DNS_DSO_TIMEOUT_DEFAULT_MS = 15000, /* both timeouts, until a Keepalive sets others */
	DNS_DSO_KEEPALIVE_LEAST_MS = 10000, /* no server may dictate a shorter interval */
	DNS_DSO_GRACE_LEAST_MS = 5000,	    /* for a client to close an inactive session */
	DNS_DSO_CLOSE_MS = 5000,	    /* for a client to close after a Retry Delay */
	DNS_DSO_ESTABLISH_MS = 30000,	    /* for the first response, at the client */

	/* RFC 8467 section 4.1: requests and responses are padded to multiples of these */
	DNS_DSO_PAD_REQUEST = 128,
	DNS_DSO_PAD_RESPONSE = 468,
};

/* What a change in a PUSH message is, by its TTL (RFC 8765 section 6.3.1). */
#define DNS_DSO_TTL_MAX UINT32_C(0x7fffffff)	    /* up to here: the record is added */
#define DNS_DSO_TTL_REMOVE_ALL UINT32_C(0xfffffffe) /* an RRset or all of a name are removed */
#define DNS_DSO_TTL_REMOVE UINT32_C(0xffffffff)	    /* the record is removed */

/* A timeout that never ends, and the longest retry delay (RFC 8490 sections 6.4.2 and 6.6.3). */
#define DNS_DSO_INFINITE UINT32_C(0xffffffff)

/* Where a TLV may be used: the columns of the tables in RFC 8490 section 8.2 and RFC 8765 section
 * 6.6. */
enum dns_dso_use {
	DNS_DSO_CLIENT_REQUEST = 1 << 0,	     /* C-P */
	DNS_DSO_CLIENT_UNIDIRECTIONAL = 1 << 1,	     /* C-U */
	DNS_DSO_CLIENT_ADDITIONAL = 1 << 2,	     /* C-A */
	DNS_DSO_CLIENT_RESPONSE = 1 << 3,	     /* CRP: first in the server's response */
	DNS_DSO_CLIENT_RESPONSE_ADDITIONAL = 1 << 4, /* CRA */
	DNS_DSO_SERVER_REQUEST = 1 << 5,	     /* S-P */
	DNS_DSO_SERVER_UNIDIRECTIONAL = 1 << 6,	     /* S-U */
	DNS_DSO_SERVER_ADDITIONAL = 1 << 7,	     /* S-A */
	DNS_DSO_SERVER_RESPONSE = 1 << 8,	     /* SRP: first in the client's response */
	DNS_DSO_SERVER_RESPONSE_ADDITIONAL = 1 << 9, /* SRA */
};

/* Returns where a TLV of this type may be used, the sum of enum dns_dso_use; 0 if the type is
 * unknown. */
unsigned dns_dso_uses(uint16_t type);

/* ---- reading ---- */

/* One TLV. `data` is a cursor over its data whose start is that of the message, as compression
 * pointers demand (RFC 8765 section 6.3.1). */
struct dns_dso_tlv {
	uint16_t type;
	struct base_buf data;
};

/* What is wrong with the form of a message. */
enum dns_dso_fault {
	DNS_DSO_VALID,
	DNS_DSO_SHORT,	/* not even a header: no other field of the message is set */
	DNS_DSO_COUNTS, /* a count is not zero (RFC 8490 section 5.4) */
	DNS_DSO_NO_TLV, /* neither a response nor with a primary TLV (section 5.4.2) */
	DNS_DSO_CUT,	/* a TLV ends after the end of the message */
};

/* A DSO message. Its kind follows from two fields (section 8.1): without `is_response` it is a
 * request if `id` is not 0, else unidirectional; with it, `id` must not be 0. */
struct dns_dso {
	uint16_t id;
	bool is_response;
	uint8_t rcode;	/* of a response, or of a Retry Delay message */
	bool has_tlv;	/* a response may have no TLV at all */
	bool is_padded; /* a TLV after the first is an Encryption Padding TLV */
	struct dns_dso_tlv primary;
	struct base_buf rest; /* the TLVs after the first, for dns_dso_next */
};

/* Parses a message of `nbytes`, whose opcode the caller has found to be DNS_OPCODE_DSO. The Z bits
 * are ignored (section 5.4.1). Returns the first fault; but for DNS_DSO_SHORT, `m` then has the
 * fields of the header. `m` borrows the message. */
enum dns_dso_fault dns_dso_parse(const uint8_t *msg, size_t nbytes, struct dns_dso *m);

/* Takes the next TLV. Returns false at the end, or with `tlvs` failed if the TLV is cut short. */
bool dns_dso_next(struct base_buf *tlvs, struct dns_dso_tlv *tlv);

/* Finds the first TLV of this type among those after the first. Returns false if there is none. */
bool dns_dso_find(const struct dns_dso *m, uint16_t type, struct dns_dso_tlv *tlv);

/* The two session timeouts, in milliseconds; DNS_DSO_INFINITE: never (section 7.1). */
struct dns_dso_timeouts {
	uint32_t inactivity_ms;
	uint32_t keepalive_ms;
};

/* Reads a Keepalive TLV. Returns false if its length is not 8. */
bool dns_dso_keepalive_parse(const struct dns_dso_tlv *tlv, struct dns_dso_timeouts *timeouts);

/* Reads a Retry Delay TLV (section 7.2). Returns false if its length is not 4. */
bool dns_dso_retry_delay_parse(const struct dns_dso_tlv *tlv, uint32_t *delay_ms);

/* ---- writing ---- */

/* Writes the header at the start of `o`: of a request, or of a unidirectional message with `id`
 * 0. */
void dns_dso_header_write(struct base_out *o, uint16_t id, uint8_t rcode);

/* Writes the header of a response. */
void dns_dso_response_write(struct base_out *o, uint16_t id, uint8_t rcode);

/* Begins a TLV. Returns its offset, for dns_dso_tlv_end, which sets the length. In between the
 * caller writes the data, at most 65535 bytes. */
size_t dns_dso_tlv_begin(struct base_out *o, uint16_t type);
void dns_dso_tlv_end(struct base_out *o, size_t offset);

/* Writes a Keepalive TLV. */
void dns_dso_keepalive_write(struct base_out *o, const struct dns_dso_timeouts *timeouts);

/* Writes a Retry Delay TLV. */
void dns_dso_retry_delay_write(struct base_out *o, uint32_t delay_ms);

/* Adds an Encryption Padding TLV of zeros as the last one: the message, which starts where `o`
 * does, gets a multiple of `block` bytes (RFC 8467), or all that `o` has room for if that is less;
 * nothing is added if the TLV itself does not fit. */
void dns_dso_pad(struct base_out *o, size_t block);
