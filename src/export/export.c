/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* With --follow:
 *
 * 1. Nothing is written before the watch is current: a proxy is better off with the file of
 *    yesterday than with an empty one.
 * 2. Changes that come together are written together, and only if the text differs.
 * 3. A file that cannot be written is tried again, after longer and longer pauses; the old one
 *    stays, since a file is replaced in one step.
 * 4. --run runs after each file that was written, one at a time: changes meanwhile make it run once
 *    more. */

#include "export/export.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <weft/weft.h>

#include "base/grow.h"
#include "cli/cli.h"
#include "cli/error.h"
#include "cli/output.h"
#include "export/format.h"
#include "export/input.h"
#include "service/child.h"
#include "service/context.h"
#include "service/loop.h"
#include "service/waiting.h"

enum {
	FILE_MODE = 0644,
	FIRST_MS = 5000, /* until a registry must have answered, without --timeout */
	GATHER_MS = 50,	 /* of changes that are written together */
	RETRY_LEAST_MS = 1000,
	RETRY_MOST_MS = 30000,
};

struct export
{
	struct service s;
	const struct export_format *format;
	const char *name;
	struct weft_instance **all; /* with --follow: what there is */
	size_t nall, all_size;
	bool is_current, has_changed;
	char *text;	   /* that was written last */
	uint64_t write_ms; /* when to write; UINT64_MAX: nothing to write */
	int retry_ms;
	pid_t child; /* of --run; 0: none */
	bool must_run;
	sigset_t mask; /* for it */
};

/* ---- writing ---- */

static int text_make(const struct export *x, const struct weft_instance *const *all, size_t n,
		     char **text)
{
	const struct export_input in = {x->name, x->s.options->name, all, n};
	size_t nbytes;
	FILE *out = open_memstream(text, &nbytes);
	int ret;

	if (out == NULL)
		return -ENOMEM;
	ret = x->s.options->is_json ? export_format_write_json(x->format, out, &in)
				    : export_format_write(x->format, out, &in);
	if (fclose(out) != 0 && ret == 0)
		ret = -ENOMEM;
	if (ret < 0)
		free(*text);
	return ret;
}

/* Writes to the file of -o, or standard output. Returns 0, or -1 after a message. */
static int text_write(const struct export *x, const char *text, bool is_forced)
{
	struct cli_output_file file;
	FILE *out;

	if (x->s.options->output == NULL) {
		fputs(text, stdout);
		return service_flush(NULL) == CLI_OK ? 0 : -1;
	}
	out = cli_output_open(&file, x->s.options->output, FILE_MODE, is_forced);
	if (out == NULL)
		return -1;
	fputs(text, out);
	return cli_output_close(&file, true);
}

/* ---- once ---- */

static int found_export(const struct export *x, const struct weft_instances *found)
{
	size_t n = weft_instances_count(found);
	const struct weft_instance **all = calloc(n, sizeof(*all));
	int ret = all != NULL ? 0 : -ENOMEM;
	char *text;

	for (size_t i = 0; ret == 0 && i < n; i++)
		all[i] = weft_instances_get(found, i);
	if (ret == 0)
		ret = text_make(x, all, n, &text);
	free(all);
	if (ret < 0) {
		cli_error("out of memory");
		return CLI_FAILURE;
	}
	ret = text_write(x, text, x->s.options->is_forced);
	free(text);
	return ret == 0 ? CLI_OK : CLI_FAILURE;
}

static int once_run(struct export *x)
{
	struct weft_instances *found;
	int status = service_waiting_find(&x->s, x->name, false, &found);

	if (status != CLI_OK)
		return status;
	status = found_export(x, found);
	weft_instances_free(found);
	return status;
}

/* ---- the list that a watch keeps ---- */

static bool is_same(const struct weft_instance *a, const struct weft_instance *b)
{
	return strcasecmp(weft_instance_name(a), weft_instance_name(b)) == 0 &&
	       strcasecmp(weft_instance_host(a), weft_instance_host(b)) == 0 &&
	       weft_instance_port(a) == weft_instance_port(b);
}

static void instance_remove(struct export *x, const struct weft_instance *i)
{
	for (size_t at = 0; at < x->nall; at++) {
		if (!is_same(x->all[at], i))
			continue;
		weft_instance_free(x->all[at]);
		x->all[at] = x->all[--x->nall];
		return;
	}
}

static void instance_add(struct export *x, const struct weft_instance *i)
{
	struct weft_instance **all = base_grow(x->all, x->nall, &x->all_size, sizeof(*all));

	if (all == NULL) {
		cli_error("out of memory");
		return;
	}
	x->all = all;
	all[x->nall++] = weft_instance_copy(i);
}

static void on_event(void *arg, enum weft_watch_event event, const struct weft_instance *now,
		     const struct weft_instance *before)
{
	struct export *x = arg;

	if (event == WEFT_WATCH_CURRENT) {
		x->has_changed |= !x->is_current;
		x->is_current = true;
	} else if (event == WEFT_WATCH_LOST) {
		service_note(&x->s, "%s: no registry answers; the file stays as it is", x->name);
	}
	if (now == NULL)
		return;
	if (before != NULL)
		instance_remove(x, before);
	instance_remove(x, now);
	if (event != WEFT_WATCH_REMOVED)
		instance_add(x, now);
	x->has_changed = true;
}

