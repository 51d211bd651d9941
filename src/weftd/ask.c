/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "weftd/ask.h"

#include <errno.h>

#include "registry/registrar.h"
#include "weftd/weftd.h"

/* In the registrar's thread. */
static void run_call(struct registry_registrar *r, void *arg)
{
	struct weftd_ask *ask = arg;
	struct weftd *d = ask->daemon;

	ask->run(r, ask);
	/* Once it is in the queue the main thread may free it. */
	if (base_queue_put(&d->asked, &ask->call.link))
		ev_async_send(d->loop, &d->asked_wake);
}

static void take_answers(struct weftd *d)
{
	struct base_queue_link *link = base_queue_take(&d->asked), *next;

	for (; link != NULL; link = next) {
		struct weftd_ask *ask = (struct weftd_ask *)link;

		next = link->next;
		ask->done(ask);
	}
}

static void on_asked_wake(struct ev_loop *loop, struct ev_async *async, int events)
{
	(void)loop;
	(void)events;
	take_answers(async->data);
}

void weftd_ask_start(struct weftd *d)
{
	base_queue_init(&d->asked);
	ev_async_init(&d->asked_wake, on_asked_wake);
	d->asked_wake.data = d;
	ev_async_start(d->loop, &d->asked_wake);
}

void weftd_ask(struct weftd *d, struct weftd_ask *ask,
	       void (*run)(struct registry_registrar *, struct weftd_ask *),
	       void (*done)(struct weftd_ask *))
{
	ask->daemon = d;
	ask->run = run;
	ask->done = done;
	ask->ret = -ESHUTDOWN;
	ask->call.run = run_call;
	ask->call.arg = ask;
	if (atomic_load_explicit(&d->is_stopping, memory_order_relaxed))
		done(ask);
	else
		registry_registrar_call(d->registrar, &ask->call);
}

void weftd_ask_stop(struct weftd *d)
{
	take_answers(d);
}
