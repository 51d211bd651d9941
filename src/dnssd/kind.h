/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* dnssd/kind.h - what a name in a zone is for (weft(7)). Names in, answers out; any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum dnssd_kind {
	DNSSD_OTHER,
	DNSSD_NODE,	/* N.nodes */
	DNSSD_INSTANCE, /* I._svc._proto (RFC 6763 section 4.1) */
	DNSSD_TYPE,	/* _svc._proto: of everybody, holds PTRs */
	DNSSD_SUBTYPE,	/* _sub._sub._svc._proto (section 7.1): likewise */
	DNSSD_REPORT,	/* _suspect.I._svc._proto */
};

/* The place of a name in the zone: `name` is at its apex or below. */
enum dnssd_kind dnssd_kind_of(const uint8_t *name, const uint8_t *zone);

/* The service type of an instance or subtype: a view into `name`. */
const uint8_t *dnssd_kind_type(const uint8_t *name, const uint8_t *zone);

/* Whether the first label is `text`, which is in lower case. */
bool dnssd_label_is(const uint8_t *label, const char *text);
