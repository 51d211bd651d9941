/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* cmd/daemon_stats.h - what weftd has counted, as JSON. Main thread. */
#pragma once

#include <jansson.h>

struct cmd_daemon;

/* Counters since the start: of the workers, the registrar, the store and each zone. */
json_t *cmd_daemon_stats(struct cmd_daemon *d);
