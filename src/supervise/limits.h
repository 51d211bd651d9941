/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* supervise/limits.h - what all processes of a service may use together: by its control group, or,
 * where the kernel has no controllers there, by limits of each process.
 *
 * Those are RLIMIT_DATA for memory, and RLIMIT_NPROC for processes, which counts all processes of a
 * user and none of root's. One thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "child/command.h"

struct base_error;

struct supervise_limits {
	uint64_t memory;    /* bytes; 0: unlimited */
	uint32_t processes; /* 0: unlimited */
};

enum { SUPERVISE_LIMITS_MAX = 10 }; /* of a command with these two */

/* Limits the group at `path` (NULL: there is none). Returns 0 if that is enough; or a negative
 * errno with `error` filled in: then the processes are to be limited. */
int supervise_limits_group(const struct supervise_limits *limits, const char *path,
			   struct base_error *error);

/* Adds limits of each process to the command, whose list of them moves to `list`. */
void supervise_limits_processes(const struct supervise_limits *limits,
				struct child_command *command,
				struct child_limit list[static SUPERVISE_LIMITS_MAX]);
