/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Without a command:
 *
 * 1. Register. A refusal before the first success is the end: it would be refused again.
 * 2. Refresh until a signal that ends programs. A registry that does not answer is waited for.
 * 3. Remove the registration, and end.
 *
 * With one, it is started after step 1, or when no registry has answered for a while: a service
 * must not depend on the registry to start. Signals are forwarded to it; the one that ends it also
 * removes the registration, so that clients go elsewhere while it finishes. When it ends, whatever
 * its exit status, nothing listens any more, and the registration is removed. */

#include "service/register.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include <weft/weft.h>

#include "cli/cli.h"
#include "cli/error.h"
#include "control/command.h"
#include "service/child.h"
#include "service/context.h"
#include "service/loop.h"
#include "service/settings.h"
#include "service/show.h"

enum {
	COMMAND_MS = 5000, /* after which a command starts without a registration */
	REMOVAL_MS = 6000, /* until a removal is given up */
};

struct registering {
	struct service s;
	struct service_loop loop;
	struct weft_registration *r;
	FILE *out; /* of events: standard error if a command has standard output */
	bool was_done, is_removed, is_removing;
	int error; /* of a refusal before the first success */
	char refusal[512], last[512];
	pid_t child; /* 0: there is none now */
};

/* ---- events ---- */

static void event_show(struct registering *g, const char *event, const char *why)
{
	const char *name = weft_registration_name(g->r);
	unsigned lease_s = weft_registration_lease(g->r);

	if (g->s.options->is_json) {
		json_t *object = json_pack("{s:s, s:s, s:i}", "event", event, "name", name, "lease",
					   (int)lease_s);

		if (why != NULL)
			json_object_set_new(object, "why", service_show_text(why));
		json_dumpf(object, g->out, JSON_COMPACT);
		fputc('\n', g->out);
		json_decref(object);
	} else if (!g->s.options->is_quiet && lease_s > 0) {
		fprintf(g->out, "%s: %s, lease %us\n", name, event, lease_s);
	} else if (!g->s.options->is_quiet) {
		fprintf(g->out, "%s: %s\n", name, event);
	}
	fflush(g->out);
}

/* A refusal that trying again does not mend. */
static bool is_final(int error)
{
	return error != WEFT_E_NO_REGISTRY && error != WEFT_E_TIMEOUT && error != WEFT_E_MEMORY &&
	       error != WEFT_E_SYSTEM && error != WEFT_E_ANSWER && error != WEFT_E_TLS &&
	       error != WEFT_E_CLOCK;
}

/* Takes a failure: it is reported when it is another one than the last. */
static void failure_take(struct registering *g, int error, const char *text)
{
	const char *advice;

	if (text == NULL || *text == '\0')
		text = weft_strerror(error);
	if (!g->was_done && is_final(error)) {
		g->error = error;
		snprintf(g->refusal, sizeof(g->refusal), "%s", text);
		return;
	}
	if (strcmp(g->last, text) == 0)
		return;
	snprintf(g->last, sizeof(g->last), "%s", text);
	if (g->s.options->is_json)
		event_show(g, "failed", text);
	advice = service_advice(&g->s, &error);
	cli_error("%s: not registered: %s; %s%strying again", weft_registration_name(g->r), text,
		  advice != NULL ? advice : "", advice != NULL ? " " : "");
}

static void on_event(void *arg, enum weft_registration_event event, int error, const char *text)
{
	struct registering *g = arg;

	switch (event) {
	case WEFT_REGISTRATION_DONE:
	case WEFT_REGISTRATION_RENAMED:
		g->was_done = true;
		g->last[0] = '\0';
		event_show(g, "registered", NULL);
		service_report_registries(&g->s);
		break;
	case WEFT_REGISTRATION_FAILED:
		failure_take(g, error, text);
		break;
	case WEFT_REGISTRATION_LOST:
		if (g->s.options->is_json)
			event_show(g, "lost", text);
		cli_error("%s: the lease has ended; registering again",
			  weft_registration_name(g->r));
		break;
	case WEFT_REGISTRATION_ENDED:
		g->is_removed = true;
		break;
	}
}

/* ---- the command that runs meanwhile ---- */

/* Starts the command. Returns CLI_OK, or an exit status after a message. */
static int child_start(struct registering *g)
{
	int status = CLI_OK;
	pid_t child;

	setenv("WEFT_NAME", weft_registration_name(g->r), 1);
	child = service_child_start(g->s.options->program, &g->loop.before, &status);
	if (child > 0)
		g->child = child;
	return status;
}

/* Forwards a signal; one that the terminal sends goes to the command anyway. */
static void signal_forward(const struct registering *g, int number)
{
	if (g->child > 0 && g->loop.signal.ssi_code != SI_KERNEL)
		kill(g->child, number);
}

/* ---- the steps ---- */

static bool is_ending(int number)
{
	return number == SIGINT || number == SIGTERM || number == SIGHUP;
}

/* Begins to remove the registration; the loop goes on until that is done. */
static void removal_begin(struct registering *g)
{
	if (g->is_removing)
		return;
	g->is_removing = true;
	g->is_removed = !g->was_done || weft_registration_end(g->r) != WEFT_OK;
}

