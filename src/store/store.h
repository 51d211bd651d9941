/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* store/store.h - where changesets become durable, and come back from in order.
 *
 * A store holds, for each zone: a checkpoint (the whole zone at some serial), the changesets since,
 * and the baseline (the zone file's records as last loaded, so that an edited file can be merged as
 * a difference). It holds items besides: small records of other rooms (leases, owners, revoked
 * keys), which it carries and does not read. It knows no UPDATE and no policy.
 *
 * Engines are chosen by name (store_engines); everything here goes through the engine's table.
 * Threads: store_open, store_recover and store_close by main; store_commit by the registrar only;
 * store_checkpoint* by one background thread at a time; store_history_read by any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "zone/changeset.h"

struct base_error;
struct store;
struct store_checkpoint;
struct store_engine;

struct store_settings {
	const char *directory;	/* state-dir; must exist */
	uint64_t segment_size;	/* bytes of one log segment, a multiple of 4096; 0: 16 MiB */
	uint64_t history_size;	/* bytes of log kept for IXFR behind the checkpoint; 0: 256 MiB */
	uint64_t history_age_s; /* seconds of it kept; 0: no limit by age */
};

/* An item: `key` names it within its `kind`; a later item of the same key replaces it, one without
 * bytes removes it. Kinds are the numbers of STORE_ITEM_*. */
enum {
	STORE_ITEM_ZONE = 1,
	STORE_ITEM_LEASE = 2,
	STORE_ITEM_OWNER = 3,
	STORE_ITEM_REVOKED = 4,
	STORE_ITEM_LEASE_TIME = 5,
	STORE_ITEM_CLOCK = 6,
	STORE_ITEM_SUBTYPES = 7,
	STORE_ITEM_MARK = 8,
};
struct store_item {
	uint8_t kind;
	const uint8_t *key;
	uint16_t nkey;
	const uint8_t *bytes;
	uint32_t nbytes;
};

/* One zone's part of a commit. */
struct store_change {
	const uint8_t *zone; /* wire name */
	struct zone_changeset changes;
};

/* What one commit makes durable, all or nothing. Everything in it is borrowed during the call. */
struct store_batch {
	const struct store_change *changes;
	size_t nchanges;
	const struct store_item *items;
	size_t nitems;
	uint64_t time_s; /* wall clock, kept for history-age */
};

/* Opens, or makes, the store and locks it against a second weftd. On failure returns a negative
 * errno (-EBUSY locked, -EPROTO newer format, -EBADMSG damaged, -EROFS...) and writes a full
 * sentence for the operator to `why` (what, where, how to recover). */
int store_open(struct store **out, const struct store_engine *engine,
	       const struct store_settings *settings, struct base_error *error);

/* Closes it; committed data is safe either way. NULL is fine. */
void store_close(struct store *s);

/* What recovery tells, in this order for each zone: on_checkpoint, each record of it (on_record, in
 * canonical order of owners, all records of an owner together), on_checkpoint_end; then the
 * changesets since, in order; items in the order they were committed. A function that returns
 * nonzero ends the recovery with that value. */
struct store_recovery {
	int (*on_checkpoint)(void *arg, const uint8_t *zone, uint32_t serial, uint64_t nrecords,
			     uint64_t nowners);
	int (*on_record)(void *arg, const struct dns_record *record);
	int (*on_checkpoint_end)(void *arg, const uint8_t *zone);
	int (*on_change)(void *arg, const struct store_change *change);
	int (*on_item)(void *arg, const struct store_item *item);
	void *arg;
};

/* Reads everything back, once, after store_open and before the first commit. 0, a negative errno
 * with `why` as store_open, or what a function returned. */
int store_recover(struct store *s, const struct store_recovery *r, struct base_error *error);

/* Makes a batch durable: after 0 it survives power loss. After a negative errno nothing of it will
 * be seen again (not even after a crash), and the next commit may be tried: a segment whose sync
 * failed is never written to nor trusted again. */
int store_commit(struct store *s, const struct store_batch *batch);

/* Bytes of log since the last checkpoint of the zone that has waited longest; the caller decides
 * when to checkpoint. */
uint64_t store_log_nbytes(struct store *s);

/* Writes a checkpoint of one zone: begin, each record in canonical order of owners, end (sync,
 * rename, old log given back). In the background, while commits go on. `serial` is the serial of
 * the snapshot that is being written; it must be the zone's serial as of some commit of this store
 * (or the first load). On any failure the old checkpoint stays. store_checkpoint_end ends the
 * writing either way; after a record that failed it is ended by store_checkpoint_abort, for which
 * NULL is fine. */
int store_checkpoint_begin(struct store *s, struct store_checkpoint **out, const uint8_t *zone,
			   uint32_t serial);
int store_checkpoint_record(struct store_checkpoint *c, const struct dns_record *record);
int store_checkpoint_end(struct store_checkpoint *c);
void store_checkpoint_abort(struct store_checkpoint *c);

/* The baseline of a zone: the records of its file as last merged, and `identity` bytes (of the
 * caller's meaning: which files, sizes, times). Written like a checkpoint; becomes visible at end
 * as a whole. Reading hands the records to `on_record`; -ENOENT if there is none. */
int store_baseline_begin(struct store *s, struct store_checkpoint **out, const uint8_t *zone,
			 const void *identity, size_t nidentity);
int store_baseline_read(struct store *s, const uint8_t *zone,
			int (*on_record)(void *, const struct dns_record *), void *arg);

/* The next baseline of a zone, which takes the place of the baseline by store_baseline_adopt only:
 * so it can be written before the commit that it goes with. */
int store_baseline_prepare(struct store *s, struct store_checkpoint **out, const uint8_t *zone,
			   const void *identity, size_t nidentity);

/* Puts the prepared baseline in place if its identity begins with these bytes. 0, -ENOENT if there
 * is none such, or another negative errno. */
int store_baseline_adopt(struct store *s, const uint8_t *zone, const void *begin, size_t nbegin);

/* Copies the identity of the zone's baseline to `out`, at most `size` bytes; returns its full
 * length, or -ENOENT. */
int store_baseline_identity(struct store *s, const uint8_t *zone, void *out, size_t size);

/* Forgets a zone that is no longer configured: its files go, its changesets are skipped from now
 * on. Durable when it returns, all or nothing with the items (their batch has no changes).
 * Registrar. 0 or a negative errno. */
int store_zone_remove(struct store *s, const uint8_t *zone, const struct store_batch *items);

/* Hands the changesets from `serial` on to `on_change`, in order. 0, -ENOENT if they are not all
 * kept, or what the function returned. */
int store_history_read(struct store *s, const uint8_t *zone, uint32_t serial,
		       int (*on_change)(void *, const struct store_change *), void *arg);

/* Figures for `weft stats`. */
struct store_stats {
	uint64_t commits, syncs, commit_bytes, commit_failures, checkpoints, checkpoint_failures;
	uint64_t segments, history_bytes;
};
void store_stats_get(struct store *s, struct store_stats *out);
