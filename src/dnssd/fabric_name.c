/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "dnssd/fabric_name.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "dnssd/kind.h"

enum base_kind { BASE_NODE, BASE_INSTANCE, BASE_ZONE };

/* The labels of a kind between its own label, if it has one, and its base. */
static const struct kind {
	bool has_label;
	enum base_kind base;
	const char *first, *second; /* the second: NULL if there is none */
} kinds[] = {
	[DNSSD_FABRIC_RUNS] = {false, BASE_NODE, "_runs", NULL},
	[DNSSD_FABRIC_HELD] = {true, BASE_NODE, "_names", NULL},
	[DNSSD_FABRIC_SPEC] = {false, BASE_INSTANCE, "_spec", NULL},
	[DNSSD_FABRIC_USES] = {false, BASE_INSTANCE, "_uses", NULL},
	[DNSSD_FABRIC_RESOURCE] = {true, BASE_ZONE, "_resources", NULL},
	[DNSSD_FABRIC_SCHEMA] = {true, BASE_ZONE, "_schemas", NULL},
	[DNSSD_FABRIC_SESSION] = {true, BASE_ZONE, "_sessions", NULL},
	[DNSSD_FABRIC_LEADER] = {false, BASE_ZONE, "_leader", "_cluster"},
	[DNSSD_FABRIC_RULES] = {false, BASE_ZONE, "_rules", "_cluster"},
	[DNSSD_FABRIC_EVENT] = {true, BASE_ZONE, "_events", "_cluster"},
};

/* Writes one label; the cursor becomes full if it is empty or too long. */
static void label_write(struct base_out *o, const char *text)
{
	size_t n = strlen(text);

	if (n == 0 || n > DNS_LABEL_MAX) {
		o->is_full = true;
		return;
	}
	base_out_u8(o, (uint8_t)n);
	base_out_bytes(o, text, n);
}

size_t dnssd_fabric_name_write(uint8_t out[static DNS_NAME_MAX], enum dnssd_fabric_kind kind,
			       const char *label, const uint8_t *base)
{
	const struct kind *k = &kinds[kind];
	uint8_t prefix[DNS_NAME_MAX];
	struct base_out o = base_out_over(prefix, sizeof(prefix));

	if (k->has_label)
		label_write(&o, label);
	label_write(&o, k->first);
	if (k->second != NULL)
		label_write(&o, k->second);
	return o.is_full ? 0 : dns_name_join(out, prefix, base_out_nbytes(&o), base);
}

size_t dnssd_fabric_name_node(uint8_t out[static DNS_NAME_MAX], const char *node,
			      const uint8_t *zone)
{
	static const uint8_t nodes[] = "\5nodes";
	uint8_t origin[DNS_NAME_MAX];

	/* A final dot would make it a name that does not depend on the zone. */
	if (*node == '\0' || node[strlen(node) - 1] == '.' ||
	    dns_name_join(origin, nodes, sizeof(nodes) - 1, zone) == 0)
		return 0;
	return dns_name_from_text(out, node, strlen(node), origin);
}

size_t dnssd_fabric_name_instance(uint8_t out[static DNS_NAME_MAX], const char *label,
				  const char *type, const uint8_t *zone)
{
	uint8_t owner[DNS_NAME_MAX], prefix[DNS_NAME_MAX];
	struct base_out o = base_out_over(prefix, sizeof(prefix));

	if (*type == '\0' || dns_name_from_text(owner, type, strlen(type), zone) == 0 ||
	    dnssd_kind_of(owner, zone) != DNSSD_TYPE)
		return 0;
	label_write(&o, label);
	return o.is_full ? 0 : dns_name_join(out, prefix, base_out_nbytes(&o), owner);
}

static bool is_base(const uint8_t *name, enum base_kind base, const uint8_t *zone)
{
	switch (base) {
	case BASE_NODE:
		return dnssd_kind_of(name, zone) == DNSSD_NODE;
	case BASE_INSTANCE:
		return dnssd_kind_of(name, zone) == DNSSD_INSTANCE;
	default:
		return dns_name_equal(name, zone);
	}
}

/* Returns whether the name is of that kind, with its parts in `out`. */
static bool kind_match(struct dnssd_fabric_name *out, enum dnssd_fabric_kind kind,
		       const uint8_t *name, const uint8_t *zone)
{
	const struct kind *k = &kinds[kind];
	const uint8_t *at = name;
	unsigned before = k->has_label + 1u + (k->second != NULL), labels;

	if (!dns_name_relative(name, zone, &labels) || labels < before)
		return false;
	if (k->has_label)
		at = dns_name_strip(at, 1);
	if (!dnssd_label_is(at, k->first) ||
	    (k->second != NULL && !dnssd_label_is(dns_name_strip(at, 1), k->second)))
		return false;
	at = dns_name_strip(name, before);
	if (!is_base(at, k->base, zone))
		return false;
	*out = (struct dnssd_fabric_name){kind, k->has_label ? name : NULL, at};
	return true;
}

enum dnssd_fabric_kind dnssd_fabric_name_parse(struct dnssd_fabric_name *out, const uint8_t *name,
					       const uint8_t *zone)
{
	for (unsigned kind = DNSSD_FABRIC_RUNS; kind <= DNSSD_FABRIC_EVENT; kind++)
		if (kind_match(out, (enum dnssd_fabric_kind)kind, name, zone))
			return out->kind;
	return DNSSD_FABRIC_OTHER;
}

void dnssd_fabric_name_event(char out[static DNSSD_EVENT_LABEL_MAX], uint64_t era, uint64_t n)
{
	snprintf(out, DNSSD_EVENT_LABEL_MAX, "%" PRIu64 "-%" PRIu64, era, n);
}

/* Reads a number without leading zeros. Moves `b` after it, which fails if there is none. */
static uint64_t number_read(struct base_buf *b)
{
	const uint8_t *start = b->at;
	uint64_t value = 0;

	while (base_buf_left(b) > 0 && *b->at >= '0' && *b->at <= '9') {
		unsigned digit = base_buf_u8(b) - (unsigned)'0';

		if (value > (UINT64_MAX - digit) / 10)
			base_buf_fail(b);
		else
			value = value * 10 + digit;
	}
	if (b->at == start || (*start == '0' && b->at - start > 1))
		base_buf_fail(b);
	return value;
}

bool dnssd_fabric_name_parse_event(const uint8_t *label, uint64_t *era, uint64_t *n)
{
	struct base_buf b = base_buf_over(label + 1, label[0]);

	*era = number_read(&b);
	if (base_buf_u8(&b) != '-')
		base_buf_fail(&b);
	*n = number_read(&b);
	return !b.has_failed && base_buf_left(&b) == 0;
}
