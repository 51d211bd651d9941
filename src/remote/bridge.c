/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "remote/bridge.h"

#include "cli/cli.h"
#include "remote/control.h"

enum { OPTIONS = 3, WORDS_MAX = 2 * OPTIONS };

int remote_bridge_list(const struct cli_command *command, const struct cli_options *options,
		       int nargs, char **args)
{
	char *words[WORDS_MAX];
	int count = 0;

	for (; count < nargs && count < WORDS_MAX - OPTIONS; count++)
		words[count] = args[count];
	if (options->is_advertised)
		words[count++] = "advertised";
	if (options->is_discovered)
		words[count++] = "discovered";
	if (options->is_refused)
		words[count++] = "refused";
	return remote_control_run(command, options, count, words);
}
