/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Starting, in this order: configuration, user and folders, sockets (port 53 wants root), then no
 * root any more; the log, the store, the zones, the registrar, the workers, the control socket,
 * READY. Queries that come while zones are loaded wait in the sockets. Stopping goes the other way.
 */
#include "weftd/daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include <sodium.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/log.h"
#include "base/rcu.h"
#include "control/commands.h"
#include "hosting/baseline.h"
#include "hosting/checkpoint.h"
#include "hosting/load.h"
#include "hosting/reload.h"
#include "hosting/restore.h"
#include "journal/journal.h"
#include "process/notify.h"
#include "process/privileges.h"
#include "registry/work.h"
#include "weftd/command_key.h"
#include "zone/zone.h"

enum { COOKIE_ROLL_S = 12 * 3600, CHECKPOINT_PAUSE_S = 10 };

void weftd_report(void *arg, enum base_log_level level, const struct base_error *error)
{
	(void)arg;
	if (error->at.line > 0)
		base_log(level, "cmd", "%s:%u: %s", error->at.file, error->at.line, error->text);
	else
		base_log(level, "cmd", "%s: %s", error->at.file, error->text);
}

void weftd_ask(struct weftd *d, void (*run)(struct registry_registrar *, void *), void *arg)
{
	base_rcu_offline();
	registry_registrar_run(d->registrar, run, arg);
	base_rcu_online();
}

/* ---- checking ---- */

static int check_zone(const struct weftd_config_zone *z)
{
	struct hosting_zone *h = hosting_zone_new(z->name, z->file, 1);
	int result = h == NULL ? -ENOMEM : hosting_load(h->zone, h->file, NULL, weftd_report, NULL);

	hosting_zone_free(h);
	return result;
}

/* Whether user and group are there. That who checks could not become them does not matter. */
static bool check_privileges(const struct weftd_config *config)
{
	const struct weftd_config_server *s = &config->server;
	struct process_privileges p;
	struct base_error error;
	gid_t group;
	int r = process_privileges_find(&p, s->user, &error);

	error.at = (struct base_location){config->path, 0};
	if (r < 0 && r != -EPERM)
		weftd_report(NULL, BASE_LOG_ERROR, &error);
	else
		r = 0;
	if (s->control_group == NULL || process_privileges_group(&group, s->control_group) == 0)
		return r == 0;
	base_error_set_at(&error, -ENOENT, error.at, "there is no group %s", s->control_group);
	weftd_report(NULL, BASE_LOG_ERROR, &error);
	return false;
}

int weftd_check(const char *config_path)
{
	struct weftd_config *config;
	bool is_good;

	base_log_set_level(BASE_LOG_WARNING);
	if (weftd_config_load(&config, config_path, weftd_report, NULL) < 0)
		return 1;
	base_rcu_register();
	is_good = weftd_config_unlock(config, weftd_report, NULL) == 0;
	if (!check_privileges(config))
		is_good = false;
	for (const struct weftd_config_zone *z = config->zones; z != NULL; z = z->next)
		if (check_zone(z) < 0)
			is_good = false;
	base_rcu_unregister();
	weftd_config_free(config);
	return is_good ? 0 : 1;
}

/* ---- jobs ---- */

static void job_problem(void *arg, enum base_log_level level, const struct base_error *error)
{
	struct weftd_job *job = arg;
	size_t n = strlen(error->at.file) + strlen(error->text) + 32;
	char *problems = realloc(job->problems, job->nproblems + n), number[16] = "";

	weftd_report(NULL, level, error);
	if (problems == NULL)
		return;
	job->problems = problems;
	if (error->at.line > 0)
		snprintf(number, sizeof(number), ":%u", error->at.line);
	job->nproblems += (size_t)snprintf(problems + job->nproblems, n, "%s%s%s: %s%s",
					   job->nproblems > 0 ? "\n" : "", error->at.file, number,
					   level == BASE_LOG_ERROR ? "" : "warning: ", error->text);
}

int weftd_job_set_zone(struct weftd_job *job, struct hosting_zone *zone)
{
	job->zone = zone;
	job->file = zone->file == NULL ? NULL : strdup(zone->file);
	return zone->file != NULL && job->file == NULL ? -ENOMEM : 0;
}

