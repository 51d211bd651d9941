/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The bridge's thread, and how others reach it:
 *
 * 1. The main thread leaves new rules in `next_rules`, the registrar changes in `changes`; both
 *    wake the loop.
 * 2. The thread notes which zones its rules advertise before it reads these zones; the registrar
 *    makes a version visible before it looks at that. So no change is missed.
 * 3. At the end the thread withdraws what it has advertised. If that takes long, its calls of
 *    Avahi are interrupted; and if it is in one that cannot be, it stays in that until the process
 *    ends. */

#include "bridge/bridge.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include <ev.h>

#include "advertise/names.h"
#include "base/clock.h"
#include "base/counter.h"
#include "base/log.h"
#include "base/rcu.h"
#include "base/secret.h"
#include "bridge/active.h"
#include "discover/writer.h"
#include "lan/daemon.h"
#include "lan/farewell.h"
#include "mdns/changes.h"
#include "mdns/rows.h"
#include "mdns/rules.h"
#include "zone/zone.h"

enum {
	WITHDRAW_MS = 2000, /* for goodbyes, which take up to a second */
	INTERRUPT_MS = 2000,
	INTERRUPT_AGAIN_MS = 50,
	AWAY_LOGS = 20, /* in 10 s */
};
static const ev_tstamp AWAY_S = 5;  /* in which avahi-daemon may start */
static const ev_tstamp AGAIN_S = 1; /* after memory was short */

struct bridge {
	/* set before the thread starts */
	struct ev_loop *loop;
	struct lan_daemon *daemon;
	pthread_t thread;

	/* any thread, atomic */
	_Atomic(struct mdns_rules *) next_rules;
	_Atomic bool is_stopping;
	_Atomic bool is_advertised[ZONE_NUMBERS]; /* some zone with this number is */
	struct mdns_changes changes;
	struct mdns_rows rows;	 /* has a lock */
	struct mdns_stats stats; /* the bridge's thread writes */
	struct ev_async wake;

	/* under `lock` */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool has_ended;

	/* the bridge's thread */
	struct bridge_active active;
	bool was_running; /* avahi-daemon */
	struct ev_prepare on_sleep;
	struct ev_timer away, again;
};

/* ---- in the thread ---- */

static void state_log(bool is_running)
{
	if (is_running)
		base_log(BASE_LOG_INFO, "bridge", "avahi-running");
	else
		base_log(BASE_LOG_WARNING, "bridge",
			 "avahi-away why=\"until avahi-daemon is back, nothing is advertised or "
			 "discovered\"");
}

static void on_state(void *arg, bool is_running)
{
	struct bridge *b = arg;

	ev_timer_stop(b->loop, &b->away);
	if (is_running != b->was_running && base_log_may_few("avahi", AWAY_LOGS))
		state_log(is_running);
	b->was_running = is_running;
	if (is_running)
		bridge_active_refresh(&b->active);
}

static void on_away(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct bridge *b = timer->data;

	(void)loop;
	(void)events;
	if (!lan_daemon_is_running(b->daemon))
		base_log(BASE_LOG_WARNING, "bridge",
			 "avahi-away why=\"avahi-daemon or D-Bus does not answer: is it "
			 "running?\"");
}

/* Goes on later if memory was short. */
static void expect(struct bridge *b, bool is_enough)
{
	if (is_enough || ev_is_active(&b->again))
		return;
	base_log(BASE_LOG_ERROR, "bridge", "out-of-memory what=\"some of it is not bridged yet\"");
	ev_timer_set(&b->again, AGAIN_S, 0);
	ev_timer_start(b->loop, &b->again);
}

static void on_again(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct bridge *b = timer->data;

	(void)loop;
	(void)events;
	expect(b, bridge_active_read(&b->active, false));
}

