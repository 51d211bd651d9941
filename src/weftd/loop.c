/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "weftd/loop.h"

#include <signal.h>

#include "base/log.h"
#include "base/rcu.h"
#include "daemon/daemon.h"
#include "daemon/health.h"
#include "daemon/reload.h"
#include "daemon/report.h"
#include "daemon/rules.h"
#include "daemon/tls.h"
#include "fabric/tls.h"
#include "process/notify.h"
#include "registry/registrar.h"
#include "settings/settings.h"

enum { COOKIE_ROLL_S = 12 * 3600, STATUS_S = 5 };

static void on_stop_signal(struct ev_loop *loop, struct ev_signal *signal, int events)
{
	(void)signal;
	(void)events;
	ev_break(loop, EVBREAK_ALL);
}

static void on_reload_signal(struct ev_loop *loop, struct ev_signal *signal, int events)
{
	(void)loop;
	(void)events;
	daemon_reload(signal->data, NULL);
}

/* WATCHDOG=1 covers the registrar, too: it is sent while updates and calls make progress there,
 * or nothing waits. */
static void on_watchdog(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct daemon *d = timer->data;

	(void)loop;
	(void)events;
	if (registry_registrar_is_alive(d->registrar))
		process_notify_watchdog();
	else
		base_log(BASE_LOG_WARNING, "start", "registrar-stuck");
}

/* Makes the rules anew by the same configuration. */
static void renew_rules(struct daemon *d)
{
	struct server_rules *rules = daemon_rules_new(d, d->config, daemon_report, NULL);

	if (rules != NULL)
		daemon_rules_replace(d, rules, NULL);
}

/* RFC 9018 section 5: a secret of our own is replaced from time to time; cookies made with the one
 * before it remain valid. */
static void on_cookie_timer(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct daemon *d = timer->data;

	(void)loop;
	(void)events;
	if (d->config->server.cookie_secrets.count > 0)
		return;
	daemon_rules_roll_cookies(d);
	renew_rules(d);
}

/* A stolen key opens no tickets of other hours; and certificates that weftd makes do not end. */
static void on_tls_timer(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	if (daemon_tls_rotate(timer->data))
		renew_rules(timer->data);
}

static void on_status_timer(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	(void)loop;
	(void)events;
	daemon_health_notify(timer->data, false);
}

static void start_signal(struct daemon *d, struct ev_signal *s, int number,
			 void (*run)(struct ev_loop *, struct ev_signal *, int))
{
	ev_signal_init(s, run, number);
	s->data = d;
	ev_signal_start(d->loop, s);
}

void weftd_loop_start(struct daemon *d)
{
	double watchdog = (double)process_notify_watchdog_interval_ms() / 1000;

	start_signal(d, &d->on_term, SIGTERM, on_stop_signal);
	start_signal(d, &d->on_int, SIGINT, on_stop_signal);
	start_signal(d, &d->on_hup, SIGHUP, on_reload_signal);
	if (watchdog > 0) {
		ev_timer_init(&d->watchdog, on_watchdog, watchdog, watchdog);
		d->watchdog.data = d;
		ev_timer_start(d->loop, &d->watchdog);
	}
	ev_timer_init(&d->cookie_timer, on_cookie_timer, COOKIE_ROLL_S, COOKIE_ROLL_S);
	d->cookie_timer.data = d;
	ev_timer_start(d->loop, &d->cookie_timer);
	ev_timer_init(&d->tls_timer, on_tls_timer, FABRIC_TLS_TICKET_S, FABRIC_TLS_TICKET_S);
	d->tls_timer.data = d;
	ev_timer_start(d->loop, &d->tls_timer);
	ev_timer_init(&d->status_timer, on_status_timer, STATUS_S, STATUS_S);
	d->status_timer.data = d;
	ev_timer_start(d->loop, &d->status_timer);
}

/* While the main thread waits for events it reads no zone, so that no grace period waits for it. */
static void on_release(struct ev_loop *loop)
{
	(void)loop;
	base_rcu_offline();
}

static void on_acquire(struct ev_loop *loop)
{
	(void)loop;
	base_rcu_online();
}

void weftd_loop_run(struct daemon *d)
{
	ev_set_loop_release_cb(d->loop, on_release, on_acquire);
	ev_run(d->loop, 0);
	ev_set_loop_release_cb(d->loop, NULL, NULL);
	process_notify_stopping();
	base_log(BASE_LOG_INFO, "stop", "stopping");
}
