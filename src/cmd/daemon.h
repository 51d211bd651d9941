/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* cmd/daemon.h - weftd put together: what main() starts, reloads and stops.
 *
 * Ties the rooms to each other: the workers' updates go to the registrar, its replies to the
 * workers, its log to the keeper's checkpoints. Everything here runs in the main thread but where
 * it says otherwise. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include <ev.h>

#include "cmd/config.h"
#include "fabric/revoked.h"
#include "registry/hosted.h"
#include "registry/keeper.h"
#include "registry/ledger.h"
#include "registry/registrar.h"
#include "server/control.h"
#include "server/server.h"
#include "store/store.h"

/* The registrar sees that checkpoints are due, main has them written. */
enum cmd_checkpointing { CMD_CHECKPOINT_IDLE, CMD_CHECKPOINT_DUE, CMD_CHECKPOINT_RUNNING };

struct cmd_daemon {
	const char *config_path;
	struct cmd_config *config;
	struct ev_loop *loop;
	struct store *store;
	struct registry_hosted_list zones; /* all, parked ones too */
	struct registry_ledger ledger;	   /* the registrar's while that runs */
	struct registry_registrar *registrar;
	struct registry_keeper *keeper;
	struct server *server;
	struct server_view *view;
	struct fabric_revoked *revoked; /* keys; NULL: none */
	struct server_control *control;
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
	_Atomic int checkpointing;	    /* enum cmd_checkpointing; any thread */
	struct ev_signal on_term, on_int, on_hup;
	struct ev_timer watchdog, cookie_timer;
	struct ev_async keeper_wake;
};

/* Starts everything; returns when queries and updates are answered. 0, or -1 after logging what is
 * wrong. */
int cmd_daemon_start(struct cmd_daemon *d, const char *config_path);

/* Serves until SIGTERM, SIGINT or `weft stop`. */
void cmd_daemon_run(struct cmd_daemon *d);

/* Answers what has come, writes what is to be kept, frees everything. Also after a failed start. */
void cmd_daemon_stop(struct cmd_daemon *d);

/* Checks configuration and zone files without serving: weftd -t. Returns the exit status. */
int cmd_daemon_check(const char *config_path);

/* Has a zone's file read again by the keeper, with cmd_job_load. */
typedef void (*cmd_daemon_load_fn)(void *arg, struct cmd_daemon *d, struct registry_hosted *zone);

/* Reads the configuration again (SIGHUP), and has `load` see to the files of the zones; NULL: in
 * the background. False if the configuration is wrong: the old one stays in force then. */
bool cmd_daemon_reload(struct cmd_daemon *d, cmd_daemon_load_fn load, void *arg);

/* Makes what the workers go by from the configuration and the zones that are loaded. NULL when
 * memory is short, or when `report` has been told what is wrong. */
struct server_view *cmd_daemon_view_new(struct cmd_daemon *d, const struct cmd_config *config,
					cmd_config_report_fn report, void *arg);
void cmd_daemon_view_free(struct server_view *v);

/* Runs it in the registrar's thread and waits until it has run. In the main thread, which is
 * registered with RCU and online. */
void cmd_daemon_ask(struct cmd_daemon *d, void (*run)(struct registry_registrar *, void *),
		    void *arg);

/* The commands of the control socket. */
extern const struct server_control_command cmd_daemon_commands[];

/* Logs what is wrong in a configuration or zone file. */
void cmd_daemon_report(void *arg, enum base_log_level level, const char *file, unsigned line,
		       const char *text);
void cmd_daemon_problem(void *arg, bool is_error, const char *file, unsigned line,
			const char *text);

/* A job on one zone for the keeper; `done` runs in the main thread when it is finished. */
struct cmd_job {
	struct registry_job job;
	struct cmd_daemon *daemon;
	struct registry_hosted *zone;
	char *file; /* the zone's, as it was when the job was made: a reload may change it; NULL:
		       parked */
	bool is_forced;
	int result;
	char *problems; /* what was wrong, one line each; NULL if nothing */
	size_t nproblems;
	void (*done)(struct cmd_job *job);
};

/* Says which zone the job is about. 0 or -ENOMEM. */
int cmd_job_set_zone(struct cmd_job *job, struct registry_hosted *zone);

/* Makes a job; NULL when memory is short. Put it with registry_keeper_put(d->keeper, &job->job). */
struct cmd_job *cmd_job_new(struct cmd_daemon *d, struct registry_hosted *zone,
			    void (*run)(struct registry_job *), void (*done)(struct cmd_job *));
void cmd_job_free(struct cmd_job *job);

/* What jobs run: merge the zone's file; write its base if that is due; both; a checkpoint. In the
 * keeper's thread. */
void cmd_job_merge(struct registry_job *job);
void cmd_job_base(struct registry_job *job);
void cmd_job_load(struct registry_job *job);
void cmd_job_checkpoint(struct registry_job *job);
