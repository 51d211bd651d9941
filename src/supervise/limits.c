/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "supervise/limits.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/error.h"
#include "child/command.h"
#include "child/group.h"

int supervise_limits_group(const struct supervise_limits *limits, const char *path,
			   struct base_error *error)
{
	if (limits->memory == 0 && limits->processes == 0)
		return 0;
	if (path == NULL)
		return base_error_set(error, -ENOTSUP, "there are no control groups");
	return child_group_limit(path, limits->memory, limits->processes, error);
}

void supervise_limits_processes(const struct supervise_limits *limits,
				struct child_command *command,
				struct child_limit list[static SUPERVISE_LIMITS_MAX])
{
	size_t n = command->nlimits;

	assert(n + 2 <= SUPERVISE_LIMITS_MAX);
	if (n > 0)
		memcpy(list, command->limits, n * sizeof(*list));
	if (limits->memory != 0)
		list[n++] = (struct child_limit){RLIMIT_DATA, {limits->memory, limits->memory}};
	if (limits->processes != 0)
		list[n++] =
			(struct child_limit){RLIMIT_NPROC, {limits->processes, limits->processes}};
	command->limits = list;
	command->nlimits = n;
}
