/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "dns/rdata.h"

#include <string.h>

#include "base/hash.h"
#include "dns/content.h"
#include "dns/type.h"

static const char *layout_of(uint16_t type)
{
	const struct dns_type_info *info = dns_type_info(type);

	return info == NULL ? "r" : info->wire;
}

static bool is_name(char kind)
{
	return kind == 'c' || kind == 'd' || kind == 'n';
}

static void name_field(struct base_buf *b, struct base_out *out)
{
	uint8_t name[DNS_NAME_MAX];
	size_t n = dns_name_parse(b, name);

	base_out_bytes(out, name, n);
}

static void copy_field(struct base_buf *b, struct base_out *out, size_t nbytes)
{
	const uint8_t *p = base_buf_take(b, nbytes);

	if (p != NULL)
		base_out_bytes(out, p, nbytes);
}

static void string_field(struct base_buf *b, struct base_out *out)
{
	if (base_buf_left(b) == 0)
		base_buf_fail(b);
	else
		copy_field(b, out, (size_t)*b->at + 1);
}

/* RFC 4034 section 4.1.2: windows in rising order, 1 to 32 octets each, no trailing zero octet. */
static void bitmap_field(struct base_buf *b, struct base_out *out)
{
	int last = -1;

	while (!b->has_failed && base_buf_left(b) > 0) {
		size_t n;

		if (base_buf_left(b) < 3 || b->at[0] <= last || b->at[1] < 1 || b->at[1] > 32) {
			base_buf_fail(b);
			return;
		}
		last = b->at[0];
		n = (size_t)b->at[1] + 2;
		if (base_buf_left(b) < n || b->at[n - 1] == 0) {
			base_buf_fail(b);
			return;
		}
		copy_field(b, out, n);
	}
}

/* RFC 9460 section 2.2: keys in strictly rising order. */
static void params_field(struct base_buf *b, struct base_out *out)
{
	int last = -1;

	while (!b->has_failed && base_buf_left(b) > 0) {
		int key;

		if (base_buf_left(b) < 4 || (key = base_load16(b->at)) <= last) {
			base_buf_fail(b);
			return;
		}
		last = key;
		copy_field(b, out, (size_t)base_load16(b->at + 2) + 4);
	}
}

static void field(struct base_buf *b, struct base_out *out, char kind)
{
	switch (kind) {
	case 'c':
	case 'd':
	case 'n':
		name_field(b, out);
		return;
	case 's':
		string_field(b, out);
		return;
	case 't':
		do
			string_field(b, out);
		while (!b->has_failed && base_buf_left(b) > 0);
		return;
	case 'r':
		copy_field(b, out, base_buf_left(b));
		return;
	case 'b':
		bitmap_field(b, out);
		return;
	case 'v':
		params_field(b, out);
		return;
	default:
		copy_field(b, out, (size_t)(kind - '0'));
	}
}

const char *const dns_rdata_malformed = "the data is incomplete or malformed";

const char *dns_rdata_parse(struct base_buf *b, uint16_t type, uint16_t rdlength,
			    struct base_out *out)
{
	struct base_buf inner = *b;
	uint8_t *first = out->at;
	const char *fault = NULL;

	if (base_buf_take(b, rdlength) == NULL && rdlength > 0)
		return dns_rdata_malformed;
	if (b->has_failed)
		return dns_rdata_malformed;
	inner.end = b->at;
	for (const char *l = layout_of(type); *l != '\0' && !inner.has_failed; l++)
		field(&inner, out, *l);
	if (inner.has_failed || base_buf_left(&inner) > 0)
		fault = dns_rdata_malformed;
	else if (!out->is_full)
		fault = dns_content_fault(type, first, (size_t)(out->at - first));
	if (fault != NULL)
		base_buf_fail(b);
	return fault;
}

bool dns_rdata_is_laid_out(uint16_t type, const uint8_t *rdata, size_t nbytes)
{
	uint8_t scratch[DNS_NAME_MAX];
	struct base_buf b = base_buf_over(rdata, nbytes);

	for (const char *l = layout_of(type); *l != '\0' && !b.has_failed; l++) {
		if (is_name(*l)) {
			const uint8_t *at = b.at;

			/* Through a pointer the name is longer than the octets read. */
			if (dns_name_parse(&b, scratch) != (size_t)(b.at - at))
				return false;
			continue;
		}
		/* Only the checks are wanted: `none` takes no octet. */
		struct base_out none = base_out_over(scratch, 0);

		field(&b, &none, *l);
	}
	return !b.has_failed && base_buf_left(&b) == 0 && nbytes <= DNS_RDATA_MAX;
}

