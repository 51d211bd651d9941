/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Loading goes through these steps: the name, the file, meta-data, the parameters against that,
 * validate-all. Actions run with a clean environment: what an agent of the API may expect, and its
 * parameters. */

#include "ocf/agent.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "child/command.h"
#include "child/task.h"
#include "ocf/metadata.h"
#include "ocf/status.h"
#include "supervise/check.h"
#include "supervise/machine.h"

enum {
	PATH_BYTES = 512,
	TIMEOUT_MS = 20000,
	INTERVAL_MS = 10000,
	NAME_BYTES = 128,
	OWN_VARIABLES = 10,
};

enum action {
	ACTION_START,
	ACTION_STOP,
	ACTION_MONITOR,
	ACTION_META_DATA,
	ACTION_VALIDATE,
	NACTIONS
};

static const char path[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

static const char *const action_names[] = {"start", "stop", "monitor", "meta-data", "validate-all"};

struct ocf_agent {
	struct child_reaper *reaper;
	char provider[NAME_BYTES], type[NAME_BYTES], path[PATH_BYTES];
	char *root, *instance;
	char **environment; /* of all actions, NULL-terminated */
	size_t nvariables;
	const char *argv[NACTIONS][3];
	struct child_command commands[NACTIONS];
	uint32_t timeout_ms, interval_ms;
	struct ocf_metadata metadata;
	struct supervise_machine_settings machine;
	struct supervise_check_settings check;
	struct child_task *task;
	enum action loading;
	ocf_agent_fn on_loaded;
	void *arg;
	size_t nparameters;
	char **parameters; /* their names, to be compared with the meta-data */
};

/* ---- the name ---- */

static bool is_word(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)text[i]) && strchr("-_.", text[i]) == NULL)
			return false;
	return n > 0 && n < NAME_BYTES && text[0] != '.';
}

static int name_parse(struct ocf_agent *agent, const char *name, struct base_error *error)
{
	const char *at = strncmp(name, "ocf:", 4) == 0 ? name + 4 : name;
	const char *colon = strchr(at, ':');

	if (colon == NULL || !is_word(at, (size_t)(colon - at)) ||
	    !is_word(colon + 1, strlen(colon + 1)))
		return base_error_set(error, -EINVAL,
				      "\"%.100s\" is not PROVIDER:AGENT, as heartbeat:apache is",
				      name);
	snprintf(agent->provider, sizeof(agent->provider), "%.*s", (int)(colon - at), at);
	snprintf(agent->type, sizeof(agent->type), "%s", colon + 1);
	return 0;
}

static int file_find(struct ocf_agent *agent, const char *root, struct base_error *error)
{
	if (snprintf(agent->path, sizeof(agent->path), "%s/resource.d/%s/%s", root, agent->provider,
		     agent->type) >= PATH_BYTES)
		return base_error_set(error, -ENAMETOOLONG, "%s: too long", root);
	if (access(agent->path, X_OK) < 0)
		return base_error_set(error, -errno, "agent %s:%s: %s: %s", agent->provider,
				      agent->type, agent->path, strerror(errno));
	return 0;
}

/* ---- the environment ---- */

__attribute__((format(printf, 2, 3))) static int variable_add(struct ocf_agent *agent,
							      const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vasprintf(&agent->environment[agent->nvariables], format, args);
	va_end(args);
	if (n < 0) {
		agent->environment[agent->nvariables] = NULL;
		return -ENOMEM;
	}
	agent->nvariables++;
	return 0;
}

/* A parameter's name becomes part of a variable's. */
static bool is_parameter_name(const char *name)
{
	size_t n = 0;

	for (; name[n] != '\0'; n++)
		if (!isalnum((unsigned char)name[n]) && strchr("_-", name[n]) == NULL)
			return false;
	return n > 0 && n < NAME_BYTES;
}

