/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registry/wide.h - warns of names that become wide (zone/wide.h), once for each RRset.
 *
 * The registrar's thread only. */
#pragma once

#include <stdint.h>

struct zone_draft;

enum { REGISTRY_WIDE_MAX = 256 };

/* The RRsets that were warned of since the start; all zero at first. After REGISTRY_WIDE_MAX there
 * are no further warnings: a set that grows and shrinks around the limit must not fill the log. */
struct registry_wide {
	uint64_t hash[REGISTRY_WIDE_MAX];
	uint32_t count;
};

/* Logs a warning for each RRset and name that a sealed draft makes wide. */
void registry_wide_warn(struct registry_wide *w, const struct zone_draft *draft);
