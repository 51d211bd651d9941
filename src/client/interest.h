/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* client/interest.h - what is followed: the records at a name, and those who want to know them.
 *
 * An interest is what servers are asked about, once for all subscriptions to the same records. It
 * has the records, whichever way they come, and reports changes to its subscriptions. It does not
 * know where they come from: the fields of feed.c and polling.c are theirs. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/records.h"
#include "dns/name.h"
#include "dns/record.h"

struct client;
struct client_feed;
struct client_interest;
struct client_polling;
struct resolve_discover;
struct resolve_lookup;
struct resolve_lookup_servers;

enum {
	CLIENT_TYPES_MAX = 4, /* of a subscription */
	CLIENT_POLLS_MAX = 8, /* of an interest: the types of all its subscriptions */
};

/* What happens to the records of a subscription, or to the subscription. */
enum client_event {
	CLIENT_EVENT_ADDED,
	CLIENT_EVENT_REMOVED,
	CLIENT_EVENT_CHANGED, /* the TTL */
	CLIENT_EVENT_CURRENT, /* all records there are have been reported; no record comes along */
	CLIENT_EVENT_FAILED,  /* servers were asked, and none has given an answer; no record comes
				 along, and it may be repeated */
};

/* Takes an event; `record` is valid during the call. The function may make and end any
 * subscription. */
typedef void (*client_event_fn)(void *arg, enum client_event event,
				const struct dns_record *record);

/* A user of an interest. */
struct client_subscription {
	struct client_interest *interest;
	struct client_subscription *next; /* of the same interest */
	client_event_fn on_event;
	void *arg;
	uint16_t types[CLIENT_TYPES_MAX];
	unsigned ntypes;
	bool is_ended;	  /* by its user; to be freed */
	bool has_known;	  /* what the interest has was reported */
	bool has_current; /* CLIENT_EVENT_CURRENT was */
};

/* How a type of an interest is polled. */
struct client_poll {
	struct client_interest *interest;
	struct client_polling *polling; /* of a look-up in flight */
	struct resolve_lookup *lookup;	/* it is asked for by a look-up, */
	bool is_flying;			/* or, if that is NULL, over a session, */
	uint16_t id;			/* with this id */
	uint64_t due_ms;		/* the next one */
	uint16_t type;
	unsigned nfailures; /* in a row */
	bool was_answered;
	bool was_refused;  /* by the last of these failures: a server is there */
	bool needs_lookup; /* over a session its server refuses to answer */
};

/* The state of a subscription in a session. */
enum client_push {
	CLIENT_PUSH_NONE,
	CLIENT_PUSH_ASKED,    /* SUBSCRIBE was sent */
	CLIENT_PUSH_ACCEPTED, /* changes are pushed */
	CLIENT_PUSH_REFUSED,  /* until `refused_until_ms` */
};

struct client_interest {
	struct client_interest *next, **link; /* of the table, in the order of their making */
	struct client_interest *next_in_bucket;
	struct client_interest *next_touched; /* in the list of those to be flushed */
	struct client_interest *next_ended;   /* in the list of those to be looked at by reap */
	bool is_touched, is_ended, is_in_ended;
	uint16_t wire_type; /* of the SUBSCRIBE: ANY for more than one type */
	struct client_subscription *subscriptions;
	struct client_records records;
	bool is_current;  /* all records have come at least once */
	bool has_failed;  /* CLIENT_EVENT_FAILED is to be reported */
	bool wants_large; /* client_want_large */
	/* The server may have records that are too large to be pushed: they are asked for, and
	 * nothing is reported until the answer has come. */
	bool is_hidden;
	size_t counted; /* bytes of its records that the table has counted */

	/* feed.c */
	struct client_feed *feed; /* NULL: it has none */
	enum client_push push;
	uint16_t id;   /* of the SUBSCRIBE */
	uint32_t mark; /* whose return means that the initial state is complete */
	uint64_t refused_until_ms;
	struct client_interest *next_unmarked; /* in the list of those without one */
	bool is_unmarked;

	/* polling.c */
	const struct resolve_lookup_servers *servers; /* NULL: not known yet */
	struct client_poll polls[CLIENT_POLLS_MAX];
	unsigned npolls;
	uint32_t poll_most_ms; /* client_want_often; 0: it was not called */

	/* client.c */
	struct client *client;
	void *route;
	struct resolve_discover *discover;
	bool has_own_route; /* the name is looked up itself: its zone is not the closest known one
			     */
	bool is_misrouted;  /* its route is not the right one */

	uint8_t name[DNS_NAME_MAX]; /* lower case */
};

/* All interests of a client. */
struct client_interests {
	struct client_interest *first, **last; /* in the order of their making */
	struct client_interest **buckets;
	size_t nbuckets, n;
	struct client_interest *touched, **touched_end;
	struct client_interest *ended; /* something of these is to be freed */
	size_t nbytes;		       /* of memory that all records take */
	/* Called after each flush that had something to report, unless it is NULL. */
	void (*on_flushed)(void *arg);
	void *arg;
};

void client_interests_init(struct client_interests *t);

/* Frees all, without a report. Feeds and look-ups must be gone. */
void client_interests_fini(struct client_interests *t);

/* Returns the first interest at the name, or NULL; and the next one at the same name. */
struct client_interest *client_interests_find(const struct client_interests *t,
					      const uint8_t *name);
struct client_interest *client_interests_next(const struct client_interest *i);

/* Makes a subscription to the records of some types at the name, at least one type; ANY is all
 * types. `is_new` is whether the interest is. Returns 0, -ENOMEM, or -ENOSPC if all subscriptions
 * at the name want more than CLIENT_POLLS_MAX types. */
int client_interests_add(struct client_interests *t, const uint8_t *name, const uint16_t *types,
			 unsigned ntypes, client_event_fn on_event, void *arg,
			 struct client_subscription **out, bool *is_new);

/* Ends a subscription: nothing is reported any more. Its memory, and that of an interest that
 * nobody has, is freed by client_interests_reap. */
void client_interests_end(struct client_interests *t, struct client_subscription *s);

/* Takes the interest for the next client_interests_flush, and counts its records. */
void client_interests_touch(struct client_interests *t, struct client_interest *i);

/* Reports the changes of all that were touched. */
void client_interests_flush(struct client_interests *t);

/* Frees what has ended; `on_end` is called for each interest before. */
void client_interests_reap(struct client_interests *t,
			   void (*on_end)(void *arg, struct client_interest *i), void *arg);

/* Has CLIENT_EVENT_FAILED be reported with the next client_interests_flush. */
void client_interests_fail(struct client_interests *t, struct client_interest *i);

/* All records have come: those still in doubt are gone. Touches the interest. */
void client_interests_complete(struct client_interests *t, struct client_interest *i,
			       uint16_t type);

/* Reports all records of the subscription that were reported before as added, in no order. The
 * function may not make or end one at the same name. */
void client_subscription_each(const struct client_subscription *s, client_event_fn report,
			      void *arg);

/* Returns whether a record of the type belongs to the interest (RFC 8765 section 6.3.1: a CNAME
 * always does). */
bool client_interest_has_type(const struct client_interest *i, uint16_t type);