struct weftd_job *weftd_job_new(struct weftd *d, struct hosting_zone *zone,
				void (*run)(struct hosting_job *), void (*done)(struct weftd_job *))
{
	struct weftd_job *job = calloc(1, sizeof *job);

	if (job == NULL)
		return NULL;
	job->job.run = run;
	job->daemon = d;
	job->done = done;
	if (weftd_job_set_zone(job, zone) == 0)
		return job;
	free(job);
	return NULL;
}

void weftd_job_free(struct weftd_job *job)
{
	free(job->problems);
	free(job->file);
	free(job);
}

static void log_zone(enum base_log_level level, const struct hosting_zone *h, const char *what,
		     int error)
{
	char name[DNS_NAME_TEXT_MAX];

	dns_name_to_text(name, zone_name(h->zone));
	if (error < 0)
		base_log(level, "registry", "%s: zone=%s error=\"%s\"", what, name,
			 strerror(-error));
	else
		base_log(level, "registry", "%s: zone=%s", what, name);
}

void weftd_job_merge(struct hosting_job *job)
{
	struct weftd_job *j = (struct weftd_job *)job;

	if (j->file == NULL)
		return;
	j->result = hosting_reload(j->zone, j->daemon->store, j->daemon->registrar, j->file,
				   j->is_forced ? HOSTING_RELOAD_ALWAYS : HOSTING_RELOAD_IF_CHANGED,
				   job_problem, j);
	if (j->result < 0)
		log_zone(BASE_LOG_ERROR, j->zone, "zone file not merged, the zone stays as it was",
			 j->result);
	else if (j->result > 0)
		log_zone(BASE_LOG_INFO, j->zone, "zone file merged", 0);
}

void weftd_job_baseline(struct hosting_job *job)
{
	struct weftd_job *j = (struct weftd_job *)job;

	j->result = hosting_baseline_write(j->zone, j->daemon->store);
	if (j->result < 0)
		log_zone(BASE_LOG_ERROR, j->zone, "zone not written to the store", j->result);
}

void weftd_job_load(struct hosting_job *job)
{
	struct weftd_job *j = (struct weftd_job *)job;

	weftd_job_baseline(job);
	if (j->result == 0)
		weftd_job_merge(job);
}

/* One that fails, on a full disk, is not tried again with each batch: it writes whole zones. */
void weftd_job_checkpoint(struct hosting_job *job)
{
	struct weftd_job *j = (struct weftd_job *)job;

	weftd_job_baseline(job);
	if (j->result == 0)
		j->result = hosting_checkpoint(j->zone, j->daemon->store);
	if (j->result < 0) {
		log_zone(BASE_LOG_ERROR, j->zone, "checkpoint not written", j->result);
		atomic_store_explicit(&j->daemon->checkpoint_pause_s,
				      (int64_t)(base_clock_steady_ms() / 1000) + CHECKPOINT_PAUSE_S,
				      memory_order_relaxed);
	} else {
		log_zone(BASE_LOG_DEBUG, j->zone, "checkpoint written", 0);
	}
}

static void put_job(struct weftd *d, struct hosting_zone *zone, void (*run)(struct hosting_job *))
{
	struct weftd_job *job = weftd_job_new(d, zone, run, weftd_job_free);

	if (job != NULL)
		hosting_jobs_put(d->keeper, &job->job);
}

/* Whether the log of a zone stays whatever checkpoints there are. */
static bool is_any_waiting(const struct weftd *d)
{
	for (size_t i = 0; i < d->zones.count; i++)
		if (d->zones.items[i]->is_waiting)
			return true;
	return false;
}

static void checkpoints_done(struct weftd *d)
{
	atomic_store_explicit(&d->checkpoint_kept,
			      is_any_waiting(d) ? store_log_nbytes(d->store) : 0,
			      memory_order_relaxed);
	atomic_store_explicit(&d->checkpointing, WEFTD_CHECKPOINT_IDLE, memory_order_release);
}

static void last_checkpoint_done(struct weftd_job *job)
{
	checkpoints_done(job->daemon);
	weftd_job_free(job);
}

