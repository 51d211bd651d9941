/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* dnssd/kind.h - the kinds of names in a zone: nodes, services, instances, reports, and the names
 * by which the agents of nodes work together (weft(7)).
 *
 * A name has its kind by its labels alone; whether it exists, and whose it is, is not known here.
 * No state; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"

/* Of a name relative to its zone. */
enum dnssd_kind {
	DNSSD_OTHER,	/* none of the following, or not in the zone */
	DNSSD_NODE,	/* N.nodes: a host */
	DNSSD_INSTANCE, /* I._svc._proto: a service instance (RFC 6763 section 4.1) */
	DNSSD_TYPE,	/* _svc._proto: a service type; shared, has PTRs to instances */
	DNSSD_SUBTYPE,	/* _S._sub._svc._proto: a subtype (section 7.1); shared likewise */
	DNSSD_REPORT,	/* _suspect.I._svc._proto: reports about an instance */
	DNSSD_RUNS,	/* _runs.N.nodes: the instances that a node has to run */
	DNSSD_HELD,	/* L._names.N.nodes: a name that one instance of the node holds */
	DNSSD_SPEC,	/* _spec.I._svc._proto: what an instance shall be */
	DNSSD_USES,	/* _uses.I._svc._proto: what an instance depends on */
	DNSSD_RESOURCE, /* R._resources */
	DNSSD_SCHEMA,	/* S._schemas */
	DNSSD_SESSION,	/* ID._sessions */
	DNSSD_LEADER,	/* _leader._cluster: the node that coordinates */
	DNSSD_RULES,	/* _rules._cluster */
	DNSSD_EVENT,	/* E-N._events._cluster: one entry of the history */
};

/* Returns the kind of `name` in the zone of that name. */
enum dnssd_kind dnssd_kind_of(const uint8_t *name, const uint8_t *zone);

/* Returns the service type of an instance, a type, a subtype or a report in `zone`: a view into
 * `name`. */
const uint8_t *dnssd_kind_type(const uint8_t *name, const uint8_t *zone);

/* Returns the node of a name that is a node's: the name itself or, of the name at which the node
 * answers ACME (`_acme-challenge.N.nodes`, RFC 8555 section 8.4), of DNSSD_RUNS and DNSSD_HELD, the
 * rest of it; a view into `name`. */
const uint8_t *dnssd_kind_node(const uint8_t *name);

/* Writes the name at which a zone's SRV records name its DNS Push servers, _dns-push-tls._tcp.ZONE
 * (RFC 8765 section 6.1). Returns its length, or 0 if the zone's name is too long for that. */
size_t dnssd_push_name(uint8_t out[static DNS_NAME_MAX], const uint8_t *zone);

/* Returns whether the first label of a name is `text`, which must be in lower case; case is
 * ignored. */
bool dnssd_label_is(const uint8_t *label, const char *text);
