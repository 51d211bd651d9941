/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* offline/restore.h - a store from a backup: `weft restore`.
 *
 * For a folder that no weftd uses. One thread. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "journal/path.h"

enum { OFFLINE_RESTORE_TEXT_MAX = 4096 };

struct offline_restore {
	/* set by the caller */
	const char *folder; /* of the store; made if it is missing. Borrowed */
	int fd;		    /* the backup is read from it: a file or a pipe */
	bool is_forced;	    /* a store that is there already is moved aside */
	uint64_t time_s;    /* now, for the name of the folder that it is moved to */
	/* results */
	char text[OFFLINE_RESTORE_TEXT_MAX]; /* the backup's lines for people */
	char aside[JOURNAL_PATH_MAX];	     /* where the old store is; "": there was none */
};

/* Reads a backup, verifies all of it, and only then makes it the store in the folder. Returns 0 or
 * a negative errno described in `error`, whose location is r->folder or without a file if the
 * backup is at fault: -EBUSY if a weftd uses the folder, -ENOTEMPTY if the folder has something and
 * `is_forced` is not set, -EBADMSG if the backup is damaged or cut off, -EPROTO if a newer weft
 * wrote it. After these the folder is as it was. Started as root, what is made belongs to the owner
 * of the folder. */
int offline_restore(struct offline_restore *r, struct base_error *error);
