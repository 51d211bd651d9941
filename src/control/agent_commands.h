/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* control/agent_commands.h - the commands that weft-agentd answers on its control socket.
 *
 * weft-agentd adds a function to each row, weft(1) how the command is sent. INSTANCE is a label
 * (`web-1`), the label with its type (`web-1._http._tcp`), or the whole name; a label that several
 * instances of the node have is an error that lists them. Errors are lines that name the next step.
 * The table does not know what a command does. Constant: any thread.
 *
 * Results; what is not known or not there is null:
 *
 *   agent status   {"node", "zone", "version", "pid", "started" (UNIX time), "state" ("starting",
 *                  "up", "leaving"), "boot", "age", "addresses": [TEXT], "registered" (the node
 *                  is), "error" (why not), "current" (the zone was read), "instances": N,
 *                  "states": {STATE: N}, "events-waiting": N, "pushed" (changes are to the agent),
 *                  "push-registry" (by which one), "push-error" (why they are not)}
 *   agent reload   {"changed": [OPTION], "restart": [OPTION]}: what is in force at once, and
 *                  what at the next start only
 *   agent stop, agent leave, agent upgrade, agent log
 *                  null
 *   service status, start, stop, restart, check
 *                  {"node", "zone", "instances": [{"instance" (as text, without final dot),
 *                  "label", "type", "state", "cause", "reason", "health", "status" (that the
 *                  service has reported of itself), "pid" (0: none), "inc", "id", "port", "cfg",
 *                  "ver", "restarts", "started" (UNIX time), "wait" (seconds until the next
 *                  start), "wanted" (to run: else it was stopped), "registered", "name"
 *                  (resource), "resources": [TEXT], "uses": [{"name", "address"}], "folder",
 *                  "log"}]}
 *   service log    {"instance", "log" (path), "lines": [TEXT]}, octets that are not UTF-8
 *                  replaced; with `follow` null, and then raw lines without an end, the last
 *                  LINES of them first
 *
 * service start and restart answer when the instances are up or have failed, stop when they have
 * stopped, check after one check. The state of each is in the result: an error is only what could
 * not be asked. INSTANCE@INC restarts the instance if it still has this incarnation: with another
 * one somebody else was faster, nothing is done, and the result is as after a restart. */
#pragma once

#include "control/command.h"

/* The path of the agent's socket unless agent.control in its configuration has another one. */
#define CONTROL_AGENT_SOCKET WEFT_RUNDIR "/agent.sock"

enum {
	CONTROL_AGENT_LOG_LINES = 20,	     /* of `service log` without LINES */
	CONTROL_AGENT_LOG_LINES_MAX = 10000, /* more are not given */
};

/* The commands, in the order in which help lists them. */
enum control_agent {
	CONTROL_AGENT_STATUS,
	CONTROL_AGENT_RELOAD,
	CONTROL_AGENT_STOP,
	CONTROL_AGENT_LEAVE,
	CONTROL_AGENT_UPGRADE,
	CONTROL_AGENT_LOG,
	CONTROL_AGENT_SERVICE_STATUS,
	CONTROL_AGENT_SERVICE_START,
	CONTROL_AGENT_SERVICE_STOP,
	CONTROL_AGENT_SERVICE_RESTART,
	CONTROL_AGENT_SERVICE_CHECK,
	CONTROL_AGENT_SERVICE_LOG,
	CONTROL_AGENT_COMMANDS /* how many there are */
};

/* What each command is called, takes and does; the index is its enum control_agent. */
extern const struct control_command control_agent_commands[CONTROL_AGENT_COMMANDS];
