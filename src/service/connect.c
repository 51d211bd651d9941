/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "service/connect.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <weft/weft.h>

#include "cli/cli.h"
#include "cli/error.h"
#include "service/child.h"
#include "service/context.h"
#include "service/relay.h"
#include "service/show.h"
#include "service/variables.h"
#include "service/waiting.h"

enum {
	TIMEOUT_MS = 10000,
	SILENCE_MS = 1000, /* of datagrams, without --timeout */
	ATTEMPTS = 16,	   /* connections that failed before anything went over them */
	COMMAND_FD = 3,
};

struct connecting {
	struct service s;
	const char *name;
	bool is_done;
	int error, fd;
	struct weft_instance *to;
};

static void on_connected(void *arg, int error, int fd, const struct weft_instance *to)
{
	struct connecting *c = arg;

	c->error = error;
	c->fd = fd;
	c->to = to != NULL ? weft_instance_copy(to) : NULL;
	c->is_done = true;
}

/* Connects. Returns CLI_OK, or another exit status after a message. */
static int connected_get(struct connecting *c, bool is_nonblocking)
{
	const struct cli_options *options = c->s.options;
	unsigned flags = (options->is_datagram ? WEFT_CONNECT_DATAGRAM : 0) |
			 (is_nonblocking ? WEFT_CONNECT_NONBLOCK : 0);
	struct weft_connect *attempt;
	int error;

	c->is_done = false;
	c->to = NULL;
	c->fd = -1;
	error = weft_connect_start(c->s.w, c->name, options->sticky,
				   options->sticky != NULL ? strlen(options->sticky) : 0, flags,
				   service_timeout_ms(&c->s, TIMEOUT_MS), on_connected, c,
				   &attempt);
	if (error == WEFT_OK) {
		service_waiting_for(&c->s, &c->is_done);
		error = c->error;
	}
	if (error != WEFT_OK)
		return service_fail(&c->s, error, c->name);
	service_report_registries(&c->s);
	return CLI_OK;
}

/* The address that the socket is connected to. */
static const struct sockaddr *peer_get(const struct connecting *c, struct sockaddr_storage *peer)
{
	socklen_t nbytes = sizeof(*peer);

	memset(peer, 0, sizeof(*peer));
	return getpeername(c->fd, (struct sockaddr *)peer, &nbytes) == 0 ? (struct sockaddr *)peer
									 : NULL;
}

static void instance_report(const struct connecting *c)
{
	char text[SERVICE_SHOW_ADDRESS_MAX];
	struct sockaddr_storage peer;
	char *label = service_show_label(c->to);

	service_detail(&c->s, "connected to %s at %s", label != NULL ? label : "",
		       service_show_endpoint(text, peer_get(c, &peer)));
	free(label);
}

static void instance_free(struct connecting *c)
{
	if (c->fd >= 0)
		close(c->fd);
	weft_instance_free(c->to);
}

/* ---- standard input and output ---- */

/* Copies over one connection after another, until one has ended or has begun. */
static int streams_relay(struct connecting *c, struct service_relay *relay)
{
	for (int n = 1;; n++) {
		int status = connected_get(c, true), ret;
		const char *why;

		if (status != CLI_OK)
			return status;
		instance_report(c);
		ret = service_relay_run(relay, c->fd);
		if (ret == 0 || service_relay_is_unread(relay)) {
			instance_free(c);
			return CLI_OK;
		}
		why = strerror(-ret);
		if (service_relay_has_output_failed(relay)) {
			instance_free(c);
			cli_error("cannot write to standard output: %s", why);
			return CLI_FAILURE;
		}
		if (!service_relay_has_begun(relay) && n < ATTEMPTS) {
			service_note(&c->s, "%s: %s; trying another instance", c->name, why);
			weft_report_failure(c->s.w, c->to, why);
			instance_free(c);
			continue;
		}
		instance_free(c);
		cli_error("%s: %s%s", c->name, why,
			  service_relay_has_begun(relay)
				  ? "; data was exchanged, so no other instance was tried"
				  : "");
		return CLI_FAILURE;
	}
}

static int streams_connect(struct connecting *c)
{
	const struct cli_options *options = c->s.options;
	int silence_ms = options->is_datagram ? service_timeout_ms(&c->s, SILENCE_MS) : -1;
	struct service_relay *relay = service_relay_new(silence_ms);
	int status;

	if (relay == NULL) {
		cli_error("out of memory");
		return CLI_FAILURE;
	}
	status = streams_relay(c, relay);
	service_relay_free(relay);
	return status;
}

/* ---- a command ---- */

/* Makes the socket descriptor 3, which stays open when the command is executed. */
static int socket_pass(struct connecting *c)
{
	int ret = c->fd == COMMAND_FD ? fcntl(c->fd, F_SETFD, 0) : dup2(c->fd, COMMAND_FD);

	if (ret < 0) {
		cli_error("descriptor %d: %s", COMMAND_FD, strerror(errno));
		return CLI_FAILURE;
	}
	return CLI_OK;
}

/* Replaces this process by the command. Returns an exit status if that fails. */
static int command_execute(struct connecting *c, char **program)
{
	struct sockaddr_storage peer;
	int ret = service_variables_set(c->to, peer_get(c, &peer));

	if (ret == 0 && setenv("WEFT_FD", "3", 1) < 0)
		ret = -errno;
	if (ret < 0) {
		cli_error("environment: %s", strerror(-ret));
		return CLI_FAILURE;
	}
	weft_free(c->s.w); /* ends its sessions */
	c->s.w = NULL;
	if (socket_pass(c) != CLI_OK)
		return CLI_FAILURE;
	signal(SIGPIPE, SIG_DFL);
	execvp(program[0], program);
	return service_child_failed(program[0], errno);
}

static int command_connect(struct connecting *c, char **program)
{
	int status = connected_get(c, false);

	if (status != CLI_OK)
		return status;
	instance_report(c);
	status = command_execute(c, program);
	instance_free(c);
	return status;
}

int service_connect(const struct cli_command *command, const struct cli_options *options, int nargs,
		    char **args)
{
	struct connecting c = {.name = args[0]};
	int status;

	(void)command;
	(void)nargs;
	if (options->program != NULL && options->program[0] == NULL) {
		cli_error("connect: no command after --");
		return CLI_USAGE;
	}
	status = service_open(&c.s, options);
	if (status != CLI_OK)
		return status;
	status = options->program != NULL ? command_connect(&c, options->program)
					  : streams_connect(&c);
	service_close(&c.s);
	return status;
}
