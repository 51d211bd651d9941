/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weft/connect.h - connected sockets to a service, whichever instance it is.
 *
 * Instances are tried by priority and weight (RFC 2782), the addresses of each race (RFC 8305); on
 * refusal, silence or an unreachable network the next one is tried, all within one deadline. An
 * instance that failed is tried last for a while. */
#ifndef WEFT_CONNECT_H
#define WEFT_CONNECT_H

#include <weft/find.h>

#ifdef __cplusplus
extern "C" {
#endif

struct weft_connect;
struct weft_connector;

enum weft_connect_flags {
	WEFT_CONNECT_DATAGRAM = 1, /* a UDP socket; else a TCP one */
	WEFT_CONNECT_NONBLOCK = 2, /* the socket is non-blocking */
};

/* Connects, waiting at most `timeout_ms` for all of it. Writes the socket, which
 * is the caller's (close-on-exec), to `fd`, and, unless `to` is NULL, the instance, for
 * weft_instance_free(). Returns WEFT_OK; WEFT_E_UNREACHABLE or WEFT_E_TIMEOUT, for which
 * weft_error_text() lists what was tried; or what weft_find() returns. */
WEFT_API int weft_connect(struct weft *w, const char *name, unsigned flags, int timeout_ms, int *fd,
			  struct weft_instance **to);

/* Like weft_connect(), with the same instance each time for the same `key` of `nbytes`, as long as
 * it can be reached, and with few changes when instances come and go (rendezvous hashing, by
 * weight). */
WEFT_API int weft_connect_sticky(struct weft *w, const char *name, const void *key, size_t nbytes,
				 unsigned flags, int timeout_ms, int *fd,
				 struct weft_instance **to);

/* Takes the socket, or an error with -1; `to` is valid during the call. */
typedef void (*weft_connect_fn)(void *arg, int error, int fd, const struct weft_instance *to);

/* Begins to connect; `fn` is called once, from weft_process(), after which the attempt is no more.
 * `key` and `out` may be NULL. */
WEFT_API int weft_connect_start(struct weft *w, const char *name, const void *key, size_t nbytes,
				unsigned flags, int timeout_ms, weft_connect_fn fn, void *arg,
				struct weft_connect **out);

/* Ends an attempt whose function was not called yet. NULL is fine. */
WEFT_API void weft_connect_cancel(struct weft_connect *c);

/* Takes that the instance, to which a connection was made, does not work: it is tried last for a
 * while, and reported as weft_set_suspect() describes. */
WEFT_API int weft_report_failure(struct weft *w, const struct weft_instance *i, const char *why);

/* ---- a connector: one service, followed, with connections to where it is best ---- */

/* Why a connection had better be replaced. The old one need not be closed at once. */
enum weft_connector_event {
	WEFT_CONNECTOR_READY = 1,    /* instances are known: connecting asks nobody */
	WEFT_CONNECTOR_MOVED = 2,    /* the instance has moved, or was started anew */
	WEFT_CONNECTOR_DRAINING = 3, /* it wants to get no new connections */
	WEFT_CONNECTOR_GONE = 4,     /* it is not registered any more */
	WEFT_CONNECTOR_BETTER = 5,   /* one with a better priority is there again */
};

/* Takes an event about the instance that the last connection went to; `i` is where to go, NULL if
 * none is known. */
typedef void (*weft_connector_fn)(void *arg, enum weft_connector_event event,
				  const struct weft_instance *i);

/* Returns the name of an event, "moved". */
WEFT_API const char *weft_connector_event_name(enum weft_connector_event event);

/* Follows the service (DNS Push, or polling), so that connections need no question to a registry.
 * `fn` may be NULL. */
WEFT_API int weft_connector_new(struct weft *w, const char *name, weft_connector_fn fn, void *arg,
				struct weft_connector **out);

/* Ends following; sockets are the caller's. NULL is fine. */
WEFT_API void weft_connector_free(struct weft_connector *c);

/* Always uses the same instance for this key (weft_connect_sticky). */
WEFT_API int weft_connector_set_sticky(struct weft_connector *c, const void *key, size_t nbytes);

/* Connects like weft_connect(), or begins to, like weft_connect_start(). */
WEFT_API int weft_connector_connect(struct weft_connector *c, unsigned flags, int timeout_ms,
				    int *fd, struct weft_instance **to);
WEFT_API int weft_connector_start(struct weft_connector *c, unsigned flags, int timeout_ms,
				  weft_connect_fn fn, void *arg, struct weft_connect **out);

#ifdef __cplusplus
}
#endif

#endif
