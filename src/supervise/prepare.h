/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* supervise/prepare.h - the steps before a unit's first start: commands that are run one after the
 * other, once for each version.
 *
 * The version that is prepared is in the file .weft-prepared in the folder of the last step:
 * without the folder it is prepared again. Thread of the reaper's loop. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct child_command;
struct child_reaper;
struct supervise_prepare;

/* Borrowed until the end. */
struct supervise_prepare_settings {
	const struct child_command *steps;
	size_t nsteps;
	uint32_t timeout_ms; /* of each */
	const char *version; /* NULL: "" */
	const char *mark;    /* for their environment; NULL: none */
};

/* Called once, `reason` NULL, or why a step has failed. It is freed afterwards. */
typedef void (*supervise_prepare_fn)(void *arg, const char *reason);

/* Begins. Returns 1, and calls `on_done` later; 0 if there is nothing to be done; or a negative
 * errno. */
int supervise_prepare_start(struct supervise_prepare **out, struct child_reaper *reaper,
			    const struct supervise_prepare_settings *settings,
			    supervise_prepare_fn on_done, void *arg);

/* Kills the step that runs and ends without a call. NULL is fine. */
void supervise_prepare_close(struct supervise_prepare *prepare);
