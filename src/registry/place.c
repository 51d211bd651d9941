/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registry/place.h"

#include <string.h>

#include "dns/name.h"

bool registry_label_is(const uint8_t *label, const char *text)
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

/* Whether `name` is `_svc._proto` and no more above the zone's apex (RFC 6763 section 4.1.2).
 * `_services._dns-sd._udp` is the registry's own (section 9). */
static bool is_service_type(const uint8_t *name, unsigned labels)
{
	const uint8_t *proto;

	if (labels != 2 || !is_underscored(name))
		return false;
	proto = dns_name_strip(name, 1);
	return (registry_label_is(proto, "_tcp") || registry_label_is(proto, "_udp")) &&
	       !registry_label_is(name, "_dns-sd");
}

enum registry_place registry_place_of(const uint8_t *name, const uint8_t *zone)
{
	unsigned labels = dns_name_labels(name) - dns_name_labels(zone);
	const uint8_t *second;

	if (labels < 2)
		return REGISTRY_ELSEWHERE;
	if (is_service_type(name, labels))
		return REGISTRY_SERVICE;
	second = dns_name_strip(name, 1);
	if (labels == 3 && is_service_type(second, 2))
		return dns_name_is_wildcard(name) || is_underscored(name) ? REGISTRY_ELSEWHERE
									  : REGISTRY_INSTANCE;
	if (labels == 4 && registry_label_is(second, "_sub"))
		return is_service_type(dns_name_strip(name, 2), 2) ? REGISTRY_SUBTYPE
								   : REGISTRY_ELSEWHERE;
	if (labels == 4 && registry_label_is(name, "_suspect"))
		return registry_place_of(second, zone) == REGISTRY_INSTANCE ? REGISTRY_REPORT
									    : REGISTRY_ELSEWHERE;
	return registry_label_is(dns_name_strip(name, labels - 1), "nodes") ? REGISTRY_NODE
									    : REGISTRY_ELSEWHERE;
}

const uint8_t *registry_place_type(const uint8_t *name, const uint8_t *zone)
{
	return dns_name_strip(name, dns_name_labels(name) - dns_name_labels(zone) - 2);
}
