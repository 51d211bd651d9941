/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "remote/lease.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/form.h"
#include "remote/control.h"

enum { EXTEND_MAX_S = 10 * 365 * 86400 };

/* weftd takes seconds only. */
int remote_lease_extend(const struct cli_command *command, const struct cli_options *options,
			int nargs, char **args)
{
	char text[CLI_FORM_TEXT_MAX];
	uint64_t seconds;

	if (!cli_form_duration_parse(&seconds, "duration", args[1], 1, EXTEND_MAX_S))
		return CLI_USAGE;
	snprintf(text, sizeof(text), "%" PRIu64, seconds);
	return remote_control_run(command, options, nargs, (char *[]){args[0], text});
}
