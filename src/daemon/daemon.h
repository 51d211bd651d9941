/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* daemon/daemon.h - a running weftd: every part of the program, and the state between them.
 *
 * The struct ties the rooms together: the workers' updates go to the registrar, its replies to the
 * workers, the growth of its log to the jobs that write checkpoints. It has no functions: the units
 * of this room and the commands each take it. The main thread owns it; other threads see it only as
 * the groups below permit. */
#pragma once

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include <ev.h>

#include "base/queue.h"
#include "dns/cookie.h"
#include "hosting/hosting.h"
#include "registry/announce.h"
#include "registry/state.h"

struct bridge;
struct control_server;
struct daemon_affected;
struct daemon_reload;
struct daemon_retired;
struct fabric_revoked;
struct fabric_tls_tickets;
struct hosting_jobs;
struct registry_registrar;
struct server;
struct server_rules;
struct settings;
struct store;
struct web_http;

/* Whether checkpoints are being written. The registrar's thread finds that they are due (IDLE to
 * DUE); the main thread has them written (DUE to RUNNING) and ends that (RUNNING to IDLE). */
enum daemon_checkpointing {
	DAEMON_CHECKPOINT_IDLE,
	DAEMON_CHECKPOINT_DUE,
	DAEMON_CHECKPOINT_RUNNING
};

enum { DAEMON_HEALTH_TEXT_MAX = 512 }; /* bytes of a sentence of daemon/health.h, with its end */

struct daemon {
	/* set by weftd_start() before other threads start */
	const char *config_path; /* borrowed from the command line */
	char config_file[PATH_MAX]; /* the same as an absolute path, to be shown */
	bool is_confined;	 /* gives up what it does not need; false: --no-confine */
	struct ev_loop *loop;
	uint64_t seed;	    /* random, of hash tables whose keys come from the network */
	gid_t control_gid;  /* of the control socket; (gid_t)-1: the process' */
	uint64_t started_s; /* seconds since 1970 */
	uint16_t tls_port;  /* of the first address that TLS is served on; 0: none */
	struct store *store;
	struct registry_registrar *registrar;
	struct hosting_jobs *jobs; /* the thread of long jobs */
	struct server *server;
	struct fabric_tls_tickets *tickets; /* keys of TLS tickets */
	struct sockaddr_storage *addresses; /* of this machine at the start */
	size_t naddresses;
	struct control_server *control; /* NULL: the configuration has no control socket */

	/* main thread */
	struct settings *config;
	struct web_http *web;	  /* NULL: metrics are not served */
	bool is_web_failed;	  /* they should be */
	bool is_config_refused;	  /* at the last reload: `config` is an older one */
	char status[DAEMON_HEALTH_TEXT_MAX]; /* reported last to the service manager */
	uint64_t config_loaded_s; /* when `config` came into force, in seconds since 1970 */
	uint64_t log_ndropped;	  /* lines of the log that were dropped, when last looked */
	uint64_t log_dropped_ms;  /* steady clock: when there were more than before; 0: never */
	struct hosting zones;		   /* all, including parked ones */
	struct server_rules *rules;	   /* those that the workers use */
	struct fabric_revoked *revoked;	   /* the keys that the workers reject; NULL: none */
	struct dns_cookie_secrets cookies; /* our own, if the configuration has none */
	unsigned ndumps;		   /* threads that write dumps */
	unsigned nbackups;		   /* and backups */
	unsigned nchecks;		   /* of service views, not answered yet */
	uint64_t bridge_started_ms;	   /* steady clock */
	struct daemon_retired *retired;	   /* what other threads may use yet */
	struct daemon_reload
		*reload; /* the one that is under way, then those that wait; NULL: none */

	/* the registrar's thread while it runs, else the main thread */
	struct registry_state state; /* leases, owners and service views */
	struct registry_announcements announced;
	struct daemon_affected *affected; /* of the command in hand, or NULL */

	/* any thread, atomic */
	_Atomic(struct bridge *) bridge;       /* to the LAN; NULL: there is none */
	struct base_queue asked;	       /* questions (struct daemon_ask) that are answered */
	_Atomic bool is_stopping;	       /* dumps end early */
	_Atomic uint64_t log_nbytes;	       /* as store_log_nbytes, after the last batch */
	_Atomic uint64_t checkpoint_nbytes;    /* growth of the log after which they are due */
	_Atomic uint64_t checkpoint_protected; /* bytes of log that no checkpoint can free: those
						    of zones that wait for their file */
	_Atomic int64_t checkpoint_not_before_s; /* by the steady clock: after one has failed */
	_Atomic int checkpointing;		 /* enum daemon_checkpointing */

	/* the loop's watchers, main thread only */
	struct ev_signal on_term, on_int, on_hup;
	struct ev_timer watchdog, cookie_timer, retire_timer, status_timer, tls_timer;
	struct ev_async asked_wake; /* sent by the registrar: questions are answered */
	struct ev_async jobs_wake;  /* sent by any thread: jobs are done, or checkpoints are due */
};
