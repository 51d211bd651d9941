/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weftd/command_stats.h - what weftd has counted, as JSON. Main thread. */
#pragma once

#include <jansson.h>

struct weftd;

/* Counters since the start: of the workers, the registrar, the store and each zone. */
json_t *weftd_stats(struct weftd *d);
