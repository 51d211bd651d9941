/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A record that another server refuses makes it drop the whole transfer. So
 * the rules of the RFCs are obeyed and those of BIND, where the two do not contradict: what is
 * accepted here can be transferred. */

#include "dns/content.h"

#include <stdbool.h>

#include "base/buf.h"
#include "dns/name.h"
#include "dns/regexp.h"
#include "dns/svcb.h"
#include "dns/type.h"

enum {
	SHA1_NBYTES = 20,
	SHA256_NBYTES = 32,
	SHA384_NBYTES = 48,
	SHA512_NBYTES = 64,
};

/* Takes an uncompressed name. Returns false if the bytes are not one. */
static bool take_name(struct base_buf *b)
{
	uint8_t name[DNS_NAME_MAX];
	/* A pointer must not reach the fields before the name. */
	struct base_buf rest = base_buf_over(b->at, base_buf_left(b));
	size_t n = dns_name_parse(&rest, name);

	if (n == 0 || n != base_buf_offset(&rest))
		return false;
	base_buf_take(b, n);
	return true;
}

static const char *not_empty(struct base_buf b)
{
	return base_buf_left(&b) == 0 ? "the data is empty" : NULL;
}

/* ---- addresses and places ---- */

/* RFC 1035 sections 3.3.4 and 3.3.5. Servers refuse zone files with such records. */
static const char *obsolete(struct base_buf b)
{
	(void)b;
	return "the type is obsolete, MX replaces it";
}

/* RFC 1035 section 3.4.2: address, protocol, a bit for each of 65536 ports. */
static const char *wks_fault(struct base_buf b)
{
	size_t n;
	const uint8_t *bits;

	base_buf_take(&b, 5);
	n = base_buf_left(&b);
	bits = base_buf_take(&b, n);
	if (n > 65536 / 8)
		return "the bit map is longer than 65536 ports";
	return n > 0 && bits[n - 1] == 0 ? "the bit map ends with an octet of 0" : NULL;
}

/* RFC 1183 section 3.1: an X.121 address, at least the four digits that name network and country.
 */
static const char *x25_fault(struct base_buf b)
{
	uint8_t n = base_buf_u8(&b);

	if (n < 4)
		return "the PSDN address has fewer than 4 digits";
	for (uint8_t i = 0; i < n; i++) {
		uint8_t c = base_buf_u8(&b);

		if (c < '0' || c > '9')
			return "the PSDN address is not all digits";
	}
	return NULL;
}

/* RFC 1183 section 3.2: an address and perhaps a subaddress. */
static const char *isdn_fault(struct base_buf b)
{
	base_buf_take(&b, base_buf_u8(&b));
	if (base_buf_left(&b) > 0)
		base_buf_take(&b, base_buf_u8(&b));
	return base_buf_left(&b) > 0 ? "more than an address and a subaddress" : NULL;
}

/* RFC 1876 section 2: a mantissa of 0 to 9 in the high four bits, a power of ten in the low
 * ones. */
static bool is_precision(uint8_t c)
{
	return c >> 4 <= 9 && (c & 15) <= 9 && (c >> 4 != 0 || (c & 15) == 0);
}

/* RFC 1876 section 2: angles in thousandths of a second around 2^31. The format of versions other
 * than 0 is not known. */
static const char *loc_fault(struct base_buf b)
{
	static const uint32_t equator = UINT32_C(1) << 31, degree = 60 * 60 * 1000;
	size_t nbytes = base_buf_left(&b);
	uint8_t version = base_buf_u8(&b), size = base_buf_u8(&b), horizontal = base_buf_u8(&b),
		vertical = base_buf_u8(&b);
	uint32_t latitude = base_buf_u32(&b), longitude = base_buf_u32(&b);

	if (nbytes > 0 && version != 0)
		return NULL;
	if (nbytes != 16)
		return "the data does not have 16 octets";
	if (!is_precision(size) || !is_precision(horizontal) || !is_precision(vertical))
		return "size or precision is not a digit and a power of ten";
	if (latitude < equator - 90 * degree || latitude > equator + 90 * degree)
		return "the latitude is more than 90 degrees";
	if (longitude < equator - 180 * degree || longitude > equator + 180 * degree)
		return "the longitude is more than 180 degrees";
	return NULL;
}

/* ATM Name System 2.1: an AESA of 20 octets, or an E.164 number. */
static const char *atma_fault(struct base_buf b)
{
	uint8_t format = base_buf_u8(&b);

	if (base_buf_left(&b) == 0)
		return "the address is missing";
	while (format == 1 && base_buf_left(&b) > 0) {
		uint8_t c = base_buf_u8(&b);

		if (c < '0' || c > '9')
			return "the E.164 address is not all digits";
	}
	return NULL;
}

