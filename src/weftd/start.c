/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Starting, in this order: configuration; user and folders; sockets (port 53 needs root); then
 * root's privileges are dropped; the log and its thread, the store, the zones, the registrar, the
 * workers, the LAN bridge, the control socket, READY. Queries that arrive while zones are loaded
 * wait in the sockets. Stopping goes the other way. */

#include "weftd/start.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/rcu.h"
#include "base/secret.h"
#include "command/key.h"
#include "command/table.h"
#include "control/commands.h"
#include "control/server.h"
#include "daemon/affected.h"
#include "daemon/ask.h"
#include "daemon/bridge.h"
#include "daemon/daemon.h"
#include "daemon/health.h"
#include "daemon/jobs.h"
#include "daemon/reload.h"
#include "daemon/report.h"
#include "daemon/retire.h"
#include "daemon/rules.h"
#include "daemon/tls.h"
#include "daemon/zones.h"
#include "fabric/revoked.h"
#include "hosting/reload.h"
#include "hosting/restore.h"
#include "journal/journal.h"
#include "process/limits.h"
#include "process/privileges.h"
#include "process/report.h"
#include "registry/registrar.h"
#include "server/rules.h"
#include "server/server.h"
#include "server/udp.h"
#include "settings/settings.h"
#include "store/store.h"
#include "stream/tcp.h"
#include "weftd/access.h"
#include "weftd/confine.h"
#include "weftd/loop.h"
#include "weftd/metrics.h"
#include "zone/zone.h"

/* In the registrar's thread. */
static void on_replied(void *arg)
{
	struct daemon *d = arg;

	server_on_replied(d->server);
}

/* In the registrar's thread. */
static void on_changed(void *arg, struct zone *zone, const struct zone_changeset *changes)
{
	struct daemon *d = arg;

	daemon_affected_add(d->affected, zone, changes);
	server_on_changed(d->server, zone, changes);
	daemon_bridge_on_changed(d, zone, changes);
}

/* In the registrar's thread: requests that a worker accepted before the key was revoked. */
static bool is_revoked(void *arg, const uint8_t *key)
{
	const struct daemon *d = arg;
	uint8_t name[DNS_NAME_MAX];
	size_t nbytes = dns_name_lower(name, key);

	return fabric_revoked_find(server_revoked(d->server), name, nbytes) != NULL;
}

/* Reports what the user that this process is or becomes may not use. What root has read already is
 * needed at a reload only. Returns 0 or -1. */
static int check_access(const struct daemon *d, const struct process_privileges *p)
{
	unsigned others = 0;
	int ret;

	ret = weftd_access_check(d->config, p, WEFTD_ACCESS_ALL, &others, daemon_report, NULL);
	if (ret != 0)
		return daemon_report_end("see the errors above");
	if (others > 0)
		base_log(BASE_LOG_ERROR, "start",
			 "access-denied files=%u why=\"weftd starts, but without these files no "
			 "reload will succeed\"",
			 others);
	return 0;
}

/* Loads the configuration. If that is not permitted, reports what mends it. */
static int start_config(struct daemon *d)
{
	struct process_privileges p;
	struct base_error error;

	if (settings_load(&d->config, d->config_path, daemon_report, NULL) < 0)
		return -1;
	if (settings_unlock(d->config, daemon_report, NULL) < 0) {
		if (process_privileges_find(&p, NULL, &error) == 0)
			weftd_access_check(d->config, &p, WEFTD_ACCESS_CONFIG, NULL, daemon_report,
					   NULL);
		return -1;
	}
	daemon_report_empty(d->config, daemon_report, NULL);
	return 0;
}

static uint16_t first_port(const struct settings_addresses *addresses)
{
	const struct sockaddr_storage *a = addresses->items;

	if (addresses->count == 0)
		return 0;
	return ntohs(a->ss_family == AF_INET ? ((const struct sockaddr_in *)a)->sin_port
					     : ((const struct sockaddr_in6 *)a)->sin6_port);
}

