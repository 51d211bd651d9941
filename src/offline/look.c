/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "offline/look.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "journal/blocks.h"
#include "journal/format.h"
#include "journal/path.h"

static int lock_take(struct offline_look *l, struct base_error *error)
{
	const struct base_location at = {l->folder, 0};
	char path[JOURNAL_PATH_MAX];

	journal_path_of(path, l->folder, "lock");
	l->lock_fd = open(path, O_RDONLY | O_CLOEXEC);
	if (l->lock_fd < 0)
		return base_error_set_at(error, -errno, at, "cannot open %s/lock: %s", l->folder,
					 strerror(errno));
	if (flock(l->lock_fd, LOCK_SH | LOCK_NB) < 0) {
		close(l->lock_fd);
		return base_error_set_at(error, -EBUSY, at, "the store is in use by a weftd");
	}
	return 0;
}

static void log_from_read(struct offline_look *l)
{
	char path[JOURNAL_PATH_MAX];
	struct journal_blocks_in in;

	l->log_from = 1;
	journal_path_of(path, l->folder, "notes.checkpoint");
	if (journal_blocks_open(&in, path, JOURNAL_BLOCKS_ITEMS, l->key) < 0)
		return;
	l->log_from = in.header.log_from;
	journal_blocks_close(&in);
}

int offline_look_begin(struct offline_look *l, const char *folder, struct base_error *error)
{
	int ret;

	*l = (struct offline_look){.folder = folder};
	ret = lock_take(l, error);
	if (ret < 0)
		return ret;
	ret = journal_format_read(folder, &l->key, error);
	if (ret < 0) {
		close(l->lock_fd);
		return ret;
	}
	log_from_read(l);
	return 0;
}

void offline_look_end(struct offline_look *l)
{
	close(l->lock_fd);
}

void offline_look_add(struct offline_look *l, int ret)
{
	if (ret < 0 && l->worst == 0)
		l->worst = ret;
}
