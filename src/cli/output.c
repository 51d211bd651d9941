/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/error.h"
#include "cli/show.h"

/* Finds the file that is written: that of -o, or with --force another one beside it. */
static bool path_make(const struct cli_options *options, char out[static PATH_MAX])
{
	int n = snprintf(out, PATH_MAX, "%s%s", options->output, options->is_force ? ".new" : "");

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
	if (options->is_force)
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
	if (is_whole && options->is_force && fsync(fileno(file)) != 0)
		ret = -1;
	if (fclose(file) != 0)
		ret = -1;
	if (!options->is_force || !path_make(options, path))
		return ret;
	if (is_whole && ret == 0 && rename(path, options->output) != 0)
		ret = -1;
	if (ret != 0)
		cli_error("%s: %s", options->output, strerror(errno));
	if (ret != 0 || !is_whole)
		unlink(path);
	return ret;
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
