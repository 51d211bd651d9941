/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Events to come are found so:
 *
 *  1. The zone's SOA is asked for a few times a second: nothing else is while its serial stays.
 *  2. Each era has a next event, whose name is known: these names are asked for, until none is
 *     there.
 *  3. An era that nobody knew yet is found by a transfer, of which there is one in some seconds at
 *     most. */

#include "fleet/history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>

#include "base/clock.h"
#include "base/grow.h"
#include "cli/cli.h"
#include "cli/error.h"
#include "cli/fail.h"
#include "cli/form.h"
#include "cli/output.h"
#include "cli/text.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "dnssd/fabric_name.h"
#include "fleet/event.h"
#include "fleet/zone.h"
#include "locate/ask.h"

enum {
	INTERVAL_MS = 200,	 /* between questions */
	TRANSFER_MS = 5000,	 /* between transfers */
	ANSWER_MS = 5000,	 /* that an answer is waited for */
	SINCE_MAX_S = 315360000, /* a duration as --since: ten years */
	ERAS_MAX = 64,		 /* that are followed: those with the latest events */
};

/* Which events are wanted. */
struct filter {
	const char *of, *node;
	uint64_t since_ms;
};

/* An era, and the question for its next event. */
struct era {
	uint64_t era, next;
	struct locate_ask *ask;
	struct follower *by;
};

struct follower {
	struct fleet_zone *zone;
	const struct cli_options *options;
	const struct filter *filter;
	struct era *eras;
	size_t neras, eras_room;
	uint32_t serial, asked_serial;
	unsigned nasked;	  /* questions without an answer yet */
	bool has_serial, is_late; /* the last question for it: was answered; has failed */
	unsigned nnew;
};

/* ---- one event ---- */

static bool is_wanted(const struct filter *f, const struct atlas_event *e, const uint8_t *zone)
{
	if (e->time_ms < f->since_ms)
		return false;
	if (f->node != NULL && (e->node == NULL || strcasecmp(e->node, f->node) != 0))
		return false;
	return f->of == NULL || fleet_event_is_about(e, f->of, zone);
}

/* Shows an event that has come, in a line of its own. */
static void event_show(const struct cli_options *options, const struct atlas_event *e)
{
	const char *const texts[] = {e->node, e->what, e->of, e->why, e->rule};
	char time[FLEET_EVENT_TIME_MAX];

	if (options->is_json) {
		json_t *o = fleet_event_to_json(e);

		json_dumpf(o, stdout, JSON_COMPACT | JSON_REAL_PRECISION(15));
		json_decref(o);
	} else {
		printf("%s", fleet_event_time_to_text(time, e->time_ms));
		for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
			printf("  ");
			if (texts[i] != NULL && *texts[i] != '\0')
				cli_text_print(stdout, texts[i]);
			else if (i < 3)
				putchar('-');
		}
	}
	putchar('\n');
}

/* ---- what there is ---- */

static int list_show(const struct cli_options *options, const struct filter *f,
		     const struct atlas *a)
{
	json_t *all = json_array(), *lines = json_array(), *o;
	size_t n;
	const struct atlas_event *events = atlas_events(a, &n);
	int status;

	for (size_t i = 0; i < n; i++) {
		if (!is_wanted(f, &events[i], atlas_zone(a)))
			continue;
		o = fleet_event_to_json(&events[i]);
		json_array_append_new(lines, fleet_event_line(o));
		json_array_append_new(all, o);
	}
	status = cli_output_result(options, options->is_json ? all : lines);
	json_decref(all);
	json_decref(lines);
	return status;
}

/* ---- what comes ---- */

static struct era *era_find(struct follower *f, uint64_t era)
{
	for (size_t i = 0; i < f->neras; i++)
		if (f->eras[i].era == era)
			return &f->eras[i];
	return NULL;
}

static struct era *era_add(struct follower *f, uint64_t era)
{
	struct era *eras;

	if (f->neras == ERAS_MAX) {
		memmove(f->eras, f->eras + 1, (ERAS_MAX - 1) * sizeof(*f->eras));
		f->neras--;
	}
	eras = base_grow(f->eras, f->neras, &f->eras_room, sizeof(*eras));
	if (eras == NULL)
		return NULL;
	f->eras = eras;
	eras[f->neras] = (struct era){.era = era, .by = f};
	return &eras[f->neras++];
}

/* Shows the events of the atlas that were not shown yet: all if `is_first`. They are in the order
 * of time, so the eras with the latest events are the last. Returns 0 or -1. */
static int events_take(struct follower *f, bool is_first)
{
	const struct atlas *a = f->zone->atlas;
	size_t n;
	const struct atlas_event *events = atlas_events(a, &n);

	for (size_t i = 0; i < n; i++) {
		struct era *era = era_find(f, events[i].era);
		bool is_new = era == NULL || events[i].n >= era->next;

		if (era == NULL)
			era = era_add(f, events[i].era);
		if (era == NULL)
			return -1;
		if (events[i].n >= era->next)
			era->next = events[i].n + 1;
		if ((is_first || is_new) && is_wanted(f->filter, &events[i], atlas_zone(a)))
			event_show(f->options, &events[i]);
	}
	f->serial = atlas_serial(a);
	return fflush(stdout);
}

/* Makes an event of the record in an answer and shows it. */
static void record_show(struct era *era, const struct resolve_answer_record *record)
{
	struct follower *f = era->by;
	const uint8_t *zone = f->zone->name;
	const struct dns_record one = {.owner = record->owner,
				       .type = record->type,
				       .ttl = record->ttl,
				       .rdata = record->rdata,
				       .nbytes = record->nbytes};
	const struct atlas_event *e;
	struct atlas *a;
	size_t n;

	if (atlas_new(&a, zone, &one, 1) < 0)
		return;
	e = atlas_events(a, &n);
	if (n == 1) {
		era->next = e->n + 1;
		f->nnew++;
		if (is_wanted(f->filter, e, zone))
			event_show(f->options, e);
	}
	atlas_free(a);
}