/* By priority and weight: the one to contact first is the first. */
static int compare(const void *a, const void *b)
{
	const struct weft_instance *one = *(const struct weft_instance *const *)a;
	const struct weft_instance *other = *(const struct weft_instance *const *)b;
	int order = (int)weft_instance_priority(one) - (int)weft_instance_priority(other);

	if (order == 0)
		order = (int)weft_instance_weight(other) - (int)weft_instance_weight(one);
	return order != 0 ? order : strcasecmp(weft_instance_name(one), weft_instance_name(other));
}

/* ---- what --run has ---- */

static void program_start(struct export *x)
{
	char *argv[] = {(char[]){"/bin/sh"}, (char[]){"-c"}, (char *)(uintptr_t)x->s.options->run,
			NULL};
	int status;

	x->must_run = true;
	if (x->s.options->run == NULL || x->child > 0)
		return;
	x->must_run = false;
	x->child = service_child_start(argv, &x->mask, &status);
}

static void program_wait(struct export *x)
{
	int status;

	if (x->child <= 0 || !service_child_has_ended(x->child, &status))
		return;
	x->child = 0;
	if (status != 0)
		cli_error("--run: exit status %d: %s", status, x->s.options->run);
	if (x->must_run)
		program_start(x);
}

/* ---- following ---- */

/* Tries again later. */
static void write_retry(struct export *x)
{
	x->write_ms = service_now_ms() + (uint64_t)x->retry_ms;
	service_note(&x->s, "%s: trying again in %d s", x->s.options->output, x->retry_ms / 1000);
	x->retry_ms = x->retry_ms * 2 < RETRY_MOST_MS ? x->retry_ms * 2 : RETRY_MOST_MS;
}

/* Writes what there is, if that differs from what was written. */
static void changes_write(struct export *x)
{
	char *text;

	x->write_ms = UINT64_MAX;
	if (x->nall > 1)
		qsort(x->all, x->nall, sizeof(*x->all), compare);
	if (text_make(x, (const struct weft_instance *const *)x->all, x->nall, &text) < 0) {
		cli_error("out of memory");
		write_retry(x);
		return;
	}
	if (x->text != NULL && strcmp(x->text, text) == 0) {
		free(text);
		return;
	}
	if (text_write(x, text, true) != 0) {
		free(text);
		write_retry(x);
		return;
	}
	free(x->text);
	x->text = text;
	x->retry_ms = RETRY_LEAST_MS;
	service_note(&x->s, "%s: written with %zu instances", x->s.options->output, x->nall);
	program_start(x);
}

/* Returns how long to wait for what is next. */
static int left_ms(uint64_t when_ms)
{
	uint64_t now_ms = service_now_ms();

	return when_ms == UINT64_MAX ? -1 : when_ms > now_ms ? (int)(when_ms - now_ms) : 0;
}

/* Whether the loop goes on after a turn that has seen `number`. */
static bool turn_take(struct export *x, int number)
{
	if (number != SERVICE_LOOP_NOTHING && number != SIGCHLD)
		return false;
	program_wait(x);
	if (x->is_current && x->has_changed && x->write_ms == UINT64_MAX)
		x->write_ms = service_now_ms() + GATHER_MS;
	if (x->is_current)
		x->has_changed = false;
	if (x->write_ms <= service_now_ms())
		changes_write(x);
	return true;
}

/* Follows until a signal comes. It fails if no registry has answered in time. */
static int changes_follow(struct export *x)
{
	uint64_t first_ms = service_now_ms() + (uint64_t)service_timeout_ms(&x->s, FIRST_MS);
	struct service_loop loop;
	struct weft_watch *watch;
	int error = weft_watch_new(x->s.w, x->name, on_event, x, &watch), status, number;

	if (error != WEFT_OK)
		return service_fail(&x->s, error, x->name);
	status = service_loop_begin(&loop, &x->s, false);
	if (status == CLI_OK) {
		x->mask = loop.before;
		do {
			if (!x->is_current && service_now_ms() >= first_ms) {
				status = service_waiting_explain(&x->s, x->name);
				if (status != CLI_OK)
					break;
				first_ms = UINT64_MAX;
			}
			number = service_loop_turn(&loop,
						   left_ms(x->is_current ? x->write_ms : first_ms));
		} while (turn_take(x, number));
		service_loop_end(&loop);
	}
	weft_watch_free(watch);
	for (size_t i = 0; i < x->nall; i++)
		weft_instance_free(x->all[i]);
	free(x->all);
	free(x->text);
	return status;
}

/* Returns CLI_OK, or CLI_USAGE after a message. */
static int options_check(const struct export *x, const char *format)
{
	const struct cli_options *options = x->s.options;

	if (x->format == NULL)
		cli_error("unknown format %s: expected one of %s", format, export_format_names());
	else if (options->name != NULL && *options->name == '\0')
		cli_error("export: --name is empty");
	else if (options->is_follow && options->output == NULL)
		cli_error("export: --follow needs a file, by -o");
	else if (options->run != NULL && !options->is_follow)
		cli_error("export: --run needs --follow");
	else
		return CLI_OK;
	return CLI_USAGE;
}

int export_run(const struct cli_command *command, const struct cli_options *options, int nargs,
	       char **args)
{
	struct export x = {
		.s = {.options = options},
		.format = export_format_find(args[0]),
		.name = args[1],
		.write_ms = UINT64_MAX,
		.retry_ms = RETRY_LEAST_MS,
	};
	int status = options_check(&x, args[0]);

	(void)command;
	(void)nargs;
	if (status == CLI_OK)
		status = service_open(&x.s, options);
	if (status != CLI_OK)
		return status;
	status = options->is_follow ? changes_follow(&x) : once_run(&x);
	service_close(&x.s);
	return status;
}