/* Does what only root can do, then drops root's privileges. */
static int start_privileged(struct daemon *d)
{
	const struct settings_server *s = &d->config->server;
	const struct server_listener listeners[] = {
		{&server_udp_channel, s->listen.items, s->listen.count},
		{&stream_tcp_channel, s->listen.items, s->listen.count},
		{&stream_tls_channel, s->listen_tls.items, s->listen_tls.count},
	};
	const struct server_settings settings = {
		.listeners = listeners,
		.nlisteners = sizeof(listeners) / sizeof(*listeners) - (s->listen_tls.count == 0),
		.workers = s->workers,
	};
	struct process_privileges p;
	struct base_error error;
	int ret;

	if (process_privileges_find(&p, s->user, &error) < 0) {
		error.at = s->at.user;
		return process_report_error(&error);
	}
	if ((ret = process_privileges_folder(&p, s->state_dir, 0700)) < 0)
		return process_report_failure(s->state_dir, ret);
	if (s->control != NULL && (ret = process_privileges_folder_of(&p, s->control)) < 0)
		return process_report_failure(s->control, ret);
	/* Now: the C library loads code for it, which a confined process cannot. */
	d->control_gid = (gid_t)-1;
	if (s->control != NULL && s->control_group != NULL &&
	    (ret = process_privileges_group(&d->control_gid, s->control_group)) < 0)
		return process_report_failure(s->control_group, ret);
	if (check_access(d, &p) < 0)
		return -1;
	if ((ret = daemon_tls_start(d)) < 0)
		return process_report_failure("cannot prepare TLS", ret);
	if (server_open(&d->server, &settings, &error) < 0)
		return process_report_error(&error);
	d->tls_port = first_port(&s->listen_tls);
	if (process_privileges_drop(&p, &error) < 0)
		return process_report_error(&error);
	if (d->is_confined)
		weftd_confine(d->config);
	return 0;
}

/* Takes an item of the store that is not about a zone's file: a key, a lease, an owner. */
static int on_item(void *arg, const struct store_item *item)
{
	struct daemon *d = arg;
	int ret = registry_items_read(&d->state.ledger, &d->state.view, item);

	if (ret == 0)
		ret = registry_announce_read(&d->announced, item);

	/* The checksum was valid, so a newer version must have written this item. */
	if (ret == -EBADMSG)
		base_log(
			BASE_LOG_WARNING, "start",
			"item-ignored kind=%u why=\"of a kind that is unknown, and so perhaps of a "
			"newer weftd\"",
			(unsigned)item->kind);
	return ret == -ENOMEM ? ret : command_key_read(d, item);
}

enum { SECOND_TRIES = 250 };

/* Waits until the second is over up to which nothing is taken, if that is this one or the next:
 * else hosts whose clocks agree with ours would be refused until then. */
static void wait_for_second(const struct daemon *d, uint64_t last_s)
{
	const struct undo_entry *e = NULL;
	uint64_t next_s = base_clock_wall_s() + 1;

	while ((e = undo_table_next(&d->state.ledger.ahead.table, e)) != NULL)
		if (ledger_ahead_signed_s(e) > last_s && ledger_ahead_signed_s(e) <= next_s)
			last_s = ledger_ahead_signed_s(e);
	for (unsigned i = 0; i < SECOND_TRIES && last_s <= next_s && base_clock_wall_s() <= last_s;
	     i++)
		usleep(10000);
}

/* Updates that the weftd before this one has done are not to be done again: whatever was signed up
 * to the second of the last commit, and, by keys that sign ahead of our clock, up to the latest
 * time of theirs. Before the lease clock starts, so that the wait takes nothing from leases, and
 * before this weftd commits anything. */
static int start_memory(struct daemon *d)
{
	const struct undo_entry *e = NULL;
	struct store_stats stats;
	int ret;

	store_stats_get(d->store, &stats);
	wait_for_second(d, stats.last_time_s);
	ret = server_forget_before(d->server, NULL, stats.last_time_s + 1);
	while (ret == 0 && (e = undo_table_next(&d->state.ledger.ahead.table, e)) != NULL)
		ret = server_forget_before(d->server, ledger_ahead_key(e),
					   ledger_ahead_signed_s(e) + 1);
	return ret < 0 ? process_report_failure("cannot make the memory of updates", ret) : 0;
}

/* Leases run on with the time that they had left, and the grace of their zone. */
static int start_leases(struct daemon *d)
{
	struct daemon_zones zones;
	int ret = daemon_zones_find(&zones, d, d->config);

	if (ret == 0)
		ret = ledger_start(&d->state.ledger, base_clock_steady_us() / 1000);
	if (ret == 0)
		ret = ledger_resume(
			&d->state.ledger, daemon_zones_find_leased, &zones,
			ledger_clock_now(&d->state.ledger.clock, base_clock_steady_us() / 1000));
	daemon_zones_fini(&zones);
	return ret < 0 ? process_report_failure("cannot start the leases", ret) : 0;
}

