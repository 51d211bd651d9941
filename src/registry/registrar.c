/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A turn of the registrar:
 *
 * 1. Calls of other threads run.
 * 2. Requests that wait are applied, stored and replied to: one round (registry/round.h).
 * 3. If a tick is due, leases that have ended are taken out of their zones, the next instances of
 *    nodes that have got an address or lost it are updated, and the times of refreshed leases are
 *    written down: a batch without requests.
 *
 * Each of them is short, so that none waits long for another. */
#include "registry/registrar.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/rcu.h"
#include "base/secret.h"
#include "dns/name.h"
#include "registry/round.h"
#include "registry/state.h"
#include "update/policy.h"
#include "zone/zone.h"

enum {
	EXPIRE_US = 10000,  /* time in which one tick ends leases */
	AWAITED_MAX = 256,  /* leases that one tick passes over */
	AWAITED_MS = 10000, /* for which a lease is passed over at most */
	TICK_MS = 100,	    /* between two ticks at least */
	RETRY_MS = 1000,    /* after a tick that could not be stored */
};

struct registry_registrar {
	/* set before the thread starts */
	pthread_t thread;
	int wake; /* eventfd */
	bool is_running;
	uint64_t seed; /* of sources */

	/* any thread, atomic */
	struct base_queue requests, calls;
	_Atomic bool is_asleep; /* or about to be: a thread with work for it writes to `wake` */
	_Atomic bool is_stopping;
	_Atomic uint64_t refuse_from_ms; /* steady clock: requests that wait then are refused */
	_Atomic uint64_t nsteps;	 /* calls and ticks that were done */
	struct registry_intake intake;

	/* registry_registrar_is_alive only */
	uint64_t nsteps_seen;

	/* registrar only */
	struct registry_batch batch;
	struct registry_round round;
	uint64_t ticked_ms; /* lease clock: the last tick */
	uint64_t paused_ms; /* lease clock: no tick before, the last one failed */
};

static struct registry_state *state_of(const struct registry_registrar *r)
{
	return r->batch.settings.state;
}

struct registry_registrar *registry_registrar_new(const struct registry_settings *settings)
{
	struct registry_registrar *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->wake = eventfd(0, EFD_CLOEXEC);
	if (r->wake < 0 || registry_round_init(&r->round, &r->batch, &r->requests, &r->calls) < 0) {
		if (r->wake >= 0)
			close(r->wake);
		free(r);
		return NULL;
	}
	base_secret_random(&r->seed, sizeof(r->seed));
	registry_intake_init(&r->intake, &settings->limits);
	registry_batch_init(&r->batch, settings);
	settings->state->view.draft_of = registry_batch_draft;
	settings->state->view.draft_arg = &r->batch;
	base_queue_init(&r->requests);
	base_queue_init(&r->calls);
	return r;
}

struct registry_batch *registry_registrar_batch(struct registry_registrar *r)
{
	return &r->batch;
}

/* ---- what other threads hand in ---- */

/* The exchange is ordered with the one in wait_for_work: if that comes later, the registrar sees
 * the work before it sleeps. */
static void wake(struct registry_registrar *r)
{
	uint64_t one = 1;
	ssize_t n;

	if (!atomic_exchange_explicit(&r->is_asleep, false, memory_order_acq_rel))
		return;
	n = write(r->wake, &one, sizeof(one));
	(void)n; /* full means that it is awake */
}

uint64_t registry_registrar_source(const struct registry_registrar *r, const uint8_t *key)
{
	uint8_t name[DNS_NAME_MAX];

	return key == NULL ? 0 : base_hash(name, dns_name_lower(name, key), r->seed);
}

bool registry_registrar_admit(struct registry_registrar *r, const struct registry_request *request)
{
	return registry_intake_take(&r->intake, request->source, request->nwaiting);
}

void registry_registrar_release(struct registry_registrar *r,
				const struct registry_request *request)
{
	registry_intake_release(&r->intake, request->source, request->nwaiting);
}

void registry_registrar_set_limits(struct registry_registrar *r,
				   const struct registry_intake_limits *limits)
{
	registry_intake_set_limits(&r->intake, limits);
}

void registry_registrar_put(struct registry_registrar *r, struct registry_request *request)
{
	if (base_queue_put(&r->requests, &request->link))
		wake(r);
}

void registry_registrar_call(struct registry_registrar *r, struct registry_call *call)
{
	if (base_queue_put(&r->calls, &call->link))
		wake(r);
}

struct waiting_call {
	struct registry_call call;
	void (*run)(struct registry_registrar *, void *);
	void *arg;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool is_done;
};

static void run_waiting(struct registry_registrar *r, void *arg)
{
	struct waiting_call *w = arg;

	w->run(r, w->arg);
	pthread_mutex_lock(&w->lock);
	w->is_done = true;
	pthread_cond_signal(&w->changed);
	pthread_mutex_unlock(&w->lock);
}

