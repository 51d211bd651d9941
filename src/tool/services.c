/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "tool/services.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/arena.h"
#include "cli/cli.h"
#include "cli/error.h"
#include "fleet/list.h"
#include "locate/config.h"
#include "remote/control.h"
#include "remote/service.h"

/* Returns whether environment or client.conf(5) name a registry. An error in them is reported by
 * the command that needs them. */
static bool has_registry(void)
{
	const struct locate_settings settings = {0};
	struct base_arena arena;
	struct locate_config config;
	struct base_error error;
	bool has;

	base_arena_init(&arena, 4096);
	has = locate_config_read(&config, &arena, &settings, &error) < 0 ||
	      config.registry.count > 0;
	base_arena_fini(&arena);
	return has;
}

static bool is_of_socket(const struct cli_options *options)
{
	const char *environment = getenv("WEFT_REGISTRY");

	if (options->socket != NULL || options->config != NULL)
		return true;
	if (options->registry != NULL || options->domain != NULL || options->key_file != NULL ||
	    (environment != NULL && *environment != '\0'))
		return false;
	environment = getenv("WEFT_SOCKET");
	if (environment != NULL && *environment != '\0')
		return true;
	return !has_registry() && remote_control_has_socket(options);
}

int tool_services_list(const struct cli_command *command, const struct cli_options *options,
		       int nargs, char **args)
{
	if (is_of_socket(options))
		return remote_service_list(command, options, nargs, args);
	if (options->key != NULL) {
		cli_error("--key is known to weftd alone: give its socket by -s");
		return CLI_USAGE;
	}
	if (nargs > 1) {
		cli_error("usage: weft service list [ZONE]");
		return CLI_USAGE;
	}
	return fleet_list_services(command, options, nargs, args);
}

int tool_services_show(const struct cli_command *command, const struct cli_options *options,
		       int nargs, char **args)
{
	return is_of_socket(options) ? remote_control_run(command, options, nargs, args)
				     : fleet_list_show(command, options, nargs, args);
}
