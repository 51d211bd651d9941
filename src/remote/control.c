/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Commands that a running weftd answers, over its control socket (cli/socket.h). */

#include "remote/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/error.h"
#include "cli/fail.h"
#include "cli/output.h"
#include "cli/socket.h"
#include "control/command.h"

enum { ANSWER_LIMIT_S = 600 }; /* a checkpoint of a large zone on a slow disk takes minutes */

/* Sends a request with `output`, or -1, to weftd. Returns the descriptor by which the answer comes;
 * -1 after a message. */
static int request_send(const struct cli_command *command, const struct cli_options *options,
			int nargs, char **args, int output)
{
	int status;

	return cli_socket_send(&cli_socket_weftd, options, command->is->name, nargs, args, output,
			       &status);
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
		return cli_fail(options, CLI_FAILURE, "cannot write the answer");
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
	result = cli_socket_receive(&cli_socket_weftd, options, fd,
				    writing->fd >= 0 ? 0 : ANSWER_LIMIT_S);
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
	path = cli_socket_path(&cli_socket_weftd, &silent);
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

	return fd < 0 ? NULL : cli_socket_receive(&cli_socket_weftd, options, fd, ANSWER_LIMIT_S);
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
