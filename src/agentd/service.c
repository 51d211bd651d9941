/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agentd/service.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/agent.h"
#include "agentd/loop.h"
#include "agentd/program.h"
#include "agentd/view.h"
#include "agentd/wait.h"
#include "control/server.h"

enum { ERRORS_MAX = 8192, TEXT_MAX = 1100 }; /* a name as text, and an incarnation */

/* The instances of a request. */
struct chosen {
	struct agentd_asked *items;
	size_t n;
	char errors[ERRORS_MAX]; /* lines */
};

static void add_error(struct chosen *c, const char *text)
{
	size_t n = strlen(c->errors);

	snprintf(c->errors + n, sizeof(c->errors) - n, "%s%s", n > 0 ? "\n" : "", text);
}

/* Cuts `@INC` off the text. Returns false if what follows the sign is not an incarnation. */
static bool take_inc(char *text, uint64_t *inc)
{
	char *sign = strrchr(text, '@'), *end;

	*inc = 0;
	if (sign == NULL)
		return true;
	if (sign[1] < '0' || sign[1] > '9')
		return false;
	errno = 0;
	*inc = strtoull(sign + 1, &end, 10);
	*sign = '\0';
	return errno == 0 && *end == '\0';
}

static bool is_chosen(const struct chosen *c, const uint8_t *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (dns_name_equal(c->items[i].name, name))
			return true;
	return false;
}

static void choose_one(const struct agentd *d, struct chosen *c, const char *arg, bool has_inc)
{
	struct agentd_asked *item = &c->items[c->n];
	struct base_error error;
	char text[TEXT_MAX];

	if ((size_t)snprintf(text, sizeof(text), "%s", arg) >= sizeof(text) ||
	    (has_inc && !take_inc(text, &item->seen_inc))) {
		snprintf(error.text, sizeof(error.text), "%.200s is not INSTANCE or INSTANCE@INC",
			 arg);
		add_error(c, error.text);
	} else if (agent_find(d->agent, text, item->name, &error) < 0) {
		add_error(c, error.text);
	} else if (!is_chosen(c, item->name)) {
		c->n++;
	}
}

/* Finds the instances that the arguments name. Returns false, with the request answered, if one is
 * not known. */
static bool choose(const struct agentd *d, struct control_request *request, struct chosen *c,
		   bool has_inc)
{
	size_t nargs = control_request_nargs(request);

	*c = (struct chosen){.items = calloc(nargs + 1, sizeof(*c->items))};
	if (c->items == NULL) {
		control_request_fail(request, "out of memory");
		return false;
	}
	for (size_t i = 0; i < nargs; i++)
		choose_one(d, c, control_request_arg(request, i), has_inc);
	if (c->errors[0] == '\0')
		return true;
	control_request_fail(request, "%s", c->errors);
	free(c->items);
	return false;
}

typedef int (*act_fn)(struct agent *a, struct agentd_asked *item, struct base_error *error);

/* Does it to all that are named, and has the request wait for what comes of it. What could not be
 * asked of one is an error, though the others were asked. */
static void act(struct agentd *d, struct control_request *request, act_fn act_one, bool has_inc,
		enum agentd_goal goal)
{
	struct chosen c;

	if (d->end != AGENTD_END_NOT) {
		control_request_fail(request, "the agent is ending");
		return;
	}
	if (!choose(d, request, &c, has_inc))
		return;
	for (size_t i = 0; i < c.n; i++) {
		struct base_error error;

		if (act_one(d->agent, &c.items[i], &error) < 0)
			add_error(&c, error.text);
	}
	if (c.errors[0] != '\0')
		control_request_fail(request, "%s", c.errors);
	else
		agentd_wait_begin(d, request, goal, c.items, c.n);
	free(c.items);
}

static int start_one(struct agent *a, struct agentd_asked *item, struct base_error *error)
{
	return agent_start_instance(a, item->name, error);
}

static int stop_one(struct agent *a, struct agentd_asked *item, struct base_error *error)
{
	return agent_stop_instance(a, item->name, error);
}

/* Whether this caller's restart or another's: what follows the incarnation is waited for. */
static int restart_one(struct agent *a, struct agentd_asked *item, struct base_error *error)
{
	struct agent_view view;
	uint64_t seen_inc = item->seen_inc;
	int ret;

	if (seen_inc == 0 && agent_get(a, item->name, &view) == 0)
		item->seen_inc = view.inc;
	ret = agent_restart_instance(a, item->name, seen_inc, error);
	return ret == -EAGAIN ? 0 : ret;
}

static int check_one(struct agent *a, struct agentd_asked *item, struct base_error *error)
{
	struct agent_view view;

	if (agent_get(a, item->name, &view) == 0)
		item->seen_checks = view.nchecks;
	return agent_check_instance(a, item->name, error);
}

/* ---- the commands ---- */

void agentd_service_status(void *arg, struct control_request *request)
{
	struct agentd *d = arg;
	struct chosen c;

	if (!choose(d, request, &c, false))
		return;
	agentd_view_answer(request, agentd_view_services(d, c.n > 0 ? c.items : NULL, c.n));
	free(c.items);
	agentd_loop_tidy(d);
}

void agentd_service_start(void *arg, struct control_request *request)
{
	act(arg, request, start_one, false, AGENTD_GOAL_RUN);
}

void agentd_service_stop(void *arg, struct control_request *request)
{
	act(arg, request, stop_one, false, AGENTD_GOAL_STOP);
}

void agentd_service_restart(void *arg, struct control_request *request)
{
	act(arg, request, restart_one, true, AGENTD_GOAL_RUN);
}

void agentd_service_check(void *arg, struct control_request *request)
{
	act(arg, request, check_one, false, AGENTD_GOAL_CHECK);
}
