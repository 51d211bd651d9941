/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "control/client.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "control/command.h"

static void limit_set(int fd, int option, int limit_s)
{
	struct timeval limit = {.tv_sec = limit_s};

	setsockopt(fd, SOL_SOCKET, option, &limit, sizeof(limit));
}

int control_client_connect(const char *path, int limit_s)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd, ret;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	limit_set(fd, SO_SNDTIMEO, limit_s);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	ret = errno == EAGAIN ? -ETIMEDOUT : -errno;
	close(fd);
	return ret;
}

/* Returns the request as a line, to be freed; NULL if an argument is not UTF-8 or memory is short.
 */
static char *line_make(const char *command, char *const *args, size_t nargs)
{
	json_t *request = json_pack("{s:s, s:[]}", "command", command, "args");
	json_t *words = json_object_get(request, "args");
	char *text = NULL, *line = NULL;
	bool is_whole = request != NULL;

	for (size_t i = 0; i < nargs && is_whole; i++)
		is_whole = json_array_append_new(words, json_string(args[i])) == 0;
	if (is_whole)
		text = json_dumps(request, JSON_COMPACT);
	json_decref(request);
	if (text != NULL && asprintf(&line, "%s\n", text) < 0)
		line = NULL;
	free(text);
	return line;
}

/* Sends the line, and `output` along with its first byte. */
static int line_send(int fd, char *line, int output)
{
	struct iovec rest = {line, strlen(line)};
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} parts = {0};
	struct msghdr msg = {.msg_iov = &rest, .msg_iovlen = 1};

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
	while (rest.iov_len > 0) {
		ssize_t n = sendmsg(fd, &msg, MSG_NOSIGNAL);

		if (n < 0)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
		rest.iov_base = (char *)rest.iov_base + n;
		rest.iov_len -= (size_t)n;
		msg.msg_control = NULL;
		msg.msg_controllen = 0;
	}
	return 0;
}

int control_client_send(int fd, const char *command, char *const *args, size_t nargs, int output)
{
	char *line = line_make(command, args, nargs);
	int ret = -EINVAL;

	if (line != NULL)
		ret = strlen(line) > CONTROL_LINE_MAX ? -EMSGSIZE : line_send(fd, line, output);

	free(line);
	return ret;
}

int control_client_receive(int fd, int limit_s, json_t **out)
{
	int copy = dup(fd), ret = 0;
	FILE *in = copy >= 0 ? fdopen(copy, "r") : NULL;
	char *line = NULL;
	size_t room = 0;

	*out = NULL;
	if (in == NULL) {
		ret = -errno;
		if (copy >= 0)
			close(copy);
		return ret;
	}
	limit_set(fd, SO_RCVTIMEO, limit_s);
	errno = 0;
	if (getline(&line, &room, in) < 0)
		ret = errno == EAGAIN ? -ETIMEDOUT : errno == ENOMEM ? -ENOMEM : -ECONNRESET;
	else if ((*out = json_loads(line, 0, NULL)) == NULL)
		ret = errno == EAGAIN ? -ETIMEDOUT : -ECONNRESET;
	free(line);
	fclose(in);
	return ret;
}
