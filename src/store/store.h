/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* store/store.h - the place where changesets become durable, and from which they are read back.
 *
 * For each zone a store holds a checkpoint (the whole zone as of some serial), the changesets since
 * then, and a baseline (the records of the zone file as last merged, so that an edited file can be
 * applied as a difference). It also holds items: small values of other rooms (leases, owners,
 * revoked keys), which the store carries and never looks into. It knows neither UPDATE nor policy.
 *
 * Every call goes to the engine that the program hands to store_open (store/engine.h).
 *
 * Threads: store_open, store_recover and store_close are main's; store_commit and store_zone_remove
 * the registrar's; checkpoints and baselines are written, and backups begun, by one background
 * thread at a time; store_history_read, store_log_nbytes, store_stats_get, store_counters_get and
 * what a begun backup needs are for any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "zone/changeset.h"

struct base_error;
struct store;
struct store_backup;
struct store_checkpoint;
struct store_engine;

struct store_settings {
	const char *directory;	/* of the store's files; must exist. Borrowed during store_open */
	uint64_t segment_size;	/* bytes of one log segment, a multiple of 4096; 0: 16 MiB */
	uint64_t history_size;	/* bytes of log kept for IXFR beyond what recovery needs; 0: 256 MiB
				 */
	uint64_t history_age_s; /* log that is older is not kept for IXFR; 0: no limit by age */
};

/* Kinds of items. The numbers are part of the format on disk: none is ever used again. */
enum {
	STORE_ITEM_ZONE = 1,	   /* hosting: token of the baseline that a merge prepared */
	STORE_ITEM_LEASE = 2,	   /* ledger: records held by a lease */
	STORE_ITEM_OWNER = 3,	   /* ledger: the key that owns a name */
	STORE_ITEM_REVOKED = 4,	   /* weftd: a revoked key */
	STORE_ITEM_LEASE_TIME = 5, /* ledger: the end of a lease */
	STORE_ITEM_CLOCK = 6,	   /* ledger: its clock */
	STORE_ITEM_SUBTYPES = 7,   /* view: all subtypes of an instance; only read */
	STORE_ITEM_MARK = 8,	   /* view: mark of an instance */
	STORE_ITEM_SUBTYPE = 9,	   /* view: a subtype of an instance */
	STORE_ITEM_AHEAD = 10,	   /* ledger: until when a key has signed ahead of our clock */
	STORE_ITEM_NODE = 11,	   /* view: a drained node */
	STORE_ITEM_ANNOUNCED = 12, /* registry: the SRV made for a zone's DNS Push server */
};

/* Octets of an item, key and bytes together, at most. */
enum { STORE_ITEM_MAX = 1000 << 10 };

/* A small value, at most STORE_ITEM_MAX. `key` names the item within its kind: a later item with
 * the same key replaces it, and an item without bytes removes it. */
