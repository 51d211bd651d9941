/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* fabric/cert.h - X.509 certificates (RFC 5280), made with a fabric's key or read from files.
 *
 * The Ed25519 pair of a fabric is a certificate authority. Its own certificate depends on nothing
 * but the fabric's name and pair, so that every machine makes the same bytes at any time: it can be
 * copied once to where peers are verified. What it issues is for servers, or for clients that
 * present the name of a key below `keys.FABRIC`.
 *
 * A certificate never changes: any thread may use it. Reads no clock. */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/error.h"
#include "fabric/fabric.h"

/* A certificate, those of its issuers, and the private key; or the certificates of authorities. */
struct fabric_cert;

enum fabric_cert_use {
	FABRIC_CERT_SERVER, /* extended key usage serverAuth */
	FABRIC_CERT_CLIENT, /* extended key usage clientAuth */
};

enum { FABRIC_CERT_SOON_S = 14 * 86400 }; /* so long before its end a certificate is warned of */

enum { FABRIC_CERT_NAMES_MAX = 64, FABRIC_CERT_ADDRESSES_MAX = 256 }; /* of one certificate */

/* The names and addresses of a certificate. Zeroed: none. */
struct fabric_cert_subject {
	uint8_t names[FABRIC_CERT_NAMES_MAX][DNS_NAME_MAX]; /* wire form, in lower case */
	size_t nnames;
	struct sockaddr_storage addresses[FABRIC_CERT_ADDRESSES_MAX]; /* ports do not count */
	size_t naddresses;
};

/* Adds a name, unless it is there. Returns 0, -EINVAL if no certificate can have it (the root,
 * characters that RFC 5280 section 4.2.1.6 does not mean, or a number as last label, which is of an
 * address: RFC 1123 section 2.1), or -E2BIG if there is no room. */
int fabric_cert_add_name(struct fabric_cert_subject *s, const uint8_t *name);

/* Adds an address, unless it is there. Returns 0, or -E2BIG if there is no room. */
int fabric_cert_add_address(struct fabric_cert_subject *s, const struct sockaddr_storage *a);

/* What a new certificate contains. */
struct fabric_cert_order {
	enum fabric_cert_use use;
	const struct fabric_cert_subject *subject; /* borrowed; has a name, the first of which is
						      also the subject's common name */
	uint64_t from_s, until_s;		   /* validity, seconds since 1970 */
};

/* Issues a certificate with a new Ed25519 pair, signed by the fabric, which must have its secrets;
 * the fabric's own certificate is its chain. Returns 0 with a certificate that fabric_cert_free
 * frees, or a negative errno described in `error`: -EINVAL if there is no name, -ENOKEY without
 * secrets, -ENOMEM or -EIO. */
int fabric_cert_issue(struct fabric_cert **out, const struct fabric *f,
		      const struct fabric_cert_order *order, struct base_error *error);

/* Makes the fabric's own certificate, with the fabric's private key as its key. Returns what
 * fabric_cert_issue returns. */
int fabric_cert_authority(struct fabric_cert **out, const struct fabric *f,
			  struct base_error *error);

/* Reads a certificate, those of its issuers after it, and its private key from PEM files; both may
 * be the same file. `key_file` NULL: the certificates alone, as of authorities that are trusted.
 * Returns 0 with a certificate that fabric_cert_free frees, or a negative errno described in
 * `error`, whose location is the file that is at fault (borrowed): -EBADMSG if it is not what it
 * should be, -EKEYREJECTED if the key is not that of the certificate or too weak (less than 112
 * bits of security, as RSA below 2,048 bits: RFC 9325 section 4.2.1), -ENOKEY if the key is sealed
 * with a passphrase, or another one of reading. Does not check the validity. */
int fabric_cert_read(struct fabric_cert **out, const char *certificate_file, const char *key_file,
		     struct base_error *error);

/* Frees the certificate and wipes its key, once no TLS context uses it; NULL is fine. */
void fabric_cert_free(struct fabric_cert *c);

/* Return when the certificate's validity begins and ends: seconds since 1970. */
uint64_t fabric_cert_from(const struct fabric_cert *c);
uint64_t fabric_cert_until(const struct fabric_cert *c);

/* Writes the certificate and those of its issuers as PEM. Returns 0 or -EIO. */
int fabric_cert_write(FILE *out, const struct fabric_cert *c);

/* Writes the private key as PEM (PKCS #8, not encrypted). Returns 0 or -EIO. */
int fabric_cert_write_key(FILE *out, const struct fabric_cert *c);

enum { FABRIC_CERT_PIN_MAX = 45 }; /* bytes, NUL included */

/* Writes the base64 of the SHA-256 of the certificate's public key (SPKI), as `kdig +tls-pin` and
 * RFC 7858 section 4.2 have it. Returns `out`. */
const char *fabric_cert_pin(char out[static FABRIC_CERT_PIN_MAX], const struct fabric_cert *c);
