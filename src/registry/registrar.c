/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A batch:
 *
 * 1. Take what is queued, up to BATCH_MAX requests. Each is applied to the draft of its zone, which is begun by the first.
 * 2. Seal the drafts; what comes out are the changesets. A zone where nothing changed has none.
 * 3. Commit all changesets with one call of the store. This is the last thing that can fail: until here dropping the drafts undoes
 *    everything, and the requests are answered SERVFAIL.
 * 4. Publish, tell the listeners, reply. */
#include "registry/registrar.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/rcu.h"
#include "dns/type.h"
#include "store/store.h"
#include "zone/draft.h"
#include "zone/zone.h"

enum { BATCH_MAX = 2048, BATCH_BYTES_MAX = 1 << 20, ZONES_MAX = 64 };

/* A zone that the batch changes. */
struct batch_zone {
	struct zone *zone;
	struct zone_draft *draft;
	struct zone_changeset changes;
	bool is_changed;
};

struct batch {
	struct registry_request *request[BATCH_MAX];
	size_t nrequests, nbytes;
	struct batch_zone zone[ZONES_MAX];
	size_t nzones;
};

struct registry_registrar {
	/* set before the thread starts */
	struct registry_settings settings;
	pthread_t thread;
	int wake;               /* eventfd */
	bool is_running;

	/* any thread, atomic */
	struct base_queue requests, calls;
	_Atomic bool is_stopping;

	/* registrar only */
	struct registry_updater *updater;
	struct base_queue_link *waiting;        /* taken off the queue, not yet in a batch */
	struct batch batch;
	char *audit;                            /* the lines of the batch, written when it is durable */
	size_t naudit, audit_room;

	/* under lock */
	pthread_mutex_t lock;
	struct registry_stats stats;
};

struct registry_registrar *registry_registrar_new(const struct registry_settings *settings)
{
	struct registry_registrar *r = calloc(1, sizeof *r);

