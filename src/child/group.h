/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* child/group.h - control groups (cgroup v2): all processes of a unit, whatever they have
 * forked, to be found and killed at once.
 *
 * The groups are folders below the group of this process, in a folder of the supervisor's name.
 * Where there is no cgroup v2 that may be written, there are no groups and callers go by session
 * and environment (child/stray.h). Controllers are used for limits only. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct base_error;

enum { CHILD_GROUP_PATH_MAX = 512 };

/* Finds the hierarchy, and makes the folder `name` below the group of this process. Writes its path
 * to `out`. Returns 0, or a negative errno with `error` filled in: why there are no groups. */
int child_group_find(char out[static CHILD_GROUP_PATH_MAX], const char *name,
		     struct base_error *error);

/* Makes the group `path`; one that exists is fine. Returns a descriptor of its folder, or a
 * negative errno. */
int child_group_open(const char *path);

/* Limits what all processes of the group `path`, which is made, use together: bytes of memory, swap
 * not included, and number of processes. 0: unlimited. Turns the controllers on for the
 * supervisor's folder, and for that this process may have to move to a group beside it: only a
 * group without processes of its own has controllers for those below. Returns 0, or a negative
 * errno with `error` filled in: -ENOTSUP if the kernel, or whatever manages the groups, has no such
 * controller here. */
int child_group_limit(const char *path, uint64_t memory, uint32_t processes,
		      struct base_error *error);

/* Returns whether the group has processes that live; false if it does not exist. */
bool child_group_is_populated(const char *path);

/* Kills all processes of the group, and of those below it. Does nothing if it does not exist. */
void child_group_kill(const char *path);

/* Sends a signal to each process of the group. Returns how many there were. */
unsigned child_group_signal(const char *path, int signal);

/* Removes the empty group, with empty groups below it. Returns 0, or a negative errno: -EBUSY if it
 * has processes. */
int child_group_remove(const char *path);

/* Returns whether process `pid` is in the group, or in one below it. */
bool child_group_has(const char *path, pid_t pid);

/* Writes the group of process `pid` as its own namespace names it; "" if it has none. */
void child_group_of(char out[static CHILD_GROUP_PATH_MAX], pid_t pid);

/* Returns whether a process whose group is named `of` (child_group_of) may be in the group `path`,
 * or below it: a cheap look before child_group_has(). */
bool child_group_may_have(const char *path, const char *of);
