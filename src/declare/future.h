/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* declare/future.h - the services that will be declared once a plan is carried out, and which of
 * them use which.
 *
 * It has those that are wanted, and those of the zone that remain. It changes nothing; what it
 * finds wrong, the plan reports. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "declare/plan.h"
#include "spec/service.h"

struct declare_service {
	const char *name, *type;
	struct spec_service *service; /* of the caller; NULL: its record cannot be read */
	bool is_wanted;		      /* it is declared by this plan */
	unsigned mark;		      /* private */
};

/* Sorted by name and type. */
struct declare_future {
	struct declare_service *items;
	size_t count, capacity;
};

/* Adds a service; texts are borrowed. Returns 0 or -ENOMEM. */
int declare_future_add(struct declare_future *f, const char *name, const char *type,
		       const struct spec_service *service, bool is_wanted);

/* Ends the adding: sorts. */
void declare_future_sort(struct declare_future *f);

void declare_future_fini(struct declare_future *f);

/* Returns the service of that name and, unless it is NULL, type, or NULL: the first, if several
 * have the name, with `count` (which may be NULL) how many. */
struct declare_service *declare_future_find(const struct declare_future *f, const char *name,
					    const char *type, size_t *count);

/* Gives those `uses` of a wanted service that have no type the type of the declared service, and
 * has the plan depend on that; `service->uses` must be a copy of the plan's. Reports those that are
 * not declared. */
void declare_future_resolve(const struct declare_future *f, struct declare_plan *p,
			    struct spec_service *service);

/* Reports services that wait for each other, if one of them is wanted. */
void declare_future_check_circles(struct declare_future *f, struct declare_plan *p);

/* Reports, as errors, the services that use the one of this name and type, which is deleted. */
void declare_future_check_users(const struct declare_future *f, struct declare_plan *p,
				const char *name, const char *type);
