/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "outfit/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/folder.h"
#include "child/command.h"

enum { PATH_BYTES = 4096, FOLDER_MODE = 0750, FILE_MODE = 0640 };

int outfit_folder_make_parents(const char *path, mode_t mode, struct base_error *error)
{
	char part[PATH_BYTES];
	struct stat st;
	int ret;

	if (snprintf(part, sizeof(part), "%s", path) >= PATH_BYTES)
		return base_error_set(error, -ENAMETOOLONG, "%.100s...: too long", path);
	if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
		/* Whatever the umask was when it was made, users have to get through. */
		if ((st.st_mode & mode) != mode && st.st_uid == geteuid())
			chmod(path, (st.st_mode | mode) & 07777);
		return 0;
	}
	ret = base_folder_make_above(part);
	if (ret == 0 && ((mkdir(part, mode) < 0 && errno != EEXIST) || chmod(part, mode) < 0))
		ret = -errno;
	return ret < 0 ? base_error_set(error, ret, "%s: %s", part, strerror(-ret)) : 0;
}

int outfit_folder_make(const char *path, const struct child_user *user, struct base_error *error)
{
	uid_t uid = user != NULL ? user->uid : geteuid();
	gid_t gid = user != NULL ? user->gid : getegid();
	struct stat st;
	int fd, ret = 0;

	if (mkdir(path, FOLDER_MODE) < 0 && errno != EEXIST)
		return base_error_set(error, -errno, "%s: %s", path, strerror(errno));
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return base_error_set(error, -errno, "%s: %s", path, strerror(errno));
	if (fstat(fd, &st) < 0 ||
	    ((st.st_uid != uid || st.st_gid != gid) && fchown(fd, uid, gid) < 0) ||
	    ((st.st_mode & 07777) != FOLDER_MODE && fchmod(fd, FOLDER_MODE) < 0))
		ret = base_error_set(error, -errno, "%s: %s", path, strerror(errno));
	close(fd);
	return ret;
}

/* Writes the new file and its owner. Returns 0 or a negative errno. */
static int file_fill(int fd, const char *text, const struct child_user *user)
{
	size_t n = strlen(text), done = 0;

	while (done < n) {
		ssize_t one = write(fd, text + done, n - done);

		if (one < 0 && errno != EINTR)
			return -errno;
		done += one > 0 ? (size_t)one : 0;
	}
	if (user != NULL && fchown(fd, (uid_t)-1, user->gid) < 0)
		return -errno;
	return fchmod(fd, FILE_MODE) < 0 ? -errno : 0;
}

/* Returns whether the file has this already, for this user. */
static bool is_there(const char *path, const char *text, const struct child_user *user)
{
	size_t n = strlen(text), done = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char bytes[PATH_BYTES];
	ssize_t got = 0;
	struct stat st;
	bool is_same;

	if (fd < 0)
		return false;
	is_same = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (size_t)st.st_size == n &&
		  (st.st_mode & 07777) == FILE_MODE &&
		  st.st_gid == (user != NULL ? user->gid : getegid());
	while (is_same && done < n && (got = read(fd, bytes, sizeof(bytes))) > 0) {
		is_same = (size_t)got <= n - done && memcmp(bytes, text + done, (size_t)got) == 0;
		done += (size_t)got;
	}
	close(fd);
	return is_same && done == n;
}

int outfit_folder_write(const char *path, const char *text, const struct child_user *user,
			struct base_error *error)
{
	char temporary[PATH_BYTES];
	int fd, ret;

	if (snprintf(temporary, sizeof(temporary), "%s.new", path) >= PATH_BYTES)
		return base_error_set(error, -ENAMETOOLONG, "%.100s...: too long", path);
	if (is_there(path, text, user))
		return 0;
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	ret = fd < 0 ? -errno : file_fill(fd, text, user);
	if (fd >= 0)
		close(fd);
	if (ret == 0 && rename(temporary, path) < 0)
		ret = -errno;
	if (ret == 0)
		return 0;
	unlink(temporary);
	return base_error_set(error, ret, "%s: %s", path, strerror(-ret));
}