/* A job may be short of memory; the last one that there is tells the end. */
static void checkpoint_all(struct weftd *d)
{
	struct weftd_job *last = NULL;

	for (size_t i = 0; i < d->zones.count; i++) {
		struct weftd_job *job =
			d->zones.items[i]->is_purging
				? NULL
				: weftd_job_new(d, d->zones.items[i], weftd_job_checkpoint,
						weftd_job_free);

		if (job == NULL)
			continue;
		if (last != NULL)
			hosting_jobs_put(d->keeper, &last->job);
		last = job;
	}
	if (last == NULL) {
		checkpoints_done(d);
		return;
	}
	last->done = last_checkpoint_done;
	hosting_jobs_put(d->keeper, &last->job);
}

static void on_keeper_wake(struct ev_loop *loop, struct ev_async *async, int events)
{
	struct weftd *d = async->data;
	struct hosting_job *job;

	(void)loop;
	(void)events;
	while ((job = hosting_jobs_take(d->keeper)) != NULL)
		((struct weftd_job *)job)->done((struct weftd_job *)job);
	if (atomic_load_explicit(&d->checkpointing, memory_order_acquire) == WEFTD_CHECKPOINT_DUE) {
		atomic_store_explicit(&d->checkpointing, WEFTD_CHECKPOINT_RUNNING,
				      memory_order_release);
		checkpoint_all(d);
	}
}

/* In the keeper's thread. */
static void wake_main(void *arg)
{
	struct weftd *d = arg;

	ev_async_send(d->loop, &d->keeper_wake);
}

/* ---- starting ---- */

/* In the registrar's thread. */
static void on_batch(void *arg)
{
	struct weftd *d = arg;
	int idle = WEFTD_CHECKPOINT_IDLE;
	uint64_t due = atomic_load_explicit(&d->checkpoint_size, memory_order_relaxed) +
		       atomic_load_explicit(&d->checkpoint_kept, memory_order_relaxed);

	if (store_log_nbytes(d->store) < due ||
	    (int64_t)(base_clock_steady_ms() / 1000) <
		    atomic_load_explicit(&d->checkpoint_pause_s, memory_order_relaxed))
		return;
	if (atomic_compare_exchange_strong_explicit(&d->checkpointing, &idle, WEFTD_CHECKPOINT_DUE,
						    memory_order_acq_rel, memory_order_relaxed))
		ev_async_send(d->loop, &d->keeper_wake);
}

/* In the registrar's thread. */
static void on_replied(void *arg)
{
	struct weftd *d = arg;

	server_on_replied(d->server);
}

static int fail(const char *what, int error)
{
	base_log(BASE_LOG_ERROR, "cmd", "%s: %s", what, strerror(-error));
	return -1;
}

static int fail_with(const char *why)
{
	base_log(BASE_LOG_ERROR, "cmd", "%s", why);
	return -1;
}

static int fail_at(const struct base_error *error)
{
	if (error->at.file != NULL)
		base_log(BASE_LOG_ERROR, "cmd", "%s: %s", error->at.file, error->text);
	else
		base_log(BASE_LOG_ERROR, "cmd", "%s", error->text);
	return -1;
}

static int make_folder_of(const struct process_privileges *p, const char *path)
{
	char folder[4096];
	char *slash;

	if (strlen(path) >= sizeof folder)
		return -ENAMETOOLONG;
	strcpy(folder, path);
	slash = strrchr(folder, '/');
	if (slash == NULL || slash == folder)
		return 0;
	*slash = '\0';
	return process_privileges_folder(p, folder, 0755);
}

/* What only root can do, then root no more. */
static int start_privileged(struct weftd *d)
{
	const struct weftd_config_server *s = &d->config->server;
	struct server_settings settings = {
		.addresses = s->listen.items,
		.naddresses = s->listen.count,
		.workers = s->workers,
	};
	struct process_privileges p;
	struct base_error error;
	int r;

	if (process_privileges_find(&p, s->user, &error) < 0)
		return fail_with(error.text);
	if ((r = process_privileges_folder(&p, s->state_dir, 0700)) < 0)
		return fail(s->state_dir, r);
	if (s->control != NULL && (r = make_folder_of(&p, s->control)) < 0)
		return fail(s->control, r);
	if (server_open(&d->server, &settings, &error) < 0)
		return fail_with(error.text);
	if (process_privileges_drop(&p, &error) < 0)
		return fail_with(error.text);
	if ((r = process_privileges_confine()) < 0)
		base_log(BASE_LOG_WARNING, "cmd", "system calls not confined: %s", strerror(-r));
	return 0;
}

