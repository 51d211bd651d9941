/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "fleet/agent.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/conf.h"
#include "cli/error.h"
#include "control/agent_commands.h"
#include "control/client.h"
#include "fleet/fail.h"

enum { CONNECT_LIMIT_S = 30 };

/* Returns the path that a configuration has, to be freed; NULL if it does not say, after calling
 * `report` with each error. */
static char *configured_path(const char *config, base_report_fn report)
{
	struct cli_conf conf;
	char *found = NULL;

	cli_conf_load(&conf, CLI_CONF_AGENT, config, report);
	if (conf.server.control != NULL)
		found = strdup(conf.server.control);
	cli_conf_fini(&conf);
	return found;
}

/* Returns the path of the agent's socket, to be freed: that of -s, of -c's configuration, of
 * WEFT_AGENT_SOCKET or of the usual configuration, which is read if that is possible. NULL after a
 * message if -c's configuration does not have it. */
static char *socket_path(const struct cli_options *options)
{
	const char *environment = getenv("WEFT_AGENT_SOCKET");
	char *found;

	if (options->socket != NULL)
		return strdup(options->socket);
	if (options->config != NULL)
		return configured_path(options->config,
				       options->is_silent ? cli_error_ignore : cli_error_report);
	if (environment != NULL && *environment != '\0')
		return strdup(environment);
	found = configured_path(WEFT_SYSCONFDIR "/weft-agentd.conf", cli_error_ignore);
	return found != NULL ? found : strdup(CONTROL_AGENT_SOCKET);
}

static int fail_to_connect(const struct cli_options *options, const char *path, int error)
{
	if (error == -EACCES || error == -EPERM)
		return fleet_fail(options, CLI_FAILURE,
				  "you may not use %s: are you root, or in its group?", path);
	return fleet_fail(options, CLI_NO_SERVER,
			  "no weft-agentd answers at %s: %s; see weft-agentd(8)", path,
			  strerror(-error));
}

int fleet_agent_send(const char *name, const struct cli_options *options, int nargs, char **args,
		     int output, int *status)
{
	char *path = socket_path(options);
	int fd, ret;

	*status = CLI_FAILURE;
	if (path == NULL)
		return -1;
	fd = control_client_connect(path, options->has_limit ? options->limit_s : CONNECT_LIMIT_S);
	if (fd < 0)
		*status = fail_to_connect(options, path, fd);
	free(path);
	if (fd < 0)
		return -1;
	ret = control_client_send(fd, name, args, (size_t)nargs, output);
	if (ret == 0)
		return fd;
	close(fd);
	*status = fleet_fail(options, CLI_FAILURE, "cannot send the request: %s", strerror(-ret));
	return -1;
}

json_t *fleet_agent_ask(const char *name, const struct cli_options *options, int nargs, char **args,
			int *status)
{
	int seconds = options->has_limit ? options->limit_s : FLEET_ANSWER_LIMIT_S;
	int fd = fleet_agent_send(name, options, nargs, args, -1, status), ret;
	json_t *answer, *result = NULL;
	const char *error;

	if (fd < 0)
		return NULL;
	ret = control_client_receive(fd, seconds, &answer);
	close(fd);
	error = json_string_value(json_object_get(answer, "error"));
	*status = CLI_FAILURE;
	if (ret == -ETIMEDOUT)
		fleet_fail(options, CLI_FAILURE,
			   "weft-agentd has not answered within %d s; it may still be working on "
			   "it",
			   seconds);
	else if (ret == -ECONNRESET)
		fleet_fail(options, CLI_FAILURE, "weft-agentd hung up without an answer");
	else if (ret < 0)
		fleet_fail(options, CLI_FAILURE, "cannot read the answer: %s", strerror(-ret));
	else if (!json_is_true(json_object_get(answer, "ok")))
		fleet_fail(options, CLI_FAILURE, "%s",
			   error != NULL ? error : "weft-agentd gave no reason");
	else if ((result = json_incref(json_object_get(answer, "result"))) == NULL)
		result = json_null();
	json_decref(answer);
	if (result != NULL)
		*status = CLI_OK;
	return result;
}
