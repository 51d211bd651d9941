/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A request is checked in the order of RFC 8945 section 5.2:
 *
 *  1. the record itself: class ANY, TTL 0, no field missing       else FORMERR
 *  2. key and algorithm are known and belong together             else BADKEY
 *  3. the length of the MAC is one that RFC 8945 allows           else FORMERR
 *  4. the MAC is valid by one of the key's secrets                else BADSIG
 *     and that secret is not refused                              else BADKEY
 *  5. the time is within the fudge                                else BADTIME
 *  6. the MAC is as long as the key requires                      else BADTRUNC
 *
 * The request's MAC is trusted, and becomes part of the answer's, only after step 4. Section 5.2.3
 * also wants a time signed refused if it is earlier than the newest seen with the key. With many
 * requests in flight over UDP that would refuse valid ones, so, like other servers, we accept them.
 */

#include "dns/tsig.h"

#include <assert.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "dns/msg.h"
#include "dns/tsig_priv.h"
#include "dns/type.h"

enum { MAC_SHORTEST = 10 };

/* The algorithms by their names in messages (RFC 8945 section 6). `nbytes` is the length of a whole
 * MAC under that name. */
struct algorithm {
	const char *wire;
	enum dns_hmac_hash hash;
	uint8_t wire_nbytes, nbytes;
};

#define ALGORITHM(length, text, hash, nbytes)                  \
	{                                                      \
		length text, hash, sizeof(length text), nbytes \
	}
static const struct algorithm algorithms[] = {
	ALGORITHM("\013", "hmac-sha256", DNS_HMAC_SHA256, 32),
	ALGORITHM("\013", "hmac-sha512", DNS_HMAC_SHA512, 64),
	ALGORITHM("\013", "hmac-sha384", DNS_HMAC_SHA384, 48),
	ALGORITHM("\013", "hmac-sha224", DNS_HMAC_SHA224, 28),
	ALGORITHM("\011", "hmac-sha1", DNS_HMAC_SHA1, 20),
	ALGORITHM("\017", "hmac-sha256-128", DNS_HMAC_SHA256, 16),
	ALGORITHM("\017", "hmac-sha384-192", DNS_HMAC_SHA384, 24),
	ALGORITHM("\017", "hmac-sha512-256", DNS_HMAC_SHA512, 32),
};
enum { NALGORITHMS = sizeof(algorithms) / sizeof(*algorithms), NHASHES = 5 };

static const struct algorithm *algorithm_find(const uint8_t *wire, size_t nbytes)
{
	for (unsigned i = 0; i < NALGORITHMS; i++)
		if (algorithms[i].wire_nbytes == nbytes &&
		    memcmp(algorithms[i].wire, wire, nbytes) == 0)
			return &algorithms[i];
	return NULL;
}

static const struct algorithm *algorithm_of_hash(enum dns_hmac_hash hash)
{
	const struct algorithm *a = algorithms;

	while (a->hash != hash)
		a++;
	return a;
}

const uint8_t *dns_tsig_algorithm_name(enum dns_hmac_hash hash)
{
	return (const uint8_t *)algorithm_of_hash(hash)->wire;
}

/* Returns the octets of the shortest MAC that RFC 8945 section 5.2.2.1 allows: 10, or half the hash
 * if that is more. */
unsigned dns_tsig_shortest_mac(enum dns_hmac_hash hash)
{
	unsigned half = (unsigned)dns_hmac_nbytes(hash) / 2;

	return half > MAC_SHORTEST ? half : MAC_SHORTEST;
}

/* Converts the bits after the name, as in "-128", to octets; without bits the MAC is whole. Returns
 * 0 if that length is not allowed. */
