/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* libmicrohttpd parses and writes HTTP, here without a thread: its epoll descriptor is one of the
 * loop's. What it lacks is here. Its timeouts start anew with each byte, so a client that sends one
 * byte at a time holds a connection for ever: here a connection has a deadline. And at its limit it
 * stops accepting, so that clients which do nothing shut out the others: here the loop accepts, and
 * the oldest connection makes room. Either ends a connection by shutdown(2), which libmicrohttpd
 * finds like an end that came from the client. */

#include "web/http.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <unistd.h>

#include <microhttpd.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"

enum { BACKLOG = 64, POOL_NBYTES = 8192 };

static const ev_tstamp LOOK_S = 0.5;  /* between two looks for connections that are overdue */
static const ev_tstamp PAUSE_S = 0.1; /* after WEB_HTTP_ACCEPTS connections */

static const char *const metrics_types[] = {
	[WEB_PROMETHEUS] = "text/plain; version=0.0.4; charset=utf-8",
	[WEB_OPENMETRICS] = "application/openmetrics-text; version=1.0.0; charset=utf-8",
};
static const char text_type[] = "text/plain; charset=utf-8";

struct connection {
	TAILQ_ENTRY(connection) link;
	uint64_t began_ms; /* steady clock */
	int fd;		   /* libmicrohttpd's */
};

TAILQ_HEAD(connections, connection);

/* A page as it was last written. Connections that still send an older one have their share of
 * it. */
struct cached {
	struct MHD_Response *response; /* NULL: none yet */
	unsigned status;
	uint64_t written_ms;
};

struct listener {
	ev_io io;
	struct web_http *http;
	int fd;
};

struct web_http {
	struct ev_loop *loop;
	const struct web_resource *resources;
	void *arg;
	struct MHD_Daemon *daemon;
	struct MHD_Response *not_found, *no_method, *no_memory;
	struct cached cache[WEB_HTTP_RESOURCES_MAX][WEB_FORMATS];

	struct connection slots[WEB_HTTP_CONNECTIONS];
	struct connections open, free; /* `open`: the oldest first */
	unsigned nopen, naccepted;     /* `naccepted`: since the last pause */

	ev_io io;     /* the epoll descriptor */
	ev_timer run; /* when libmicrohttpd has something to do by itself */
	ev_timer look, pause;
	struct listener *listeners;
	size_t nlisteners;
};

/* ---- answers ---- */

static struct MHD_Response *response_new(char *take_bytes, size_t nbytes, const char *type)
{
	struct MHD_Response *r =
		MHD_create_response_from_buffer(nbytes, take_bytes, MHD_RESPMEM_MUST_FREE);

	if (r == NULL) {
		free(take_bytes);
		return NULL;
	}
	if (MHD_add_response_header(r, MHD_HTTP_HEADER_CONTENT_TYPE, type) == MHD_YES &&
	    MHD_add_response_header(r, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store") == MHD_YES &&
	    MHD_add_response_header(r, "X-Content-Type-Options", "nosniff") == MHD_YES &&
	    MHD_add_response_header(r, MHD_HTTP_HEADER_CONNECTION, "close") == MHD_YES)
		return r;
	MHD_destroy_response(r);
	return NULL;
}

static struct MHD_Response *response_of_text(const char *text)
{
	char *bytes = strdup(text);

	return bytes == NULL ? NULL : response_new(bytes, strlen(bytes), text_type);
}

static int responses_make(struct web_http *h)
{
	struct web_page page = {.format = WEB_PROMETHEUS};

	web_page_text(&page, "There is nothing here. There is:\n");
	for (const struct web_resource *r = h->resources; r->path != NULL; r++)
		web_page_text(&page, "%s\n", r->path);
	if (page.is_short) {
		web_page_fini(&page);
		return -ENOMEM;
	}
	h->not_found = response_new(page.bytes, page.nbytes, text_type);
	h->no_method = response_of_text("Only GET and HEAD are served.\n");
	h->no_memory = response_of_text("Memory is short.\n");
	if (h->not_found == NULL || h->no_method == NULL || h->no_memory == NULL ||
	    MHD_add_response_header(h->no_method, MHD_HTTP_HEADER_ALLOW, "GET, HEAD") != MHD_YES)
		return -ENOMEM;
	return 0;
}

/* Writes a page anew. When memory is short, the one before stays. */
static void cache_fill(struct web_http *h, const struct web_resource *r, enum web_format format,
		       struct cached *c)
{
	struct web_page page = {.format = format};
	unsigned status = r->write(h->arg, &page);
	struct MHD_Response *response;

