/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A round:
 *
 * 1. Requests are taken and applied to the drafts of their zones and to the state, each at its turn
 *    (update/update.h has what an update is). Requests that arrive meanwhile take part.
 * 2. One commit makes all of it durable (registry/batch.h).
 * 3. The batch is published, refreshes are learnt, the replies go out.
 *
 * If 1 or 2 fails, nothing of the batch has happened. What follows depends on the error:
 *
 *   -ECANCELED    The request at hand was refused late, and has its result: it is replied to.
 *   of the disk   All requests are answered SERVFAIL.
 *   -EUCLEAN      Nobody can know what is on the disk: no request is answered.
 *   any other     A request is at fault. The part of the round that is tried next is smaller: the
 *                 requests before the one that failed, or half of them; one that fails alone is
 *                 answered SERVFAIL.
 *
 * The others are applied again, in their order. */
#include "registry/round.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "dns/type.h"
#include "ledger/grant.h"
#include "registry/batch.h"
#include "registry/request.h"
#include "registry/state.h"
#include "store/store.h"
#include "update/policy.h"
#include "view/mark.h"
#include "zone/zone.h"

enum {
	NBYTES_MAX = 1 << 20, /* of the messages of a round */
	LONE_US = 10000,
	SHARED_US = 1000,
	SHARED_FOR_US = 1000000,
	ALONE_MS = 10000,	/* for a source that was at fault */
	NBYTES_OF_ONE_US = 256, /* what storing a message costs, in time to apply */
};

static struct registry_state *state_of(const struct registry_round *rd)
{
	return rd->batch->settings.state;
}

int registry_round_init(struct registry_round *rd, struct registry_batch *batch,
			struct base_queue *arrived, const struct base_queue *calls)
{
	rd->batch = batch;
	rd->arrived = arrived;
	rd->calls = calls;
	rd->lone_us = LONE_US;
	rd->shared_us = SHARED_US;
	rd->count = 0;
	rd->aside = NULL;
	rd->nended = 0;
	rd->last_source = 0;
	rd->shared_until_us = 0;
	atomic_init(&rd->nsteps, 0);
	return registry_queue_init(&rd->queue);
}

void registry_round_fini(struct registry_round *rd)
{
	registry_queue_fini(&rd->queue);
}

void registry_round_collect(struct registry_round *rd)
{
	struct base_queue_link *link, *next;

	if (base_queue_is_empty(rd->arrived))
		return;
	for (link = base_queue_take(rd->arrived); link != NULL; link = next) {
		struct registry_request *request = (struct registry_request *)link;

		next = link->next;
		request->asked = request->lease;
		registry_queue_put(&rd->queue, request);
	}
}

/* ---- requests of a zone that is held ---- */

static void set_aside(struct registry_round *rd, struct registry_request *request)
{
	request->link.next = rd->aside == NULL ? NULL : &rd->aside->link;
	rd->aside = request;
}

/* The one taken last goes back first, and so comes last again. */
static void put_back_aside(struct registry_round *rd)
{
	while (rd->aside != NULL) {
		struct registry_request *request = rd->aside;

		rd->aside = (struct registry_request *)request->link.next;
		registry_queue_put_back(&rd->queue, request);
	}
}

/* Returns the next request of a zone that is not held, which stays in the queue, or NULL. */
static struct registry_request *next_request(struct registry_round *rd)
{
	const struct registry_hold *hold = &rd->batch->hold;
	struct registry_request *request;

	if (rd->nended != hold->nended)
		put_back_aside(rd);
	rd->nended = hold->nended;
	while ((request = registry_queue_next(&rd->queue)) != NULL &&
	       registry_hold_has(hold, request->zone))
		set_aside(rd, registry_queue_take(&rd->queue));
	return request;
}

/* ---- one request ---- */

/* Refuses a request whose key was revoked while it waited. Returns whether it was. */
static bool refuse_revoked(const struct registry_round *rd, struct registry_request *request)
{
	const struct registry_settings *s = &rd->batch->settings;

	if (s->is_revoked == NULL || request->key == NULL || !s->is_revoked(s->arg, request->key))
		return false;
	request->result = (struct update_result){.rcode = DNS_RCODE_REFUSED,
						 .ede = DNS_EDE_PROHIBITED,
						 .text = "the key has been revoked"};
	return true;
}

