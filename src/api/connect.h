/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* api/connect.h - attempts to connect, to a name or by a connector.
 *
 * How an attempt begins is a function of its maker; how it ends, and waiting for the end, is the
 * same for all. One thread. */
#pragma once

#include <weft/connect.h>

#include "api/context.h"
#include "reach/connect.h"
#include "reach/connector.h"

struct weft_connect {
	struct api_object object;
	struct reach_connect *connect; /* either this, or the next one */
	struct reach_connector_attempt *attempt;
	weft_connect_fn fn;
	void *arg;
};

/* How to begin an attempt. */
struct api_connect_begin {
	/* Begins, with api_connect_done and api_connect_failed. Returns 0 or a negative errno. */
	int (*begin)(struct weft_connect *c, const struct reach_options *options, const void *what);
	const void *what;
	unsigned flags; /* enum weft_connect_flags */
	int timeout_ms;
};

/* A reach_connect_fn and a reach_failed_fn; `arg` is the attempt. */
void api_connect_done(void *arg, enum reach_stage stage, int error, int fd,
		      const struct find_instance *to, const char *why, uint64_t now_ms);
void api_connect_failed(void *arg, const struct find_instance *i, int error);

/* Begins an attempt, as weft_connect_start() does. `out` may be NULL. */
int api_connect_start(struct weft *w, const struct api_connect_begin *begin, weft_connect_fn fn,
		      void *arg, struct weft_connect **out);

/* Makes an attempt and waits for its end, as weft_connect() does. */
int api_connect_wait(struct weft *w, const struct api_connect_begin *begin, int *fd,
		     struct weft_instance **to);
