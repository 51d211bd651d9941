/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "supervise/probe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#include <ev.h>

#include "base/address.h"

enum { REASON_MAX = 256, REQUEST_MAX = 2048, ANSWER_MAX = 512 };

struct supervise_probe {
	struct ev_loop *loop;
	ev_io io;
	ev_timer timer;
	int fd; /* -1: the connection could not even be begun */
	int code;
	bool is_sent;
	uint32_t timeout_ms;
	supervise_probe_fn on_done;
	void *arg;
	size_t nrequest, nsent, nanswer;
	char answer[ANSWER_MAX];
	char request[]; /* empty: a connection is enough */
};

static void destroy(struct supervise_probe *probe)
{
	ev_io_stop(probe->loop, &probe->io);
	ev_timer_stop(probe->loop, &probe->timer);
	if (probe->fd >= 0)
		close(probe->fd);
	free(probe);
}

static void done(struct supervise_probe *probe, enum supervise_verdict verdict, const char *reason)
{
	supervise_probe_fn on_done = probe->on_done;
	void *arg = probe->arg;

	destroy(probe); /* first: a check that follows needs its descriptor */
	on_done(arg, verdict, reason);
}

static void failed(struct supervise_probe *probe, int code)
{
	char reason[REASON_MAX];

	snprintf(reason, sizeof(reason), "%s", strerror(code));
	done(probe, SUPERVISE_FAILED, reason);
}

int supervise_probe_parse_status(const char *bytes, size_t nbytes)
{
	static const char start[] = "HTTP/1.";
	enum { AT_VERSION = sizeof(start) - 1, AT_STATUS = AT_VERSION + 2, AT_END = AT_STATUS + 3 };
	size_t n = nbytes < AT_VERSION ? nbytes : AT_VERSION;
	int status = 0;

	if (memcmp(bytes, start, n) != 0)
		return -EINVAL;
	if (nbytes <= AT_END)
		return memchr(bytes, '\n', nbytes) != NULL ? -EINVAL : 0;
	if (bytes[AT_VERSION] < '0' || bytes[AT_VERSION] > '9' || bytes[AT_VERSION + 1] != ' ')
		return -EINVAL;
	for (int i = AT_STATUS; i < AT_END; i++) {
		if (bytes[i] < '0' || bytes[i] > '9')
			return -EINVAL;
		status = status * 10 + (bytes[i] - '0');
	}
	if (bytes[AT_END] != ' ' && bytes[AT_END] != '\r' && bytes[AT_END] != '\n')
		return -EINVAL;
	return status >= 100 && status <= 599 ? status : -EINVAL;
}

/* Judges the answer so far; 1xx are followed by the answer, which these checks do not ask for. */
static void answer_judge(struct supervise_probe *probe)
{
	int status = supervise_probe_parse_status(probe->answer, probe->nanswer);
	char reason[REASON_MAX];

	if (status == 0)
		return;
	if (status < 0) {
		done(probe, SUPERVISE_FAILED, "the answer is not HTTP");
		return;
	}
	snprintf(reason, sizeof(reason), "HTTP status %d", status);
	done(probe, status >= 200 && status < 400 ? SUPERVISE_PASSED : SUPERVISE_FAILED, reason);
}

static void request_send(struct supervise_probe *probe)
{
	ssize_t n = send(probe->fd, probe->request + probe->nsent, probe->nrequest - probe->nsent,
			 MSG_NOSIGNAL);

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		failed(probe, errno);
		return;
	}
	probe->nsent += n > 0 ? (size_t)n : 0;
	if (probe->nsent < probe->nrequest)
		return;
	ev_io_stop(probe->loop, &probe->io);
	ev_io_set(&probe->io, probe->fd, EV_READ);
	ev_io_start(probe->loop, &probe->io);
	probe->is_sent = true;
}