static int apply(struct registry_round *rd, struct registry_request *request, uint64_t now_ms)
{
	struct registry_state *s = state_of(rd);
	struct update_request u = {
		.draft = registry_batch_draft(rd->batch, request->zone),
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

	atomic_fetch_add_explicit(&rd->nsteps, 1, memory_order_relaxed);
	request->lease = request->asked; /* it may have been applied before */
	if (refuse_revoked(rd, request)) {
		registry_audit_update(&rd->batch->audit, request, NULL, 0);
		return 0;
	}
	if (u.draft == NULL)
		return -ENOMEM;
	ret = update_run(s->update, &u);
	if (ret == DNS_RCODE_NOERROR && request->ahead_s > 0)
		ret = ledger_ahead_note(&s->ledger.ahead, request->key, request->ahead_s);
	if (ret < 0)
		return ret;
	records = update_records(s->update, &nrecords);
	if (request->result.is_repeatable)
		request->refresh = ledger_grant_refresh(
			&s->ledger.leases, request->zone, update_policy_number(request->policy),
			&request->print, records, nrecords, &request->lease);
	registry_audit_update(&rd->batch->audit, request, records, nrecords);
	return 0;
}

/* ---- replies ---- */

static void count_result(struct registry_stats *stats, const struct registry_request *request)
{
	if (request->is_unknown) {
		base_counter_add(&stats->unanswered, 1);
		return;
	}
	base_counter_add(&stats->rcode[request->result.rcode % 32], 1);
	base_counter_add(&stats->bound[request->result.bound], 1);
}

/* Replies to the requests before `count`, and takes them out of the round. */
static void reply(struct registry_round *rd, size_t count)
{
	struct registry_batch *b = rd->batch;

	base_counter_add(&b->stats.updates, count);
	for (size_t i = 0; i < count; i++)
		count_result(&b->stats, rd->request[i]);
	for (size_t i = 0; i < count; i++)
		rd->request[i]->reply(rd->request[i]);
	rd->count -= count;
	memmove(rd->request, rd->request + count, rd->count * sizeof(struct registry_request *));
	if (b->settings.on_replied != NULL)
		b->settings.on_replied(b->settings.arg);
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

static void drop_refresh(struct registry_request *request)
{
	ledger_refresh_free(request->refresh);
	request->refresh = NULL;
}

/* Drops refreshes that are not to be learnt: another request of the batch may have changed their
 * leases, which may be gone once the batch is published. */
static void drop_stale_refreshes(struct registry_round *rd, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct ledger_refresh *refresh = rd->request[i]->refresh;

		if (refresh != NULL && (!ledger_refresh_is_valid(refresh) ||
					is_of_suspect(&state_of(rd)->view, refresh)))
			drop_refresh(rd->request[i]);
	}
}

/* Publishes the batch, of the requests before `count`, and replies to them. */
static void publish(struct registry_round *rd, size_t count)
{
	struct registry_batch *b = rd->batch;

	drop_stale_refreshes(rd, count);
	registry_batch_publish(b);
	for (size_t i = 0; i < count; i++)
		if (rd->request[i]->refresh != NULL)
			ledger_refresh_learn(&state_of(rd)->ledger.leases.refreshes,
					     rd->request[i]->refresh);
	base_counter_add(&b->stats.batches, 1);
	reply(rd, count);
	registry_audit_write(&b->audit);
	if (b->settings.on_batch != NULL)
		b->settings.on_batch(b->settings.arg);
}

/* ---- failures ---- */

static void undo(struct registry_round *rd, const struct ledger_lease_stats *stats)
{
	registry_batch_abort(rd->batch);
	state_of(rd)->ledger.leases.stats = *stats;
	for (size_t i = 0; i < rd->count; i++)
		drop_refresh(rd->request[i]);
}

static const char *text_of(int error)
{
	if (error == -ENOMEM)
		return "out of memory";
	return error == -ESHUTDOWN ? "the server is stopping" : "the change could not be stored";
}

/* Answers the requests before `count` with SERVFAIL. A refusal among them may rest on changes that
 * did not happen. */
static void fail(struct registry_round *rd, size_t count, int error)
{
	base_log(BASE_LOG_ERROR, "registry", "updates-failed count=%zu store=%s error=\"%s\"",
		 count, store_place(rd->batch->settings.store), strerror(-error));
	registry_batch_count(rd->batch);
	for (size_t i = 0; i < count; i++) {
		struct registry_request *request = rd->request[i];

		request->result =
			(struct update_result){.rcode = DNS_RCODE_SERVFAIL, .ede = DNS_EDE_OTHER};
		strcpy(request->result.text, text_of(error));
		registry_audit_failed(request);
	}
	reply(rd, count);
}

/* Replies to the requests before `count` that they get no answer. */
static void fail_unknown(struct registry_round *rd, size_t count)
{
	base_log(
		BASE_LOG_ERROR, "registry",
		"updates-unanswered count=%zu why=\"nobody can know whether they are on the disk\"",
		count);
	for (size_t i = 0; i < count; i++)
		rd->request[i]->is_unknown = true;
	reply(rd, count);
}

/* Makes the source of a request at fault alone, and charges it with the time since `began_us`. */
static void blame(struct registry_round *rd, const struct registry_request *request,
		  uint64_t began_us)
{
	uint64_t now_us = base_clock_steady_us();

	registry_queue_charge(&rd->queue, request->source, now_us - began_us);
	registry_queue_isolate(&rd->queue, request->source, now_us / 1000 + ALONE_MS);
}

/* Replies to the request at `index`, which has its result. The later ones of its source go back to
 * the queue: they are applied when the source is alone. */
static void answer_late(struct registry_round *rd, size_t index)
{
	struct registry_request *request = rd->request[index];
	const struct dns_update_record *records;
	size_t nrecords, kept = index;

	registry_batch_begin(rd->batch);
	records = update_records(state_of(rd)->update, &nrecords);
	registry_audit_update(&rd->batch->audit, request, records, nrecords);
	registry_audit_write(&rd->batch->audit);
	for (size_t i = rd->count; --i > index;)
		if (rd->request[i]->source == request->source) {
			registry_queue_put_back(&rd->queue, rd->request[i]);
			rd->request[i] = NULL;
		}
	/* The request itself comes first, for the reply; those before it follow. */
	for (size_t i = index + 1; i < rd->count; i++)
		if (rd->request[i] != NULL)
			rd->request[++kept] = rd->request[i];
	rd->count = kept + 1;
	memmove(rd->request + 1, rd->request, index * sizeof(struct registry_request *));
	rd->request[0] = request;
	reply(rd, 1);
}

/* Applies the requests before `count` anew and stores them. Returns 0 once they are replied to, or
 * a negative errno with everything undone: `failed` is then the request that could not be applied,
 * or `count`. */
static int attempt(struct registry_round *rd, size_t count, size_t *failed)
{
	const struct ledger_lease_stats stats = state_of(rd)->ledger.leases.stats;
	uint64_t now_ms = registry_batch_now(rd->batch);
	int ret = 0;

	registry_batch_begin(rd->batch);
	for (*failed = 0; *failed < count; ++*failed) {
		ret = apply(rd, rd->request[*failed], now_ms);
		if (ret < 0)
			break;
	}
	if (ret == 0)
		ret = registry_batch_commit(rd->batch, REGISTRY_BATCH_UPDATES);
	if (ret == 0)
		publish(rd, count);
	else
		undo(rd, &stats);
	return ret;
}

/* Ends a round whose requests before `count` failed with `ret`, and have been undone. */
static void retry(struct registry_round *rd, int ret, size_t count, size_t failed)
{
	uint64_t began_us = base_clock_steady_us();

	while (rd->count > 0) {
		if (ret == -ECANCELED && failed < count) {
			blame(rd, rd->request[failed], began_us);
			answer_late(rd, failed);
			count = rd->count;
		} else if (ret == -EUCLEAN) {
			fail_unknown(rd, count);
			count = rd->count;
		} else if (ret < 0 && !registry_batch_is_of_request(ret)) {
			fail(rd, rd->count, ret);
		} else if (ret < 0 && count == 1) {
			blame(rd, rd->request[0], began_us);
			fail(rd, 1, ret);
			count = rd->count;
		} else if (ret < 0) {
			count = failed == 0 ? 1 : failed < count ? failed : count / 2;
		} else {
			count = rd->count;
		}
		if (rd->count > 0)
			ret = attempt(rd, count, &failed);
	}
}

/* ---- a round ---- */

/* Returns whether the round, begun at `began_us`, has taken enough. */
static bool is_full(const struct registry_round *rd, size_t nbytes, uint64_t began_us,
		    uint64_t now_us)
{
	uint64_t most_us = now_us < rd->shared_until_us ? rd->shared_us : rd->lone_us;

	return rd->count == REGISTRY_ROUND_MAX || nbytes >= NBYTES_MAX ||
	       now_us - began_us >= most_us || !base_queue_is_empty(rd->calls);
}

/* Returns whether the requests taken are stored before the next one is applied: it is expected to
 * take longer than is left of a round that several sources share, and they would wait for it. */
static bool is_next_too_long(const struct registry_round *rd, uint64_t began_us, uint64_t now_us)
{
	return rd->count > 0 && now_us < rd->shared_until_us &&
	       now_us - began_us + registry_queue_expected(&rd->queue) > rd->shared_us;
}

/* Counts how long a request that is taken at `now_us` has waited. The two clocks were read by two
 * threads. */
static void count_wait(struct registry_round *rd, const struct registry_request *request,
		       uint64_t now_us)
{
	uint64_t arrived_us = request->arrived_us;

	base_histogram_add(&rd->batch->stats.queue, now_us > arrived_us ? now_us - arrived_us : 0);
}

/* Takes requests and applies them. Returns 0, or a negative errno, and then the last request taken
 * is the one that failed. */
static int gather(struct registry_round *rd)
{
	uint64_t now_ms = registry_batch_now(rd->batch);
	uint64_t began_us = base_clock_steady_us(), now_us = began_us;
	struct registry_request *request;
	bool is_alone = false;
	size_t nbytes = 0;
	int ret = 0;

	registry_batch_begin(rd->batch);
	while (ret == 0 && !is_alone && (request = next_request(rd)) != NULL) {
		uint64_t before_us = now_us;

		is_alone = registry_queue_is_alone(&rd->queue, request->source, now_us / 1000);
		if ((is_alone && rd->count > 0) || is_next_too_long(rd, began_us, now_us))
			break;
		registry_queue_take(&rd->queue);
		rd->request[rd->count++] = request;
		count_wait(rd, request, before_us);
		nbytes += request->nbytes;
		ret = apply(rd, request, now_ms);
		now_us = base_clock_steady_us();
		registry_queue_charge(&rd->queue, request->source,
				      1 + (now_us - before_us) +
					      request->nbytes / NBYTES_OF_ONE_US);
		if (request->source != rd->last_source)
			rd->shared_until_us = now_us + SHARED_FOR_US;
		rd->last_source = request->source;
		registry_round_collect(rd);
		if (is_full(rd, nbytes, began_us, now_us))
			break;
	}
	return ret;
}

bool registry_round_run(struct registry_round *rd)
{
	const struct ledger_lease_stats stats = state_of(rd)->ledger.leases.stats;
	uint64_t began_us, source;
	size_t failed;
	int ret;

	registry_round_collect(rd);
	if (next_request(rd) == NULL)
		return false;
	began_us = base_clock_steady_us();
	ret = gather(rd);
	source = rd->request[0]->source;
	failed = ret < 0 ? rd->count - 1 : rd->count;
	if (ret == 0)
		ret = registry_batch_commit(rd->batch, REGISTRY_BATCH_UPDATES);
	if (ret == 0) {
		publish(rd, rd->count);
	} else {
		undo(rd, &stats);
		retry(rd, ret, rd->count, failed);
	}
	/* A source that is alone pays for its commits, too. */
	if (registry_queue_is_alone(&rd->queue, source, began_us / 1000))
		registry_queue_charge(&rd->queue, source, base_clock_steady_us() - began_us);
	return true;
}

void registry_round_refuse(struct registry_round *rd)
{
	registry_round_collect(rd);
	put_back_aside(rd);
	while (registry_queue_next(&rd->queue) != NULL) {
		while (rd->count < REGISTRY_ROUND_MAX && registry_queue_next(&rd->queue) != NULL)
			rd->request[rd->count++] = registry_queue_take(&rd->queue);
		fail(rd, rd->count, -ESHUTDOWN);
	}
}
