/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "command/bridge.h"

#include <stdbool.h>
#include <string.h>

#include "base/clock.h"
#include "bridge/bridge.h"
#include "command/json.h"
#include "control/server.h"
#include "daemon/bridge.h"
#include "daemon/daemon.h"
#include "lan/daemon.h"
#include "mdns/rows.h"
#include "settings/settings.h"

/* By enum daemon_bridge_state. */
static const char *const states[] = {"off", "running", "away", "hangs"};

/* By enum mdns_direction, and by enum mdns_row_state. */
static const char *const directions[] = {"advertise", "discover"};
static const char *const row_states[MDNS_ROW_STATES] = {"pending", "active", "standby", "refused"};

/* ---- bridge status ---- */

static json_t *types_json(const struct settings_service_types *types)
{
	json_t *list = json_array();

	if (types->has_all)
		json_array_append_new(list, json_string("*"));
	for (size_t i = 0; i < types->count; i++) {
		char text[DNS_NAME_TEXT_MAX];
		size_t n = dns_name_to_text(text, types->items[i]);

		json_array_append_new(list, json_stringn(text, n - 1)); /* no final dot */
	}
	return list;
}

static json_t *rule_json(const struct settings_mdns *m)
{
	json_t *interfaces = json_array();

	for (size_t i = 0; i < m->interfaces.count; i++)
		json_array_append_new(interfaces, json_string(m->interfaces.items[i]));
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:s, s:b}", "zone", m->zone->name_text,
			 "interfaces", interfaces, "advertise", types_json(&m->advertise),
			 "discover", types_json(&m->discover), "exclude", types_json(&m->exclude),
			 "into", command_json_name(m->into_zone == NULL ? NULL : m->into),
			 "host-suffix", m->host_suffix, "announce", m->is_announced != 0);
}

static json_t *rules_json(const struct daemon *d)
{
	json_t *list = json_array();

	for (const struct settings_mdns *m = d->config->mdns; m != NULL; m = m->next)
		json_array_append_new(list, rule_json(m));
	return list;
}

/* Returns for how many seconds a call has waited. */
static json_int_t waiting_s(const struct lan_stats *lan)
{
	uint64_t now_us = base_clock_steady_us();

	if (lan->calling_since_us == 0 || now_us < lan->calling_since_us)
		return 0;
	return (json_int_t)((now_us - lan->calling_since_us) / 1000000);
}

void command_bridge_status(void *daemon, struct control_request *request)
{
	struct daemon *d = daemon;
	struct mdns_stats s;
	struct lan_stats lan;
	enum daemon_bridge_state state = daemon_bridge_stats(d, &s, &lan);

	control_request_answer(
		request,
		json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:s?, s:I, s:I, s:I, s:I, s:I, s:I, s:I, "
			  "s:I, s:I, s:o}",
			  "avahi", states[state], "waiting", waiting_s(&lan), "reconnects",
			  (json_int_t)lan.nreconnects, "clients", (json_int_t)lan.nclients,
			  "objects", (json_int_t)lan.nobjects, "no-room", (json_int_t)lan.nrefused,
			  "no-room-why", lan.nrefused > 0 ? LAN_NO_ROOM : NULL, "advertised",
			  (json_int_t)s.nadvertised, "discovered", (json_int_t)s.ndiscovered,
			  "renamed", (json_int_t)s.nrenamed, "standby", (json_int_t)s.nstandby,
			  "refused", (json_int_t)s.nrefused, "conflicts", (json_int_t)s.nconflicts,
			  "updates", (json_int_t)s.nupdates, "update-failures",
			  (json_int_t)s.nfailed_updates, "lost-changes",
			  (json_int_t)s.nlost_changes, "rules", rules_json(d)));
}

/* ---- bridge list ---- */

/* Which rows are wanted. */
struct filter {
	bool has_direction[2], is_refused;
	json_t *list;
};

static void row_add(void *arg, const struct mdns_row *row)
{
	struct filter *f = arg;

	if (!f->has_direction[row->direction] || (f->is_refused && row->state != MDNS_ROW_REFUSED))
		return;
	json_array_append_new(f->list,
			      json_pack("{s:s, s:s, s:o, s:o, s:o, s:o}", "direction",
					directions[row->direction], "state", row_states[row->state],
					"name", command_json_name(row->name), "lan-name",
					command_json_name(row->lan_name), "since",
					command_json_time(row->since_s), "why",
					row->why[0] == '\0' ? json_null() : json_string(row->why)));
}

/* Reads the arguments. Returns false after answering that one is unknown. */
static bool filter_parse(struct filter *f, struct control_request *request)
{
	bool is_advertised = false, is_discovered = false;

	for (size_t i = 0; i < control_request_nargs(request); i++) {
		const char *arg = control_request_arg(request, i);

		if (strcmp(arg, "advertised") == 0) {
			is_advertised = true;
		} else if (strcmp(arg, "discovered") == 0) {
			is_discovered = true;
		} else if (strcmp(arg, "refused") == 0) {
			f->is_refused = true;
		} else {
			control_request_fail(request,
					     "%.100s is not one of advertised, discovered, refused",
					     arg);
			return false;
		}
	}
	f->has_direction[MDNS_ADVERTISE] = is_advertised || !is_discovered;
	f->has_direction[MDNS_DISCOVER] = is_discovered || !is_advertised;
	return true;
}

void command_bridge_list(void *daemon, struct control_request *request)
{
	struct daemon *d = daemon;
	struct bridge *b = atomic_load_explicit(&d->bridge, memory_order_relaxed);
	struct filter f = {0};

	if (!filter_parse(&f, request))
		return;
	f.list = json_array();
	if (b != NULL)
		mdns_rows_each(bridge_get_rows(b), row_add, &f);
	control_request_answer(request, f.list);
}
