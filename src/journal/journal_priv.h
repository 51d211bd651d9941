/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* journal/journal_priv.h - the embedded engine: what its files share. Room-private.
 *
 * In the folder: `format` (version and key), `lock`, log segments, ZONE.checkpoint, ZONE.base,
 * items.checkpoint.
 *
 *   journal.c     open and close, committing
 *   recover.c     reading everything back
 *   keep.c        the background: segments made ahead, segments given back, items carried on
 *   checkpoint.c  checkpoints, baselines, reading history */
#pragma once

#include <pthread.h>

#include "journal/history.h"
#include "journal/image.h"
#include "journal/items.h"
#include "journal/record.h"
#include "journal/segment.h"
#include "store/engine.h"
#include "store/store.h"

enum {
	JOURNAL_SPARES_MAX = 2, /* given-back files that are kept for the next segments */
};

struct journal {
	struct store store;

	/* set before the threads start */
	char folder[JOURNAL_PATH_MAX - 512];
	uint64_t key; /* of all checksums */
	uint64_t segment_size, history_size, history_age_s;
	int lock_fd;

	/* registrar only */
	struct journal_gather gather;
	void *direct;		/* that direct writes go through */
	uint64_t at;		/* where the next record goes in the active segment */
	uint64_t checksum;	/* of the last record that counts */
	bool has_failed_record; /* a write failed, and no record since says that it does not count
				 */
	bool is_tail_unsure;	/* the last record was found at the start: its sync may never have
				   happened */
	struct journal_segment *tail; /* where that record is */
	uint64_t tail_offset, tail_nbytes;

	/* one round of keep.c at a time; taken before `lock` */
	pthread_mutex_t round;

	pthread_mutex_t lock;
	pthread_cond_t wake; /* the keeper: there may be something to do */
	pthread_cond_t made; /* the registrar: the keeper made a segment, or could not */
	/* under lock */
	uint64_t sequence;		  /* of the last commit that counts */
	struct journal_segment *segments; /* rising numbers; the oldest first */
	struct journal_segment *active;	  /* being written, or NULL: the next commit begins one */
	struct journal_segment *last;	  /* holds the last record that counts */
	struct journal_segment *prepared; /* the next one, not yet of the log */
	struct journal_segment *spares;	  /* given back, oldest first */
	unsigned nspares;
	uint64_t next_number, log_end; /* end of the log: sum of sizes */
	struct journal_history history;
	struct journal_items items;
	uint64_t items_sequence, items_position, log_from; /* of the items' file */
	bool is_making, is_stopping, has_thread;
	pthread_t thread;
	struct store_stats stats;
};

static inline struct journal *journal_of(struct store *s)
{
	return (struct journal *)s;
}

/* Writes the path of a zone's file, or of another file in the folder. */
void journal_zone_path(char out[static JOURNAL_PATH_MAX], const char *folder, const uint8_t *zone,
		       const char *suffix);
void journal_path(char out[static JOURNAL_PATH_MAX], const char *folder, const char *name);

/* Whether a file is one of its kind: has a name, and then this. */
bool journal_has_suffix(const char *file, const char *suffix);

/* Reads the format file. 0, -ENOENT, -EPROTO or another negative errno, each with a sentence in
 * `why`. */
int journal_format_read(const char *folder, uint64_t *key, struct base_error *error);

/* The last byte of the log that was written. Under the lock. */
uint64_t journal_end(const struct journal *j);

/* The first commit that the zones' checkpoints do not have in them, or `most` if that comes before.
 * Under the lock. */
uint64_t journal_needed(const struct journal *j, uint64_t most);

/* Begins to write into a new segment with room for `nbytes`; copies the last record there first if
 * its sync is unsure. 0 or a negative errno with no segment active. Registrar, or recovery. */
int journal_segment_begin(struct journal *j, uint64_t nbytes);

/* Adds a segment to the end of the log. Under the lock. */
void journal_segment_add(struct journal *j, struct journal_segment *s);

/* recover.c */
int journal_recover(struct store *s, const struct store_recovery *r, struct base_error *error);

/* keep.c */
int journal_reclaim_start(struct journal *j);
void journal_reclaim_stop(struct journal *j);

/* A segment with room for `nbytes`, the prepared one or a new one. 0 or a negative errno.
 * Registrar. */
int journal_segment_take(struct journal *j, struct journal_segment **out, uint64_t nbytes);

/* Writes the items' file and gives back what of the log is not needed any more, if that is worth
 * the while. 0 or a negative errno. Not under the lock. */
int journal_round(struct journal *j);

/* Ends the hold of a reader on a segment. Under the lock. */
void journal_segment_unref(struct journal *j, struct journal_segment *s);

/* checkpoint.c */
int journal_checkpoint_begin(struct store *s, struct store_checkpoint **out, const uint8_t *zone,
			     uint32_t serial);
int journal_checkpoint_record(struct store_checkpoint *c, const struct dns_record *record);
int journal_checkpoint_end(struct store_checkpoint *c);
void journal_checkpoint_abort(struct store_checkpoint *c);
int journal_baseline_begin(struct store *s, struct store_checkpoint **out, const uint8_t *zone,
			   const void *identity, size_t nidentity);
int journal_baseline_prepare(struct store *s, struct store_checkpoint **out, const uint8_t *zone,
			     const void *identity, size_t nidentity);
int journal_baseline_adopt(struct store *s, const uint8_t *zone, const void *begin, size_t nbegin);
int journal_baseline_read(struct store *s, const uint8_t *zone,
			  int (*on_record)(void *, const struct dns_record *), void *arg);
int journal_baseline_identity(struct store *s, const uint8_t *zone, void *out, size_t size);
int journal_history_read(struct store *s, const uint8_t *zone, uint32_t serial,
			 int (*on_change)(void *, const struct store_change *), void *arg);