struct store_item {
	uint8_t kind; /* STORE_ITEM_* */
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

/* What one commit makes durable, all or nothing. Borrowed during the call. */
struct store_batch {
	const struct store_change *changes;
	size_t nchanges;
	const struct store_item *items;
	size_t nitems;
	uint64_t time_s; /* wall clock: the age of the commit counts from it */
};

/* Opens a store, or makes a new one in an empty directory, and locks it against another weftd.
 * `engine` must live as long as the store. Returns 0, after which store_close is owed, or a
 * negative errno described in `error` (-EBUSY: in use, -EPROTO: a newer format, -EBADMSG: damaged,
 * -EROFS,
 * ...). The error's location is settings->directory, borrowed. */
int store_open(struct store **out, const struct store_engine *engine,
	       const struct store_settings *settings, struct base_error *error);

/* Closes the store and frees it; NULL is fine. What was committed is safe with or without it. */
void store_close(struct store *s);

/* The functions that get what recovery reads. For each zone on_checkpoint comes first, then
 * on_record for each record of the checkpoint (owners in canonical order, the records of an owner
 * together), then on_checkpoint_end. The changesets follow in the order of their commits, and the
 * items in the order of theirs. A function that returns a value other than 0 ends the recovery. All
 * arguments are borrowed during the call. */
struct store_recovery {
	int (*on_checkpoint)(void *arg, const uint8_t *zone, uint32_t serial, uint64_t nrecords,
			     uint64_t nowners);
	int (*on_record)(void *arg, const struct dns_record *record);
	int (*on_checkpoint_end)(void *arg, const uint8_t *zone);
	int (*on_change)(void *arg, const struct store_change *change);
	int (*on_item)(void *arg, const struct store_item *item);
	void *arg; /* of all functions */
};

/* Returns where the store is, such as its folder, for messages; "" if that is not known. Valid
 * until store_close. Any thread. */
const char *store_place(const struct store *s);

/* Reads everything back. Called once, after store_open and before the first commit. Returns 0; a
 * negative errno described in `error`, whose location is valid until store_close; or the value with
 * which a function of `r` ended the recovery, with `error` unchanged unless that is -ENOMEM. After
 * a failure the store can only be closed. */
int store_recover(struct store *s, const struct store_recovery *r, struct base_error *error);

/* Makes a batch durable. Returns 0 if the batch survives a loss of power from now on, or a negative
 * errno after which nothing of the batch will be read back, not even after a crash; the next commit
 * may be tried at once. -EUCLEAN is the exception: the disk failed so that nobody can know whether
 * the batch will be read back after a crash. Until the disk has taken it back, which each further
 * commit tries first, these fail with nothing written. */
int store_commit(struct store *s, const struct store_batch *batch);

/* Returns the bytes of log that recovery would read: those since the oldest change that is in no
 * checkpoint. The caller decides by it when to write a checkpoint. */
uint64_t store_log_nbytes(struct store *s);

/* Begins to write a checkpoint of one zone. `serial` is the serial of the version being written; it
 * must be the zone's serial as of some commit to this store, or of its first load. Each record
 * follows by store_checkpoint_record, then store_checkpoint_end or _abort; commits go on meanwhile.
 * Returns 0 or a negative errno. Whatever fails, the checkpoint before stays in force. */
int store_checkpoint_begin(struct store *s, struct store_checkpoint **out, const uint8_t *zone,
			   uint32_t serial);

/* Adds the next record, owners in canonical order. Returns 0 or a negative errno, after which only
 * store_checkpoint_abort may follow. */
int store_checkpoint_record(struct store_checkpoint *c, const struct dns_record *record);

/* Makes the checkpoint durable, puts it in force and gives back log that is not needed any more.
 * Frees `c`, also if it fails. Returns 0 or a negative errno. */
int store_checkpoint_end(struct store_checkpoint *c);

/* Gives up the writing and frees `c`; NULL is fine. */
void store_checkpoint_abort(struct store_checkpoint *c);

/* Begins to write a baseline of one zone, with `identity` bytes whose meaning is the caller's:
 * which files, their sizes and times. It is continued and ended like a checkpoint, and replaces the
 * baseline before as a whole. Returns 0 or a negative errno. */
int store_baseline_begin(struct store *s, struct store_checkpoint **out, const uint8_t *zone,
			 const void *identity, size_t nidentity);

/* Like store_baseline_begin, but what is written comes into force by store_baseline_adopt only: so
 * a baseline can be written before the commit that it belongs to. */
int store_baseline_prepare(struct store *s, struct store_checkpoint **out, const uint8_t *zone,
			   const void *identity, size_t nidentity);

/* Puts the prepared baseline in force if its identity begins with the `nbegin` bytes at `begin`.
 * Returns 0, -ENOENT if there is no such baseline, or another negative errno. */
int store_baseline_adopt(struct store *s, const uint8_t *zone, const void *begin, size_t nbegin);

/* Hands each record of a zone's baseline to `on_record`. Returns 0, -ENOENT if the zone has no
 * baseline, another negative errno, or the value other than 0 that `on_record` returned. */
int store_baseline_read(struct store *s, const uint8_t *zone,
			int (*on_record)(void *, const struct dns_record *), void *arg);

/* Copies at most `size` bytes of the identity of a zone's baseline to `out`. Returns the identity's
 * full length, -ENOENT if the zone has no baseline, or another negative errno. */
int store_baseline_identity(struct store *s, const uint8_t *zone, void *out, size_t size);

/* Forgets a zone: removes its files and skips its changesets from now on. The items of `items`, a
 * batch without changes, are committed with it, all or nothing. Returns 0 if both are durable, or a
 * negative errno with nothing changed; -EUCLEAN is that of store_commit. */
int store_zone_remove(struct store *s, const uint8_t *zone, const struct store_batch *items);

/* Hands the changesets that lead from `serial` to the zone's newest version to `on_change`, in
 * order. Returns 0, -ENOENT if some of them are not kept any more, another negative errno, or the
 * value other than 0 that `on_change` returned. */
int store_history_read(struct store *s, const uint8_t *zone, uint32_t serial,
		       int (*on_change)(void *, const struct store_change *), void *arg);

/* What a backup contains. */
struct store_backup_info {
	uint64_t commit; /* number of the newest commit in it; 0: there was none */
	uint64_t nzones; /* with records of their own in it */
	uint64_t nbytes; /* written so far */
};

/* Begins a backup of everything in the store as of one commit, and holds on to what it consists of:
 * commits and checkpoints go on, and files that they replace keep their space until
 * store_backup_end. Zones whose checkpoint is recent make it short. Returns 0, after which
 * store_backup_end is owed, or a negative errno. */
int store_backup_begin(struct store *s, struct store_backup **out);

/* Hands the bytes of the backup to `on_bytes`, at the pace at which that takes them. Called once.
 * `time_s` is the time of the backup by the wall clock, `text` lines for people that it begins
 * with. Returns 0, -EBADMSG if something in the store is damaged, another negative errno, or the
 * value other than 0 that `on_bytes` returned; the bytes are a backup only after 0. */
int store_backup_write(struct store_backup *b, uint64_t time_s, const char *text,
		       int (*on_bytes)(void *arg, const void *bytes, size_t nbytes), void *arg);

/* Fills in what the backup contains. */
void store_backup_info(const struct store_backup *b, struct store_backup_info *out);

/* Ends the backup and frees it; NULL is fine. Before store_close. */
void store_backup_end(struct store_backup *b);

/* Figures since the store was opened. Consists of uint64_t only: base/counter.h. */
struct store_stats {
	uint64_t commits, syncs, commit_bytes, commit_failures, checkpoints, checkpoint_failures;
	uint64_t segments;	/* files of the log now */
	uint64_t segment_bytes; /* their size */
	uint64_t history_bytes; /* of those that only IXFR needs */
	uint64_t last_time_s;	/* wall clock of the newest commit; 0: there is none */
};
void store_stats_get(struct store *s, struct store_stats *out);

/* Copies those figures that need not be computed, and 0 for history_bytes and last_time_s. Never
 * waits for a commit, and no commit waits for it. */
void store_counters_get(struct store *s, struct store_stats *out);
