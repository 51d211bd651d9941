/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* ocf/agent.h - a resource of an OCF resource agent (API 1.1), `PROVIDER:AGENT`, as the settings of
 * a unit: a supervise/machine.h that runs the agent's actions, and a check that is its monitor.
 *
 * The agent is ROOT/resource.d/PROVIDER/AGENT, with ROOT /usr/lib/ocf unless the caller has
 * another. First it is loaded: its meta-data and validate-all are run, in the loop. Thread of the
 * loop. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct base_error;
struct child_reaper;
struct ocf_agent;
struct ocf_metadata;
struct supervise_check_settings;
struct supervise_machine_settings;

struct ocf_agent_parameter {
	const char *name, *value;
};

/* All is borrowed during ocf_agent_load(). */
struct ocf_agent_settings {
	const char *name;			      /* PROVIDER:AGENT, or ocf:PROVIDER:AGENT */
	const char *instance;			      /* OCF_RESOURCE_INSTANCE */
	const char *root;			      /* OCF_ROOT; NULL: /usr/lib/ocf */
	const struct ocf_agent_parameter *parameters; /* become OCF_RESKEY_* */
	size_t nparameters;
	/* Added to that of its actions, "NAME=value"; a PATH replaces theirs. NULL: none */
	const char *const *environment;
	uint32_t timeout_ms;  /* of actions that name none; 0: 20 s */
	uint32_t interval_ms; /* of monitor; 0: the agent's, else 10 s */
};

/* Called once: `error` NULL, or why the agent cannot be used. Until it is called the agent must not
 * be used; it may be freed in the call. */
typedef void (*ocf_agent_fn)(void *arg, struct ocf_agent *agent, const struct base_error *error);

/* Checks name and parameters' names, and begins to load: meta-data, in which all parameters and the
 * actions start, stop and monitor must be; then validate-all, if it has that. Returns 0, or a
 * negative errno with `error` filled in: -EINVAL for a name, -ENOENT if there is no such agent. */
int ocf_agent_load(struct ocf_agent **out, struct child_reaper *reaper,
		   const struct ocf_agent_settings *settings, ocf_agent_fn on_loaded, void *arg,
		   struct base_error *error);

/* Runs the agent's actions with another environment from now on, in addition to its own variables
 * and the parameters, as in the settings. Returns 0, or -ENOMEM with nothing changed. */
int ocf_agent_refresh(struct ocf_agent *agent, const char *const *environment);

/* Kills the action by which it is being loaded, if there is one: it has failed then. */
void ocf_agent_cut(struct ocf_agent *agent);

/* Frees it, also while it is being loaded, without a call. NULL is fine. */
void ocf_agent_free(struct ocf_agent *agent);

/* Return what the agent has written about itself, and the settings for a unit; borrowed until the
 * agent is freed. In the settings `name` and `output` are unset. */
const struct ocf_metadata *ocf_agent_metadata(const struct ocf_agent *agent);
const struct supervise_machine_settings *ocf_agent_machine(const struct ocf_agent *agent);
const struct supervise_check_settings *ocf_agent_check(const struct ocf_agent *agent);
