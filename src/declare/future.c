/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "declare/future.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "dns/type.h"
#include "dnssd/fabric_name.h"

int declare_future_add(struct declare_future *f, const char *name, const char *type,
		       const struct spec_service *service, bool is_wanted)
{
	struct declare_service *grown = base_grow(f->items, f->count, &f->capacity, sizeof(*grown));

	if (grown == NULL)
		return -ENOMEM;
	f->items = grown;
	grown[f->count++] = (struct declare_service){
		.name = name,
		.type = type,
		.service = (struct spec_service *)service,
		.is_wanted = is_wanted,
	};
	return 0;
}

static int service_compare(const void *a, const void *b)
{
	const struct declare_service *sa = a, *sb = b;
	int order = strcmp(sa->name, sb->name);

	return order != 0 ? order : strcmp(sa->type, sb->type);
}

void declare_future_sort(struct declare_future *f)
{
	if (f->count > 0)
		qsort(f->items, f->count, sizeof(*f->items), service_compare);
}

void declare_future_fini(struct declare_future *f)
{
	free(f->items);
	*f = (struct declare_future){0};
}

struct declare_service *declare_future_find(const struct declare_future *f, const char *name,
					    const char *type, size_t *count)
{
	size_t low = 0, high = f->count, n = 0;
	struct declare_service *found = NULL;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(f->items[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < f->count && strcmp(f->items[low].name, name) == 0; low++) {
		if (type != NULL && strcmp(f->items[low].type, type) != 0)
			continue;
		if (n++ == 0)
			found = &f->items[low];
	}
	if (count != NULL)
		*count = n;
	return found;
}

/* ---- uses ---- */

/* Has the plan depend on the declaration of a service that only the zone has. */
static void service_depend(struct declare_plan *p, const struct declare_service *s)
{
	const struct atlas_service *in_zone = atlas_service(p->atlas, s->name, s->type, NULL);
	uint8_t owner[DNS_NAME_MAX];

	if (!s->is_wanted && in_zone != NULL &&
	    dnssd_fabric_name_write(owner, DNSSD_FABRIC_SPEC, NULL, in_zone->specs[0].name) > 0)
		declare_plan_read(p, owner, DNS_TYPE_TXT);
}

static void use_resolve(const struct declare_future *f, struct declare_plan *p,
			const struct spec_service *by, struct spec_use *use)
{
	size_t count;
	const struct declare_service *used = declare_future_find(f, use->name, NULL, &count);

	if (count > 1)
		declare_plan_error(p, &by->at,
				   "service %s uses %s, and several types have a service of that "
				   "name: give its type",
				   by->name, use->name);
	else if (count == 0)
		declare_plan_error(p, &by->at,
				   "service %s uses %s, which is declared neither here nor in the "
				   "zone: declare it, or give its type",
				   by->name, use->name);
	if (count != 1)
		return;
	use->type = declare_plan_text(p, used->type);
	service_depend(p, used);
}

void declare_future_resolve(const struct declare_future *f, struct declare_plan *p,
			    struct spec_service *service)
{
	for (size_t i = 0; i < service->uses.count; i++) {
		struct spec_use *use = &service->uses.items[i];

		if (use->type == NULL)
			use_resolve(f, p, service, use);
	}
}

/* ---- circles ---- */

enum { NEW, OPEN, DONE };

/* The services that wait for the next one, and which of its `uses` is next. */
struct path {
	struct step {
		struct declare_service *service;
		size_t next;
	} * steps;
	size_t count;
};

/* Reports the services from `first` on, which is the last one's next. */
static void circle_report(struct declare_plan *p, const struct path *path,
			  const struct declare_service *first)
{
	char text[600];
	size_t n = 0, at = path->count;
	const struct base_location *where = NULL;

	while (at > 0 && path->steps[--at].service != first)
		;
	for (size_t i = at; i < path->count; i++) {
		const struct declare_service *s = path->steps[i].service;

		if (s->is_wanted && where == NULL)
			where = &s->service->at;
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s uses ", s->name);
		if (n > sizeof(text) - 100) {
			n += (size_t)snprintf(text + n, sizeof(text) - n, "... uses ");
			break;
		}
	}
	if (where != NULL)
		declare_plan_error(p, where, "%s%s: none of them could start first", text,
				   first->name);
}

/* Goes to the next service that the last one of the path uses, or back. */
static void step(struct declare_future *f, struct declare_plan *p, struct path *path)
{
	struct step *last = &path->steps[path->count - 1];
	const struct spec_service *s = last->service->service;
	struct declare_service *next;

	if (s == NULL || last->next == s->uses.count) {
		last->service->mark = DONE;
		path->count--;
		return;
	}
	next = declare_future_find(f, s->uses.items[last->next].name,
				   s->uses.items[last->next].type, NULL);
	last->next++;
	if (next == NULL || next->mark == DONE)
		return;
	if (next->mark == OPEN) {
		circle_report(p, path, next);
		return;
	}
	next->mark = OPEN;
	path->steps[path->count++] = (struct step){next, 0};
}

void declare_future_check_circles(struct declare_future *f, struct declare_plan *p)
{
	struct path path = {.steps = calloc(f->count + 1, sizeof(*path.steps))};

	if (path.steps == NULL) {
		p->is_short = true;
		return;
	}
	for (size_t i = 0; i < f->count; i++)
		f->items[i].mark = NEW;
	for (size_t i = 0; i < f->count; i++) {
		if (f->items[i].mark != NEW)
			continue;
		f->items[i].mark = OPEN;
		path.steps[path.count++] = (struct step){&f->items[i], 0};
		while (path.count > 0)
			step(f, p, &path);
	}
	free(path.steps);
}

/* ---- users ---- */

void declare_future_check_users(const struct declare_future *f, struct declare_plan *p,
				const char *name, const char *type)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct spec_service *s = f->items[i].service;

		for (size_t j = 0; s != NULL && j < s->uses.count; j++) {
			const struct spec_use *use = &s->uses.items[j];

			if (strcmp(use->name, name) == 0 &&
			    (use->type == NULL || strcmp(use->type, type) == 0))
				declare_plan_error(p, f->items[i].is_wanted ? &s->at : NULL,
						   "service %s is used by service %s: delete that "
						   "first, or use --force",
						   name, s->name);
		}
	}
}
