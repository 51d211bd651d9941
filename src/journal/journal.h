/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* journal/journal.h - the engine of the store that is a log on a local disk.
 *
 * Commits are appended to a log and synced; checkpoints make old log superfluous. Everything is
 * called through store/store.h. */
#pragma once

#include "store/engine.h"

extern const struct store_engine journal_engine;
