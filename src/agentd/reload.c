/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Options with CONF_RESTART are compared with those of the start, which remain in force, so that
 * each reload names them until the program is started again; all others with those of the last
 * reload. */

#include "agentd/reload.h"

#include <errno.h>
#include <string.h>

#include "agent/agent.h"
#include "agentd/settings.h"
#include "base/log.h"
#include "process/notify.h"
#include "process/report.h"

struct reload {
	const struct agentd_reload_calls *calls;
	unsigned nproblems;
};

static void report(void *arg, enum base_log_level level, const struct base_error *error)
{
	struct reload *r = arg;

	process_report(NULL, level, error);
	r->nproblems += level == BASE_LOG_ERROR;
	if (r->calls != NULL && r->calls->report != NULL)
		r->calls->report(r->calls->arg, level, error);
}

static void option_changed(const struct reload *r, const char *option, bool needs_restart)
{
	if (needs_restart)
		base_log(BASE_LOG_WARNING, "config", "restart-needed option=%s", option);
	else
		base_log(BASE_LOG_INFO, "config", "changed option=%s", option);
	if (r->calls != NULL && r->calls->on_option != NULL)
		r->calls->on_option(r->calls->arg, option, needs_restart);
}

static void on_difference_to_first(void *arg, const char *option, bool needs_restart)
{
	if (needs_restart)
		option_changed(arg, option, true);
}

static void on_difference(void *arg, const char *option, bool needs_restart)
{
	if (!needs_restart)
		option_changed(arg, option, false);
}

/* Opens the log; a target that cannot be opened is a problem of the configuration. */
static int log_open(struct reload *r, const struct agentd_settings *now,
		    const struct agentd_settings *next)
{
	struct base_error error;
	bool is_same = strcmp(now->agent.log.to, next->agent.log.to) == 0;
	int ret = is_same ? base_log_reopen() : base_log_open(next->agent.log.to);

	if (ret == 0)
		return 0;
	base_error_set_at(&error, ret, (struct base_location){next->path, 0}, "log.to: %s: %s",
			  next->agent.log.to, strerror(-ret));
	report(r, BASE_LOG_ERROR, &error);
	return ret;
}

/* Has the agent take the settings. */
static int apply(struct agentd *d, struct reload *r, const struct agentd_settings *next)
{
	struct agent_settings settings = agentd_identity_settings(&d->identity, d->first, next);
	struct base_error error;
	int ret = agent_reload(d->agent, &settings, &error);

	if (ret < 0) {
		error.at = (struct base_location){next->path, 0};
		report(r, BASE_LOG_ERROR, &error);
	}
	return ret;
}

static int reload(struct agentd *d, struct reload *r)
{
	struct agentd_settings *next;
	int ret = agentd_settings_load(&next, d->config_path, report, r);

	if (ret < 0)
		return ret;
	ret = log_open(r, d->config, next);
	if (ret == 0)
		ret = apply(d, r, next);
	if (ret < 0) {
		agentd_settings_free(next);
		return ret;
	}
	base_log_set_level((enum base_log_level)next->agent.log.level);
	agentd_settings_compare(d->first, next, on_difference_to_first, r);
	agentd_settings_compare(d->config, next, on_difference, r);
	if (d->config != d->first)
		agentd_settings_free(d->config);
	d->config = next;
	return 0;
}

int agentd_reload(struct agentd *d, const struct agentd_reload_calls *calls)
{
	struct reload r = {.calls = calls};
	int ret;

	if (d->end != AGENTD_END_NOT)
		return -EALREADY;
	process_notify_reloading();
	ret = reload(d, &r);
	if (ret == 0)
		base_log(BASE_LOG_INFO, "config", "reloaded");
	else
		base_log(BASE_LOG_ERROR, "config", "not-reloaded problems=%u", r.nproblems);
	process_notify_ready(NULL);
	return ret;
}