void registry_registrar_run(struct registry_registrar *r,
			    void (*run)(struct registry_registrar *, void *), void *arg)
{
	struct waiting_call w = {.call = {.run = run_waiting}, .run = run, .arg = arg};

	w.call.arg = &w;
	pthread_mutex_init(&w.lock, NULL);
	pthread_cond_init(&w.changed, NULL);
	registry_registrar_call(r, &w.call);
	pthread_mutex_lock(&w.lock);
	while (!w.is_done)
		pthread_cond_wait(&w.changed, &w.lock);
	pthread_mutex_unlock(&w.lock);
	pthread_cond_destroy(&w.changed);
	pthread_mutex_destroy(&w.lock);
}

bool registry_registrar_refresh(struct registry_registrar *r,
				const struct ledger_fingerprint *print, const struct zone *zone,
				const struct update_policy *policy, uint64_t now_ms,
				struct ledger_lease_terms *granted)
{
	struct ledger *ledger = &state_of(r)->ledger;
	bool is_first;

	if (!ledger_refresh_try(&ledger->leases.refreshes, print, zone,
				update_policy_number(policy),
				ledger_clock_now(&ledger->clock, now_ms), granted, &is_first))
		return false;
	if (is_first)
		wake(r);
	return true;
}

struct ledger_fingerprint registry_registrar_fingerprint(const struct registry_registrar *r,
							 const uint8_t *msg, size_t nbytes,
							 const uint8_t *key)
{
	return ledger_refresh_fingerprint(&state_of(r)->ledger.leases.refreshes, msg, nbytes, key);
}

/* ---- ticks ---- */

/* Returns whether a lease whose end has come is passed over for now: its zone is held, or its
 * holder may have refreshed it in time, by a request that still waits. */
static bool is_awaited(const struct registry_registrar *r, const struct ledger_lease *lease,
		       uint64_t now_ms)
{
	const struct registry_request *oldest = registry_queue_oldest(
		&r->round.queue,
		registry_registrar_source(r, ledger_content_holder(lease->entry.content)));

	if (registry_hold_has(&r->batch.hold, lease->zone))
		return true;
	return oldest != NULL && now_ms < lease->seized_ms + AWAITED_MS &&
	       ledger_clock_now(&state_of(r)->ledger.clock, oldest->arrived_us / 1000) <=
		       lease->seized_ms;
}

/* Ends leases in the batch, for a short time. Counts them in `count`; clears `is_all` if more are
 * due. Returns 0 or a negative errno. */
static int end_leases(struct registry_registrar *r, uint64_t now_ms, unsigned *count, bool *is_all)
{
	struct ledger_schedule *schedule = &state_of(r)->ledger.leases.schedule;
	struct ledger_lease *lease, *awaited[AWAITED_MAX];
	uint64_t until_us = base_clock_steady_us() + EXPIRE_US;
	unsigned nawaited = 0;
	int ret = 0;

	*is_all = true;
	while (ret == 0 && nawaited < AWAITED_MAX && *is_all &&
	       (lease = ledger_schedule_due(schedule, now_ms)) != NULL) {
		if (is_awaited(r, lease, now_ms)) {
			awaited[nawaited++] = lease;
			continue;
		}
		ret = registry_batch_end_lease(&r->batch, lease);
		if (ret < 0)
			ledger_schedule_put_back(schedule, lease);
		else
			++*count;
		*is_all = base_clock_steady_us() < until_us;
	}
	/* There is room in the schedule: they were just taken out. */
	while (nawaited > 0)
		ledger_schedule_put_back(schedule, awaited[--nawaited]);
	return ret;
}

/* Returns whether instances are left to be updated because their nodes have got an address or lost
 * it. */
static bool is_flipping(const struct registry_registrar *r)
{
	return state_of(r)->view.flips.count > 0;
}

static void tick(struct registry_registrar *r, uint64_t now_ms)
{
	struct ledger_leases *leases = &state_of(r)->ledger.leases;
	unsigned count = 0;
	bool is_all;
	int ret;

	registry_batch_begin(&r->batch);
	ret = end_leases(r, now_ms, &count, &is_all);
	if (ret == 0)
		ret = registry_batch_resume_flips(&r->batch);
	ret = registry_batch_end(&r->batch, ret, REGISTRY_BATCH_TICK);
	r->ticked_ms = is_all ? now_ms : 0;
	if (ret == 0) {
		leases->stats.expired += count;
		return;
	}
	r->paused_ms = now_ms + RETRY_MS;
	base_log(BASE_LOG_ERROR, "registry", "leases-not-ended count=%u error=\"%s\"", count,
		 strerror(-ret));
}

/* Returns when the next tick is due: lease clock, UINT64_MAX if none is. */
static uint64_t next_tick(const struct registry_registrar *r)
{
	uint64_t at = is_flipping(r) ? 0 : ledger_next(&state_of(r)->ledger);

	if (at < r->ticked_ms + TICK_MS)
		at = r->ticked_ms + TICK_MS;
	return at < r->paused_ms ? r->paused_ms : at;
}

static void count_step(struct registry_registrar *r)
{
	atomic_fetch_add_explicit(&r->nsteps, 1, memory_order_relaxed);
}

