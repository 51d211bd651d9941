/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "fleet/agent.h"

#include "cli/cli.h"
#include "cli/socket.h"

json_t *fleet_agent_ask(const char *name, const struct cli_options *options, int nargs, char **args,
			int *status)
{
	int fd = cli_socket_send(&cli_socket_agentd, options, name, nargs, args, -1, status);
	json_t *result;

	if (fd < 0)
		return NULL;
	result = cli_socket_receive(&cli_socket_agentd, options, fd, FLEET_ANSWER_LIMIT_S);
	*status = result != NULL ? CLI_OK : CLI_FAILURE;
	return result;
}
