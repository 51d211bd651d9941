/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Talking to a running weftd over its control socket (control/server.h). */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "cli/cli.h"
#include "weftd/config.h"

enum {
	CONNECT_LIMIT_S = 30,  /* until a living weftd must have taken us and our request */
	ANSWER_LIMIT_S = 600,  /* a checkpoint of a large zone on a slow disk takes minutes */
	LIMIT_MAX_S = 1000000, /* that can be asked for */
};

static void report_print(void *arg, enum base_log_level level, const struct base_error *error)
{
	(void)arg;
	if (level == BASE_LOG_ERROR)
		fprintf(stderr, "%s:%u: %s\n", error->at.file, error->at.line, error->text);
}

static void report_ignore(void *arg, enum base_log_level level, const struct base_error *error)
{
	(void)arg;
	(void)level;
	(void)error;
}

/* Where weftd listens: -s, or what the configuration says. Without -c the usual file is asked if it
 * can be read; people who may use the socket need not be able to read the keys in it. */
static char *socket_path(const struct cli_options *options)
{
	const char *path =
		options->config != NULL ? options->config : WEFT_SYSCONFDIR "/weftd.conf";
	struct weftd_config *config;
	char *found;

	if (options->socket != NULL)
		return strdup(options->socket);
	if (weftd_config_load(&config, path, options->config != NULL ? report_print : report_ignore,
			      NULL) != 0)
		return options->config != NULL ? NULL : strdup(WEFT_RUNDIR "/weftd.sock");
	found = strdup(config->server.control);
	weftd_config_free(config);
	return found;
}

/* How long to wait for weftd: what -t says, or this. 0 is for ever; -1 after a message. */
static int limit_s(const struct cli_options *options, int usual)
{
	char *end;
	long seconds;

	if (options->timeout == NULL)
		return usual;
	seconds = strtol(options->timeout, &end, 10);
	if (end != options->timeout && *end == '\0' && seconds >= 0 && seconds <= LIMIT_MAX_S)
		return (int)seconds;
	cli_error("%s is no number of seconds", options->timeout);
	return -1;
}

/* A weftd that died hangs up; one that was stopped, or is stuck, would have us wait. */
static void limit_set(int fd, int option, int seconds)
{
	struct timeval limit = {.tv_sec = seconds};

	setsockopt(fd, SOL_SOCKET, option, &limit, sizeof(limit));
}

static int control_connect(const char *path, int seconds)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	limit_set(fd, SO_SNDTIMEO, seconds);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		int ret = errno == EAGAIN ? -ETIMEDOUT : -errno;

		close(fd);
		return ret;
	}
	return fd;
}

/* Sends the line, and `output` along with its first byte when that is not -1. */
static int line_send(int fd, const char *line, int output)
{
	size_t length = strlen(line);
	struct iovec iov = {(void *)line, length};
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} parts = {0};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	if (output >= 0) {
		struct cmsghdr *part;

		msg.msg_control = parts.bytes;
		msg.msg_controllen = sizeof(parts.bytes);
		part = CMSG_FIRSTHDR(&msg);
		part->cmsg_level = SOL_SOCKET;
		part->cmsg_type = SCM_RIGHTS;
		part->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(part), &output, sizeof(int));
	}
	while (iov.iov_len > 0) {
		ssize_t sent = sendmsg(fd, &msg, MSG_NOSIGNAL);

		if (sent < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		iov.iov_base = (char *)iov.iov_base + sent;
		iov.iov_len -= (size_t)sent;
		msg.msg_control = NULL;
		msg.msg_controllen = 0;
	}
	return 0;
}

/* Reads one line of JSON, or NULL after a message when there is none. */
static json_t *answer_read(int fd, int seconds)
{
	FILE *in;
	json_t *answer = NULL;
	char *line = NULL;
	size_t room = 0;

	limit_set(fd, SO_RCVTIMEO, seconds);
	in = fdopen(dup(fd), "r");
	if (in == NULL) {
		cli_error("cannot read the answer: %s", strerror(errno));
		return NULL;
	}
	errno = 0;
	if (getline(&line, &room, in) > 0)
		answer = json_loads(line, 0, NULL);
	if (answer == NULL && errno == EAGAIN)
		cli_error("weftd has not answered within %d s; it may still be at it", seconds);
	else if (answer == NULL)
		cli_error("weftd hung up without an answer");
	free(line);
	fclose(in);
	return answer;
}

