/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* message.h - the parts that messages of a load are made of: header, records, the lease option,
 * and signatures.
 *
 * A message may be made once; for each sending it only gets another ID and time, and is signed. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "dns/hmac.h"
#include "dns/name.h"

enum { MESSAGE_MAX = 1024, SIGNATURE_MAX = 400 };

/* A TSIG key for hmac-sha256, and the parts of a signature that do not change. */
struct signer {
	struct dns_hmac_key hmac;
	uint8_t name[DNS_NAME_MAX];
	size_t nname;
};

/* Makes a signer of a name and a secret in base64. Returns 0, or -1 if they are invalid. */
int signer_init(struct signer *s, const char *name, const char *secret);

/* Gives the message the ID and appends the signature. Returns the new length; the message must
 * have room for SIGNATURE_MAX more octets. */
size_t signer_sign(const struct signer *s, uint8_t *msg, size_t nbytes, uint16_t id,
		   uint64_t now_s);

/* What the messages are about. */
struct subject {
	const uint8_t *zone; /* wire name */
	uint32_t lease_s;
};

/* Writes the header of a query or an update with one question or zone, `nupdates` records in the
 * update section, and an OPT record. The ID comes with the signature. */
void message_header(struct base_out *o, unsigned opcode, unsigned nupdates);

/* Writes a record up to its data; the caller adds the `nbytes` of it. */
void message_record(struct base_out *o, const uint8_t *owner, size_t nowner, uint16_t type,
		    uint16_t class, uint32_t ttl_s, size_t nbytes);

/* Writes the OPT record, with the lease (RFC 9664) that is asked for; 0: without one. */
void message_option(struct base_out *o, uint32_t lease_s);
