/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* dnssd/fabric_name.h - the owner names by which nodes and their agents work together (weft(7)).
 *
 * A name is its kind, a label where the kind has one, and a base: the zone, a node or an instance.
 * Whether a name exists, and whose it is, is not known here. No state; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"

enum dnssd_fabric_kind {
	DNSSD_FABRIC_OTHER,    /* none of the following, or not in the zone */
	DNSSD_FABRIC_RUNS,     /* _runs.NODE: the instances that a node has to run */
	DNSSD_FABRIC_HELD,     /* LABEL._names.NODE: a name resource */
	DNSSD_FABRIC_SPEC,     /* _spec.INSTANCE: what it shall be */
	DNSSD_FABRIC_USES,     /* _uses.INSTANCE: what it depends on */
	DNSSD_FABRIC_RESOURCE, /* LABEL._resources.ZONE */
	DNSSD_FABRIC_SCHEMA,   /* LABEL._schemas.ZONE */
	DNSSD_FABRIC_SESSION,  /* LABEL._sessions.ZONE */
	DNSSD_FABRIC_LEADER,   /* _leader._cluster.ZONE */
	DNSSD_FABRIC_RULES,    /* _rules._cluster.ZONE */
	DNSSD_FABRIC_EVENT,    /* ERA-N._events._cluster.ZONE */
};

enum { DNSSD_EVENT_LABEL_MAX = 42 }; /* room for two numbers of 64 bits and a NUL */

/* What a name is made of: views into it. */
struct dnssd_fabric_name {
	enum dnssd_fabric_kind kind;
	const uint8_t *label; /* a wire label; NULL: the kind has none */
	const uint8_t *base;  /* the name of the node, the instance or the zone */
};

/* Writes a name to `out`. `label` is text, any octets, that a kind without one does not read;
 * `base` is the name of the node, the instance or the zone, as the kind has it. Returns the length,
 * or 0 if the label is empty or too long, or the name is. */
size_t dnssd_fabric_name_write(uint8_t out[static DNS_NAME_MAX], enum dnssd_fabric_kind kind,
			       const char *label, const uint8_t *base);

/* Writes the name of a node, NODE.nodes.ZONE. `node` may have dots. Returns the length, or 0 if the
 * text is not a name or too long. */
size_t dnssd_fabric_name_node(uint8_t out[static DNS_NAME_MAX], const char *node,
			      const uint8_t *zone);

/* Writes the name of an instance, LABEL.TYPE.ZONE. `label` is text, any octets, and `type` is like
 * `_http._tcp`. Returns the length, or 0 if one of them is invalid or the name too long. */
size_t dnssd_fabric_name_instance(uint8_t out[static DNS_NAME_MAX], const char *label,
				  const char *type, const uint8_t *zone);

/* Takes a name apart. Returns its kind, with `out` filled in unless that is DNSSD_FABRIC_OTHER. */
enum dnssd_fabric_kind dnssd_fabric_name_parse(struct dnssd_fabric_name *out, const uint8_t *name,
					       const uint8_t *zone);

/* Writes the label of an event: ERA-N. */
void dnssd_fabric_name_event(char out[static DNSSD_EVENT_LABEL_MAX], uint64_t era, uint64_t n);

/* Reads the wire label of an event. Returns false if it is not one as dnssd_fabric_name_event()
 * writes it. */
bool dnssd_fabric_name_parse_event(const uint8_t *label, uint64_t *era, uint64_t *n);
