/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/error.h"
#include "cli/show.h"

FILE *cli_output_open(const struct cli_options *options, unsigned mode)
{
	FILE *file;
	int fd;

	if (options->output == NULL)
		return stdout;
	fd = open(options->output, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	file = fd >= 0 ? fdopen(fd, "w") : NULL;
	if (file == NULL)
		cli_error("%s: %s", options->output, strerror(errno));
	return file;
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
