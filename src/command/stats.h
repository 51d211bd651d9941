/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* command/stats.h - the command that shows what weftd has counted since its start. */
#pragma once

#include <jansson.h>

struct control_request;
struct daemon;

/* Returns the counters, but for those of the store, as an object that the caller owns. Never waits
 * for a disk. Thread as below. */
json_t *command_stats_json(const struct daemon *d);

/* `stats`: the counters of the workers, the registrar, leases, services, the store and each zone.
 * Main thread, registered with RCU and online; `daemon` is the struct daemon. */
void command_stats(void *daemon, struct control_request *request);
