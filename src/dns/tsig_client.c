/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A response is checked in the order of RFC 8945 section 5.4:
 *
 *  1. the record itself is well-formed, by the request's key and algorithm
 *  2. without a MAC it can only be BADKEY or BADSIG, which a server cannot sign (section 5.3.2)
 *  3. the MAC, which covers that of the request, is valid and long enough
 *  4. BADTIME: its time is the request's, and the server's is in the other data (section 5.2.3)
 *  5. the time is within the fudge
 *
 * What fails is not believed, but it is not final either: the valid response may yet come.
 *
 * The MAC of a later message of a response covers, in place of the request's, that of the message
 * signed before, the messages since, and of the variables only the times (section 5.3.1). */

#include "dns/tsig_client.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "dns/msg.h"
#include "dns/tsig_priv.h"
#include "dns/type.h"

/* Makes the form of a signature by the key. */
static struct dns_tsig form_of(const struct dns_tsig_key *key, uint16_t id)
{
	const uint8_t *algorithm = dns_tsig_algorithm_name(key->algorithm.hash);
	struct dns_tsig t = {
		.key = key,
		.original_id = id,
		.algorithm_nbytes = (uint8_t)dns_name_nbytes(algorithm),
	};

	memcpy(t.algorithm, algorithm, t.algorithm_nbytes);
	return t;
}

size_t dns_tsig_request_nbytes(const struct dns_tsig_key *key)
{
	return key->name_nbytes + 10u +
	       dns_name_nbytes(dns_tsig_algorithm_name(key->algorithm.hash)) + 16 +
	       dns_hmac_nbytes(key->algorithm.hash);
}

size_t dns_tsig_request_sign(struct dns_tsig_request *r, const struct dns_tsig_key *key,
			     uint8_t *msg, size_t nbytes, size_t size, uint64_t now_s)
{
	const struct dns_tsig_times times = {.signed_s = now_s, .fudge_s = DNS_TSIG_FUDGE_S};
	size_t more = dns_tsig_request_nbytes(key);
	struct dns_tsig t;
	struct dns_hmac h;
	struct base_out o;

	assert(nbytes >= DNS_HEADER_SIZE && nbytes <= size);
	if (size - nbytes < more)
		return 0;
	t = form_of(key, base_load16(msg));
	dns_hmac_begin(&h, &key->hmac);
	dns_tsig_digest_message(&h, &t, msg, nbytes, base_load16(msg + 10));
	dns_tsig_digest_variables(&h, &t, now_s, DNS_TSIG_FUDGE_S, 0, 0);
	dns_hmac_end(&h, t.mac);
	t.mac_nbytes = (uint8_t)dns_hmac_nbytes(key->algorithm.hash);

	o = base_out_over(msg + nbytes, more);
	dns_tsig_record_write(&o, &t, &times, t.mac_nbytes);
	assert(!o.is_full && base_out_left(&o) == 0);
	base_store16(msg + 10, (uint16_t)(base_load16(msg + 10) + 1));

	r->key = key;
	r->time_signed_s = now_s;
	r->id = t.original_id;
	r->mac_nbytes = t.mac_nbytes;
	memcpy(r->mac, t.mac, t.mac_nbytes);
	return nbytes + more;
}

/* Returns whether the record is by the request's key. A key whose MACs may be shorter has another
 * name for its algorithm with some servers. */
static bool is_by_key(const struct dns_tsig_request *r, const struct dns_tsig *t,
		      const struct dns_tsig_record *record)
{
	const uint8_t *algorithm = dns_tsig_algorithm_name(r->key->algorithm.hash);

	return dns_name_equal(t->owner, r->key->name) &&
	       record->algorithm_nbytes == dns_name_nbytes(algorithm) &&
	       dns_name_equal(t->unknown_algorithm, algorithm);
}

static bool mac_is_long_enough(const struct dns_tsig_key *key, uint16_t nbytes)
{
	return nbytes <= dns_hmac_nbytes(key->algorithm.hash) && nbytes >= key->algorithm.mac_min &&
	       nbytes >= dns_tsig_shortest_mac(key->algorithm.hash);
}

