/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* child/command.h - what a process is started with: arguments, environment, folder, user and
 * limits.
 *
 * All of a command is borrowed by functions that take one. It knows nothing of services. Any
 * thread, but child_user_find(), which asks the system's user database and may block. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/types.h>

struct base_error;

enum {
	CHILD_GROUPS_MAX = 64,
	CHILD_FILES = 1024, /* open files; a program may raise it, up to its parent's limit */
};

/* A user with its groups. */
struct child_user {
	uid_t uid;
	gid_t gid;
	size_t ngroups; /* supplementary groups, with `gid` */
	gid_t groups[CHILD_GROUPS_MAX];
};

struct child_limit {
	int resource; /* RLIMIT_NOFILE ... */
	struct rlimit value;
};

struct child_command {
	/* NULL-terminated, at least one. A program without a slash is searched in the PATH of
	 * `environment` (without one: /usr/local/sbin ... /bin), another relative one in `folder`
	 */
	const char *const *argv;
	/* "NAME=value", NULL-terminated; nothing is inherited. NULL: empty */
	const char *const *environment;
	const char *folder;		  /* NULL: / */
	const struct child_user *user;	  /* NULL: that of this process */
	mode_t umask;			  /* e.g. 022 */
	int nice;			  /* added to the process' own */
	const struct child_limit *limits; /* others are inherited, but for CHILD_FILES */
	size_t nlimits;
};

/* Looks up a user and its groups. Returns 0, or a negative errno with `error` filled in: -ENOENT if
 * there is no such user. */
int child_user_find(struct child_user *out, const char *name, struct base_error *error);

/* Returns the value of `name` in a list of "NAME=value", or NULL. */
const char *child_environment_get(const char *const *environment, const char *name);

/* Copies a NULL-terminated list with `$NAME` and `${NAME}` replaced by their values in
 * `environment`, and `$$` by `$`; an unknown name is left as it is. One allocation, which the
 * caller frees. Returns NULL when out of memory. */
char **child_command_expand(const char *const *argv, const char *const *environment);
