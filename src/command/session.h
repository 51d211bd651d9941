/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* command/session.h - commands about DSO sessions, and what has reached them. Each fits
 * control_run_fn; main thread. */
#pragma once

struct control_request;

/* `sessions [CLIENT]`: the sessions; of one client with what each has subscribed to. */
void command_sessions(void *daemon, struct control_request *request);

/* `unacknowledged ZONE VERSION NUMBER NAME...`: the sessions that have subscribed to one of the
 * names and whose TCP has not acknowledged a change, whose version and number `drain` returned. */
void command_unacknowledged(void *daemon, struct control_request *request);
