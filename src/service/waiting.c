/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "service/waiting.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include <weft/weft.h>

#include "cli/cli.h"
#include "service/context.h"

#define LINE_START "\r\033[K"

enum {
	TIMEOUT_MS = 5000,  /* of what a person waits for */
	PATIENCE_MS = 1000, /* after which is shown what is waited for */
	REASON_MS = 1000,   /* to learn why nothing has come */
	TURN_MS = 250,
	ADDRESS_SIZE = 128,
	LINE_SIZE = ADDRESS_SIZE + 64,
};

/* ---- what a terminal shows ---- */

/* Whether somebody looks. */
static bool has_progress(const struct service *s)
{
	return !s->options->is_quiet && isatty(STDERR_FILENO);
}

/* Copies the address of the registry that is asked now: the first that has not failed. */
static int asked_find(void *arg, const struct weft_registry *r)
{
	char *address = arg;

	if (*address == '\0' || weft_registry_is_healthy(r) != 0)
		snprintf(address, ADDRESS_SIZE, "%s", weft_registry_address(r));
	return weft_registry_is_healthy(r) != 0;
}

static void line_make(const struct service *s, char out[static LINE_SIZE])
{
	char address[ADDRESS_SIZE] = "";

	weft_registries(s->w, asked_find, address);
	if (*address != '\0')
		snprintf(out, LINE_SIZE, LINE_START "weft: asking %s ...", address);
	else
		snprintf(out, LINE_SIZE, LINE_START "weft: waiting for a registry ...");
}

void service_waiting_for(const struct service *s, const bool *is_done)
{
	bool is_watched = has_progress(s);
	uint64_t begin_ms = service_now_ms();
	char line[LINE_SIZE], last[LINE_SIZE] = "";

	while (!*is_done) {
		weft_wait(s->w, TURN_MS);
		if (*is_done || !is_watched || service_now_ms() < begin_ms + PATIENCE_MS)
			continue;
		line_make(s, line);
		if (strcmp(line, last) != 0)
			fputs(line, stderr);
		strcpy(last, line);
	}
	if (*last != '\0')
		fputs(LINE_START, stderr);
}

/* ---- while libweft waits ---- */

static char alarm_line[LINE_SIZE];
static volatile sig_atomic_t is_alarm_shown;

static void on_alarm(int number)
{
	(void)number;
	(void)!write(STDERR_FILENO, alarm_line, strlen(alarm_line));
	is_alarm_shown = 1;
}

void service_waiting_begin(const struct service *s)
{
	const struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
	const struct itimerval once = {.it_value = {.tv_sec = PATIENCE_MS / 1000}};

	if (!has_progress(s))
		return;
	line_make(s, alarm_line);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &once, NULL);
}

void service_waiting_end(void)
{
	const struct itimerval never = {.it_value = {.tv_sec = 0}};

	setitimer(ITIMER_REAL, &never, NULL);
	if (is_alarm_shown)
		fputs(LINE_START, stderr);
	is_alarm_shown = 0;
}

/* ---- finding ---- */

struct finding {
	bool is_done;
	int error;
	struct weft_instances *found;
};

static void on_found(void *arg, int error, struct weft_instances *found)
{
	struct finding *f = arg;

	*f = (struct finding){true, error, found};
}

/* Finds a name; NULL: the types. Returns WEFT_OK or an error. */
static int find(const struct service *s, const char *name, int timeout_ms,
		struct weft_instances **out)
{
	struct finding f = {.found = NULL};
	struct weft_find *begun;
	int error = name != NULL
			    ? weft_find_start(s->w, name, timeout_ms, on_found, &f, &begun)
			    : weft_find_types_start(s->w, NULL, timeout_ms, on_found, &f, &begun);

	if (error != WEFT_OK)
		return error;
	service_waiting_for(s, &f.is_done);
	*out = f.found;
	return f.error;
}

/* Reports that a name, NULL: the types, was not found. Returns the exit status. */
static int fail(const struct service *s, const char *name, int error)
{
	if (name != NULL)
		return service_fail(s, error, name);
	if (error != WEFT_E_NOT_FOUND)
		return service_fail(s, error, "service types");
	return service_fail_why(s, error, "service types",
				"there are none in this domain, which --domain sets");
}

int service_waiting_find(const struct service *s, const char *name, bool is_silent,
			 struct weft_instances **out)
{
	int error = find(s, name, service_timeout_ms(s, TIMEOUT_MS), out);

	if (error == WEFT_E_NOT_FOUND && is_silent)
		return CLI_FAILURE;
	if (error != WEFT_OK)
		return fail(s, name, error);
	service_report_registries(s);
	if (weft_instances_are_stale(*out))
		service_note(s, "%s: no registry answers; this is from before", name);
	return CLI_OK;
}

int service_waiting_find_types(const struct service *s, struct weft_instances **out)
{
	int error = find(s, NULL, service_timeout_ms(s, TIMEOUT_MS), out);

	if (error != WEFT_OK)
		return fail(s, NULL, error);
	service_report_registries(s);
	return CLI_OK;
}

int service_waiting_explain(const struct service *s, const char *name)
{
	struct weft_instances *found = NULL;
	int error = find(s, name, REASON_MS, &found);

	weft_instances_free(found);
	return error == WEFT_OK || error == WEFT_E_NOT_FOUND ? CLI_OK : fail(s, name, error);
}
