/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weftd/metrics.h - /metrics and /healthz: the pages that server.metrics serves by HTTP.
 *
 * They are written in the main thread, of what the other threads publish: no worker and no
 * registrar is asked or waited for. Main thread only. */
#pragma once

struct daemon;

/* Serves the pages on the configured addresses. If that fails, the reason is logged, and weftd does
 * without: nobody should miss the registry because another program has the port. */
void weftd_metrics_start(struct daemon *d);

/* Ends serving them. */
void weftd_metrics_stop(struct daemon *d);
