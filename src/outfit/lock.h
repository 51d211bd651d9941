/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* outfit/lock.h - names of which one instance at most has each on this machine, also while no
 * registry can be reached.
 *
 * A lock is a file FOLDER/LABEL that its agent holds by flock(2), so that it is free when the agent
 * has ended, however that was. The file also has the holder: an instance whose process has
 * outlived its agent (pid, start time and boot are compared) or that has none that can be looked
 * at, keeps the name against others until it takes it again or the machine boots. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct base_error;
struct outfit_lock;

enum { OUTFIT_HOLDER_MAX = 256 };

/* Takes the name `label` for the instance `by` ("web-1._http._tcp"); one that was its own before is
 * its own again. `folder` is made if it is missing; a tmpfs is best. Returns 0; -EBUSY with `error`
 * "name LABEL is held by INSTANCE" and the holder in `holder` (NULL: not wanted), or another
 * negative errno with `error` filled in. */
int outfit_lock_take(struct outfit_lock **out, const char *folder, const char *label,
		     const char *by, char holder[OUTFIT_HOLDER_MAX], struct base_error *error);

/* Records the main process of the instance, which then keeps the name if the agent is killed. 0:
 * none that can be looked at runs; the name is kept. -1: nothing runs; the name is free if the
 * agent ends. That is also what is recorded at first, unless it was the instance's own. Returns 0
 * or a negative errno. */
int outfit_lock_record(struct outfit_lock *lock, pid_t pid);

/* Closes the lock of an instance that goes on without this agent: what was recorded holds. NULL is
 * fine. */
void outfit_lock_leave(struct outfit_lock *lock);

/* Gives the name up. NULL is fine. */
void outfit_lock_release(struct outfit_lock *lock);
