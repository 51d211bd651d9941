/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* journal/recover.h - reading a store back after a start. Room-private. */
#pragma once

#include "journal/journal_priv.h"

/* Reads everything back, once, and starts the reclaiming thread; the contract is that of
 * store_recover. */
int journal_recover(struct store *s, const struct store_recovery *reader, struct base_error *error);
