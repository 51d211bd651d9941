/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* journal/checkpoint.h - the records of a whole zone in a file: as of some commit (checkpoint), or
 * as its zone file had them when it was last merged (baseline). Room-private.
 *
 * Both are written by one background thread at a time, while commits go on. The contracts are those
 * of store/store.h; nothing here is called under the lock. */
#pragma once

#include "journal/journal_priv.h"

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