/* RFC 2874 section 3.1: prefix length, the rest of the address, name of the prefix. */
static const char *a6_fault(struct base_buf b)
{
	uint8_t prefix = base_buf_u8(&b);

	if (b.has_failed || prefix > 128)
		return "the prefix length is more than 128";
	base_buf_take(&b, (size_t)(128 - prefix + 7) / 8);
	if (b.has_failed)
		return "the address suffix is cut short";
	if (prefix > 0 && !take_name(&b))
		return "the prefix name is not a name";
	return base_buf_left(&b) > 0 ? "more data than the record has" : NULL;
}

/* RFC 3123 section 4: each item is an address family, a prefix length, a negation flag and the
 * octets of the prefix up to the last that is not 0. */
static const char *apl_fault(struct base_buf b)
{
	while (base_buf_left(&b) > 0) {
		uint16_t family = base_buf_u16(&b);
		uint8_t prefix = base_buf_u8(&b), n = base_buf_u8(&b) & 0x7f;
		const uint8_t *address = base_buf_take(&b, n);

		if (b.has_failed)
			return "a prefix is cut short";
		if ((family == 1 && (prefix > 32 || n > 4)) ||
		    (family == 2 && (prefix > 128 || n > 16)))
			return "a prefix is longer than addresses of its family";
		if (n > 0 && address[n - 1] == 0)
			return "a prefix ends with an octet of 0";
	}
	return NULL;
}

/* Takes the gateway of IPSECKEY (RFC 4025 section 2.5) or the relay of AMTRELAY (RFC 8777 section
 * 4.2.4), by its type. Returns false if it is malformed or of another type. */
static bool take_gateway(struct base_buf *b, unsigned type)
{
	switch (type) {
	case 0:
		return true;
	case 1:
		return base_buf_take(b, 4) != NULL;
	case 2:
		return base_buf_take(b, 16) != NULL;
	case 3:
		return take_name(b);
	default:
		return false;
	}
}

static const char *ipseckey_fault(struct base_buf b)
{
	uint8_t type;

	base_buf_u8(&b);
	type = base_buf_u8(&b);
	base_buf_u8(&b);
	if (b.has_failed || !take_gateway(&b, type))
		return "the gateway is malformed or of an unknown type";
	return base_buf_left(&b) == 0 ? "the public key is missing" : NULL;
}

/* Types of relays above 3 may be assigned (RFC 8777 section 6.2). */
static const char *amtrelay_fault(struct base_buf b)
{
	uint8_t type;

	base_buf_u8(&b);
	type = base_buf_u8(&b) & 0x7f;
	if (!b.has_failed && type > 3)
		return NULL;
	if (b.has_failed || !take_gateway(&b, type))
		return "the relay is malformed";
	return base_buf_left(&b) > 0 ? "more data than the record has" : NULL;
}

/* RFC 8005 section 5: lengths of HIT and key, algorithm, then HIT, key and rendezvous servers. */
static const char *hip_fault(struct base_buf b)
{
	uint8_t nhit = base_buf_u8(&b);
	uint16_t nkey;

	base_buf_u8(&b);
	nkey = base_buf_u16(&b);
	base_buf_take(&b, nhit);
	base_buf_take(&b, nkey);
	if (b.has_failed || nhit == 0 || nkey == 0)
		return "the HIT or the public key is empty or cut short";
	while (base_buf_left(&b) > 0)
		if (!take_name(&b))
			return "a rendezvous server is not a name";
	return NULL;
}

/* ---- keys, digests and signatures ---- */

/* What follows flags, protocol and algorithm. */
static const char *public_key_fault(uint8_t algorithm, struct base_buf b)
{
	if (base_buf_left(&b) == 0)
		return "the public key is missing";
	/* RFC 4034 appendix A.1.1: a key of PRIVATEDNS begins with the algorithm's name. */
	if (algorithm == 253 && !take_name(&b))
		return "the name of the private algorithm is malformed";
	return NULL;
}

/* RFC 2535 section 3.1.2: if both first flags are set, there is no key. */
static const char *key_fault(struct base_buf b)
{
	bool has_key = (base_buf_u16(&b) & 0xc000) != 0xc000;
	uint8_t algorithm;

	base_buf_u8(&b);
	algorithm = base_buf_u8(&b);
	if (!has_key)
		return base_buf_left(&b) > 0 ? "a key although the flags say that there is none"
					     : NULL;
	return public_key_fault(algorithm, b);
}

