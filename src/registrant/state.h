/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registrant/state.h - a registrant and its units, as the files of this room share them.
 *
 * A unit is what is registered and refreshed for itself: an instance, a node, or a claim. The owner
 * of a registration has an instance or a node; the node that instances without a host of their own
 * are at is a unit that nobody has, made with the first of them and freed with the last.
 *
 * A unit goes round: it waits until its time comes (queue.c), for its zone (batch.c), perhaps for
 * the record that is there already (look.c); it is in a message with others (batch.c); what follows
 * from the answer is decided by fate.c. What its owner is to know waits in the unit until report.c
 * calls, when nothing else is running. One thread. */
#pragma once

#include "dnssd/txt.h"
#include "locate/ask.h"
#include "registrant/addresses.h"
#include "registrant/clocks.h"
#include "registrant/registrant.h"
#include "registrant/sender.h"
#include "registrant/settings.h"
#include "registrant/zones.h"

struct registrant_batch;
struct registrant_change;

enum {
	REGISTRANT_PENDING_MAX = 4, /* events that wait for the owner; earlier ones are dropped */
	REGISTRANT_BATCH_MAX = 100, /* units of a message */
	REGISTRANT_GATHER_MS = 2,   /* for more units to be sent with one */
	REGISTRANT_GATHER_LOOKS_MS = 50, /* while units are looked at */
	REGISTRANT_FLYING_MAX = 4,	 /* messages that wait for their answers */
	REGISTRANT_LOOKS_MAX = 16,	 /* questions that do */
	REGISTRANT_SENDING_MS = 10000,	 /* until a message is given up */
	REGISTRANT_EAGER_MS = 3000,	 /* likewise, if its units are eager */
	REGISTRANT_HURRY_MS = 100,	 /* that a message waits at least before it is hurried */
	REGISTRANT_REMOVAL_MS = 5000,	 /* until removing is given up */
	REGISTRANT_PRESENT_MAX = 1300,	 /* octets of a TXT that is compared */
	REGISTRANT_RENAMES_MAX = 99,
	REGISTRANT_TRIES_MAX = 6,    /* of registering what others change meanwhile */
	REGISTRANT_REPORTS_MAX = 64, /* instances reported lately that are remembered */
};

/* What is to be sent for a unit. */
enum registrant_todo {
	REGISTRANT_NOTHING,
	REGISTRANT_REGISTER, /* all of it, which replaces what is there */
	REGISTRANT_REFRESH,  /* the same again, if it is still there */
	REGISTRANT_REMOVE,
};

/* Where a unit is. */
enum registrant_place {
	REGISTRANT_WAITS,  /* for `due`, or for nothing */
	REGISTRANT_IS_DUE, /* in the list of those to be sent */
	REGISTRANT_FOR_ZONE,
	REGISTRANT_TO_LOOK, /* in the list of those to be looked at */
	REGISTRANT_LOOKS,   /* `ask` is under way */
	REGISTRANT_FLIES,   /* in a message */
};

/* What of an instance is in the registry, as was read last or as was registered. */
struct registrant_present {
	bool is_known; /* it was looked at, or has been registered by us */
	bool is_there;
	uint64_t incarnation; /* 0: it has none */
	enum dnssd_state state;
	uint16_t ntxt; /* 0: it is too long to be compared */
	uint8_t txt[REGISTRANT_PRESENT_MAX];
};

struct registrant_service {
	struct registrant *r;
	struct registrant_service *next, **link; /* of all units, in the order of their making */
	struct registrant_service *next_listed, **link_listed; /* of the list that it is in */
	struct registrant_settings *settings;
	struct registrant_service *node; /* of an instance: the unit of its host, or NULL */
	unsigned nusers;		 /* of a node's unit without an owner: its instances */
	bool has_owner;
	registrant_fn on_event; /* or NULL */
	void *arg;

