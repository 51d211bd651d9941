/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* process/privileges.h - starting as root, to bind port 53, and running as a user without rights.
 *
 * In this order: find the user, make the folders, bind the sockets, drop the privileges, confine
 * the process (process/confine.h), start threads. Privileges are dropped for the calling thread
 * only, so it must be the only one. The unit does not know what the process does. */

#pragma once

#include <stdbool.h>
#include <sys/types.h>

struct base_error;

struct process_privileges {
	bool is_changing; /* the process is root and becomes another user */
	uid_t uid;	  /* that user and its group; else the process' own */
	gid_t gid;
};

/* Looks up `user`; NULL: the user that the process already is. Returns 0, or a negative errno with
 * `error` filled in: -ENOENT if there is no such user, -EPERM if the process is not root and `user`
 * is another one than its own. */
int process_privileges_find(struct process_privileges *out, const char *user,
			    struct base_error *error);

/* Looks up a group by its name. Returns 0, or a negative errno: -ENOENT if there is no such group.
 */
int process_privileges_group(gid_t *out, const char *group);

/* Makes the folder at `path` with `mode`, and its missing parents with mode 0755, regardless of the
 * umask, and makes the user the folder's owner. A folder that exists is left as it is. Returns 0 or
 * a negative errno. */
int process_privileges_folder(const struct process_privileges *p, const char *path, mode_t mode);

/* Makes the folder of the file at `path`, likewise, with mode 0755. Returns 0 or a negative
 * errno. */
int process_privileges_folder_of(const struct process_privileges *p, const char *path);

/* Becomes the user, without any capability and without a way to gain one again. A process that is
 * root and has no user to become stays root. Returns 0, or a negative errno with `error` filled in;
 * then the process may have dropped some of its privileges. */
int process_privileges_drop(const struct process_privileges *p, struct base_error *error);