/* RFC 4034 section 2.1.2. */
static const char *dnskey_fault(struct base_buf b)
{
	uint8_t algorithm;

	base_buf_u16(&b);
	if (base_buf_u8(&b) != 3)
		return "the protocol is not 3";
	algorithm = base_buf_u8(&b);
	return public_key_fault(algorithm, b);
}

static const char *rkey_fault(struct base_buf b)
{
	uint8_t algorithm;

	if (base_buf_u16(&b) != 0)
		return "the flags are not 0";
	base_buf_u8(&b);
	algorithm = base_buf_u8(&b);
	return public_key_fault(algorithm, b);
}

/* RFC 4034 section 5.1.4, RFC 4509 section 2.2, RFC 6605 section 2. */
static const char *ds_fault(struct base_buf b)
{
	static const uint8_t nbytes[] = {
		[1] = SHA1_NBYTES, [2] = SHA256_NBYTES, [4] = SHA384_NBYTES};
	uint8_t type;

	base_buf_take(&b, 3);
	type = base_buf_u8(&b);
	if (base_buf_left(&b) == 0)
		return "the digest is missing";
	if (type < sizeof(nbytes) && nbytes[type] > 0 && base_buf_left(&b) != nbytes[type])
		return "the digest does not have the length of its type";
	return NULL;
}

/* RFC 4255 section 3.1.3, RFC 6594 section 4. */
static const char *sshfp_fault(struct base_buf b)
{
	uint8_t type;

	base_buf_u8(&b);
	type = base_buf_u8(&b);
	if ((type == 1 && base_buf_left(&b) != SHA1_NBYTES) ||
	    (type == 2 && base_buf_left(&b) != SHA256_NBYTES))
		return "the fingerprint does not have the length of its type";
	return NULL;
}

/* RFC 6698 section 2.1.4, RFC 8162 section 2. */
static const char *tlsa_fault(struct base_buf b)
{
	return base_buf_left(&b) <= 3 ? "the certificate association data is missing" : NULL;
}

/* RFC 4398 section 2. */
static const char *cert_fault(struct base_buf b)
{
	return base_buf_left(&b) <= 5 ? "the certificate is missing" : NULL;
}

/* RFC 8976 section 2.2. */
static const char *zonemd_fault(struct base_buf b)
{
	uint8_t algorithm;
	size_t n;

	base_buf_take(&b, 5);
	algorithm = base_buf_u8(&b);
	n = base_buf_left(&b);
	if (n < 12 || (algorithm == 1 && n != SHA384_NBYTES) ||
	    (algorithm == 2 && n != SHA512_NBYTES))
		return "the digest does not have the length of its algorithm";
	return NULL;
}

/* RFC 4034 section 3.1. */
static const char *signature_fault(struct base_buf b)
{
	base_buf_take(&b, 18);
	dns_name_skip(&b);
	return base_buf_left(&b) == 0 ? "the signature is missing" : NULL;
}

/* RFC 4034 section 4.1.2: an NSEC at least lists itself. */
static const char *nsec_fault(struct base_buf b)
{
	dns_name_skip(&b);
	return base_buf_left(&b) == 0 ? "the list of types is empty" : NULL;
}

/* RFC 5155 section 3.2: algorithm, flags, iterations, salt, the next hashed owner name. */
static const char *nsec3_fault(struct base_buf b)
{
	uint8_t algorithm = base_buf_u8(&b), n;

	base_buf_take(&b, 3);
	base_buf_take(&b, base_buf_u8(&b));
	n = base_buf_u8(&b);
	if (n == 0 || (algorithm == 1 && n != SHA1_NBYTES))
		return "the next hashed owner name does not have the length of its algorithm";
	return NULL;
}

/* RFC 2535 section 5.2: a bit for each of 128 types; the first bit, type 0, is not used. */
static const char *nxt_fault(struct base_buf b)
{
	size_t n;
	const uint8_t *bits;

	dns_name_skip(&b);
	n = base_buf_left(&b);
	bits = base_buf_take(&b, n);
	if (n > 16 || (n > 0 && (bits[0] >= 0x80 || bits[n - 1] == 0)))
		return "the list of types is not a bit map of 1 to 16 octets";
	return NULL;
}

/* ---- others ---- */

static bool is_letter_or_digit(uint8_t c)
{
	return ((c | 0x20) >= 'a' && (c | 0x20) <= 'z') || (c >= '0' && c <= '9');
}

/* Takes a character-string of letters and digits. Returns its length, or -1. */
static int take_tag(struct base_buf *b)
{
	int n = base_buf_u8(b);

	for (int i = 0; i < n; i++)
		if (!is_letter_or_digit(base_buf_u8(b)))
			return -1;
	return n;
}

