/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* journal/journal_priv.h - the state of an open journal, for all files of the engine.
 * Room-private.
 *
 * The files form layers; each calls only what is above it here:
 *
 *   system, io		the disk
 *   path		names of files
 *   segment, record	one file of the log; one record in it
 *   format		version and key
 *   blocks		files that are replaced as a whole
 *   image, items	what is in those
 *   scan, history	which records count; where each zone's changesets are
 *   log, commit		the segments; making a batch durable
 *   reclaim		the background thread
 *   checkpoint		checkpoints and baselines
 *   backup		a copy of it all, as of one commit
 *   recover, journal	start and end
 *
 * look, check, export and restore are for a store that is not open. */
#pragma once

#include <pthread.h>

#include "base/counter.h"
#include "journal/history.h"
#include "journal/items.h"
#include "journal/record.h"
#include "journal/segment.h"
#include "store/engine.h"
#include "store/store.h"

struct journal {
	struct store store;

	/* set before the threads start */
	char folder[JOURNAL_PATH_MAX - 512];
	uint64_t key; /* of all checksums */
	uint64_t segment_size, history_size, history_age_s;
	int lock_fd;

	/* registrar only */
	struct journal_gather gather;
	void *direct;		/* buffer of direct writes */
	uint64_t at;		/* offset of the next record in the active segment */
	uint64_t checksum;	/* of the last record that counts */
	bool has_failed_record; /* a write failed, and no record has voided it yet */
	bool is_tail_unsure;	/* the last record was found at the start, and may never have been
				   synced */
	struct journal_segment *tail; /* where that record is */
	uint64_t tail_offset, tail_nbytes;

	/* one round of reclaiming at a time; taken before `lock` */
	pthread_mutex_t round;

	pthread_mutex_t lock;
	pthread_cond_t wake; /* reclaiming thread: there may be something to do */
	pthread_cond_t made; /* registrar: a segment was made ahead, or could not be made */
	/* under lock */
	uint64_t sequence;		  /* of the last commit that counts */
	struct journal_segment *segments; /* the log, by rising numbers: the oldest first */
	struct journal_segment *active;	  /* being written, or NULL: the next commit begins one */
	struct journal_segment *last;	  /* contains the last record that counts */
	struct journal_segment *prepared; /* made ahead, not in the log yet */
	struct journal_segment *spares;	  /* given back, the oldest first */
	unsigned nspares;
	uint64_t next_number; /* of a segment */
	uint64_t log_end;     /* sum of the sizes of all segments that were ever in the log */
	struct journal_history history;
	struct journal_items items;
	uint64_t items_sequence; /* of the last commit that the items' file contains */
	uint64_t items_position; /* end of the log when the file was last written, or tried to */
	uint64_t log_from;	 /* the first commit that the log must hold, by that file */
	bool is_making, is_stopping, has_thread; /* is_making: a segment is being made */
	pthread_t thread;			 /* the reclaiming thread */
	struct store_stats stats;
};

/* Returns the journal that a store of this engine is. */
static inline struct journal *journal_of(struct store *s)
{
	return (struct journal *)s;
}