static void on_event(void *arg, struct resolve_answer *answer, int error, const char *why,
		     uint64_t now_ms)
{
	static struct resolve_answer_record record;
	struct era *era = arg;

	(void)why;
	(void)now_ms;
	(void)error;
	era->by->nasked--;
	while (answer != NULL && resolve_message_next(answer, &record))
		if (record.section == RESOLVE_ANSWER && record.type == DNS_TYPE_TXT) {
			record_show(era, &record);
			break;
		}
}

static void on_serial(void *arg, struct resolve_answer *answer, int error, const char *why,
		      uint64_t now_ms)
{
	static struct resolve_answer_record record;
	struct follower *f = arg;

	(void)now_ms;
	f->nasked--;
	if (error != 0 && !f->is_late && !f->options->is_quiet)
		cli_error("%s; asking on", why);
	f->is_late = error != 0;
	while (answer != NULL && resolve_message_next(answer, &record))
		if (record.section == RESOLVE_ANSWER && record.type == DNS_TYPE_SOA) {
			f->asked_serial = dns_soa_read(record.rdata, record.nbytes).serial;
			f->has_serial = true;
		}
}

/* Waits until all questions are answered. */
static void answers_wait(struct follower *f)
{
	while (f->nasked > 0)
		resolve_events_wait(&f->zone->known.events, UINT64_MAX);
}

/* Asks for the zone's serial. Returns whether it is another one than that of what was shown. */
static bool serial_is_new(struct follower *f)
{
	uint64_t deadline_ms = base_clock_steady_us() / 1000 + ANSWER_MS;
	struct locate_ask *ask;

	f->has_serial = false;
	if (locate_ask_new(&ask, f->zone->known.locate, f->zone->name, DNS_TYPE_SOA, deadline_ms,
			   on_serial, f) < 0)
		return false;
	f->nasked = 1;
	answers_wait(f);
	locate_ask_free(ask);
	return f->has_serial && f->asked_serial != f->serial;
}

/* Asks for the next event of each era, until there is no further one. */
static void next_ask(struct follower *f)
{
	uint8_t name[DNS_NAME_MAX];
	char label[DNSSD_EVENT_LABEL_MAX];

	do {
		uint64_t deadline_ms = base_clock_steady_us() / 1000 + ANSWER_MS;

		f->nnew = 0;
		for (size_t i = 0; i < f->neras; i++) {
			struct era *era = &f->eras[i];

			dnssd_fabric_name_event(label, era->era, era->next);
			if (dnssd_fabric_name_write(name, DNSSD_FABRIC_EVENT, label,
						    f->zone->name) == 0 ||
			    locate_ask_new(&era->ask, f->zone->known.locate, name, DNS_TYPE_TXT,
					   deadline_ms, on_event, era) < 0)
				era->ask = NULL;
			else
				f->nasked++;
		}
		answers_wait(f);
		for (size_t i = 0; i < f->neras; i++)
			locate_ask_free(f->eras[i].ask);
	} while (f->nnew > 0);
	fflush(stdout);
}

/* Follows until the reader of the output ends, or the time of --timeout is over. */
static int follow(struct fleet_zone *z, const struct cli_options *options,
		  const struct filter *filter)
{
	struct follower f = {.zone = z, .options = options, .filter = filter};
	uint64_t now_ms = base_clock_steady_us() / 1000, transferred_ms = now_ms;
	uint64_t end_ms = options->has_limit && options->limit_s > 0
				  ? now_ms + (uint64_t)options->limit_s * 1000
				  : UINT64_MAX;
	int status = CLI_OK;

	if (events_take(&f, true) != 0)
		status = CLI_FAILURE;
	while (status == CLI_OK && now_ms < end_ms) {
		now_ms = fleet_zone_pause(z, now_ms + INTERVAL_MS);
		if (!serial_is_new(&f))
			continue;
		next_ask(&f);
		if (ferror(stdout))
			status = CLI_FAILURE;
		if (status == CLI_OK && now_ms - transferred_ms >= TRANSFER_MS) {
			/* Without an answer the next one is in some seconds. */
			if (fleet_zone_read(z) == CLI_OK && events_take(&f, false) != 0)
				status = CLI_FAILURE;
			transferred_ms = now_ms;
		}
	}
	free(f.eras);
	return status;
}

/* ---- the command ---- */

/* Reads --since: a time by RFC 3339, or a duration until now. */
static bool since_read(uint64_t *out_ms, const char *text)
{
	uint64_t s;

	*out_ms = 0;
	if (text == NULL)
		return true;
	if (cli_form_time_from_text(&s, text)) {
		*out_ms = s * 1000;
		return true;
	}
	if (!cli_form_duration_parse(&s, "since", text, 0, SINCE_MAX_S))
		return false;
	*out_ms = base_clock_wall_ms() - s * 1000;
	return true;
}

int fleet_history_show(const struct cli_command *command, const struct cli_options *options,
		       int nargs, char **args)
{
	struct filter filter = {.of = options->of, .node = options->node};
	struct fleet_zone z;
	int status;

	(void)command;
	if (!since_read(&filter.since_ms, options->since))
		return CLI_USAGE;
	status = fleet_zone_load(&z, options, nargs > 0 ? args[0] : options->zone);
	if (status != CLI_OK)
		return status;
	status = options->is_follow ? follow(&z, options, &filter)
				    : list_show(options, &filter, z.atlas);
	fleet_zone_close(&z);
	return status;
}