/* Notes of the store that are not about a zone's file: keys, leases, owners. */
static int on_note(void *arg, const struct store_item *note)
{
	struct weftd *d = arg;
	int r = registry_items_read(&d->state.ledger, &d->state.view, note);

	/* Written by a weftd that checks what it writes, and kept under a checksum: it is of
	 * another one. */
	if (r == -EBADMSG)
		base_log(BASE_LOG_WARNING, "registry",
			 "note in the store not understood, passed over: kind=%u",
			 (unsigned)note->kind);
	return r == -ENOMEM ? r : weftd_keys_note(d, note);
}

static bool find_leased(void *arg, const uint8_t *name, struct zone **zone,
			const struct ledger_lease_rule **rule)
{
	const struct weftd *d = arg;
	const struct weftd_config_zone *z = weftd_config_zone_find(d->config, name);

	if (z == NULL)
		return false;
	*zone = hosting_find(&d->zones, name)->zone;
	*rule = &z->lease;
	return true;
}

/* Leases go on where they stood, with the grace of their zone. */
static int start_leases(struct weftd *d)
{
	int r;

	ledger_start(&d->state.ledger, base_clock_steady_us() / 1000);
	r = ledger_resume(&d->state.ledger, find_leased, d,
			  ledger_clock_now(&d->state.ledger.clock, base_clock_steady_us() / 1000));
	return r < 0 ? fail("starting the leases", r) : 0;
}

/* The zones of the reverse tree (RFC 1035 section 3.5, RFC 3596 section 2.5), for whose names nodes
 * of other zones have addresses. */
static void follow_reverse(struct weftd *d)
{
	static const uint8_t in_addr[] = "\7in-addr\4arpa", ip6[] = "\3ip6\4arpa";
	struct zone **zones = calloc(d->config->nzones + 1, sizeof *zones);
	size_t n = 0;

	for (const struct weftd_config_zone *z = d->config->zones; z != NULL && zones != NULL;
	     z = z->next)
		if (dns_name_is_under(z->name, in_addr) || dns_name_is_under(z->name, ip6))
			zones[n++] = hosting_find(&d->zones, z->name)->zone;
	view_set_reverse(&d->state.view, zones, n);
}

/* Hands the rules of service views to the ledger, and has the records of each zone follow its own.
 * A zone whose records cannot be made for now is served without; its next update makes what is its
 * own. */
static void follow_views(struct registry_registrar *r, struct weftd *d)
{
	struct registry_view_rule *views = calloc(d->config->nzones + 1, sizeof(*views));
	uint32_t *ttl_before_s = calloc(d->config->nzones + 1, sizeof(*ttl_before_s));
	size_t n = 0, i = 0;

	if (views == NULL || ttl_before_s == NULL) {
		base_log(BASE_LOG_ERROR, "registry",
			 "service views are as they were: out of memory");
		free(views);
		free(ttl_before_s);
		return;
	}
	for (const struct weftd_config_zone *z = d->config->zones; z != NULL; z = z->next) {
		struct zone *zone = hosting_find(&d->zones, z->name)->zone;
		const struct view_rule *before = registry_state_view_rule(&d->state, zone);

		zone_set_negative_ttl(zone,
				      z->services.is_on ? z->services.negative_ttl_s : UINT32_MAX);
		if (!z->services.is_on)
			continue;
		ttl_before_s[n] = before == NULL ? z->services.ttl_s : before->ttl_s;
		views[n].zone = zone;
		views[n++].rule = z->services;
	}
	registry_state_set_view_rules(&d->state, views, n);
	for (const struct weftd_config_zone *z = d->config->zones; z != NULL; z = z->next) {
		struct hosting_zone *h = hosting_find(&d->zones, z->name);
		int result = !z->services.is_on ? 0
						: registry_work_reconcile(r, h->zone, &z->services,
									  ttl_before_s[i++]);

		if (result < 0)
			log_zone(BASE_LOG_ERROR, h, "service view not made", result);
	}
	free(ttl_before_s);
}

