/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Starting, in this order: configuration, log, user and folders, sockets (port 53 wants root), then no root any more; the store, the zones, the
 * registrar, the workers, the control socket, READY. Queries that come while zones are loaded wait in the sockets. Stopping goes the other way. */
#include "cmd/daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <urcu-qsbr.h>

#include <sodium.h>

#include "base/log.h"
#include "cmd/notify.h"
#include "cmd/privileges.h"
#include "zone/zone.h"

enum { COOKIE_ROLL_S = 12 * 3600 };

void cmd_daemon_report(void *arg, enum base_log_level level, const char *file, unsigned line, const char *text)
{
	(void)arg;
	if (line > 0)
		base_log(level, "cmd", "%s:%u: %s", file, line, text);
	else
		base_log(level, "cmd", "%s: %s", file, text);
}

void cmd_daemon_problem(void *arg, bool is_error, const char *file, unsigned line, const char *text)
{
	cmd_daemon_report(arg, is_error ? BASE_LOG_ERROR : BASE_LOG_WARNING, file, line, text);
}

/* ---- checking ---- */

static int check_zone(const struct cmd_config_zone *z)
{
	struct registry_hosted *h = registry_hosted_new(z->name, z->file, 1);
	int result = h == NULL ? -ENOMEM : registry_hosted_read_file(h->zone, h->file, NULL, cmd_daemon_problem, NULL);

	registry_hosted_free(h);
	return result;
}

int cmd_daemon_check(const char *config_path)
{
	struct cmd_config *config;
	bool is_good;

	base_log_set_level(BASE_LOG_WARNING);
	if (cmd_config_load(&config, config_path, cmd_daemon_report, NULL) < 0)
		return 1;
	rcu_register_thread();
	is_good = cmd_daemon_view_check(config, cmd_daemon_report, NULL);
	for (const struct cmd_config_zone *z = config->zones; z != NULL; z = z->next)
		if (check_zone(z) < 0)
			is_good = false;
	rcu_unregister_thread();
	cmd_config_free(config);
	return is_good ? 0 : 1;
}

/* ---- jobs ---- */

static void job_problem(void *arg, bool is_error, const char *file, unsigned line, const char *text)
{
	struct cmd_job *job = arg;
	size_t n = strlen(file) + strlen(text) + 32;
	char *problems = realloc(job->problems, job->nproblems + n);

	cmd_daemon_problem(NULL, is_error, file, line, text);
	if (problems == NULL)
		return;
	job->problems = problems;
	job->nproblems += (size_t)snprintf(problems + job->nproblems, n, "%s%s:%u: %s%s", job->nproblems > 0 ? "\n" : "",
	                                   file, line, is_error ? "" : "warning: ", text);
}

struct cmd_job *cmd_job_new(struct cmd_daemon *d, struct registry_hosted *zone, void (*run)(struct registry_job *),
                            void (*done)(struct cmd_job *))
{
	struct cmd_job *job = calloc(1, sizeof *job);

	if (job == NULL)
		return NULL;
	job->job.run = run;
	job->daemon = d;
	job->zone = zone;
	job->done = done;
	return job;
}

void cmd_job_free(struct cmd_job *job)
{
	free(job->problems);
	free(job);
}

static void log_zone(enum base_log_level level, const struct registry_hosted *h, const char *what, int error)
{
	char name[DNS_NAME_TEXT_MAX];

	dns_name_to_text(name, zone_name(h->zone));
	if (error < 0)
		base_log(level, "registry", "%s: zone=%s error=\"%s\"", what, name, strerror(-error));
	else
		base_log(level, "registry", "%s: zone=%s", what, name);
}

void cmd_job_merge(struct registry_job *job)
{
	struct cmd_job *j = (struct cmd_job *)job;

	j->result = registry_hosted_merge(j->zone, j->daemon->store, j->daemon->registrar, j->is_forced, job_problem, j);
	if (j->result < 0)
		log_zone(BASE_LOG_ERROR, j->zone, "zone file not merged, the zone stays as it was", j->result);
	else if (j->result > 0)
		log_zone(BASE_LOG_INFO, j->zone, "zone file merged", 0);
}

void cmd_job_base(struct registry_job *job)
{
	struct cmd_job *j = (struct cmd_job *)job;

	j->result = registry_hosted_write_base(j->zone, j->daemon->store);
	if (j->result < 0)
		log_zone(BASE_LOG_ERROR, j->zone, "zone not written to the store", j->result);
}

void cmd_job_checkpoint(struct registry_job *job)
{
	struct cmd_job *j = (struct cmd_job *)job;

	cmd_job_base(job);
	if (j->result == 0)
		j->result = registry_hosted_checkpoint(j->zone, j->daemon->store);
	if (j->result < 0)
		log_zone(BASE_LOG_ERROR, j->zone, "checkpoint not written", j->result);
	else
		log_zone(BASE_LOG_DEBUG, j->zone, "checkpoint written", 0);
}

static void put_job(struct cmd_daemon *d, struct registry_hosted *zone, void (*run)(struct registry_job *))
{
	struct cmd_job *job = cmd_job_new(d, zone, run, cmd_job_free);

	if (job != NULL)
		registry_keeper_put(d->keeper, &job->job);
}

static void checkpoints_done(struct cmd_job *job)
{
	atomic_store_explicit(&job->daemon->is_checkpointing, false, memory_order_release);
	cmd_job_free(job);
}

static void checkpoint_all(struct cmd_daemon *d)
{
	struct cmd_job *last;

	if (d->zones.count == 0)
		return;
	for (size_t i = 0; i + 1 < d->zones.count; i++)
		put_job(d, d->zones.items[i], cmd_job_checkpoint);
	last = cmd_job_new(d, d->zones.items[d->zones.count - 1], cmd_job_checkpoint, checkpoints_done);
	if (last != NULL)
		registry_keeper_put(d->keeper, &last->job);
	else
		atomic_store_explicit(&d->is_checkpointing, false, memory_order_release);
}

static void on_keeper_wake(struct ev_loop *loop, struct ev_async *async, int events)
{
	struct cmd_daemon *d = async->data;
	struct registry_job *job;

	(void)loop;
	(void)events;
	while ((job = registry_keeper_take(d->keeper)) != NULL)
		((struct cmd_job *)job)->done((struct cmd_job *)job);
	if (atomic_load_explicit(&d->is_checkpointing, memory_order_acquire) == 2)
		checkpoint_all(d);
}

/* In the keeper's thread. */
static void wake_main(void *arg)
{
	struct cmd_daemon *d = arg;

	ev_async_send(d->loop, &d->keeper_wake);
}

