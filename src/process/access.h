/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* process/access.h - whether a user may use files and folders, before the process becomes that
 * user.
 *
 * The kernel is asked, in a child process that has become the user with all its groups: modes, ACLs
 * and every folder on the way count. The unit does not know what the files are. Only while the
 * process has one thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct process_privileges;

enum process_access_how {
	PROCESS_ACCESS_READ,   /* a file, which exists */
	PROCESS_ACCESS_WRITE,  /* a file, which exists or can be made */
	PROCESS_ACCESS_FOLDER, /* a folder in which files are made. Root makes one that is missing:
				  then the user must reach it; else be able to make it */
};

struct process_access {
	const char *path;
	enum process_access_how how;

	/* set by process_access_try */
	int ret;	/* 0, or a negative errno; 0 also for a file to read that does not exist */
	size_t ndenied; /* after -EACCES: bytes of `path` that name what is denied: all of it, or a
			   folder that leads to it; 0: the current folder */
	bool must_search; /* and it is a folder that the user must be able to search */
};

/* Tries all items as the user that process_privileges_find() has found. Returns 0 with the outcome
 * of each, or a negative errno if that could not be tried. */
int process_access_try(const struct process_privileges *p, struct process_access *items,
		       size_t count);
