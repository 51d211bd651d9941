/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* store/engine.h - what an engine of the store must do: store.h, function for function.
 * Room-private.
 *
 * An engine's own struct begins with a struct store. The contracts, threads included, are those of
 * store.h. */
#pragma once

#include "store/store.h"

struct store_engine {
	const char *name;
	int (*open)(struct store **out, const struct store_settings *settings, char *why,
		    size_t why_size);
	void (*close)(struct store *s);
	int (*recover)(struct store *s, const struct store_recovery *r, char *why, size_t why_size);
	int (*commit)(struct store *s, const struct store_batch *batch);
	uint64_t (*log_bytes)(struct store *s);
	int (*checkpoint_begin)(struct store *s, struct store_checkpoint **out, const uint8_t *zone,
				uint32_t serial);
	int (*checkpoint_record)(struct store_checkpoint *c, const struct dns_record *record);
	int (*checkpoint_end)(struct store_checkpoint *c);
	void (*checkpoint_abort)(struct store_checkpoint *c);
	int (*baseline_begin)(struct store *s, struct store_checkpoint **out, const uint8_t *zone,
			      const void *identity, size_t nidentity);
	int (*baseline_prepare)(struct store *s, struct store_checkpoint **out, const uint8_t *zone,
				const void *identity, size_t nidentity);
	int (*baseline_adopt)(struct store *s, const uint8_t *zone, const void *begin,
			      size_t nbegin);
	int (*baseline_read)(struct store *s, const uint8_t *zone,
			     int (*on_record)(void *, const struct dns_record *), void *arg);
	int (*baseline_identity)(struct store *s, const uint8_t *zone, void *out, size_t size);
	int (*zone_remove)(struct store *s, const uint8_t *zone, const struct store_batch *items);
	bool (*history_has)(struct store *s, const uint8_t *zone, uint32_t serial);
	int (*history_read)(struct store *s, const uint8_t *zone, uint32_t serial,
			    int (*on_change)(void *, const struct store_change *), void *arg);
	void (*stats_get)(struct store *s, struct store_stats *out);
};

struct store {
	const struct store_engine *engine;
};

/* The first member of an engine's checkpoint being written. */
struct store_checkpoint {
	struct store *store;
};

extern const struct store_engine store_journal;