static unsigned mac_nbytes_from_text(enum dns_hmac_hash hash, const char *text, size_t nchars)
{
	unsigned whole = (unsigned)dns_hmac_nbytes(hash), bits = 0;

	if (nchars == 0)
		return whole;
	if (text[0] != '-' || nchars < 2 || nchars > 4)
		return 0;
	for (size_t i = 1; i < nchars; i++) {
		if (text[i] < '0' || text[i] > '9')
			return 0;
		bits = bits * 10 + (unsigned)(text[i] - '0');
	}
	return bits % 8 != 0 || bits / 8 > whole || bits / 8 < dns_tsig_shortest_mac(hash)
		       ? 0
		       : bits / 8;
}

bool dns_tsig_algorithm_from_text(struct dns_tsig_algorithm *algorithm, const char *text,
				  size_t nchars)
{
	if (nchars > 0 && text[nchars - 1] == '.')
		nchars--;
	for (unsigned i = 0; i < NHASHES; i++) {
		size_t n = (uint8_t)algorithms[i].wire[0];
		unsigned mac_nbytes;

		if (nchars < n || strncasecmp(text, algorithms[i].wire + 1, n) != 0)
			continue;
		mac_nbytes = mac_nbytes_from_text(algorithms[i].hash, text + n, nchars - n);
		if (mac_nbytes == 0)
			continue;
		algorithm->hash = algorithms[i].hash;
		algorithm->mac_min = (uint8_t)mac_nbytes;
		return true;
	}
	return false;
}

const char *dns_tsig_algorithm_to_text(char out[static DNS_TSIG_ALGORITHM_TEXT_MAX],
				       struct dns_tsig_algorithm algorithm)
{
	const struct algorithm *a = algorithm_of_hash(algorithm.hash);
	unsigned bits = algorithm.mac_min * 8u;

	if (algorithm.mac_min == a->nbytes)
		snprintf(out, DNS_TSIG_ALGORITHM_TEXT_MAX, "%s", a->wire + 1);
	else
		snprintf(out, DNS_TSIG_ALGORITHM_TEXT_MAX, "%s-%u", a->wire + 1, bits);
	return out;
}

void dns_tsig_key_init(struct dns_tsig_key *key, const uint8_t *name,
		       struct dns_tsig_algorithm algorithm, const void *secret, size_t nbytes)
{
	dns_hmac_key_init(&key->hmac, algorithm.hash, secret, nbytes);
	key->algorithm = algorithm;
	key->name_nbytes = (uint8_t)dns_name_lower(key->name, name);
}

void dns_tsig_key_fini(struct dns_tsig_key *key)
{
	dns_hmac_key_fini(&key->hmac);
}

/* The algorithm's name must not be compressed (RFC 8945 section 4.2): its length must be the number
 * of octets read. */
static void algorithm_parse(struct base_buf *b, struct dns_tsig *t, struct dns_tsig_record *r)
{
	const uint8_t *at = b->at;

	r->algorithm_nbytes = dns_name_parse(b, t->unknown_algorithm);
	if (!b->has_failed && r->algorithm_nbytes != (size_t)(b->at - at))
		base_buf_fail(b);
}

bool dns_tsig_record_parse(struct dns_tsig *t, struct dns_tsig_record *r, const uint8_t *msg,
			   size_t nbytes, size_t offset)
{
	struct base_buf b = base_buf_over(msg, nbytes);
	uint16_t type, rrclass, rdlength;
	uint32_t ttl;

	base_buf_take(&b, offset);
	dns_name_parse(&b, t->owner);
	type = base_buf_u16(&b);
	rrclass = base_buf_u16(&b);
	ttl = base_buf_u32(&b);
	rdlength = base_buf_u16(&b);
	if (type != DNS_TYPE_TSIG || rrclass != DNS_CLASS_ANY || ttl != 0 ||
	    rdlength != base_buf_left(&b))
		return false;

	algorithm_parse(&b, t, r);
	t->time_signed_s = base_buf_u48(&b);
	t->fudge_s = base_buf_u16(&b);
	r->mac_nbytes = base_buf_u16(&b);
	r->mac = base_buf_take(&b, r->mac_nbytes);
	t->original_id = base_buf_u16(&b);
	r->error = base_buf_u16(&b);
	r->other_nbytes = base_buf_u16(&b);
	r->other = base_buf_take(&b, r->other_nbytes);
	return !b.has_failed && base_buf_left(&b) == 0;
}