/* In the registrar's thread, while main waits. */
static void follow_zones(struct registry_registrar *r, void *daemon)
{
	struct weftd *d = daemon;

	follow_reverse(d);
	follow_views(r, d);
	if (ledger_resume(&d->state.ledger, find_leased, d, registry_work_now(r)) < 0)
		base_log(BASE_LOG_ERROR, "registry",
			 "leases of new zones stand still: out of memory");
}

static int start_store(struct weftd *d)
{
	const struct weftd_config_store *c = &d->config->store;
	struct store_settings settings = {
		.directory = d->config->server.state_dir,
		.segment_size = c->segment_size,
		.history_size = c->history_size,
		.history_age_s = c->history_age_s,
	};
	struct base_error error = {0};

	if (store_open(&d->store, &journal_engine, &settings, &error) < 0)
		return fail_at(&error);
	for (const struct weftd_config_zone *z = d->config->zones; z != NULL; z = z->next) {
		struct hosting_zone *h = hosting_zone_new(z->name, z->file, d->seed);

		if (h == NULL || hosting_add(&d->zones, h) < 0)
			return fail("starting", -ENOMEM);
	}
	if (hosting_restore(&d->zones, d->seed, d->store, weftd_report, on_note, d, &error) < 0)
		return error.code != 0 ? fail_at(&error)
				       : fail_with("not started: see the zone files' errors above");
	return 0;
}

static int start_registrar(struct weftd *d)
{
	struct registry_settings settings = {
		.store = d->store,
		.state = &d->state,
		.on_replied = on_replied,
		.on_batch = on_batch,
		.arg = d,
	};
	int r;

	atomic_store_explicit(&d->checkpoint_size, d->config->store.checkpoint_size,
			      memory_order_relaxed);
	d->registrar = registry_registrar_new(&settings);
	if (d->registrar == NULL)
		return fail("starting the registrar", -ENOMEM);
	if ((r = registry_registrar_start(d->registrar)) < 0)
		return fail("starting the registrar", r);
	d->keeper = hosting_jobs_start(wake_main, d);
	return d->keeper == NULL ? fail("starting the keeper", -ENOMEM) : 0;
}

/* Files that were edited while weftd was down are merged before anybody is answered. */
static int start_zones(struct weftd *d)
{
	int r = 0;

	base_rcu_offline();
	for (size_t i = 0; i < d->zones.count && r >= 0; i++)
		if (d->zones.items[i]->is_stale) {
			r = hosting_reload(d->zones.items[i], d->store, d->registrar,
					   d->zones.items[i]->file, HOSTING_RELOAD_IF_CHANGED,
					   weftd_report, NULL);
			if (r < 0)
				log_zone(BASE_LOG_ERROR, d->zones.items[i],
					 "changed zone file cannot be merged", r);
		}
	registry_registrar_run(d->registrar, follow_zones, d);
	base_rcu_online();
	return r < 0 ? -1 : 0;
}

static int start_serving(struct weftd *d)
{
	int r;

	d->view = weftd_rules_new(d, d->config, weftd_report, NULL);
	if (d->view == NULL)
		return fail_with("not started: see the errors above");
	server_set_rules(d->server, d->view);
	server_set_revoked(d->server, d->revoked);
	r = server_start(d->server, d->registrar);
	return r < 0 ? fail("starting the workers", r) : 0;
}

static int start_control(struct weftd *d)
{
	const struct weftd_config_server *s = &d->config->server;
	struct control_settings settings = {
		.path = s->control,
		.uid = (uid_t)-1,
		.gid = (gid_t)-1,
		.commands = control_commands,
		.run = weftd_commands,
		.ncommands = CONTROL_COMMANDS,
		.arg = d,
	};
	int r;

	if (s->control == NULL)
		return 0;
	if (s->control_group != NULL &&
	    (r = process_privileges_group(&settings.gid, s->control_group)) < 0)
		return fail(s->control_group, r);
	r = control_open(&d->control, d->loop, &settings);
	return r < 0 ? fail(s->control, r) : 0;
}

