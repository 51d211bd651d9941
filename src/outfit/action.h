/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* outfit/action.h - commands that are run beside an instance, `reload` and `on-change`: each with
 * an environment of its own, made when it starts. Within the room only. Thread of the loop. */
#pragma once

#include <sys/queue.h>

#include "spec/service.h"

struct base_error;
struct outfit_facts;
struct outfit_plan;

enum { OUTFIT_ACTION_MS = 60000 };

/* Is called when a command has ended: `reason` NULL, or why it has failed. */
typedef void (*outfit_action_fn)(void *arg, const char *reason);

/* The commands of an instance that run. */
struct outfit_actions {
	LIST_HEAD(, outfit_action) running;
	outfit_action_fn on_done;
	void *arg;
};

/* Runs a command. Returns 0, or a negative errno with `error` filled in. */
int outfit_action_start(struct outfit_actions *actions, const struct outfit_plan *plan,
			const struct outfit_facts *facts, const struct spec_words *words,
			struct base_error *error);

/* Kills all of them, without a call. */
void outfit_action_end_all(struct outfit_actions *actions);
