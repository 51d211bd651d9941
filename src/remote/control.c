/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Commands that a running weftd answers, over its control socket (control/client.h). */

#include "remote/control.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/conf.h"
#include "cli/error.h"
#include "cli/output.h"
#include "control/client.h"
#include "control/commands.h"

enum {
	CONNECT_LIMIT_S = 30, /* until a living weftd must have taken the connection and request */
	ANSWER_LIMIT_S = 600, /* a checkpoint of a large zone on a slow disk takes minutes */
};

/* Adds the lines of an error as a list, for programs. `error` is not NULL. */
static void errors_add(json_t *answer, const char *error)
{
	json_t *errors = json_array();

	while (error != NULL) {
		const char *end = strchr(error, '\n');

		json_array_append_new(
			errors,
			json_stringn(error, end == NULL ? strlen(error) : (size_t)(end - error)));
		error = end == NULL ? NULL : end + 1;
	}
	json_object_set_new(answer, "errors", errors);
}

/* Reports a failure to people, and in the JSON answer. */
__attribute__((format(printf, 2, 3))) static void fail(const struct cli_options *options,
						       const char *format, ...)
{
	char *text = NULL;
	va_list args;
	int n;

	if (options->is_silent)
		return;
	va_start(args, format);
	n = vasprintf(&text, format, args);
	va_end(args);
	cli_error("%s", n >= 0 ? text : "out of memory");
	if (options->is_json) {
		json_t *answer =
			json_pack("{s:b, s:s}", "ok", 0, "error", n >= 0 ? text : "out of memory");

		errors_add(answer, json_string_value(json_object_get(answer, "error")));
		cli_output_result(options, answer);
		json_decref(answer);
	}
	if (n >= 0)
		free(text);
}

/* ---- the socket ---- */

/* Returns the path of the socket that the configuration has, to be freed. An error elsewhere in it
 * does not matter: in an incident the socket is what counts. NULL, after calling `report` with each
 * error, if the path cannot be found. */
static char *configured_path(const char *config, base_report_fn report)
{
	struct cli_conf conf;
	char *found = NULL;

	cli_conf_load(&conf, CLI_CONF_SOCKET, config, cli_error_ignore);
	if (conf.server.control != NULL)
		found = strdup(conf.server.control);
	cli_conf_fini(&conf);
	if (found == NULL) {
		cli_conf_load(&conf, CLI_CONF_SERVER, config, report);
		cli_conf_fini(&conf);
	}
	return found;
}

/* Returns the path of weftd's socket, to be freed: that of -s, of -c's configuration, of
 * WEFT_SOCKET or of the usual configuration, which is read if that is possible. NULL after a
 * message if -c's configuration does not have it. */
static char *socket_path(const struct cli_options *options)
{
	const char *environment = getenv("WEFT_SOCKET");
	char *found;

	if (options->socket != NULL)
		return strdup(options->socket);
	if (options->config != NULL)
		return configured_path(options->config,
				       options->is_silent ? cli_error_ignore : cli_error_report);
	if (environment != NULL && *environment != '\0')
		return strdup(environment);
	found = configured_path(WEFT_SYSCONFDIR "/weftd.conf", cli_error_ignore);
	return found != NULL ? found : strdup(CONTROL_SOCKET);
}

/* Reports that the socket may not be used, and which user and group it is for. */
static void fail_forbidden(const struct cli_options *options, const char *path)
{
	const struct passwd *user = NULL;
	const struct group *group = NULL;
	struct stat st;

	if (stat(path, &st) == 0) {
		user = getpwuid(st.st_uid);
		group = getgrgid(st.st_gid);
	}
	if (user != NULL && group != NULL)
		fail(options, "you may not use %s: it is for the user %s and the group %s", path,
		     user->pw_name, group->gr_name);
	else
		fail(options, "you may not use %s: are you in its group?", path);
}

/* Returns how many seconds to wait for weftd: those of -t, or `usual`. 0 is for ever. */
static int limit_of(const struct cli_options *options, int usual)
{
	return options->has_limit ? options->limit_s : usual;
}

/* Sends a request with `output`, or -1, to weftd. Returns the descriptor by which the answer comes;
 * -1 after a message. */
static int request_send(const struct cli_command *command, const struct cli_options *options,
			int nargs, char **args, int output)
{
	char *path = socket_path(options);
	int fd, ret = 0;

	if (path == NULL)
		return -1;
	fd = control_client_connect(path, limit_of(options, CONNECT_LIMIT_S));
	if (fd == -EACCES || fd == -EPERM)
		fail_forbidden(options, path);
	else if (fd < 0)
		fail(options, "no weftd answers at %s: %s", path, strerror(-fd));
	else
		ret = control_client_send(fd, command->is->name, args, (size_t)nargs, output);
	if (ret < 0) {
		fail(options, "cannot send the request: %s", strerror(-ret));
		close(fd);
		fd = -1;
	}
	free(path);
	return fd < 0 ? -1 : fd;
}

