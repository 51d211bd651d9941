/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/error.h"
#include "cli/show.h"

static int file_fail(const struct cli_output_file *f)
{
	if (errno == EEXIST)
		cli_error("%s: the file exists; --force replaces it", f->path);
	else
		cli_error("%s: %s", f->path, strerror(errno));
	return -1;
}

/* Closes the file, which has its name by now or none at all. */
static void file_close(struct cli_output_file *f)
{
	if (f->stream != NULL)
		fclose(f->stream);
	else
		close(f->fd);
	free(f->temporary);
}

int cli_output_begin(struct cli_output_file *f, const char *path, unsigned mode, bool is_forced)
{
	mode_t mask = umask(077);
	struct stat st;

	umask(mask);
	*f = (struct cli_output_file){.path = path, .fd = -1, .is_forced = is_forced};
	if (!is_forced && access(path, F_OK) == 0) {
		errno = EEXIST;
		return file_fail(f);
	}
	/* The new file would take the place of a device: of /dev/null, if root asks for it. */
	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		cli_error("%s: is there and not a regular file", path);
		return -1;
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
	char *folder = slash == NULL   ? strdup(".")
		       : slash == path ? strdup("/")
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
	file_close(f);
	return folder_sync(f->path) == 0 ? 0 : file_fail(f);
}

void cli_output_abort(struct cli_output_file *f)
{
	unlink(f->temporary);
	file_close(f);
}

FILE *cli_output_open(struct cli_output_file *f, const char *path, unsigned mode, bool is_forced)
{
	*f = (struct cli_output_file){.fd = -1, .stream = stdout};
	if (path == NULL || strcmp(path, "-") == 0)
		return stdout;
	if (cli_output_begin(f, path, mode, is_forced) != 0)
		return NULL;
	f->stream = fdopen(f->fd, "w");
	if (f->stream == NULL) {
		file_fail(f);
		cli_output_abort(f);
	}
	return f->stream;
}

int cli_output_close(struct cli_output_file *f, bool is_whole)
{
	bool is_written = fflush(f->stream) == 0;

	if (f->stream == stdout)
		return is_written ? 0 : -1;
	if (is_written && is_whole)
		return cli_output_commit(f);
	if (is_whole)
		file_fail(f);
	cli_output_abort(f);
	return is_whole ? -1 : 0;
}

int cli_output_result(const struct cli_options *options, const json_t *value)
{
	if (options->is_json && json_is_null(value)) {
		puts("{\n  \"ok\": true\n}");
	} else if (options->is_json) {
		json_dumpf(value, stdout,
			   JSON_ENCODE_ANY | JSON_INDENT(2) | JSON_REAL_PRECISION(15));
		putchar('\n');
	} else {
		cli_show(stdout, value, base_clock_wall_s());
	}
	if (fflush(stdout) != 0) {
		cli_error("cannot write the answer");
		return CLI_FAILURE;
	}
	return CLI_OK;
}

void cli_output_failure(const struct cli_options *options)
{
	json_t *errors = cli_error_kept(), *answer;

	if (!options->is_json || errors == NULL)
		return;
	answer = json_pack("{s:b, s:O, s:O}", "ok", 0, "error", json_array_get(errors, 0), "errors",
			   errors);
	cli_output_result(options, answer);
	json_decref(answer);
}
