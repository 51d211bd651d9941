/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "weftd/commands.h"

#include <string.h>

#include "base/log.h"
#include "weftd/command_backup.h"
#include "weftd/command_dump.h"
#include "weftd/command_event.h"
#include "weftd/command_instance.h"
#include "weftd/command_key.h"
#include "weftd/command_lease.h"
#include "weftd/command_node.h"
#include "weftd/command_service.h"
#include "weftd/command_stats.h"
#include "weftd/command_status.h"
#include "weftd/command_top.h"
#include "weftd/command_zone.h"
#include "weftd/weftd.h"

static void run_log(void *arg, struct control_request *request)
{
	enum base_log_level level;

	(void)arg;
	if (base_log_level_from_text(control_request_arg(request, 0), &level) < 0) {
		control_request_fail(request,
				     "%s is not a log level: use error, warning, info or debug",
				     control_request_arg(request, 0));
		return;
	}
	base_log_set_level(level);
	control_request_answer(request, json_null());
}

static void run_stop(void *arg, struct control_request *request)
{
	struct weftd *d = arg;

	control_request_answer(request, json_null());
	ev_break(d->loop, EVBREAK_ALL);
}

const control_run_fn weftd_commands[CONTROL_COMMANDS] = {
	[CONTROL_STATUS] = weftd_command_status,
	[CONTROL_STATS] = weftd_command_stats,
	[CONTROL_TOP] = weftd_command_top,
	[CONTROL_LOG] = run_log,
	[CONTROL_RELOAD] = weftd_command_zone_reload_all,
	[CONTROL_STOP] = run_stop,
	[CONTROL_EVENTS] = weftd_command_events,
	[CONTROL_EXPLAIN] = weftd_command_explain,
	[CONTROL_ZONE_LIST] = weftd_command_zone_list,
	[CONTROL_ZONE_STATUS] = weftd_command_zone_status,
	[CONTROL_ZONE_RELOAD] = weftd_command_zone_reload,
	[CONTROL_ZONE_DIFF] = weftd_command_dump_baseline,
	[CONTROL_ZONE_DUMP] = weftd_command_dump,
	[CONTROL_ZONE_CHECKPOINT] = weftd_command_zone_checkpoint,
	[CONTROL_ZONE_CHECK] = weftd_command_service_check,
	[CONTROL_ZONE_PURGE] = weftd_command_zone_purge,
	[CONTROL_BACKUP] = weftd_command_backup,
	[CONTROL_DRAIN] = weftd_command_service_drain,
	[CONTROL_UNDRAIN] = weftd_command_service_undrain,
	[CONTROL_KEY_REVOKE] = weftd_command_key_revoke,
	[CONTROL_KEY_RESTORE] = weftd_command_key_restore,
	[CONTROL_KEY_LIST] = weftd_command_key_list,
	[CONTROL_KEY_USAGE] = weftd_command_key_usage,
	[CONTROL_KEY_USES] = weftd_command_key_uses,
	[CONTROL_NODE_LIST] = weftd_command_node_list,
	[CONTROL_NODE_DRAIN] = weftd_command_node_drain,
	[CONTROL_NODE_UNDRAIN] = weftd_command_node_undrain,
	[CONTROL_SERVICE_LIST] = weftd_command_instance_list,
	[CONTROL_SERVICE_SHOW] = weftd_command_instance_show,
	[CONTROL_LEASE_LIST] = weftd_command_lease_list,
	[CONTROL_LEASE_SHOW] = weftd_command_lease_show,
	[CONTROL_LEASE_EXTEND] = weftd_command_lease_extend,
	[CONTROL_LEASE_DROP] = weftd_command_lease_drop,
};
