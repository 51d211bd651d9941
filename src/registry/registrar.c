/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A batch:
 *
 * 1. Take what is queued, up to BATCH_MAX requests. Each is applied to the draft of its zone, which is begun by the first, and to the
 *    ledger of leases and owners.
 * 2. Seal the drafts; what comes out are the changesets. A zone where nothing changed has none.
 * 3. Commit all changesets and notes with one call of the store. This is the last thing that can fail: until here dropping the drafts and
 *    undoing the ledger's changes undoes everything, and the requests are answered SERVFAIL.
 * 4. Publish, tell the listeners, reply.
 *
 * A tick is a batch without requests: leases that have ended are taken out of the drafts, and what was refreshed since the last tick is
 * written down. */
#include "registry/registrar.h"

#include <assert.h>
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
#include "base/grow.h"
#include "base/log.h"
#include "base/rcu.h"
#include "dns/type.h"
#include "registry/account.h"
#include "registry/ledger.h"
#include "registry/policy.h"
#include "store/store.h"
#include "zone/draft.h"
#include "zone/zone.h"

enum { BATCH_MAX = 2048, BATCH_BYTES_MAX = 1 << 20, EXPIRE_MAX = 20000, RETRY_MS = 1000, AUDIT_LEASE_MAX = 40 };

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
	struct batch_zone *zone;        /* those of the requests, and reverse zones that follow them */
	size_t nzones, zones_room;
	struct store_change *changes;
	size_t changes_room;
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
	uint64_t ticked_ms;                     /* lease clock */
	uint64_t paused_ms;                     /* no tick before: the last could not be stored */
	char *audit;                            /* the lines of the batch, written when it is durable */
	size_t naudit, audit_room;

	/* under lock */
	pthread_mutex_t lock;
	struct registry_stats stats;
};

/* A record that an update removes is leased no more. Without the memory for that its leases hold it in vain. */
static void on_removed(void *arg, struct zone_draft *draft, const struct zone_record *record)
{
	struct registry_registrar *r = arg;
	struct registry_ledger *ledger = r->settings.ledger;

	registry_leases_release(&ledger->leases, zone_name(zone_draft_zone(draft)), record);
	registry_services_removed(&ledger->services, record);
}

static void on_name(void *arg, const uint8_t *name)
{
	struct registry_registrar *r = arg;

	registry_services_lift(&r->settings.ledger->services, name);
}

static struct batch_zone *batch_zone(struct batch *b, struct zone *zone)
{
	struct batch_zone *zones;

	for (size_t i = 0; i < b->nzones; i++)
		if (b->zone[i].zone == zone)
			return &b->zone[i];
	zones = base_grow(b->zone, b->nzones, &b->zones_room, sizeof *zones);
	if (zones == NULL)
		return NULL;
	b->zone = zones;
	zones[b->nzones] = (struct batch_zone){ .zone = zone };
	return &zones[b->nzones++];
}

/* The draft of a zone in the batch. NULL when memory is short. */
static struct zone_draft *batch_draft(void *arg, struct zone *zone)
{
	struct registry_registrar *r = arg;
	struct batch_zone *z = batch_zone(&r->batch, zone);

	if (z != NULL && z->draft == NULL)
		z->draft = zone_draft_new(zone);
	return z == NULL ? NULL : z->draft;
}

struct registry_registrar *registry_registrar_new(const struct registry_settings *settings)
{
	struct registry_registrar *r = calloc(1, sizeof *r);
	const struct registry_updater_hooks hooks = { on_name, on_removed, r };