	if (r == NULL)
		return NULL;
	r->settings = *settings;
	r->updater = registry_updater_new();
	r->wake = eventfd(0, EFD_CLOEXEC);
	if (r->updater == NULL || r->wake < 0) {
		registry_updater_free(r->updater);
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
	ssize_t n = write(r->wake, &one, sizeof one);

	(void)n;        /* full means that it is awake */
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

void registry_registrar_run(struct registry_registrar *r, void (*run)(struct registry_registrar *, void *), void *arg)
{
	struct waiting_call w = { .call = { .run = run_waiting }, .run = run, .arg = arg };

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

static uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

/* ---- committing ---- */

static int commit(struct registry_registrar *r, const struct store_change *changes, size_t nchanges, const struct store_note *note)
{
	struct store_batch b = { .changes = changes, .nchanges = nchanges, .notes = note, .nnotes = note != NULL,
		                 .time_s = (uint64_t)time(NULL) };
	uint64_t start = now_us(), took;
	int result = store_commit(r->settings.store, &b);

	took = now_us() - start;
	pthread_mutex_lock(&r->lock);
	r->stats.commit_us += took;
	if (took > r->stats.commit_us_max)
		r->stats.commit_us_max = took;
	if (result < 0)
		r->stats.failed_batches++;
	pthread_mutex_unlock(&r->lock);
	return result;
}

int registry_registrar_commit(struct registry_registrar *r, struct zone_draft *draft, const struct store_note *note)
{
	struct zone *zone = zone_draft_zone(draft);
	struct store_change change = { .zone = zone_name(zone) };
	int result = zone_draft_seal(draft, &change.changes);

	if (result > 0) {
		int failed = commit(r, &change, 1, note);

		if (failed < 0)
			result = failed;
	}
	if (result <= 0) {
		zone_draft_abort(draft);
		return result;
	}
	if (r->settings.on_changed != NULL)
		r->settings.on_changed(r->settings.arg, zone, &change.changes);
	zone_draft_publish(draft);
	return 1;
}

int registry_registrar_note(struct registry_registrar *r, const struct store_note *note)
{
	return commit(r, NULL, 0, note);
}

/* ---- a batch ---- */

static struct batch_zone *batch_zone(struct batch *b, struct zone *zone)
{
	for (size_t i = 0; i < b->nzones; i++)
		if (b->zone[i].zone == zone)
			return &b->zone[i];
	if (b->nzones == ZONES_MAX)
		return NULL;
	b->zone[b->nzones] = (struct batch_zone){ .zone = zone };
	return &b->zone[b->nzones++];
}

/* Moves requests from the queue into the batch as far as they go in: the rest is for the next. */
static void batch_fill(struct registry_registrar *r)
{
	struct batch *b = &r->batch;

	b->nrequests = b->nzones = b->nbytes = 0;
	r->naudit = 0;
	if (r->waiting == NULL)
		r->waiting = base_queue_take(&r->requests);
	while (r->waiting != NULL && b->nrequests < BATCH_MAX && b->nbytes < BATCH_BYTES_MAX) {
		struct registry_request *request = (struct registry_request *)r->waiting;

		if (batch_zone(b, request->zone) == NULL)
			break;
		r->waiting = r->waiting->next;
		b->request[b->nrequests++] = request;
		b->nbytes += request->nbytes;
	}
}

/* Notes the line of an update that has been applied. If there is no memory for it, it is said at once. */
static void audit(struct registry_registrar *r, const struct registry_request *request)
{
	static const char head[] = "update ";
	size_t need = sizeof head + REGISTRY_AUDIT_MAX;
	char *line;

	if (!base_log_is(BASE_LOG_INFO))
		return;
	if (r->naudit + need > r->audit_room) {
		size_t room = (r->naudit + need) * 2;
		char *more = realloc(r->audit, room);

		if (more == NULL) {
			base_log(BASE_LOG_WARNING, "registry", "no memory for the line of an update: client=%s", request->client);
			return;
		}
		r->audit = more;
		r->audit_room = room;
	}
	line = r->audit + r->naudit;
	memcpy(line, head, sizeof head - 1);
	registry_update_audit(r->updater, line + sizeof head - 1, REGISTRY_AUDIT_MAX, request->client, &request->result);
	r->naudit += strlen(line) + 1;
	r->audit[r->naudit - 1] = '\n';
}

/* The batch did not happen: what its lines say is not so. */
static void audit_dropped(const struct registry_request *request)
{
	char key[DNS_NAME_TEXT_MAX] = "-", why[REGISTRY_UPDATE_TEXT_MAX * 2];

	if (request->key != NULL)
		dns_name_to_text(key, request->key);
	base_log(BASE_LOG_INFO, "registry", "update client=%s key=%s rule=0 added=0 removed=0 result=SERVFAIL why=%s",
	         request->client, key, base_log_quote(why, sizeof why, request->result.text));
}

static int apply_one(struct registry_registrar *r, struct registry_request *request)
{
	struct batch_zone *z = batch_zone(&r->batch, request->zone);

	if (z->draft == NULL)
		z->draft = zone_draft_new(request->zone);
	if (z->draft == NULL)
		return -ENOMEM;
	return registry_update_apply(r->updater, z->draft, zone_name(request->zone), request->msg, request->nbytes,
	                             request->policy, request->key, &request->result);
}

static int batch_apply(struct registry_registrar *r)
{
	for (size_t i = 0; i < r->batch.nrequests; i++) {
		int result = apply_one(r, r->batch.request[i]);

		if (result < 0)
			return result;
		audit(r, r->batch.request[i]);
	}
	return 0;
}

static int batch_commit(struct registry_registrar *r)
{
	struct batch *b = &r->batch;
	struct store_change changes[ZONES_MAX];
	size_t nchanges = 0;

	for (size_t i = 0; i < b->nzones; i++) {
		struct batch_zone *z = &b->zone[i];
		int result = z->draft == NULL ? 0 : zone_draft_seal(z->draft, &z->changes);

		if (result < 0)
			return result;
		z->is_changed = result > 0;
		if (z->is_changed)
			changes[nchanges++] = (struct store_change){ zone_name(z->zone), z->changes };
	}
	return nchanges == 0 ? 0 : commit(r, changes, nchanges, NULL);
}

/* Cannot fail. */
static void batch_publish(struct registry_registrar *r)
{
	for (size_t i = 0; i < r->batch.nzones; i++) {
		struct batch_zone *z = &r->batch.zone[i];

		if (z->draft == NULL)
			continue;
		if (!z->is_changed) {
			zone_draft_abort(z->draft);
			continue;
		}
		if (r->settings.on_changed != NULL)
			r->settings.on_changed(r->settings.arg, z->zone, &z->changes);
		zone_draft_publish(z->draft);
	}
}

/* Nothing of the batch happened, and what the refused ones were told may not be so either. */
static void batch_drop(struct registry_registrar *r, int error)
{
	struct batch *b = &r->batch;

	base_log(BASE_LOG_ERROR, "registry", "updates not done, answered SERVFAIL: count=%zu error=\"%s\"",
	         b->nrequests, strerror(-error));
	for (size_t i = 0; i < b->nzones; i++)
		if (b->zone[i].draft != NULL)
			zone_draft_abort(b->zone[i].draft);
	for (size_t i = 0; i < b->nrequests; i++) {
		struct registry_update_result *result = &b->request[i]->result;

		*result = (struct registry_update_result){ .rcode = DNS_RCODE_SERVFAIL, .ede = DNS_EDE_OTHER };
		strcpy(result->text, error == -ENOMEM ? "out of memory" : "the change could not be stored");
		audit_dropped(b->request[i]);
	}
	r->naudit = 0;
}

static void batch_reply(struct registry_registrar *r)
{
	struct batch *b = &r->batch;

	pthread_mutex_lock(&r->lock);
	r->stats.batches++;
	r->stats.updates += b->nrequests;
	for (size_t i = 0; i < b->nrequests; i++)
		r->stats.rcode[b->request[i]->result.rcode % 32]++;
	pthread_mutex_unlock(&r->lock);
	for (size_t i = 0; i < b->nrequests; i++)
		b->request[i]->reply(b->request[i]);
	if (r->settings.on_replied != NULL)
		r->settings.on_replied(r->settings.arg);
	base_log_lines(BASE_LOG_INFO, "registry", r->audit, r->naudit);
}

static void batch_run(struct registry_registrar *r)
{
	int result = batch_apply(r);

	if (result == 0)
		result = batch_commit(r);
	if (result == 0)
		batch_publish(r);
	else
		batch_drop(r, result);
	batch_reply(r);
	if (r->settings.on_batch != NULL)
		r->settings.on_batch(r->settings.arg);
}

/* ---- the thread ---- */

static void run_calls(struct registry_registrar *r)
{
	struct base_queue_link *link = base_queue_take(&r->calls), *next;

	for (; link != NULL; link = next) {
		struct registry_call *call = (struct registry_call *)link;

		next = link->next;      /* run may free the call */
		call->run(r, call->arg);
	}
}

static void wait_for_work(struct registry_registrar *r)
{
	uint64_t count;
	ssize_t n;

	base_rcu_offline();
	n = read(r->wake, &count, sizeof count);
	(void)n;
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
		else if (atomic_load_explicit(&r->is_stopping, memory_order_acquire)
		         && base_queue_is_empty(&r->requests))
			break;
		else
			wait_for_work(r);
		base_rcu_quiescent();
	}
	base_rcu_unregister();
	return NULL;
}

int registry_registrar_start(struct registry_registrar *r)
{
	int error = pthread_create(&r->thread, NULL, registrar_main, r);

	r->is_running = error == 0;
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
	registry_updater_free(r->updater);
	free(r->audit);
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
