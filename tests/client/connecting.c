/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "caller.h"

enum { REPLY_MS = 5000, PEER_MAX = 64 };

static struct weft_instance *last; /* that was connected to */
static struct weft_connector *connector;
static bool does_follow;

static int ms_of(const char *word)
{
	return word != NULL ? atoi(word) : -1;
}

/* Sends a line and prints the one that is the answer. */
static void exchange(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char line[CALLER_LINE_MAX] = "";
	ssize_t n = send(fd, "hello\n", 6, MSG_NOSIGNAL);

	if (n == 6 && poll(&p, 1, REPLY_MS) == 1)
		n = recv(fd, line, sizeof(line) - 1, 0);
	else
		n = -1;
	line[strcspn(line, "\r\n")] = '\0';
	if (n > 0)
		caller_print("reply %s", line);
	else
		caller_print("silent %s", n < 0 ? strerror(errno) : "closed");
}

static void print_connected(int fd, const struct weft_instance *to, bool is_held)
{
	struct sockaddr_storage peer = {0};
	char text[PEER_MAX] = "";
	socklen_t nbytes = sizeof(peer);

	weft_instance_free(last);
	last = weft_instance_copy(to);
	if (getpeername(fd, (struct sockaddr *)&peer, &nbytes) == 0)
		caller_append_address(text, sizeof(text), (struct sockaddr *)&peer);
	caller_print("connected %s %s", text, caller_instance(to));
	if (is_held)
		return;
	exchange(fd);
	close(fd);
}

static int connected(int error, int fd, struct weft_instance *to)
{
	if (error != WEFT_OK)
		return error;
	print_connected(fd, to, false);
	weft_instance_free(to);
	return WEFT_OK;
}

static void on_connected(void *arg, int error, int fd, const struct weft_instance *to)
{
	(void)arg;
	if (error == WEFT_OK)
		print_connected(fd, to, false);
	else
		caller_print_error(error);
}

int caller_connect(char **words)
{
	struct weft_instance *to = NULL;
	int fd = -1, ret = weft_connect(caller_context, words[0], 0, ms_of(words[1]), &fd, &to);

	return connected(ret, fd, to);
}

int caller_datagram(char **words)
{
	struct weft_instance *to = NULL;
	int fd = -1, ret = weft_connect(caller_context, words[0], WEFT_CONNECT_DATAGRAM,
					ms_of(words[1]), &fd, &to);

	return connected(ret, fd, to);
}

int caller_sticky(char **words)
{
	struct weft_instance *to = NULL;
	int fd = -1, ret = weft_connect_sticky(caller_context, words[1], words[0], strlen(words[0]),
					       0, ms_of(words[2]), &fd, &to);

	return connected(ret, fd, to);
}

int caller_hold(char **words)
{
	struct weft_instance *to = NULL;
	int fd = -1, ret = weft_connect(caller_context, words[0], 0, ms_of(words[1]), &fd, &to);

	if (ret != WEFT_OK)
		return ret;
	print_connected(fd, to, true);
	weft_instance_free(to);
	return WEFT_OK;
}

int caller_connect_start(char **words)
{
	return weft_connect_start(caller_context, words[0], NULL, 0, 0, ms_of(words[1]),
				  on_connected, NULL, NULL);
}

int caller_failure(char **words)
{
	if (last == NULL)
		return WEFT_E_ARGUMENT;
	return weft_report_failure(caller_context, last, words[0] != NULL ? words[0] : "failed");
}

/* ---- a connector ---- */

static void on_event(void *arg, enum weft_connector_event event, const struct weft_instance *i)
{
	static const char *const names[] = {
		[WEFT_CONNECTOR_READY] = "ready",	[WEFT_CONNECTOR_MOVED] = "moved",
		[WEFT_CONNECTOR_DRAINING] = "draining", [WEFT_CONNECTOR_GONE] = "gone",
		[WEFT_CONNECTOR_BETTER] = "better",
	};
	int ret;

	(void)arg;
	caller_print("event %s %s", names[event], caller_instance(i));
	if (!does_follow || event == WEFT_CONNECTOR_READY)
		return;
	ret = weft_connector_start(connector, 0, -1, on_connected, NULL, NULL);
	if (ret != WEFT_OK)
		caller_print_error(ret);
}

int caller_connector(char **words)
{
	int ret;

	weft_connector_free(connector);
	connector = NULL;
	ret = weft_connector_new(caller_context, words[0], on_event, NULL, &connector);
	if (ret == WEFT_OK && words[1] != NULL)
		ret = weft_connector_set_sticky(connector, words[1], strlen(words[1]));
	return ret;
}

int caller_go(char **words)
{
	struct weft_instance *to = NULL;
	int fd = -1, ret = WEFT_E_ARGUMENT;

	if (connector != NULL)
		ret = weft_connector_connect(connector, 0, ms_of(words[0]), &fd, &to);
	return connected(ret, fd, to);
}

int caller_follow(char **words)
{
	(void)words;
	does_follow = true;
	return WEFT_OK;
}
