/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "api/report.h"

#include <stdlib.h>
#include <string.h>

#include "api/load.h"
#include "locate/locate.h"
#include "registrant/registrant.h"

enum { SEND_MS = 10000 };

/* It stays for a minute, so that the same instance is not reported again. */
struct report {
	struct api_object object;
	struct registrant_change *change;
	struct resolve_timer timer;
	uint8_t name[DNS_NAME_MAX];
};

static void report_end(struct api_object *object)
{
	struct report *r = (struct report *)object;

	resolve_timer_clear(&object->context->events.timers, &r->timer);
	registrant_change_free(r->change);
	api_context_remove(object);
	free(r);
}

static void on_over(void *arg, uint64_t now_ms)
{
	(void)now_ms;
	report_end(arg);
}

static void on_sent(void *arg, int error, const char *why, uint64_t now_ms)
{
	struct report *r = arg;

	(void)error;
	(void)why;
	(void)now_ms;
	registrant_change_free(r->change);
	r->change = NULL;
}

/* Whether the instance was reported lately, or too many others were. */
static bool is_enough(const struct weft *w, const uint8_t *name)
{
	unsigned n = 0;

	for (const struct api_object *o = w->objects; o != NULL; o = o->next) {
		if (o->end != report_end)
			continue;
		if (++n == API_REPORTS_MAX ||
		    dns_name_equal(((const struct report *)o)->name, name))
			return true;
	}
	return false;
}

void api_report_failure(struct weft *w, const struct find_instance *i, const char *why)
{
	uint64_t now_ms = api_context_now_ms();
	struct report *r;

	/* Only instances of a type can be reported, not hosts. */
	if (!w->is_suspect_on || i->type[0] == '\0' || i->label[0] == '\0' || w->locate == NULL ||
	    locate_key(w->locate) == NULL || is_enough(w, i->name) ||
	    api_load_registrant(w) != WEFT_OK)
		return;
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return;
	memcpy(r->name, i->name, sizeof(r->name));
	if (registrant_change_report(&r->change, w->registrant, r->name, why, now_ms + SEND_MS,
				     on_sent, r) < 0) {
		free(r);
		return;
	}
	r->object.end = report_end;
	r->timer.on_due = on_over;
	r->timer.arg = r;
	resolve_timer_set(&w->events.timers, &r->timer, now_ms + API_REPORT_MS);
	api_context_add(w, &r->object);
}
