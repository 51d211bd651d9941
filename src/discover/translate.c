/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "discover/translate.h"

#include <string.h>

#include "dns/type.h"
#include "dns/update_write.h"
#include "dnssd/kind.h"
#include "lan/name.h"
#include "mdns/seen.h"

enum { SRV_FIXED = 6 };

/* ---- names ---- */

bool discover_translate_name(uint8_t out[static DNS_NAME_MAX], const uint8_t *name,
			     const uint8_t *into)
{
	return lan_name_move(out, name, lan_name_local(), into);
}

bool discover_translate_is_type(const uint8_t *type)
{
	return dnssd_kind_of(type, lan_name_local()) == DNSSD_TYPE && lan_name_is_text(type);
}

/* Letters and digits of any script, and hyphens: what looks like several labels, or needs to be
 * escaped, is not a host's. */
static bool is_host_label(const uint8_t *label)
{
	if (!lan_name_is_text(label))
		return false;
	for (unsigned i = 1; i <= label[0]; i++) {
		uint8_t c = dns_lower[label[i]];
		bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c >= 0x80;

		if (!is_plain && (i == 1 || (c != '-' && c != '_')))
			return false;
	}
	return true;
}

static const char *check_host(const uint8_t *name, const uint8_t *host, const uint8_t *zone)
{
	unsigned labels = dns_name_labels(name) - 1;

	for (unsigned i = 0; i < labels; i++)
		if (!is_host_label(dns_name_strip(name, i)))
			return "the name of its host is not a host name";
	return dnssd_kind_of(host, zone) == DNSSD_OTHER
		       ? NULL
		       : "the name of its host is one of a node or a service in the zone";
}

/* Where services are at the zone's apex, instances are what others take for instances. */
static const char *check_instance(const uint8_t *name, const uint8_t *zone)
{
	enum dnssd_kind kind = dnssd_kind_of(name, zone);

	if (!lan_name_is_text(name) || dns_name_is_wildcard(name))
		return "its name is not text";
	if (kind == DNSSD_INSTANCE)
		return NULL;
	if (kind != DNSSD_OTHER || dns_name_labels(name) == dns_name_labels(zone) + 3)
		return "its name is not one of an instance in the zone";
	return NULL;
}

/* ---- addresses ---- */

/* A prefix whose addresses are of no use to others. */
struct prefix {
	uint8_t bytes[16];
	uint8_t nbits;
};

static const struct prefix prefixes4[] = {
	{{0}, 8},	  /* unspecified */
	{{127}, 8},	  /* loopback */
	{{169, 254}, 16}, /* link-local */
	{{224}, 4},	  /* multicast */
	{{240}, 4},	  /* reserved, and broadcast */
};

static const struct prefix prefixes6[] = {
	{{0}, 64},	    /* unspecified, loopback, IPv4 within IPv6 */
	{{0xfe, 0x80}, 10}, /* link-local */
	{{0xff}, 8},	    /* multicast */
};

static bool is_within(const struct prefix *p, const uint8_t *bytes)
{
	unsigned whole = p->nbits / 8, rest = p->nbits % 8;

	return memcmp(p->bytes, bytes, whole) == 0 &&
	       (rest == 0 || ((p->bytes[whole] ^ bytes[whole]) >> (8 - rest)) == 0);
}

bool discover_translate_is_usable(const struct mdns_address *a)
{
	const struct prefix *prefixes = a->type == DNS_TYPE_A ? prefixes4 : prefixes6;
	size_t n = a->type == DNS_TYPE_A ? sizeof(prefixes4) / sizeof(*prefixes4)
					 : sizeof(prefixes6) / sizeof(*prefixes6);

	for (size_t i = 0; i < n; i++)
		if (is_within(&prefixes[i], a->bytes))
			return false;
	return true;
}

/* ---- a service ---- */

