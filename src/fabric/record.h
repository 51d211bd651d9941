/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* fabric/record.h - the public half of a fabric as DNS records (RFC 4034 section 2, RFC 8080).
 *
 * As a DNSKEY it verifies the signatures of the zone, as a KEY what the fabric signs with SIG(0)
 * (RFC 2931). Knows no zone. No state, any thread. */
#pragma once

#include <stdint.h>

#include "fabric/fabric.h"

enum {
	FABRIC_DNSKEY_FLAGS = 257, /* zone key, secure entry point (RFC 4034 section 2.1.1) */
	FABRIC_KEY_FLAGS = 0,	   /* not a zone key (RFC 3445 section 3, RFC 9665 section 3.2) */
	FABRIC_KEY_ALGORITHM = 15, /* Ed25519 */
	FABRIC_KEY_PROTOCOL = 3,   /* DNSSEC */
	FABRIC_RECORD_TTL = 3600,  /* seconds */
	FABRIC_RECORD_TEXT_MAX = DNS_NAME_TEXT_MAX + 80,
};

/* Computes the key tag (RFC 4034 appendix B) of the record with these flags. */
uint16_t fabric_record_tag(const struct fabric *f, uint16_t flags);

/* Writes the record of type `type` (`KEY` or `DNSKEY`) with these flags as a line of a zone file,
 * without a line end. Returns `out`. */
const char *fabric_record_to_text(char out[static FABRIC_RECORD_TEXT_MAX], const struct fabric *f,
				  const char *type, uint16_t flags);

enum { FABRIC_PUBLIC_TEXT_MAX = 45 }; /* bytes, NUL included */

/* Writes the public key in base64. Returns `out`. */
const char *fabric_record_public_to_text(char out[static FABRIC_PUBLIC_TEXT_MAX],
					 const struct fabric *f);
