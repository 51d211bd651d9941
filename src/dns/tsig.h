/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* dns/tsig.h - transaction signatures (RFC 8945), the server's side: verify requests, sign
 * responses.
 *
 * It knows neither where keys come from (a function finds them) nor what time it is (an argument).
 * Nothing is allocated. A key is written once and then read by any thread; a `struct dns_tsig`
 * belongs to the request it is of.
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
	DNS_TSIG_FUDGE_S = 300,	    /* in what we sign (RFC 8945 section 10) */
	DNS_TSIG_EXPLAIN_MAX = 160, /* room that holds any dns_tsig_explain */
};

/* A hash and the shortest MAC that is taken from a peer. `hmac-sha256` asks for whole MACs,
 * `hmac-sha256-128` (RFC 8945 section 6; any multiple of 8 bits that section 5.2.2.1 permits) also
 * takes shorter ones and signs with them. */
struct dns_tsig_algorithm {
	enum dns_hmac_hash hash;
	uint8_t mac_min; /* octets */
};

/* Parses an algorithm's name, ignoring case and a final dot. Returns false if it is none that we do
 * (hmac-md5, gss-tsig). */
bool dns_tsig_algorithm_from_text(struct dns_tsig_algorithm *algorithm, const char *text,
				  size_t nchars);

/* Writes the algorithm's name with NUL, and returns `out`. */
enum { DNS_TSIG_ALGORITHM_TEXT_MAX = 20 };
const char *dns_tsig_algorithm_to_text(char out[static DNS_TSIG_ALGORITHM_TEXT_MAX],
				       struct dns_tsig_algorithm algorithm);

struct dns_tsig_key {
	struct dns_hmac_key hmac;
	struct dns_tsig_algorithm algorithm;
	uint8_t name_nbytes;
	uint8_t name[DNS_NAME_MAX]; /* lower case */
};

/* Makes a key. `name` is copied in lower case; the secret itself is not kept. */
void dns_tsig_key_init(struct dns_tsig_key *key, const uint8_t *name,
		       struct dns_tsig_algorithm algorithm, const void *secret, size_t nbytes);

/* Wipes the key. */
void dns_tsig_key_fini(struct dns_tsig_key *key);

/* The algorithm's name with whole MACs, in wire form and lower case. */
const uint8_t *dns_tsig_algorithm_name(enum dns_hmac_hash hash);

/* Why a key that is known is not taken. */
enum dns_tsig_refusal {
	DNS_TSIG_NOT_REFUSED,
	DNS_TSIG_REVOKED, /* whatever the MAC is */
	DNS_TSIG_PAST,	  /* the MAC is right, by a secret that was good once */
};

/* A key that is searched for. One name may have several secrets: as long as the MAC does not fit,
 * the finder is asked again. */
struct dns_tsig_search {
	const uint8_t *name; /* lower case */
	size_t nbytes;
	enum dns_hmac_hash hash; /* the request's; SHA-256 if its algorithm is unknown */
	unsigned attempt;	 /* from 0 */

	/* for the finder to fill in, both of them 0 at first */
	enum dns_tsig_refusal refusal; /* REVOKED with NULL, PAST with the key that it is about */
	uint32_t epoch;		       /* of PAST: when that secret was good, by its number */
};

/* Finds a key, or NULL if there is none, or no further one. The key must stay until the last
 * message of the answer is signed, or the next search. */
typedef const struct dns_tsig_key *(*dns_tsig_find_fn)(void *arg, struct dns_tsig_search *search);

enum dns_tsig_status {
	DNS_TSIG_NONE,	   /* not signed, or not looked at yet: sign nothing */
	DNS_TSIG_VERIFIED, /* verified */
	DNS_TSIG_FORMERR,  /* answer FORMERR, without TSIG */
	DNS_TSIG_NOTAUTH,  /* answer NOTAUTH with a TSIG; `error` says which, dns_tsig_sign signs it
			      or not as it must */
};

/* A request's TSIG. Start with all zero for a request without one. */
struct dns_tsig {
	/* All that signing an answer to a verified request needs, so that a queued request may keep
	 * this part only: memcpy DNS_TSIG_SIGNER_SIZE octets of it. */
	const struct dns_tsig_key *key; /* NULL if unknown */
	uint64_t time_signed_s;
	uint64_t now_s; /* when it was verified */
	enum dns_tsig_status status;
	uint16_t fudge_s, original_id;
	uint16_t error; /* 0, DNS_TSIG_BADSIG, BADKEY, BADTIME or BADTRUNC */
	uint8_t algorithm_nbytes, mac_nbytes;
	uint8_t algorithm[18]; /* the algorithm's name as the peer knows it, lower case; none longer
				  is known to us */
	uint8_t mac[DNS_HMAC_MAX]; /* of the request, later of the message signed last */

	/* What answering BADKEY and explaining a failure need besides. */
	bool is_known_name;	       /* BADKEY: the name is known, the algorithm is another */
	enum dns_tsig_refusal refusal; /* BADKEY: or this is why */
	uint32_t epoch;
	uint8_t owner[DNS_NAME_MAX]; /* key name as the peer wrote it */
	uint8_t unknown_algorithm[DNS_NAME_MAX];
};
#define DNS_TSIG_SIGNER_SIZE offsetof(struct dns_tsig, is_known_name)

/* Verifies the TSIG that starts at `offset` of the message; all of `t` is filled in. The message
 * without its TSIG is its first `offset` octets, its header still counts the TSIG in ARCOUNT.
 * `now_s` is the time in seconds since 1970. */
enum dns_tsig_status dns_tsig_verify(struct dns_tsig *t, const uint8_t *msg, size_t nbytes,
				     size_t offset, dns_tsig_find_fn find, void *arg,
				     uint64_t now_s);

/* Octets that dns_tsig_sign will add: leave so much room. 0 if the answer gets no TSIG. */
size_t dns_tsig_nbytes(const struct dns_tsig *t);

/* Appends the TSIG to an answer of `nbytes` in a buffer of `size` and counts it in ARCOUNT. An
 * answer to BADKEY and BADSIG is not signed (MAC size 0), to BADTIME and BADTRUNC it is (RFC 8945
 * section 5.3.2). Returns the new length; `nbytes` if the answer gets no TSIG; 0 if there is no
 * room. */
size_t dns_tsig_sign(struct dns_tsig *t, uint8_t *msg, size_t nbytes, size_t size, uint64_t now_s);

/* The same for the second and later messages of an answer (section 5.3.1). */
size_t dns_tsig_sign_next(struct dns_tsig *t, uint8_t *msg, size_t nbytes, size_t size,
			  uint64_t now_s);

/* Writes for the operator which check failed and how, for EDE and log; "" if none did. Returns
 * `out`. */
const char *dns_tsig_explain(const struct dns_tsig *t, char *out, size_t size);
