/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* transfer/out.h - an outgoing zone transfer: AXFR (RFC 5936), and IXFR (RFC 1995), which is
 * answered with the whole zone, or with the SOA alone if the client has the current version.
 *
 * A transfer writes one message after the other from one version of the zone, whatever is published
 * meanwhile. It does not know connections, permissions or configuration. It belongs to one thread,
 * inside whose RCU read section its functions are called.
 *
 * In order: transfer_out_new, transfer_out_begin, transfer_out_next until `is_done`,
 * transfer_out_log, transfer_out_free. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "dns/record.h"
#include "dns/response.h"
#include "dns/tsig.h"

struct zone;
struct zone_cursor;
struct zone_snapshot;

struct transfer_out {
	/* the request */
	struct zone *zone;	      /* borrowed until transfer_out_free */
	struct dns_response response; /* with pointers to `key` and `question` */
	struct dns_tsig_key key;      /* a copy; all zero if the request was not signed */
	uint8_t question[DNS_NAME_MAX + 4];
	bool is_ixfr;
	uint32_t client_serial; /* of an IXFR: the version that the client has */

	/* from transfer_out_begin on */
	const struct zone_snapshot *snapshot; /* NULL: the zone is not loaded */
	struct zone_cursor *cursor;
	struct dns_record record; /* the next to be written */
	struct dns_record soa;	  /* the first, which is the last as well */
	uint16_t rcode;		  /* SERVFAIL: the transfer could not be completed */
	bool is_last;		  /* `record` is the SOA at the end */
	bool is_done;		  /* the last message has been written */

	/* for the log */
	uint64_t begun_ms; /* steady clock */
	uint64_t nrecords, nmessages, nbytes;
};

/* Makes a transfer of `zone`, asked for by a verified request: `type` is AXFR or IXFR, `msg` the
 * message, and `response` the frame of its answer. What the transfer needs of them is copied, the
 * key included. Returns 0, -ENOMEM, or -EBADMSG for an IXFR without the client's SOA. */
int transfer_out_new(struct transfer_out **out, struct zone *zone, uint16_t type,
		     const uint8_t *msg, size_t nbytes, const struct dns_response *response);

/* Releases the zone's version, wipes the key and frees the transfer. NULL is fine. */
void transfer_out_free(struct transfer_out *t);

/* Acquires the current version of the zone; the transfer is of this version from now on. If that
 * fails, the transfer will consist of one message with SERVFAIL. */
void transfer_out_begin(struct transfer_out *t, uint64_t now_ms);

/* Writes the next message, signed if the request was, to `out`, which has room for `size` bytes, at
 * least DNS_MSG_MAX. Returns its length, and sets `is_done` with the last message. */
size_t transfer_out_next(struct transfer_out *t, const struct dns_responder *by, uint8_t *out,
			 size_t size);

/* Logs at level info how the transfer to `client` ended. */
void transfer_out_log(const struct transfer_out *t, uint64_t now_ms, const struct sockaddr *client);
