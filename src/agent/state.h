/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* agent/state.h - an agent and its instances, as the files of this room share them.
 *
 * Whatever happens to an instance (its order, its registration, a name that it waits for, its
 * process) is only recorded, and the instance is touched (turn.h). Once a turn of the loop those
 * that were are settled (instance.h): that is where all decisions are made. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "address/address.h"
#include "agent/agent.h"
#include "agent/keep.h"
#include "agent/loop.h"
#include "agent/words.h"
#include "assign/assign.h"
#include "base/address.h"
#include "client/client.h"
#include "depend/depend.h"
#include "outfit/outfit.h"
#include "registrant/registrant.h"

struct agent_instance;
struct client_subscription;
struct history;
struct outfit_lock;

enum {
	AGENT_TEXT_MAX = 256,	  /* an owner name relative to the zone, as text, and a NUL */
	AGENT_PUSH_WHY_MAX = 384, /* one line and a NUL */
	AGENT_FOLDER_MAX = 2048,  /* a path and a NUL */
	AGENT_RETRY_MS = 1000,	  /* until what cannot be waited for is looked at again */
};

/* A registration, whatever it is of. */
struct agent_registration {
	struct agent *agent;
	struct registrant_service *service; /* NULL: none */
	bool is_registered;
	bool has_gap;	/* the registry has lost it, or its lease has ended, since this was unset */
	bool is_ending; /* REGISTRANT_ENDED is waited for */
	int error;	/* of the last failure; 0: none since it was registered */
	struct agent_words why;	      /* likewise */
	void (*on_change)(void *arg); /* one of these has changed */
	void *arg;
};

/* A name or a resource that an instance holds or waits for. */
struct agent_hold {
	struct agent_instance *of;
	struct agent_hold *next;
	enum agent_hold_kind {
		AGENT_HOLD_NAME,     /* of the node */
		AGENT_HOLD_RESOURCE, /* exclusive */
		AGENT_HOLD_SHARED,
	} kind;
	char label[DNS_LABEL_MAX + 1];
	uint8_t name[DNS_NAME_MAX];
	struct outfit_lock *lock; /* of a name */
	struct agent_registration claim;
	pid_t pid; /* that is registered */
	bool is_held;
	bool is_kept;		    /* by a change of the declaration */
	char why[AGENT_REASON_MAX]; /* why it is not held */
};

/* A service that an instance uses. */
struct agent_using {
	struct agent_instance *of;
	struct agent_using *next;
	char *name, *type;
	struct depend *depend;
	bool was_known, is_there;
	char where[DEPEND_WHERE_MAX];
	uint8_t instance[DNS_NAME_MAX]; /* if it is there */
	bool has_changed;		/* since the process was started: on-change is due */
	bool is_kept;
};

/* Where an instance waits on its way to be started, in this order. */
enum agent_gate {
	AGENT_GATE_NONE,
	AGENT_GATE_OPERATOR, /* was stopped */
	AGENT_GATE_SPEC,     /* no declaration that can be used */
	AGENT_GATE_ZONE,     /* the zone was not read yet */
	AGENT_GATE_FENCE,    /* another node has it */
	AGENT_GATE_NAME,
	AGENT_GATE_RESOURCE,
	AGENT_GATE_USES,
};

struct agent_instance {
	struct agent *agent;
	struct agent_instance *next_touched;
	bool is_touched, must_retry;

	uint8_t name[DNS_NAME_MAX];
	const char *label, *type;
	const char *text;		  /* relative to the zone: web-1._http._tcp */
	const struct assign_order *order; /* NULL: withdrawn, is about to end */
	struct agent_keep keep;

