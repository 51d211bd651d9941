/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* dns/tsig.h - transaction signatures (RFC 8945), the server's side: verify requests, sign
 * responses.
 *
 * It knows neither where keys come from (a function finds them) nor what time it is (an argument).
 * Nothing is allocated. A key is written once and then read by any thread; a `struct dns_tsig`
 * belongs to one request, and to one thread at a time.
 *
 * In order: dns_msg_scan finds the record, dns_tsig_verify, then for the answer dns_tsig_nbytes,
 * dns_tsig_sign and, for the further messages of a transfer, dns_tsig_sign_next. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/hmac.h"
#include "dns/name.h"

enum {
	DNS_TSIG_FUDGE_S = 300, /* in the messages we sign, and the most that a request may have:
				       a larger one counts as this (RFC 8945 section 10) */
	DNS_TSIG_EXPLAIN_MAX = 160, /* room for any text of dns_tsig_explain, with its NUL */
};

/* A hash and the shortest MAC that is accepted from a peer. `hmac-sha256` requires whole MACs,
 * `hmac-sha256-128` (RFC 8945 section 6; any multiple of 8 bits that section 5.2.2.1 permits) also
 * accepts shorter ones and signs with them. */
struct dns_tsig_algorithm {
	enum dns_hmac_hash hash;
	uint8_t mac_min; /* octets of the shortest MAC */
};

/* Parses an algorithm's name, ignoring case and a final dot. Returns false if the text is not the
 * name of a supported algorithm (hmac-md5 and gss-tsig are not). */
bool dns_tsig_algorithm_from_text(struct dns_tsig_algorithm *algorithm, const char *text,
				  size_t nchars);

enum { DNS_TSIG_ALGORITHM_TEXT_MAX = 20 }; /* room for any algorithm's name, with its NUL */

/* Writes the algorithm's name with NUL to `out`. Returns `out`. */
const char *dns_tsig_algorithm_to_text(char out[static DNS_TSIG_ALGORITHM_TEXT_MAX],
				       struct dns_tsig_algorithm algorithm);

/* A key that two parties share. */
struct dns_tsig_key {
	struct dns_hmac_key hmac;
	struct dns_tsig_algorithm algorithm;
	uint8_t name_nbytes;
	uint8_t name[DNS_NAME_MAX]; /* lower case */
};

/* Makes a key of the `nbytes` of `secret`. `name` is copied in lower case; the secret is not
 * stored, but the key is as secret. */
void dns_tsig_key_init(struct dns_tsig_key *key, const uint8_t *name,
		       struct dns_tsig_algorithm algorithm, const void *secret, size_t nbytes);

/* Overwrites the key with zeroes. */
void dns_tsig_key_fini(struct dns_tsig_key *key);

/* Returns the name of the algorithm of this hash with whole MACs: a constant, in wire form and
 * lower case.
 */
const uint8_t *dns_tsig_algorithm_name(enum dns_hmac_hash hash);

/* Why a known key is refused. */
enum dns_tsig_refusal {
	DNS_TSIG_NOT_REFUSED,
	DNS_TSIG_REVOKED, /* the key is revoked, whether the MAC is valid or not */
	DNS_TSIG_PAST,	  /* the MAC is valid by a secret of an earlier epoch */
};

/* The search for a key. One name may have several secrets: until one of them fits the MAC, the
 * finder is called again. */
struct dns_tsig_search {
	const uint8_t *name;	 /* of the key, lower case */
	size_t nbytes;		 /* of the name */
	enum dns_hmac_hash hash; /* of the request; SHA-256 if its algorithm is unknown */
	unsigned attempt;	 /* number of the call, from 0 */

	/* for the finder to fill in, both of them 0 at first */
	enum dns_tsig_refusal refusal; /* REVOKED when returning NULL, PAST with an old key */
	uint32_t epoch;		       /* with PAST: the epoch of that key's secret */
};

/* Finds a key. Returns NULL if there is no key, or no further one. The key must remain valid until
 * the last message of the answer is signed, or the next search. */
