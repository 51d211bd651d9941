/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A turn of the registrar:
 *
 * 1. Calls of other threads run.
 * 2. Queued requests, up to BATCH_MAX of them, are applied one after the other to the drafts of
 *    their zones and to the state (update/update.h has what an update is).
 * 3. One commit makes all of it durable (registry/batch.h). If it fails, nothing of the batch has
 *    happened, and every request is answered SERVFAIL.
 * 4. The batch is published, refreshes are learnt, the replies go out.
 * 5. If a tick is due, leases that have ended are taken out of their zones, and the times of
 *    refreshed leases are written down: a batch without requests. */
#include "registry/registrar.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "base/rcu.h"
#include "dns/type.h"
#include "ledger/grant.h"
#include "registry/state.h"
#include "update/policy.h"
#include "view/mark.h"
#include "zone/zone.h"

enum {
	BATCH_MAX = 2048,	    /* requests */
	BATCH_NBYTES_MAX = 1 << 20, /* of their messages */
	EXPIRE_MAX = 20000,	    /* leases that one tick ends */
	TICK_MS = 100,		    /* between two ticks at least */
	RETRY_MS = 1000,	    /* after a tick that could not be stored */
};

struct registry_registrar {
	/* set before the thread starts */
	pthread_t thread;
	int wake; /* eventfd */
	bool is_running;

	/* any thread, atomic */
	struct base_queue requests, calls;
	_Atomic bool is_stopping;

