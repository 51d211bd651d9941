/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registry/registrar.h - the only writer: takes verified updates off a queue and makes them durable
 * and visible, in batches.
 *
 * Whatever queued while the last batch was being made durable is the next batch: each update in it
 * sees those before it, one commit makes them all durable, one snapshot per zone makes them
 * visible, then the replies go. The registrar knows no socket: it calls the `reply` that it was
 * given. It runs in a thread of its own; registrar_put and registrar_call may be used from any
 * thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/queue.h"
#include "dns/name.h"
#include "ledger/lease.h"
#include "update/update.h"
#include "view/view.h"
#include "zone/changeset.h"

struct registry_ledger;
struct update_policy;
struct registry_registrar;
struct store;
struct store_item;
struct zone;
struct zone_draft;

struct registry_request;

/* Called in the registrar's thread when a request is done: result.rcode says how. The request is
 * the caller's again. A burst of calls ends with one of registry_replied_fn. */
typedef void (*registry_reply_fn)(struct registry_request *r);

/* An UPDATE whose signature has been verified. The memory is the caller's from registrar_put to the
 * reply. */
struct registry_request {
	struct base_queue_link link;
	struct zone *zone;
	const struct update_policy *policy; /* good until the reply */
	const uint8_t *msg;
	size_t nbytes;				    /* without TSIG */
	const uint8_t *key;			    /* wire name, NULL: unsigned */
	const char *client;			    /* address as text, for the audit line */
	const struct ledger_lease_rule *lease_rule; /* of the zone; good until the reply */
	const struct view_rule *services_rule;	    /* likewise */
	struct ledger_lease_terms lease; /* asked for; with the reply, what was granted */
	struct ledger_fingerprint print; /* if a lease was asked for, and by a key */
	struct ledger_refresh *refresh;	 /* the registrar's */
	registry_reply_fn reply;
	struct update_result result;
};

/* Work for the registrar's thread between two batches: a reload, a new zone. */
struct registry_call {
	struct base_queue_link link;
	void (*run)(struct registry_registrar *r, void *arg);
	void *arg;
};

/* Told of each changeset once it is durable, just before it becomes visible, in the registrar's
 * thread. What it points at is good during the call. */
typedef void (*registry_changed_fn)(void *arg, struct zone *zone,
				    const struct zone_changeset *changes);

struct registry_settings {
	struct store *store;
	struct registry_ledger
		*ledger;	       /* the registrar's while it runs; good until it is stopped */
	void (*on_replied)(void *arg); /* after the replies of a batch; may be NULL */
	registry_changed_fn on_changed; /* may be NULL */
	void (*on_batch)(
		void *arg); /* after each batch, for counting bytes to a checkpoint; may be NULL */
	void *arg;
};

struct registry_stats {
	uint64_t updates, batches, failed_batches, calls;
	uint64_t commit_us, commit_us_max; /* time in store_commit: sum, and the longest */
	uint64_t rcode[32];
	uint64_t nleases, nowners; /* now */
	struct ledger_lease_stats leases;
	struct view_stats services; /* now */
};

/* Makes a registrar, its thread not yet running. NULL when memory is short. */
struct registry_registrar *registry_registrar_new(const struct registry_settings *settings);

/* Starts the thread. 0 or a negative errno. */
int registry_registrar_start(struct registry_registrar *r);

/* Ends the thread after everything that is in the queue has been done, and frees it. NULL is fine.
 */
void registry_registrar_stop(struct registry_registrar *r);

/* Hands over a request. Any thread. */
void registry_registrar_put(struct registry_registrar *r, struct registry_request *request);

/* Runs `call->run` in the registrar's thread; it may use registry_registrar_commit. Any thread. */
void registry_registrar_call(struct registry_registrar *r, struct registry_call *call);

/* The same, and waits until it has run. Not from the registrar's thread. A thread that is
 * registered with RCU must be offline. */
void registry_registrar_run(struct registry_registrar *r,
			    void (*run)(struct registry_registrar *, void *), void *arg);

/* A draft for somebody else to write to, the registrar's; to be ended by commit or abort. In the
 * registrar's thread, or before it is started. NULL when memory is short. */
struct zone_draft *registry_registrar_begin(struct registry_registrar *r, struct zone *zone);

/* Seals, stores and publishes it, with those of reverse zones that followed; `note` (NULL: none)
 * becomes durable with a change, and what was done to the ledger in any case. Returns 1 if the zone
 * has a new version, 0 if nothing changed, or a negative errno with all as it was. */
int registry_registrar_commit(struct registry_registrar *r, const struct store_item *note);

/* Drops it, with what was done to the ledger. Also after a `begin` that failed. */
void registry_registrar_abort(struct registry_registrar *r);

/* The ledger. In the registrar's thread, or before it is started. */
struct registry_ledger *registry_registrar_ledger(struct registry_registrar *r);

/* Time on the lease clock. As above. */
uint64_t registry_registrar_now(const struct registry_registrar *r);

/* Answers an update with a lease, if it is a refresh that needs no more than to be heard: true, and
 * what was granted. Any thread in an RCU read section; `now_ms` is the steady clock's. */
bool registry_registrar_refresh(struct registry_registrar *r,
				const struct ledger_fingerprint *print, const struct zone *zone,
				const struct update_policy *policy, uint64_t now_ms,
				struct ledger_lease_terms *granted);

/* The fingerprint by which it is known. Any thread. */
struct ledger_fingerprint registry_registrar_fingerprint(const struct registry_registrar *r,
							 const uint8_t *msg, size_t nbytes,
							 const uint8_t *key);

/* Makes the service view of a zone follow its records and its rule, whose TTL was `ttl_before_s`
 * until now. In the registrar's thread. What became of it as registry_registrar_save. */
int registry_registrar_reconcile(struct registry_registrar *r, struct zone *zone,
				 const struct view_rule *rule, uint32_t ttl_before_s);

/* A reverse zone has been loaded or its file merged: makes the reverse PTRs of all service views
 * follow. Nothing for another zone. As registry_registrar_save. */
int registry_registrar_reconcile_reverse(struct registry_registrar *r, const struct zone *reverse);

/* Compares the service view of a zone with what its instances imply. In the registrar's thread. 0
 * or a negative errno. */
int registry_registrar_check(struct registry_registrar *r, struct zone *zone,
			     const struct view_rule *rule, view_difference_fn on_wrong, void *arg);

/* Drains an instance of a zone whose service view is on, or ends that. In the registrar's thread.
 * 1, 0 if it was so already, -ENOENT if there is no such instance, or another negative errno. */
int registry_registrar_drain(struct registry_registrar *r, struct zone *zone,
			     const struct view_rule *rule, const uint8_t *instance,
			     bool is_drained);

/* Makes what was changed in the ledger durable by itself, or undoes it. In the registrar's thread.
 * 0 or a negative errno. */
int registry_registrar_save(struct registry_registrar *r);

/* Ends these leases, of any zones, at once: their records go as one changeset for each zone. What
 * became of it as registry_registrar_save. */
int registry_registrar_expire(struct registry_registrar *r, struct ledger_lease *const *leases,
			      size_t count);

/* Makes a note durable by itself, with what was changed in the ledger. In the registrar's thread. 0
 * or a negative errno. */
int registry_registrar_save_item(struct registry_registrar *r, const struct store_item *note);

/* A copy of the figures. Any thread. */
void registry_registrar_stats(struct registry_registrar *r, struct registry_stats *out);