/* Finds key and algorithm. A key has one hash (RFC 8945 section 10), which may have two names; the
 * MACs under the request's name must be long enough for the key. Returns NULL for BADKEY. */
static const struct algorithm *key_check(struct dns_tsig *t, const struct dns_tsig_record *r,
					 struct dns_tsig_search *search, dns_tsig_find_fn find,
					 void *arg)
{
	uint8_t wire[DNS_NAME_MAX];
	const struct dns_tsig_key *key;
	const struct algorithm *a;

	dns_name_lower(wire, t->unknown_algorithm);
	a = algorithm_find(wire, r->algorithm_nbytes);
	search->hash = a == NULL ? DNS_HMAC_SHA256 : a->hash;
	key = find(arg, search);
	t->is_known_name = key != NULL;
	if (key == NULL || a == NULL || a->hash != key->algorithm.hash ||
	    a->nbytes < key->algorithm.mac_min)
		return NULL;
	t->key = key;
	t->algorithm_nbytes = a->wire_nbytes;
	memcpy(t->algorithm, a->wire, a->wire_nbytes);
	return a;
}

static bool mac_length_is_allowed(const struct algorithm *a, uint16_t nbytes)
{
	return nbytes <= a->nbytes && nbytes >= dns_tsig_shortest_mac(a->hash);
}

/* Adds the TSIG variables (RFC 8945 section 4.3.3), except for the other data. */
void dns_tsig_digest_variables(struct dns_hmac *h, const struct dns_tsig *t, uint64_t time_s,
			       uint16_t fudge_s, uint16_t error, uint16_t other_nbytes)
{
	uint8_t bytes[DNS_NAME_MAX + sizeof(t->algorithm) + 18];
	struct base_out o = base_out_over(bytes, sizeof(bytes));

	base_out_bytes(&o, t->key->name, t->key->name_nbytes);
	base_out_u16(&o, DNS_CLASS_ANY);
	base_out_u32(&o, 0);
	base_out_bytes(&o, t->algorithm, t->algorithm_nbytes);
	base_out_u48(&o, time_s);
	base_out_u16(&o, fudge_s);
	base_out_u16(&o, error);
	base_out_u16(&o, other_nbytes);
	assert(!o.is_full);
	dns_hmac_add(h, bytes, base_out_nbytes(&o));
}

/* Adds the message without its TSIG, with the original id (section 4.3.2). */
void dns_tsig_digest_message(struct dns_hmac *h, const struct dns_tsig *t, const uint8_t *msg,
			     size_t nbytes, uint16_t arcount)
{
	uint8_t header[DNS_HEADER_SIZE];

	memcpy(header, msg, sizeof(header));
	base_store16(header, t->original_id);
	base_store16(header + 10, arcount);
	dns_hmac_add(h, header, sizeof(header));
	dns_hmac_add(h, msg + sizeof(header), nbytes - sizeof(header));
}

static bool mac_is_right(const struct dns_tsig *t, const struct dns_tsig_record *r,
			 const uint8_t *msg, size_t nbytes)
{
	uint8_t mac[DNS_HMAC_MAX];
	struct dns_hmac h;

	dns_hmac_begin(&h, &t->key->hmac);
	dns_tsig_digest_message(&h, t, msg, nbytes, (uint16_t)(base_load16(msg + 10) - 1));
	dns_tsig_digest_variables(&h, t, t->time_signed_s, t->fudge_s, r->error, r->other_nbytes);
	dns_hmac_add(&h, r->other, r->other_nbytes);
	dns_hmac_end(&h, mac);
	return sodium_memcmp(mac, r->mac, r->mac_nbytes) == 0;
}

/* Returns the seconds by which the peer's clock is slow against ours, computed in the 48 bits of
 * the field. */
static int64_t seconds_behind(const struct dns_tsig *t)
{
	return (int64_t)((t->now_s - t->time_signed_s) << 16) / 65536;
}

