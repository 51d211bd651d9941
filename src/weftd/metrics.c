/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "weftd/metrics.h"

#include "base/address.h"
#include "base/error.h"
#include "base/log.h"
#include "bridge/bridge.h"
#include "daemon/bridge.h"
#include "daemon/daemon.h"
#include "daemon/health.h"
#include "daemon/tls.h"
#include "dns/name.h"
#include "lan/daemon.h"
#include "process/report.h"
#include "registry/registrar.h"
#include "server/rules.h"
#include "server/server.h"
#include "settings/settings.h"
#include "store/store.h"
#include "web/http.h"
#include "web/metrics.h"
#include "web/page.h"
#include "web/process.h"
#include "zone/zone.h"

static void gauge_write(struct web_page *p, const char *name, const char *help, uint64_t value)
{
	web_page_family(p, name, WEB_GAUGE, help);
	web_page_value(p, NULL, value);
}

static void counter_write(struct web_page *p, const char *name, const char *help, uint64_t value)
{
	web_page_family(p, name, WEB_COUNTER, help);
	web_page_value(p, NULL, value);
}

/* ---- zones ---- */

/* A figure of each zone. */
struct zone_family {
	const char *name, *help;
	uint64_t (*get)(const struct hosting_zone *h, const struct zone_snapshot *s);
};

static uint64_t serial_get(const struct hosting_zone *h, const struct zone_snapshot *s)
{
	(void)h;
	return zone_snapshot_serial(s);
}

static uint64_t records_get(const struct hosting_zone *h, const struct zone_snapshot *s)
{
	(void)h;
	return zone_snapshot_records(s);
}

static uint64_t names_get(const struct hosting_zone *h, const struct zone_snapshot *s)
{
	(void)h;
	return zone_snapshot_names(s);
}

static uint64_t memory_get(const struct hosting_zone *h, const struct zone_snapshot *s)
{
	(void)s;
	return zone_memory(h->zone);
}

static uint64_t loaded_get(const struct hosting_zone *h, const struct zone_snapshot *s)
{
	(void)s;
	return atomic_load_explicit(&h->loaded_s, memory_order_relaxed);
}

static const struct zone_family zone_families[] = {
	{"weft_zone_serial", "Serial of the zone.", serial_get},
	{"weft_zone_records", "Records of the zone.", records_get},
	{"weft_zone_names", "Names of the zone that have records.", names_get},
	{"weft_zone_memory_bytes", "Memory of the zone's data.", memory_get},
	{"weft_zone_loaded_timestamp_seconds",
	 "When the zone was last read from its file, or restored, since 1970.", loaded_get},
};

static void zone_family_write(struct web_page *p, const struct daemon *d,
			      const struct zone_family *f)
{
	web_page_family(p, f->name, WEB_GAUGE, f->help);
	for (size_t i = 0; i < d->zones.count; i++) {
		const struct hosting_zone *h = d->zones.items[i];
		const struct zone_snapshot *s = zone_current(h->zone);
		char name[DNS_NAME_TEXT_MAX];
		const struct web_label labels[] = {{"zone", name}, {NULL, NULL}};

		if (h->file == NULL || s == NULL)
			continue;
		dns_name_to_text(name, zone_name(h->zone));
		web_page_value(p, labels, f->get(h, s));
	}
}

/* Zones that share a counter have none of their own to show. */
static void requests_write(struct web_page *p, const struct daemon *d, const struct server_stats *s)
{
	web_page_family(p, "weft_zone_requests", WEB_COUNTER, "Queries and updates for the zone.");
	for (size_t i = 0; i < d->zones.count; i++) {
		const struct hosting_zone *h = d->zones.items[i];
		unsigned number = zone_number(h->zone);
		char name[DNS_NAME_TEXT_MAX];
		const struct web_label labels[] = {{"zone", name}, {NULL, NULL}};

		if (h->file == NULL || number == ZONE_NUMBERS - 1)
			continue;
		dns_name_to_text(name, zone_name(h->zone));
		web_page_value(p, labels, s->zone[number]);
	}
}

/* By enum hosting_file_state. */
static const char *const file_states[] = {"served", "stale", "refused"};

