/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* process/privileges.h - starting as root to bind port 53, and being nobody much after.
 *
 * In this order: find the user, make the folders, bind, drop, confine, start threads. What is
 * dropped is the calling thread's, so it must be the only one. Knows nothing of what weftd does. */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct process_privileges {
	bool is_changing; /* we are root and are to become another */
	uid_t uid;
	gid_t gid;
};

/* Looks up `user` (NULL: stay who we are). Not being root, only our own name is possible. Returns
 * 0, or a negative errno with a sentence in `why`. */
int process_privileges_find(struct process_privileges *out, const char *user, char *why,
			    size_t why_size);

/* Looks up a group. 0, or a negative errno: -ENOENT when there is none of that name. */
int process_privileges_group(gid_t *out, const char *group);

/* Makes the folder at `path` with `mode`, its missing parents with 0755, and gives it to the user,
 * if it is missing; one that is there already stays as it is. 0, or a negative errno. */
int process_privileges_folder(const struct process_privileges *p, const char *path, mode_t mode);

/* Gives the file at `path` to the user. 0, or a negative errno. */
int process_privileges_give(const struct process_privileges *p, const char *path);

/* Becomes the user, keeping no capability and never gaining one again. 0, or a negative errno with
 * a sentence in `why`. */
int process_privileges_drop(const struct process_privileges *p, char *why, size_t why_size);

/* Forbids for ever the system calls that a DNS server has no use for: running programs,
 * mounting, loading modules. They fail with EPERM. 0, or a negative errno. */
int process_privileges_confine(void);
