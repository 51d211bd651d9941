/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agent/agent.h - a node's agent: makes what runs here equal to what the zone assigns to this node,
 * and records in the zone what came of it.
 *
 * It has all that it needs, from the registries to the processes, on the loop that it is given,
 * which must not be libev's default loop (child/reaper.h). It reads no configuration file, answers
 * no socket and ends no process but the services': that is its program's. One in a process. Thread
 * of the loop. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "locate/settings.h"

struct address_settings;
struct agent;
struct ev_loop;
struct sockaddr_storage;

enum {
	AGENT_LEASE_MIN_S = 3,
	AGENT_LEASE_MAX_S = 3600,
	AGENT_HISTORY_KEEP = 10000, /* events, unless configured otherwise */
};

/* All texts are copied. */
struct agent_settings {
	const char *node;	       /* its name below `nodes`: n1 */
	const char *fabric;	       /* the zone: lab.cloud */
	struct locate_settings locate; /* where the registries are, and the key */
	const char *folder;	       /* what must survive a boot, and the instances' folders */
	const char *run_folder;	       /* what must not: locks, states of units */
	const char *log_folder;	       /* outputs of instances; NULL: `log` in `folder` */
	const char *group;	       /* of its control groups; NULL: none are used */
	const char *rev;	       /* of the software, for the node's TXT */
	const struct address_settings *address; /* what the node's A and AAAA records have */
	uint16_t manage_port;			/* 0: there is no management port */
	uint32_t lease_s;      /* of node and instances, AGENT_LEASE_MIN_S to AGENT_LEASE_MAX_S */
	uint32_t history_keep; /* events that remain in the zone */
};

/* What the program is called with, from the loop and from functions below. */
struct agent_events {
	/* The state of an instance, or what agent_each() shows of it, has changed. `name` is its
	 * owner name, borrowed. May be NULL. */
	void (*on_change)(void *arg, const uint8_t *name);
	/* agent_stop() or agent_leave() is over: the agent may be freed, though not from within
	 * the call. */
	void (*on_end)(void *arg);
	/* What an operator may want to read. `about` is the label of an instance, or "agent". */
	void (*on_log)(void *arg, enum base_log_level level, const char *about, const char *text);
};

/* Opens all that there is on this node: folders, saved orders, what runs of them, which is adopted.
 * `loop` and `events` are borrowed until the agent is freed. Returns 0, or a negative errno with
 * `error` filled in: -EBUSY if another agent has the folder. */
int agent_new(struct agent **out, struct ev_loop *loop, const struct agent_settings *settings,
	      const struct agent_events *events, void *arg, struct base_error *error);

/* Ends without waiting for anything: what runs goes on and its registrations remain until their
 * leases end, for an agent that adopts it. NULL is fine. */
void agent_free(struct agent *a);

/* ---- ends ---- */

/* Stops all instances, dependants first, removes all records of this node, and calls `on_end`; at
 * the latest `timeout_ms` after the last instance has ended, if no registry answers. */
void agent_stop(struct agent *a, uint32_t timeout_ms);

/* Stops nothing: sends what is waiting to be sent, for `timeout_ms` at most, and calls `on_end`. */
void agent_leave(struct agent *a, uint32_t timeout_ms);

/* Prepares for execve of the same program or a later one: like agent_leave, and listening sockets
 * stay open across it. Returns 0, or a negative errno. */
int agent_hand_over(struct agent *a);

/* Takes other settings: address, lease, rev, manage_port and history_keep hold at once. Returns 0,
 * or a negative errno with `error` filled in and nothing changed: -ENOTSUP names the first one that
 * needs a restart of the agent. */
int agent_reload(struct agent *a, const struct agent_settings *settings, struct base_error *error);

/* ---- how it is ---- */

