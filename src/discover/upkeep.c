/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "discover/upkeep.h"

#include <errno.h>
#include <stdlib.h>

#include "base/counter.h"
#include "discover/writer.h"
#include "dns/msg.h"
#include "dns/type.h"
#include "dns/update_write.h"
#include "lan/daemon.h"
#include "mdns/rules.h"
#include "mdns/stats.h"
#include "update/update.h"
#include "zone/zone.h"

enum { PAYLOAD = 1232 };

/* Of one upkeep, and of all of a rule: changes at once, and changes per second in the long run. */
static const double own_burst = 4, own_rate = 1, all_burst = 2000, all_rate = 200;

static const double spacing_s = 0.1;		       /* of the changes of one upkeep */
static const double retry_min_s = 1, retry_max_s = 30; /* of what failed */
static const double refused_min_s = 30, refused_max_s = 600;
static const double away_s = 2; /* after which it is looked whether the daemon is there */
static const double never = 1e300;
static const double idle_s = 5; /* after which nothing is remembered of the changes */

/* ---- how often ---- */

static void fill(struct discover_bucket *b, double now, double burst, double rate)
{
	b->tokens += (now - b->since) * rate;
	b->since = now;
	if (b->tokens > burst)
		b->tokens = burst;
}

/* Returns in how many seconds a change may be written; 0: now, and it is counted. */
static double take_turn(struct discover_upkeep *k)
{
	struct discover_bucket *own = &k->bucket, *all = &k->keeper->bucket;
	double now = ev_now(k->keeper->loop), wait_s = own->since + spacing_s - now;

	if (own->since > 0 && wait_s > 0)
		return wait_s;
	fill(all, now, all_burst, all_rate);
	if (all->tokens < 1)
		return spacing_s;
	wait_s = own->tokens + (now - own->since) * own_rate;
	if (wait_s < 1)
		return (1 - wait_s) / own_rate;
	fill(own, now, own_burst, own_rate);
	own->tokens--;
	all->tokens--;
	return 0;
}

/* Returns a number from 0 to 1. */
static double jitter(struct discover_upkeeper *keeper)
{
	uint64_t n = ++keeper->njitters;

	return (double)(base_hash(&n, sizeof(n), (uint64_t)(uintptr_t)keeper) >> 40) / (1 << 24);
}

static void wait_for(struct discover_upkeep *k, double seconds)
{
	ev_timer_stop(k->keeper->loop, &k->timer);
	ev_timer_set(&k->timer, seconds, 0);
	ev_timer_start(k->keeper->loop, &k->timer);
}

/* Waits for the time at which the lease is to be refreshed. */
static void wait_for_refresh(struct discover_upkeep *k)
{
	double wait_s = k->refresh_at - ev_now(k->keeper->loop);

	if (k->refresh_at < never)
		wait_for(k, wait_s > 0 ? wait_s : 0);
}

static void retry(struct discover_upkeep *k, double least_s, double most_s)
{
	k->retry_s = k->retry_s * 2;
	if (k->retry_s < least_s)
		k->retry_s = least_s;
	if (k->retry_s > most_s)
		k->retry_s = most_s;
	wait_for(k, k->retry_s * (1 + jitter(k->keeper) / 4));
}

/* ---- updates ---- */

static void on_failed(struct discover_upkeep *k)
{
	base_counter_add(&k->keeper->stats->nfailed_updates, 1);
	retry(k, retry_min_s, retry_max_s);
	k->owner->on_news(k, DISCOVER_UPKEEP_FAILED, NULL);
}

static void on_refused(struct discover_upkeep *k, const char *text)
{
	base_counter_add(&k->keeper->stats->nfailed_updates, 1);
	k->is_written = false;
	retry(k, refused_min_s, refused_max_s);
	k->owner->on_news(k, DISCOVER_UPKEEP_REFUSED, text);
}

static void on_done(void *arg, const struct update_result *result, uint32_t granted_s)
{
	struct discover_upkeep *k = arg;

	k->is_waiting = false;
	if (k->is_changed)
		discover_upkeep_touch(k);
	k->is_changed = false;
	if (result == NULL) {
		on_failed(k);
		return;
	}
	if (result->rcode != DNS_RCODE_NOERROR && !k->was_removal) {
		on_refused(k, result->text);
		return;
	}
	k->retry_s = 0;
	k->is_written = !k->was_removal;
	if (k->was_removal) {
		wait_for(k, idle_s);
		k->owner->on_news(k, DISCOVER_UPKEEP_REMOVED, NULL);
		return;
	}
	/* Without a lease it stays until it is removed. */
	k->refresh_at = granted_s == 0
				? never
				: ev_now(k->keeper->loop) + granted_s * (2 + jitter(k->keeper)) / 6;
	wait_for_refresh(k);
	k->owner->on_news(k, DISCOVER_UPKEEP_WRITTEN, NULL);
}

static void send(struct discover_upkeep *k, size_t nbytes, bool is_removal)
{
	struct discover_upkeeper *keeper = k->keeper;

	k->was_removal = is_removal;
	if (discover_writer_put(keeper->writer, keeper->into, keeper->msg, nbytes,
				is_removal ? 0 : DISCOVER_UPKEEP_LEASE_S, on_done, k) < 0) {
		on_failed(k);
		return;
	}
	base_counter_add(&keeper->stats->nupdates, 1);
	k->is_waiting = true;
	ev_timer_stop(keeper->loop, &k->timer);
	if (!k->is_written || is_removal)
		k->owner->on_news(k, DISCOVER_UPKEEP_SENT, NULL);
}

