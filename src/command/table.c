/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "command/table.h"

#include <string.h>

#include "command/backup.h"
#include "command/bridge.h"
#include "command/dump.h"
#include "command/event.h"
#include "command/instance.h"
#include "command/key.h"
#include "command/lease.h"
#include "command/node.h"
#include "command/service.h"
#include "command/session.h"
#include "command/stats.h"
#include "command/status.h"
#include "command/top.h"
#include "command/zone.h"
#include "control/log.h"
#include "daemon/daemon.h"

static void run_stop(void *arg, struct control_request *request)
{
	struct daemon *d = arg;

	control_request_answer(request, json_null());
	ev_break(d->loop, EVBREAK_ALL);
}

const control_run_fn command_table_run[CONTROL_COMMANDS] = {
	[CONTROL_STATUS] = command_status,
	[CONTROL_STATS] = command_stats,
	[CONTROL_TOP] = command_top,
	[CONTROL_LOG] = control_log_run,
	[CONTROL_RELOAD] = command_zone_reload_all,
	[CONTROL_STOP] = run_stop,
	[CONTROL_EVENTS] = command_events,
	[CONTROL_EXPLAIN] = command_explain,
	[CONTROL_ZONE_LIST] = command_zone_list,
	[CONTROL_ZONE_STATUS] = command_zone_status,
	[CONTROL_ZONE_RELOAD] = command_zone_reload,
	[CONTROL_ZONE_DIFF] = command_dump_baseline,
	[CONTROL_ZONE_DUMP] = command_dump,
	[CONTROL_ZONE_CHECKPOINT] = command_zone_checkpoint,
	[CONTROL_ZONE_CHECK] = command_service_check,
	[CONTROL_ZONE_PURGE] = command_zone_purge,
	[CONTROL_BACKUP] = command_backup,
	[CONTROL_SESSIONS] = command_sessions,
	[CONTROL_UNACKNOWLEDGED] = command_unacknowledged,
	[CONTROL_DRAIN] = command_service_drain,
	[CONTROL_UNDRAIN] = command_service_undrain,
	[CONTROL_KEY_REVOKE] = command_key_revoke,
	[CONTROL_KEY_RESTORE] = command_key_restore,
	[CONTROL_KEY_LIST] = command_key_list,
	[CONTROL_KEY_USAGE] = command_key_usage,
	[CONTROL_KEY_USES] = command_key_uses,
	[CONTROL_NODE_LIST] = command_node_list,
	[CONTROL_NODE_DRAIN] = command_node_drain,
	[CONTROL_NODE_UNDRAIN] = command_node_undrain,
	[CONTROL_SERVICE_LIST] = command_instance_list,
	[CONTROL_SERVICE_SHOW] = command_instance_show,
	[CONTROL_LEASE_LIST] = command_lease_list,
	[CONTROL_LEASE_SHOW] = command_lease_show,
	[CONTROL_LEASE_EXTEND] = command_lease_extend,
	[CONTROL_LEASE_DROP] = command_lease_drop,
	[CONTROL_BRIDGE_STATUS] = command_bridge_status,
	[CONTROL_BRIDGE_LIST] = command_bridge_list,
};