static void raise_file_limit(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_NOFILE, &l) < 0)
		return;
	l.rlim_cur = l.rlim_max;
	setrlimit(RLIMIT_NOFILE, &l);
}

static void roll_cookies(struct weftd *d)
{
	memmove(d->cookies.secret[1], d->cookies.secret[0], DNS_COOKIE_SECRET_SIZE);
	randombytes_buf(d->cookies.secret[0], DNS_COOKIE_SECRET_SIZE);
	d->cookies.count = d->cookies.count < 2 ? d->cookies.count + 1 : 2;
}

static void start_loop(struct weftd *d);

/* Which epochs are in force: whoever rotates wants to see it. */
static void log_fabrics(const struct weftd_config *config)
{
	for (const struct weftd_config_fabric *f = config->fabrics; f != NULL; f = f->next)
		base_log(BASE_LOG_INFO, "cmd", "fabric: name=%s epoch=%u", f->name_text,
			 (unsigned)f->fabric->epoch[0].number);
}

static void log_ready(struct weftd *d)
{
	uint64_t nrecords = 0;

	for (size_t i = 0; i < d->view->nzones; i++)
		nrecords += zone_snapshot_records(zone_current(d->view->zones[i].zone));
	base_log(BASE_LOG_INFO, "cmd", "ready zones=%zu records=%llu workers=%u", d->view->nzones,
		 (unsigned long long)nrecords, server_workers(d->server));
	process_notify_ready("serving");
}

int weftd_start(struct weftd *d, const char *config_path)
{
	int r;

	memset(d, 0, sizeof *d);
	d->config_path = config_path;
	d->started_s = base_clock_wall_s();
	randombytes_buf(&d->seed, sizeof d->seed);
	roll_cookies(d);
	umask(027);
	signal(SIGPIPE, SIG_IGN);
	base_rcu_register();
	d->loop = ev_default_loop(EVFLAG_AUTO);
	if (d->loop == NULL || registry_state_init(&d->state, d->seed) < 0)
		return fail("starting the loop", -ENOMEM);
	if (weftd_config_load(&d->config, config_path, weftd_report, NULL) < 0 ||
	    weftd_config_unlock(d->config, weftd_report, NULL) < 0)
		return -1;
	base_log_set_level((enum base_log_level)d->config->server.log.level);
	raise_file_limit();
	ev_async_init(&d->keeper_wake, on_keeper_wake);
	d->keeper_wake.data = d;
	ev_async_start(d->loop, &d->keeper_wake);
	if (start_privileged(d) < 0)
		return -1;
	/* As the user, who will have to open it again; what went wrong so far is on standard error.
	 */
	if ((r = base_log_open(d->config->server.log.to)) < 0)
		return fail(d->config->server.log.to, r);
	if (start_store(d) < 0 || start_leases(d) < 0 || start_registrar(d) < 0 ||
	    start_zones(d) < 0 || start_serving(d) < 0 || start_control(d) < 0)
		return -1;
	start_loop(d);
	for (size_t i = 0; i < d->zones.count; i++)
		if (d->zones.items[i]->needs_baseline)
			put_job(d, d->zones.items[i], weftd_job_baseline);
	log_fabrics(d->config);
	log_ready(d);
	return 0;
}

/* ---- reloading ---- */

/* A zone that waited for its file is given it. 0, or -1 after telling. */
static int load_parked(struct weftd *d, struct hosting_zone *h, const struct weftd_config_zone *z)
{
	struct base_error error;

	if (h->is_purging) {
		base_error_set_at(&error, -EBUSY, z->at, "the zone is being purged: reload again");
		weftd_report(NULL, BASE_LOG_ERROR, &error);
		return -1;
	}
	if (!h->is_waiting)
		return 0;
	return hosting_zone_set_file(h, z->file) < 0 ||
			       hosting_restore_first(h, d->store, weftd_report, NULL) < 0
		       ? -1
		       : 0;
}

