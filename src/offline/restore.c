/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A restoration:
 *
 * 1. The folder is locked as a weftd would, and must have no store unless that is to be replaced.
 * 2. The members of the backup become files in the subfolder RESTORING, each synced.
 * 3. The subfolder is examined as `weft store check` would. Up to here the store is as it was, and
 *    a failure removes the subfolder.
 * 4. The old store is moved to a subfolder of its own: `format` first, without which no weftd
 *    starts, and durably so before the others.
 * 5. The new files are moved up, `format` last. A crash from 4 on leaves both stores in the folder
 *    and its subfolders, and a folder that weftd refuses; the restoration can be repeated.
 *
 * All happens inside the folder, which may be a mount point, and whose parent may not be ours. */

#include "offline/restore.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "archive/in.h"
#include "journal/backup.h"
#include "journal/io.h"
#include "journal/system.h"
#include "offline/check.h"

#define RESTORING "restoring"
#define REPLACED "replaced-"

enum { ASIDE_TRIES = 100 };

/* What is being restored. */
struct restoring {
	struct offline_restore *how;
	struct base_error *error;
	char from[JOURNAL_PATH_MAX]; /* the subfolder */
	uid_t uid;
	gid_t gid;
	int lock_fd;
	/* of the member being read */
	int fd;
	uint64_t at;
	char name[256];
	size_t ntext;  /* bytes of the text so far */
	bool has_text; /* its first line was found good */
	bool is_text;  /* the member is the text */
	bool is_made;  /* the folder was missing */
};

static int fail(struct restoring *r, int code, const char *what)
{
	return base_error_set_at(r->error, code, (struct base_location){r->how->folder, 0},
				 "%s: %s", what, strerror(-code));
}

/* ---- 1: the folder ---- */

/* Makes the folder if it is missing, and finds its owner. */
static int folder_open(struct restoring *r)
{
	struct stat st;

	r->is_made = mkdir(r->how->folder, 0700) == 0;
	if (!r->is_made && errno != EEXIST)
		return fail(r, -errno, "cannot make the folder");
	if (stat(r->how->folder, &st) < 0)
		return fail(r, -errno, "cannot be used");
	if (!S_ISDIR(st.st_mode))
		return fail(r, -ENOTDIR, "cannot be used");
	r->uid = st.st_uid;
	r->gid = st.st_gid;
	return 0;
}

/* Gives a new file to the owner of the folder. Only root can, and only root needs to. */
static int give(const struct restoring *r, int fd)
{
	return geteuid() == 0 && fchown(fd, r->uid, r->gid) < 0 ? -errno : 0;
}

static int lock_take(struct restoring *r)
{
	char path[JOURNAL_PATH_MAX];

	journal_path_of(path, r->how->folder, "lock");
	r->lock_fd = journal_system.open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (r->lock_fd < 0)
		return fail(r, -errno, "cannot open the file lock");
	if (flock(r->lock_fd, LOCK_EX | LOCK_NB) < 0)
		return base_error_set_at(r->error, -EBUSY,
					 (struct base_location){r->how->folder, 0},
					 "the store is in use by a weftd: stop it first");
	give(r, r->lock_fd);
	return 0;
}

/* Returns whether a restoration leaves the file where it is. */
static bool is_left(const char *file)
{
	return strcmp(file, ".") == 0 || strcmp(file, "..") == 0 || strcmp(file, "lock") == 0 ||
	       strcmp(file, RESTORING) == 0 || strcmp(file, "lost+found") == 0 ||
	       strncmp(file, REPLACED, strlen(REPLACED)) == 0;
}

/* Returns whether the file is one of a store. */
static bool is_of_store(const char *file)
{
	return journal_backup_has(file) || journal_path_has_suffix(file, ".new");
}

/* Fails if the folder has something that must not be touched. Sets `has_store`. */
static int folder_look(struct restoring *r, bool *has_store)
{
	DIR *dir = opendir(r->how->folder);
	const struct dirent *entry;
	bool is_empty = true;

	*has_store = false;
	if (dir == NULL)
		return fail(r, -errno, "cannot be read");
	while ((entry = readdir(dir)) != NULL) {
		is_empty &= is_left(entry->d_name);
		*has_store |= is_of_store(entry->d_name);
	}
	closedir(dir);
	if (is_empty || r->how->is_forced)
		return 0;
	return base_error_set_at(r->error, -ENOTEMPTY, (struct base_location){r->how->folder, 0},
				 *has_store ? "there is a store already: with --force it is moved "
					      "aside, not deleted"
					    : "the folder is not empty");
}

