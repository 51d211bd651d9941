/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* child/launch.h - from clone to exec: makes a child that becomes a program, or reports why
 * not.
 *
 * All that needs memory or locks is done before, in the parent (struct child_image); the child
 * makes system calls only, so it does not matter what other threads hold. For child/process.h.
 * Any thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct base_error;
struct child_command;
struct child_image;

enum {
	CHILD_LAUNCH_SOCKETS_MAX = 64,
	CHILD_LAUNCH_STATUS = 127, /* of a child that failed */
};

/* What a process gets, beside its command; borrowed during the call. */
struct child_launch {
	const struct child_command *command;
	int output;	     /* becomes standard output and error; -1: /dev/null */
	const char *group;   /* the path of its control group; NULL: none */
	const char *mark;    /* "NAME=value" for the environment; NULL: none */
	bool is_ended_whole; /* when it ends, its process group is killed before it is waited for */

	/* become descriptors 3 and so on, with LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES */
	const int *sockets;
	const char *const *socket_names;
	size_t nsockets;

	const char *notify;		/* NOTIFY_SOCKET; NULL: none */
	unsigned long long watchdog_us; /* WATCHDOG_USEC with WATCHDOG_PID; 0: none */
};

/* What a child that failed writes to its pipe. */
struct child_launch_report {
	int step;	  /* private */
	int code;	  /* errno */
	char object[256]; /* the path that the step was about; may be empty, is cut */
};

/* Prepares a child. Returns 0 with what child_launch_free() frees, or a negative errno with
 * `error` filled in. `launch` is borrowed until then. */
int child_launch_prepare(struct child_image **out, const struct child_launch *launch,
			 struct base_error *error);
void child_launch_free(struct child_image *image);

/* Makes the child. Returns its process id with its pidfd and the reading end of its pipe, which
 * does not block, or a negative errno with `error` filled in. */
pid_t child_launch_clone(struct child_image *image, int *pidfd, int *pipe,
			 struct base_error *error);

/* Fills in `error` by a report of a child. Returns its code. */
int child_launch_explain(const struct child_launch_report *report, struct base_error *error);
