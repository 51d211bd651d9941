/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registrant/hurry.h"

#include "registrant/batch.h"
#include "registrant/queue.h"

/* Units that wait for the end of their lease, or for nothing, have not failed. */
static bool is_late(const struct registrant_service *s)
{
	return s->place == REGISTRANT_WAITS && !s->is_over && s->todo != REGISTRANT_NOTHING &&
	       (s->nfailures > 0 || s->is_held || s->is_superseded);
}

void registrant_hurry_run(void *arg, uint64_t now_ms)
{
	struct registrant *r = arg;

	registrant_batch_hurry(r, now_ms);
	registrant_zones_hurry(&r->zones, now_ms);
	for (struct registrant_service *s = r->units; s != NULL; s = s->next) {
		if (s->place == REGISTRANT_LOOKS)
			registrant_queue_look(s);
		if (!is_late(s))
			continue;
		s->nfailures = 0;
		registrant_queue_again(s);
	}
}

void registrant_hurry(struct registrant *r)
{
	resolve_timer_set(&r->events->timers, &r->hurry, 0);
}
