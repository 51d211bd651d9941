/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registry/registrar.h - the only writer: takes verified updates off a queue and makes them durable
 * and visible, in batches.
 *
 * What queued while the last batch was being made durable is the next batch, as far as it is short
 * enough (registry/round.h): each update in it sees those before it, one commit makes all of them
 * durable, one snapshot per zone makes them visible, then the replies go out. Sources of updates
 * take turns (registry/queue.h), and what may wait is bounded (registry/intake.h). The registrar
 * knows no socket: it calls the `reply` of each request. It runs in a thread of its own; what other
 * threads want done they hand in as a call, which uses registry/work.h. A call waits for the batch
 * in hand at most, never for what is queued. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "registry/batch.h"
#include "registry/request.h"

struct registry_registrar;

enum { REGISTRY_DRAIN_MS = 2000 };

/* Makes a registrar, its thread not yet running; `settings` is copied. Returns NULL if memory is
 * short. */
struct registry_registrar *registry_registrar_new(const struct registry_settings *settings);

/* Starts the thread. Returns 0 or a negative errno. */
int registry_registrar_start(struct registry_registrar *r);

/* Begins to stop: requests that have not been applied within REGISTRY_DRAIN_MS from now are
 * answered SERVFAIL. Any thread. */
void registry_registrar_drain(struct registry_registrar *r);

/* Drains, ends the thread once everything in the queues is done, and frees the registrar. NULL is
 * fine. */
void registry_registrar_stop(struct registry_registrar *r);

/* Returns the source of requests that `key` signs (wire name, any case); NULL: of the unsigned
 * ones. Any thread. */
uint64_t registry_registrar_source(const struct registry_registrar *r, const uint8_t *key);

/* Reserves the octets that a request takes (`nwaiting`, of its `source`). Returns false if too many
 * octets wait already: the request must be answered SERVFAIL. Any thread. */
bool registry_registrar_admit(struct registry_registrar *r, const struct registry_request *request);

/* Ends the reservation of a request, which is about to be freed. Any thread. */
void registry_registrar_release(struct registry_registrar *r,
				const struct registry_request *request);

/* Changes how much may wait. Any thread. */
void registry_registrar_set_limits(struct registry_registrar *r,
				   const struct registry_intake_limits *limits);

/* Queues a request, which has been admitted. Any thread. */
void registry_registrar_put(struct registry_registrar *r, struct registry_request *request);

/* Queues a call. Any thread. */
void registry_registrar_call(struct registry_registrar *r, struct registry_call *call);

/* Queues a call of `run` and waits until it has returned. Any thread but the registrar's; one that
 * is registered with RCU must be offline. */
void registry_registrar_run(struct registry_registrar *r,
			    void (*run)(struct registry_registrar *, void *), void *arg);

/* Answers an update with a lease if it is a known refresh: moves its leases, writes what was
 * granted, and returns true. False: it must be queued. Any thread in an RCU read section; `now_ms`
 * is the steady clock. */
bool registry_registrar_refresh(struct registry_registrar *r,
				const struct ledger_fingerprint *print, const struct zone *zone,
				const struct update_policy *policy, uint64_t now_ms,
				struct ledger_lease_terms *granted);

/* Returns the fingerprint by which an update (`msg` without TSIG, signed by `key`) is known to
 * registry_registrar_refresh. Any thread. */
struct ledger_fingerprint registry_registrar_fingerprint(const struct registry_registrar *r,
							 const uint8_t *msg, size_t nbytes,
							 const uint8_t *key);

/* Returns whether the registrar has made progress since the last call, or has nothing to do. One
 * thread. */
bool registry_registrar_is_alive(struct registry_registrar *r);

/* Copies the figures. Any thread. */
void registry_registrar_stats(struct registry_registrar *r, struct registry_stats *out);

/* Returns the registrar's batch, for registry/work.h, which begins it (registry_batch_begin) before
 * use. In the registrar's thread, or before it is started. */
struct registry_batch *registry_registrar_batch(struct registry_registrar *r);