	if (page.is_short || page.nbytes == 0) {
		web_page_fini(&page);
		return;
	}
	response = response_new(page.bytes, page.nbytes,
				r->is_metrics ? metrics_types[format] : text_type);
	if (response == NULL)
		return;
	if (c->response != NULL)
		MHD_destroy_response(c->response);
	*c = (struct cached){response, status, base_clock_steady_ms()};
}

static bool is_fresh(const struct cached *c)
{
	return c->response != NULL && base_clock_steady_ms() - c->written_ms < WEB_HTTP_FRESH_MS;
}

/* Prometheus names OpenMetrics among the formats that it takes. Other clients are taken to want
 * text that people can read, whatever their preferences are. */
static enum web_format format_of(struct MHD_Connection *connection)
{
	const char *accept =
		MHD_lookup_connection_value(connection, MHD_HEADER_KIND, MHD_HTTP_HEADER_ACCEPT);

	return accept != NULL && strstr(accept, "application/openmetrics-text") != NULL
		       ? WEB_OPENMETRICS
		       : WEB_PROMETHEUS;
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *url,
				  const char *method, const char *version, const char *upload,
				  size_t *nupload, void **context)
{
	struct web_http *h = arg;
	const struct web_resource *r = h->resources;
	enum web_format format = WEB_PROMETHEUS;
	struct cached *c;

	(void)version;
	(void)upload;
	(void)nupload;
	(void)context;
	/* Answered at once, before any body comes: libmicrohttpd closes the connection then. */
	if (strcmp(method, MHD_HTTP_METHOD_GET) != 0 && strcmp(method, MHD_HTTP_METHOD_HEAD) != 0)
		return MHD_queue_response(connection, MHD_HTTP_METHOD_NOT_ALLOWED, h->no_method);
	while (r->path != NULL && strcmp(r->path, url) != 0)
		r++;
	if (r->path == NULL)
		return MHD_queue_response(connection, MHD_HTTP_NOT_FOUND, h->not_found);
	if (r->is_metrics)
		format = format_of(connection);
	c = &h->cache[r - h->resources][format];
	if (!is_fresh(c))
		cache_fill(h, r, format, c);
	if (c->response == NULL)
		return MHD_queue_response(connection, MHD_HTTP_SERVICE_UNAVAILABLE, h->no_memory);
	return MHD_queue_response(connection, c->status, c->response);
}

/* ---- connections ---- */

static void on_connection(void *arg, struct MHD_Connection *connection, void **slot,
			  enum MHD_ConnectionNotificationCode code)
{
	struct web_http *h = arg;
	struct connection *c = *slot;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		c = TAILQ_FIRST(&h->free); /* there is one: as many as libmicrohttpd's limit */
		TAILQ_REMOVE(&h->free, c, link);
		c->fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)
				->connect_fd;
		c->began_ms = base_clock_steady_ms();
		TAILQ_INSERT_TAIL(&h->open, c, link);
		h->nopen++;
		*slot = c;
	} else if (c != NULL) {
		TAILQ_REMOVE(&h->open, c, link);
		TAILQ_INSERT_TAIL(&h->free, c, link);
		h->nopen--;
		*slot = NULL;
	}
}

/* Has libmicrohttpd do what it can do now. */
static void run(struct web_http *h)
{
	MHD_UNSIGNED_LONG_LONG timeout_ms;

	MHD_run(h->daemon);
	ev_timer_stop(h->loop, &h->run);
	if (MHD_get_timeout(h->daemon, &timeout_ms) == MHD_YES) {
		ev_timer_set(&h->run, (double)timeout_ms / 1000, 0.0);
		ev_timer_start(h->loop, &h->run);
	}
	if (h->nopen == 0)
		ev_timer_stop(h->loop, &h->look);
	else if (!ev_is_active(&h->look))
		ev_timer_again(h->loop, &h->look);
}

