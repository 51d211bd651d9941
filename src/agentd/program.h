/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agentd/program.h - a running weft-agentd: every part of the program, and the state between them.
 *
 * The struct ties configuration, agent and control socket together. It has no functions: the units
 * of this room take it. One thread. */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <sys/types.h>

#include <ev.h>

#include "agentd/identity.h"

struct agent;
struct agentd_settings;
struct control_server;

/* How the program ends. */
enum agentd_end {
	AGENTD_END_NOT,
	AGENTD_END_STOP,    /* its services are stopped, its records removed */
	AGENTD_END_LEAVE,   /* everything goes on, for an agent that adopts it */
	AGENTD_END_UPGRADE, /* likewise; the program is run again in the same process */
};

struct agentd {
	char config_path[PATH_MAX]; /* absolute, so that the paths of services are */
	char *const *argv;
	char program[PATH_MAX]; /* its file, where a newer one may be by now */
	uint64_t started_s;	/* seconds since 1970 */

	/* `first` is that of the start, whose options with CONF_RESTART remain in force; a reload
	 * replaces `config` */
	struct agentd_settings *first, *config;
	struct agentd_identity identity;

	struct ev_loop *loop; /* not the default loop: child/reaper.h */
	struct agent *agent;
	struct control_server *control;
	LIST_HEAD(, agentd_wait) waits; /* requests that are answered when instances are as asked */

	struct ev_signal on_term, on_int, on_hup, on_usr2;
	struct ev_timer watchdog, upgrade, tidy;
	enum agentd_end end;
};
