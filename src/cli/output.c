/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/error.h"
#include "cli/show.h"

/* Finds the file that is written: that of -o, or with --force another one beside it. */
static bool path_make(const struct cli_options *options, char out[static PATH_MAX])
{
	int n = snprintf(out, PATH_MAX, "%s%s", options->output, options->is_forced ? ".new" : "");

	return n > 0 && n < PATH_MAX;
}

FILE *cli_output_open(const struct cli_options *options, unsigned mode)
{
	char path[PATH_MAX];
	FILE *file;
	int fd;

	if (options->output == NULL)
		return stdout;
	if (!path_make(options, path)) {
		cli_error("%s: %s", options->output, strerror(ENAMETOOLONG));
		return NULL;
	}
	if (options->is_forced)
		unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	file = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (file == NULL)
		cli_error("%s: %s", options->output, strerror(errno));
	return file;
}

int cli_output_close(const struct cli_options *options, FILE *file, bool is_whole)
{
	char path[PATH_MAX];
	int ret = 0;

	if (file == stdout)
		return 0;
	if (is_whole && options->is_forced && fsync(fileno(file)) != 0)
		ret = -1;
	if (fclose(file) != 0)
		ret = -1;
	if (!options->is_forced || !path_make(options, path))
		return ret;
	if (is_whole && ret == 0 && rename(path, options->output) != 0)
		ret = -1;
	if (ret != 0)
		cli_error("%s: %s", options->output, strerror(errno));
	if (ret != 0 || !is_whole)
		unlink(path);
	return ret;
}

static int file_fail(const struct cli_output_file *f)
{
	if (errno == EEXIST)
		cli_error("%s: the file exists; --force replaces it", f->path);
	else
		cli_error("%s: %s", f->path, strerror(errno));
	return -1;
}

int cli_output_begin(struct cli_output_file *f, const char *path, unsigned mode, bool is_forced)
{
	mode_t mask = umask(077);

	umask(mask);
	*f = (struct cli_output_file){.path = path, .fd = -1, .is_forced = is_forced};
	if (!is_forced && access(path, F_OK) == 0) {
		errno = EEXIST;
		return file_fail(f);
	}
	if (asprintf(&f->temporary, "%s.XXXXXX", path) < 0) {
		f->temporary = NULL;
		errno = ENOMEM;
		return file_fail(f);
	}
	f->fd = mkostemp(f->temporary, O_CLOEXEC);
	if (f->fd >= 0 && fchmod(f->fd, mode & ~mask) == 0)
		return 0;
	file_fail(f);
	if (f->fd >= 0)
		cli_output_abort(f);
	else
		free(f->temporary);
	return -1;
}

/* Makes the new name of a file durable. */
static int folder_sync(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *folder = slash == NULL	? strdup(".")
		       : slash == path	? strdup("/")
					: strndup(path, (size_t)(slash - path));
	int fd = folder == NULL ? -1 : open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int ret = fd < 0 ? -1 : fsync(fd);

	if (fd >= 0)
		close(fd);
	free(folder);
	return ret;
}

int cli_output_commit(struct cli_output_file *f)
{
	int ret = fsync(f->fd);

	if (ret == 0 && f->is_forced)
		ret = rename(f->temporary, f->path);
	else if (ret == 0)
		ret = renameat2(AT_FDCWD, f->temporary, AT_FDCWD, f->path, RENAME_NOREPLACE);
	/* Not every file system can tell. */
	if (ret < 0 && errno == EINVAL && !f->is_forced && access(f->path, F_OK) < 0)
		ret = rename(f->temporary, f->path);
	if (ret < 0) {
		file_fail(f);
		cli_output_abort(f);
		return -1;
	}
	close(f->fd);
	free(f->temporary);
	return folder_sync(f->path) == 0 ? 0 : file_fail(f);
}

void cli_output_abort(struct cli_output_file *f)
{
	unlink(f->temporary);
	close(f->fd);
	free(f->temporary);
}

int cli_output_result(const struct cli_options *options, const json_t *value)
{
	if (options->is_json) {
		json_dumpf(value, stdout, JSON_ENCODE_ANY | JSON_INDENT(2));
		putchar('\n');
	} else {
		cli_show(stdout, value);
	}
	if (fflush(stdout) != 0) {
		cli_error("cannot write the answer");
		return CLI_FAILURE;
	}
	return CLI_OK;
}
