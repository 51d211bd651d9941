/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* supervise/follow.h - what is new in an output file, as `tail -f` shows it, across rotations.
 *
 * Goes by inotify; knows how supervise/output.h rotates. Thread of the loop. */
#pragma once

#include <stddef.h>

struct ev_loop;
struct supervise_follow;

/* Is called with bytes that are new. */
typedef void (*supervise_follow_fn)(void *arg, const char *bytes, size_t nbytes);

/* Follows a file from its end. Returns 0, or a negative errno: -ENOENT if there is no such file. */
int supervise_follow_open(struct supervise_follow **out, struct ev_loop *loop, const char *path,
			  supervise_follow_fn on_bytes, void *arg);

/* Ends following; not from within the call. NULL is fine. */
void supervise_follow_close(struct supervise_follow *follow);
