/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* locate/probe.h - a question to a registry that has failed, to find out whether it answers again.
 *
 * One at a time; any answer at all is good. It does not know why the registry has failed. One
 * thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "locate/known.h"
#include "resolve/lookup.h"

/* All zero but for the first three. */
struct locate_probe {
	struct resolve_events *events;
	struct locate_known *known; /* that learn the result */
	const uint8_t *name;	    /* that is asked for */
	/* private */
	struct resolve_lookup *lookup; /* NULL: no probe is under way */
	struct resolve_endpoint endpoint;
};

/* Probes the registry that has waited longest, if it is time to and no probe is under way. `tls` is
 * the context for a registry with TLS, borrowed until the end. */
void locate_probe_begin(struct locate_probe *p, struct fabric_tls_context *tls, uint64_t now_ms);

/* Ends the probe. */
void locate_probe_end(struct locate_probe *p);
