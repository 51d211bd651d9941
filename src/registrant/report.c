/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registrant/report.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Has `s->why` be a copy; without memory there is no reason. */
static void why_set(struct registrant_service *s, const char *why)
{
	char *copy = why[0] != '\0' ? strdup(why) : NULL;

	free(s->why);
	s->why = copy;
}

static const char *why_of(const struct registrant_service *s)
{
	return s->why != NULL ? s->why : "";
}

void registrant_report_add(struct registrant_service *s, enum registrant_event event, int error,
			   const char *why)
{
	struct registrant *r = s->r;

	if (s->on_event == NULL)
		return;
	if (s->npending == REGISTRANT_PENDING_MAX)
		memmove(s->pending, s->pending + 1, --s->npending * sizeof(*s->pending));
	s->pending[s->npending].event = event;
	s->pending[s->npending++].error = error;
	why_set(s, why);
	if (s->link_reported != NULL)
		return;
	s->next_reported = NULL;
	s->link_reported = r->last_reported;
	*r->last_reported = s;
	r->last_reported = &s->next_reported;
	resolve_timer_set(&r->events->timers, &r->report, 0);
}

static void report_one(struct registrant_service *s, int error, const char *why)
{
	bool is_another = registrant_is_claim(s) && error == -EEXIST && strcmp(why_of(s), why) != 0;

	if (s->failed == error && !is_another)
		return;
	s->failed = error;
	registrant_report_add(s, REGISTRANT_FAILED, error, why);
}

void registrant_report_failure(struct registrant_service *s, int error, const char *why)
{
	char text[DNS_NAME_TEXT_MAX], longer[REGISTRANT_WHY_MAX];

	if (s->has_owner || !registrant_is_node(s)) {
		report_one(s, error, why);
		return;
	}
	dns_name_to_text(text, s->name);
	snprintf(longer, sizeof(longer), "node %.100s: %.380s", text, why);
	for (struct registrant_service *i = s->r->units; i != NULL; i = i->next)
		if (i->node == s)
			report_one(i, error, longer);
}

void registrant_report_drop(struct registrant_service *s)
{
	s->npending = 0;
	if (s->link_reported == NULL)
		return;
	*s->link_reported = s->next_reported;
	if (s->next_reported != NULL)
		s->next_reported->link_reported = s->link_reported;
	else
		s->r->last_reported = s->link_reported;
	s->link_reported = NULL;
}

/* Only those that have something now are called: what they cause is reported by the next turn. */
void registrant_report_run(void *arg, uint64_t now_ms)
{
	struct registrant *r = arg;
	struct registrant_service *s;
	bool is_freed = false;
	size_t n = 0;

	for (s = r->reported; s != NULL; s = s->next_reported)
		n++;
	r->is_freed = &is_freed;
	while (!is_freed && n-- > 0 && (s = r->reported) != NULL) {
		enum registrant_event event = s->pending[0].event;
		int error = s->pending[0].error;
		char why[REGISTRANT_WHY_MAX];

		snprintf(why, sizeof(why), "%s", why_of(s));
		memmove(s->pending, s->pending + 1, --s->npending * sizeof(*s->pending));
		if (s->npending == 0)
			registrant_report_drop(s);
		s->on_event(s->arg, event, error, why, now_ms);
	}
	if (is_freed)
		return;
	r->is_freed = NULL;
	if (r->reported != NULL)
		resolve_timer_set(&r->events->timers, &r->report, 0);
}
