/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* control/log.h - the command `log LEVEL`, which each program with a control socket has. Thread of
 * the loop. */
#pragma once

struct control_request;

/* Sets the level of the log to that of the request. A control_run_fn; `arg` is not used. */
void control_log_run(void *arg, struct control_request *request);