/* Removes the subfolder of a restoration that did not come to its end. */
static void subfolder_remove(const struct restoring *r)
{
	DIR *dir = opendir(r->from);
	const struct dirent *entry;
	char path[2 * JOURNAL_PATH_MAX];

	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", r->from, entry->d_name);
		journal_system.unlink(path);
	}
	closedir(dir);
	rmdir(r->from);
}

static int subfolder_make(struct restoring *r)
{
	subfolder_remove(r);
	if (mkdir(r->from, 0700) < 0)
		return fail(r, -errno, "cannot make the folder " RESTORING);
	return 0;
}

/* Removes the folder that a failed restoration made, if nothing else is in it. */
static void folder_unmake(const struct restoring *r)
{
	char path[JOURNAL_PATH_MAX];

	journal_path_of(path, r->how->folder, "lock");
	journal_system.unlink(path);
	rmdir(r->how->folder);
}

/* ---- 2: the members ---- */

static int file_make(struct restoring *r, const char *name)
{
	char path[JOURNAL_PATH_MAX];
	int ret;

	journal_path_of(path, r->from, name);
	r->fd = journal_system.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (r->fd < 0)
		return fail(r, -errno, name);
	ret = give(r, r->fd);
	return ret < 0 ? fail(r, ret, name) : 0;
}

static int on_member(void *arg, const char *name, uint64_t nbytes)
{
	struct restoring *r = arg;

	r->is_text = strcmp(name, JOURNAL_BACKUP_TEXT) == 0;
	r->at = 0;
	if (r->is_text != !r->has_text ||
	    (r->is_text ? nbytes >= sizeof(r->how->text) : !journal_backup_has(name)))
		return base_error_set(r->error, -EBADMSG,
				      "is not a backup that weft backup has written");
	if (r->is_text)
		return 0;
	snprintf(r->name, sizeof(r->name), "%s", name);
	return file_make(r, name);
}

static int on_bytes(void *arg, const void *bytes, size_t nbytes)
{
	struct restoring *r = arg;
	struct iovec piece = {(void *)bytes, nbytes}; /* writing only reads */
	int ret;

	if (r->is_text) {
		memcpy(r->how->text + r->ntext, bytes, nbytes);
		r->ntext += nbytes;
		return 0;
	}
	ret = journal_io_write(r->fd, &piece, 1, r->at);
	r->at += nbytes;
	return ret < 0 ? fail(r, ret, r->name) : 0;
}

/* Judges the first line of the text. */
static int text_end(struct restoring *r)
{
	unsigned version = 0;

	r->how->text[r->ntext] = '\0';
	if (sscanf(r->how->text, JOURNAL_BACKUP_BEGIN "%u\n", &version) != 1 || version == 0)
		return base_error_set(r->error, -EBADMSG,
				      "is not a backup that weft backup has written");
	if (version > JOURNAL_BACKUP_VERSION)
		return base_error_set(r->error, -EPROTO,
				      "has version %u, and this weft knows versions up to %d only: "
				      "use the version of weft that wrote it, or a later one",
				      version, JOURNAL_BACKUP_VERSION);
	r->has_text = true;
	return 0;
}

static int on_member_end(void *arg)
{
	struct restoring *r = arg;
	int ret;

	if (r->is_text)
		return text_end(r);
	ret = journal_system.fsync(r->fd) < 0 ? -errno : 0;
	close(r->fd);
	r->fd = -1;
	return ret < 0 ? fail(r, ret, r->name) : 0;
}

static int members_read(struct restoring *r)
{
	const struct archive_in_reader reader = {on_member, on_bytes, on_member_end, r};
	int ret = archive_in_read(r->how->fd, &reader, r->error);

	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
	if (ret == 0)
		ret = file_make(r, "lock");
	if (r->fd >= 0)
		close(r->fd);
	return ret;
}

/* ---- 3: the examination ---- */