static int parameters_add(struct ocf_agent *agent, const struct ocf_agent_settings *settings,
			  struct base_error *error)
{
	agent->parameters = calloc(settings->nparameters + 1, sizeof(*agent->parameters));
	if (agent->parameters == NULL)
		return base_error_set(error, -ENOMEM, "out of memory");
	for (size_t i = 0; i < settings->nparameters; i++) {
		const struct ocf_agent_parameter *one = &settings->parameters[i];

		if (!is_parameter_name(one->name))
			return base_error_set(error, -EINVAL, "\"%.50s\" is not a parameter's name",
					      one->name);
		agent->parameters[i] = strdup(one->name);
		if (agent->parameters[i] == NULL ||
		    variable_add(agent, "OCF_RESKEY_%s=%s", one->name, one->value) < 0)
			return base_error_set(error, -ENOMEM, "out of memory");
		agent->nparameters++;
	}
	return 0;
}

/* Adds the variables of the API, and those of the caller. */
static int own_add(struct ocf_agent *agent, const char *const *environment)
{
	bool has_path = false, is_ok;

	for (size_t i = 0; environment != NULL && environment[i] != NULL; i++)
		has_path = has_path || strncmp(environment[i], "PATH=", 5) == 0;
	is_ok = variable_add(agent, "OCF_ROOT=%s", agent->root) == 0 &&
		variable_add(agent, "OCF_RA_VERSION_MAJOR=1") == 0 &&
		variable_add(agent, "OCF_RA_VERSION_MINOR=1") == 0 &&
		variable_add(agent, "OCF_RESOURCE_INSTANCE=%s", agent->instance) == 0 &&
		variable_add(agent, "OCF_RESOURCE_TYPE=%s", agent->type) == 0 &&
		variable_add(agent, "OCF_RESOURCE_PROVIDER=%s", agent->provider) == 0 &&
		variable_add(agent, "LC_ALL=C") == 0 &&
		(has_path || variable_add(agent, "PATH=%s", path) == 0);
	for (size_t i = 0; is_ok && environment != NULL && environment[i] != NULL; i++)
		is_ok = variable_add(agent, "%s", environment[i]) == 0;
	return is_ok ? 0 : -ENOMEM;
}

static size_t count_of(const char *const *environment)
{
	size_t n = 0;

	while (environment != NULL && environment[n] != NULL)
		n++;
	return n;
}

static void environment_free(char **environment, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(environment[i]);
	free(environment);
}

static int environment_make(struct ocf_agent *agent, const struct ocf_agent_settings *settings,
			    struct base_error *error)
{
	agent->environment =
		calloc(OWN_VARIABLES + settings->nparameters + count_of(settings->environment) + 1,
		       sizeof(*agent->environment));
	if (agent->environment == NULL || own_add(agent, settings->environment) < 0)
		return base_error_set(error, -ENOMEM, "out of memory");
	return parameters_add(agent, settings, error);
}

static void commands_make(struct ocf_agent *agent)
{
	for (int i = 0; i < NACTIONS; i++) {
		agent->argv[i][0] = agent->path;
		agent->argv[i][1] = action_names[i];
		agent->commands[i] = (struct child_command){
			.argv = agent->argv[i],
			.environment = (const char *const *)(uintptr_t)agent->environment,
			.umask = 022,
		};
	}
}

/* ---- loading ---- */

static void loaded(struct ocf_agent *agent, const struct base_error *error)
{
	agent->on_loaded(agent->arg, agent, error);
}

static struct supervise_machine_action action_make(const struct ocf_agent *agent, enum action i)
{
	const struct ocf_action *action = ocf_metadata_action(&agent->metadata, action_names[i]);
	uint32_t timeout_ms = action != NULL ? action->timeout_ms : 0;

	return (struct supervise_machine_action){
		.command = &agent->commands[i],
		.timeout_ms = timeout_ms != 0 ? timeout_ms : agent->timeout_ms,
	};
}