static void tick_if_due(struct registry_registrar *r)
{
	uint64_t at = next_tick(r), now_ms;

	if (at == UINT64_MAX)
		return;
	now_ms = registry_batch_now(&r->batch);
	if (at > now_ms)
		return;
	registry_round_collect(&r->round);
	tick(r, now_ms);
	count_step(r);
}

/* ---- the thread ---- */

static void run_calls(struct registry_registrar *r)
{
	struct base_queue_link *link = base_queue_take(&r->calls), *next;

	for (; link != NULL; link = next) {
		struct registry_call *call = (struct registry_call *)link;

		next = link->next; /* run may free the call */
		call->run(r, call->arg);
		count_step(r);
	}
}

/* Applies a round of requests, or refuses all that wait if the time to stop has come. Returns false
 * if none waits. */
static bool run_requests(struct registry_registrar *r)
{
	uint64_t refuse_from_ms = atomic_load_explicit(&r->refuse_from_ms, memory_order_relaxed);

	if (refuse_from_ms == 0 || base_clock_steady_us() / 1000 < refuse_from_ms)
		return registry_round_run(&r->round);
	registry_round_refuse(&r->round);
	return false;
}

static bool is_stopping(const struct registry_registrar *r)
{
	return atomic_load_explicit(&r->is_stopping, memory_order_acquire);
}

static bool has_work(const struct registry_registrar *r)
{
	return !base_queue_is_empty(&r->calls) || !base_queue_is_empty(&r->requests);
}

/* Waits until there is work or a tick is due. What other threads hand in after the exchange wakes
 * it, what came before is seen. */
static void wait_for_work(struct registry_registrar *r)
{
	struct pollfd wake = {.fd = r->wake, .events = POLLIN};
	uint64_t count, at, now_ms;
	int timeout = -1;
	ssize_t n;

	base_rcu_offline();
	atomic_exchange_explicit(&r->is_asleep, true, memory_order_acq_rel);
	at = next_tick(r);
	if (at != UINT64_MAX) {
		now_ms = registry_batch_now(&r->batch);
		timeout = at <= now_ms ? 0 : at - now_ms < 60000 ? (int)(at - now_ms) + 1 : 60000;
	}
	if (!has_work(r) && !is_stopping(r) && poll(&wake, 1, timeout) > 0) {
		n = read(r->wake, &count, sizeof(count));
		(void)n;
	}
	/* A thread that is about to write makes the next wait end at once, for nothing. */
	atomic_store_explicit(&r->is_asleep, false, memory_order_relaxed);
	base_rcu_online();
}

static void *registrar_main(void *arg)
{
	struct registry_registrar *r = arg;

	base_rcu_register();
	r->batch.is_reader = true;
	for (;;) {
		run_calls(r);
		if (!run_requests(r) && !has_work(r)) {
			if (is_stopping(r))
				break;
			wait_for_work(r);
		}
		tick_if_due(r);
		base_rcu_quiescent();
	}
	/* Those that were set aside for what no call will end any more. */
	registry_round_refuse(&r->round);
	r->batch.is_reader = false;
	base_rcu_unregister();
	return NULL;
}

int registry_registrar_start(struct registry_registrar *r)
{
	int error;

	registry_batch_count(&r->batch);
	error = pthread_create(&r->thread, NULL, registrar_main, r);
	r->is_running = error == 0;
	if (r->is_running)
		pthread_setname_np(r->thread, "registrar");
	return -error;
}

void registry_registrar_drain(struct registry_registrar *r)
{
	uint64_t none = 0, at_ms = base_clock_steady_us() / 1000 + REGISTRY_DRAIN_MS;

	atomic_compare_exchange_strong_explicit(&r->refuse_from_ms, &none, at_ms,
						memory_order_relaxed, memory_order_relaxed);
}

void registry_registrar_stop(struct registry_registrar *r)
{
	if (r == NULL)
		return;
	registry_registrar_drain(r);
	atomic_store_explicit(&r->is_stopping, true, memory_order_release);
	wake(r);
	if (r->is_running)
		pthread_join(r->thread, NULL);
	registry_batch_fini(&r->batch);
	registry_round_fini(&r->round);
	close(r->wake);
	free(r);
}

bool registry_registrar_is_alive(struct registry_registrar *r)
{
	uint64_t nsteps = atomic_load_explicit(&r->nsteps, memory_order_relaxed) +
			  atomic_load_explicit(&r->round.nsteps, memory_order_relaxed);
	bool is_alive = nsteps != r->nsteps_seen ||
			atomic_load_explicit(&r->is_asleep, memory_order_relaxed);

	r->nsteps_seen = nsteps;
	return is_alive;
}

void registry_registrar_stats(struct registry_registrar *r, struct registry_stats *out)
{
	base_counters_get((uint64_t *)out, (const uint64_t *)&r->batch.stats,
			  sizeof(*out) / sizeof(uint64_t));
	out->queue_refused = atomic_load_explicit(&r->intake.nrefused, memory_order_relaxed);
	out->queue_nbytes = atomic_load_explicit(&r->intake.nbytes, memory_order_relaxed);
}