/* Returns the seconds by which the clocks may differ. */
static int64_t fudge_of(const struct dns_tsig *t)
{
	return t->fudge_s < DNS_TSIG_FUDGE_S ? t->fudge_s : DNS_TSIG_FUDGE_S;
}

static enum dns_tsig_status notauth(struct dns_tsig *t, uint16_t error)
{
	t->error = error;
	return t->status = DNS_TSIG_NOTAUTH;
}

/* Whether the MAC is valid by one of the secrets of the key name. */
static bool mac_fits(struct dns_tsig *t, const struct dns_tsig_record *r,
		     struct dns_tsig_search *search, dns_tsig_find_fn find, void *arg,
		     const uint8_t *msg, size_t nbytes)
{
	const struct dns_tsig_key *key = t->key;

	while (key != NULL) {
		t->key = key;
		if (mac_is_right(t, r, msg, nbytes))
			return true;
		search->attempt++;
		search->refusal = DNS_TSIG_NOT_REFUSED;
		key = find(arg, search);
	}
	return false;
}

static enum dns_tsig_status badkey(struct dns_tsig *t, const struct dns_tsig_search *search)
{
	t->key = NULL;
	t->refusal = search->refusal;
	t->epoch = search->epoch;
	return notauth(t, DNS_TSIG_BADKEY);
}

enum dns_tsig_status dns_tsig_verify(struct dns_tsig *t, const uint8_t *msg, size_t nbytes,
				     size_t offset, dns_tsig_find_fn find, void *arg,
				     uint64_t now_s)
{
	uint8_t name[DNS_NAME_MAX];
	struct dns_tsig_search search = {.name = name};
	const struct algorithm *a;
	struct dns_tsig_record r;
	int64_t behind_s;

	memset(t, 0, DNS_TSIG_SIGNER_SIZE);
	t->is_known_name = false;
	t->refusal = DNS_TSIG_NOT_REFUSED;
	t->status = DNS_TSIG_FORMERR;
	t->now_s = now_s;
	if (offset < DNS_HEADER_SIZE || !dns_tsig_record_parse(t, &r, msg, nbytes, offset))
		return t->status;

	search.nbytes = dns_name_lower(name, t->owner);
	a = key_check(t, &r, &search, find, arg);
	if (a == NULL)
		return badkey(t, &search);
	if (!mac_length_is_allowed(a, r.mac_nbytes)) {
		t->key = NULL;
		return t->status;
	}
	if (!mac_fits(t, &r, &search, find, arg, msg, offset))
		return notauth(t, DNS_TSIG_BADSIG);
	if (search.refusal != DNS_TSIG_NOT_REFUSED)
		return badkey(t, &search);

	t->mac_nbytes = (uint8_t)r.mac_nbytes;
	memcpy(t->mac, r.mac, r.mac_nbytes);
	behind_s = seconds_behind(t);
	if (behind_s > fudge_of(t) || behind_s < -fudge_of(t))
		return notauth(t, DNS_TSIG_BADTIME);
	if (r.mac_nbytes < t->key->algorithm.mac_min)
		return notauth(t, DNS_TSIG_BADTRUNC);
	return t->status = DNS_TSIG_VERIFIED;
}

void dns_tsig_refuse_time(struct dns_tsig *t)
{
	notauth(t, DNS_TSIG_BADTIME);
}

static bool has_tsig(const struct dns_tsig *t)
{
	return t->status == DNS_TSIG_VERIFIED || t->status == DNS_TSIG_NOTAUTH;
}

/* Returns the octets of the answer's MAC: as many as the key requires, and at least as many as the
 * request's MAC has (RFC 8945 section 7). */
static size_t answer_mac_nbytes(const struct dns_tsig *t)
{
	if (t->error == DNS_TSIG_BADKEY || t->error == DNS_TSIG_BADSIG)
		return 0;
	return t->mac_nbytes > t->key->algorithm.mac_min ? t->mac_nbytes
							 : t->key->algorithm.mac_min;
}