static int load_new(struct weftd *d, const struct weftd_config_zone *z)
{
	struct hosting_zone *h = hosting_zone_new(z->name, z->file, d->seed);

	if (h != NULL && hosting_restore_first(h, d->store, weftd_report, NULL) == 0 &&
	    hosting_add(&d->zones, h) == 0)
		return 0;
	hosting_zone_free(h);
	return -1;
}

/* A zone that was configured a moment ago needs a first version before it is served. */
static int load_new_zones(struct weftd *d, const struct weftd_config *next)
{
	int result = 0;

	for (const struct weftd_config_zone *z = next->zones; z != NULL; z = z->next) {
		struct hosting_zone *h = hosting_find(&d->zones, z->name);

		if ((h == NULL ? load_new(d, z) : load_parked(d, h, z)) < 0)
			result = -1;
	}
	return result;
}

/* Takes back what load_new_zones did: nobody has seen it. */
static void drop_new_zones(struct weftd *d, size_t count)
{
	while (d->zones.count > count)
		hosting_zone_free(d->zones.items[--d->zones.count]);
	for (size_t i = 0; i < count; i++)
		if (weftd_config_zone_find(d->config, zone_name(d->zones.items[i]->zone)) == NULL)
			hosting_zone_set_file(d->zones.items[i], NULL);
}

static void note_restart(void *arg, const char *option)
{
	(void)arg;
	base_log(BASE_LOG_WARNING, "cmd", "takes effect at a restart only: option=%s", option);
}

/* Points the zones to their files; who is no longer configured is parked. */
static void set_files(struct weftd *d, weftd_load_fn load, void *arg)
{
	for (size_t i = 0; i < d->zones.count; i++) {
		struct hosting_zone *h = d->zones.items[i];
		const struct weftd_config_zone *z =
			weftd_config_zone_find(d->config, zone_name(h->zone));

		if (hosting_zone_set_file(h, z == NULL ? NULL : z->file) < 0)
			log_zone(BASE_LOG_ERROR, h, "file not changed", -ENOMEM);
		else if (z != NULL && load != NULL)
			load(arg, d, h);
		else if (z != NULL)
			put_job(d, h, weftd_job_load);
	}
	weftd_ask(d, follow_zones, d);
}

static void reload_end(bool is_good)
{
	base_log(is_good ? BASE_LOG_INFO : BASE_LOG_ERROR, "cmd", "%s",
		 is_good ? "configuration reloaded"
			 : "configuration not reloaded, the old one stays in force");
	process_notify_ready(is_good ? "serving"
				     : "serving by the old configuration: the new one is wrong");
}

static void log_follow(const struct weftd_config_log *old, const struct weftd_config_log *next)
{
	int r = strcmp(old->to, next->to) == 0 ? 0 : base_log_open(next->to);

	if (r < 0)
		fail(next->to, r);
	base_log_set_level((enum base_log_level)next->level);
}

bool weftd_reload(struct weftd *d, weftd_load_fn load, void *arg)
{
	struct weftd_config *next, *old = d->config;
	struct server_rules *view = NULL, *old_view = d->view;
	size_t nzones = d->zones.count;
	int r;

	process_notify_reloading();
	if ((r = base_log_reopen()) < 0)
		fail(old->server.log.to, r);
	if (weftd_config_load(&next, d->config_path, weftd_report, NULL) < 0) {
		reload_end(false);
		return false;
	}
	if (weftd_config_unlock(next, weftd_report, NULL) == 0 && load_new_zones(d, next) == 0)
		view = weftd_rules_new(d, next, weftd_report, NULL);
	if (view == NULL) {
		drop_new_zones(d, nzones);
		weftd_config_free(next);
		reload_end(false);
		return false;
	}
	weftd_config_needs_restart(old, next, note_restart, NULL);
	d->config = next;
	d->view = view;
	atomic_store_explicit(&d->checkpoint_size, next->store.checkpoint_size,
			      memory_order_relaxed);
	log_follow(&old->server.log, &next->server.log);
	base_rcu_offline();
	server_set_rules(d->server, view);
	base_rcu_online();
	weftd_rules_free(old_view);
	weftd_config_free(old);
	log_fabrics(next);
	set_files(d, load, arg);
	reload_end(true);
	return true;
}

