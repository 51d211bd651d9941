/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* doctor/probe.h - one question to one server, exactly as it is wanted: transport, EDNS, flags.
 *
 * Unlike a look-up (resolve/lookup.h) it asks no other server, and repairs nothing: what goes wrong
 * is the result. It does not judge. One thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dns/tsig_client.h"
#include "doctor/view.h"
#include "resolve/events.h"
#include "resolve/stream.h"

enum doctor_transport { DOCTOR_UDP, DOCTOR_TCP, DOCTOR_TLS };

/* A question, for its owner to fill in; the rest is private but for `view`. */
struct doctor_probe {
	struct resolve_endpoint to;
	enum doctor_transport transport;
	uint8_t name[DNS_NAME_MAX]; /* case is sent as it is */
	uint16_t type;
	bool is_recursive;		/* RD */
	bool is_unchecked;		/* CD: not validated */
	bool has_edns;			/* an OPT record */
	const struct dns_tsig_key *key; /* sign with it; NULL: do not */

	struct doctor_view view;	  /* the result */
	enum dns_tsig_response signature; /* of the answer, with a key */
	uint64_t server_s;		  /* the server's clock, with BADTIME */

	/* private */
	struct doctor_round *round;
	struct resolve_descriptor udp;
	struct resolve_stream stream;
	struct resolve_timer again;
	struct dns_tsig_request request;
	uint64_t started_us;
	uint16_t id;
	bool is_done;
	uint8_t query[DNS_HEADER_SIZE + DNS_NAME_MAX + 512];
	size_t nquery;
};

enum { DOCTOR_AGAIN_MS = 700 }; /* after which a question over UDP is sent again */

/* Asks all of them at the same time and waits until each is answered or has failed, at most until
 * `deadline_ms` on the steady clock. `tls` is for those over TLS. */
void doctor_probes_run(struct doctor_probe *const *probes, size_t n, struct fabric_tls_context *tls,
		       uint64_t deadline_ms);

/* Frees the results. */
void doctor_probe_fini(struct doctor_probe *p);
