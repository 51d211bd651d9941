/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* fleet/agent.h - requests to the weft-agentd of this host, over its control socket. Writes
 * messages. One thread. */
#pragma once

#include <jansson.h>

struct cli_options;

enum { FLEET_ANSWER_LIMIT_S = 600 }; /* services may take long to start and to stop */

/* Sends the command `name` with its arguments and returns its result, for the caller to release;
 * NULL after a message, with an exit status in `status`. */
json_t *fleet_agent_ask(const char *name, const struct cli_options *options, int nargs, char **args,
			int *status);
