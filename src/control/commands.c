/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "control/commands.h"

enum { MANY = CONTROL_ARGS_MANY };

const struct control_command control_commands[CONTROL_COMMANDS] = {
	[CONTROL_STATUS] = {"status", "", "show server status", 0, 0},
	[CONTROL_STATS] = {"stats", "", "show statistics", 0, 0},
	[CONTROL_LOG] = {"log", "LEVEL", "set the log level: error, warning, info or debug", 1, 1},
	[CONTROL_RELOAD] = {"reload", "",
			    "reload the configuration and changed zone files, as SIGHUP does", 0,
			    0},
	[CONTROL_STOP] = {"stop", "", "stop the server gracefully", 0, 0},
	[CONTROL_EVENTS] = {"events", "[follow] [refused] [zone=ZONE] [key=KEY]",
			    "show the last events of the log, or follow them", 0, 4},
	[CONTROL_EXPLAIN] = {"explain", "KEY|CLIENT",
			     "show why requests of a key or a client were refused", 1, 1},
	[CONTROL_ZONE_LIST] = {"zone list", "", "list the zones that are served", 0, 0},
	[CONTROL_ZONE_STATUS] = {"zone status", "[ZONE...]", "show serial, size and state of zones",
				 0, MANY},
	[CONTROL_ZONE_RELOAD] = {"zone reload", "[ZONE...]", "merge changes in zone files", 0,
				 MANY},
	[CONTROL_ZONE_DUMP] = {"zone dump", "ZONE", "write a whole zone as a zone file", 1, 1},
	[CONTROL_ZONE_CHECKPOINT] = {"zone checkpoint", "[ZONE...]",
				     "write a checkpoint of the zones", 0, MANY},
	[CONTROL_ZONE_CHECK] = {"zone check", "ZONE", "verify a zone's derived service records", 1,
				1},
	[CONTROL_ZONE_PURGE] = {"zone purge", "ZONE", "delete a zone that is no longer configured",
				1, 1},
	[CONTROL_DRAIN] = {"drain", "INSTANCE...", "drain an instance: hide it from new clients", 1,
			   MANY},
	[CONTROL_UNDRAIN] = {"undrain", "INSTANCE...",
			     "undrain an instance: show it to new clients again", 1, MANY},
	[CONTROL_KEY_REVOKE] = {"key revoke", "KEY", "revoke a fabric key", 1, 1},
	[CONTROL_KEY_RESTORE] = {"key restore", "KEY", "lift a revocation", 1, 1},
	[CONTROL_KEY_LIST] = {"key list", "", "list revoked keys", 0, 0},
	[CONTROL_KEY_USAGE] = {"key usage", "[KEY]",
			       "show what keys have registered, and their quotas", 0, 1},
	[CONTROL_LEASE_LIST] = {"lease list", "[ZONE | NAME...]",
				"list active leases and the time left", 0, MANY},
	[CONTROL_LEASE_SHOW] = {"lease show", "NAME",
				"show the leases of a name and the records they hold", 1, 1},
	[CONTROL_LEASE_EXTEND] = {"lease extend", "NAME SECONDS", "set the time left of a lease", 2,
				  2},
	[CONTROL_LEASE_DROP] = {"lease drop", "NAME", "end a lease now", 1, 1},
};
