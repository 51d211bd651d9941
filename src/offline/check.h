/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* offline/check.h - whether a store that no weftd uses is intact: `weft store check`.
 *
 * Changes nothing on disk. One thread. */
#pragma once

#include <stdio.h>

/* Examines everything in the store at `folder` and writes a report for people to `out`. Returns 0
 * if the store is intact, -EBADMSG if something is damaged, -EBUSY if a weftd uses the store, or
 * another negative errno; the report contains what is wrong. */
int offline_check(const char *folder, FILE *out);
