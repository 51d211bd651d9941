/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "daemon/ask.h"

#include <errno.h>

#include "daemon/daemon.h"
#include "registry/registrar.h"

void daemon_ask_answer(struct daemon_ask *ask)
{
	struct daemon *d = ask->daemon;

	/* Once it is in the queue the main thread may free it. */
	if (base_queue_put(&d->asked, &ask->call.link))
		ev_async_send(d->loop, &d->asked_wake);
}

/* In the registrar's thread. */
static void run_call(struct registry_registrar *r, void *arg)
{
	struct daemon_ask *ask = arg;

	ask->run(r, ask);
	daemon_ask_answer(ask);
}

static void take_answers(struct daemon *d)
{
	struct base_queue_link *link = base_queue_take(&d->asked), *next;

	for (; link != NULL; link = next) {
		struct daemon_ask *ask = (struct daemon_ask *)link;

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

void daemon_ask_start(struct daemon *d)
{
	base_queue_init(&d->asked);
	ev_async_init(&d->asked_wake, on_asked_wake);
	d->asked_wake.data = d;
	ev_async_start(d->loop, &d->asked_wake);
}

void daemon_ask(struct daemon *d, struct daemon_ask *ask,
		void (*run)(struct registry_registrar *, struct daemon_ask *),
		void (*done)(struct daemon_ask *))
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

void daemon_ask_stop(struct daemon *d)
{
	take_answers(d);
}
