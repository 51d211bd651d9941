/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* command/survey.h - a command that goes through the service instances of zones.
 *
 * For each zone, one after the other: its current version is walked in a thread of its own, the
 * registrar is asked about the instances, a part at a time, and what they are is made into the
 * answer in a thread again. So neither queries nor updates nor other commands wait for it. No zone
 * is purged meanwhile. Main thread, but for what is called. */
#pragma once

#include <jansson.h>

#include "command/aside.h"
#include "daemon/ask.h"
#include "listing/services.h"

struct command_survey_zone;
struct control_request;
struct daemon;

/* A member of a struct that has what the functions need. */
struct command_survey {
	/* set by the caller */
	struct control_request *request;
	const uint8_t *instance; /* only this one; NULL: all */
	/* In the thread of the walk: finds out more of the version. Returns 0 or a negative errno.
	 * NULL: nothing. */
	int (*walk)(struct command_survey *survey);
	/* In the thread of the walk: whether an instance is wanted. NULL: all are. */
	bool (*is_wanted)(void *survey, const struct listing_services *s,
			  const struct listing_service *one);
	/* In the registrar's thread: does the next part. Returns 1 if there are more, 0, or a
	 * negative errno. NULL: listing_services_look. */
	int (*look)(struct command_survey *survey, struct registry_registrar *r);
	/* In the thread after that: adds to the answer. May set `ret` to -ENOMEM. */
	void (*finish)(struct command_survey *survey);
	/* In the main thread, once: answers the request, unless command_survey_failed does, and
	 * frees the survey after command_survey_fini. */
	void (*end)(struct command_survey *survey);

	/* the answer so far */
	json_t *list;	 /* an array */
	json_t *changed; /* the names of zones that changed meanwhile */
	int ret;	 /* 0, or a negative errno that has ended it */

	/* for the functions: the zone in hand */
	struct listing_services services;

	/* the survey's own */
	struct daemon_ask ask;
	struct command_aside aside;
	struct command_survey_zone *zones;
	size_t nzones, index;
	void (*next)(struct daemon *d,
		     struct command_survey *survey); /* goes on with the next zone */
};

/* Begins a survey of the zone with the wire name `zone`, or of all configured zones if it is NULL;
 * `has_view`: only of those with a service view. Calls `end` at once if memory is short. */
void command_survey_begin(struct daemon *d, struct command_survey *survey, const uint8_t *zone,
			  bool has_view);

/* Answers the request with an error if the survey has failed. Returns whether it has. */
bool command_survey_failed(struct command_survey *survey);

/* Frees what the survey holds. */
void command_survey_fini(struct command_survey *survey);