/* Receives the answer and closes `fd`. Returns the result, for the caller to release; NULL after a
 * message if there is none, also if weftd reports an error. */
static json_t *result_receive(const struct cli_options *options, int fd, int usual_limit_s)
{
	int seconds = limit_of(options, usual_limit_s);
	json_t *answer, *result = NULL;
	int ret = control_client_receive(fd, seconds, &answer);
	const char *error = json_string_value(json_object_get(answer, "error"));

	if (ret == -ETIMEDOUT)
		fail(options, "weftd has not answered within %d s; it may still be working on it",
		     seconds);
	else if (ret == -ECONNRESET)
		fail(options, "weftd hung up without an answer");
	else if (ret < 0)
		fail(options, "cannot read the answer: %s", strerror(-ret));
	else if (!json_is_true(json_object_get(answer, "ok")))
		fail(options, "%s", error != NULL ? error : "weftd gave no reason");
	else if ((result = json_incref(json_object_get(answer, "result"))) == NULL)
		result = json_null();
	json_decref(answer);
	close(fd);
	return result;
}

/* ---- what weftd writes, and how it is shown ---- */

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
	int fd;				  /* -1: the command has no dump */
	bool is_silent;			  /* show nothing: the dump went to standard output */
	bool is_in_answer;		  /* add the dump to the answer */
	void (*show)(const json_t *item); /* each item of a list, or the answer if it is not a
					     list; NULL: the answer as it is */
};

static int result_show(const struct cli_options *options, json_t *result,
		       const struct writing *writing)
{
	if (writing->is_silent)
		return CLI_OK;
	if (writing->is_in_answer && text_add(result, writing->fd) != 0) {
		fail(options, "cannot write the answer");
		return CLI_FAILURE;
	}
	if (writing->show == NULL || options->is_json)
		return cli_output_result(options, result);
	if (!json_is_array(result))
		writing->show(result);
	for (size_t i = 0; i < json_array_size(result); i++)
		writing->show(json_array_get(result, i));
	return fflush(stdout) == 0 ? CLI_OK : CLI_FAILURE;
}

/* Runs a command. A program that the dump goes to may read at leisure. */
static int control_run(const struct cli_command *command, const struct cli_options *options,
		       int nargs, char **args, const struct writing *writing)
{
	int fd = request_send(command, options, nargs, args, writing->fd);
	int status = CLI_FAILURE;
	json_t *result;

	if (fd < 0)
		return CLI_FAILURE;
	result = result_receive(options, fd, writing->fd >= 0 ? 0 : ANSWER_LIMIT_S);
	if (result != NULL)
		status = result_show(options, result, writing);
	json_decref(result);
	return status;
}

bool remote_control_has_socket(const struct cli_options *options)
{
	struct cli_options silent = *options;
	struct stat st;
	bool is_there;
	char *path;

	silent.is_silent = true;
	path = socket_path(&silent);
	is_there = path != NULL && stat(path, &st) == 0 && S_ISSOCK(st.st_mode);
	free(path);
	return is_there;
}

int remote_control_run(const struct cli_command *command, const struct cli_options *options,
		       int nargs, char **args)
{
	return control_run(command, options, nargs, args, &(struct writing){.fd = -1});
}

int remote_control_show(const struct cli_command *command, const struct cli_options *options,
			int nargs, char **args, void (*show)(const json_t *item))
{
	return control_run(command, options, nargs, args,
			   &(struct writing){.fd = -1, .show = show});
}

int remote_control_send(const struct cli_command *command, const struct cli_options *options,
			int nargs, char **args)
{
	return request_send(command, options, nargs, args, -1);
}

json_t *remote_control_ask(const struct cli_command *command, const struct cli_options *options,
			   int nargs, char **args)
{
	int fd = request_send(command, options, nargs, args, -1);

	return fd < 0 ? NULL : result_receive(options, fd, ANSWER_LIMIT_S);
}

int remote_control_write(const struct cli_command *command, const struct cli_options *options,
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

int remote_control_save(const struct cli_command *command, const struct cli_options *options,
			int nargs, char **args, const char *path, mode_t mode, bool is_forced)
{
	struct cli_output_file file;
	int status;

	if (cli_output_begin(&file, path, mode, is_forced) != 0)
		return CLI_FAILURE;
	status = remote_control_write(command, options, nargs, args, file.fd, false);
	if (status != CLI_OK)
		cli_output_abort(&file);
	else if (cli_output_commit(&file) != 0)
		status = CLI_FAILURE;
	return status;
}

int remote_control_dump(const struct cli_command *command, const struct cli_options *options,
			int nargs, char **args)
{
	if (options->output == NULL && options->is_json)
		return dump_in_answer(command, options, nargs, args);
	if (options->output == NULL)
		return remote_control_write(command, options, nargs, args, STDOUT_FILENO, true);
	return remote_control_save(command, options, nargs, args, options->output, 0644,
				   options->is_forced);
}
