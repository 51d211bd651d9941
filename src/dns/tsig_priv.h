/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* dns/tsig_priv.h - what the two sides of a transaction signature have in common: the form of the
 * record, and the octets that its MAC covers. For tsig.c and tsig_client.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "dns/tsig.h"

/* The parts of a record that are needed only during the check. */
struct dns_tsig_record {
	const uint8_t *mac, *other;
	uint16_t mac_nbytes, other_nbytes, error;
	size_t algorithm_nbytes;
};

/* The times in a record that is written. */
struct dns_tsig_times {
	uint64_t signed_s;
	uint16_t fudge_s;
	uint8_t other[6]; /* with BADTIME the server's time */
};

/* Returns the octets of the shortest MAC that RFC 8945 section 5.2.2.1 allows: 10, or half the hash
 * if that is more. */
unsigned dns_tsig_shortest_mac(enum dns_hmac_hash hash);

/* Parses the record at `offset` into `r`, and owner, algorithm, times and original id into `t`.
 * Returns false if it is malformed. */
bool dns_tsig_record_parse(struct dns_tsig *t, struct dns_tsig_record *r, const uint8_t *msg,
			   size_t nbytes, size_t offset);

/* Adds the message without its TSIG, with the original id (section 4.3.2). */
void dns_tsig_digest_message(struct dns_hmac *h, const struct dns_tsig *t, const uint8_t *msg,
			     size_t nbytes, uint16_t arcount);

/* Adds the TSIG variables (section 4.3.3), except for the other data. */
void dns_tsig_digest_variables(struct dns_hmac *h, const struct dns_tsig *t, uint64_t time_s,
			       uint16_t fudge_s, uint16_t error, uint16_t other_nbytes);

/* Writes the record. */
void dns_tsig_record_write(struct base_out *o, const struct dns_tsig *t,
			   const struct dns_tsig_times *times, size_t mac_nbytes);
