/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registrant/batch.h - the messages: units that are due at the same time, of the same zone and with
 * the same lease, go together. One thread. */
#pragma once

#include "registrant/state.h"

/* Sends what is due, as far as not too many messages are under way; `arg` is the registrant. */
void registrant_batch_pump(void *arg, uint64_t now_ms);

/* Gives up the messages that have waited for an answer for REGISTRANT_HURRY_MS: what was in them
 * has failed. */
void registrant_batch_hurry(struct registrant *r, uint64_t now_ms);

/* Forgets all messages that are under way. */
void registrant_batch_fini(struct registrant *r);
