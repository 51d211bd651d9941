/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Starting, in this order: configuration, key and identity; folders; the log and its thread; the
 * agent, which adopts what runs; the control socket; READY. Services start as soon as the zone
 * was read. */

#include "agentd/start.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agentd/loop.h"
#include "agentd/program.h"
#include "agentd/settings.h"
#include "agentd/table.h"
#include "agentd/wait.h"
#include "base/clock.h"
#include "control/agent_commands.h"
#include "control/server.h"
#include "process/limits.h"
#include "process/notify.h"
#include "process/privileges.h"
#include "process/report.h"

/* Services of other users find their own folders below these, and nothing else. */
enum { FOLDER_MODE = 0711, RUN_FOLDER_MODE = 0755 };

/* ---- what the agent calls ---- */

static void on_change(void *arg, const uint8_t *name)
{
	agentd_wait_touch(arg, name);
	agentd_loop_tidy(arg);
}

static void on_end(void *arg)
{
	struct agentd *d = arg;

	ev_break(d->loop, EVBREAK_ALL);
}

static void on_log(void *arg, enum base_log_level level, const char *about, const char *text)
{
	char quoted[2 * BASE_ERROR_TEXT_MAX];

	(void)arg;
	base_log(level, "agent", "notice name=%s text=%s", about,
		 base_log_quote(quoted, sizeof(quoted), text));
}

static const struct agent_events agent_calls = {
	.on_change = on_change,
	.on_end = on_end,
	.on_log = on_log,
};

/* ---- the steps ---- */

static int start_config(struct agentd *d)
{
	if (agentd_settings_load(&d->first, d->config_path, process_report, NULL) < 0)
		return -1;
	d->config = d->first;
	base_log_set_level((enum base_log_level)d->config->agent.log.level);
	return agentd_identity_find(&d->identity, d->config, process_report, NULL);
}

static int start_folders(struct agentd *d)
{
	const struct agentd_options *a = &d->config->agent;
	const struct {
		const char *path;
		mode_t mode;
	} folders[] = {{a->state_dir, FOLDER_MODE},
		       {a->run_dir, RUN_FOLDER_MODE},
		       {a->log_dir, FOLDER_MODE}};
	struct process_privileges p;
	struct base_error error;
	int ret;

	if (process_privileges_find(&p, NULL, &error) < 0)
		return process_report_error(&error);
	for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
		ret = folders[i].path == NULL
			      ? 0
			      : process_privileges_folder(&p, folders[i].path, folders[i].mode);
		if (ret < 0)
			return process_report_failure(folders[i].path, ret);
	}
	ret = process_privileges_folder_of(&p, a->control);
	return ret < 0 ? process_report_failure(a->control, ret) : 0;
}

static int start_log(struct agentd *d)
{
	int ret = base_log_open(d->config->agent.log.to);

	if (ret < 0)
		return process_report_failure(d->config->agent.log.to, ret);
	ret = base_log_start();
	return ret < 0 ? process_report_failure("cannot start the log", ret) : 0;
}

static int start_agent(struct agentd *d)
{
	struct agent_settings settings =
		agentd_identity_settings(&d->identity, d->first, d->config);
	struct base_error error;

	if (agent_new(&d->agent, d->loop, &settings, &agent_calls, d, &error) < 0)
		return process_report_error(&error);
	return 0;
}

/* The folder is ours. If the socket is not yet, a child of an agent that was killed has it, until
 * it becomes its program. */
static int control_open(struct agentd *d, const struct control_server_settings *settings)
{
	enum { TRIES_MAX = 50, WAIT_MS = 20 };
	int ret = -EADDRINUSE;

	for (unsigned i = 0; i < TRIES_MAX && ret == -EADDRINUSE; i++) {
		if (i > 0)
			poll(NULL, 0, WAIT_MS);
		ret = control_server_open(&d->control, d->loop, settings);
	}
	return ret;
}

static int start_control(struct agentd *d)
{
	const struct agentd_options *a = &d->config->agent;
	struct control_server_settings settings = {
		.path = a->control,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
		.commands = control_agent_commands,
		.run = agentd_table_run,
		.ncommands = CONTROL_AGENT_COMMANDS,
		.arg = d,
	};
	int ret = 0;

	if (a->control_group != NULL)
		ret = process_privileges_group(&settings.gid, a->control_group);
	if (ret < 0)
		return process_report_failure(a->control_group, ret);
	ret = control_open(d, &settings);
	if (ret == -ENOTSOCK)
		base_log(BASE_LOG_ERROR, "start",
			 "start-failed why=\"agent.control names a file that is not a socket and "
			 "is left alone\"");
	return ret < 0 ? process_report_failure(a->control, ret) : 0;
}

/* A core would have the node's key and the secrets of services. Services have a limit of their own.
 */
static void forbid_core(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_CORE, &l) < 0)
		return;
	l.rlim_cur = 0;
	setrlimit(RLIMIT_CORE, &l);
}

static void log_ready(struct agentd *d)
{
	struct agent_status status;
	char text[DNS_NAME_TEXT_MAX + 64];

	agent_get_status(d->agent, &status);
	base_log_set_fields(true);
	base_log(BASE_LOG_INFO, "start", "ready node=%s fabric=%s instances=%zu", d->identity.node,
		 d->identity.fabric, status.ninstances);
	snprintf(text, sizeof(text), "node %s, %zu instances", d->identity.node, status.ninstances);
	process_notify_ready(text);
}

int agentd_start(struct agentd *d, const char *config_path, char *const *argv)
{
	memset(d, 0, sizeof(*d));
	if (realpath(config_path, d->config_path) == NULL)
		snprintf(d->config_path, sizeof(d->config_path), "%s", config_path);
	d->argv = argv;
	d->started_s = base_clock_wall_s();
	LIST_INIT(&d->waits);
	if (readlink("/proc/self/exe", d->program, sizeof(d->program) - 1) < 0)
		d->program[0] = '\0';
	umask(027);
	signal(SIGPIPE, SIG_IGN);
	d->loop = ev_loop_new(EVFLAG_AUTO);
	if (d->loop == NULL)
		return process_report_failure("cannot start the event loop", -ENOMEM);
	if (start_config(d) < 0 || start_folders(d) < 0 || start_log(d) < 0)
		return -1;
	/* Each service has descriptors of its own here: of its process, its output, its
	 * registrations. */
	process_limits_raise_files();
	forbid_core();
	if (geteuid() != 0)
		base_log(BASE_LOG_WARNING, "start",
			 "not-root why=\"services with a user of their own cannot be started\"");
	if (start_agent(d) < 0 || start_control(d) < 0)
		return -1;
	agentd_loop_start(d);
	log_ready(d);
	return 0;
}

void agentd_start_undo(struct agentd *d)
{
	base_log_set_fields(false);
	agentd_wait_end(d);
	control_server_close(d->control);
	agent_free(d->agent);
	if (d->loop != NULL) {
		agentd_loop_stop(d);
		ev_loop_destroy(d->loop);
	}
	if (d->config != d->first)
		agentd_settings_free(d->config);
	agentd_settings_free(d->first);
	base_log_stop();
}

int agentd_start_again(struct agentd *d)
{
	if (d->end != AGENTD_END_UPGRADE)
		return 0;
	execv(d->program, d->argv);
	return process_report_failure(d->program, -errno);
}
