/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registrant/look.h - reading what is in the registry at the name of an instance: its TXT record,
 * which has the incarnation. A bounded number of questions is asked at a time. One thread. */
#pragma once

#include "registrant/state.h"

/* Reads the TXT records of an answer into `out`: several count as one that cannot be compared. */
void registrant_look_read(struct registrant_present *out, const uint8_t *name,
			  struct resolve_answer *answer);

/* Begins to ask for units that are to be looked at; `arg` is the registrant. */
void registrant_look_run(void *arg, uint64_t now_ms);
