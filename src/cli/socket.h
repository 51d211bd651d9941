/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* cli/socket.h - the control socket of weftd or weft-agentd: where it is, a request, its answer.
 *
 * What goes wrong is reported by cli_fail(). The unit knows no command. One thread. */
#pragma once

#include <jansson.h>

#include "cli/conf.h"

struct cli_options;

/* Which program is asked, and where its socket is if -s and -c are not given. */
struct cli_socket {
	const char *program;
	const char *hint;	 /* added to the message that nothing answers, or "" */
	const char *environment; /* the variable that may have the path */
	const char *config;	 /* the usual configuration */
	const char *usual;	 /* the path if nothing else has one */
	enum cli_conf_part lenient, strict;
};

extern const struct cli_socket cli_socket_weftd, cli_socket_agentd;

/* Returns the path of the socket, to be freed: that of -s, of -c's configuration, of the
 * environment or of the usual configuration, which is read if that is possible. NULL after a
 * message if -c's configuration does not have it. */
char *cli_socket_path(const struct cli_socket *socket, const struct cli_options *options);

/* Sends the command `name` with its arguments, and hands over `output` (-1: none). Returns the
 * descriptor by which the answer comes, for the caller to close; -1 after a message, with an exit
 * status in `status`: CLI_NO_SERVER if nothing answers. */
int cli_socket_send(const struct cli_socket *socket, const struct cli_options *options,
		    const char *name, int nargs, char **args, int output, int *status);

/* Receives the answer and closes `fd`; waits as long as -t has it, or else `limit_s` seconds (0:
 * for ever). Returns the result, for the caller to release; NULL after a message if there is none,
 * also if the program reports an error. */
json_t *cli_socket_receive(const struct cli_socket *socket, const struct cli_options *options,
			   int fd, int limit_s);