/* RFC 8659 section 4.1. */
static const char *caa_fault(struct base_buf b)
{
	base_buf_u8(&b);
	return take_tag(&b) < 1 ? "the tag is not one or more letters and digits" : NULL;
}

/* RFC 3403 section 4.1: each flag is a letter or digit; the expression may be empty. */
static const char *naptr_fault(struct base_buf b)
{
	const uint8_t *expression;
	uint8_t n;

	base_buf_u32(&b);
	if (take_tag(&b) < 0)
		return "the flags are not letters and digits";
	base_buf_take(&b, base_buf_u8(&b));
	n = base_buf_u8(&b);
	expression = base_buf_take(&b, n);
	return n > 0 && !dns_regexp_is_valid(expression, n)
		       ? "the regexp is not a valid substitution expression"
		       : NULL;
}

/* RFC 7553 section 4.5. */
static const char *uri_fault(struct base_buf b)
{
	return base_buf_left(&b) <= 4 ? "the target is empty" : NULL;
}

/* RFC 9460 section 2.2. */
static const char *svcb_fault(struct base_buf b)
{
	base_buf_u16(&b);
	dns_name_skip(&b);
	return dns_svcb_fault(b);
}

static const char *sink_fault(struct base_buf b)
{
	return base_buf_left(&b) < 3 ? "meaning, coding or subcoding is missing" : NULL;
}

/* draft-durand-doa-over-dns: enterprise, type, location, media type, data. */
static const char *doa_fault(struct base_buf b)
{
	base_buf_take(&b, 9);
	base_buf_take(&b, base_buf_u8(&b));
	return b.has_failed ? "the data is cut short" : NULL;
}

static const char *(*const faults[])(struct base_buf b) = {
	[DNS_TYPE_MD] = obsolete,
	[DNS_TYPE_MF] = obsolete,
	[DNS_TYPE_WKS] = wks_fault,
	[DNS_TYPE_X25] = x25_fault,
	[DNS_TYPE_ISDN] = isdn_fault,
	[DNS_TYPE_NSAP] = not_empty,
	[DNS_TYPE_SIG] = signature_fault,
	[DNS_TYPE_KEY] = key_fault,
	[DNS_TYPE_LOC] = loc_fault,
	[DNS_TYPE_NXT] = nxt_fault,
	[DNS_TYPE_EID] = not_empty,
	[DNS_TYPE_NIMLOC] = not_empty,
	[DNS_TYPE_ATMA] = atma_fault,
	[DNS_TYPE_NAPTR] = naptr_fault,
	[DNS_TYPE_CERT] = cert_fault,
	[DNS_TYPE_A6] = a6_fault,
	[DNS_TYPE_SINK] = sink_fault,
	[DNS_TYPE_APL] = apl_fault,
	[DNS_TYPE_DS] = ds_fault,
	[DNS_TYPE_SSHFP] = sshfp_fault,
	[DNS_TYPE_IPSECKEY] = ipseckey_fault,
	[DNS_TYPE_RRSIG] = signature_fault,
	[DNS_TYPE_NSEC] = nsec_fault,
	[DNS_TYPE_DNSKEY] = dnskey_fault,
	[DNS_TYPE_DHCID] = not_empty,
	[DNS_TYPE_NSEC3] = nsec3_fault,
	[DNS_TYPE_TLSA] = tlsa_fault,
	[DNS_TYPE_SMIMEA] = tlsa_fault,
	[DNS_TYPE_HIP] = hip_fault,
	[DNS_TYPE_RKEY] = rkey_fault,
	[DNS_TYPE_CDS] = ds_fault,
	[DNS_TYPE_CDNSKEY] = dnskey_fault,
	[DNS_TYPE_OPENPGPKEY] = not_empty,
	[DNS_TYPE_ZONEMD] = zonemd_fault,
	[DNS_TYPE_SVCB] = svcb_fault,
	[DNS_TYPE_HTTPS] = svcb_fault,
	[DNS_TYPE_URI] = uri_fault,
	[DNS_TYPE_CAA] = caa_fault,
	[DNS_TYPE_DOA] = doa_fault,
	[DNS_TYPE_AMTRELAY] = amtrelay_fault,
};

enum { NFAULTS = sizeof(faults) / sizeof(*faults) };

const char *dns_content_fault(uint16_t type, const uint8_t *rdata, size_t nbytes)
{
	const char *(*fault)(struct base_buf b) = type < NFAULTS ? faults[type] : NULL;

	if (type == DNS_TYPE_TA || type == DNS_TYPE_DLV)
		fault = ds_fault;
	return fault == NULL ? NULL : fault(base_buf_over(rdata, nbytes));
}
