/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* web/http.h - the HTTP server: pages that can be read, and nothing else.
 *
 * It serves GET and HEAD of a few fixed paths, each by a function that writes the page. Whatever a
 * client does, it costs little: connections are few and have one request each; one that is not done
 * after WEB_HTTP_DEADLINE_MS is closed, whether it is silent or slow; when there are too many, the
 * oldest makes room; new ones are taken at a bounded rate; and a page is written at most once in
 * WEB_HTTP_FRESH_MS, however often it is asked for. It needs no thread: all happens in the event
 * loop of the thread that opens it, which alone may call these functions.
 *
 * The server does not know what the pages contain, and who may connect is up to the address. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include <ev.h>

#include "web/page.h"

struct base_error;
struct web_http;

enum {
	WEB_HTTP_CONNECTIONS = 32,    /* open at one time */
	WEB_HTTP_DEADLINE_MS = 10000, /* from accepting a connection to its end */
	WEB_HTTP_FRESH_MS = 1000,     /* for which a page is sent again as it is */
	WEB_HTTP_ACCEPTS = 16,	      /* connections taken in 0.1 s */
	WEB_HTTP_RESOURCES_MAX = 8,
};

/* A page that is served. A list of resources ends with a path that is NULL. */
struct web_resource {
	const char *path;
	bool is_metrics; /* the client chooses the format; else it is plain text */

	/* Writes the page, which is empty. Returns the status of the answer, 200 or another one of
	 * HTTP. */
	unsigned (*write)(void *arg, struct web_page *page);
};

struct web_http_settings {
	const struct sockaddr_storage *addresses; /* to listen on; borrowed during web_http_open */
	size_t naddresses;
	const struct web_resource *resources; /* at most WEB_HTTP_RESOURCES_MAX */
	void *arg;			      /* of their functions */
};

/* Listens on the addresses, and serves as long as `loop` runs. Returns 0, after which the caller
 * owns the server; or a negative errno with `error` filled in, and `out` NULL. */
int web_http_open(struct web_http **out, struct ev_loop *loop,
		  const struct web_http_settings *settings, struct base_error *error);

/* Closes all connections and frees the server. NULL is fine. */
void web_http_close(struct web_http *h);