static int start_store(struct daemon *d)
{
	const struct settings_store *c = &d->config->store;
	struct store_settings settings = {
		.directory = d->config->server.state_dir,
		.segment_size = c->segment_size,
		.history_size = c->history_size,
		.history_age_s = c->history_age_s,
	};
	struct base_error error = {0};

	if (store_open(&d->store, &journal_engine, &settings, &error) < 0)
		return process_report_error(&error);
	for (const struct settings_zone *z = d->config->zones; z != NULL; z = z->next) {
		struct hosting_zone *h = hosting_zone_new(z->name, z->file, d->seed);

		if (h == NULL || hosting_add(&d->zones, h) < 0)
			return process_report_failure("cannot make the zones", -ENOMEM);
		zone_set_limits(h->zone, &z->limits);
	}
	if (hosting_restore(&d->zones, d->seed, d->store, daemon_report, on_item, d, &error) == 0)
		return 0;
	return process_report_error(&error);
}

static int start_registrar(struct daemon *d)
{
	struct registry_settings settings = {
		.store = d->store,
		.state = &d->state,
		.limits = d->config->server.options.update_queue,
		.is_revoked = is_revoked,
		.on_replied = on_replied,
		.on_changed = on_changed,
		.on_batch = daemon_jobs_on_batch,
		.arg = d,
	};
	int ret;

	atomic_store_explicit(&d->checkpoint_nbytes, d->config->store.checkpoint_size,
			      memory_order_relaxed);
	d->registrar = registry_registrar_new(&settings);
	if (d->registrar == NULL)
		return process_report_failure("cannot start the registrar", -ENOMEM);
	daemon_ask_start(d);
	daemon_retire_start(d);
	/* The registrar may find at once that checkpoints are due. */
	if (daemon_jobs_start(d) < 0)
		return -1;
	ret = registry_registrar_start(d->registrar);
	return ret < 0 ? process_report_failure("cannot start the registrar", ret) : 0;
}

/* In the registrar's thread. */
static void reconcile(struct registry_registrar *r, void *zones)
{
	while (daemon_zones_reconcile(r, zones))
		;
	daemon_zones_announce(r, zones);
}

/* Merges the file of a zone if it was edited while weftd was down. What the file cannot give, the
 * store does: an invalid file is an operator's error, and no reason to leave a network without its
 * registry. */
static void start_zone(struct daemon *d, struct hosting_zone *h)
{
	int ret = 0;

	if (h->file == NULL)
		return;
	if (zone_current(h->zone) == NULL) {
		daemon_report_zone(BASE_LOG_ERROR, h, "zone-not-served", 0);
		return;
	}
	base_rcu_offline();
	if (h->is_stale)
		ret = hosting_reload(h, d->store, d->registrar, h->file, HOSTING_RELOAD_IF_CHANGED,
				     daemon_report, NULL);
	base_rcu_online();
	if (ret < 0)
		daemon_report_zone(BASE_LOG_ERROR, h, "file-not-merged", ret);
}

/* Before the first query is answered. */
static int start_zones(struct daemon *d)
{
	struct daemon_zones zones;
	int ret = 0;

	for (size_t i = 0; i < d->zones.count; i++)
		start_zone(d, d->zones.items[i]);
	base_rcu_offline();
	if (daemon_zones_find(&zones, d, d->config) < 0)
		ret = process_report_failure("cannot start the zones", -ENOMEM);
	else
		registry_registrar_run(d->registrar, reconcile, &zones);
	daemon_zones_fini(&zones);
	base_rcu_online();
	return ret < 0 ? -1 : 0;
}

static int start_serving(struct daemon *d)
{
	int ret;

	d->rules = daemon_rules_new(d, d->config, daemon_report, NULL);
	if (d->rules == NULL)
		return daemon_report_end("see the errors above");
	server_set_rules(d->server, d->rules);
	server_set_revoked(d->server, d->revoked);
	ret = server_start(d->server, d->registrar);
	return ret < 0 ? process_report_failure("cannot start the workers", ret) : 0;
}

static int start_control(struct daemon *d)
{
	const struct settings_server *s = &d->config->server;
	struct control_server_settings settings = {
		.path = s->control,
		.uid = (uid_t)-1,
		.gid = d->control_gid,
		.commands = control_commands,
		.run = command_table_run,
		.ncommands = CONTROL_COMMANDS,
		.arg = d,
	};
	int ret;

	if (s->control == NULL)
		return 0;
	ret = control_server_open(&d->control, d->loop, &settings);
	if (ret == -ENOTSOCK)
		base_log(BASE_LOG_ERROR, "start",
			 "start-failed why=\"server.control names a file that is not a socket and "
			 "is left alone\"");
	return ret < 0 ? process_report_failure(s->control, ret) : 0;
}