static void rules_replace(struct bridge *b, struct mdns_rules *rules)
{
	bool is_advertised[ZONE_NUMBERS] = {false};
	const struct bridge_active_rule *at = NULL;
	const struct zone *zone;

	/* Before the zones are read. */
	for (size_t i = 0; i < rules->count; i++)
		atomic_store(&b->is_advertised[zone_number(rules->items[i].zone)], true);
	expect(b, bridge_active_replace(&b->active, rules));
	while ((zone = bridge_active_next(&b->active, &at)) != NULL)
		is_advertised[zone_number(zone)] = true;
	for (unsigned i = 0; i < ZONE_NUMBERS; i++)
		atomic_store(&b->is_advertised[i], is_advertised[i]);
}

static void changes_take(struct bridge *b)
{
	bool has_lost_one, is_enough = true;
	struct mdns_changeset *set = mdns_changes_take(&b->changes, &has_lost_one), *next;

	for (; set != NULL; set = next) {
		next = (struct mdns_changeset *)set->link.next;
		if (!has_lost_one)
			is_enough &= bridge_active_change(&b->active, set);
		mdns_changes_free(&b->changes, set);
	}
	if (has_lost_one) {
		base_counter_add(&b->stats.nlost_changes, 1);
		is_enough = bridge_active_read(&b->active, true);
	}
	expect(b, is_enough);
}

static void on_wake(struct ev_loop *loop, struct ev_async *wake, int events)
{
	struct bridge *b = wake->data;
	struct mdns_rules *rules;

	(void)events;
	if (atomic_load(&b->is_stopping)) {
		ev_break(loop, EVBREAK_ALL);
		return;
	}
	rules = atomic_exchange(&b->next_rules, NULL);
	if (rules != NULL)
		rules_replace(b, rules);
	changes_take(b);
}

static void on_sleep(struct ev_loop *loop, struct ev_prepare *prepare, int events)
{
	struct bridge *b = prepare->data;

	(void)loop;
	(void)events;
	bridge_active_release(&b->active);
}

static void *bridge_main(void *arg)
{
	struct bridge *b = arg;

	/* By itself: for another thread it is a file, which a confined process cannot write. */
	pthread_setname_np(pthread_self(), "weft-bridge");
	base_rcu_register();
	base_rcu_offline();
	ev_run(b->loop, 0);
	bridge_active_end(&b->active);
	lan_farewell_end(b->daemon);
	discover_writer_free(b->active.writer);
	bridge_active_fini(&b->active);
	base_rcu_unregister();
	pthread_mutex_lock(&b->lock);
	b->has_ended = true;
	pthread_cond_signal(&b->changed);
	pthread_mutex_unlock(&b->lock);
	return NULL;
}

/* ---- the start ---- */

static void watchers_start(struct bridge *b)
{
	ev_async_init(&b->wake, on_wake);
	b->wake.data = b;
	ev_async_start(b->loop, &b->wake);
	ev_prepare_init(&b->on_sleep, on_sleep);
	b->on_sleep.data = b;
	ev_prepare_start(b->loop, &b->on_sleep);
	ev_timer_init(&b->away, on_away, AWAY_S, 0);
	b->away.data = b;
	ev_timer_start(b->loop, &b->away);
	ev_timer_init(&b->again, on_again, AGAIN_S, 0);
	b->again.data = b;
}

/* Frees what the thread does not use, or no more. */
static void bridge_free(struct bridge *b)
{
	struct mdns_rules *rules = atomic_load(&b->next_rules);

	if (rules != NULL)
		rules->release(rules);
	lan_daemon_free(b->daemon);
	advertise_names_close(b->active.names);
	if (b->loop != NULL)
		ev_loop_destroy(b->loop);
	mdns_changes_fini(&b->changes);
	mdns_rows_fini(&b->rows);
	pthread_cond_destroy(&b->changed);
	pthread_mutex_destroy(&b->lock);
	free(b);
}

static struct bridge *bridge_new(const struct bridge_settings *settings)
{
	struct bridge *b = calloc(1, sizeof(*b));
	pthread_condattr_t attr;

