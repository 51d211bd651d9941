/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The way of an update:
 *
 * 1. One that is known to change nothing only moves its lease, at once (ledger/refresh.h).
 * 2. Any other is admitted and queued; the registrar answers in its own thread, which puts the
 *    update into the queue of replies and wakes the loop.
 * 3. The loop calls `done` and frees it. Updates that were not queued take the same way, so that
 *    `done` is always called later. */
#include "discover/writer.h"

#include <errno.h>
#include <ev.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/queue.h"
#include "base/rcu.h"
#include "dns/type.h"
#include "mdns/rules.h"
#include "registry/registrar.h"

struct written {
	struct registry_request request; /* first */
	struct discover_writer *writer;
	struct written *next, *previous; /* of those without an answer */
	discover_written_fn done;	 /* NULL: nobody wants to know */
	void *arg;
	bool is_admitted;
	bool is_lost; /* there was no room for it */
	uint8_t msg[];
};

struct discover_writer {
	struct ev_loop *loop;
	struct registry_registrar *registrar;
	ev_async wake;
	struct written *first;
	size_t nwaiting;

	/* any thread, atomic */
	struct base_queue replies; /* of struct written */
};

static void reply(struct written *u)
{
	struct discover_writer *w = u->writer;

	/* Once it is in the queue it may be freed. */
	if (base_queue_put(&w->replies, &u->request.link))
		ev_async_send(w->loop, &w->wake);
}

/* Called in the registrar's thread. */
static void on_reply(struct registry_request *request)
{
	reply((struct written *)request);
}

static void written_free(struct written *u)
{
	struct discover_writer *w = u->writer;

	if (u->is_admitted)
		registry_registrar_release(w->registrar, &u->request);
	if (u->next != NULL)
		u->next->previous = u->previous;
	*(u->previous == NULL ? &w->first : &u->previous->next) = u->next;
	w->nwaiting--;
	free(u);
}

/* Reports what has become of an update. What a batch that failed has answered, or what is unknown,
 * may be tried again. */
static void answer(struct written *u)
{
	const struct update_result *result = &u->request.result;
	const struct ledger_lease_terms *lease = &u->request.lease;
	bool is_granted = result->rcode == DNS_RCODE_NOERROR && lease->is_present;
	discover_written_fn done = u->done;

	if (u->is_lost || u->request.is_unknown || result->rcode == DNS_RCODE_SERVFAIL)
		result = NULL;
	if (done != NULL)
		done(u->arg, result, is_granted && result != NULL ? lease->lease_s : 0);
}

static void answer_all(struct discover_writer *w)
{
	struct base_queue_link *link, *next;

	for (link = base_queue_take(&w->replies); link != NULL; link = next) {
		next = link->next;
		answer((struct written *)link);
		written_free((struct written *)link);
	}
}

static void on_wake(struct ev_loop *loop, ev_async *wake, int events)
{
	(void)loop;
	(void)events;
	answer_all(wake->data);
}

struct discover_writer *discover_writer_new(struct ev_loop *loop,
					    struct registry_registrar *registrar)
{
	struct discover_writer *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return NULL;
	w->loop = loop;
	w->registrar = registrar;
	base_queue_init(&w->replies);
	ev_async_init(&w->wake, on_wake);
	w->wake.data = w;
	ev_async_start(loop, &w->wake);
	return w;
}

static void make_request(struct written *u, const struct mdns_into *into, size_t nbytes,
			 uint32_t lease_s)
{
	struct registry_registrar *registrar = u->writer->registrar;

	u->request = (struct registry_request){
		.zone = into->zone,
		.policy = into->policy,
		.lease_rule = into->lease_rule,
		.view_rule = into->view_rule,
		.msg = u->msg,
		.nbytes = nbytes,
		.key = into->key,
		.client = "mdns",
		.lease = {.is_present = lease_s > 0, .lease_s = lease_s, .key_lease_s = lease_s},
		.source = registry_registrar_source(registrar, into->key),
		.arrived_us = base_clock_steady_us(),
		.nwaiting = sizeof(*u) + nbytes,
		.reply = on_reply,
	};
	if (lease_s > 0)
		u->request.print =
			registry_registrar_fingerprint(registrar, u->msg, nbytes, into->key);
}

static bool refresh(struct written *u)
{
	struct registry_request *r = &u->request;
	bool is_known;

	if (!r->lease.is_present)
		return false;
	base_rcu_online();
	is_known = registry_registrar_refresh(u->writer->registrar, &r->print, r->zone, r->policy,
					      base_clock_steady_ms(), &r->lease);
	base_rcu_offline();
	return is_known;
}

int discover_writer_put(struct discover_writer *w, const struct mdns_into *into, const uint8_t *msg,
			size_t nbytes, uint32_t lease_s, discover_written_fn done, void *arg)
{
	struct written *u = malloc(sizeof(*u) + nbytes);

	if (u == NULL)
		return -ENOMEM;
	*u = (struct written){.writer = w, .done = done, .arg = arg, .next = w->first};
	memcpy(u->msg, msg, nbytes);
	make_request(u, into, nbytes, lease_s);
	if (w->first != NULL)
		w->first->previous = u;
	w->first = u;
	w->nwaiting++;
	if (refresh(u)) {
		reply(u);
		return 0;
	}
	u->is_admitted = registry_registrar_admit(w->registrar, &u->request);
	if (u->is_admitted) {
		registry_registrar_put(w->registrar, &u->request);
		return 0;
	}
	u->is_lost = true;
	reply(u);
	return 0;
}

size_t discover_writer_nwaiting(const struct discover_writer *w)
{
	return w->nwaiting;
}

void discover_writer_forget(struct discover_writer *w, const void *arg)
{
	for (struct written *u = w->first; u != NULL; u = u->next)
		if (u->arg == arg)
			u->done = NULL;
}

static void do_nothing(struct registry_registrar *r, void *arg)
{
	(void)r;
	(void)arg;
}

void discover_writer_free(struct discover_writer *w)
{
	if (w == NULL)
		return;
	/* A call takes its turn after the batch in hand. The last one makes sure that the registrar
	   has left on_reply. */
	do {
		registry_registrar_run(w->registrar, do_nothing, NULL);
		answer_all(w);
	} while (w->nwaiting > 0);
	registry_registrar_run(w->registrar, do_nothing, NULL);
	ev_async_stop(w->loop, &w->wake);
	free(w);
}
