/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* store/engine.h - what an engine of the store must do: store/store.h, function for function.
 *
 * An engine fills in one constant table and begins its own structs with the two below. The
 * contracts, threads included, are those of store/store.h. The store itself knows no engine: the
 * program hands one in. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct base_error;
struct dns_record;
struct store;
struct store_backup;
struct store_backup_info;
struct store_batch;
struct store_change;
struct store_checkpoint;
struct store_recovery;
struct store_settings;
struct store_stats;

struct store_engine {
	int (*open)(struct store **out, const struct store_settings *settings,
		    struct base_error *error);
	void (*close)(struct store *s);
	int (*recover)(struct store *s, const struct store_recovery *r, struct base_error *error);
	int (*commit)(struct store *s, const struct store_batch *batch);
	uint64_t (*log_nbytes)(struct store *s);
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
	int (*history_read)(struct store *s, const uint8_t *zone, uint32_t serial,
			    int (*on_change)(void *, const struct store_change *), void *arg);
	int (*backup_begin)(struct store *s, struct store_backup **out);
	int (*backup_write)(struct store_backup *b, uint64_t time_s, const char *text,
			    int (*on_bytes)(void *, const void *, size_t), void *arg);
	void (*backup_info)(const struct store_backup *b, struct store_backup_info *out);
	void (*backup_end)(struct store_backup *b);
	void (*stats_get)(struct store *s, struct store_stats *out);
	void (*counters_get)(struct store *s, struct store_stats *out);
};

/* The first member of an engine's store. */
struct store {
	/* set by the engine's `open` */
	const struct store_engine *engine;
	const char *place; /* for people; valid as long as the store is open */
};

/* The first member of what an engine has of a backup. */
struct store_backup {
	struct store *store;
};

/* The first member of what an engine has of a checkpoint or baseline being written. */
struct store_checkpoint {
	struct store *store;
};