static void settings_make(struct ocf_agent *agent)
{
	const struct ocf_action *monitor = ocf_metadata_action(&agent->metadata, "monitor");

	agent->machine.start = action_make(agent, ACTION_START);
	agent->machine.stop = action_make(agent, ACTION_STOP);
	agent->machine.check = action_make(agent, ACTION_MONITOR);
	agent->machine.judge = ocf_status_found;
	agent->machine.is_final = ocf_status_is_final;
	agent->machine.explain = ocf_status_explain;
	agent->check.kind = SUPERVISE_CHECK_EXEC;
	agent->check.command = &agent->commands[ACTION_MONITOR];
	agent->check.judge = ocf_status_judge;
	agent->check.timeout_ms = agent->machine.check.timeout_ms;
	agent->check.interval_ms = agent->interval_ms;
	if (agent->check.interval_ms == 0)
		agent->check.interval_ms =
			monitor->interval_ms != 0 ? monitor->interval_ms : INTERVAL_MS;
	agent->check.rise = agent->check.fall = 1;
}

/* Compares what the agent can do and takes with what is wanted. */
static int metadata_check(struct ocf_agent *agent, struct base_error *error)
{
	for (int i = ACTION_START; i <= ACTION_MONITOR; i++)
		if (ocf_metadata_action(&agent->metadata, action_names[i]) == NULL)
			return base_error_set(error, -ENOTSUP,
					      "violates the OCF API: has no action %s",
					      action_names[i]);
	for (size_t i = 0; i < agent->nparameters; i++)
		if (ocf_metadata_parameter(&agent->metadata, agent->parameters[i]) == NULL)
			return base_error_set(error, -EINVAL, "has no parameter %s",
					      agent->parameters[i]);
	for (size_t i = 0; i < agent->metadata.nparameters; i++) {
		const struct ocf_parameter *one = &agent->metadata.parameters[i];
		bool is_given = one->default_value != NULL || !one->is_required;

		for (size_t k = 0; k < agent->nparameters && !is_given; k++)
			is_given = strcmp(agent->parameters[k], one->name) == 0;
		if (!is_given)
			return base_error_set(error, -EINVAL, "needs the parameter %s", one->name);
	}
	return 0;
}

/* Takes the meta-data. Returns 1 if the agent cannot validate, 0 if it can, or a negative errno
 * with `error` filled in. */
static int metadata_take(struct ocf_agent *agent, const struct child_task_result *result,
			 struct base_error *error)
{
	const char *xml = strstr(result->output, "<?xml");
	int ret;

	if (xml == NULL)
		xml = strchr(result->output, '<');
	if (xml == NULL)
		return base_error_set(error, -EINVAL, "violates the OCF API: meta-data is not XML");
	ret = ocf_metadata_parse(&agent->metadata, xml,
				 result->noutput - (size_t)(xml - result->output), error);
	if (ret == 0)
		ret = metadata_check(agent, error);
	if (ret < 0)
		return ret;
	settings_make(agent);
	return ocf_metadata_action(&agent->metadata, action_names[ACTION_VALIDATE]) == NULL;
}

/* Puts the agent's name before what went wrong. */
static void fail(struct ocf_agent *agent, int code, const char *text)
{
	struct base_error error;

	base_error_set(&error, code, "agent %s:%s: %.600s", agent->provider, agent->type, text);
	loaded(agent, &error);
}

static void on_task(void *arg, const struct child_task_result *result);

static int step_start(struct ocf_agent *agent, enum action action, struct base_error *error)
{
	struct child_task_settings task = {
		.command = &agent->commands[action],
		.output = -1,
		.timeout_ms = action_make(agent, action).timeout_ms,
	};

	agent->loading = action;
	return child_task_start(&agent->task, agent->reaper, &task, on_task, agent, error);
}

