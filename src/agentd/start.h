/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agentd/start.h - starts weft-agentd, and ends what was started. */
#pragma once

struct agentd;

/* Starts everything. `argv` is borrowed until the end. Returns 0, or -1 after logging what is
 * wrong. The caller calls agentd_start_undo() in either case. */
int agentd_start(struct agentd *d, const char *config_path, char *const *argv);

/* Ends everything. Processes of services go on, unless agent_stop() has ended them. */
void agentd_start_undo(struct agentd *d);

/* Runs the program's file in this process, if it has ended for that; last of all. Returns 0, or -1
 * after logging why that failed. */
int agentd_start_again(struct agentd *d);
