/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A backup is as of one commit:
 *
 * 1. The items' file is written, which lets the log that is needed be short.
 * 2. The files of the folder are opened. None is replaced meanwhile: checkpoints and baselines are
 *    written by the thread that begins backups, and the items' file under `round`. Each is as of
 *    some commit up to now.
 * 3. Under the lock the last commit that counts is noted, and the segments are pinned that have the
 *    commits from the first that the files need up to that one.
 * 4. From here on the backup is fixed; whatever happens to the folder, the open files stay. A zone
 *    that is forgotten between 2 and 3 is in the files, and its removal in the log.
 * 5. Later, in any thread, the pinned segments are read as recovery would (journal/scan.h), and all
 *    is written. */

#include "journal/backup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/out.h"
#include "base/grow.h"
#include "journal/io.h"
#include "journal/path.h"
#include "journal/reclaim.h"
#include "journal/scan.h"

enum { COPY = 256 << 10, TEXT_MAX = 2048 };

struct file {
	char name[ARCHIVE_NAME_MAX];
	int fd;
};

struct backup {
	struct store_backup backup;
	struct store_backup_info info;
	struct file *files;
	size_t nfiles, files_capacity;
	uint64_t from; /* the first commit of the log that is needed */
	struct journal_segment **pinned;
	size_t npinned;
	struct journal_scan scan; /* its segments are copies of the pinned ones, in their order */
};

bool journal_backup_has(const char *file)
{
	static const char usual[] = "abcdefghijklmnopqrstuvwxyz0123456789-_.%";

	if (file[0] == '.' || file[0] == '\0' || file[strspn(file, usual)] != '\0')
		return false;
	return strcmp(file, "format") == 0 || strncmp(file, "log-", 4) == 0 ||
	       journal_path_has_suffix(file, ".checkpoint") ||
	       journal_path_has_suffix(file, ".base") ||
	       journal_path_has_suffix(file, ".base-next");
}

/* ---- beginning ---- */

/* Opens a file, unless it has gone meanwhile with its zone. */
static int file_add(struct backup *b, const char *folder, const char *name)
{
	struct file *grown = base_grow(b->files, b->nfiles, &b->files_capacity, sizeof(*grown));
	char path[JOURNAL_PATH_MAX];
	struct file *f;

	if (grown == NULL)
		return -ENOMEM;
	b->files = grown;
	f = &b->files[b->nfiles];
	if (snprintf(f->name, sizeof(f->name), "%s", name) >= (int)sizeof(f->name))
		return -ENAMETOOLONG;
	journal_path_of(path, folder, name);
	f->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (f->fd < 0)
		return errno == ENOENT ? 0 : -errno;
	b->nfiles++;
	b->info.nzones += journal_path_has_suffix(name, ".checkpoint") &&
				 strcmp(name, "notes.checkpoint") != 0;
	return 0;
}

static int files_open(struct backup *b, const char *folder)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;
	int ret = 0;

	if (dir == NULL)
		return -errno;
	while (ret == 0 && (entry = readdir(dir)) != NULL)
		if (strncmp(entry->d_name, "log-", 4) != 0 && journal_backup_has(entry->d_name))
			ret = file_add(b, folder, entry->d_name);
	closedir(dir);
	return ret;
}

/* Pins a segment and makes a copy of it, without what is being written. Under the lock. */
static int segment_pin(struct backup *b, const struct journal *j, struct journal_segment *s)
{
	uint64_t size = s == j->active ? j->at : s->size;
	int ret = journal_segment_dup(&b->scan.segments[b->scan.nsegments], s, size);

	if (ret < 0)
		return ret;
	b->scan.nsegments++;
	journal_segment_pin(s);
	b->pinned[b->npinned++] = s;
	return 0;
}

/* Under the lock. */
static int log_pin(struct backup *b, struct journal *j)
{
	size_t count = 0;
	int ret = 0;

	b->info.commit = j->sequence;
	b->from = j->log_from < j->sequence ? j->log_from : j->sequence;
	for (const struct journal_segment *s = j->segments; s != NULL; s = s->next)
		count++;
	b->pinned = calloc(count + 1, sizeof(struct journal_segment *));
	b->scan.segments = calloc(count + 1, sizeof(struct journal_segment *));
	if (b->pinned == NULL || b->scan.segments == NULL)
		return -ENOMEM;
	for (struct journal_segment *s = j->segments; s != NULL && ret == 0; s = s->next)
		if (s->last_sequence >= b->from && s->last_sequence > 0)
			ret = segment_pin(b, j, s);
	return ret;
}

int journal_backup_begin(struct store *s, struct store_backup **out)
{
	struct journal *j = journal_of(s);
	struct backup *b = calloc(1, sizeof(*b));
	int ret;

	if (b == NULL)
		return -ENOMEM;
	b->backup.store = s;
	b->scan.folder = j->folder;
	b->scan.key = j->key;
	/* If the disk does not take the items' file, more of the log is needed, that is all. */
	journal_reclaim_all(j);
	pthread_mutex_lock(&j->round);
	ret = files_open(b, j->folder);
	pthread_mutex_lock(&j->lock);
	if (ret == 0)
		ret = log_pin(b, j);
	pthread_mutex_unlock(&j->lock);
	pthread_mutex_unlock(&j->round);
	if (ret < 0) {
		journal_backup_end(&b->backup);
		return ret;
	}
	*out = &b->backup;
	return 0;
}

