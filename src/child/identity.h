/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* child/identity.h - which process is meant, also after the supervisor was killed and started
 * again: a process id alone may have become that of another process.
 *
 * A process is identified by its id, its start time and the id of the boot; and where the kernel
 * has it (Linux 6.14), by the file handle of its pidfd, which is never used again. Any thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "child/exit.h"

enum { CHILD_BOOT_MAX = 40, CHILD_HANDLE_MAX = 32 };

struct child_identity {
	pid_t pid;
	uint64_t start;		   /* in ticks since the boot: /proc/PID/stat */
	char boot[CHILD_BOOT_MAX]; /* /proc/sys/kernel/random/boot_id */
	int handle_type;
	unsigned handle_nbytes; /* 0: the kernel has no handle */
	unsigned char handle[CHILD_HANDLE_MAX];
};

/* Fills in the identity of the process of `pidfd`, which lives or has not been waited for. Returns
 * 0, or a negative errno: -ESRCH if it is gone. */
int child_identity_get(struct child_identity *out, pid_t pid, int pidfd);

/* Opens a pidfd of the process that is meant, and of no other. Returns it, or a negative errno:
 * -ESRCH if the process is gone. A process that has ended and was not waited for is opened, too. */
int child_identity_open(const struct child_identity *id);

/* Opens a pidfd of `pid`, which may be any process. Returns it, or a negative errno. */
int child_identity_pidfd(pid_t pid);

/* Returns how the process of `pidfd` ended, which is not a child of this process or was waited for
 * by another one: as the kernel still knows it (PIDFD_GET_INFO of Linux 6.15, else the zombie's
 * /proc/PID/stat). `pid` is that of the process. */
struct child_exit child_identity_exit(int pidfd, pid_t pid);

/* What /proc/PID/stat has. */
struct child_stat {
	char state; /* R, S, D, Z ... */
	pid_t parent, pgrp, session;
	bool is_kernel; /* a thread of the kernel */
	uint64_t start;
	int exit_status; /* as wait(2) gives it; of a zombie, if it may be read */
};

/* Reads /proc/PID/stat. Returns 0, or a negative errno: -ESRCH if there is no such process. */
int child_identity_stat(struct child_stat *out, pid_t pid);

/* Parses the text of /proc/PID/stat, whose second field may hold anything. Returns 0 or -EINVAL. */
int child_identity_parse_stat(struct child_stat *out, const char *text);
