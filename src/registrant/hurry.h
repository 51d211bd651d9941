/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registrant/hurry.h - what life.c needs of registrant_hurry, whose door is
 * registrant/registrant.h. One thread. */
#pragma once

#include "registrant/state.h"

/* Has all be sent that has failed; `arg` is the registrant. */
void registrant_hurry_run(void *arg, uint64_t now_ms);
