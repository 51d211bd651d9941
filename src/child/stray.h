/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* child/stray.h - processes of a unit that are found without a control group: by their session,
 * and by a mark in the environment that all its processes were started with.
 *
 * Reads all of /proc: some milliseconds for a thousand processes, so for the ends of units on
 * machines without cgroup v2, and for the start of a supervisor. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The name of the mark: WEFT_SUPERVISED=SUPERVISOR:UNIT. */
#define CHILD_STRAY_VARIABLE "WEFT_SUPERVISED"

/* Is called for a process, with what follows the mark in its environment; NULL: it was found by its
 * session. Returns false to end the scan. */
typedef bool (*child_stray_fn)(void *arg, pid_t pid, const char *rest);

/* Calls `fn` for each living process, but this one, whose environment has the mark
 * "WEFT_SUPERVISED=...", or a variable that begins so if the mark ends with a colon; or whose
 * session is `session` (0: none). Returns how many there were. */
unsigned child_stray_each(const char *mark, pid_t session, child_stray_fn fn, void *arg);

/* Sends a signal to each. Returns how many there were. */
unsigned child_stray_signal(const char *mark, pid_t session, int signal);
