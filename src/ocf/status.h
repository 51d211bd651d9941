/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* ocf/status.h - the exit statuses of OCF resource agents (API 1.1), and what they mean for a
 * supervisor. Values; any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "child/exit.h"
#include "supervise/health.h"
#include "supervise/machine.h"

struct child_task_result;

enum ocf_status {
	OCF_SUCCESS = 0,
	OCF_ERR_GENERIC = 1,
	OCF_ERR_ARGS = 2,
	OCF_ERR_UNIMPLEMENTED = 3,
	OCF_ERR_PERM = 4,
	OCF_ERR_INSTALLED = 5,
	OCF_ERR_CONFIGURED = 6,
	OCF_NOT_RUNNING = 7,
	OCF_RUNNING_PROMOTED = 8,
	OCF_FAILED_PROMOTED = 9,
	OCF_DEGRADED = 190,
	OCF_DEGRADED_PROMOTED = 191,
};

/* Returns "not running", "not installed" ..., a constant; "violates the OCF API" for a status that
 * the API does not have. */
const char *ocf_status_to_text(int status);

/* Returns whether another attempt on this node is of no use: the agent lacks what it needs, or its
 * parameters are invalid. */
bool ocf_status_is_hard(int status);

/* Judges how a monitor action ended: 0 and 8 pass, 190 and 191 are degraded, all else fails. */
enum supervise_verdict ocf_status_judge(struct child_exit exit);

/* Judges a monitor action before a start: 7 is stopped, 0, 8, 190 and 191 run; all else is broken.
 */
enum supervise_machine_found ocf_status_found(struct child_exit exit);

/* Returns whether a start that ended so is of no use again. */
bool ocf_status_is_final(struct child_exit exit);

/* Writes "start: not installed (OCF status 5): no program mount" to `out`, with the reason that the
 * action gave, or else the last line that it wrote. */
void ocf_status_explain(char *out, size_t size, const char *action,
			const struct child_task_result *result);