/* Returns the line of a report that names what is wrong first. Writes into `report`. */
static const char *first_problem(char *report)
{
	char *save = NULL;

	for (char *line = strtok_r(report, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		if (!journal_path_has_suffix(line, ": intact"))
			return line;
	return "the store in it is damaged";
}

static int store_examine(struct restoring *r)
{
	char *report = NULL;
	size_t nreport;
	FILE *out = open_memstream(&report, &nreport);
	int ret;

	if (out == NULL)
		return base_error_set(r->error, -ENOMEM, "out of memory");
	ret = offline_check(r->from, out);
	fclose(out);
	if (ret < 0)
		base_error_set(r->error, ret, "is not restored: %s", first_problem(report));
	free(report);
	return ret;
}

/* ---- 4 and 5: moving ---- */

/* Moves the file of that name from one folder to another. No such file is fine. */
static int file_move(struct restoring *r, const char *from, const char *to, const char *name)
{
	char old[2 * JOURNAL_PATH_MAX], new[2 * JOURNAL_PATH_MAX];

	snprintf(old, sizeof(old), "%s/%s", from, name);
	snprintf(new, sizeof(new), "%s/%s", to, name);
	if (journal_system.rename(old, new) < 0 && errno != ENOENT)
		return fail(r, -errno, name);
	return 0;
}

/* Moves the files of the store in `from` to `to`, all but `format`. */
static int files_move(struct restoring *r, const char *from, const char *to)
{
	DIR *dir = opendir(from);
	const struct dirent *entry;
	int ret = 0;

	if (dir == NULL)
		return fail(r, -errno, from);
	while (ret == 0 && (entry = readdir(dir)) != NULL)
		if (is_of_store(entry->d_name) && strcmp(entry->d_name, "format") != 0)
			ret = file_move(r, from, to, entry->d_name);
	closedir(dir);
	return ret;
}

static int folders_sync(struct restoring *r, const char *other)
{
	int ret = journal_io_sync_folder(other);

	if (ret == 0)
		ret = journal_io_sync_folder(r->how->folder);
	return ret < 0 ? fail(r, ret, "cannot be synced") : 0;
}

/* Makes the folder for the old store: replaced-TIME, or with a number if that is there. */
static int aside_make(struct restoring *r)
{
	time_t now = (time_t)r->how->time_s;
	char when[32], *aside = r->how->aside;
	struct tm tm;
	int fd;

	strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", gmtime_r(&now, &tm));
	for (unsigned i = 1; i <= ASIDE_TRIES; i++) {
		int n = snprintf(aside, JOURNAL_PATH_MAX, "%s/" REPLACED "%s", r->how->folder,
				 when);

		if (i > 1)
			snprintf(aside + n, (size_t)(JOURNAL_PATH_MAX - n), "-%u", i);
		if (mkdir(aside, 0700) == 0)
			break;
		if (errno != EEXIST || i == ASIDE_TRIES)
			return fail(r, -errno, "cannot make a folder for the old store");
	}
	fd = open(aside, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		give(r, fd);
		close(fd);
	}
	return 0;
}

static int old_move(struct restoring *r)
{
	int ret = aside_make(r);

	if (ret == 0)
		ret = file_move(r, r->how->folder, r->how->aside, "format");
	if (ret == 0)
		ret = folders_sync(r, r->how->aside);
	if (ret == 0)
		ret = files_move(r, r->how->folder, r->how->aside);
	return ret == 0 ? folders_sync(r, r->how->aside) : ret;
}

static int new_move(struct restoring *r)
{
	int ret = files_move(r, r->from, r->how->folder);

	if (ret == 0)
		ret = folders_sync(r, r->from);
	if (ret == 0)
		ret = file_move(r, r->from, r->how->folder, "format");
	return ret == 0 ? folders_sync(r, r->from) : ret;
}

static int restore_locked(struct restoring *r)
{
	bool has_store;
	int ret = folder_look(r, &has_store);

	if (ret == 0)
		ret = subfolder_make(r);
	if (ret < 0)
		return ret;
	ret = members_read(r);
	if (ret == 0)
		ret = store_examine(r);
	if (ret == 0 && has_store)
		ret = old_move(r);
	else if (ret < 0)
		subfolder_remove(r);
	if (ret == 0)
		ret = new_move(r);
	if (ret == 0)
		subfolder_remove(r);
	return ret;
}

int offline_restore(struct offline_restore *how, struct base_error *error)
{
	struct restoring r = {.how = how, .error = error, .lock_fd = -1, .fd = -1};
	int ret;

	how->text[0] = how->aside[0] = '\0';
	if (snprintf(r.from, sizeof(r.from), "%s/" RESTORING, how->folder) + 256 >=
	    (int)sizeof(r.from))
		return base_error_set(error, -ENAMETOOLONG, "the path of the folder is too long");
	ret = folder_open(&r);
	if (ret == 0)
		ret = lock_take(&r);
	if (ret == 0)
		ret = restore_locked(&r);
	if (ret < 0 && r.is_made)
		folder_unmake(&r);
	if (r.lock_fd >= 0)
		close(r.lock_fd);
	if (ret == -ENOMEM)
		base_error_set(error, ret, "out of memory");
	return ret;
}
