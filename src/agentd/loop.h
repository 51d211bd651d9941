/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agentd/loop.h - the loop: signals, the watchdog, and how it ends. One thread. */
#pragma once

#include "agentd/program.h"
#include "base/error.h"

/* Watches for SIGTERM and SIGINT (stop), SIGUSR2 (leave) and SIGHUP (reload), and starts the
 * watchdog. */
void agentd_loop_start(struct agentd *d);

/* Ends watching, if it was begun. */
void agentd_loop_stop(struct agentd *d);

/* Something has happened that may leave memory unused: it is given back some seconds later. */
void agentd_loop_tidy(struct agentd *d);

/* Runs until the program has ended. */
void agentd_loop_run(struct agentd *d);

/* Begins to end. A second call, while services are being stopped, may still change that to leaving
 * them. Returns 0, or a negative errno with `error` filled in and the program going on: it ends
 * already, or the new program would not start. `error` may be NULL. */
int agentd_loop_end(struct agentd *d, enum agentd_end how, struct base_error *error);