struct agent_status {
	const char *node, *zone; /* texts, without final dot */
	const char *boot;	 /* the id of this boot */
	uint64_t age;		 /* how often the node has appeared */
	const char *state;	 /* "starting": the zone was not read yet; "up", "leaving" */
	bool is_current;	 /* the zone was read: what is not assigned was known */
	bool is_registered;	 /* the node */
	const char *error;	 /* why it is not; "": it is, or was not tried yet */
	const struct sockaddr_storage *addresses; /* that are registered for the node */
	size_t naddresses;
	size_t ninstances;	  /* assigned or running */
	uint64_t nevents_waiting; /* not in the zone yet */
	bool is_push_known;	  /* whether changes are pushed to the agent; */
	bool is_pushed;		  /* if not they are asked for */
	const char *push_server;  /* the registry that pushes, or had better, HOST@PORT; "": none */
	const char *push_why;	  /* why changes are not pushed, and what to do; "": they are */
};

/* `out` is valid until the loop's next turn. */
void agent_get_status(const struct agent *a, struct agent_status *out);

/* A service that an instance uses. */
struct agent_use {
	const char *name;
	const char *address; /* HOST:PORT, or NULL: it is not there */
};

/* One instance. Texts are "" if there is nothing to show, unless NULL is mentioned. */
struct agent_view {
	const uint8_t *instance;  /* its owner name */
	const char *label, *type; /* web-1, _http._tcp */
	const char *state;	  /* assigned, preparing, starting, up, draining, stopped, failed */
	const char *cause;  /* as supervise_unit_cause_to_text(), or what it waits for: "spec",
				      "name", "resource", "uses", "fence", "zone", "operator" */
	const char *reason; /* one line */
	const char *health; /* as supervise_verdict_to_text() */
	pid_t pid;	    /* 0: none */
	uint64_t inc;	    /* 0: was never started */
	const char *id;
	uint32_t port;	       /* 0: none */
	const char *cfg, *ver; /* of what runs, or shall */
	uint32_t restarts;     /* by its deaths, since it was started */
	const char *status;    /* that it has reported of itself */
	uint64_t nchecks;      /* that have ended, since it was opened */
	uint64_t started_ms;   /* wall clock; 0: does not run */
	int64_t wait_ms;       /* until it is started again; -1: is not waiting */
	bool is_wanted;	       /* assigned, and not stopped by an operator */
	bool is_registered;
	const char *name;	      /* the name resource that it holds; NULL */
	const char *const *resources; /* that it holds */
	size_t nresources;
	const struct agent_use *uses;
	size_t nuses;
	const char *folder; /* its working folder; NULL: none yet */
	const char *log;    /* the file of its output; NULL: none */
};

/* Calls `fn` for each instance, in the order of their names. The view is valid during the call,
 * which changes nothing. */
void agent_each(const struct agent *a, void (*fn)(void *arg, const struct agent_view *view),
		void *arg);

/* Fills in the view of one instance, valid until the loop's next turn. `name` is an owner name.
 * Returns 0, or -ENOENT. */
int agent_get(const struct agent *a, const uint8_t *name, struct agent_view *out);

/* Writes the owner name of the instance that `text` means: its label if only one instance has that,
 * or LABEL.TYPE, with or without the zone. Returns 0, -ENOENT, or -ENOTUNIQ, with `error` filled
 * in. */
int agent_find(const struct agent *a, const char *text, uint8_t out[static 255],
	       struct base_error *error);

/* ---- what an operator asks for ---- */

/* Wants an instance to run. One that was stopped by agent_stop_instance() is so no more; one that
 * has failed or waits for its restart is started at once. Returns 0, or -ENOENT with `error` filled
 * in; what comes of it follows by `on_change`. Likewise the next three. */
int agent_start_instance(struct agent *a, const uint8_t *name, struct base_error *error);

/* Stops an instance until it is started by the function above or assigned anew; also when the agent
 * or the node is started again. */
int agent_stop_instance(struct agent *a, const uint8_t *name, struct base_error *error);

/* Restarts an instance. `seen_inc` is the incarnation that the caller saw, 0: any; if that is over
 * already nothing is done, so that many callers cause one restart. -EAGAIN then. */
int agent_restart_instance(struct agent *a, const uint8_t *name, uint64_t seen_inc,
			   struct base_error *error);

/* Checks an instance now. -ESRCH if it does not run, -ENOTSUP if it has no check. */
int agent_check_instance(struct agent *a, const uint8_t *name, struct base_error *error);
