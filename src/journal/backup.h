/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* journal/backup.h - a copy of everything in the store as of one commit, while commits go on.
 * Room-private.
 *
 * A backup is an archive (archive/out.h):
 *
 *	weft-backup	lines for people; the first is the version of all this
 *	format, *.checkpoint, *.base, *.base-next
 *			files of the folder (journal/path.h) as they are
 *	log-NUMBER	the records of a segment that count and that recovery needs, without what is
 *			between and after them
 *	checksums
 *
 * So the members, as files of one folder, are a store: offline/restore.h. The contracts are those
 * of store/store.h. Not under the lock. */
#pragma once

#include "journal/journal_priv.h"

/* The first member, and how its first line begins; the version follows. */
#define JOURNAL_BACKUP_TEXT "weft-backup"
#define JOURNAL_BACKUP_BEGIN "weft backup "

enum { JOURNAL_BACKUP_VERSION = 1 };

int journal_backup_begin(struct store *s, struct store_backup **out);
int journal_backup_write(struct store_backup *b, uint64_t time_s, const char *text,
			 int (*on_bytes)(void *, const void *, size_t), void *arg);
void journal_backup_info(const struct store_backup *b, struct store_backup_info *out);
void journal_backup_end(struct store_backup *b);

/* Returns whether a file of that name can be a member of a backup after the first. */
bool journal_backup_has(const char *file);