	/* what runs */
	struct outfit *outfit;
	bool is_opening;  /* on_open is waited for */
	bool is_probed;	  /* it was opened once: what ran is adopted */
	bool must_close;  /* the outfit, when nothing runs: another is made for the declaration */
	bool has_applied; /* the order's declaration is the outfit's */
	bool is_refused;  /* the order's declaration, which cannot be used: the last one is */
	bool was_active;  /* the unit, when it was looked at last */
	bool must_stop;	  /* to be gone through all gates again, and started */
	char begun_cfg[SPEC_CFG_MAX]; /* of what was to be prepared, and started, last */
	bool must_reload;
	bool is_adopted;    /* what runs was started by an earlier agent */
	bool is_of_before;  /* this node had it when its last agent ended, in this boot */
	bool is_number_new; /* keep.inc: no process has it yet */
	bool must_keep;	    /* its file has not all of `keep` yet */
	int records_error;  /* why they could not be set the last time; 0: they could */
	bool is_fresh;	    /* is started without state, after it was lost */
	enum supervise_verdict health; /* that was reported */
	bool is_unhealthy;
	uint32_t nrestarts;	       /* that were reported */
	struct agent_words open_error; /* why the outfit cannot be opened; empty: it can */
	uint64_t open_again_ms;

	/* what it needs */
	struct agent_hold *holds;
	struct agent_using *uses;
	bool is_fencing; /* the command for it runs */
	bool is_fenced;	 /* nothing of it runs on another node: it may be taken over */

	struct client_subscription *awaited; /* release.h; NULL: none */
	uint8_t awaited_name[DNS_NAME_MAX];
	bool is_awaited_there;

	/* what is shown */
	struct agent_registration records;
	enum agent_gate gate;
	struct agent_words gate_why;
	const char *state; /* "": nothing was shown yet */
	struct agent_words reason;
	bool has_restarted; /* by its death, since it was up */
	char texts[];
};

/* Whether changes of the zone are pushed, for people; all zero: nothing is known yet. */
struct agent_push {
	bool is_known, is_pushed;
	char server[BASE_ADDRESS_TEXT_MAX]; /* the registry, HOST@PORT; "": none */
	char why[AGENT_PUSH_WHY_MAX]; /* why changes are not pushed, and what to do; "": they are */
	bool was_logged;
	enum client_state_kind logged_kind; /* last, */
	char logged_server[BASE_ADDRESS_TEXT_MAX];
};

struct agent {
	struct ev_loop *loop;
	const struct agent_events *events;
	void *arg;

	/* copies of the settings */
	char *node, *zone_text, *registry, *key_file, *folder, *run_folder, *log_folder, *group,
		*rev;
	uint8_t zone[DNS_NAME_MAX], node_name[DNS_NAME_MAX];
	char kept_folder[AGENT_FOLDER_MAX], lock_folder[AGENT_FOLDER_MAX];
	char instances_folder[AGENT_FOLDER_MAX], orders_folder[AGENT_FOLDER_MAX];
	uint32_t lease_s;
	uint16_t manage_port;

	/* below */
	struct resolve_events resolve;
	bool has_resolve;
	struct agent_loop turns;
	struct locate *locate;
	struct follow *follow;
	struct follow_user user; /* of it: has it look at subscriptions that are new */
	bool is_user;
	struct registrant *registrant;
	struct history *history;
	struct address *address;
	struct assign *assign;
	struct supervise_host *host;
	struct outfit_ports *ports;
	struct outfit_node outfit_node;

	/* the node */
	struct agent_keep_node keep;
	char boot[CHILD_BOOT_MAX];
	struct agent_registration record;
	struct sockaddr_storage addresses[ADDRESS_MAX];
	size_t naddresses;
	bool has_addresses; /* or does without: instances are checked at them */
	struct resolve_timer no_addresses;
	bool is_silent; /* no registry answers: what was registered in this boot need not wait */
	bool was_here;	/* an agent of this boot that did not stop: its records are there */
	bool is_current, is_swept;
	struct agent_push push;

	/* instances, by name */
	struct agent_instance **instances;
	size_t ninstances, capacity;
	struct agent_instance *touched, **last_touched;
	struct resolve_timer retry;

	/* ends */
	enum agent_ending { AGENT_STAYS, AGENT_STOPS, AGENT_LEAVES } ending;
	bool is_circle; /* instances use each other: they are stopped in any order */
	bool has_end;	/* while it is stopped: of an instance, since others were looked at */
	bool has_ended, is_flushing;
	uint32_t timeout_ms;
	struct resolve_timer end;
	unsigned nending; /* registrations that are being removed */
};