typedef const struct dns_tsig_key *(*dns_tsig_find_fn)(void *arg, struct dns_tsig_search *search);

enum dns_tsig_status {
	DNS_TSIG_NONE,	   /* not signed, or not verified yet: sign nothing */
	DNS_TSIG_VERIFIED, /* the MAC is valid: sign the answer */
	DNS_TSIG_FORMERR,  /* answer FORMERR, without TSIG */
	DNS_TSIG_NOTAUTH,  /* answer NOTAUTH with a TSIG that contains `error`; dns_tsig_sign knows
			      with which errors the TSIG has a MAC */
};

/* The TSIG of a request. All zero for a request without one. */
struct dns_tsig {
	/* Everything that signing the answer to a verified request needs: a queued request may copy
	 * the first DNS_TSIG_SIGNER_SIZE octets of the struct and drop the rest. */
	const struct dns_tsig_key *key; /* NULL if unknown */
	uint64_t time_signed_s;
	uint64_t now_s; /* time of verification, in seconds since 1970 */
	enum dns_tsig_status status;
	uint16_t fudge_s, original_id;
	uint16_t error; /* 0, DNS_TSIG_BADSIG, BADKEY, BADTIME or BADTRUNC */
	uint8_t algorithm_nbytes, mac_nbytes;
	uint8_t algorithm[18]; /* its name as the peer sent it, lower case; fits all we support */
	uint8_t mac[DNS_HMAC_MAX]; /* of the request, later of the message signed last */

	/* What answering BADKEY and explaining a failure also need. */
	bool is_known_name;	       /* BADKEY: the name is known, but with another algorithm */
	enum dns_tsig_refusal refusal; /* BADKEY: the key is known, but refused */
	uint32_t epoch;		       /* with DNS_TSIG_PAST: as in struct dns_tsig_search */
	uint8_t owner[DNS_NAME_MAX];   /* key name, case as sent */
	uint8_t unknown_algorithm[DNS_NAME_MAX]; /* BADKEY: the algorithm's name, if not supported
						  */
};
#define DNS_TSIG_SIGNER_SIZE offsetof(struct dns_tsig, is_known_name)

/* Verifies the TSIG that starts at `offset` of the message of `nbytes` (dns_msg_scan finds it), and
 * fills in all of `t`. `find`, called with `arg`, finds the key. The header still counts the TSIG
 * in ARCOUNT. `now_s` is the time in seconds since 1970. Returns t->status, never DNS_TSIG_NONE. */
enum dns_tsig_status dns_tsig_verify(struct dns_tsig *t, const uint8_t *msg, size_t nbytes,
				     size_t offset, dns_tsig_find_fn find, void *arg,
				     uint64_t now_s);

/* Has the answer to a verified request be BADTIME: its time is within the fudge, but earlier than
 * what the server can tell from a replay (RFC 8945 section 5.2.3). */
void dns_tsig_refuse_time(struct dns_tsig *t);

/* Returns the number of octets that dns_tsig_sign will append; 0 if the answer gets no TSIG. */
size_t dns_tsig_nbytes(const struct dns_tsig *t);

/* Appends the TSIG to an answer of `nbytes` in a buffer of `size` and counts it in ARCOUNT. With
 * BADKEY and BADSIG the MAC is empty, with BADTIME and BADTRUNC it is not (RFC 8945 section 5.3.2).
 * Returns the new length; `nbytes` if the answer gets no TSIG; 0 if the TSIG does not fit. */
size_t dns_tsig_sign(struct dns_tsig *t, uint8_t *msg, size_t nbytes, size_t size, uint64_t now_s);

/* Like dns_tsig_sign, for the second and later messages of an answer: the MAC covers that of the
 * message before (RFC 8945 section 5.3.1). */
size_t dns_tsig_sign_next(struct dns_tsig *t, uint8_t *msg, size_t nbytes, size_t size,
			  uint64_t now_s);

/* Writes for an operator, as EDE or in the log, which check failed and how: at most `size` bytes
 * with the NUL, "" if no check failed. Returns `out`. */
const char *dns_tsig_explain(const struct dns_tsig *t, char *out, size_t size);
