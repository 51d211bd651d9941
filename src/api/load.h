/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* api/load.h - makes the rooms below for a context, each when it is first needed.
 *
 * From then on settings cannot be changed; weft_free() frees the rooms. Functions that return int
 * return WEFT_OK or another enum weft_error, described in the context. One thread. */
#pragma once

#include "api/context.h"

/* Reads settings, files and environment. */
int api_load_locate(struct weft *w);
