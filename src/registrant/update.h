/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registrant/update.h - what life.c needs of updates of any content, whose door is
 * registrant/registrant.h. One thread. */
#pragma once

#include "registrant/state.h"

/* Ends all updates; their owners still free them. */
void registrant_update_fini(struct registrant *r);
