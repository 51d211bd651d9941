/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* kit.h - a context for tests: its registry is at 127.0.0.1@1, where nobody answers. */
#pragma once

#include "api/context.h"

struct weft *kit_context(void);

/* Returns how many objects the context has, without its rooms. */
unsigned kit_nobjects(const struct weft *w);

/* Calls `begin` with contexts whose n-th allocation fails, for every n, until none fails. What
 * fails must be WEFT_E_MEMORY and leave no object. */
void kit_fail_each(int (*begin)(struct weft *w));