	/* what is registered */
	uint8_t name[DNS_NAME_MAX];
	uint8_t zone[DNS_NAME_MAX];
	uint64_t incarnation;
	uint64_t registered;	 /* the last incarnation that was; 0: none yet */
	uint64_t flying;	 /* the one in the message that it is in */
	uint64_t seen;		 /* the one that was found when it was looked at last */
	enum dnssd_state health; /* that was returned last */
	bool has_health;
	struct registrant_network *addresses; /* of a node: to be registered, */
	struct registrant_network *old;	      /* and those that may be registered */
	struct registrant_settings *was;  /* what is in the registry; NULL: `settings` or nothing */
	struct registrant_settings *sent; /* what is in the message that it is in, if `settings`
					     and `was` are others; or NULL */
	struct registrant_present present;
	bool is_registered;
	uint32_t lease_s; /* granted */
	uint64_t lease_end_ms;

	/* what is to be done */
	enum registrant_todo todo;
	enum registrant_place place;
	struct resolve_timer due, lease_end;
	struct registrant_zone_waiter zone_waiter;
	struct locate_ask *ask;
	bool has_changed;   /* while it was in a message: it is registered again */
	bool was_sent;	    /* something of it may be in the registry */
	bool is_unchecked;  /* registered without regard to what is there */
	bool is_superseded; /* another has its name: it is registered only when that is free */
	bool is_held;	    /* likewise, of a claim or a given incarnation: it is looked at again */
	bool is_adopted;    /* `present` is what an earlier life should have registered */
	bool has_given;	    /* of a node: the addresses are given, not the network's */
	bool was_replaced;  /* of a node: all addresses that were there have been removed */
	bool is_ending;	    /* its owner has ended it, */
	bool is_orphan;	    /* or has freed it */
	bool is_over;	    /* nothing follows: an orphan is freed */
	uint64_t give_up_ms; /* of the removal */
	unsigned nmost;	     /* units of its next message; 0: as many as fit */
	unsigned ntries;     /* of registering, with answers that make it look again */
	unsigned nfailures;  /* in a row */
	unsigned number;     /* of the name: `web (2)` */

	/* what the owner is to know */
	struct {
		enum registrant_event event;
		int error;
	} pending[REGISTRANT_PENDING_MAX];
	unsigned npending;
	char *holder; /* of a claim, or the node of an instance, as it was looked at; NULL: none */
	struct registrant_service *next_reported, **link_reported;
	int failed; /* the error that was reported last; 0: none since it was registered */
	char *why;  /* NULL: no reason */
};

/* A list of units. */
struct registrant_list {
	struct registrant_service *first, **last;
	size_t n;
};

struct registrant {
	struct resolve_events *events;
	struct locate *locate;
	const struct registrant_clocks *clocks;
	struct registrant_signing signing;
	struct registrant_zones zones;
	struct registrant_addresses *network; /* NULL: no unit has needed it */
	struct registrant_service *units, **last;
	struct registrant_list due, to_look;
	struct registrant_service *reported, **last_reported;
	struct registrant_batch *batches;
	unsigned nflying, nlooks;
	bool is_gathered;		 /* those that are due had time to gather */
	struct resolve_descriptor wakes; /* of suspend.c */
	struct resolve_timer pump, look, report, reap, hurry;
	struct registrant_change *changes;
	struct registrant_update *updates;
	uint64_t slept_ms; /* of the clock, when it was read last */
	bool *is_freed;	   /* set by registrant_free: during a report */
	struct {
		uint64_t hash, until_ms;
	} reports[REGISTRANT_REPORTS_MAX];
};

/* Returns whether the unit is to be removed: its owner has ended or freed it, and no instance is at
 * it. */
static inline bool registrant_is_at_its_end(const struct registrant_service *s)
{
	return (s->is_ending || s->is_orphan) && s->nusers == 0;
}

/* Returns whether what is registered is numbered, or claimed, by its owner. */
static inline bool registrant_is_given(const struct registrant_service *s)
{
	return s->settings->kind == REGISTRANT_CLAIM ||
	       (s->settings->kind == REGISTRANT_INSTANCE && s->settings->incarnation != 0);
}

/* Returns whether the unit is a claim. */
static inline bool registrant_is_claim(const struct registrant_service *s)
{
	return s->settings->kind == REGISTRANT_CLAIM;
}

/* Returns whether the unit is a node. */
static inline bool registrant_is_node(const struct registrant_service *s)
{
	return s->settings->kind == REGISTRANT_NODE;
}