/* ---- the loop ---- */

static void on_stop_signal(struct ev_loop *loop, struct ev_signal *signal, int events)
{
	(void)signal;
	(void)events;
	ev_break(loop, EVBREAK_ALL);
}

static void on_reload_signal(struct ev_loop *loop, struct ev_signal *signal, int events)
{
	(void)loop;
	(void)events;
	weftd_reload(signal->data, NULL, NULL);
}

static void on_watchdog(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop;
	(void)timer;
	(void)events;
	process_notify_watchdog();
}

/* RFC 9018 section 5: a secret of our own does not live for ever; cookies of the one before are
 * still good. */
static void on_cookie_timer(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct weftd *d = timer->data;
	struct server_rules *view, *old = d->view;

	(void)loop;
	(void)events;
	if (d->config->server.cookie_secrets.count > 0)
		return;
	roll_cookies(d);
	view = weftd_rules_new(d, d->config, weftd_report, NULL);
	if (view == NULL)
		return;
	d->view = view;
	base_rcu_offline();
	server_set_rules(d->server, view);
	base_rcu_online();
	weftd_rules_free(old);
}

static void start_signal(struct weftd *d, struct ev_signal *s, int number,
			 void (*run)(struct ev_loop *, struct ev_signal *, int))
{
	ev_signal_init(s, run, number);
	s->data = d;
	ev_signal_start(d->loop, s);
}

static void start_loop(struct weftd *d)
{
	double watchdog = (double)process_notify_watchdog_interval_ms() / 1000;

	start_signal(d, &d->on_term, SIGTERM, on_stop_signal);
	start_signal(d, &d->on_int, SIGINT, on_stop_signal);
	start_signal(d, &d->on_hup, SIGHUP, on_reload_signal);
	if (watchdog > 0) {
		ev_timer_init(&d->watchdog, on_watchdog, watchdog, watchdog);
		ev_timer_start(d->loop, &d->watchdog);
	}
	ev_timer_init(&d->cookie_timer, on_cookie_timer, COOKIE_ROLL_S, COOKIE_ROLL_S);
	d->cookie_timer.data = d;
	ev_timer_start(d->loop, &d->cookie_timer);
}

/* Main reads zones only in passing, and must hold up no grace period while it waits. */
static void on_release(struct ev_loop *loop)
{
	(void)loop;
	base_rcu_offline();
}

static void on_acquire(struct ev_loop *loop)
{
	(void)loop;
	base_rcu_online();
}

void weftd_run(struct weftd *d)
{
	ev_set_loop_release_cb(d->loop, on_release, on_acquire);
	ev_run(d->loop, 0);
	ev_set_loop_release_cb(d->loop, NULL, NULL);
	process_notify_stopping();
	base_log(BASE_LOG_INFO, "cmd", "stopping");
}

void weftd_stop(struct weftd *d)
{
	struct hosting_job *job;

	base_rcu_offline();
	control_close(d->control);
	/* Dumps see the flag and end. */
	atomic_store_explicit(&d->is_stopping, true, memory_order_relaxed);
	while (d->ndumps > 0) {
		base_rcu_online();
		ev_run(d->loop, EVRUN_ONCE);
		base_rcu_offline();
	}
	if (d->view != NULL)
		server_stop(d->server);
	if (d->keeper != NULL) {
		hosting_jobs_stop(d->keeper);
		while ((job = hosting_jobs_take(d->keeper)) != NULL)
			((struct weftd_job *)job)->done((struct weftd_job *)job);
		hosting_jobs_free(d->keeper);
	}
	registry_registrar_stop(d->registrar);
	registry_state_fini(&d->state);
	server_close(d->server);
	weftd_rules_free(d->view);
	base_rcu_online();
	for (size_t i = 0; i < d->zones.count; i++)
		hosting_zone_free(d->zones.items[i]);
	free(d->zones.items);
	fabric_revoked_free(d->revoked);
	store_close(d->store);
	weftd_config_free(d->config);
	base_rcu_unregister();
	if (d->loop != NULL)
		ev_loop_destroy(d->loop);
}
