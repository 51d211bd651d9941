/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registry/place.h - what a name in a zone is for (weft(7)). Names in, answers out; any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum registry_place {
	REGISTRY_ELSEWHERE,
	REGISTRY_NODE,	   /* N.nodes */
	REGISTRY_INSTANCE, /* I._svc._proto (RFC 6763 section 4.1) */
	REGISTRY_SERVICE,  /* _svc._proto: of everybody, holds PTRs */
	REGISTRY_SUBTYPE,  /* _sub._sub._svc._proto (section 7.1): likewise */
	REGISTRY_REPORT,   /* _suspect.I._svc._proto */
};

/* The place of a name in the zone: `name` is at its apex or below. */
enum registry_place registry_place_of(const uint8_t *name, const uint8_t *zone);

/* The service type of an instance or subtype: a view into `name`. */
const uint8_t *registry_place_type(const uint8_t *name, const uint8_t *zone);

/* Whether the first label is `text`, which is in lower case. */
bool registry_label_is(const uint8_t *label, const char *text);
