/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* command/zone.h - commands about zones and their files. Main thread; `daemon` is the struct
 * daemon. Long work is done by jobs, and the request is answered when the last of them is done. */
#pragma once

struct control_request;

/* `zone list`: the names of the zones that are served. */
void command_zone_list(void *daemon, struct control_request *request);

/* `zone status [ZONE...]`: serial, size and state of these zones, or of all including parked ones.
 */
void command_zone_status(void *daemon, struct control_request *request);

/* `zone reload [ZONE...]`: merges the files of these zones, or of all. */
void command_zone_reload(void *daemon, struct control_request *request);

/* `zone checkpoint [ZONE...]`: writes checkpoints of these zones, or of all. */
void command_zone_checkpoint(void *daemon, struct control_request *request);

/* `zone purge ZONE`: removes a parked zone from the store for good. */
void command_zone_purge(void *daemon, struct control_request *request);

/* `reload`: reloads the configuration, then the zone files that have changed. */
void command_zone_reload_all(void *daemon, struct control_request *request);