const char *dns_rdata_fault(uint16_t type, const uint8_t *rdata, size_t nbytes)
{
	if (!dns_rdata_is_laid_out(type, rdata, nbytes))
		return dns_rdata_malformed;
	return dns_content_fault(type, rdata, nbytes);
}

/* Returns the number of octets of the field at `p` of valid rdata. */
static size_t field_length(char kind, const uint8_t *p, size_t left)
{
	if (is_name(kind))
		return dns_name_nbytes(p);
	if (kind == 's')
		return (size_t)*p + 1;
	if (kind >= '0' && kind <= '9')
		return (size_t)(kind - '0');
	return left;
}

static int plain_compare(const uint8_t *a, size_t an, const uint8_t *b, size_t bn)
{
	size_t n = an < bn ? an : bn;
	int d = n > 0 ? memcmp(a, b, n) : 0; /* rdata may be empty, and nowhere then */

	return d != 0 ? d : (an > bn) - (an < bn);
}

static int lower_compare(const uint8_t *a, size_t an, const uint8_t *b, size_t bn)
{
	size_t n = an < bn ? an : bn;

	for (size_t i = 0; i < n; i++)
		if (dns_lower[a[i]] != dns_lower[b[i]])
			return (int)dns_lower[a[i]] - (int)dns_lower[b[i]];
	return (an > bn) - (an < bn);
}

int dns_rdata_compare(uint16_t type, const uint8_t *a, size_t a_nbytes, const uint8_t *b,
		      size_t b_nbytes)
{
	const struct dns_type_info *info = dns_type_info(type);

	if (info == NULL || !info->has_name)
		return plain_compare(a, a_nbytes, b, b_nbytes);
	for (const char *l = info->wire; *l != '\0'; l++) {
		/* The last field, also a name, is everything that is left: no need to measure it.
		 * Sets of names are searched often. */
		size_t an = l[1] == '\0' ? a_nbytes : field_length(*l, a, a_nbytes);
		size_t bn = l[1] == '\0' ? b_nbytes : field_length(*l, b, b_nbytes);
		int d = is_name(*l) ? lower_compare(a, an, b, bn) : plain_compare(a, an, b, bn);

		if (d != 0)
			return d;
		a += an;
		a_nbytes -= an;
		b += bn;
		b_nbytes -= bn;
	}
	return 0;
}

uint64_t dns_rdata_hash(uint16_t type, const uint8_t *rdata, size_t nbytes, uint64_t seed)
{
	const struct dns_type_info *info = dns_type_info(type);
	uint8_t name[DNS_NAME_MAX];

	if (info == NULL || !info->has_name)
		return base_hash(rdata, nbytes, seed);
	for (const char *l = info->wire; *l != '\0'; l++) {
		size_t n = field_length(*l, rdata, nbytes);

		if (is_name(*l))
			seed = base_hash(name, dns_name_lower(name, rdata), seed);
		else
			seed = base_hash(rdata, n, seed);
		rdata += n;
		nbytes -= n;
	}
	return seed;
}

const uint8_t *dns_rdata_target(uint16_t type, const uint8_t *rdata, size_t nbytes)
{
	switch (type) {
	case DNS_TYPE_NS:
	case DNS_TYPE_PTR:
	case DNS_TYPE_MB:
	case DNS_TYPE_MD:
	case DNS_TYPE_MF:
		return rdata;
	case DNS_TYPE_MX:
	case DNS_TYPE_AFSDB:
	case DNS_TYPE_KX:
	case DNS_TYPE_SVCB:
	case DNS_TYPE_HTTPS:
		return nbytes < 3 ? NULL : rdata + 2;
	case DNS_TYPE_SRV:
		return nbytes < 7 ? NULL : rdata + 6;
	default:
		return NULL;
	}
}

struct dns_soa dns_soa_read(const uint8_t *rdata, size_t nbytes)
{
	const uint8_t *p = rdata + nbytes - 20;

	return (struct dns_soa){
		.serial = base_load32(p),
		.refresh = base_load32(p + 4),
		.retry = base_load32(p + 8),
		.expire = base_load32(p + 12),
		.minimum = base_load32(p + 16),
	};
}

void dns_soa_set_serial(uint8_t *rdata, size_t nbytes, uint32_t serial)
{
	base_store32(rdata + nbytes - 20, serial);
}
