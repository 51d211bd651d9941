/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "setup/place.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/error.h"
#include "cli/output.h"

enum {
	FILE_MODE = 0644,
	FOLDER_MODE = 0755,
	FILE_MAX = 65536, /* bytes: longer files are not ours */
};

enum what { ABSENT, OURS, SAME, FOREIGN, UNREADABLE };

/* Returns what there is at the path. */
static enum what look(const char *path, const char *text)
{
	char *found = malloc(FILE_MAX + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	enum what what = FOREIGN;
	ssize_t n;

	if (fd < 0 || found == NULL) {
		what = fd < 0 && errno == ENOENT ? ABSENT : UNREADABLE;
	} else {
		n = read(fd, found, FILE_MAX);
		found[n > 0 ? n : 0] = '\0';
		if (n >= 0 && strcmp(found, text) == 0)
			what = SAME;
		else if (n >= 0 && setup_snippet_is_ours(found))
			what = OURS;
	}
	if (fd >= 0)
		close(fd);
	free(found);
	return what;
}

static char *parent_of(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash == NULL)
		return NULL;
	*slash = '\0';
	return path;
}

/* Returns whether the file's folder, or the folder that it is to be made in, is below `root` in
 * spite of symbolic links: one in an image with an absolute target leads to this host. */
static bool is_below(const char *path, const char *root)
{
	char folder[PATH_MAX], real[PATH_MAX], top[PATH_MAX];
	const char *found;
	size_t n;

	if (root[0] == '\0' || realpath(root, top) == NULL)
		return true; /* this host's, or the file cannot be there anyway */
	snprintf(folder, sizeof(folder), "%s", path);
	do {
		if (parent_of(folder) == NULL)
			return true;
		found = realpath(folder, real);
	} while (found == NULL && errno == ENOENT);
	if (found == NULL)
		return true;
	n = strcmp(top, "/") == 0 ? 0 : strlen(top);
	if (strncmp(real, top, n) == 0 && (real[n] == '/' || real[n] == '\0'))
		return true;
	cli_error("%s: a symbolic link leads to %s, out of %s", path, real, root);
	return false;
}

/* Makes the folder of the file, if it is only the last folder that is missing. */
static bool folder_make(const char *path)
{
	char folder[PATH_MAX];
	char *slash;

	snprintf(folder, sizeof(folder), "%s", path);
	slash = strrchr(folder, '/');
	*slash = '\0';
	if (mkdir(folder, FOLDER_MODE) == 0 || errno == EEXIST)
		return true;
	if (errno == ENOENT)
		cli_error("%s: cannot make this folder, since its parent is missing; is the "
			  "resolver installed?",
			  folder);
	else
		cli_error("%s: %s%s", folder, strerror(errno),
			  errno == EACCES ? "; run weft as root" : "");
	return false;
}

static bool is_text_written(const char *path, const char *text)
{
	struct cli_output_file f;
	FILE *out = cli_output_open(&f, path, FILE_MODE, true);

	if (out == NULL)
		return false;
	return cli_output_close(&f, fputs(text, out) >= 0) == 0;
}

/* Makes the path below `root`, and finds what there is. Returns false, after a message, if it must
 * be left alone. */
static bool is_free(char path[static PATH_MAX], enum what *what, const struct setup_file *f,
		    const char *root, bool is_forced)
{
	snprintf(path, PATH_MAX, "%s%s", root, f->path);
	if (!is_below(path, root))
		return false;
	*what = look(path, f->text);
	if (*what == UNREADABLE && errno == ELOOP)
		cli_error("%s: a symbolic link; remove it first", path);
	else if (*what == UNREADABLE)
		cli_error("%s: %s", path, strerror(errno));
	else if (*what == FOREIGN && !is_forced)
		cli_error("%s: weft setup-resolver has not made this file; --force takes it anyway",
			  path);
	return *what != UNREADABLE && (*what != FOREIGN || is_forced);
}

enum setup_done setup_place_write(const struct setup_file *f, const char *root, bool is_forced)
{
	char path[PATH_MAX];
	enum what what;

	if (!is_free(path, &what, f, root, is_forced))
		return SETUP_FAILED;
	if (what == SAME)
		return SETUP_UNCHANGED;
	if (!folder_make(path) || !is_text_written(path, f->text))
		return SETUP_FAILED;
	return SETUP_WRITTEN;
}

enum setup_done setup_place_remove(const struct setup_file *f, const char *root, bool is_forced)
{
	char path[PATH_MAX];
	enum what what;

	if (!is_free(path, &what, f, root, is_forced))
		return SETUP_FAILED;
	if (what == ABSENT)
		return SETUP_ABSENT;
	if (unlink(path) == 0)
		return SETUP_REMOVED;
	cli_error("%s: %s", path, strerror(errno));
	return SETUP_FAILED;
}

const char *setup_done_name(enum setup_done done)
{
	static const char *const names[] = {
		[SETUP_FAILED] = "failed",	 [SETUP_WRITTEN] = "written",
		[SETUP_UNCHANGED] = "unchanged", [SETUP_REMOVED] = "removed",
		[SETUP_ABSENT] = "absent",
	};

	return names[done];
}
