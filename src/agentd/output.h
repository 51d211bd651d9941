/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agentd/output.h - the command `service log`: what an instance has written, and what it writes.
 *
 * One thread. */
#pragma once

struct control_request;

/* A control_run_fn, whose argument is a struct agentd. */
void agentd_output_show(void *arg, struct control_request *request);