static void log_ready(struct daemon *d)
{
	uint64_t nrecords = 0;

	for (size_t i = 0; i < d->rules->nzones; i++) {
		const struct zone_snapshot *s = zone_current(d->rules->zones[i].zone);

		nrecords += s == NULL ? 0 : zone_snapshot_records(s);
	}
	base_log_set_fields(true);
	base_log(BASE_LOG_INFO, "start", "ready zones=%zu records=%llu workers=%u",
		 d->rules->nzones, (unsigned long long)nrecords, server_workers(d->server));
	daemon_health_notify(d, true);
}

int weftd_start(struct daemon *d, const char *config_path, bool is_confined)
{
	int ret;

	memset(d, 0, sizeof(*d));
	d->config_path = config_path;
	if (realpath(config_path, d->config_file) == NULL)
		snprintf(d->config_file, sizeof(d->config_file), "%s", config_path);
	d->is_confined = is_confined;
	d->started_s = d->config_loaded_s = base_clock_wall_s();
	base_secret_random(&d->seed, sizeof(d->seed));
	daemon_rules_roll_cookies(d);
	umask(027);
	signal(SIGPIPE, SIG_IGN);
	base_rcu_register();
	d->loop = ev_default_loop(EVFLAG_AUTO);
	if (d->loop == NULL || registry_state_init(&d->state, d->seed) < 0)
		return process_report_failure("cannot start the event loop", -ENOMEM);
	if (start_config(d) < 0)
		return -1;
	base_log_set_level((enum base_log_level)d->config->server.log.level);
	process_limits_raise_files();
	if (start_privileged(d) < 0)
		return -1;
	/* As the user, who must be able to open the log again. Errors until here went to standard
	 * error. */
	if ((ret = base_log_open(d->config->server.log.to)) < 0)
		return process_report_failure(d->config->server.log.to, ret);
	if ((ret = base_log_start()) < 0)
		return process_report_failure("cannot start the log", ret);
	if (!is_confined)
		base_log(BASE_LOG_WARNING, "start",
			 "not-confined why=\"--no-confine: this is for debuggers, not for "
			 "service\"");
	if (start_store(d) < 0 || start_memory(d) < 0 || start_leases(d) < 0 ||
	    start_registrar(d) < 0 || start_zones(d) < 0 || start_serving(d) < 0 ||
	    daemon_bridge_start(d) < 0 || start_control(d) < 0)
		return -1;
	weftd_metrics_start(d);
	weftd_loop_start(d);
	for (size_t i = 0; i < d->zones.count; i++)
		if (d->zones.items[i]->needs_baseline)
			daemon_jobs_put_new(d, d->zones.items[i], daemon_jobs_baseline);
	daemon_report_fabrics(d->config);
	daemon_report_certificate(d->config);
	log_ready(d);
	return 0;
}

void weftd_stop(struct daemon *d)
{
	base_log_set_fields(false);
	base_rcu_offline();
	weftd_metrics_stop(d);
	control_server_close(d->control);
	daemon_bridge_stop(d);
	if (d->registrar != NULL)
		registry_registrar_drain(d->registrar);
	/* Dumps and backups read the flag and end. */
	atomic_store_explicit(&d->is_stopping, true, memory_order_relaxed);
	while (d->ndumps > 0 || d->nbackups > 0 || d->nchecks > 0) {
		base_rcu_online();
		ev_run(d->loop, EVRUN_ONCE);
		base_rcu_offline();
	}
	if (d->rules != NULL)
		server_stop(d->server);
	daemon_jobs_stop(d);
	registry_registrar_stop(d->registrar);
	daemon_ask_stop(d);
	daemon_reload_stop(d);
	daemon_retire_stop(d);
	registry_state_fini(&d->state);
	registry_announcements_fini(&d->announced);
	server_close(d->server);
	daemon_rules_free(d->rules);
	base_rcu_online();
	for (size_t i = 0; i < d->zones.count; i++)
		hosting_zone_free(d->zones.items[i]);
	free(d->zones.items);
	fabric_revoked_free(d->revoked);
	daemon_tls_stop(d);
	store_close(d->store);
	settings_free(d->config);
	base_secret_wipe(&d->cookies, sizeof(d->cookies));
	base_rcu_unregister();
	if (d->loop != NULL)
		ev_loop_destroy(d->loop);
	base_log_stop();
}
