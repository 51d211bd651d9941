/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* message.h - the messages of the load: registrations with a lease, queries, and their signatures.
 *
 * A registration is made once; for each sending it only gets another ID and time, and is signed. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "dns/hmac.h"
#include "dns/name.h"

enum { MESSAGE_MAX = 1024, SIGNATURE_MAX = 400 };

/* A TSIG key for hmac-sha256, and all of a signature that does not change. */
struct signer {
	struct dns_hmac_key hmac;
	uint8_t name[DNS_NAME_MAX];
	size_t nname;
};

/* Makes one of a name and a secret in base64. 0, or -1 if they are none. */
int signer_init(struct signer *s, const char *name, const char *secret);

/* Gives the message the ID, appends the signature. Returns the new length; there must be room for
 * SIGNATURE_MAX more. */
size_t signer_sign(const struct signer *s, uint8_t *msg, size_t nbytes, uint16_t id,
		   uint64_t now_s);

/* What the messages are about. */
struct subject {
	const uint8_t *zone; /* wire name */
	uint32_t lease_s;
};

/* Writes the registration, which is also the refresh, of service number `i`: SRV and TXT anew, and
 * the PTR. Returns its length. */
size_t message_registration(const struct subject *about, uint32_t i, uint8_t out[MESSAGE_MAX]);

/* The same for a query after the service's SRV. */
size_t message_query(const struct subject *about, uint32_t i, uint8_t out[MESSAGE_MAX]);
