/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* supervise/probe.h - one question to a service: whether it accepts a connection, or answers GET
 * with a good status.
 *
 * The HTTP of a check is one request line, three fields and the status line of the answer; a
 * library would bring its own connections, redirects and threads into the loop of a supervisor, for
 * nothing that a check may do. So it is written here and strict: HTTP/1.x, a status of three
 * digits, 200 to 399 passes, all else fails; the body is not read. Thread of the loop. */
#pragma once

#include <stdint.h>
#include <sys/socket.h>

#include "supervise/health.h"

struct ev_loop;
struct supervise_probe;

struct supervise_probe_settings {
	struct sockaddr_storage address; /* of any family that has streams */
	const char *path; /* of GET, with its slash; NULL: a connection is enough. Borrowed */
	const char *host; /* of the Host field; NULL: the address */
	uint32_t timeout_ms;
};

/* Called once; the probe is freed afterwards and must not be closed. */
typedef void (*supervise_probe_fn)(void *arg, enum supervise_verdict verdict, const char *reason);

/* Begins. Returns 0, and calls `on_done` later; or -ENOMEM. */
int supervise_probe_start(struct supervise_probe **out, struct ev_loop *loop,
			  const struct supervise_probe_settings *settings,
			  supervise_probe_fn on_done, void *arg);

/* Ends it without a call. NULL is fine. */
void supervise_probe_close(struct supervise_probe *probe);

/* Parses the beginning of an answer. Returns the status, 0 if more bytes are needed, or -EINVAL if
 * it is not HTTP/1.x. */
int supervise_probe_parse_status(const char *bytes, size_t nbytes);
