/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "cli/socket.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/error.h"
#include "cli/fail.h"
#include "control/agent_commands.h"
#include "control/client.h"
#include "control/commands.h"

enum { CONNECT_LIMIT_S = 30 }; /* until a living program must have taken the request */

const struct cli_socket cli_socket_weftd = {
	.program = "weftd",
	.hint = "",
	.environment = "WEFT_SOCKET",
	.config = WEFT_SYSCONFDIR "/weftd.conf",
	.usual = CONTROL_SOCKET,
	.lenient = CLI_CONF_SOCKET,
	.strict = CLI_CONF_SERVER,
};

const struct cli_socket cli_socket_agentd = {
	.program = "weft-agentd",
	.hint = "; see weft-agentd(8)",
	.environment = "WEFT_AGENT_SOCKET",
	.config = WEFT_SYSCONFDIR "/weft-agentd.conf",
	.usual = CONTROL_AGENT_SOCKET,
	.lenient = CLI_CONF_AGENT,
	.strict = CLI_CONF_AGENT,
};

/* ---- its path ---- */

/* Returns the path of the socket that the configuration has, to be freed. An error elsewhere in it
 * does not matter: in an incident the socket is what counts. NULL, after calling `report` with each
 * error, if the path cannot be found. */
static char *configured_path(const struct cli_socket *socket, const char *config,
			     base_report_fn report)
{
	struct cli_conf conf;
	char *found = NULL;

	cli_conf_load(&conf, socket->lenient, config, cli_error_ignore);
	if (conf.server.control != NULL)
		found = strdup(conf.server.control);
	cli_conf_fini(&conf);
	if (found == NULL) {
		cli_conf_load(&conf, socket->strict, config, report);
		cli_conf_fini(&conf);
	}
	return found;
}

char *cli_socket_path(const struct cli_socket *socket, const struct cli_options *options)
{
	const char *environment = getenv(socket->environment);
	char *found;

	if (options->socket != NULL)
		return strdup(options->socket);
	if (options->config != NULL)
		return configured_path(socket, options->config,
				       options->is_silent ? cli_error_ignore : cli_error_report);
	if (environment != NULL && *environment != '\0')
		return strdup(environment);
	found = configured_path(socket, socket->config, cli_error_ignore);
	return found != NULL ? found : strdup(socket->usual);
}

/* ---- a request and its answer ---- */

/* Reports that the socket may not be used, and which user and group it is for. */
static int fail_forbidden(const struct cli_options *options, const char *path)
{
	const struct passwd *user = NULL;
	const struct group *group = NULL;
	struct stat st;

	if (stat(path, &st) == 0) {
		user = getpwuid(st.st_uid);
		group = getgrgid(st.st_gid);
	}
	if (user != NULL && group != NULL)
		return cli_fail(options, CLI_FAILURE,
				"you may not use %s: it is for the user %s and the group %s", path,
				user->pw_name, group->gr_name);
	return cli_fail(options, CLI_FAILURE, "you may not use %s: are you in its group?", path);
}

/* Returns how many seconds to wait: those of -t, or `usual_s`. 0 is for ever. */
static int limit_of(const struct cli_options *options, int usual_s)
{
	return options->has_limit ? options->limit_s : usual_s;
}

int cli_socket_send(const struct cli_socket *socket, const struct cli_options *options,
		    const char *name, int nargs, char **args, int output, int *status)
{
	char *path = cli_socket_path(socket, options);
	int fd, ret;

	*status = CLI_FAILURE;
	if (path == NULL)
		return -1;
	fd = control_client_connect(path, limit_of(options, CONNECT_LIMIT_S));
	if (fd == -EACCES || fd == -EPERM)
		*status = fail_forbidden(options, path);
	else if (fd < 0)
		*status = cli_fail(options, CLI_NO_SERVER, "no %s answers at %s: %s%s",
				   socket->program, path, strerror(-fd), socket->hint);
	free(path);
	if (fd < 0)
		return -1;
	ret = control_client_send(fd, name, args, (size_t)nargs, output);
	if (ret == 0)
		return fd;
	close(fd);
	*status = cli_fail(options, CLI_FAILURE, "cannot send the request: %s", strerror(-ret));
	return -1;
}

json_t *cli_socket_receive(const struct cli_socket *socket, const struct cli_options *options,
			   int fd, int limit_s)
{
	int seconds = limit_of(options, limit_s);
	json_t *answer, *result = NULL;
	int ret = control_client_receive(fd, seconds, &answer);
	const char *error = json_string_value(json_object_get(answer, "error"));

	close(fd);
	if (ret == -ETIMEDOUT)
		cli_fail(options, CLI_FAILURE,
			 "%s has not answered within %d s; it may still be working on it",
			 socket->program, seconds);
	else if (ret == -ECONNRESET)
		cli_fail(options, CLI_FAILURE, "%s hung up without an answer", socket->program);
	else if (ret < 0)
		cli_fail(options, CLI_FAILURE, "cannot read the answer: %s", strerror(-ret));
	else if (!json_is_true(json_object_get(answer, "ok")) && error != NULL)
		cli_fail(options, CLI_FAILURE, "%s", error);
	else if (!json_is_true(json_object_get(answer, "ok")))
		cli_fail(options, CLI_FAILURE, "%s gave no reason", socket->program);
	else if ((result = json_incref(json_object_get(answer, "result"))) == NULL)
		result = json_null();
	json_decref(answer);
	return result;
}
