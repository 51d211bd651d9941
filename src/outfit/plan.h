/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* outfit/plan.h - a declaration as the settings of a unit, its runner and its check, with the
 * commands to which they point.
 *
 * The settings depend on the declaration alone; environment and words of the commands on what is
 * known of the instance, too: outfit_plan_refresh() replaces these in place, between two processes.
 * It opens no unit. Within the room only. Thread of the loop. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "child/command.h"
#include "outfit/environment.h"
#include "spec/service.h"
#include "spec/version.h"
#include "supervise/check.h"
#include "supervise/machine.h"
#include "supervise/service.h"
#include "supervise/socket.h"
#include "supervise/unit.h"

struct base_error;
struct ocf_agent;
struct outfit_facts;
struct outfit_node;
struct supervise_system;

enum outfit_command {
	OUTFIT_COMMAND_RUN,
	OUTFIT_COMMAND_CHECK, /* check.exec */
	OUTFIT_COMMAND_START, /* of a machine, as those that follow */
	OUTFIT_COMMAND_STOP,
	OUTFIT_COMMAND_LOOK,
	OUTFIT_COMMAND_RECYCLE,
	OUTFIT_NCOMMANDS,
};

struct outfit_plan {
	const struct outfit_node *node;
	const struct spec_service *s; /* a copy */
	enum spec_form form;
	char version[SPEC_VER_MAX];
	const char *name;	     /* of unit, folder and log */
	const char *folder;	     /* the instance's own */
	const char *parameters_file; /* its path */
	struct child_user user;
	bool has_user;
	uint32_t port;		 /* 0: none. By outfit_plan_port() */
	struct base_arena arena; /* of all that is above, and the settings */

	struct supervise_unit_settings unit;
	struct supervise_check_settings check;
	struct supervise_service_settings service; /* SPEC_FORM_RUN */
	struct supervise_machine_settings machine; /* the other forms */
	struct supervise_socket_settings socket;
	struct child_limit limits[2];
	struct child_command commands[OUTFIT_NCOMMANDS];
	struct child_command *prepare;
	struct supervise_system *system; /* SPEC_FORM_UNIT */
	struct ocf_agent *agent;	 /* SPEC_FORM_OCF; loaded by the owner */

	struct outfit_environment environment; /* of outfit_plan_refresh() */
};

/* Makes a plan, without its environment. Finds the user, and systemd. Returns 0, or a negative
 * errno with `error` filled in. `node` is borrowed until the plan is freed; the service is
 * copied. */
int outfit_plan_new(struct outfit_plan **out, const struct outfit_node *node, const char *label,
		    const struct spec_service *s, struct base_error *error);

/* NULL is fine. */
void outfit_plan_free(struct outfit_plan *plan);

/* Sets the port in use, and where checks connect to. */
void outfit_plan_port(struct outfit_plan *plan, uint32_t port, const struct outfit_facts *facts);

/* Makes environment and words of all commands. With `is_lenient` a secret that cannot be read is
 * left out: for what runs already. Returns 0, or a negative errno with `error` filled in and
 * nothing changed. */
int outfit_plan_refresh(struct outfit_plan *plan, const struct outfit_facts *facts, bool is_lenient,
			struct base_error *error);

/* Makes folder and parameters' file. Returns 0, or a negative errno with `error` filled in. */
int outfit_plan_furnish(const struct outfit_plan *plan, struct base_error *error);

/* Makes an environment for another command of the instance. Returns 0, or a negative errno with
 * `error` filled in. */
int outfit_plan_environment(struct outfit_environment *out, const struct outfit_plan *plan,
			    const struct outfit_facts *facts, bool is_lenient,
			    struct base_error *error);

/* Makes such a command, with user and folder of the instance; it lives in the environment. Returns
 * 0 or -ENOMEM. */
int outfit_plan_command(struct child_command *out, const struct outfit_plan *plan,
			struct outfit_environment *environment, const struct spec_words *words);

/* Takes the settings of a resource agent that was loaded. */
void outfit_plan_take_agent(struct outfit_plan *plan);
