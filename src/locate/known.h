/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* locate/known.h - the registries that are known, in the order in which to ask them.
 *
 * The order is that of their source, but those that have failed come last until they have answered
 * again, after those that refuse again and again. It asks nobody and reads no clock. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "locate/registry.h"

enum {
	LOCATE_BACKOFF_MIN_MS = 1000, /* after the first failure, then twice as long each time */
	LOCATE_BACKOFF_MAX_MS = 60000,
	LOCATE_REFUSALS_MAX = 4, /* in a row, until others are asked first */
	LOCATE_REFUSED_MS = 60000,
	LOCATE_SILENCE_MIN_MS = 20, /* longer than an answer usually takes, at least */
	LOCATE_SILENCE_UNKNOWN_MS = 200,
};

struct locate_known {
	struct locate_registry items[LOCATE_REGISTRIES_MAX];
	size_t n;
};

/* Adds an address at the end, unless it is there or there is no room. `source` is copied. */
void locate_known_add(struct locate_known *all, const struct resolve_endpoint *endpoint,
		      enum locate_transport transport, const char *source);

/* Replaces the registries by those that were found, which keep what is known of their health. */
void locate_known_replace(struct locate_known *all, const struct locate_known *found);

/* Records an answer after `rtt_us` (0: not measured), or a failure, of the registry at `at`. */
void locate_known_succeeded(struct locate_known *all, const struct resolve_endpoint *at,
			    uint32_t rtt_us);
void locate_known_failed(struct locate_known *all, const struct resolve_endpoint *at,
			 uint64_t now_ms);

/* Records that it has answered a question or an update, or that it refuses to: one that has refused
 * several in a row is not the one to ask first, though it may serve another zone. */
void locate_known_accepted(struct locate_known *all, const struct resolve_endpoint *at,
			   bool is_update);
void locate_known_refused(struct locate_known *all, const struct resolve_endpoint *at,
			  bool is_update, uint64_t now_ms);

/* Writes pointers to all, in the order in which to ask them now. */
void locate_known_order(const struct locate_known *all, bool is_update, uint64_t now_ms,
			const struct locate_registry *out[static LOCATE_REGISTRIES_MAX]);

/* Returns whether all have failed. */
bool locate_known_have_failed(const struct locate_known *all);

/* Returns the failed registry whose time to be tried again has come, the one that has waited
 * longest; NULL if there is none. */
struct locate_registry *locate_known_due(struct locate_known *all, uint64_t now_ms);

/* Returns after how many milliseconds without an answer a registry is clearly slower than usual. */
uint64_t locate_known_silence_ms(uint32_t rtt_us);
