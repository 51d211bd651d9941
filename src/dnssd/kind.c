/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "dnssd/kind.h"

#include <assert.h>
#include <string.h>

bool dnssd_label_is(const uint8_t *label, const char *text)
{
	size_t n = strlen(text);

	if (label[0] != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if ((label[1 + i] >= 'A' && label[1 + i] <= 'Z' ? label[1 + i] + 32
								: label[1 + i]) != text[i])
			return false;
	return true;
}

static bool is_underscored(const uint8_t *label)
{
	return label[0] > 1 && label[1] == '_';
}

/* Whether `name`, which has `labels` labels above the zone's apex, is `_svc._proto` (RFC 6763
 * section 4.1.2). `_services._dns-sd._udp` is not a service type: the registry maintains it
 * (section 9). */
static bool is_service_type(const uint8_t *name, unsigned labels)
{
	const uint8_t *proto;

	if (labels != 2 || !is_underscored(name))
		return false;
	proto = dns_name_strip(name, 1);
	return (dnssd_label_is(proto, "_tcp") || dnssd_label_is(proto, "_udp")) &&
	       !dnssd_label_is(name, "_dns-sd");
}

/* Returns the kind of a name of two or three labels above the zone's apex. */
static enum dnssd_kind kind_of_cluster(const uint8_t *name, const uint8_t *second, unsigned labels)
{
	static const struct {
		const char *text;
		enum dnssd_kind kind;
	} groups[] = {
		{"_resources", DNSSD_RESOURCE},
		{"_schemas", DNSSD_SCHEMA},
		{"_sessions", DNSSD_SESSION},
	};

	if (dns_name_is_wildcard(name))
		return DNSSD_OTHER;
	if (labels == 3)
		return dnssd_label_is(second, "_events") &&
				       dnssd_label_is(dns_name_strip(second, 1), "_cluster")
			       ? DNSSD_EVENT
			       : DNSSD_OTHER;
	if (dnssd_label_is(second, "_cluster"))
		return dnssd_label_is(name, "_leader")	? DNSSD_LEADER
		       : dnssd_label_is(name, "_rules") ? DNSSD_RULES
							: DNSSD_OTHER;
	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++)
		if (dnssd_label_is(second, groups[i].text))
			return groups[i].kind;
	return DNSSD_OTHER;
}

/* Returns the kind of a name below `nodes`, which has `labels` labels above the zone's apex. */
static enum dnssd_kind kind_of_node(const uint8_t *name, const uint8_t *second, unsigned labels)
{
	if (labels >= 3 && dnssd_label_is(name, "_runs"))
		return DNSSD_RUNS;
	if (labels >= 3 && dnssd_label_is(name, "_names"))
		return DNSSD_OTHER;
	if (labels >= 4 && dnssd_label_is(second, "_names"))
		return dns_name_is_wildcard(name) ? DNSSD_OTHER : DNSSD_HELD;
	return DNSSD_NODE;
}

/* Returns the kind of a name whose first label is about the rest of it: an instance. */
static enum dnssd_kind kind_about(const uint8_t *name)
{
	static const struct {
		const char *text;
		enum dnssd_kind kind;
	} kinds[] = {
		{"_suspect", DNSSD_REPORT},
		{"_spec", DNSSD_SPEC},
		{"_uses", DNSSD_USES},
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (dnssd_label_is(name, kinds[i].text))
			return kinds[i].kind;
	return DNSSD_OTHER;
}

enum dnssd_kind dnssd_kind_of(const uint8_t *name, const uint8_t *zone)
{
	const uint8_t *second;
	unsigned labels;

	if (!dns_name_relative(name, zone, &labels) || labels < 2)
		return DNSSD_OTHER;
	if (is_service_type(name, labels))
		return DNSSD_TYPE;
	second = dns_name_strip(name, 1);
	if (labels == 3 && is_service_type(second, 2))
		return dns_name_is_wildcard(name) || is_underscored(name) ? DNSSD_OTHER
									  : DNSSD_INSTANCE;
	if (labels == 4 && dnssd_label_is(second, "_sub"))
		return is_service_type(dns_name_strip(name, 2), 2) ? DNSSD_SUBTYPE : DNSSD_OTHER;
	if (dnssd_label_is(dns_name_strip(name, labels - 1), "nodes"))
		return kind_of_node(name, second, labels);
	if (labels == 4)
		return dnssd_kind_of(second, zone) == DNSSD_INSTANCE ? kind_about(name)
								     : DNSSD_OTHER;
	return labels < 4 ? kind_of_cluster(name, second, labels) : DNSSD_OTHER;
}

/* `_acme-challenge.nodes` would be a node of that name, and so would the others. */
static bool is_nodes(const uint8_t *name)
{
	return dnssd_label_is(name, "nodes");
}

const uint8_t *dnssd_kind_node(const uint8_t *name)
{
	const uint8_t *rest = dns_name_strip(name, 1);

	if ((dnssd_label_is(name, "_acme-challenge") || dnssd_label_is(name, "_runs")) &&
	    !is_nodes(rest))
		return rest;
	if (rest[0] != 0 && dnssd_label_is(rest, "_names") && !is_nodes(dns_name_strip(rest, 1)))
		return dns_name_strip(rest, 1);
	return name;
}

size_t dnssd_push_name(uint8_t out[static DNS_NAME_MAX], const uint8_t *zone)
{
	static const uint8_t prefix[] = "\15_dns-push-tls\4_tcp";

	return dns_name_join(out, prefix, sizeof(prefix) - 1, zone);
}

const uint8_t *dnssd_kind_type(const uint8_t *name, const uint8_t *zone)
{
	unsigned labels;
	bool is_under = dns_name_relative(name, zone, &labels);

	assert(is_under && labels >= 2);
	return dns_name_strip(name, labels - 2);
}
