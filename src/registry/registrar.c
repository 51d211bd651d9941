/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A batch:
 *
 * 1. Take what is queued, up to REGISTRY_BATCH_MAX requests. Each is applied to the draft of its
 * zone, which is begun by the first, and to the ledger of leases and owners.
 * 2. Seal the drafts; what comes out are the changesets. A zone where nothing changed has none.
 * 3. Commit all changesets and notes with one call of the store. This is the last thing that can
 * fail: until here dropping the drafts and undoing the ledger's changes undoes everything, and the
 * requests are answered SERVFAIL.
 * 4. Publish, tell the listeners, reply.
 *
 * A tick is a batch without requests: leases that have ended are taken out of the drafts, and what
 * was refreshed since the last tick is written down. */
#include "registry/registrar_priv.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/rcu.h"
#include "dns/type.h"
#include "dnssd/kind.h"
#include "registry/finish.h"
#include "registry/ledger.h"
#include "store/store.h"
#include "update/policy.h"
#include "zone/draft.h"
#include "zone/zone.h"

enum { BATCH_BYTES_MAX = 1 << 20, EXPIRE_MAX = 20000, RETRY_MS = 1000 };

/* A record that an update removes is leased no more. Without the memory for that its leases hold it
 * in vain. */
static void on_removed(void *arg, struct zone_draft *draft, const struct dns_record *record)
{
	struct registry_registrar *r = arg;
	struct registry_ledger *ledger = r->settings.ledger;

	ledger_leases_release(&ledger->leases, zone_name(zone_draft_zone(draft)), record);
	view_removed(&ledger->services, record);
}

static void on_name(void *arg, const uint8_t *name)
{
	struct registry_registrar *r = arg;

	view_restore(&r->settings.ledger->services, name);
}

struct registry_registrar *registry_registrar_new(const struct registry_settings *settings)
{
	struct registry_registrar *r = calloc(1, sizeof(*r));
	const struct update_hooks hooks = {on_name, on_removed, r};

	if (r == NULL)
		return NULL;
	r->settings = *settings;
	settings->ledger->services.draft_of = registry_batch_draft;
	settings->ledger->services.arg = r;
	r->updater = update_context_new(settings->ledger, &hooks);
	r->wake = eventfd(0, EFD_CLOEXEC);
	if (r->updater == NULL || r->wake < 0) {
		update_context_free(r->updater);
		if (r->wake >= 0)
			close(r->wake);
		free(r);
		return NULL;
	}
	base_queue_init(&r->requests);
	base_queue_init(&r->calls);
	pthread_mutex_init(&r->lock, NULL);
	return r;
}

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

struct registry_ledger *registry_registrar_ledger(struct registry_registrar *r)
{
	return r->settings.ledger;
}

uint64_t registry_registrar_now(const struct registry_registrar *r)
{
	return registry_ledger_now(r->settings.ledger, base_clock_steady_us() / 1000);
}

bool registry_registrar_refresh(struct registry_registrar *r,
				const struct ledger_fingerprint *print, const struct zone *zone,
				const struct update_policy *policy, uint64_t now_ms,
				struct ledger_lease_terms *granted)
{
	struct registry_ledger *ledger = r->settings.ledger;
	bool is_first;

	if (!ledger_refresh_try(&ledger->leases.refreshes, print, zone, policy,
				registry_ledger_now(ledger, now_ms), granted, &is_first))
		return false;
	if (is_first)
		wake(r);
	return true;
}

struct ledger_fingerprint registry_registrar_fingerprint(const struct registry_registrar *r,
							 const uint8_t *msg, size_t nbytes,
							 const uint8_t *key)
{
	return ledger_refresh_fingerprint(&r->settings.ledger->leases.refreshes, msg, nbytes, key);
}

/* ---- a batch ---- */