/* Waits until the removal is done or given up, or another signal comes. */
static void removal_wait(struct registering *g)
{
	uint64_t end_ms = service_now_ms() + REMOVAL_MS, now_ms;

	removal_begin(g);
	while (!g->is_removed && (now_ms = service_now_ms()) < end_ms)
		if (is_ending(service_loop_turn(&g->loop, (int)(end_ms - now_ms))))
			break;
	if (!g->is_removed)
		service_note(&g->s, "%s: no registry answers; it is removed when its lease ends",
			     weft_registration_name(g->r));
	else if (g->was_done)
		event_show(g, "removed", NULL);
}

/* Step 1. Returns CLI_OK, or another exit status after a message; a signal is in `number`. */
static int first_wait(struct registering *g, int *number)
{
	bool has_program = g->s.options->program != NULL;
	int limit_ms = service_timeout_ms(&g->s, has_program ? COMMAND_MS : -1);
	uint64_t end_ms = limit_ms < 0 ? UINT64_MAX : service_now_ms() + (uint64_t)limit_ms;

	while (!g->was_done && g->error == WEFT_OK && service_now_ms() < end_ms) {
		int left_ms = limit_ms < 0 ? -1 : (int)(end_ms - service_now_ms());

		*number = service_loop_turn(&g->loop, left_ms);
		if (is_ending(*number))
			return CLI_OK;
		*number = 0;
	}
	if (g->error != WEFT_OK)
		return service_fail_why(&g->s, g->error, weft_registration_name(g->r), g->refusal);
	if (g->was_done || has_program)
		return CLI_OK;
	return service_fail_why(&g->s, WEFT_E_NO_REGISTRY, weft_registration_name(g->r), g->last);
}

/* Step 2 without a command. */
static void signal_wait(struct registering *g)
{
	while (!is_ending(service_loop_turn(&g->loop, -1)))
		;
}

/* Step 2 with a command. Returns its exit status. */
static int child_wait(struct registering *g)
{
	int status = child_start(g);

	if (g->child == 0)
		return status;
	while (!service_child_has_ended(g->child, &status)) {
		int number = service_loop_turn(&g->loop, -1);

		if (g->error != WEFT_OK)
			cli_error("%s: not registered: %s", weft_registration_name(g->r),
				  g->refusal);
		g->error = WEFT_OK;
		if (number <= 0 || number == SIGCHLD)
			continue;
		signal_forward(g, number);
		if (number == SIGINT || number == SIGTERM)
			removal_begin(g);
	}
	g->child = 0;
	return status;
}

/* Registers what is set, keeps it up, and removes it. */
static int registration_keep(struct registering *g)
{
	int status, error, number = 0;

	status = service_loop_begin(&g->loop, &g->s, g->s.options->program != NULL);
	if (status != CLI_OK)
		return status;
	error = weft_registration_start(g->r, on_event, g);
	if (error != WEFT_OK)
		status = service_fail(&g->s, error, weft_registration_name(g->r));
	if (status == CLI_OK)
		status = first_wait(g, &number);
	if (status == CLI_OK && number == 0 && g->s.options->program != NULL)
		status = child_wait(g);
	else if (status == CLI_OK && number == 0)
		signal_wait(g);
	if (error == WEFT_OK)
		removal_wait(g);
	service_loop_end(&g->loop);
	return status;
}

/* Checks what follows `--`. */
static int program_check(const struct cli_command *command, const struct cli_options *options)
{
	if (options->program == NULL || options->program[0] != NULL)
		return CLI_OK;
	cli_error("%s: no command after --", command->is->name);
	return CLI_USAGE;
}

int service_register(const struct cli_command *command, const struct cli_options *options,
		     int nargs, char **args)
{
	struct registering g = {.out = options->program != NULL ? stderr : stdout};
	int port = service_settings_port(args[2]), status, error;

	status = port < 0 ? CLI_USAGE : program_check(command, options);
	if (status == CLI_OK)
		status = service_open(&g.s, options);
	if (status != CLI_OK)
		return status;
	error = weft_registration_new(g.s.w, args[0], args[1], port, &g.r);
	if (error != WEFT_OK)
		status = service_fail(&g.s, error, args[0]);
	else
		status = service_settings_all(&g.s, g.r, nargs - 3, args + 3);
	if (status == CLI_OK)
		status = registration_keep(&g);
	weft_registration_free(g.r);
	service_close(&g.s);
	return status;
}

int service_register_node(const struct cli_command *command, const struct cli_options *options,
			  int nargs, char **args)
{
	struct registering g = {.out = options->program != NULL ? stderr : stdout};
	int status = program_check(command, options), error;

	if (status == CLI_OK)
		status = service_open(&g.s, options);
	if (status != CLI_OK)
		return status;
	error = weft_registration_new_node(g.s.w, nargs > 0 ? args[0] : NULL, &g.r);
	if (error != WEFT_OK)
		status = service_fail(&g.s, error, nargs > 0 ? args[0] : "node");
	else
		status = service_settings_common(&g.s, g.r);
	if (status == CLI_OK)
		status = registration_keep(&g);
	weft_registration_free(g.r);
	service_close(&g.s);
	return status;
}
