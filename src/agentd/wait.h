/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agentd/wait.h - requests that are answered when instances are as an operator has asked.
 *
 * It asks for nothing itself: the caller has done that. The answer is as that of `service status`,
 * of these instances; it comes as well when waiting longer is of no use. One thread. */
#pragma once

#include <stdint.h>

#include "agentd/view.h"

struct agentd;
struct control_request;

enum agentd_goal {
	AGENTD_GOAL_RUN,   /* up, or failed */
	AGENTD_GOAL_STOP,  /* no process is left */
	AGENTD_GOAL_CHECK, /* one check more has ended */
};

/* Answers the request as soon as each of the `n` instances is as asked. Ends the request. */
void agentd_wait_begin(struct agentd *d, struct control_request *request, enum agentd_goal goal,
		       const struct agentd_asked *items, size_t n);

/* An instance has changed, as the agent reports: answers follow in the loop's next turn. */
void agentd_wait_touch(struct agentd *d, const uint8_t *name);

/* Fails the requests that are not answered yet. */
void agentd_wait_end(struct agentd *d);
