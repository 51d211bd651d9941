/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "lan/farewell.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ev.h>

#include "dns/name.h"
#include "lan/daemon_priv.h"
#include "lan/part.h"

/* 1. The records are given to Avahi, and not committed: they are not on the LAN.
 * 2. When Avahi has not sent them for 500 ms, they are: before, it would take the announcement for
 *    a duplicate of the last one, in spite of its TTL.
 * 3. When they have been announced, which takes up to 250 ms, they are freed. Peers that ask for
 *    what is about to end do so after 800 ms at the earliest. */
enum { TTL_S = 1, BEGIN_MS = 550, ANNOUNCE_MS = 300 };

struct lan_farewell {
	struct lan_object object;
	struct lan_part *part;
	struct ev_timer timer;
	bool is_due, is_announced;
};

static void farewell_free(struct lan_farewell *f)
{
	ev_timer_stop(lan_daemon_loop(f->object.daemon), &f->timer);
	if (f->part != NULL)
		lan_part_free(f->part);
	lan_object_fini(&f->object);
	free(f);
}

static void wait_for_next(struct lan_farewell *f, unsigned ms)
{
	struct ev_loop *loop = lan_daemon_loop(f->object.daemon);

	ev_now_update(loop);
	ev_timer_set(&f->timer, ms / 1e3, 0);
	ev_timer_start(loop, &f->timer);
}

static bool commit(struct lan_farewell *f)
{
	const char *why;

	f->is_announced = true;
	return f->part != NULL && lan_part_commit(f->part, &why) == 0;
}

static void work(struct lan_object *o)
{
	struct lan_farewell *f = (struct lan_farewell *)o;

	if (!f->is_due) /* its part has no news of use */
		return;
	f->is_due = false;
	if (f->is_announced || !commit(f))
		farewell_free(f);
	else
		wait_for_next(f, ANNOUNCE_MS);
}

static void lose(struct lan_object *o)
{
	struct lan_farewell *f = (struct lan_farewell *)o;

	if (f->part != NULL)
		lan_part_lose(f->part);
	f->part = NULL;
}

static void on_timer(struct ev_loop *loop, struct ev_timer *timer, int revents)
{
	struct lan_farewell *f = timer->data;

	(void)loop;
	(void)revents;
	f->is_due = true;
	lan_object_schedule(&f->object, false);
}

static struct lan_farewell *farewell_new(struct lan_daemon *d)
{
	struct lan_farewell *f = calloc(1, sizeof(*f));
	const char *why;

	if (f == NULL)
		return NULL;
	f->object.is_farewell = true;
	f->object.work = work;
	f->object.lose = lose;
	lan_object_init(&f->object, d, NULL);
	ev_timer_init(&f->timer, on_timer, 0, 0);
	f->timer.data = f;
	if (lan_part_new(&f->part, &f->object, &why) == 0)
		return f;
	f->part = NULL;
	farewell_free(f);
	return NULL;
}

void lan_farewell_add(struct lan_farewell **f, struct lan_daemon *d,
		      const struct lan_record *record, int interface)
{
	struct lan_record last = *record;
	const char *why;

	if (*f == NULL)
		*f = farewell_new(d);
	last.ttl = TTL_S;
	if (*f != NULL)
		lan_part_add((*f)->part, &last, interface, false, &why);
}

void lan_farewell_send(struct lan_farewell *f)
{
	if (f == NULL)
		return;
	if (f->part->nentries == 0)
		farewell_free(f);
	else
		wait_for_next(f, BEGIN_MS);
}

void lan_farewell_cancel(struct lan_daemon *d, const struct lan_record *record, int interface)
{
	struct lan_object *o = NULL, *next;
	struct lan_entry *e;

	for (o = lan_daemon_farewell(d, NULL); o != NULL; o = next) {
		struct lan_farewell *f = (struct lan_farewell *)o;

		next = lan_daemon_farewell(d, o);
		if (f->part == NULL)
			continue;
		STAILQ_FOREACH (e, &f->part->entries, link)
			if (e->interface == interface &&
			    (e->record.transport == record->transport ||
			     e->record.transport == LAN_ANY || record->transport == LAN_ANY) &&
			    dns_name_equal(e->record.owner, record->owner) &&
			    e->record.nbytes == record->nbytes &&
			    memcmp(e->record.rdata, record->rdata, record->nbytes) == 0)
				break;
		if (e != NULL)
			farewell_free(f);
	}
}

void lan_farewell_end(struct lan_daemon *d)
{
	struct lan_object *o = lan_daemon_farewell(d, NULL);

	if (o != NULL && lan_daemon_has_answered(d)) {
		usleep(BEGIN_MS * 1000);
		for (; o != NULL; o = lan_daemon_farewell(d, o))
			if (!((struct lan_farewell *)o)->is_announced)
				commit((struct lan_farewell *)o);
		usleep(ANNOUNCE_MS * 1000);
	}
	while ((o = lan_daemon_farewell(d, NULL)) != NULL)
		farewell_free((struct lan_farewell *)o);
}