	if (r == NULL)
		return NULL;
	r->settings = *settings;
	settings->ledger->services.draft_of = batch_draft;
	settings->ledger->services.arg = r;
	r->updater = registry_updater_new(settings->ledger, &hooks);
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

struct registry_ledger *registry_registrar_ledger(struct registry_registrar *r)
{
	return r->settings.ledger;
}

uint64_t registry_registrar_now(const struct registry_registrar *r)
{
	return registry_ledger_now(r->settings.ledger, now_us() / 1000);
}

bool registry_registrar_refresh(struct registry_registrar *r, const struct registry_fingerprint *print, const struct zone *zone,
                                const struct registry_policy *policy, uint64_t now_ms, struct registry_lease_terms *granted)
{
	struct registry_ledger *ledger = r->settings.ledger;
	bool is_first;

	if (!registry_refresh_try(&ledger->leases.refreshes, print, zone, policy, registry_ledger_now(ledger, now_ms), granted, &is_first))
		return false;
	if (is_first)
		wake(r);
	return true;
}

struct registry_fingerprint registry_registrar_fingerprint(const struct registry_registrar *r, const uint8_t *msg, size_t nbytes,
                                                           const uint8_t *key)
{
	return registry_refresh_fingerprint(&r->settings.ledger->leases.refreshes, msg, nbytes, key);
}

/* ---- committing ---- */

static int commit(struct registry_registrar *r, const struct store_change *changes, size_t nchanges, const struct store_note *notes,
                  size_t nnotes)
{
	struct store_batch b = { .changes = changes, .nchanges = nchanges, .notes = notes, .nnotes = nnotes,
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

int registry_registrar_note(struct registry_registrar *r, const struct store_note *note)
{
	const struct store_note *notes;
	size_t nnotes;
	int ret = registry_ledger_notes(r->settings.ledger, registry_registrar_now(r), false, note, &notes, &nnotes);

	if (ret == 0)
		ret = commit(r, NULL, 0, notes, nnotes);
	if (ret < 0)
		registry_ledger_undo(r->settings.ledger);
	else
		registry_ledger_commit(r->settings.ledger, registry_registrar_now(r));
	return ret;
}

/* ---- a batch ---- */

static void batch_empty(struct registry_registrar *r)
{
	r->batch.nrequests = r->batch.nzones = r->batch.nbytes = 0;
	r->naudit = 0;
}

/* Moves requests from the queue into the batch as far as they go in: the rest is for the next. */
static void batch_fill(struct registry_registrar *r)
{
	struct batch *b = &r->batch;

	batch_empty(r);
	if (r->waiting == NULL)
		r->waiting = base_queue_take(&r->requests);
	while (r->waiting != NULL && b->nrequests < BATCH_MAX && b->nbytes < BATCH_BYTES_MAX) {
		struct registry_request *request = (struct registry_request *)r->waiting;

		r->waiting = r->waiting->next;
		b->request[b->nrequests++] = request;
		b->nbytes += request->nbytes;
	}
}

/* What was granted, at the end of the line: seconds, and those of the key lease. */
static void audit_lease(char *line, const struct registry_request *request)
{
	const struct registry_lease_terms *granted = &request->lease;
	char *end = line + strlen(line);

	if (request->result.rcode != DNS_RCODE_NOERROR || granted->lease_s == 0 || (request->result.nadded == 0 && !granted->is_present))
		return;
	if (granted->has_key)
		snprintf(end, AUDIT_LEASE_MAX, " lease=%u/%u", (unsigned)granted->lease_s, (unsigned)granted->key_lease_s);
	else
		snprintf(end, AUDIT_LEASE_MAX, " lease=%u", (unsigned)granted->lease_s);
}

/* Room for one more line of the audit, of at most `size` octets. NULL without the memory. */
static char *audit_line(struct registry_registrar *r, size_t size)
{
	char *more;

	if (r->naudit + size > r->audit_room) {
		more = realloc(r->audit, (r->naudit + size) * 2);
		if (more == NULL)
			return NULL;
		r->audit = more;
		r->audit_room = (r->naudit + size) * 2;
	}
	return r->audit + r->naudit;
}

/* Notes the line of an update that has been applied. If there is no memory for it, it is said at once. */
static void audit(struct registry_registrar *r, const struct registry_request *request)
{
	static const char head[] = "update ";
	char *line;

	if (!base_log_is(BASE_LOG_INFO))
		return;
	line = audit_line(r, sizeof head + REGISTRY_AUDIT_MAX + AUDIT_LEASE_MAX);
	if (line == NULL) {
		base_log(BASE_LOG_WARNING, "registry", "no memory for the line of an update: client=%s", request->client);
		return;
	}
	memcpy(line, head, sizeof head - 1);
	registry_update_audit(r->updater, line + sizeof head - 1, REGISTRY_AUDIT_MAX, request->client, &request->result);
	audit_lease(line, request);
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

/* What there is to tell of the service view that an update has changed. */
static void tell_services(const struct registry_services *s, struct registry_update_result *result)
{
	char name[DNS_NAME_TEXT_MAX];

	if (!s->is_full && !s->has_grown)
		return;
	dns_name_to_text(name, s->told);
	result->ede = DNS_EDE_OTHER;
	snprintf(result->text, sizeof result->text, "%.150s: %s", name,
	         s->is_full ? "no answer holds more instances, this one is not browsed until there is room"
	                    : "the answer no longer fits a datagram, clients come by TCP");
	if (s->is_news || !s->is_full)
		base_log(s->is_full ? BASE_LOG_WARNING : BASE_LOG_INFO, "registry", "service type: name=%s %s", name,
		         s->is_full ? "is full" : "has outgrown a datagram");
}

/* What follows from an update which has been applied. */
static int account(struct registry_registrar *r, struct zone_draft *draft, struct registry_request *request, uint64_t now_ms)
{
	struct registry_ledger *ledger = r->settings.ledger;
	const struct registry_update_result *result = &request->result;
	struct registry_account a = {
		.ledger = ledger, .draft = draft, .policy = request->policy, .lease_rule = request->lease_rule, .key = request->key,
		.is_changed = result->nadded + result->nremoved > 0, .now_ms = now_ms,
	};
	bool is_asked = request->lease.is_present;
	int ret;

	a.records = registry_updater_records(r->updater, &a.nrecords);
	ret = registry_account(&a, &request->lease);
	if (ret < 0)
		return ret;
	tell_services(&ledger->services, &request->result);
	/* What a prerequisite asks for is not watched: such a refresh is rare (RFC 9664 section 5.1). */
	if (ret > 0 && is_asked && request->key != NULL && base_load16(request->msg + 6) == 0)
		request->refresh = registry_leases_refresh(&ledger->leases, request->zone, request->policy, &request->print, a.records,
		                                           a.nrecords, &request->lease);
	return 0;
}

static int apply_one(struct registry_registrar *r, struct registry_request *request, uint64_t now_ms)
{
	struct registry_services *services = &r->settings.ledger->services;
	struct zone_draft *draft = batch_draft(r, request->zone);
	int ret;

	if (draft == NULL)
		return -ENOMEM;
	registry_services_begin(services, request->services_rule, draft);
	registry_updater_fence(r->updater, services->rule != NULL);
	ret = registry_update_apply(r->updater, draft, zone_name(request->zone), request->msg, request->nbytes,
	                            request->policy, request->key, &request->result);
	if (ret == DNS_RCODE_NOERROR)
		return account(r, draft, request, now_ms);
	if (request->lease.is_present)
		r->settings.ledger->leases.stats.refused++;
	return ret < 0 ? ret : registry_services_derive(services);
}

/* A refresh is counted, not told: there are thousands a second. */
static bool is_news(const struct registry_request *request)
{
	const struct registry_update_result *result = &request->result;

	return base_log_is(BASE_LOG_DEBUG) || !request->lease.is_present || result->rcode != DNS_RCODE_NOERROR
	       || result->nadded + result->nremoved > 0;
}

static int batch_apply(struct registry_registrar *r)
{
	uint64_t now_ms = registry_registrar_now(r);

	for (size_t i = 0; i < r->batch.nrequests; i++) {
		int result = apply_one(r, r->batch.request[i], now_ms);

		if (result < 0)
			return result;
		if (is_news(r->batch.request[i]))
			audit(r, r->batch.request[i]);
	}
	return 0;
}

static int batch_seal(struct registry_registrar *r)
{
	for (size_t i = 0; i < r->batch.nzones; i++) {
		struct batch_zone *z = &r->batch.zone[i];
		int result = z->draft == NULL ? 0 : zone_draft_seal(z->draft, &z->changes);

		if (result < 0)
			return result;
		z->is_changed = result > 0;
	}
	return 0;
}

/* Stores what was sealed, and all notes. */
static int batch_store(struct registry_registrar *r, bool is_tick, const struct store_note *note)
{
	struct batch *b = &r->batch;
	const struct store_note *notes;
	size_t nchanges = 0, nnotes;
	int ret;

	for (size_t i = 0; i < b->nzones; i++) {
		struct store_change *changes = base_grow(b->changes, nchanges, &b->changes_room, sizeof *changes);

		if (changes == NULL)
			return -ENOMEM;
		b->changes = changes;
		if (b->zone[i].is_changed)
			changes[nchanges++] = (struct store_change){ zone_name(b->zone[i].zone), b->zone[i].changes };
	}
	ret = registry_ledger_notes(r->settings.ledger, registry_registrar_now(r), is_tick, note, &notes, &nnotes);
	if (ret < 0 || nchanges + nnotes == 0)
		return ret;
	return commit(r, b->changes, nchanges, notes, nnotes);
}

static int batch_commit(struct registry_registrar *r, bool is_tick)
{
	int ret = batch_seal(r);

	return ret == 0 ? batch_store(r, is_tick, NULL) : ret;
}

/* Whether a lease of the refresh is of an instance that is suspect: its next refresh clears it, which is the registrar's to do. */
static bool is_watched(const struct registry_services *s, const struct registry_refresh *refresh)
{
	struct registry_lease *const *leases;
	size_t n = registry_refresh_leases(refresh, &leases);

	for (size_t i = 0; i < n && s->marks.count > 0; i++)
		if (registry_services_is_suspect(s, registry_entry_zone(&leases[i]->entry), registry_entry_name(&leases[i]->entry)))
			return true;
	return false;
}

/* A lease that another request of the batch has changed may be gone when it is committed. */
static void batch_sift(struct registry_registrar *r)
{
	struct batch *b = &r->batch;

	for (size_t i = 0; i < b->nrequests; i++) {
		struct registry_request *request = b->request[i];

		if (request->refresh == NULL
		    || (registry_refresh_is_sound(request->refresh) && !is_watched(&r->settings.ledger->services, request->refresh)))
			continue;
		registry_refresh_drop(request->refresh);
		request->refresh = NULL;
	}
}

/* Cannot fail. */
static void batch_publish(struct registry_registrar *r)
{
	batch_sift(r);
	registry_ledger_commit(r->settings.ledger, registry_registrar_now(r));
	for (size_t i = 0; i < r->batch.nrequests; i++)
		if (r->batch.request[i]->refresh != NULL)
			registry_refresh_learn(&r->settings.ledger->leases.refreshes, r->batch.request[i]->refresh);
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

static void batch_undo(struct registry_registrar *r)
{
	for (size_t i = 0; i < r->batch.nzones; i++)
		if (r->batch.zone[i].draft != NULL)
			zone_draft_abort(r->batch.zone[i].draft);
	for (size_t i = 0; i < r->batch.nrequests; i++)
		registry_refresh_drop(r->batch.request[i]->refresh);
	registry_ledger_undo(r->settings.ledger);
}

/* Nothing of the batch happened, and what the refused ones were told may not be so either. */
static void batch_drop(struct registry_registrar *r, int error)
{
	struct batch *b = &r->batch;

	base_log(BASE_LOG_ERROR, "registry", "updates not done, answered SERVFAIL: count=%zu error=\"%s\"",
	         b->nrequests, strerror(-error));
	batch_undo(r);
	for (size_t i = 0; i < b->nrequests; i++) {
		struct registry_update_result *result = &b->request[i]->result;

		*result = (struct registry_update_result){ .rcode = DNS_RCODE_SERVFAIL, .ede = DNS_EDE_OTHER };
		strcpy(result->text, error == -ENOMEM ? "out of memory" : "the change could not be stored");
		audit_dropped(b->request[i]);
	}
	r->naudit = 0;
}

/* Under the lock. */
static void stats_follow(struct registry_registrar *r)
{
	const struct registry_ledger *ledger = r->settings.ledger;

	r->stats.leases = ledger->leases.stats;
	r->stats.leases.refreshed += atomic_load_explicit(&ledger->leases.refreshes.ntaken, memory_order_relaxed);
	r->stats.nleases = ledger->leases.table.count;
	r->stats.nowners = ledger->owners.count;
	r->stats.services = ledger->services.stats;
}

static void batch_reply(struct registry_registrar *r)
{
	struct batch *b = &r->batch;

	pthread_mutex_lock(&r->lock);
	r->stats.batches++;
	r->stats.updates += b->nrequests;
	stats_follow(r);
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
		result = batch_commit(r, false);
	if (result == 0)
		batch_publish(r);
	else
		batch_drop(r, result);
	batch_reply(r);
	if (r->settings.on_batch != NULL)
		r->settings.on_batch(r->settings.arg);
}

/* ---- ticks ---- */

static void audit_end(struct registry_registrar *r, const uint8_t *name, const uint8_t *holder, uint32_t granted_s, int nremoved)
{
	char owner[DNS_NAME_TEXT_MAX], key[DNS_NAME_TEXT_MAX] = "-";
	char *line = base_log_is(BASE_LOG_INFO) ? audit_line(r, REGISTRY_AUDIT_MAX) : NULL;
	int n;

	if (line == NULL)
		return;
	dns_name_to_text(owner, name);
	if (holder[0] != 0)
		dns_name_to_text(key, holder);
	n = snprintf(line, REGISTRY_AUDIT_MAX, "lease ended name=%s key=%s granted=%u removed=%d\n", owner, key, (unsigned)granted_s,
	             nremoved);
	/* Two names of the longest kind do not fit, and are left out rather than cut. */
	if (n < REGISTRY_AUDIT_MAX)
		r->naudit += (size_t)n;
}

static int end_one(struct registry_registrar *r, struct registry_lease *lease)
{
	const struct registry_lease_content *c = lease->entry.content;
	struct zone_draft *draft = batch_draft(r, lease->zone);
	uint8_t holder[DNS_NAME_MAX] = { 0 };
	uint32_t granted_s = c->granted_s;
	int n;

	memcpy(holder, c->bytes, c->nholder);
	if (draft == NULL)
		return -ENOMEM;
	n = registry_ledger_expire(r->settings.ledger, lease, draft);
	if (n < 0)
		return n;
	audit_end(r, registry_entry_name(&lease->entry), holder, granted_s, n);
	return 0;
}

/* What was done to the ledger, and to the drafts of the batch, counts or does not. */
static int batch_finish(struct registry_registrar *r, int result, bool is_tick)
{
	if (result == 0)
		result = batch_commit(r, is_tick);
	if (result < 0) {
		batch_undo(r);
		return result;
	}
	batch_publish(r);
	base_log_lines(BASE_LOG_INFO, "registry", r->audit, r->naudit);
	pthread_mutex_lock(&r->lock);
	stats_follow(r);
	pthread_mutex_unlock(&r->lock);
	if (r->settings.on_batch != NULL)
		r->settings.on_batch(r->settings.arg);
	return 0;
}

int registry_registrar_keep(struct registry_registrar *r)
{
	batch_empty(r);
	return batch_finish(r, 0, true);
}

int registry_registrar_expire(struct registry_registrar *r, struct registry_lease *const *leases, size_t count)
{
	int result = 0;

	batch_empty(r);
	for (size_t i = 0; i < count && result == 0; i++)
		result = end_one(r, leases[i]);
	if (result == 0)
		r->settings.ledger->leases.stats.dropped += count;
	return batch_finish(r, result, false);
}

int registry_registrar_follow(struct registry_registrar *r, struct zone *zone, const struct registry_services_rule *rule)
{
	const struct zone_snapshot *s = zone_current(zone);
	struct zone_draft *draft = s == NULL ? NULL : registry_registrar_begin(r, zone);
	int result = draft == NULL ? -ENOMEM : 0;

	if (s == NULL)
		return 0;
	if (result == 0)
		result = registry_services_follow(&r->settings.ledger->services, rule, s, draft);
	return batch_finish(r, result, false);
}

int registry_registrar_check(struct registry_registrar *r, struct zone *zone, const struct registry_services_rule *rule,
                             registry_services_wrong_fn on_wrong, void *arg)
{
	const struct zone_snapshot *s = zone_current(zone);
	struct zone_draft *draft = s == NULL ? NULL : registry_registrar_begin(r, zone);
	int result = draft == NULL ? -ENOMEM : 0;

	if (s == NULL)
		return 0;
	if (result == 0)
		result = registry_services_check(&r->settings.ledger->services, rule, s, draft, on_wrong, arg);
	batch_undo(r);
	return result;
}

int registry_registrar_drain(struct registry_registrar *r, struct zone *zone, const struct registry_services_rule *rule,
                             const uint8_t *instance, bool is_drained)
{
	struct registry_services *s = &r->settings.ledger->services;
	struct zone_draft *draft = registry_registrar_begin(r, zone);
	int result = draft == NULL ? -ENOMEM : 0, changed = 0;

	if (result == 0) {
		registry_services_begin(s, rule, draft);
		changed = registry_services_drain(s, instance, is_drained);
		result = changed < 0 ? changed : registry_services_derive(s);
	}
	result = batch_finish(r, result, false);
	return result < 0 ? result : changed;
}

/* ---- what others have written in a draft ---- */

struct zone_draft *registry_registrar_begin(struct registry_registrar *r, struct zone *zone)
{
	batch_empty(r);
	return batch_draft(r, zone);
}

int registry_registrar_commit(struct registry_registrar *r, const struct store_note *note)
{
	struct batch_zone *z = &r->batch.zone[0];
	int result = batch_seal(r);

	/* What the administrator wrote is not leased, even if it was before. */
	if (result == 0 && z->is_changed)
		result = registry_leases_release_all(&r->settings.ledger->leases, zone_name(z->zone), &z->changes);
	if (result == 0)
		result = batch_store(r, false, z->is_changed ? note : NULL);
	if (result < 0) {
		batch_undo(r);
		return result;
	}
	result = z->is_changed;
	batch_publish(r);
	return result;
}

void registry_registrar_abort(struct registry_registrar *r)
{
	batch_undo(r);
}

static void tick(struct registry_registrar *r, uint64_t now_ms)
{
	struct registry_leases *l = &r->settings.ledger->leases;
	struct registry_lease *lease;
	unsigned count = 0;
	int result = 0;

	r->ticked_ms = now_ms;
	batch_empty(r);
	while (result == 0 && count < EXPIRE_MAX && (lease = registry_leases_due(l, now_ms)) != NULL) {
		result = end_one(r, lease);
		if (result < 0)
			registry_leases_put_back(l, lease);
		else
			count++;
	}
	result = batch_finish(r, result, true);
	if (result == 0) {
		l->stats.expired += count;
		return;
	}
	r->paused_ms = now_ms + RETRY_MS;
	base_log(BASE_LOG_ERROR, "registry", "leases not ended, tried again: count=%u error=\"%s\"", count, strerror(-result));
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

		next = link->next;      /* run may free the call */
		call->run(r, call->arg);
	}
}

static void wait_for_work(struct registry_registrar *r)
{
	struct pollfd wake = { .fd = r->wake, .events = POLLIN };
	uint64_t count, at = next_tick(r), now_ms;
	int timeout = -1;
	ssize_t n;

	if (at != UINT64_MAX) {
		now_ms = registry_registrar_now(r);
		timeout = at <= now_ms ? 0 : at - now_ms < 60000 ? (int)(at - now_ms) + 1 : 60000;
	}
	base_rcu_offline();
	if (timeout < 0 || poll(&wake, 1, timeout) > 0) {
		n = read(r->wake, &count, sizeof count);
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
		else if (atomic_load_explicit(&r->is_stopping, memory_order_acquire)
		         && base_queue_is_empty(&r->requests))
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

	stats_follow(r);
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
	registry_updater_free(r->updater);
	free(r->audit);
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