static char *request_make(const struct cli_command *command, int nargs, char **args)
{
	json_t *request = json_pack("{s:s, s:[]}", "command", command->name, "args");
	json_t *words = json_object_get(request, "args");
	char *text, *line = NULL;

	for (int i = 0; i < nargs; i++)
		json_array_append_new(words, json_string(args[i]));
	text = json_dumps(request, JSON_COMPACT);
	json_decref(request);
	if (text != NULL && asprintf(&line, "%s\n", text) < 0)
		line = NULL;
	free(text);
	return line;
}

/* What weftd wrote to the file goes into its answer. */
static int text_add(json_t *result, int fd)
{
	off_t length = lseek(fd, 0, SEEK_END);
	json_t *text;
	char *bytes;

	if (length <= 0)
		return json_object_set_new(result, "text", json_string(""));
	bytes = mmap(NULL, (size_t)length, PROT_READ, MAP_SHARED, fd, 0);
	if (bytes == MAP_FAILED)
		return -1;
	text = json_stringn(bytes, (size_t)length);
	munmap(bytes, (size_t)length);
	return json_object_set_new(result, "text", text);
}

/* Where weftd writes what is long, and what of its answer is shown. */
struct writing {
	int fd; /* -1: nowhere */
	bool is_silent;
	bool is_in_answer;
};

static int answer_show(const struct cli_options *options, const json_t *answer,
		       const struct writing *writing)
{
	json_t *result = json_object_get(answer, "result");
	const char *error = json_string_value(json_object_get(answer, "error"));

	if (answer == NULL)
		return CLI_FAILURE;
	if (!json_is_true(json_object_get(answer, "ok"))) {
		cli_error("%s", error != NULL ? error : "weftd gave no reason");
		if (options->is_json)
			cli_result(options, answer);
		return CLI_FAILURE;
	}
	if (writing->is_silent)
		return CLI_OK;
	if (writing->is_in_answer && text_add(result, writing->fd) != 0) {
		cli_error("cannot write the answer");
		return CLI_FAILURE;
	}
	return cli_result(options, result);
}

static int control_run(const struct cli_command *command, const struct cli_options *options,
		       int nargs, char **args, const struct writing *writing)
{
	char *path = socket_path(options), *line = NULL;
	int seconds = limit_s(options, CONNECT_LIMIT_S);
	int fd = -1, ret, status = CLI_FAILURE;
	json_t *answer = NULL;

	if (path == NULL || seconds < 0) {
		free(path);
		return seconds < 0 ? CLI_USAGE : CLI_FAILURE;
	}
	fd = control_connect(path, seconds);
	if (fd < 0) {
		cli_error("no weftd answers at %s: %s", path, strerror(-fd));
		goto out;
	}
	line = request_make(command, nargs, args);
	ret = line != NULL ? line_send(fd, line, writing->fd) : -EINVAL;
	if (ret != 0) {
		cli_error("cannot send the request: %s", strerror(-ret));
		goto out;
	}
	/* What a dump is written to may be read at leisure. */
	answer = answer_read(fd, limit_s(options, writing->fd >= 0 ? 0 : ANSWER_LIMIT_S));
	status = answer_show(options, answer, writing);
out:
	json_decref(answer);
	free(line);
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

static int dump_in_answer(const struct cli_command *command, const struct cli_options *options,
			  int nargs, char **args)
{
	struct writing writing = {.fd = memfd_create("dump", MFD_CLOEXEC), .is_in_answer = true};
	int status;

	if (writing.fd < 0) {
		cli_error("no room for the answer: %s", strerror(errno));
		return CLI_FAILURE;
	}
	status = control_run(command, options, nargs, args, &writing);
	close(writing.fd);
	return status;
}

int cli_control_dump(const struct cli_command *command, const struct cli_options *options,
		     int nargs, char **args)
{
	FILE *file;
	int status;

	if (options->output == NULL && options->is_json)
		return dump_in_answer(command, options, nargs, args);
	if (options->output == NULL)
		return control_run(command, options, nargs, args,
				   &(struct writing){.fd = STDOUT_FILENO, .is_silent = true});

	file = cli_output_open(options, 0644);
	if (file == NULL)
		return CLI_FAILURE;
	status = control_run(command, options, nargs, args, &(struct writing){.fd = fileno(file)});
	if (fsync(fileno(file)) != 0 && errno != EINVAL) {
		cli_error("%s: %s", options->output, strerror(errno));
		status = CLI_FAILURE;
	}
	fclose(file);
	if (status != CLI_OK)
		unlink(options->output);
	return status;
}
