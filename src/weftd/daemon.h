/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weftd/daemon.h - weftd put together: what main() starts, reloads and stops.
 *
 * Ties the rooms to each other: the workers' updates go to the registrar, its replies to the
 * workers, its log to the keeper's checkpoints. Everything here runs in the main thread but where
 * it says otherwise. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include <ev.h>

#include "base/error.h"
#include "control/server.h"
#include "fabric/revoked.h"
#include "hosting/hosting.h"
#include "hosting/jobs.h"
#include "registry/registrar.h"
#include "registry/state.h"
#include "server/server.h"
#include "store/store.h"
#include "weftd/config.h"

/* The registrar sees that checkpoints are due, main has them written. */
enum weftd_checkpointing { WEFTD_CHECKPOINT_IDLE, WEFTD_CHECKPOINT_DUE, WEFTD_CHECKPOINT_RUNNING };

struct weftd {
	const char *config_path;
	struct weftd_config *config;
	struct ev_loop *loop;
	struct store *store;
	struct hosting zones;	     /* all, parked ones too */
	struct registry_state state; /* the registrar's while that runs */
	struct registry_registrar *registrar;
	struct hosting_jobs *keeper;
	struct server *server;
	struct server_rules *view;
	struct fabric_revoked *revoked; /* keys; NULL: none */
	struct control *control;
	uint64_t seed;
	struct dns_cookie_secrets cookies; /* made by ourselves, if the configuration has none */
	uint64_t started_s;
	unsigned ndumps;	  /* threads that write dumps */
	_Atomic bool is_stopping; /* any thread */
	_Atomic uint64_t
		checkpoint_size; /* bytes of log after which checkpoints are due; any thread */
	_Atomic int64_t checkpoint_pause_s; /* none are due before this monotonic second: the last
					       failed; any thread */
	_Atomic uint64_t checkpoint_kept;   /* bytes of log that no checkpoint frees: of zones that
					       wait for their file; any thread */
	_Atomic int checkpointing;	    /* enum weftd_checkpointing; any thread */
	struct ev_signal on_term, on_int, on_hup;
	struct ev_timer watchdog, cookie_timer;
	struct ev_async keeper_wake;
};

/* Starts everything; returns when queries and updates are answered. 0, or -1 after logging what is
 * wrong. */
int weftd_start(struct weftd *d, const char *config_path);

/* Serves until SIGTERM, SIGINT or `weft stop`. */
void weftd_run(struct weftd *d);

/* Answers what has come, writes what is to be kept, frees everything. Also after a failed start. */
void weftd_stop(struct weftd *d);

/* Checks configuration and zone files without serving: weftd -t. Returns the exit status. */
int weftd_check(const char *config_path);

/* Has a zone's file read again by the keeper, with weftd_job_load. */
typedef void (*weftd_load_fn)(void *arg, struct weftd *d, struct hosting_zone *zone);

/* Reads the configuration again (SIGHUP), and has `load` see to the files of the zones; NULL: in
 * the background. False if the configuration is wrong: the old one stays in force then. */
bool weftd_reload(struct weftd *d, weftd_load_fn load, void *arg);

/* Makes what the workers go by from the configuration and the zones that are loaded. NULL when
 * memory is short, or when `report` has been told what is wrong. */
struct server_rules *weftd_rules_new(struct weftd *d, const struct weftd_config *config,
				     base_report_fn report, void *arg);
void weftd_rules_free(struct server_rules *v);

/* Runs it in the registrar's thread and waits until it has run. In the main thread, which is
 * registered with RCU and online. */
void weftd_ask(struct weftd *d, void (*run)(struct registry_registrar *, void *), void *arg);

/* The commands of the control socket. */
extern const control_fn weftd_commands[];

/* Logs what is wrong in a configuration or zone file. */
void weftd_report(void *arg, enum base_log_level level, const struct base_error *error);

/* A job on one zone for the keeper; `done` runs in the main thread when it is finished. */
struct weftd_job {
	struct hosting_job job;
	struct weftd *daemon;
	struct hosting_zone *zone;
	char *file; /* the zone's, as it was when the job was made: a reload may change it; NULL:
		       parked */
	bool is_forced;
	int result;
	char *problems; /* what was wrong, one line each; NULL if nothing */
	size_t nproblems;
	void (*done)(struct weftd_job *job);
};

/* Says which zone the job is about. 0 or -ENOMEM. */
int weftd_job_set_zone(struct weftd_job *job, struct hosting_zone *zone);

/* Makes a job; NULL when memory is short. Put it with hosting_jobs_put(d->keeper, &job->job). */
struct weftd_job *weftd_job_new(struct weftd *d, struct hosting_zone *zone,
				void (*run)(struct hosting_job *),
				void (*done)(struct weftd_job *));
void weftd_job_free(struct weftd_job *job);

/* What jobs run: merge the zone's file; write its base if that is due; both; a checkpoint. In the
 * keeper's thread. */
void weftd_job_merge(struct hosting_job *job);
void weftd_job_baseline(struct hosting_job *job);
void weftd_job_load(struct hosting_job *job);
void weftd_job_checkpoint(struct hosting_job *job);
