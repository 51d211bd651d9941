/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* locate/registry.h - what is known of a registry: its address, and how it has answered lately.
 *
 * Types only; it does not know what is asked. */
#pragma once

#include <stdint.h>

#include "resolve/stream.h"

enum {
	LOCATE_REGISTRIES_MAX = 16, /* addresses; others are ignored */
	LOCATE_SOURCE_MAX = 128,    /* bytes of a source with its NUL */
};

enum locate_transport { LOCATE_UDP, LOCATE_TCP, LOCATE_TLS };
enum locate_health { LOCATE_UNKNOWN, LOCATE_WELL, LOCATE_FAILED };

/* What it would not answer lately. */
struct locate_refusals {
	unsigned n;	   /* in a row */
	uint64_t until_ms; /* asked after others until then */
};

/* One address of a registry; the owner of `struct locate` writes it, others read. */
struct locate_registry {
	struct resolve_endpoint endpoint; /* with the port; its flags are of the transport */
	enum locate_transport transport;  /* LOCATE_UDP: TCP where an answer does not fit */
	enum locate_health health;
	uint32_t rtt_us;	  /* smoothed; 0: not known */
	unsigned nfailures;	  /* in a row */
	uint64_t failed_until_ms; /* asked last until then */
	struct locate_refusals questions, updates;
	unsigned rank;			/* in the order of the source, from 0 */
	char source[LOCATE_SOURCE_MAX]; /* where it is known from, for people */
	char host[256];			/* whose address it is, without final dot; "": not known */
};