/* Moves requests from the queue into the batch as far as they go in: the rest is for the next. */
static void batch_fill(struct registry_registrar *r)
{
	struct registry_batch *b = &r->batch;

	registry_batch_empty(r);
	if (r->waiting == NULL)
		r->waiting = base_queue_take(&r->requests);
	while (r->waiting != NULL && b->nrequests < REGISTRY_BATCH_MAX &&
	       b->nbytes < BATCH_BYTES_MAX) {
		struct registry_request *request = (struct registry_request *)r->waiting;

		r->waiting = r->waiting->next;
		b->request[b->nrequests++] = request;
		b->nbytes += request->nbytes;
	}
}

/* What there is to tell of the service view that an update has changed. */
static void tell_services(const struct view *s, struct update_result *result)
{
	char name[DNS_NAME_TEXT_MAX];
	const char *full =
		"no answer holds more instances, this one is not browsed until there is room";

	if (!s->is_full && !s->has_grown)
		return;
	if (dnssd_kind_of(s->told, s->zone) == DNSSD_OTHER)
		full = "no answer holds more types, this one is not listed until there is room";
	dns_name_to_text(name, s->told);
	result->ede = DNS_EDE_OTHER;
	snprintf(result->text, sizeof(result->text), "%.150s: %s", name,
		 s->is_full ? full : "the answer no longer fits a datagram, clients come by TCP");
	if (s->is_news || !s->is_full)
		base_log(s->is_full ? BASE_LOG_WARNING : BASE_LOG_INFO, "registry",
			 "service type: name=%s %s", name,
			 s->is_full ? "is full" : "has outgrown a datagram");
}

/* What follows from an update which has been applied. */
static int account(struct registry_registrar *r, struct zone_draft *draft,
		   struct registry_request *request, uint64_t now_ms)
{
	struct registry_ledger *ledger = r->settings.ledger;
	const struct update_result *result = &request->result;
	struct registry_finish a = {
		.ledger = ledger,
		.draft = draft,
		.policy = request->policy,
		.lease_rule = request->lease_rule,
		.key = request->key,
		.is_changed = result->nadded + result->nremoved > 0,
		.now_ms = now_ms,
	};
	bool is_asked = request->lease.is_present;
	int ret;

	a.records = update_context_records(r->updater, &a.nrecords);
	ret = registry_finish(&a, &request->lease);
	if (ret < 0)
		return ret;
	tell_services(&ledger->services, &request->result);
	/* What a prerequisite asks for is not watched: such a refresh is rare (RFC 9664
	 * section 5.1). */
	if (ret > 0 && is_asked && request->key != NULL && base_load16(request->msg + 6) == 0)
		request->refresh = ledger_leases_refresh(&ledger->leases, request->zone,
							 request->policy, &request->print,
							 a.records, a.nrecords, &request->lease);
	return 0;
}

static int apply_one(struct registry_registrar *r, struct registry_request *request,
		     uint64_t now_ms)
{
	struct view *services = &r->settings.ledger->services;
	struct zone_draft *draft = registry_batch_draft(r, request->zone);
	int ret;

	if (draft == NULL)
		return -ENOMEM;
	view_begin(services, request->services_rule, draft);
	update_context_set_view(r->updater, services->rule);
	ret = update_apply(r->updater, draft, zone_name(request->zone), request->msg,
			   request->nbytes, request->policy, request->key, &request->result);
	if (ret == DNS_RCODE_NOERROR)
		return account(r, draft, request, now_ms);
	if (request->lease.is_present)
		r->settings.ledger->leases.stats.refused++;
	return ret < 0 ? ret : view_update(services);
}

static int batch_apply(struct registry_registrar *r)
{
	uint64_t now_ms = registry_registrar_now(r);

	for (size_t i = 0; i < r->batch.nrequests; i++) {
		int result = apply_one(r, r->batch.request[i], now_ms);

		if (result < 0)
			return result;
		registry_audit_update(&r->audit, r->updater, r->batch.request[i]);
	}
	return 0;
}

