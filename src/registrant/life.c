/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registrant/registrant.h"

#include <errno.h>
#include <stdlib.h>

#include "registrant/batch.h"
#include "registrant/change.h"
#include "registrant/hurry.h"
#include "registrant/look.h"
#include "registrant/queue.h"
#include "registrant/report.h"
#include "registrant/state.h"
#include "registrant/suspend.h"
#include "registrant/unit.h"
#include "registrant/update.h"

static void on_pump(void *arg, uint64_t now_ms)
{
	registrant_suspend_check(arg, now_ms);
	registrant_batch_pump(arg, now_ms);
}

int registrant_new(struct registrant **out, struct resolve_events *events, struct locate *l,
		   const struct registrant_clocks *clocks)
{
	struct registrant *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return -ENOMEM;
	r->events = events;
	r->locate = l;
	r->clocks = clocks == NULL ? &registrant_clocks_system : clocks;
	r->signing =
		(struct registrant_signing){.events = events, .locate = l, .clocks = r->clocks};
	r->last = &r->units;
	r->last_reported = &r->reported;
	registrant_list_init(&r->due);
	registrant_list_init(&r->to_look);
	registrant_zones_init(&r->zones, l);
	r->pump = (struct resolve_timer){.on_due = on_pump, .arg = r};
	r->look = (struct resolve_timer){.on_due = registrant_look_run, .arg = r};
	r->report = (struct resolve_timer){.on_due = registrant_report_run, .arg = r};
	r->hurry = (struct resolve_timer){.on_due = registrant_hurry_run, .arg = r};
	r->reap = (struct resolve_timer){.on_due = registrant_unit_reap, .arg = r};
	registrant_suspend_begin(r);
	*out = r;
	return 0;
}

void registrant_free(struct registrant *r)
{
	if (r == NULL)
		return;
	if (r->is_freed != NULL)
		*r->is_freed = true;
	registrant_change_fini(r);
	registrant_update_fini(r);
	registrant_batch_fini(r);
	for (struct registrant_service *s = r->units; s != NULL; s = s->next)
		s->node = NULL;
	while (r->units != NULL)
		registrant_unit_free(r->units);
	registrant_zones_fini(&r->zones);
	registrant_addresses_free(r->network);
	registrant_suspend_end(r);
	resolve_timer_clear(&r->events->timers, &r->pump);
	resolve_timer_clear(&r->events->timers, &r->look);
	resolve_timer_clear(&r->events->timers, &r->report);
	resolve_timer_clear(&r->events->timers, &r->reap);
	resolve_timer_clear(&r->events->timers, &r->hurry);
	free(r);
}