static const char *translate_host(struct discover_translated *out,
				  const struct mdns_seen_service *s, const uint8_t *into,
				  const uint8_t *zone)
{
	const char *why;

	if (dns_name_labels(s->target) < 2)
		return "its target is not a host";
	if (!discover_translate_name(out->target, s->target, into))
		return "the name of its host is too long there";
	why = check_host(s->target, out->target, zone);
	if (why != NULL)
		return why;
	out->has_host = true;
	for (size_t i = 0; i < s->naddresses; i++)
		if (discover_translate_is_usable(&s->addresses[i]) &&
		    out->naddresses < sizeof(out->addresses) / sizeof(*out->addresses))
			out->addresses[out->naddresses++] = s->addresses[i];
	return out->naddresses > 0 ? NULL : "its host has no address that is of use elsewhere";
}

const char *discover_translate(struct discover_translated *out, const struct mdns_seen_service *s,
			       const uint8_t *into, const uint8_t *zone)
{
	static const uint8_t no_strings[1] = {0}; /* RFC 6763 section 6.1 */
	const char *why;

	*out = (struct discover_translated){
		.priority = s->priority,
		.weight = s->weight,
		.port = s->port,
		.txt = s->ntxt == 0 ? no_strings : s->txt,
		.ntxt = s->ntxt == 0 ? 1 : s->ntxt,
	};
	if (s->name[0] == 0 || !discover_translate_is_type(dns_name_strip(s->name, 1)))
		return "its name is not one of an instance";
	if (!discover_translate_name(out->name, s->name, into))
		return "its name is too long there";
	memcpy(out->type, dns_name_strip(out->name, 1),
	       dns_name_nbytes(out->name + out->name[0] + 1));
	why = check_instance(out->name, zone);
	if (why != NULL)
		return why;
	if (s->target[0] == 0)
		return "it has no target: the service is not available";
	if (out->ntxt > DISCOVER_TRANSLATED_TXT_MAX)
		return "its TXT record is too large";
	if (dns_name_is_under(s->target, lan_name_local()))
		return translate_host(out, s, into, zone);
	memcpy(out->target, s->target, dns_name_nbytes(s->target));
	return NULL;
}

/* ---- updates ---- */

static void write_addresses(struct dns_update_writer *u, const struct discover_translated *t,
			    uint16_t type, size_t nbytes)
{
	dns_update_write_remove_all(u, t->target, type);
	for (size_t i = 0; i < t->naddresses; i++)
		if (t->addresses[i].type == type)
			dns_update_write_add(u, t->target, type, DISCOVER_TRANSLATED_TTL_S,
					     t->addresses[i].bytes, nbytes);
}

void discover_translate_write(struct dns_update_writer *u, const struct discover_translated *t)
{
	const uint16_t fields[] = {t->priority, t->weight, t->port};
	size_t ntarget = dns_name_nbytes(t->target);
	uint8_t srv[SRV_FIXED + DNS_NAME_MAX];

	for (unsigned i = 0; i < 3; i++) {
		srv[2 * i] = (uint8_t)(fields[i] >> 8);
		srv[2 * i + 1] = (uint8_t)fields[i];
	}
	memcpy(srv + SRV_FIXED, t->target, ntarget);
	dns_update_write_remove_all(u, t->name, DNS_TYPE_SRV);
	dns_update_write_add(u, t->name, DNS_TYPE_SRV, DISCOVER_TRANSLATED_TTL_S, srv,
			     SRV_FIXED + ntarget);
	dns_update_write_remove_all(u, t->name, DNS_TYPE_TXT);
	dns_update_write_add(u, t->name, DNS_TYPE_TXT, DISCOVER_TRANSLATED_TTL_S, t->txt, t->ntxt);
	if (!t->has_host)
		return;
	write_addresses(u, t, DNS_TYPE_A, 4);
	write_addresses(u, t, DNS_TYPE_AAAA, 16);
}

void discover_translate_remove(struct dns_update_writer *u, const uint8_t *name)
{
	dns_update_write_remove_all(u, name, DNS_TYPE_SRV);
	dns_update_write_remove_all(u, name, DNS_TYPE_TXT);
}

void discover_translate_remove_host(struct dns_update_writer *u, const uint8_t *host)
{
	dns_update_write_remove_all(u, host, DNS_TYPE_A);
	dns_update_write_remove_all(u, host, DNS_TYPE_AAAA);
}