static void on_task(void *arg, const struct child_task_result *result)
{
	struct ocf_agent *agent = arg;
	bool has_status = result->how == CHILD_TASK_ENDED && result->exit.how == CHILD_EXIT_STATUS;
	int status = has_status ? result->exit.value : -1, ret;
	struct base_error error;
	char text[700];

	agent->task = NULL;
	if (status != OCF_SUCCESS) {
		if (has_status)
			ocf_status_explain(text, sizeof(text), action_names[agent->loading],
					   result);
		else
			snprintf(text, sizeof(text), "%s: %s", action_names[agent->loading],
				 result->reason);
		fail(agent, ocf_status_is_hard(status) ? -EINVAL : -EIO, text);
		return;
	}
	if (agent->loading == ACTION_VALIDATE) {
		loaded(agent, NULL);
		return;
	}
	ret = metadata_take(agent, result, &error);
	if (ret == 0)
		ret = step_start(agent, ACTION_VALIDATE, &error);
	if (ret < 0)
		fail(agent, ret, error.text);
	else if (ret == 1)
		loaded(agent, NULL);
}

int ocf_agent_load(struct ocf_agent **out, struct child_reaper *reaper,
		   const struct ocf_agent_settings *settings, ocf_agent_fn on_loaded, void *arg,
		   struct base_error *error)
{
	const char *root = settings->root != NULL ? settings->root : "/usr/lib/ocf";
	struct ocf_agent *agent = calloc(1, sizeof(*agent));
	int ret;

	if (agent == NULL)
		return base_error_set(error, -ENOMEM, "out of memory");
	agent->reaper = reaper;
	agent->root = strdup(root);
	agent->instance = strdup(settings->instance);
	agent->on_loaded = on_loaded;
	agent->arg = arg;
	agent->timeout_ms = settings->timeout_ms != 0 ? settings->timeout_ms : TIMEOUT_MS;
	agent->interval_ms = settings->interval_ms;
	ret = agent->root != NULL && agent->instance != NULL
		      ? name_parse(agent, settings->name, error)
		      : base_error_set(error, -ENOMEM, "out of memory");
	if (ret == 0)
		ret = file_find(agent, root, error);
	if (ret == 0)
		ret = environment_make(agent, settings, error);
	if (ret == 0) {
		commands_make(agent);
		ret = step_start(agent, ACTION_META_DATA, error);
	}
	if (ret < 0)
		ocf_agent_free(agent);
	else
		*out = agent;
	return ret;
}

int ocf_agent_refresh(struct ocf_agent *agent, const char *const *environment)
{
	char **before = agent->environment;
	size_t nbefore = agent->nvariables, nown;

	agent->environment = calloc(OWN_VARIABLES + agent->nparameters + count_of(environment) + 1,
				    sizeof(*agent->environment));
	agent->nvariables = 0;
	if (agent->environment == NULL || own_add(agent, environment) < 0) {
		environment_free(agent->environment, agent->nvariables);
		agent->environment = before;
		agent->nvariables = nbefore;
		return -ENOMEM;
	}
	/* The parameters are the last ones: they move. */
	nown = nbefore - agent->nparameters;
	memcpy(agent->environment + agent->nvariables, before + nown,
	       agent->nparameters * sizeof(*before));
	agent->nvariables += agent->nparameters;
	environment_free(before, nown);
	for (int i = 0; i < NACTIONS; i++)
		agent->commands[i].environment = (const char *const *)(uintptr_t)agent->environment;
	return 0;
}

void ocf_agent_cut(struct ocf_agent *agent)
{
	if (agent->task != NULL)
		child_task_cut(agent->task);
}

void ocf_agent_free(struct ocf_agent *agent)
{
	if (agent == NULL)
		return;
	child_task_close(agent->task);
	ocf_metadata_fini(&agent->metadata);
	environment_free(agent->environment, agent->nvariables);
	for (size_t i = 0; agent->parameters != NULL && agent->parameters[i] != NULL; i++)
		free(agent->parameters[i]);
	free(agent->parameters);
	free(agent->root);
	free(agent->instance);
	free(agent);
}

const struct ocf_metadata *ocf_agent_metadata(const struct ocf_agent *agent)
{
	return &agent->metadata;
}

const struct supervise_machine_settings *ocf_agent_machine(const struct ocf_agent *agent)
{
	return &agent->machine;
}

const struct supervise_check_settings *ocf_agent_check(const struct ocf_agent *agent)
{
	return &agent->check;
}
