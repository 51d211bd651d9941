/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* outfit/folder.h - folders and files of instances: made in a way that what a service puts into its
 * own folder cannot make the agent write elsewhere. Any thread. */
#pragma once

#include <sys/types.h>

struct base_error;
struct child_user;

/* Makes a folder with this mode, whatever the umask is, and those above it; one that is there gets
 * at least that mode, if it is ours. Returns 0, or a negative errno with `error` filled in. */
int outfit_folder_make_parents(const char *path, mode_t mode, struct base_error *error);

/* Makes the folder of an instance, with mode 0750, for a user (NULL: that of this process); one
 * that is there becomes so. Returns 0, or a negative errno with `error` filled in: -ENOTDIR also
 * for a symbolic link. */
int outfit_folder_make(const char *path, const struct child_user *user, struct base_error *error);

/* Writes a file, readable by a user (NULL: only by that of this process), in a folder that only
 * this process writes to, at once in whole; one that has this already is left alone: to replace a
 * file may wait for the disk. Returns 0, or a negative errno with `error` filled
 * in. */
int outfit_folder_write(const char *path, const char *text, const struct child_user *user,
			struct base_error *error);
