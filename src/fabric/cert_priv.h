/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* fabric/cert_priv.h - what a certificate consists of, for TLS. Room-private. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "fabric/cert.h"

struct fabric_cert {
	X509 *x509;
	EVP_PKEY *key; /* NULL: of authorities */
	STACK_OF(X509) *
		chain; /* of the issuers, nearest first, or of more authorities; or empty */
};

/* Returns the public key of a fabric as OpenSSL has it, which the caller frees; NULL if memory is
 * short. */
EVP_PKEY *fabric_cert_public(const uint8_t public_key[static FABRIC_PUBLIC_SIZE]);

/* Returns whether the fabric with this key has signed `x509` for `use`, and it is valid at the
 * present time. */
bool fabric_cert_is_of(X509 *x509, const uint8_t public_key[static FABRIC_PUBLIC_SIZE],
		       enum fabric_cert_use use);

enum { FABRIC_CERT_HASH = 32 }; /* bytes of SHA-256 */

/* Writes the SHA-256 of the certificate's public key (SPKI). Returns false if memory is short. */
bool fabric_cert_hash(X509 *x509, uint8_t out[static FABRIC_CERT_HASH]);

/* Returns a time of a certificate in seconds since 1970, 0 if it is not a time. */
uint64_t fabric_cert_time(const ASN1_TIME *t);
