/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registrant/change.h - what life.c needs of single updates, whose door is
 * registrant/registrant.h. One thread. */
#pragma once

#include "registrant/state.h"

/* Ends all changes; their owners still free them. */
void registrant_change_fini(struct registrant *r);
