/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "remote/stats.h"

#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/form.h"
#include "cli/show.h"
#include "remote/control.h"
#include "remote/rates.h"

enum { INTERVAL_MAX_S = 86400 };

/* Writes the rates between two answers. Returns 0, or EOF if nobody reads them. */
static int rates_write(const struct cli_options *options, const json_t *before, const json_t *after,
		       double seconds)
{
	char now[CLI_FORM_TEXT_MAX];
	uint64_t now_s = base_clock_wall_s();
	json_t *rates = remote_rates(before, after, seconds, options->is_json);

	cli_form_time_to_text(now, now_s);
	if (options->is_json) {
		json_t *line = json_pack("{s:s, s:f, s:O}", "time", now, "seconds", seconds,
					 "rates", rates);

		json_dumpf(line, stdout, JSON_COMPACT | JSON_REAL_PRECISION(9));
		putchar('\n');
		json_decref(line);
	} else {
		printf("%s  a second, over %.1f s\n", now, seconds);
		if (rates != NULL)
			cli_show(stdout, rates, now_s);
	}
	json_decref(rates);
	return fflush(stdout);
}

static int watch(const struct cli_command *command, const struct cli_options *options,
		 uint64_t interval_s)
{
	struct timespec next = base_clock_read(CLOCK_MONOTONIC);
	json_t *before = remote_control_ask(command, options, 0, NULL), *after;
	uint64_t before_us = base_clock_steady_us(), after_us;
	int ret = 0;

	while (before != NULL && ret == 0) {
		next.tv_sec += (time_t)interval_s;
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
		after = remote_control_ask(command, options, 0, NULL);
		after_us = base_clock_steady_us();
		if (after != NULL)
			ret = rates_write(options, before, after,
					  (double)(after_us - before_us) / 1000000);
		json_decref(before);
		before = after;
		before_us = after_us;
	}
	json_decref(before);
	return CLI_FAILURE;
}

int remote_stats(const struct cli_command *command, const struct cli_options *options, int nargs,
		 char **args)
{
	uint64_t interval_s;

	if (options->watch == NULL)
		return remote_control_run(command, options, nargs, args);
	if (!cli_form_duration_parse(&interval_s, "interval", options->watch, 1, INTERVAL_MAX_S))
		return CLI_USAGE;
	return watch(command, options, interval_s);
}
