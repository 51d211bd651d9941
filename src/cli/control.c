/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Commands that a running weftd answers, over its control socket (control/client.h). */

#include "cli/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/conf.h"
#include "cli/error.h"
#include "cli/output.h"
#include "control/client.h"
#include "control/commands.h"

enum {
	CONNECT_LIMIT_S = 30,  /* until a living weftd must have taken the connection and request */
	ANSWER_LIMIT_S = 600,  /* a checkpoint of a large zone on a slow disk takes minutes */
	LIMIT_MAX_S = 1000000, /* the longest limit of -t */
};

/* Returns the path of weftd's socket, to be freed: that of -s, of -c's configuration, of WEFT_SOCKET
 * or of the usual configuration, which is read if that is possible. NULL if -c's configuration is
 * invalid, of which `report` is called with each error. */
static char *socket_path(const struct cli_options *options, base_report_fn report)
{
	const char *path =
		options->config != NULL ? options->config : WEFT_SYSCONFDIR "/weftd.conf";
	const char *environment = getenv("WEFT_SOCKET");
	struct cli_conf conf;
	char *found = NULL;

	if (options->socket != NULL)
		return strdup(options->socket);
	if (options->config == NULL && environment != NULL && *environment != '\0')
		return strdup(environment);
	if (cli_conf_load(&conf, CLI_CONF_SERVER, path,
			  options->config != NULL ? report : cli_error_ignore) == 0)
		found = strdup(conf.server.control);
	else if (options->config == NULL)
		found = strdup(CONTROL_SOCKET);
	cli_conf_fini(&conf);
	return found;
}

/* Returns how many seconds to wait for weftd: those of -t, or `usual`. 0 is for ever; -1 after a
 * message. */
static int limit_of(const struct cli_options *options, int usual)
{
	char *end;
	long seconds;

	if (options->timeout == NULL)
		return usual;
	seconds = strtol(options->timeout, &end, 10);
	if (end != options->timeout && *end == '\0' && seconds >= 0 && seconds <= LIMIT_MAX_S)
		return (int)seconds;
	cli_error("invalid timeout \"%s\": expected seconds", options->timeout);
	return -1;
}

/* Adds what weftd wrote to the file to its answer, as `text`. Returns 0 or -1. */
static int text_add(json_t *result, int fd)
{
	off_t nbytes = lseek(fd, 0, SEEK_END);
	json_t *text;
	char *bytes;

	if (nbytes <= 0)
		return json_object_set_new(result, "text", json_string(""));
	bytes = mmap(NULL, (size_t)nbytes, PROT_READ, MAP_SHARED, fd, 0);
	if (bytes == MAP_FAILED)
		return -1;
	text = json_stringn(bytes, (size_t)nbytes);
	munmap(bytes, (size_t)nbytes);
	return json_object_set_new(result, "text", text);
}

/* What weftd writes a dump to, and what is shown of its answer. */
struct writing {
	int fd;		   /* -1: the command has no dump */
	bool is_silent;	   /* show nothing: the dump went to standard output */
	bool is_in_answer; /* add the dump to the answer */
	void (*show)(const json_t *item); /* each item of a list; NULL: the answer as it is */
};

static int answer_show(const struct cli_options *options, const json_t *answer,
		       const struct writing *writing)
{
	json_t *result = json_object_get(answer, "result");
	const char *error = json_string_value(json_object_get(answer, "error"));

	if (!json_is_true(json_object_get(answer, "ok"))) {
		cli_error("%s", error != NULL ? error : "weftd gave no reason");
		if (options->is_json)
			cli_output_result(options, answer);
		return CLI_FAILURE;
	}
	if (writing->is_silent)
		return CLI_OK;
	if (writing->is_in_answer && text_add(result, writing->fd) != 0) {
		cli_error("cannot write the answer");
		return CLI_FAILURE;
	}
	if (writing->show == NULL || options->is_json)
		return cli_output_result(options, result);
	for (size_t i = 0; i < json_array_size(result); i++)
		writing->show(json_array_get(result, i));
	return fflush(stdout) == 0 ? CLI_OK : CLI_FAILURE;
}

/* Receives the answer and shows it. A program that the dump goes to may read at leisure. */
static int answer_receive(const struct cli_options *options, int fd, const struct writing *writing)
{
	int seconds = limit_of(options, writing->fd >= 0 ? 0 : ANSWER_LIMIT_S);
	json_t *answer;
	int ret = control_client_receive(fd, seconds, &answer), status = CLI_FAILURE;

	if (ret == -ETIMEDOUT)
		cli_error("weftd has not answered within %d s; it may still be working on it",
			  seconds);
	else if (ret == -ECONNRESET)
		cli_error("weftd hung up without an answer");
	else if (ret < 0)
		cli_error("cannot read the answer: %s", strerror(-ret));
	else
		status = answer_show(options, answer, writing);
	json_decref(answer);
	return status;
}

