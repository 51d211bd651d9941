/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "fleet/check.h"

#include <stdio.h>

#include <jansson.h>

#include "base/clock.h"
#include "cli/cli.h"
#include "cli/fail.h"
#include "cli/output.h"
#include "control/agent_commands.h"
#include "fleet/agent.h"
#include "fleet/differ.h"
#include "fleet/join.h"
#include "fleet/zone.h"

enum {
	TRIES = 5,	/* before differences are shown */
	PAUSE_MS = 400, /* between them */
};

/* What is compared. */
struct check {
	const struct cli_options *options;
	struct fleet_zone zone;
	json_t *status, *services, *differences;
};

static void answers_drop(struct check *c)
{
	json_decref(c->services);
	json_decref(c->status);
	json_decref(c->differences);
	c->services = c->status = c->differences = NULL;
}

/* Asks the agent for its status, unless that is there already, and for its instances. Returns an
 * exit status. */
static int agent_ask(struct check *c)
{
	int status = CLI_OK;

	if (c->status == NULL)
		c->status = fleet_agent_ask(control_agent_commands[CONTROL_AGENT_STATUS].name,
					    c->options, 0, NULL, &status);
	if (c->status != NULL)
		c->services =
			fleet_agent_ask(control_agent_commands[CONTROL_AGENT_SERVICE_STATUS].name,
					c->options, 0, NULL, &status);
	return status;
}

/* Compares once. Returns an exit status: CLI_OK also with differences. */
static int compare(struct check *c)
{
	struct fleet_join j;
	int status = agent_ask(c);

	if (status == CLI_OK)
		status = fleet_zone_read(&c->zone);
	if (status != CLI_OK)
		return status;
	if (fleet_join_make(&j, c->zone.atlas) < 0)
		return cli_fail(c->options, CLI_FAILURE, "out of memory");
	c->differences = fleet_differ_find(&j, c->status, c->services);
	fleet_join_free(&j);
	return c->differences != NULL ? CLI_OK : cli_fail(c->options, CLI_FAILURE, "out of memory");
}

/* Compares until there is no difference, some times at most. */
static int compare_often(struct check *c)
{
	int status = compare(c);

	for (int i = 1; i < TRIES && status == CLI_OK && json_array_size(c->differences) > 0; i++) {
		answers_drop(c);
		fleet_zone_pause(&c->zone, base_clock_steady_us() / 1000 + PAUSE_MS);
		status = compare(c);
	}
	return status;
}

static int result_show(const struct check *c)
{
	const char *node = json_string_value(json_object_get(c->status, "node"));
	const json_t *instances = json_object_get(c->services, "instances"), *difference;
	size_t i, n = json_array_size(c->differences);
	json_t *whole;
	int status;

	if (c->options->is_json) {
		whole = json_pack(
			"{s:O, s:O, s:I, s:I, s:O}", "node", json_object_get(c->status, "node"),
			"zone", json_object_get(c->status, "zone"), "serial",
			(json_int_t)atlas_serial(c->zone.atlas), "instances",
			(json_int_t)json_array_size(instances), "differences", c->differences);
		status = cli_output_result(c->options, whole);
		json_decref(whole);
		return n > 0 ? CLI_FAILURE : status;
	}
	json_array_foreach(c->differences, i, difference)
		printf("%s: %s\n", json_string_value(json_object_get(difference, "of")),
		       json_string_value(json_object_get(difference, "what")));
	if (n == 0 && !c->options->is_quiet)
		printf("%s: %zu instance%s, all as in the zone\n", node != NULL ? node : "?",
		       json_array_size(instances), json_array_size(instances) == 1 ? "" : "s");
	return fflush(stdout) == 0 && n == 0 ? CLI_OK : CLI_FAILURE;
}

int fleet_check_run(const struct cli_command *command, const struct cli_options *options, int nargs,
		    char **args)
{
	struct check c = {.options = options};
	struct cli_options of_zone = *options;
	const char *zone;
	int status = CLI_OK;

	(void)command;
	(void)nargs;
	(void)args;
	c.status = fleet_agent_ask(control_agent_commands[CONTROL_AGENT_STATUS].name, options, 0,
				   NULL, &status);
	if (c.status == NULL)
		return status;
	zone = json_string_value(json_object_get(c.status, "zone"));
	of_zone.config = NULL; /* -c is the agent's */
	status = fleet_zone_open(&c.zone, &of_zone,
				 options->domain != NULL ? options->domain : zone);
	if (status == CLI_OK) {
		status = compare_often(&c);
		if (status == CLI_OK)
			status = result_show(&c);
		fleet_zone_close(&c.zone);
	}
	answers_drop(&c);
	return status;
}
