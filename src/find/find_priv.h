/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* find/find_priv.h - what the look-ups of a `struct find` share. One thread. */
#pragma once

#include <stdint.h>

#include "find/question.h"
#include "find/route.h"

struct find {
	struct resolve_events *events;
	uint64_t stale_ms;
	struct find_questions questions;
	struct find_routes routes;
};