static void file_states_write(struct web_page *p, const struct daemon *d)
{
	web_page_family(p, "weft_zone_file_state", WEB_GAUGE,
			"1 for the state of the zone's file: served, stale (not merged, for want "
			"of memory or disk) or refused (it has errors, or cannot be read).");
	for (size_t i = 0; i < d->zones.count; i++) {
		const struct hosting_zone *h = d->zones.items[i];
		int state = atomic_load_explicit(&h->file_state, memory_order_relaxed);
		char name[DNS_NAME_TEXT_MAX];

		if (h->file == NULL)
			continue;
		dns_name_to_text(name, zone_name(h->zone));
		for (int k = 0; k <= HOSTING_FILE_REFUSED; k++) {
			const struct web_label labels[] = {
				{"zone", name}, {"state", file_states[k]}, {NULL, NULL}};

			web_page_value(p, labels, k == state);
		}
	}
}

static void zones_write(struct web_page *p, const struct daemon *d, const struct server_stats *s)
{
	size_t nparked = 0;

	for (size_t i = 0; i < d->zones.count; i++)
		nparked += d->zones.items[i]->file == NULL;
	gauge_write(p, "weft_zones", "Zones that are configured.", d->zones.count - nparked);
	gauge_write(p, "weft_zones_parked", "Zones that are kept in the store and not served.",
		    nparked);
	for (size_t i = 0; i < sizeof(zone_families) / sizeof(*zone_families); i++)
		zone_family_write(p, d, &zone_families[i]);
	requests_write(p, d, s);
	file_states_write(p, d);
}

/* ---- the rest ---- */

static void store_write(struct web_page *p, struct daemon *d)
{
	struct store_stats s;

	store_counters_get(d->store, &s);
	counter_write(p, "weft_store_commits", "Commits that are durable.", s.commits);
	counter_write(p, "weft_store_commit_bytes", "Size of these commits.", s.commit_bytes);
	counter_write(p, "weft_store_syncs", "Times that the disk was waited for.", s.syncs);
	counter_write(p, "weft_store_checkpoints", "Checkpoints that were written.", s.checkpoints);
	counter_write(p, "weft_store_checkpoint_failures", "Checkpoints that failed.",
		      s.checkpoint_failures);
	gauge_write(p, "weft_store_segments", "Files of the log.", s.segments);
	gauge_write(p, "weft_store_segment_bytes", "Size of these files.", s.segment_bytes);
	gauge_write(p, "weft_store_log_bytes",
		    "Log since the last checkpoints, which a start would read: as of the last "
		    "batch.",
		    atomic_load_explicit(&d->log_nbytes, memory_order_relaxed));
}

static void log_write(struct web_page *p)
{
	static const struct web_label unread[] = {{"reason", "unread"}, {NULL, NULL}};
	static const struct web_label limited[] = {{"reason", "limited"}, {NULL, NULL}};
	struct base_log_stats s;

	base_log_get_stats(&s);
	web_page_family(p, "weft_log_dropped_lines", WEB_COUNTER,
			"Lines that are not in the log: nobody read it in time, or one peer caused "
			"too many.");
	web_page_value(p, unread, s.dropped);
	web_page_value(p, limited, s.left_out);
}

static void tls_write(struct web_page *p, const struct daemon *d)
{
	if (d->rules->tls != NULL)
		gauge_write(p, "weft_tls_certificate_expiry_timestamp_seconds",
			    "When the certificate of the TLS listeners ends, since 1970.",
			    daemon_tls_until(d));
}

/* All 0 without a bridge. */
static void bridge_write(struct web_page *p, struct daemon *d)
{
	struct mdns_stats s;
	struct lan_stats lan;
	enum daemon_bridge_state state = daemon_bridge_stats(d, &s, &lan);

	gauge_write(p, "weft_bridge_avahi_up", "1 if avahi-daemon runs and answers.",
		    state == DAEMON_BRIDGE_RUNNING);
	counter_write(p, "weft_bridge_avahi_connects",
		      "Times that avahi-daemon came, or came back.", lan.nreconnects);
	gauge_write(p, "weft_bridge_avahi_clients", "Connections to avahi-daemon.", lan.nclients);
	gauge_write(p, "weft_bridge_avahi_objects", "Groups and browsers in avahi-daemon.",
		    lan.nobjects);
	gauge_write(p, "weft_bridge_advertised", "Services of the registry on the LAN.",
		    s.nadvertised);
	gauge_write(p, "weft_bridge_discovered", "Services of the LAN in the registry.",
		    s.ndiscovered);
	gauge_write(p, "weft_bridge_renamed", "Services that have another name on the LAN.",
		    s.nrenamed);
	gauge_write(p, "weft_bridge_standby",
		    "Services that another bridge, or their node itself, advertises.", s.nstandby);
	gauge_write(p, "weft_bridge_refused",
		    "Services for which there is no room, or which may not be bridged.",
		    s.nrefused);
	counter_write(p, "weft_bridge_conflicts", "Names that were taken on the LAN.",
		      s.nconflicts);
	counter_write(p, "weft_bridge_updates", "Updates of the registry with what was discovered.",
		      s.nupdates);
	counter_write(p, "weft_bridge_update_failures", "Such updates that failed.",
		      s.nfailed_updates);
	counter_write(p, "weft_bridge_lost_changes",
		      "Times that a zone was read again because too many changes waited.",
		      s.nlost_changes);
}