/* ---- writing ---- */

static int text_write(const struct backup *b, struct archive_out *a, const char *text)
{
	char all[TEXT_MAX];
	int n = snprintf(all, sizeof(all),
			 JOURNAL_BACKUP_BEGIN "%d\n%scommit %" PRIu64 "\nzones %" PRIu64 "\n",
			 JOURNAL_BACKUP_VERSION, text, b->info.commit,
			 b->info.nzones);

	if (n < 0 || n >= TEXT_MAX)
		return -EMSGSIZE;
	return archive_out_text(a, JOURNAL_BACKUP_TEXT, all);
}

static int file_write(const struct file *f, struct archive_out *a, uint8_t *buffer)
{
	uint64_t at = 0, nbytes;
	struct stat st;
	int ret;

	if (fstat(f->fd, &st) < 0)
		return -errno;
	nbytes = (uint64_t)st.st_size;
	ret = archive_out_member(a, f->name, nbytes);
	while (ret == 0 && at < nbytes) {
		size_t n = nbytes - at < COPY ? (size_t)(nbytes - at) : COPY;

		ret = journal_io_read(f->fd, buffer, n, at);
		if (ret == 0)
			ret = archive_out_bytes(a, buffer, n);
		at += n;
	}
	return ret;
}

/* Returns whether the backup needs a record of the log. One after the last commit that counts is
 * that of a commit whose outcome nobody knows. */
static bool is_needed(const struct backup *b, const struct journal_found *f)
{
	return f->record.sequence >= b->from && f->record.sequence <= b->info.commit;
}

/* Writes the records of a segment that are needed as the file of that segment. They begin at
 * `*next` of what was found, which is moved on. */
static int segment_write(struct backup *b, const struct journal_segment *s, struct archive_out *a,
			 size_t *next)
{
	struct journal_scan *scan = &b->scan;
	char path[JOURNAL_PATH_MAX];
	uint64_t nbytes = 0;
	size_t first = *next;
	int ret;

	for (; *next < scan->nfound && scan->found[*next].segment == s; ++*next)
		if (is_needed(b, &scan->found[*next]))
			nbytes += journal_record_nbytes(&scan->found[*next].record);
	if (nbytes == 0)
		return 0;
	journal_segment_path(path, "", s->number);
	ret = archive_out_member(a, path + 1, nbytes);
	for (size_t i = first; i < *next && ret == 0; i++) {
		const struct journal_found *f = &scan->found[i];

		if (!is_needed(b, f))
			continue;
		ret = journal_scan_read(scan, f);
		if (ret == 0)
			ret = archive_out_bytes(a, scan->bytes, journal_record_nbytes(&f->record));
	}
	return ret;
}

/* Reads the log as recovery would. */
static int log_scan(struct backup *b)
{
	struct journal_scan *scan = &b->scan;
	struct base_error error;
	bool has_last = b->info.commit == 0, has_first = has_last;
	int ret;

	scan->log_from = b->from;
	ret = journal_scan_segments(scan, &error);
	if (ret < 0)
		return ret;
	for (size_t i = 0; i < scan->nfound; i++) {
		has_first |= scan->found[i].record.sequence == b->from;
		has_last |= scan->found[i].record.sequence == b->info.commit;
	}
	return has_first && has_last ? 0 : -EBADMSG;
}

static int members_write(struct backup *b, struct archive_out *a, const char *text)
{
	uint8_t *buffer = malloc(COPY);
	size_t next = 0;
	int ret = buffer == NULL ? -ENOMEM : text_write(b, a, text);

	for (size_t i = 0; i < b->nfiles && ret == 0; i++)
		ret = file_write(&b->files[i], a, buffer);
	free(buffer);
	for (size_t i = 0; i < b->scan.nsegments && ret == 0; i++)
		ret = segment_write(b, b->scan.segments[i], a, &next);
	return ret;
}

int journal_backup_write(struct store_backup *backup, uint64_t time_s, const char *text,
			 int (*on_bytes)(void *, const void *, size_t), void *arg)
{
	struct backup *b = (struct backup *)backup;
	struct archive_out a;
	int ret = log_scan(b);

	if (ret < 0)
		return ret;
	archive_out_begin(&a, on_bytes, arg, time_s);
	ret = members_write(b, &a, text);
	if (ret == 0)
		ret = archive_out_end(&a);
	b->info.nbytes = a.total;
	archive_out_fini(&a);
	return ret;
}

void journal_backup_info(const struct store_backup *backup, struct store_backup_info *out)
{
	*out = ((const struct backup *)backup)->info;
}

void journal_backup_end(struct store_backup *backup)
{
	struct backup *b = (struct backup *)backup;
	struct journal *j = journal_of(backup->store);

	pthread_mutex_lock(&j->lock);
	for (size_t i = 0; i < b->npinned; i++)
		journal_segment_unpin(b->pinned[i]);
	pthread_mutex_unlock(&j->lock);
	for (size_t i = 0; i < b->nfiles; i++)
		close(b->files[i].fd);
	journal_scan_fini(&b->scan);
	free(b->pinned);
	free(b->files);
	free(b);
}
