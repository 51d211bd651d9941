/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* doctor/child.h - a process that calls a function which may wait as long as it likes, and can be
 * ended.
 *
 * It does not know what is called. Its results come through a pipe, each with one write of at most
 * PIPE_BUF bytes, so what was written before it is ended is not lost. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct doctor_child {
	pid_t pid; /* 0: not begun, or ended */
	int fd;
};

/* Begins a process that calls `run` with the end of the pipe to write to, and then ends. It also
 * ends with this process. Returns 0, or a negative errno. */
int doctor_child_begin(struct doctor_child *c, void (*run)(int fd, const void *arg),
		       const void *arg);

/* Waits for the next result of `nbytes`, until `deadline_ms` on the steady clock. Returns 1; 0 if
 * there is none any more; or -ETIMEDOUT. */
int doctor_child_read(struct doctor_child *c, void *out, size_t nbytes, uint64_t deadline_ms);

/* Ends the process. */
void doctor_child_end(struct doctor_child *c);