static void health_write(struct web_page *p, struct daemon *d)
{
	char text[DAEMON_HEALTH_TEXT_MAX];

	web_page_family(p, "weft_unwell", WEB_GAUGE,
			"1 if there is this reason to be unwell; /healthz has it in words.");
	for (int i = 0; i < DAEMON_HEALTH_REASONS; i++) {
		const struct web_label labels[] = {{"reason", daemon_health_word(i)}, {NULL, NULL}};

		web_page_value(p, labels, daemon_health_has(d, i, text));
	}
}

static void program_write(struct web_page *p, const struct daemon *d)
{
	static const struct web_label version[] = {{"version", PACKAGE_VERSION}, {NULL, NULL}};

	web_page_family(p, "weft_build_info", WEB_GAUGE, "1, with the version.");
	web_page_value(p, version, 1);
	gauge_write(p, "weft_start_time_seconds", "Start time of weftd since 1970.", d->started_s);
	gauge_write(p, "weft_workers", "Threads that answer queries.", server_workers(d->server));
	gauge_write(p, "weft_config_last_reload_successful",
		    "1 if the configuration in the file is in force.", !d->is_config_refused);
	gauge_write(p, "weft_config_last_reload_success_timestamp_seconds",
		    "When the configuration in force was read, since 1970.", d->config_loaded_s);
}

/* ---- the pages ---- */

static unsigned metrics_page(void *arg, struct web_page *p)
{
	struct daemon *d = arg;
	struct server_stats server = {0};
	struct registry_stats registry;

	server_stats_get(d->server, &server);
	registry_registrar_stats(d->registrar, &registry);
	program_write(p, d);
	health_write(p, d);
	web_metrics_server(p, &server);
	web_metrics_refusals(p, &server);
	tls_write(p, d);
	web_metrics_registry(p, &registry);
	zones_write(p, d, &server);
	bridge_write(p, d);
	store_write(p, d);
	log_write(p);
	web_process_write(p, d->started_s);
	web_page_end(p);
	return 200;
}

static unsigned health_page(void *arg, struct web_page *p)
{
	struct daemon *d = arg;
	char text[DAEMON_HEALTH_TEXT_MAX];
	bool is_well = true;

	for (int i = 0; i < DAEMON_HEALTH_REASONS; i++)
		if (daemon_health_has(d, i, text)) {
			web_page_text(p, "%s: %s\n", daemon_health_word(i), text);
			is_well = false;
		}
	if (is_well)
		web_page_text(p, "ok\n");
	return is_well ? 200 : 503;
}

static const struct web_resource resources[] = {
	{"/metrics", true, metrics_page},
	{"/healthz", false, health_page},
	{0},
};

void weftd_metrics_start(struct daemon *d)
{
	const struct settings_addresses *addresses = &d->config->server.metrics;
	const struct web_http_settings settings = {
		.addresses = addresses->items,
		.naddresses = addresses->count,
		.resources = resources,
		.arg = d,
	};
	struct base_error error = {0};
	char text[BASE_ADDRESS_TEXT_MAX];

	if (addresses->count == 0)
		return;
	if (web_http_open(&d->web, d->loop, &settings, &error) < 0) {
		d->is_web_failed = true;
		process_report_error(&error);
		return;
	}
	for (size_t i = 0; i < addresses->count; i++)
		base_log(BASE_LOG_INFO, "start", "metrics address=%s",
			 base_address_to_text(text, (const struct sockaddr *)&addresses->items[i]));
}

void weftd_metrics_stop(struct daemon *d)
{
	web_http_close(d->web);
	d->web = NULL;
}