/* Section 5.3: the MAC covers the request's MAC with its length, the message and the variables. */
static bool mac_is_right(const struct dns_tsig_request *r, struct dns_tsig *t,
			 const struct dns_tsig_record *record, const uint8_t *msg, size_t offset)
{
	struct dns_tsig form = form_of(r->key, t->original_id);
	uint8_t mac[DNS_HMAC_MAX], length[2];
	struct dns_hmac h;

	base_store16(length, r->mac_nbytes);
	dns_hmac_begin(&h, &r->key->hmac);
	dns_hmac_add(&h, length, sizeof(length));
	dns_hmac_add(&h, r->mac, r->mac_nbytes);
	dns_tsig_digest_message(&h, &form, msg, offset, (uint16_t)(base_load16(msg + 10) - 1));
	dns_tsig_digest_variables(&h, &form, t->time_signed_s, t->fudge_s, record->error,
				  record->other_nbytes);
	dns_hmac_add(&h, record->other, record->other_nbytes);
	dns_hmac_end(&h, mac);
	return sodium_memcmp(mac, record->mac, record->mac_nbytes) == 0;
}

static enum dns_tsig_response check_unsigned(uint16_t error)
{
	return error == DNS_TSIG_BADKEY	  ? DNS_TSIG_RESPONSE_BADKEY
	       : error == DNS_TSIG_BADSIG ? DNS_TSIG_RESPONSE_BADSIG
					  : DNS_TSIG_RESPONSE_INVALID;
}

static enum dns_tsig_response check_badtime(const struct dns_tsig_request *r,
					    const struct dns_tsig *t,
					    const struct dns_tsig_record *record,
					    uint64_t *server_s)
{
	struct base_buf b = base_buf_over(record->other, record->other_nbytes);

	*server_s = base_buf_u48(&b);
	return b.has_failed || t->time_signed_s != r->time_signed_s ? DNS_TSIG_RESPONSE_INVALID
								    : DNS_TSIG_RESPONSE_BADTIME;
}

/* Compares the time of a record, whose MAC is right, with ours. */
static enum dns_tsig_response check_time(const struct dns_tsig *t, uint64_t now_s)
{
	uint64_t apart_s =
		t->time_signed_s > now_s ? t->time_signed_s - now_s : now_s - t->time_signed_s;

	return apart_s > t->fudge_s ? DNS_TSIG_RESPONSE_EXPIRED : DNS_TSIG_RESPONSE_VALID;
}

enum dns_tsig_response dns_tsig_request_verify(const struct dns_tsig_request *r, const uint8_t *msg,
					       size_t nbytes, size_t offset, uint64_t now_s,
					       uint64_t *server_s)
{
	struct dns_tsig_record record;
	struct dns_tsig t;

	if (offset == 0)
		return DNS_TSIG_RESPONSE_UNSIGNED;
	if (offset < DNS_HEADER_SIZE || !dns_tsig_record_parse(&t, &record, msg, nbytes, offset) ||
	    !is_by_key(r, &t, &record) || t.original_id != r->id)
		return DNS_TSIG_RESPONSE_INVALID;
	if (record.mac_nbytes == 0)
		return check_unsigned(record.error);
	if (!mac_is_long_enough(r->key, record.mac_nbytes) ||
	    !mac_is_right(r, &t, &record, msg, offset))
		return DNS_TSIG_RESPONSE_INVALID;
	if (record.error == DNS_TSIG_BADTIME)
		return check_badtime(r, &t, &record, server_s);

	if (check_time(&t, now_s) != DNS_TSIG_RESPONSE_VALID)
		return DNS_TSIG_RESPONSE_EXPIRED;
	if (record.error == DNS_TSIG_BADTRUNC)
		return DNS_TSIG_RESPONSE_BADTRUNC;
	return record.error == 0 ? DNS_TSIG_RESPONSE_VALID : DNS_TSIG_RESPONSE_INVALID;
}