/* Key and algorithm in the answer's record are those of the request, known or not. */
static const uint8_t *answer_owner(const struct dns_tsig *t)
{
	return t->key != NULL ? t->key->name : t->owner;
}

static const uint8_t *answer_algorithm(const struct dns_tsig *t)
{
	return t->key != NULL ? t->algorithm : t->unknown_algorithm;
}

/* Returns the octets of the other data: with BADTIME the server's time (RFC 8945 section 5.2.3). */
static uint16_t answer_other_nbytes(const struct dns_tsig *t)
{
	return t->error == DNS_TSIG_BADTIME ? 6 : 0;
}

size_t dns_tsig_nbytes(const struct dns_tsig *t)
{
	if (!has_tsig(t))
		return 0;
	return dns_name_nbytes(answer_owner(t)) + 10 + dns_name_nbytes(answer_algorithm(t)) + 16 +
	       answer_mac_nbytes(t) + answer_other_nbytes(t);
}

/* With BADTIME the times are those of the client, so that it can verify the answer. */
static struct dns_tsig_times answer_times(const struct dns_tsig *t, uint64_t now_s)
{
	struct dns_tsig_times times = {.signed_s = now_s, .fudge_s = DNS_TSIG_FUDGE_S};
	struct base_out o = base_out_over(times.other, sizeof(times.other));

	base_out_u48(&o, now_s);
	if (t->error == DNS_TSIG_BADTIME) {
		times.signed_s = t->time_signed_s;
		times.fudge_s = t->fudge_s;
	}
	return times;
}

/* Computes the MAC of an answer (RFC 8945 section 5.3), or of a later message of an answer (section
 * 5.3.1), which covers the preceding MAC and, of the variables, only the times. */
static void answer_mac(struct dns_tsig *t, const uint8_t *msg, size_t nbytes,
		       const struct dns_tsig_times *times, bool is_first)
{
	size_t mac_nbytes = answer_mac_nbytes(t);
	uint8_t bytes[8];
	struct base_out o = base_out_over(bytes, sizeof(bytes));
	struct dns_hmac h;

	dns_hmac_begin(&h, &t->key->hmac);
	base_store16(bytes, t->mac_nbytes);
	dns_hmac_add(&h, bytes, 2);
	dns_hmac_add(&h, t->mac, t->mac_nbytes);
	dns_tsig_digest_message(&h, t, msg, nbytes, base_load16(msg + 10));
	if (is_first) {
		dns_tsig_digest_variables(&h, t, times->signed_s, times->fudge_s, t->error,
					  answer_other_nbytes(t));
		dns_hmac_add(&h, times->other, answer_other_nbytes(t));
	} else {
		base_out_u48(&o, times->signed_s);
		base_out_u16(&o, times->fudge_s);
		dns_hmac_add(&h, bytes, sizeof(bytes));
	}
	dns_hmac_end(&h, t->mac);
	t->mac_nbytes = (uint8_t)mac_nbytes;
}

void dns_tsig_record_write(struct base_out *o, const struct dns_tsig *t,
			   const struct dns_tsig_times *times, size_t mac_nbytes)
{
	const uint8_t *owner = answer_owner(t), *algorithm = answer_algorithm(t);
	size_t algorithm_nbytes = dns_name_nbytes(algorithm);

	base_out_bytes(o, owner, dns_name_nbytes(owner));
	base_out_u16(o, DNS_TYPE_TSIG);
	base_out_u16(o, DNS_CLASS_ANY);
	base_out_u32(o, 0);
	base_out_u16(o, (uint16_t)(algorithm_nbytes + 16 + mac_nbytes + answer_other_nbytes(t)));
	base_out_bytes(o, algorithm, algorithm_nbytes);
	base_out_u48(o, times->signed_s);
	base_out_u16(o, times->fudge_s);
	base_out_u16(o, (uint16_t)mac_nbytes);
	base_out_bytes(o, t->mac, mac_nbytes);
	base_out_u16(o, t->original_id);
	base_out_u16(o, t->error);
	base_out_u16(o, answer_other_nbytes(t));
	base_out_bytes(o, times->other, answer_other_nbytes(t));
}

