/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* 1. weftd drains the instances, and returns for each what that has changed: a version of the zone,
 *    names, and the longest TTL of what is gone.
 * 2. Until all have it, weftd is asked which subscribers of these names have not acknowledged that
 *    version.
 * 3. Clients that ask may use what they have got before for that TTL. */
#include "remote/drain.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <jansson.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/error.h"
#include "cli/output.h"
#include "control/commands.h"
#include "remote/control.h"

enum {
	POLL_MS = 200,
	REPORT_MS = 1000, /* between two reports */
	FIXED_ARGS = 3,	  /* of `unacknowledged`, before the names */
	NUMBER_TEXT = 24,
};

static const struct cli_command unacknowledged = {&control_commands[CONTROL_UNACKNOWLEDGED], 0,
						  NULL};

/* What is waited for. */
struct waiting {
	const struct cli_options *options;
	json_t *drained;   /* by weftd: a list */
	uint64_t began_ms; /* steady clock */
	uint64_t ttl_ms;   /* the longest */
	json_t *outstanding;
};

/* ---- asking ---- */

/* Asks for the subscribers that lack what `affected` describes. Returns the answer, or NULL after a
 * message. */
static json_t *ask(const struct waiting *w, const json_t *affected)
{
	const json_t *names = json_object_get(affected, "names");
	size_t count = json_array_size(names);
	char version[NUMBER_TEXT], number[NUMBER_TEXT];
	struct cli_options options = *w->options;
	char **args = calloc(FIXED_ARGS + count, sizeof(*args));
	json_t *answer;

	if (args == NULL) {
		cli_error("out of memory");
		return NULL;
	}
	snprintf(version, sizeof(version), "%" JSON_INTEGER_FORMAT,
		 json_integer_value(json_object_get(affected, "version")));
	snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT,
		 json_integer_value(json_object_get(affected, "number")));
	args[0] = (char *)json_string_value(json_object_get(affected, "zone"));
	args[1] = version;
	args[2] = number;
	for (size_t i = 0; i < count; i++)
		args[FIXED_ARGS + i] = (char *)json_string_value(json_array_get(names, i));
	options.has_limit = false;
	answer = remote_control_ask(&unacknowledged, &options, (int)(FIXED_ARGS + count), args);
	free(args);
	return answer;
}

/* Fills in the outstanding subscribers. Returns 1 if all have got everything, 0 if not, -1 after a
 * message. */
static int look(struct waiting *w)
{
	bool have_all = true;
	const json_t *one;
	size_t i;

	json_array_clear(w->outstanding);
	json_array_foreach(w->drained, i, one)
	{
		const json_t *affected = json_object_get(one, "affected");
		json_t *answer;

		if (json_array_size(json_object_get(affected, "names")) == 0)
			continue;
		answer = ask(w, affected);
		if (answer == NULL)
			return -1;
		have_all &= json_is_true(json_object_get(answer, "arrived"));
		json_array_extend(w->outstanding, json_object_get(answer, "outstanding"));
		json_decref(answer);
	}
	return have_all;
}

/* ---- reporting ---- */

static void report_one(const json_t *session)
{
	const char *key = json_string_value(json_object_get(session, "key"));
	const json_t *subscribed;
	size_t i;

	json_array_foreach(json_object_get(session, "subscribed"), i, subscribed)
		fprintf(stderr, "waiting for %s%s%s: %s %s\n",
			json_string_value(json_object_get(session, "client")),
			key == NULL ? "" : " ", key == NULL ? "" : key,
			json_string_value(json_object_get(subscribed, "name")),
			json_string_value(json_object_get(subscribed, "type")));
}

static uint64_t waited_ms(const struct waiting *w)
{
	return base_clock_steady_us() / 1000 - w->began_ms;
}

/* Reports what is waited for to standard error. */
static void report(const struct waiting *w)
{
	const json_t *session;
	size_t i;

	json_array_foreach(w->outstanding, i, session)
		report_one(session);
	if (waited_ms(w) < w->ttl_ms)
		fprintf(stderr,
			"waiting for clients that ask: their answers end in %" PRIu64 " s\n",
			(w->ttl_ms - waited_ms(w) + 999) / 1000);
}

/* ---- waiting ---- */

static void pause_ms(unsigned ms)
{
	struct timespec t = {.tv_nsec = ms * 1000000L};

	nanosleep(&t, NULL);
}

static bool is_over(const struct waiting *w)
{
	return w->options->has_limit && w->options->limit_s > 0 &&
	       waited_ms(w) >= (uint64_t)w->options->limit_s * 1000;
}

/* Leaves out what is for the waiting only. */
static void affected_drop(json_t *drained)
{
	json_t *one;
	size_t i;

	json_array_foreach(drained, i, one)
	{
		json_object_del(one, "affected");
	}
}

/* Returns an exit status. */
static int wait_for_all(struct waiting *w)
{
	uint64_t reported_ms = 0;

	for (;;) {
		int ret = look(w);

		if (ret < 0)
			return CLI_FAILURE;
		if (ret > 0 && waited_ms(w) >= w->ttl_ms)
			return CLI_OK;
		if (is_over(w)) {
			report(w);
			cli_error("timeout: not all clients know");
			return CLI_FAILURE;
		}
		if (waited_ms(w) >= reported_ms + REPORT_MS && !w->options->is_json) {
			report(w);
			reported_ms = waited_ms(w);
		}
		pause_ms(POLL_MS);
	}
}

/* Returns the longest TTL, in milliseconds. */
static uint64_t ttl_ms(const json_t *drained)
{
	json_int_t ttl_s = 0;
	const json_t *one;
	size_t i;

	json_array_foreach(drained, i, one)
	{
		const json_t *affected = json_object_get(one, "affected");
		json_int_t of = json_integer_value(json_object_get(affected, "ttl"));

		ttl_s = of > ttl_s ? of : ttl_s;
	}
	return (uint64_t)ttl_s * 1000;
}

int remote_drain(const struct cli_command *command, const struct cli_options *options, int nargs,
		 char **args)
{
	struct cli_options asking = *options;
	struct waiting w = {.options = options, .began_ms = base_clock_steady_us() / 1000};
	int status = CLI_OK, shown;

	if (options->is_wait)
		asking.has_limit = false;
	w.drained = remote_control_ask(command, &asking, nargs, args);
	if (w.drained == NULL)
		return CLI_FAILURE;
	w.outstanding = json_array();
	w.ttl_ms = ttl_ms(w.drained);
	if (options->is_wait)
		status = wait_for_all(&w);
	affected_drop(w.drained);
	shown = cli_output_result(options, w.drained);
	json_decref(w.drained);
	json_decref(w.outstanding);
	return status == CLI_OK ? shown : status;
}
