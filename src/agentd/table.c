/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agentd/table.h"

#include <stdio.h>
#include <string.h>

#include "agentd/loop.h"
#include "agentd/output.h"
#include "agentd/program.h"
#include "agentd/reload.h"
#include "agentd/service.h"
#include "agentd/view.h"
#include "base/log.h"
#include "control/log.h"

enum { PROBLEMS_MAX = 8192 }; /* bytes of a reload's problems */

static void run_status(void *arg, struct control_request *request)
{
	agentd_view_answer(request, agentd_view_agent(arg));
}

/* ---- reload ---- */

struct reloading {
	json_t *changed, *restart;
	char problems[PROBLEMS_MAX];
};

static void on_option(void *arg, const char *option, bool needs_restart)
{
	struct reloading *r = arg;

	json_array_append_new(needs_restart ? r->restart : r->changed, json_string(option));
}

static void report(void *arg, enum base_log_level level, const struct base_error *error)
{
	struct reloading *r = arg;
	size_t n = strlen(r->problems);
	char line[16] = "";

	(void)level;
	if (error->at.line > 0)
		snprintf(line, sizeof(line), "%u:", error->at.line);
	snprintf(r->problems + n, sizeof(r->problems) - n, "%s%s:%s %s", n > 0 ? "\n" : "",
		 error->at.file, line, error->text);
}

static void run_reload(void *arg, struct control_request *request)
{
	struct reloading r = {.changed = json_array(), .restart = json_array()};
	const struct agentd_reload_calls calls = {
		.on_option = on_option, .report = report, .arg = &r};
	int ret = agentd_reload(arg, &calls);

	if (ret == 0)
		control_request_answer(request, json_pack("{s:O, s:O}", "changed", r.changed,
							  "restart", r.restart));
	else
		control_request_fail(request, "%s",
				     r.problems[0] != '\0' ? r.problems : strerror(-ret));
	json_decref(r.changed);
	json_decref(r.restart);
}

/* ---- the end ---- */

static void end(struct agentd *d, struct control_request *request, enum agentd_end how)
{
	struct base_error error;

	if (agentd_loop_end(d, how, &error) < 0)
		control_request_fail(request, "%s", error.text);
	else
		control_request_answer(request, json_null());
}

static void run_stop(void *arg, struct control_request *request)
{
	end(arg, request, AGENTD_END_STOP);
}

static void run_leave(void *arg, struct control_request *request)
{
	end(arg, request, AGENTD_END_LEAVE);
}

static void run_upgrade(void *arg, struct control_request *request)
{
	end(arg, request, AGENTD_END_UPGRADE);
}

const control_run_fn agentd_table_run[CONTROL_AGENT_COMMANDS] = {
	[CONTROL_AGENT_STATUS] = run_status,
	[CONTROL_AGENT_RELOAD] = run_reload,
	[CONTROL_AGENT_STOP] = run_stop,
	[CONTROL_AGENT_LEAVE] = run_leave,
	[CONTROL_AGENT_UPGRADE] = run_upgrade,
	[CONTROL_AGENT_LOG] = control_log_run,
	[CONTROL_AGENT_SERVICE_STATUS] = agentd_service_status,
	[CONTROL_AGENT_SERVICE_START] = agentd_service_start,
	[CONTROL_AGENT_SERVICE_STOP] = agentd_service_stop,
	[CONTROL_AGENT_SERVICE_RESTART] = agentd_service_restart,
	[CONTROL_AGENT_SERVICE_CHECK] = agentd_service_check,
	[CONTROL_AGENT_SERVICE_LOG] = agentd_output_show,
};
