/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "command/survey.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "command/json.h"
#include "control/server.h"
#include "daemon/daemon.h"
#include "hosting/hosting.h"
#include "registry/registrar.h"
#include "registry/work.h"
#include "settings/settings.h"
#include "zone/zone.h"

enum {
	INSTANCES_AT_ONCE = 512, /* looking at them takes the registrar about a millisecond */
	ANSWER_USUAL = 10000,	 /* rows; after a longer answer its memory is given back */
};

/* A zone as it was configured when the survey began. */
struct command_survey_zone {
	struct zone *zone;
	struct view_rule rule;
};

static struct command_survey *survey_of_aside(struct command_aside *aside)
{
	return (struct command_survey *)((char *)aside - offsetof(struct command_survey, aside));
}

static struct command_survey *survey_of_ask(struct daemon_ask *ask)
{
	return (struct command_survey *)((char *)ask - offsetof(struct command_survey, ask));
}

static void end(struct daemon *d, struct command_survey *s, int ret)
{
	s->ret = ret;
	d->nchecks--;
	s->end(s);
}

/* In a thread of its own. */
static void finish(struct command_aside *aside)
{
	struct command_survey *s = survey_of_aside(aside);

	s->finish(s);
}

static void finished(struct command_aside *aside)
{
	struct command_survey *s = survey_of_aside(aside);

	if (s->ret < 0) {
		end(aside->daemon, s, s->ret);
		return;
	}
	if (s->services.is_changed)
		json_array_append_new(s->changed, command_json_name(zone_name(s->services.zone)));
	listing_services_fini(&s->services);
	s->index++;
	s->next(aside->daemon, s);
}

/* In the registrar's thread. */
static void look(struct registry_registrar *r, struct daemon_ask *ask)
{
	struct command_survey *s = survey_of_ask(ask);

	ask->ret = s->look != NULL ? s->look(s, r)
				   : listing_services_look(&s->services, registry_work_state(r),
							   registry_work_now(r), INSTANCES_AT_ONCE);
}

static void looked(struct daemon_ask *ask)
{
	struct command_survey *s = survey_of_ask(ask);
	int ret = ask->ret;

	if (ret > 0) {
		daemon_ask(ask->daemon, ask, look, looked);
		return;
	}
	if (ret == 0)
		ret = command_aside_run(ask->daemon, &s->aside, finish, finished);
	if (ret < 0)
		end(ask->daemon, s, ret);
}

/* In a thread of its own. */
static void walk(struct command_aside *aside)
{
	struct command_survey *s = survey_of_aside(aside);

	s->ret = listing_services_walk(&s->services, s->instance);
	if (s->ret == 0 && s->is_wanted != NULL)
		listing_services_filter(&s->services, s->is_wanted, s);
	if (s->ret == 0 && s->walk != NULL)
		s->ret = s->walk(s);
}

static void walked(struct command_aside *aside)
{
	struct command_survey *s = survey_of_aside(aside);

	if (s->ret < 0)
		end(aside->daemon, s, s->ret);
	else
		daemon_ask(aside->daemon, &s->ask, look, looked);
}

/* A zone without a version has no instances. */
static void zone_begin(struct daemon *d, struct command_survey *s)
{
	int ret = -ENOENT;

	for (; ret == -ENOENT && s->index < s->nzones; s->index += ret == -ENOENT) {
		ret = listing_services_take(&s->services, s->zones[s->index].zone,
					    &s->zones[s->index].rule);
		if (ret == -ENOENT)
			listing_services_fini(&s->services);
	}
	if (ret == 0)
		ret = command_aside_run(d, &s->aside, walk, walked);
	if (ret < 0)
		end(d, s, ret == -ENOENT ? 0 : ret);
}

static bool is_meant(const struct settings_zone *z, const uint8_t *zone, bool has_view)
{
	return (zone == NULL || dns_name_equal(z->name, zone)) && (!has_view || z->services.is_on);
}

static int zones_find(struct daemon *d, struct command_survey *s, const uint8_t *zone,
		      bool has_view)
{
	size_t n = 0;

	for (const struct settings_zone *z = d->config->zones; z != NULL; z = z->next)
		n += is_meant(z, zone, has_view);
	s->zones = calloc(n + 1, sizeof(*s->zones));
	if (s->zones == NULL || s->list == NULL || s->changed == NULL)
		return -ENOMEM;
	for (const struct settings_zone *z = d->config->zones; z != NULL; z = z->next)
		if (is_meant(z, zone, has_view))
			s->zones[s->nzones++] = (struct command_survey_zone){
				hosting_find(&d->zones, z->name)->zone, z->services};
	return 0;
}

void command_survey_begin(struct daemon *d, struct command_survey *survey, const uint8_t *zone,
			  bool has_view)
{
	int ret;

	d->nchecks++;
	survey->next = zone_begin;
	survey->list = json_array();
	survey->changed = json_array();
	ret = zones_find(d, survey, zone, has_view);
	if (ret < 0)
		end(d, survey, ret);
	else
		zone_begin(d, survey);
}

bool command_survey_failed(struct command_survey *survey)
{
	if (survey->ret < 0)
		control_request_fail(survey->request, "%s",
				     survey->ret == -ENOMEM ? "out of memory"
							    : strerror(-survey->ret));
	return survey->ret < 0;
}

void command_survey_fini(struct command_survey *survey)
{
	bool is_long = json_array_size(survey->list) > ANSWER_USUAL;

	listing_services_fini(&survey->services);
	json_decref(survey->list);
	json_decref(survey->changed);
	free(survey->zones);
	if (is_long)
		malloc_trim(0);
}