static int control_run(const struct cli_command *command, const struct cli_options *options,
		       int nargs, char **args, const struct writing *writing)
{
	int seconds = limit_of(options, CONNECT_LIMIT_S);
	int fd = -1, ret, status = CLI_FAILURE;
	char *path = seconds >= 0 ? socket_path(options, cli_error_report) : NULL;

	if (path == NULL)
		return seconds < 0 ? CLI_USAGE : CLI_FAILURE;
	fd = control_client_connect(path, seconds);
	if (fd < 0) {
		cli_error("no weftd answers at %s: %s", path, strerror(-fd));
		goto out;
	}
	ret = control_client_send(fd, command->is->name, args, (size_t)nargs, writing->fd);
	if (ret == 0)
		status = answer_receive(options, fd, writing);
	else
		cli_error("cannot send the request: %s", strerror(-ret));
out:
	if (fd >= 0)
		close(fd);
	free(path);
	return status;
}

int cli_control_run(const struct cli_command *command, const struct cli_options *options, int nargs,
		    char **args)
{
	return control_run(command, options, nargs, args, &(struct writing){.fd = -1});
}

int cli_control_show(const struct cli_command *command, const struct cli_options *options,
		     int nargs, char **args, void (*show)(const json_t *item))
{
	return control_run(command, options, nargs, args,
			   &(struct writing){.fd = -1, .show = show});
}

int cli_control_send(const struct cli_command *command, const struct cli_options *options,
		     int nargs, char **args)
{
	char *path = socket_path(options, cli_error_report);
	int fd, ret;

	if (path == NULL)
		return -1;
	fd = control_client_connect(path, CONNECT_LIMIT_S);
	ret = fd < 0 ? fd : control_client_send(fd, command->is->name, args, (size_t)nargs, -1);
	if (ret < 0) {
		cli_error("no weftd answers at %s: %s", path, strerror(-ret));
		if (fd >= 0)
			close(fd);
		fd = -1;
	}
	free(path);
	return fd;
}

json_t *cli_control_ask(const struct cli_command *command, const struct cli_options *options,
			int nargs, char **args)
{
	int fd = cli_control_send(command, options, nargs, args);
	json_t *answer = NULL, *result = NULL;
	const char *error;

	if (fd < 0)
		return NULL;
	if (control_client_receive(fd, ANSWER_LIMIT_S, &answer) < 0) {
		cli_error("weftd hung up without an answer");
	} else if (json_is_true(json_object_get(answer, "ok"))) {
		result = json_incref(json_object_get(answer, "result"));
	} else {
		error = json_string_value(json_object_get(answer, "error"));
		cli_error("%s", error != NULL ? error : "weftd gave no reason");
	}
	close(fd);
	json_decref(answer);
	return result;
}

int cli_control_write(const struct cli_command *command, const struct cli_options *options,
		      int nargs, char **args, int fd, bool is_silent)
{
	return control_run(command, options, nargs, args,
			   &(struct writing){.fd = fd, .is_silent = is_silent});
}

static int dump_in_answer(const struct cli_command *command, const struct cli_options *options,
			  int nargs, char **args)
{
	struct writing writing = {.fd = memfd_create("dump", MFD_CLOEXEC), .is_in_answer = true};
	int status;

	if (writing.fd < 0) {
		cli_error("out of memory: %s", strerror(errno));
		return CLI_FAILURE;
	}
	status = control_run(command, options, nargs, args, &writing);
	close(writing.fd);
	return status;
}

int cli_control_dump(const struct cli_command *command, const struct cli_options *options,
		     int nargs, char **args)
{
	struct cli_output_file file;
	int status;

	if (options->output == NULL && options->is_json)
		return dump_in_answer(command, options, nargs, args);
	if (options->output == NULL)
		return cli_control_write(command, options, nargs, args, STDOUT_FILENO, true);

	if (cli_output_begin(&file, options->output, 0644, options->is_forced) != 0)
		return CLI_FAILURE;
	status = cli_control_write(command, options, nargs, args, file.fd, false);
	if (status != CLI_OK)
		cli_output_abort(&file);
	else if (cli_output_commit(&file) != 0)
		status = CLI_FAILURE;
	return status;
}

json_t *cli_control_query(const struct cli_options *options, const char *command, int limit_s)
{
	char *path = socket_path(options, cli_error_ignore);
	int fd = path != NULL ? control_client_connect(path, limit_s) : -1;
	json_t *answer = NULL, *result = NULL;

	if (fd >= 0 && control_client_send(fd, command, NULL, 0, -1) == 0 &&
	    control_client_receive(fd, limit_s, &answer) == 0)
		result = json_incref(json_object_get(answer, "result"));
	json_decref(answer);
	if (fd >= 0)
		close(fd);
	free(path);
	return result;
}
