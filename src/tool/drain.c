/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "tool/drain.h"

#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/error.h"
#include "control/commands.h"
#include "remote/control.h"
#include "remote/drain.h"
#include "service/change.h"

static bool is_set(const char *variable)
{
	const char *value = getenv(variable);

	return value != NULL && *value != '\0';
}

/* Whether an update is meant: options that only updates have, or no weftd on this host. */
static bool is_update(const struct cli_options *options)
{
	if (options->registry != NULL || options->key_file != NULL)
		return true;
	if (options->socket != NULL || options->config != NULL || is_set("WEFT_SOCKET"))
		return false;
	return access(CONTROL_SOCKET, F_OK) < 0 && access(WEFT_SYSCONFDIR "/weftd.conf", F_OK) < 0;
}

int tool_drain(const struct cli_command *command, const struct cli_options *options, int nargs,
	       char **args)
{
	if (!is_update(options))
		return remote_drain(command, options, nargs, args);
	if (options->is_wait) {
		cli_error("drain: --wait needs the control socket of weftd; see -s");
		return CLI_USAGE;
	}
	return service_drain(command, options, nargs, args);
}

int tool_undrain(const struct cli_command *command, const struct cli_options *options, int nargs,
		 char **args)
{
	return is_update(options) ? service_undrain(command, options, nargs, args)
				  : remote_control_run(command, options, nargs, args);
}
