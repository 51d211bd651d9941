/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* web/metrics.h - what the workers and the registrar count, as families of metrics.
 *
 * The names are part of weft's interface, as weftd(8) has them. A label has only values that the
 * code knows, or names of configured zones: nothing that comes from the network. Any thread. */
#pragma once

#include "web/page.h"

struct registry_stats;
struct server_stats;

/* Writes the families of the network side. */
void web_metrics_server(struct web_page *p, const struct server_stats *s);

/* Writes the families of updates, leases and services. */
void web_metrics_registry(struct web_page *p, const struct registry_stats *s);

/* Writes the family of requests that were refused, by reason: guard/refusals.h. */
void web_metrics_refusals(struct web_page *p, const struct server_stats *s);
