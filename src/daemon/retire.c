/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "daemon/retire.h"

#include <stddef.h>

#include "base/rcu.h"
#include "daemon/daemon.h"

static const ev_tstamp LOOK_S =
	0.005; /* a worker's turn and a round of the registrar are shorter */

/* Takes the next one to be ended out of the list. Returns NULL if there is none at present. */
static struct daemon_retired *take_ended(struct daemon *d)
{
	struct daemon_retired **link = &d->retired, *r;
	uint64_t done = base_rcu_done();
	bool is_blocked = false;

	for (; (r = *link) != NULL; link = &r->next) {
		if (r->grace <= done && !(r->is_ordered && is_blocked) &&
		    (r->is_used == NULL || !r->is_used(r))) {
			*link = r->next;
			return r;
		}
		is_blocked |= r->is_ordered;
	}
	return NULL;
}

static void on_retire_timer(struct ev_loop *loop, struct ev_timer *timer, int events)
{
	struct daemon *d = timer->data;
	struct daemon_retired *r;

	(void)events;
	while ((r = take_ended(d)) != NULL)
		r->end(r);
	if (d->retired == NULL)
		ev_timer_stop(loop, timer);
}

void daemon_retire_start(struct daemon *d)
{
	ev_timer_init(&d->retire_timer, on_retire_timer, LOOK_S, LOOK_S);
	d->retire_timer.data = d;
}

void daemon_retire(struct daemon *d, struct daemon_retired *retired)
{
	struct daemon_retired **end = &d->retired;

	retired->next = NULL;
	retired->grace = base_rcu_begin();
	while (*end != NULL)
		end = &(*end)->next;
	*end = retired;
	ev_timer_again(d->loop, &d->retire_timer);
}

void daemon_retire_stop(struct daemon *d)
{
	while (d->retired != NULL) {
		struct daemon_retired *r = d->retired;

		d->retired = r->next;
		r->end(r);
	}
}
