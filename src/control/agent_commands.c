/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "control/agent_commands.h"

enum { MANY = CONTROL_ARGS_MANY };

const struct control_command control_agent_commands[CONTROL_AGENT_COMMANDS] = {
	[CONTROL_AGENT_STATUS] = {"agent status", "", "show the agent's node and its registries", 0,
				  0},
	[CONTROL_AGENT_RELOAD] = {"agent reload", "",
				  "reload the agent's configuration, as SIGHUP does", 0, 0},
	[CONTROL_AGENT_STOP] = {"agent stop", "", "stop the node's services, then the agent", 0, 0},
	[CONTROL_AGENT_LEAVE] = {"agent leave", "",
				 "stop the agent, and leave its services running", 0, 0},
	[CONTROL_AGENT_UPGRADE] = {"agent upgrade", "",
				   "run the agent's installed program in its place", 0, 0},
	[CONTROL_AGENT_LOG] = {"agent log", "LEVEL",
			       "set the agent's log level: error, warning, info or debug", 1, 1},
	[CONTROL_AGENT_SERVICE_STATUS] = {"service status", "[INSTANCE...]",
					  "show the instances that the agent runs", 0, MANY},
	[CONTROL_AGENT_SERVICE_START] = {"service start", "INSTANCE...",
					 "start instances that were stopped", 1, MANY},
	[CONTROL_AGENT_SERVICE_STOP] = {"service stop", "INSTANCE...",
					"stop instances until they are started", 1, MANY},
	[CONTROL_AGENT_SERVICE_RESTART] = {"service restart", "INSTANCE[@INC]...",
					   "restart instances", 1, MANY},
	[CONTROL_AGENT_SERVICE_CHECK] = {"service check", "INSTANCE...", "check instances now", 1,
					 MANY},
	[CONTROL_AGENT_SERVICE_LOG] = {"service log", "INSTANCE [LINES] [follow]",
				       "show the output of an instance", 1, 3},
};