/* Begins the MAC of the next message with that of the message signed last. */
static void chain_restart(struct dns_tsig_chain *c, const uint8_t *mac, uint16_t mac_nbytes)
{
	uint8_t length[2];

	memmove(c->last.mac, mac, mac_nbytes);
	c->last.mac_nbytes = (uint8_t)mac_nbytes;
	c->nunsigned = 0;
	base_store16(length, mac_nbytes);
	dns_hmac_begin(&c->hmac, &c->last.key->hmac);
	dns_hmac_add(&c->hmac, length, sizeof(length));
	dns_hmac_add(&c->hmac, mac, mac_nbytes);
}

void dns_tsig_chain_begin(struct dns_tsig_chain *c, const struct dns_tsig_request *r)
{
	c->last = *r;
	c->nmessages = 0;
	c->nunsigned = 0;
	c->is_broken = false;
}

static enum dns_tsig_response chain_first(struct dns_tsig_chain *c, const uint8_t *msg,
					  size_t nbytes, size_t offset, uint64_t now_s,
					  uint64_t *server_s)
{
	enum dns_tsig_response ret =
		dns_tsig_request_verify(&c->last, msg, nbytes, offset, now_s, server_s);
	struct dns_tsig_record record;
	struct dns_tsig t;

	if (ret == DNS_TSIG_RESPONSE_VALID &&
	    dns_tsig_record_parse(&t, &record, msg, nbytes, offset))
		chain_restart(c, record.mac, record.mac_nbytes);
	return ret;
}

static enum dns_tsig_response chain_unsigned(struct dns_tsig_chain *c, const uint8_t *msg,
					     size_t nbytes)
{
	if (c->nunsigned == DNS_TSIG_UNSIGNED_MAX || nbytes < DNS_HEADER_SIZE ||
	    base_load16(msg) != c->last.id)
		return DNS_TSIG_RESPONSE_INVALID;
	c->nunsigned++;
	dns_hmac_add(&c->hmac, msg, nbytes);
	return DNS_TSIG_RESPONSE_UNSIGNED;
}

static enum dns_tsig_response chain_later(struct dns_tsig_chain *c, const uint8_t *msg,
					  size_t nbytes, size_t offset, uint64_t now_s)
{
	struct dns_tsig_record record;
	uint8_t mac[DNS_HMAC_MAX], times[8];
	struct dns_tsig t, form;
	struct base_out o = base_out_over(times, sizeof(times));

	if (offset == 0)
		return chain_unsigned(c, msg, nbytes);
	if (offset < DNS_HEADER_SIZE || !dns_tsig_record_parse(&t, &record, msg, nbytes, offset) ||
	    !is_by_key(&c->last, &t, &record) || t.original_id != c->last.id || record.error != 0 ||
	    !mac_is_long_enough(c->last.key, record.mac_nbytes))
		return DNS_TSIG_RESPONSE_INVALID;
	form = form_of(c->last.key, t.original_id);
	dns_tsig_digest_message(&c->hmac, &form, msg, offset,
				(uint16_t)(base_load16(msg + 10) - 1));
	base_out_u48(&o, t.time_signed_s);
	base_out_u16(&o, t.fudge_s);
	dns_hmac_add(&c->hmac, times, sizeof(times));
	dns_hmac_end(&c->hmac, mac);
	if (sodium_memcmp(mac, record.mac, record.mac_nbytes) != 0)
		return DNS_TSIG_RESPONSE_INVALID;
	chain_restart(c, record.mac, record.mac_nbytes);
	return check_time(&t, now_s);
}

enum dns_tsig_response dns_tsig_chain_verify(struct dns_tsig_chain *c, const uint8_t *msg,
					     size_t nbytes, size_t offset, uint64_t now_s,
					     uint64_t *server_s)
{
	enum dns_tsig_response ret;

	if (c->is_broken)
		return DNS_TSIG_RESPONSE_INVALID;
	ret = c->nmessages == 0 ? chain_first(c, msg, nbytes, offset, now_s, server_s)
				: chain_later(c, msg, nbytes, offset, now_s);
	c->is_broken = ret != DNS_TSIG_RESPONSE_VALID &&
		       (ret != DNS_TSIG_RESPONSE_UNSIGNED || c->nmessages == 0);
	c->nmessages++;
	return ret;
}

bool dns_tsig_chain_is_whole(const struct dns_tsig_chain *c)
{
	return !c->is_broken && c->nmessages > 0 && c->nunsigned == 0;
}
