/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "registrant/queue.h"
#include "registrant/registrant.h"
#include "registrant/report.h"
#include "registrant/standing.h"
#include "registrant/state.h"
#include "registrant/unit.h"

int registrant_service_new(struct registrant_service **out, struct registrant *r,
			   const struct registrant_settings *settings, registrant_fn on_event,
			   void *arg)
{
	struct registrant_service *s;
	int ret = registrant_unit_new(&s, r, settings);

	if (ret < 0)
		return ret;
	ret = registrant_unit_take_node(s);
	if (ret < 0) {
		registrant_unit_free(s);
		return ret;
	}
	s->has_owner = true;
	s->on_event = on_event;
	s->arg = arg;
	registrant_unit_begin(s);
	*out = s;
	return 0;
}

/* Has what has changed be registered: at once, or after the message that the unit is in. */
static void change_begin(struct registrant_service *s)
{
	bool is_looked_at = s->place == REGISTRANT_LOOKS || s->place == REGISTRANT_TO_LOOK;

	if (s->place == REGISTRANT_FLIES || is_looked_at)
		s->has_changed = true;
	else if (s->is_held)
		registrant_queue_look(s);
	else if (s->is_registered || s->failed != 0 || s->is_adopted)
		registrant_queue_now(s, REGISTRANT_REGISTER);
}

/* Keeps the settings before those that there are now, as long as they may be in the registry. */
static void keep_before(struct registrant_service *s, struct registrant_settings *before)
{
	bool is_in_message =
		s->place == REGISTRANT_FLIES && s->todo == REGISTRANT_REGISTER && !s->has_changed;

	if (s->was == NULL && s->was_sent)
		s->was = before;
	else if (is_in_message)
		s->sent = before;
	else
		registrant_settings_free(before);
}

/* Returns whether the settings can be followed by others. */
static bool can_follow(const struct registrant_settings *now,
		       const struct registrant_settings *next)
{
	return next->kind == now->kind && dns_name_equal(next->name, now->name) &&
	       (next->incarnation >= now->incarnation || next->incarnation == 0 ||
		now->incarnation == REGISTRANT_INCARNATION_MAX); /* they begin again */
}

int registrant_service_change(struct registrant_service *s,
			      const struct registrant_settings *settings)
{
	struct registrant_service *node_before = s->node;
	struct registrant_settings *copy, *before = s->settings;
	int ret;

	if (!can_follow(before, settings))
		return -EINVAL;
	if (s->is_registered && registrant_settings_are_same(before, settings)) {
		before->is_eager = settings->is_eager;
		before->is_renamed = settings->is_renamed;
		before->health = settings->health;
		before->health_arg = settings->health_arg;
		return 0;
	}
	ret = registrant_settings_copy(&copy, settings);
	if (ret < 0)
		return ret;
	s->settings = copy;
	s->node = NULL;
	ret = registrant_unit_take_node(s);
	if (ret < 0) {
		s->settings = before;
		s->node = node_before;
		registrant_settings_free(copy);
		return ret;
	}
	if (node_before != NULL)
		registrant_unit_leave_node(node_before);
	keep_before(s, before);
	if (registrant_is_node(s))
		registrant_unit_set_addresses(s, settings);
	else if (settings->incarnation != 0)
		registrant_standing_incarnate(s, 0);
	change_begin(s);
	return 0;
}

void registrant_service_end(struct registrant_service *s)
{
	if (s->is_ending || s->is_orphan)
		return;
	s->is_ending = true;
	if (s->nusers > 0)
		registrant_report_add(s, REGISTRANT_ENDED, 0, "");
	else if (s->place != REGISTRANT_FLIES)
		registrant_standing_end(s);
}

void registrant_service_free(struct registrant_service *s)
{
	if (s == NULL)
		return;
	registrant_report_drop(s);
	s->has_owner = false;
	s->on_event = NULL;
	s->settings->health = NULL;
	if (s->nusers > 0) {
		s->is_ending = false; /* its instances have it from now on */
		return;
	}
	if (s->is_over) {
		registrant_queue_over(s);
		return;
	}
	if (s->is_ending)
		return; /* what removes it goes on */
	s->is_orphan = true;
	if (s->place != REGISTRANT_FLIES)
		registrant_standing_end(s);
}

const uint8_t *registrant_service_name(const struct registrant_service *s)
{
	return s->name;
}

uint32_t registrant_service_lease_s(const struct registrant_service *s)
{
	return s->is_registered ? s->lease_s : 0;
}

const char *registrant_service_holder(const struct registrant_service *s)
{
	return s->holder == NULL ? "" : s->holder;
}

uint64_t registrant_service_seen(const struct registrant_service *s)
{
	return s->seen;
}

uint64_t registrant_service_incarnation(const struct registrant_service *s)
{
	return s->incarnation;
}