static size_t sign(struct dns_tsig *t, uint8_t *msg, size_t nbytes, size_t size, uint64_t now_s,
		   bool is_first)
{
	size_t more = dns_tsig_nbytes(t), mac_nbytes;
	struct dns_tsig_times times;
	struct base_out o;

	if (more == 0)
		return nbytes;
	assert(nbytes >= DNS_HEADER_SIZE && nbytes <= size);
	if (size - nbytes < more)
		return 0;

	times = answer_times(t, now_s);
	mac_nbytes = answer_mac_nbytes(t);
	if (mac_nbytes > 0)
		answer_mac(t, msg, nbytes, &times, is_first);
	o = base_out_over(msg + nbytes, more);
	dns_tsig_record_write(&o, t, &times, mac_nbytes);
	assert(!o.is_full && base_out_left(&o) == 0);
	base_store16(msg + 10, (uint16_t)(base_load16(msg + 10) + 1));
	return nbytes + more;
}

size_t dns_tsig_sign(struct dns_tsig *t, uint8_t *msg, size_t nbytes, size_t size, uint64_t now_s)
{
	return sign(t, msg, nbytes, size, now_s, true);
}

size_t dns_tsig_sign_next(struct dns_tsig *t, uint8_t *msg, size_t nbytes, size_t size,
			  uint64_t now_s)
{
	return sign(t, msg, nbytes, size, now_s, false);
}

static void explain_badkey(const struct dns_tsig *t, char *out, size_t size)
{
	char name[DNS_NAME_TEXT_MAX], algorithm[DNS_NAME_TEXT_MAX];

	dns_name_to_text(name, t->owner);
	dns_name_to_text(algorithm, t->unknown_algorithm);
	if (t->refusal == DNS_TSIG_REVOKED)
		snprintf(out, size, "TSIG: key %.100s is revoked", name);
	else if (t->refusal == DNS_TSIG_PAST)
		snprintf(out, size,
			 "TSIG: key %.64s is of epoch %" PRIu32 ", which is over: issue it again",
			 name, t->epoch);
	else if (t->is_known_name)
		snprintf(out, size, "TSIG: key %.64s is not for algorithm %.32s", name, algorithm);
	else
		snprintf(out, size, "TSIG: unknown key name %.100s", name);
}

static void explain_badtime(const struct dns_tsig *t, char *out, size_t size)
{
	int64_t behind_s = seconds_behind(t);

	snprintf(out, size,
		 "TSIG: time signed is %" PRId64 " s %s the server's clock, fudge is %" PRId64 " s",
		 behind_s < 0 ? -behind_s : behind_s, behind_s < 0 ? "ahead of" : "behind",
		 fudge_of(t));
}

static void explain_mac(const struct dns_tsig *t, char *out, size_t size)
{
	char name[DNS_NAME_TEXT_MAX];

	dns_name_to_text(name, t->key->name);
	if (t->error == DNS_TSIG_BADTRUNC)
		snprintf(out, size, "TSIG: MAC has %u octets, key %.64s asks for %u", t->mac_nbytes,
			 name, t->key->algorithm.mac_min);
	else
		snprintf(out, size, "TSIG: MAC does not match, another secret for key %.64s?",
			 name);
}

const char *dns_tsig_explain(const struct dns_tsig *t, char *out, size_t size)
{
	out[0] = '\0';
	if (t->status == DNS_TSIG_FORMERR)
		snprintf(out, size, "TSIG: the record is malformed");
	else if (t->error == DNS_TSIG_BADKEY)
		explain_badkey(t, out, size);
	else if (t->error == DNS_TSIG_BADTIME)
		explain_badtime(t, out, size);
	else if (t->error != 0)
		explain_mac(t, out, size);
	return out;
}
