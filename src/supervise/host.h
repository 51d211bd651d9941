/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* supervise/host.h - what all units of one supervisor share: loop, reaper, folders, control group,
 * notification socket, the clock for rotation.
 *
 * Open the host, open a unit for each service, start them. After kill -9 the same again, with the
 * same folder: units adopt what runs, and supervise_host_sweep() ends what belongs to no unit. To
 * replace the program in place, call supervise_host_hand_over() and execve. Thread of the loop,
 * which must not be libev's default loop (child/reaper.h). */
#pragma once

#include <stdint.h>

#include "base/error.h"

struct child_reaper;
struct ev_loop;
struct supervise_host;

struct supervise_host_settings {
	const char *folder; /* of the state files and of `notify`; on a tmpfs if there is one.
			       Made if it is missing. Borrowed */
	const char *group;  /* how the name of its control group begins, which is the folder's
			       own; NULL: no groups. Borrowed */
	uint32_t rotate_ms; /* how often the sizes of outputs are looked at; 0: 10 s */
	/* Is called, from the loop and from functions of this room, with what its owner may want to
	 * log: no control groups, a state file that is damaged or cannot be written. NULL: nobody
	 * is interested. */
	base_report_fn report;
	void *report_arg;
};

/* Opens a host. That there are no control groups is only reported. Returns 0, or a negative
 * errno with `error` filled in: -EBUSY if another living supervisor has the folder. */
int supervise_host_open(struct supervise_host **out, struct ev_loop *loop,
			const struct supervise_host_settings *settings, struct base_error *error);

/* Closes the host, when all its units are closed. NULL is fine. */
void supervise_host_close(struct supervise_host *host);

/* Kills what was started by a supervisor of this folder and belongs to no unit that is open, and
 * removes its state. Call it once all units are open. Returns how many processes there were. */
unsigned supervise_host_sweep(struct supervise_host *host);

/* Prepares for execve: listening sockets stay open across it. Returns 0 or a negative errno. */
int supervise_host_hand_over(struct supervise_host *host);

/* Return its loop and its reaper, for commands beside the units'. */
struct ev_loop *supervise_host_loop(const struct supervise_host *host);
struct child_reaper *supervise_host_reaper(const struct supervise_host *host);