static void on_epoll(struct ev_loop *loop, struct ev_io *io, int events)
{
	(void)loop;
	(void)events;
	run(io->data);
}

static void on_run_timer(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	run(timer->data);
}

/* Ends the connections that have not ended in time. */
static void on_look_timer(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct web_http *h = timer->data;
	uint64_t now_ms = base_clock_steady_ms();
	struct connection *c;

	(void)loop;
	(void)events;
	TAILQ_FOREACH (c, &h->open, link)
		if (now_ms - c->began_ms >= WEB_HTTP_DEADLINE_MS)
			shutdown(c->fd, SHUT_RDWR);
	run(h);
}

/* Takes a connection. The oldest one ends if there is no room for it. */
static void connection_add(struct web_http *h, int take_fd, const struct sockaddr_storage *peer,
			   socklen_t npeer)
{
	if (h->nopen == WEB_HTTP_CONNECTIONS) {
		shutdown(TAILQ_FIRST(&h->open)->fd, SHUT_RDWR);
		run(h);
	}
	if (h->nopen == WEB_HTTP_CONNECTIONS)
		close(take_fd);
	else
		MHD_add_connection(h->daemon, take_fd, (const struct sockaddr *)peer, npeer);
}

static void on_acceptable(struct ev_loop *loop, struct ev_io *io, int events)
{
	struct listener *l = io->data;
	struct web_http *h = l->http;

	(void)events;
	while (h->naccepted < WEB_HTTP_ACCEPTS) {
		struct sockaddr_storage peer;
		socklen_t npeer = sizeof(peer);
		int fd = accept4(l->fd, (struct sockaddr *)&peer, &npeer,
				 SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0 && errno == EAGAIN)
			break;
		h->naccepted++;
		if (fd >= 0)
			connection_add(h, fd, &peer, npeer);
	}
	/* The rest waits in the kernel. */
	for (size_t i = 0; h->naccepted == WEB_HTTP_ACCEPTS && i < h->nlisteners; i++)
		ev_io_stop(loop, &h->listeners[i].io);
	if (!ev_is_active(&h->pause)) {
		ev_timer_set(&h->pause, PAUSE_S, 0.0);
		ev_timer_start(loop, &h->pause);
	}
	run(h);
}

static void on_pause_timer(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct web_http *h = timer->data;

	(void)events;
	h->naccepted = 0;
	for (size_t i = 0; i < h->nlisteners; i++)
		ev_io_start(loop, &h->listeners[i].io);
}

/* ---- begin and end ---- */

static int set(int fd, int level, int option)
{
	const int one = 1;

	return setsockopt(fd, level, option, &one, sizeof(one));
}

/* Returns a socket that listens, or a negative errno. */
static int listening_socket(const struct sockaddr_storage *a)
{
	int fd = socket(a->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), error;

	if (fd < 0)
		return -errno;
	if (set(fd, SOL_SOCKET, SO_REUSEADDR) == 0 &&
	    (a->ss_family != AF_INET6 || set(fd, IPPROTO_IPV6, IPV6_V6ONLY) == 0) &&
	    bind(fd, (const struct sockaddr *)a, base_address_nbytes((const struct sockaddr *)a)) ==
		    0 &&
	    listen(fd, BACKLOG) == 0)
		return fd;
	error = errno;
	close(fd);
	return -error;
}

static int listeners_open(struct web_http *h, const struct web_http_settings *settings,
			  struct base_error *error)
{
	char text[BASE_ADDRESS_TEXT_MAX];

	h->listeners = calloc(settings->naddresses + 1, sizeof(*h->listeners));
	if (h->listeners == NULL)
		return base_error_set(error, -ENOMEM, "out of memory");
	for (; h->nlisteners < settings->naddresses; h->nlisteners++) {
		const struct sockaddr_storage *a = &settings->addresses[h->nlisteners];
		struct listener *l = &h->listeners[h->nlisteners];
		int fd = listening_socket(a);

		if (fd < 0)
			return base_error_set(
				error, fd, "cannot serve metrics on %s: %s",
				base_address_to_text(text, (const struct sockaddr *)a),
				strerror(-fd));
		*l = (struct listener){.http = h, .fd = fd};
		ev_io_init(&l->io, on_acceptable, fd, EV_READ);
		l->io.data = l;
		ev_io_start(h->loop, &l->io);
	}
	return 0;
}

