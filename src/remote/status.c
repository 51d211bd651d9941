/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "remote/status.h"

#include <string.h>

#include "cli/cli.h"
#include "cli/output.h"
#include "remote/control.h"

int remote_status(const struct cli_command *command, const struct cli_options *options, int nargs,
		  char **args)
{
	json_t *result = remote_control_ask(command, options, nargs, args);
	const char *health = json_string_value(json_object_get(result, "health"));
	bool is_well = health != NULL && strcmp(health, "well") == 0;
	int status = CLI_FAILURE;

	if (result == NULL)
		return CLI_FAILURE;
	if (is_well && !options->is_json)
		json_object_del(result, "reasons");
	status = cli_output_result(options, result);
	json_decref(result);
	return is_well ? status : CLI_FAILURE;
}
