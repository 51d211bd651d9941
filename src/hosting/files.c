/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "hosting/files.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/grow.h"

/* Bytes of an entry without its path: length of the path, size, seconds, nanoseconds, inode. */
enum { ENTRY = 2 + 4 * 8 };

static void write_entry(struct base_out *o, const char *path, const struct stat *st)
{
	base_out_u16(o, (uint16_t)strlen(path));
	base_out_bytes(o, path, strlen(path));
	base_out_u64(o, (uint64_t)st->st_size);
	base_out_u64(o, (uint64_t)st->st_mtim.tv_sec);
	base_out_u64(o, (uint64_t)st->st_mtim.tv_nsec);
	base_out_u64(o, (uint64_t)st->st_ino);
}

void hosting_files_add(void *files, const char *path, const struct stat *st)
{
	struct hosting_files *f = files;
	size_t need = ENTRY + strlen(path);
	uint8_t *bytes = base_grow_bytes(f->bytes, f->nbytes, &f->capacity, need);
	struct base_out o;

	if (bytes == NULL) {
		f->is_short = true;
		return;
	}
	f->bytes = bytes;
	o = base_out_over(f->bytes + f->nbytes, need);
	write_entry(&o, path, st);
	f->nbytes += need;
}

/* Reads an entry and compares it with the file on disk, and its path with `first` unless that is
 * NULL. */
static bool entry_is_current(struct base_buf *b, const char *first)
{
	uint8_t now[ENTRY + 4096];
	struct base_out o = base_out_over(now, sizeof(now));
	const uint8_t *start = b->at, *text;
	uint16_t length = base_buf_u16(b);
	char path[4096];
	struct stat st;

	text = base_buf_take(b, length);
	base_buf_take(b, ENTRY - 2);
	if (b->has_failed || length >= sizeof(path))
		return false;
	memcpy(path, text, length);
	path[length] = '\0';
	if ((first != NULL && strcmp(first, path) != 0) || stat(path, &st) < 0)
		return false;
	write_entry(&o, path, &st);
	return !o.is_full && base_out_nbytes(&o) == (size_t)(b->at - start) &&
	       memcmp(now, start, base_out_nbytes(&o)) == 0;
}

bool hosting_files_are_current(const uint8_t *bytes, size_t nbytes, const char *path)
{
	struct base_buf b = base_buf_over(bytes, nbytes);

	if (nbytes == 0 || !entry_is_current(&b, path))
		return false;
	while (base_buf_left(&b) > 0)
		if (!entry_is_current(&b, NULL))
			return false;
	return true;
}

void hosting_files_fini(struct hosting_files *f)
{
	free(f->bytes);
	*f = (struct hosting_files){.bytes = NULL};
}