/* What libmicrohttpd finds wrong is the fault of a client. */
static void on_log(void *arg, const char *fmt, va_list args)
{
	char line[256];

	(void)arg;
	if (!base_log_is(BASE_LOG_DEBUG))
		return;
	vsnprintf(line, sizeof(line), fmt, args);
	line[strcspn(line, "\n")] = '\0';
	base_log(BASE_LOG_DEBUG, "server", "http why=\"%s\"", line);
}

static int daemon_start(struct web_http *h)
{
	const union MHD_DaemonInfo *info;

	/* Strict: a request of HTTP 1.1 names the host. */
	h->daemon = MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_ERROR_LOG,
				     0, NULL, NULL, on_request, h, MHD_OPTION_EXTERNAL_LOGGER,
				     on_log, NULL, MHD_OPTION_NOTIFY_CONNECTION, on_connection, h,
				     MHD_OPTION_CONNECTION_LIMIT, (unsigned)WEB_HTTP_CONNECTIONS,
				     MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)POOL_NBYTES,
				     MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_END);
	if (h->daemon == NULL)
		return -ENOMEM;
	info = MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_EPOLL_FD);
	if (info == NULL || info->epoll_fd < 0)
		return -ENOSYS;
	ev_io_init(&h->io, on_epoll, info->epoll_fd, EV_READ);
	ev_timer_init(&h->run, on_run_timer, 0.0, 0.0);
	ev_timer_init(&h->look, on_look_timer, LOOK_S, LOOK_S);
	ev_timer_init(&h->pause, on_pause_timer, PAUSE_S, 0.0);
	h->io.data = h->run.data = h->look.data = h->pause.data = h;
	ev_io_start(h->loop, &h->io);
	return 0;
}

int web_http_open(struct web_http **out, struct ev_loop *loop,
		  const struct web_http_settings *settings, struct base_error *error)
{
	struct web_http *h = calloc(1, sizeof(*h));
	int ret = -ENOMEM;

	*out = NULL;
	if (h != NULL) {
		h->loop = loop;
		h->resources = settings->resources;
		h->arg = settings->arg;
		TAILQ_INIT(&h->open);
		TAILQ_INIT(&h->free);
		for (unsigned i = 0; i < WEB_HTTP_CONNECTIONS; i++)
			TAILQ_INSERT_TAIL(&h->free, &h->slots[i], link);
		ret = responses_make(h);
	}
	if (ret == 0)
		ret = daemon_start(h);
	if (ret < 0)
		base_error_set(error, ret, "cannot serve metrics: %s", strerror(-ret));
	else
		ret = listeners_open(h, settings, error);
	if (ret < 0) {
		web_http_close(h);
		return ret;
	}
	*out = h;
	return 0;
}

static void response_free(struct MHD_Response *r)
{
	if (r != NULL)
		MHD_destroy_response(r);
}

void web_http_close(struct web_http *h)
{
	if (h == NULL)
		return;
	for (size_t i = 0; i < h->nlisteners; i++) {
		ev_io_stop(h->loop, &h->listeners[i].io);
		close(h->listeners[i].fd);
	}
	free(h->listeners);
	if (h->daemon != NULL) {
		ev_io_stop(h->loop, &h->io);
		ev_timer_stop(h->loop, &h->run);
		ev_timer_stop(h->loop, &h->look);
		ev_timer_stop(h->loop, &h->pause);
		MHD_stop_daemon(h->daemon);
	}
	for (unsigned i = 0; i < WEB_HTTP_RESOURCES_MAX; i++)
		for (unsigned format = 0; format < WEB_FORMATS; format++)
			response_free(h->cache[i][format].response);
	response_free(h->not_found);
	response_free(h->no_method);
	response_free(h->no_memory);
	free(h);
}
