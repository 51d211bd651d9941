/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* command/event.h - what happened lately: events of the log, and refused requests. Main
 * thread. */
#pragma once

struct control_request;

/* Answers with the last events, or with a stream of those to come. Fits control_run_fn. */
void command_events(void *daemon, struct control_request *request);

/* Answers with the refusals of a key or a client that are remembered. Fits control_run_fn. */
void command_explain(void *daemon, struct control_request *request);
