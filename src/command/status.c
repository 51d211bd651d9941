/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "command/status.h"

#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "command/json.h"
#include "control/server.h"
#include "daemon/daemon.h"
#include "daemon/health.h"
#include "registry/registrar.h"
#include "server/rules.h"
#include "server/server.h"
#include "store/store.h"
#include "web/process.h"

/* Returns the reasons to be unwell, each in words. */
static json_t *reasons_json(struct daemon *d)
{
	json_t *list = json_array();
	char text[DAEMON_HEALTH_TEXT_MAX];

	for (int i = 0; i < DAEMON_HEALTH_REASONS; i++)
		if (daemon_health_has(d, i, text))
			json_array_append_new(list, json_pack("{s:s, s:s}", "reason",
							      daemon_health_word(i), "why", text));
	return list;
}

static json_t *memory_json(void)
{
	uint64_t virtual, resident;

	if (!web_process_memory(&virtual, &resident))
		return json_null();
	return json_integer((json_int_t)resident);
}

/* Seconds since the start; the wall clock may have been set back since. */
static json_int_t uptime_s(const struct daemon *d)
{
	uint64_t now_s = base_clock_wall_s();

	return now_s < d->started_s ? 0 : (json_int_t)(now_s - d->started_s);
}

json_t *command_status_json(struct daemon *d)
{
	json_t *reasons = reasons_json(d);
	struct registry_stats registry;
	struct server_stats server;
	struct store_stats store;

	registry_registrar_stats(d->registrar, &registry);
	server_stats_get(d->server, &server);
	store_counters_get(d->store, &store);
	return json_pack("{s:s, s:o, s:s, s:i, s:o, s:I, s:i, s:i, s:I, s:I, s:I, s:o, s:I, s:s, "
			 "s:s}",
			 "health", json_array_size(reasons) == 0 ? "well" : "unwell", "reasons",
			 reasons, "version", PACKAGE_VERSION, "pid", (int)getpid(), "started",
			 command_json_time(d->started_s), "uptime", uptime_s(d), "workers",
			 (int)server_workers(d->server), "zones", (int)d->rules->nzones, "leases",
			 (json_int_t)registry.nleases, "sessions", (json_int_t)server.dso_sessions,
			 "subscriptions", (json_int_t)server.push_subscriptions, "memory",
			 memory_json(), "disk", (json_int_t)store.segment_bytes, "log-level",
			 base_log_level_to_text(base_log_get_level()), "config", d->config_file);
}

void command_status(void *daemon, struct control_request *request)
{
	control_request_answer(request, command_status_json(daemon));
}