static void answer_read(struct supervise_probe *probe)
{
	ssize_t n = recv(probe->fd, probe->answer + probe->nanswer,
			 sizeof(probe->answer) - probe->nanswer, 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		failed(probe, errno);
		return;
	}
	if (n == 0) {
		done(probe, SUPERVISE_FAILED, "the connection was closed without an answer");
		return;
	}
	probe->nanswer += (size_t)n;
	answer_judge(probe); /* ends at the first line, so that there is always room for more */
}

static void on_ready(struct ev_loop *loop, ev_io *watcher, int revents)
{
	struct supervise_probe *probe = watcher->data;
	socklen_t n = sizeof(probe->code);

	(void)loop;
	(void)revents;
	if (probe->is_sent) {
		answer_read(probe);
		return;
	}
	if (getsockopt(probe->fd, SOL_SOCKET, SO_ERROR, &probe->code, &n) < 0)
		probe->code = errno;
	if (probe->code != 0)
		failed(probe, probe->code);
	else if (probe->nrequest == 0)
		done(probe, SUPERVISE_PASSED, "accepts connections");
	else
		request_send(probe);
}

static void on_timer(struct ev_loop *loop, ev_timer *watcher, int revents)
{
	struct supervise_probe *probe = watcher->data;
	char reason[REASON_MAX];

	(void)loop;
	(void)revents;
	if (probe->code != 0) {
		failed(probe, probe->code);
		return;
	}
	snprintf(reason, sizeof(reason), "no answer within %u ms", probe->timeout_ms);
	done(probe, SUPERVISE_FAILED, reason);
}

/* Begins to connect. Returns 0, or a negative errno. */
static int begin(struct supervise_probe *probe, const struct sockaddr_storage *address)
{
	const struct sockaddr *sa = (const struct sockaddr *)address;
	socklen_t n =
		sa->sa_family == AF_UNIX ? sizeof(struct sockaddr_un) : base_address_nbytes(sa);

	probe->fd = socket(sa->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (probe->fd < 0)
		return -errno;
	if (connect(probe->fd, sa, n) < 0 && errno != EINPROGRESS)
		return -errno;
	return 0;
}

static size_t request_write(char *out, const struct supervise_probe_settings *settings)
{
	char text[BASE_ADDRESS_TEXT_MAX];
	const char *host = settings->host;

	if (settings->path == NULL)
		return 0;
	if (host == NULL) {
		base_address_to_text(text, (const struct sockaddr *)&settings->address);
		text[strcspn(text, "@")] = '\0';
		host = strchr(text, ':') != NULL ? "localhost" : text;
	}
	return (size_t)snprintf(out, REQUEST_MAX,
				"GET %.1500s HTTP/1.1\r\nHost: %.255s\r\nUser-Agent: weft\r\n"
				"Connection: close\r\n\r\n",
				settings->path, host);
}

int supervise_probe_start(struct supervise_probe **out, struct ev_loop *loop,
			  const struct supervise_probe_settings *settings,
			  supervise_probe_fn on_done, void *arg)
{
	struct supervise_probe *probe;
	char request[REQUEST_MAX];
	size_t n = request_write(request, settings);
	int ret;

	probe = calloc(1, sizeof(*probe) + n);
	if (probe == NULL)
		return -ENOMEM;
	memcpy(probe->request, request, n);
	probe->nrequest = n;
	probe->loop = loop;
	probe->timeout_ms = settings->timeout_ms;
	probe->on_done = on_done;
	probe->arg = arg;
	ret = begin(probe, &settings->address);
	probe->code = -ret;
	ev_io_init(&probe->io, on_ready, probe->fd, EV_WRITE);
	ev_timer_init(&probe->timer, on_timer, ret < 0 ? 0. : settings->timeout_ms / 1e3, 0);
	probe->io.data = probe->timer.data = probe;
	ev_now_update(loop);
	ev_timer_start(loop, &probe->timer);
	if (ret == 0)
		ev_io_start(loop, &probe->io);
	*out = probe;
	return 0;
}

void supervise_probe_close(struct supervise_probe *probe)
{
	if (probe != NULL)
		destroy(probe);
}
