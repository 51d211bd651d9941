/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* reach/connect.h - a connected socket to a service by its name: look-up, order and reach, within
 * one deadline. If instances that the cache knows fail, or are silent for long, the registry is
 * asked anew, and those that are new, or elsewhere now, are tried.
 *
 * It does not follow the service: reach/connector.h does. One thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "find/find.h"
#include "reach/reach.h"

struct reach_connect;

struct reach_connect_options {
	struct reach_options socket;
	const void *key; /* the same instance each time for the same key; NULL: by weight. Copied */
	size_t nkey;
};

/* What was being done at the end; an error means something else in each. */
enum reach_stage {
	REACH_FINDING,	  /* errors are those of find_lookup_fn */
	REACH_CONNECTING, /* errors are those of reach_fn */
};

/* Like reach_fn, with the stage. -ENOMEM comes in both. */
typedef void (*reach_connect_fn)(void *arg, enum reach_stage stage, int error, int fd,
				 const struct find_instance *to, const char *why, uint64_t now_ms);

/* Begins. `events`, `f` and `memory` are borrowed until the end; `on_failed` may be NULL. Nothing
 * is called before resolve_events_run; both functions may free the connect. Returns 0 or
 * -ENOMEM. */
int reach_connect_new(struct reach_connect **out, struct resolve_events *events, struct find *f,
		      struct reach_memory *memory, const struct find_name *name,
		      const struct reach_connect_options *options, reach_connect_fn done,
		      reach_failed_fn on_failed, void *arg);

/* Ends it, also from within a call; NULL is fine. */
void reach_connect_free(struct reach_connect *c);