	/* registrar only */
	struct registry_batch batch;
	struct registry_request *request[BATCH_MAX]; /* of the batch */
	size_t nrequests;
	struct base_queue_link *waiting; /* taken off the queue, not yet in a batch */
	uint64_t ticked_ms;		 /* lease clock: the last tick */
	uint64_t paused_ms;		 /* lease clock: no tick before, the last one failed */
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
	if (r->wake < 0) {
		free(r);
		return NULL;
	}
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

static void wake(struct registry_registrar *r)
{
	uint64_t one = 1;
	ssize_t n = write(r->wake, &one, sizeof(one));

	(void)n; /* full means that it is awake */
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

/* ---- a batch of requests ---- */

/* Moves requests from the queue into the batch as far as they fit; the rest is for the next. */
static void batch_fill(struct registry_registrar *r)
{
	size_t nbytes = 0;

	registry_batch_begin(&r->batch);
	r->nrequests = 0;
	if (r->waiting == NULL)
		r->waiting = base_queue_take(&r->requests);
	while (r->waiting != NULL && r->nrequests < BATCH_MAX && nbytes < BATCH_NBYTES_MAX) {
		struct registry_request *request = (struct registry_request *)r->waiting;

		r->waiting = r->waiting->next;
		r->request[r->nrequests++] = request;
		nbytes += request->nbytes;
	}
}

static int apply_one(struct registry_registrar *r, struct registry_request *request,
		     uint64_t now_ms)
{
	struct registry_state *s = state_of(r);
	struct update_request u = {
		.draft = registry_batch_draft(&r->batch, request->zone),
		.msg = request->msg,
		.nbytes = request->nbytes,
		.key = request->key,
		.policy = request->policy,
		.lease_rule = request->lease_rule,
		.view_rule = request->view_rule,
		.lease = &request->lease,
		.now_ms = now_ms,
		.result = &request->result,
	};
	const struct dns_update_record *records;
	size_t nrecords;
	int ret;

	if (u.draft == NULL)
		return -ENOMEM;
	ret = update_run(s->update, &u);
	if (ret < 0)
		return ret;
	records = update_records(s->update, &nrecords);
	if (request->result.is_repeatable)
		request->refresh = ledger_grant_refresh(
			&s->ledger.leases, request->zone, update_policy_number(request->policy),
			&request->print, records, nrecords, &request->lease);
	registry_audit_update(&r->batch.audit, request, records, nrecords);
	return 0;
}

static int batch_apply(struct registry_registrar *r)
{
	uint64_t now_ms = registry_batch_now(&r->batch);
	int ret = 0;

	for (size_t i = 0; i < r->nrequests && ret == 0; i++)
		ret = apply_one(r, r->request[i], now_ms);
	return ret;
}

/* Returns whether a lease of the refresh belongs to a suspect instance: its next refresh clears the
 * instance, so it has to come to the registrar. */
static bool is_of_suspect(const struct view *view, const struct ledger_refresh *refresh)
{
	struct ledger_lease *const *leases;
	size_t n = ledger_refresh_leases(refresh, &leases);

	for (size_t i = 0; i < n && view->marks.count > 0; i++)
		if (view_mark_is_suspect(view, undo_entry_zone(&leases[i]->entry),
					 undo_entry_name(&leases[i]->entry)))
			return true;
	return false;
}

/* Drops refreshes that are not to be learnt: another request of the batch may have changed their
 * leases, which may be gone once the batch is published. */
static void drop_stale_refreshes(struct registry_registrar *r)
{
	for (size_t i = 0; i < r->nrequests; i++) {
		struct registry_request *request = r->request[i];

		if (request->refresh == NULL ||
		    (ledger_refresh_is_valid(request->refresh) &&
		     !is_of_suspect(&state_of(r)->view, request->refresh)))
			continue;
		ledger_refresh_free(request->refresh);
		request->refresh = NULL;
	}
}

static void batch_publish(struct registry_registrar *r)
{
	drop_stale_refreshes(r);
	registry_batch_publish(&r->batch);
	for (size_t i = 0; i < r->nrequests; i++)
		if (r->request[i]->refresh != NULL)
			ledger_refresh_learn(&state_of(r)->ledger.leases.refreshes,
					     r->request[i]->refresh);
}

/* The batch failed as a whole: refusals may rest on changes that did not happen, so every request
 * gets SERVFAIL. */
static void batch_fail(struct registry_registrar *r, int error)
{
	base_log(BASE_LOG_ERROR, "registry",
		 "updates not done, answered SERVFAIL: count=%zu error=\"%s\"", r->nrequests,
		 strerror(-error));
	registry_batch_abort(&r->batch);
	registry_batch_count(&r->batch);
	for (size_t i = 0; i < r->nrequests; i++) {
		struct registry_request *request = r->request[i];

		ledger_refresh_free(request->refresh);
		request->refresh = NULL;
		request->result =
			(struct update_result){.rcode = DNS_RCODE_SERVFAIL, .ede = DNS_EDE_OTHER};
		strcpy(request->result.text,
		       error == -ENOMEM ? "out of memory" : "the change could not be stored");
		registry_audit_failed(request);
	}
	r->batch.audit.nbytes = 0;
}

static void count_result(struct registry_stats *stats, const struct update_result *result)
{
	stats->rcode[result->rcode % 32]++;
	stats->bound[result->bound]++;
}

static void batch_reply(struct registry_registrar *r)
{
	struct registry_batch *b = &r->batch;

	pthread_mutex_lock(&b->lock);
	b->stats.batches++;
	b->stats.updates += r->nrequests;
	for (size_t i = 0; i < r->nrequests; i++)
		count_result(&b->stats, &r->request[i]->result);
	pthread_mutex_unlock(&b->lock);
	for (size_t i = 0; i < r->nrequests; i++)
		r->request[i]->reply(r->request[i]);
	if (b->settings.on_replied != NULL)
		b->settings.on_replied(b->settings.arg);
	registry_audit_write(&b->audit);
}

static void batch_run(struct registry_registrar *r)
{
	int ret = batch_apply(r);

	if (ret == 0)
		ret = registry_batch_commit(&r->batch, REGISTRY_BATCH_UPDATES);
	if (ret == 0)
		batch_publish(r);
	else
		batch_fail(r, ret);
	batch_reply(r);
	if (r->batch.settings.on_batch != NULL)
		r->batch.settings.on_batch(r->batch.settings.arg);
}

/* ---- ticks ---- */

static void tick(struct registry_registrar *r, uint64_t now_ms)
{
	struct ledger_leases *leases = &state_of(r)->ledger.leases;
	struct ledger_lease *lease;
	unsigned count = 0;
	int ret = 0;

	r->ticked_ms = now_ms;
	registry_batch_begin(&r->batch);
	while (ret == 0 && count < EXPIRE_MAX &&
	       (lease = ledger_schedule_due(&leases->schedule, now_ms)) != NULL) {
		ret = registry_batch_end_lease(&r->batch, lease);
		if (ret < 0)
			ledger_schedule_put_back(&leases->schedule, lease);
		else
			count++;
	}
	ret = registry_batch_end(&r->batch, ret, REGISTRY_BATCH_TICK);
	if (ret == 0) {
		leases->stats.expired += count;
		return;
	}
	r->paused_ms = now_ms + RETRY_MS;
	base_log(BASE_LOG_ERROR, "registry", "leases not ended, tried again: count=%u error=\"%s\"",
		 count, strerror(-ret));
}

/* Returns when the next tick is due: lease clock, UINT64_MAX if none is. */
static uint64_t next_tick(const struct registry_registrar *r)
{
	uint64_t at = ledger_next(&state_of(r)->ledger);

	if (at < r->ticked_ms + TICK_MS)
		at = r->ticked_ms + TICK_MS;
	return at < r->paused_ms ? r->paused_ms : at;
}

static void tick_if_due(struct registry_registrar *r)
{
	uint64_t at = next_tick(r), now_ms;

	if (at == UINT64_MAX)
		return;
	now_ms = registry_batch_now(&r->batch);
	if (at <= now_ms)
		tick(r, now_ms);
}

/* ---- the thread ---- */

static void run_calls(struct registry_registrar *r)
{
	struct base_queue_link *link = base_queue_take(&r->calls), *next;

	for (; link != NULL; link = next) {
		struct registry_call *call = (struct registry_call *)link;

		next = link->next; /* run may free the call */
		call->run(r, call->arg);
	}
}

static void wait_for_work(struct registry_registrar *r)
{
	struct pollfd wake = {.fd = r->wake, .events = POLLIN};
	uint64_t count, at = next_tick(r), now_ms;
	int timeout = -1;
	ssize_t n;

	if (at != UINT64_MAX) {
		now_ms = registry_batch_now(&r->batch);
		timeout = at <= now_ms ? 0 : at - now_ms < 60000 ? (int)(at - now_ms) + 1 : 60000;
	}
	base_rcu_offline();
	if (timeout < 0 || poll(&wake, 1, timeout) > 0) {
		n = read(r->wake, &count, sizeof(count));
		(void)n;
	}
	base_rcu_online();
}

static void *registrar_main(void *arg)
{
	struct registry_registrar *r = arg;

	base_rcu_register();
	for (;;) {
		run_calls(r);
		batch_fill(r);
		if (r->nrequests > 0)
			batch_run(r);
		else if (!base_queue_is_empty(&r->calls))
			continue;
		else if (atomic_load_explicit(&r->is_stopping, memory_order_acquire) &&
			 base_queue_is_empty(&r->requests))
			break;
		else
			wait_for_work(r);
		tick_if_due(r);
		base_rcu_quiescent();
	}
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

void registry_registrar_stop(struct registry_registrar *r)
{
	if (r == NULL)
		return;
	atomic_store_explicit(&r->is_stopping, true, memory_order_release);
	wake(r);
	if (r->is_running)
		pthread_join(r->thread, NULL);
	registry_batch_fini(&r->batch);
	close(r->wake);
	free(r);
}

void registry_registrar_stats(struct registry_registrar *r, struct registry_stats *out)
{
	pthread_mutex_lock(&r->batch.lock);
	*out = r->batch.stats;
	pthread_mutex_unlock(&r->batch.lock);
}
