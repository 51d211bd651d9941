/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "find/find.h"

#include <errno.h>
#include <stdlib.h>

#include "find/find_priv.h"

int find_new(struct find **out, struct resolve_events *events, struct locate *l, uint64_t stale_ms)
{
	struct find *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return -ENOMEM;
	f->events = events;
	f->stale_ms = stale_ms;
	f->questions.events = events;
	f->questions.locate = l;
	f->routes.find = find_route_system;
	*out = f;
	return 0;
}

void find_free(struct find *f)
{
	if (f == NULL)
		return;
	find_questions_fini(&f->questions);
	free(f);
}

void find_set_fini(struct find_set *set)
{
	for (size_t i = 0; i < set->n; i++)
		find_instance_release(set->all[i]);
	free(set->all);
	*set = (struct find_set){0};
}