	if (b == NULL)
		return NULL;
	mdns_changes_init(&b->changes);
	mdns_rows_init(&b->rows);
	pthread_mutex_init(&b->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&b->changed, &attr);
	pthread_condattr_destroy(&attr);
	b->loop = ev_loop_new(EVFLAG_AUTO);
	if (b->loop != NULL) {
		watchers_start(b);
		b->daemon = lan_daemon_new(b->loop, on_state, b);
		b->active.writer = discover_writer_new(b->loop, settings->registrar);
	}
	b->active.loop = b->loop;
	b->active.daemon = b->daemon;
	b->active.names = advertise_names_open(settings->state_dir, settings->seed);
	b->active.rows = &b->rows;
	b->active.stats = &b->stats;
	b->active.seed = settings->seed;
	base_secret_random(&b->active.id, sizeof(b->active.id));
	if (b->daemon != NULL && b->active.writer != NULL && b->active.names != NULL)
		return b;
	discover_writer_free(b->active.writer);
	bridge_free(b);
	return NULL;
}

int bridge_start(struct bridge **out, const struct bridge_settings *settings)
{
	struct bridge *b = bridge_new(settings);
	sigset_t all, before;
	int ret;

	*out = NULL;
	if (b == NULL)
		return -ENOMEM;
	/* Signals are the main thread's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	ret = -pthread_create(&b->thread, NULL, bridge_main, b);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (ret < 0) {
		discover_writer_free(b->active.writer);
		bridge_free(b);
		return ret;
	}
	*out = b;
	return 0;
}

/* ---- other threads ---- */

void bridge_set_rules(struct bridge *b, struct mdns_rules *rules)
{
	struct mdns_rules *unused = atomic_exchange(&b->next_rules, rules);

	if (unused != NULL)
		unused->release(unused);
	ev_async_send(b->loop, &b->wake);
}

void bridge_on_changed(struct bridge *b, struct zone *zone, const struct zone_changeset *changes)
{
	/* After the version was made visible. */
	atomic_thread_fence(memory_order_seq_cst);
	if (!atomic_load_explicit(&b->is_advertised[zone_number(zone)], memory_order_relaxed))
		return;
	mdns_changes_put(&b->changes, zone, changes);
	ev_async_send(b->loop, &b->wake);
}

void bridge_stats_get(const struct bridge *b, struct mdns_stats *out, struct lan_stats *lan)
{
	base_counters_get((uint64_t *)out, (const uint64_t *)&b->stats,
			  sizeof(*out) / sizeof(uint64_t));
	lan_daemon_stats_get(b->daemon, lan);
}

struct mdns_rows *bridge_get_rows(struct bridge *b)
{
	return &b->rows;
}

/* ---- the end ---- */

/* Waits until the thread has ended, but not longer than that. */
static bool wait_ended(struct bridge *b, unsigned ms)
{
	struct timespec until = base_clock_steady_in(ms);
	bool has_ended;
	int ret = 0;

	pthread_mutex_lock(&b->lock);
	while (!b->has_ended && ret == 0)
		ret = pthread_cond_timedwait(&b->changed, &b->lock, &until);
	has_ended = b->has_ended;
	pthread_mutex_unlock(&b->lock);
	return has_ended;
}

/* Waits likewise, while calls of Avahi are interrupted. */
static bool wait_interrupted(struct bridge *b)
{
	bool has_ended = false;

	for (unsigned ms = 0; !has_ended && ms < INTERRUPT_MS; ms += INTERRUPT_AGAIN_MS) {
		lan_daemon_interrupt(b->daemon);
		has_ended = wait_ended(b, INTERRUPT_AGAIN_MS);
	}
	return has_ended;
}

void bridge_stop(struct bridge *b)
{
	if (b == NULL)
		return;
	atomic_store(&b->is_stopping, true);
	ev_async_send(b->loop, &b->wake);
	if (!wait_ended(b, WITHDRAW_MS) && !wait_interrupted(b) && lan_daemon_abandon(b->daemon)) {
		/* What the thread has is not freed: it may look at it when the call returns. */
		base_log(BASE_LOG_WARNING, "bridge",
			 "thread-left why=\"D-Bus does not answer: weftd ends without it\"");
		pthread_detach(b->thread);
		return;
	}
	pthread_join(b->thread, NULL);
	/* Nothing is published any more: closing the connections need not wait either. */
	lan_daemon_interrupt(b->daemon);
	bridge_free(b);
}
