/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* command/backup.h - the command that writes a backup of the store, in a thread of its own.
 * Main thread. */
#pragma once

struct control_request;

/* `backup`: writes a backup to the descriptor that came with the request. `daemon` is the struct
 * daemon. */
void command_backup(void *daemon, struct control_request *request);