/* Nothing of the batch happened, and what the refused ones were told may not be so either. */
static void batch_drop(struct registry_registrar *r, int error)
{
	struct registry_batch *b = &r->batch;

	base_log(BASE_LOG_ERROR, "registry",
		 "updates not done, answered SERVFAIL: count=%zu error=\"%s\"", b->nrequests,
		 strerror(-error));
	registry_batch_undo(r);
	for (size_t i = 0; i < b->nrequests; i++) {
		struct update_result *result = &b->request[i]->result;

		*result = (struct update_result){.rcode = DNS_RCODE_SERVFAIL, .ede = DNS_EDE_OTHER};
		strcpy(result->text,
		       error == -ENOMEM ? "out of memory" : "the change could not be stored");
		registry_audit_dropped(b->request[i]);
	}
	r->audit.nbytes = 0;
}

void registry_registrar_stats_update(struct registry_registrar *r)
{
	const struct registry_ledger *ledger = r->settings.ledger;

	r->stats.leases = ledger->leases.stats;
	r->stats.leases.refreshed +=
		atomic_load_explicit(&ledger->leases.refreshes.ntaken, memory_order_relaxed);
	r->stats.nleases = ledger->leases.table.count;
	r->stats.nowners = ledger->owners.count;
	r->stats.services = ledger->services.stats;
}

static void batch_reply(struct registry_registrar *r)
{
	struct registry_batch *b = &r->batch;

	pthread_mutex_lock(&r->lock);
	r->stats.batches++;
	r->stats.updates += b->nrequests;
	registry_registrar_stats_update(r);
	for (size_t i = 0; i < b->nrequests; i++)
		r->stats.rcode[b->request[i]->result.rcode % 32]++;
	pthread_mutex_unlock(&r->lock);
	for (size_t i = 0; i < b->nrequests; i++)
		b->request[i]->reply(b->request[i]);
	if (r->settings.on_replied != NULL)
		r->settings.on_replied(r->settings.arg);
	registry_audit_write(&r->audit);
}

static void batch_run(struct registry_registrar *r)
{
	int result = batch_apply(r);

	if (result == 0)
		result = registry_batch_commit(r, false);
	if (result == 0)
		registry_batch_publish(r);
	else
		batch_drop(r, result);
	batch_reply(r);
	if (r->settings.on_batch != NULL)
		r->settings.on_batch(r->settings.arg);
}

/* ---- ticks ---- */

static void tick(struct registry_registrar *r, uint64_t now_ms)
{
	struct ledger_leases *l = &r->settings.ledger->leases;
	struct ledger_lease *lease;
	unsigned count = 0;
	int result = 0;

	r->ticked_ms = now_ms;
	registry_batch_empty(r);
	while (result == 0 && count < EXPIRE_MAX &&
	       (lease = ledger_leases_due(l, now_ms)) != NULL) {
		result = registry_batch_end_lease(r, lease);
		if (result < 0)
			ledger_leases_put_back(l, lease);
		else
			count++;
	}
	result = registry_batch_finish(r, result, true);
	if (result == 0) {
		l->stats.expired += count;
		return;
	}
	r->paused_ms = now_ms + RETRY_MS;
	base_log(BASE_LOG_ERROR, "registry", "leases not ended, tried again: count=%u error=\"%s\"",
		 count, strerror(-result));
}

/* When the next tick is due: lease clock. */
static uint64_t next_tick(const struct registry_registrar *r)
{
	uint64_t at = registry_ledger_next(r->settings.ledger);

	if (at < r->ticked_ms + REGISTRY_TICK_MS)
		at = r->ticked_ms + REGISTRY_TICK_MS;
	return at < r->paused_ms ? r->paused_ms : at;
}

static void tick_if_due(struct registry_registrar *r)
{
	uint64_t at = next_tick(r), now_ms;

	if (at == UINT64_MAX)
		return;
	now_ms = registry_registrar_now(r);
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
		now_ms = registry_registrar_now(r);
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
		if (r->batch.nrequests > 0)
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

	registry_registrar_stats_update(r);
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
	update_context_free(r->updater);
	registry_audit_fini(&r->audit);
	free(r->batch.zone);
	free(r->batch.changes);
	close(r->wake);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

void registry_registrar_stats(struct registry_registrar *r, struct registry_stats *out)
{
	pthread_mutex_lock(&r->lock);
	*out = r->stats;
	pthread_mutex_unlock(&r->lock);
}
