/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* command/status.h - `weft status`: whether weftd is well, and what it is. Main thread. */
#pragma once

#include <jansson.h>

struct control_request;
struct daemon;

/* Returns what `weft status` shows, as an object that the caller owns. Reads published figures
 * only. */
json_t *command_status_json(struct daemon *d);

/* Answers at once, from figures that are published: also while a disk hangs. */
void command_status(void *daemon, struct control_request *request);