/* Has the owner build what it wants. `nbytes` is 0 if it does not fit a message. */
static enum discover_upkeep_wish build(struct discover_upkeep *k, size_t *nbytes)
{
	struct discover_upkeeper *keeper = k->keeper;
	struct dns_update_writer u;
	enum discover_upkeep_wish wish;

	dns_update_write_begin(&u, keeper->msg, DNS_MSG_MAX, 0, zone_name(keeper->into->zone));
	wish = k->owner->build(k, &u);
	*nbytes = dns_update_write_end(&u, PAYLOAD,
				       wish == DISCOVER_UPKEEP_WRITE ? DISCOVER_UPKEEP_LEASE_S : 0);
	return wish;
}

static bool is_same(const struct discover_upkeep *k, struct base_hash_wide hash)
{
	return k->is_written && hash.high == k->sent.high && hash.low == k->sent.low;
}

/* Does what the owner wants, if it may be done now. */
static void look(struct discover_upkeep *k, bool is_timer)
{
	struct discover_upkeeper *keeper = k->keeper;
	size_t nbytes;
	enum discover_upkeep_wish wish = build(k, &nbytes);
	struct base_hash_wide hash = base_hash_wide(keeper->msg, nbytes, 0);
	bool is_new = !is_same(k, hash);
	double wait_s = 0;

	if (wish == DISCOVER_UPKEEP_NOTHING) {
		k->is_written = false;
		if (is_timer)
			k->owner->on_news(k, DISCOVER_UPKEEP_IDLE, NULL);
		else
			wait_for(k, idle_s);
	} else if (nbytes == 0) {
		on_refused(k, "its records are too large for an update");
	} else if (wish == DISCOVER_UPKEEP_WRITE && is_timer &&
		   !lan_daemon_is_running(keeper->daemon)) {
		wait_for(k, away_s);
		k->owner->on_news(k, DISCOVER_UPKEEP_AWAY, NULL);
	} else if (!is_new && ev_now(keeper->loop) < k->refresh_at) {
		wait_for_refresh(k);
	} else if (is_new && (wait_s = take_turn(k)) > 0) {
		wait_for(k, wait_s);
	} else {
		k->sent = hash;
		send(k, nbytes, wish == DISCOVER_UPKEEP_REMOVE);
	}
}

static void on_timer(struct ev_loop *loop, ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	look(timer->data, true);
}

/* ---- turns ---- */

static void on_turn(struct ev_loop *loop, ev_prepare *turn, int events)
{
	struct discover_upkeeper *keeper = turn->data;
	struct discover_upkeep *k;

	(void)events;
	while ((k = keeper->first) != NULL) {
		keeper->first = k->next;
		if (keeper->first == NULL)
			keeper->last = &keeper->first;
		k->is_queued = false;
		if (k->is_waiting)
			k->is_changed = true;
		else
			look(k, false);
	}
	ev_prepare_stop(loop, turn);
}

int discover_upkeeper_init(struct discover_upkeeper *keeper, struct ev_loop *loop,
			   struct discover_writer *writer, struct lan_daemon *daemon,
			   struct mdns_stats *stats, const struct mdns_into *into)
{
	*keeper = (struct discover_upkeeper){
		.loop = loop,
		.writer = writer,
		.daemon = daemon,
		.stats = stats,
		.into = into,
		.bucket = {all_burst, ev_now(loop)},
		.last = &keeper->first,
		.msg = malloc(DNS_MSG_MAX),
	};
	ev_prepare_init(&keeper->turn, on_turn);
	keeper->turn.data = keeper;
	return keeper->msg == NULL ? -ENOMEM : 0;
}

void discover_upkeeper_fini(struct discover_upkeeper *keeper)
{
	ev_prepare_stop(keeper->loop, &keeper->turn);
	free(keeper->msg);
}

void discover_upkeep_init(struct discover_upkeep *k, struct discover_upkeeper *keeper,
			  const struct discover_upkeep_owner *owner)
{
	*k = (struct discover_upkeep){.owner = owner, .keeper = keeper, .bucket.tokens = own_burst};
	ev_timer_init(&k->timer, on_timer, 0, 0);
	k->timer.data = k;
}

void discover_upkeep_touch(struct discover_upkeep *k)
{
	struct discover_upkeeper *keeper = k->keeper;

	if (k->is_queued)
		return;
	k->is_queued = true;
	k->next = NULL;
	*keeper->last = k;
	keeper->last = &k->next;
	ev_prepare_start(keeper->loop, &keeper->turn);
}

static void unqueue(struct discover_upkeep *k)
{
	struct discover_upkeep **at = &k->keeper->first;

	while (*at != k)
		at = &(*at)->next;
	*at = k->next;
	if (k->next == NULL)
		k->keeper->last = at;
	k->is_queued = false;
}

void discover_upkeep_fini(struct discover_upkeep *k, bool is_removed)
{
	struct discover_upkeeper *keeper = k->keeper;
	size_t nbytes;

	/* Without the memory for it, the lease ends the records. */
	if (is_removed && build(k, &nbytes) == DISCOVER_UPKEEP_REMOVE && nbytes > 0)
		(void)discover_writer_put(keeper->writer, keeper->into, keeper->msg, nbytes, 0,
					  NULL, NULL);
	if (k->is_waiting)
		discover_writer_forget(keeper->writer, k);
	if (k->is_queued)
		unqueue(k);
	ev_timer_stop(keeper->loop, &k->timer);
}
