/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* control/commands.h - the commands that weftd answers on its control socket.
 *
 * weftd adds a function to each row, weft(1) how the command is sent. The table does not know what
 * a command does. Constant: any thread. */
#pragma once

#include "control/command.h"

/* The path of weftd's socket unless server.control in its configuration has another one. */
#define CONTROL_SOCKET WEFT_RUNDIR "/weftd.sock"

/* The commands, in the order in which help lists them. */
enum control_weftd {
	CONTROL_STATUS,
	CONTROL_STATS,
	CONTROL_TOP,
	CONTROL_LOG,
	CONTROL_RELOAD,
	CONTROL_STOP,
	CONTROL_EVENTS,
	CONTROL_EXPLAIN,
	CONTROL_ZONE_LIST,
	CONTROL_ZONE_STATUS,
	CONTROL_ZONE_RELOAD,
	CONTROL_ZONE_DIFF,
	CONTROL_ZONE_DUMP,
	CONTROL_ZONE_CHECKPOINT,
	CONTROL_ZONE_CHECK,
	CONTROL_ZONE_PURGE,
	CONTROL_BACKUP,
	CONTROL_SESSIONS,
	CONTROL_UNACKNOWLEDGED,
	CONTROL_DRAIN,
	CONTROL_UNDRAIN,
	CONTROL_KEY_REVOKE,
	CONTROL_KEY_RESTORE,
	CONTROL_KEY_LIST,
	CONTROL_KEY_USAGE,
	CONTROL_KEY_USES,
	CONTROL_NODE_LIST,
	CONTROL_NODE_DRAIN,
	CONTROL_NODE_UNDRAIN,
	CONTROL_SERVICE_LIST,
	CONTROL_SERVICE_SHOW,
	CONTROL_LEASE_LIST,
	CONTROL_LEASE_SHOW,
	CONTROL_LEASE_EXTEND,
	CONTROL_LEASE_DROP,
	CONTROL_BRIDGE_STATUS,
	CONTROL_BRIDGE_LIST,
	CONTROL_COMMANDS /* how many there are */
};

/* What each command is called, takes and does; the index is its enum control_weftd. */
extern const struct control_command control_commands[CONTROL_COMMANDS];
