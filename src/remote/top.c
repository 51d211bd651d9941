/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "remote/top.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/error.h"
#include "cli/form.h"
#include "cli/screen.h"
#include "remote/control.h"
#include "remote/rates.h"
#include "remote/top_view.h"

enum {
	INTERVAL_USUAL_S = 2,
	INTERVAL_ONCE_S = 1,
	FIRST_MS = 500, /* until there are rates at all */
	INTERVAL_MAX_S = 3600,
	LIMIT_USUAL_S = 5, /* for an answer, while the screen waits */
};

#define NOTE "q quit   r by requests   c by changes   n by name"
#define NOTE_SILENT "weftd does not answer; the figures are the last ones   q quit"

/* Two answers of weftd, and when they came. */
struct samples {
	json_t *before, *after; /* the same one at first */
	uint64_t before_us, after_us;
};

static void samples_fini(struct samples *s)
{
	json_decref(s->before);
	json_decref(s->after);
}

static json_int_t pid_of(const json_t *answer)
{
	return json_integer_value(json_object_get(json_object_get(answer, "status"), "pid"));
}

/* Asks for the next answer. One of another process has nothing in common with those before. Returns
 * false, with the samples as they were, if there is none. */
static bool samples_take(struct samples *s, const struct cli_command *command,
			 const struct cli_options *options)
{
	json_t *answer = remote_control_ask(command, options, 0, NULL);
	uint64_t now_us = base_clock_steady_us();
	bool is_first = s->after == NULL || pid_of(s->after) != pid_of(answer);

	if (answer == NULL)
		return false;
	json_decref(s->before);
	s->before = is_first ? json_incref(answer) : json_incref(s->after);
	s->before_us = is_first ? now_us : s->after_us;
	json_decref(s->after);
	s->after = answer;
	s->after_us = now_us;
	return true;
}

static double seconds_of(const struct samples *s)
{
	return (double)(s->after_us - s->before_us) / 1000000;
}

/* ---- once ---- */

static int rates_write_json(const struct samples *s)
{
	json_t *rates = remote_rates(s->before, s->after, seconds_of(s), true);
	char now[CLI_FORM_TEXT_MAX];
	json_t *answer;

	cli_form_time_to_text(now, base_clock_wall_s());
	/* The commits by duration are not counters by name. */
	json_object_del(rates, "commit-us");
	json_object_del(rates, "status");
	answer = json_pack("{s:s, s:f, s:o, s:O?}", "time", now, "seconds", seconds_of(s), "rates",
			   rates, "status", json_object_get(s->after, "status"));
	json_dumpf(answer, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
	putchar('\n');
	json_decref(answer);
	return fflush(stdout);
}

static int top_once(const struct cli_command *command, const struct cli_options *options,
		    uint64_t interval_s)
{
	const struct timespec wait = {.tv_sec = (time_t)interval_s};
	const struct remote_top_view view = {0};
	struct samples s = {0};
	int status = CLI_FAILURE;

	if (samples_take(&s, command, options)) {
		nanosleep(&wait, NULL);
		if (samples_take(&s, command, options)) {
			if (options->is_json)
				rates_write_json(&s);
			else
				remote_top_write(stdout, s.before, s.after, seconds_of(&s), &view);
			status = fflush(stdout) == 0 ? CLI_OK : CLI_FAILURE;
		}
	}
	samples_fini(&s);
	return status;
}

/* ---- the screen ---- */

static int draw(struct cli_screen *screen, const struct samples *s, struct remote_top_view *view)
{
	char *text = NULL;
	size_t nbytes;
	FILE *out = open_memstream(&text, &nbytes);
	int ret = -1;

	if (out == NULL)
		return -1;
	view->rows = screen->rows;
	view->columns = screen->columns;
	remote_top_write(out, s->before, s->after, seconds_of(s), view);
	if (fclose(out) == 0)
		ret = cli_screen_draw(screen, text);
	free(text);
	return ret;
}

/* Obeys a key. Returns whether to go on. */
static bool key_obey(int key, struct remote_top_view *view)
{
	switch (key) {
	case 'q':
	case 'Q':
	case CLI_SCREEN_END:
		return false;
	case 'r':
		view->sort = REMOTE_TOP_BY_REQUESTS;
		return true;
	case 'c':
		view->sort = REMOTE_TOP_BY_CHANGES;
		return true;
	case 'n':
		view->sort = REMOTE_TOP_BY_NAME;
		return true;
	default:
		return true;
	}
}

static uint64_t now_ms(void)
{
	return base_clock_steady_us() / 1000;
}

/* Draws, and obeys keys until the next figures are due. Returns whether to go on. */
static bool screen_turn(struct cli_screen *screen, const struct samples *s,
			struct remote_top_view *view, uint64_t until_ms)
{
	for (;;) {
		uint64_t at_ms = now_ms();
		int key;

		if (draw(screen, s, view) < 0)
			return false;
		key = cli_screen_key(screen, at_ms < until_ms ? (int)(until_ms - at_ms) : 0);
		if (key == CLI_SCREEN_TIMEOUT)
			return true;
		if (!key_obey(key, view))
			return false;
	}
}

/* A weftd that does not answer may be on its way back, so only the first answer is needed. */
static int top_screen(const struct cli_command *command, const struct cli_options *options,
		      uint64_t interval_s)
{
	struct cli_options asking = *options;
	struct remote_top_view view = {.note = NOTE};
	struct samples s = {0};
	struct cli_screen screen;
	uint64_t wait_ms = FIRST_MS;

	if (!options->has_limit) {
		asking.has_limit = true;
		asking.limit_s = LIMIT_USUAL_S;
	}
	if (!samples_take(&s, command, &asking))
		return CLI_FAILURE;
	if (cli_screen_open(&screen) != 0) {
		cli_error("top needs a terminal; --once shows one screen without");
		samples_fini(&s);
		return CLI_USAGE;
	}
	asking.is_silent = true;
	while (screen_turn(&screen, &s, &view, now_ms() + wait_ms)) {
		cli_screen_interrupt(true);
		view.note = samples_take(&s, command, &asking) ? NOTE : NOTE_SILENT;
		cli_screen_interrupt(false);
		wait_ms = interval_s * 1000;
	}
	cli_screen_close(&screen);
	samples_fini(&s);
	return CLI_OK;
}

int remote_top(const struct cli_command *command, const struct cli_options *options, int nargs,
	       char **args)
{
	bool is_once = options->is_once || options->is_json;
	uint64_t interval_s = is_once ? INTERVAL_ONCE_S : INTERVAL_USUAL_S;

	(void)nargs;
	(void)args;
	if (options->interval != NULL &&
	    !cli_form_duration_parse(&interval_s, "interval", options->interval, 1, INTERVAL_MAX_S))
		return CLI_USAGE;
	return is_once ? top_once(command, options, interval_s)
		       : top_screen(command, options, interval_s);
}
