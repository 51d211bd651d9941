/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "mdns/rules.h"

#include "dnssd/kind.h"

bool mdns_types_has(const struct mdns_types *types, const uint8_t *type)
{
	for (size_t i = 0; i < types->count; i++)
		if (dns_name_equal(types->items[i], type))
			return true;
	return false;
}

/* Returns the type that a subtype is one of, `_X._sub.TYPE`; or the type itself. */
static const uint8_t *base_of(const uint8_t *type)
{
	if (dns_name_labels(type) > 2 && dnssd_label_is(dns_name_strip(type, 1), "_sub"))
		return dns_name_strip(type, 2);
	return type;
}

static bool matches(const struct mdns_types *types, const uint8_t *type)
{
	return types->has_all || mdns_types_has(types, type) ||
	       mdns_types_has(types, base_of(type));
}

bool mdns_rule_advertises(const struct mdns_rule *r, const uint8_t *type)
{
	return matches(&r->advertise, type) && !matches(&r->exclude, type);
}

bool mdns_rule_discovers(const struct mdns_rule *r, const uint8_t *type)
{
	return matches(&r->discover, type) && !matches(&r->exclude, type);
}

bool mdns_rules_is_discovered(const struct mdns_rules *r, const uint8_t *name)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->items[i].into.zone != NULL && dns_name_is_under(name, r->items[i].into.name))
			return true;
	return false;
}
