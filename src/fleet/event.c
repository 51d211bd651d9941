/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "fleet/event.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "dns/name.h"
#include "fleet/name.h"

const char *fleet_event_time_to_text(char out[static FLEET_EVENT_TIME_MAX], uint64_t time_ms)
{
	time_t s = (time_t)(time_ms / 1000);
	struct tm tm;
	char text[FLEET_EVENT_TIME_MAX - 6];

	if (gmtime_r(&s, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		strcpy(text, "-");
	snprintf(out, FLEET_EVENT_TIME_MAX, "%s.%03uZ", text, (unsigned)(time_ms % 1000));
	return out;
}

/* Makes the name that `of` has: complete, or without the zone. Returns whether it is one. */
static bool of_to_name(uint8_t out[static DNS_NAME_MAX], const char *of, const uint8_t *zone)
{
	if (dns_name_from_text(out, of, strlen(of), NULL) > 0 && dns_name_is_under(out, zone))
		return true;
	return dns_name_from_text(out, of, strlen(of), zone) > 0;
}

bool fleet_event_is_of(const struct atlas_event *e, const uint8_t *name, const uint8_t *zone)
{
	uint8_t of[DNS_NAME_MAX];

	return e->of != NULL && of_to_name(of, e->of, zone) && dns_name_equal(of, name);
}

bool fleet_event_is_about(const struct atlas_event *e, const char *text, const uint8_t *zone)
{
	uint8_t of[DNS_NAME_MAX], name[DNS_NAME_MAX];

	if (e->of == NULL || !of_to_name(of, e->of, zone))
		return false;
	if (of_to_name(name, text, zone) && dns_name_equal(of, name))
		return true;
	return fleet_name_has_label(of, text);
}

json_t *fleet_event_to_json(const struct atlas_event *e)
{
	const struct {
		const char *field, *value;
	} texts[] = {{"node", e->node},
		     {"what", e->what},
		     {"of", e->of},
		     {"why", e->why},
		     {"rule", e->rule}};
	char time[FLEET_EVENT_TIME_MAX];
	json_t *o = json_object();

	json_object_set_new(o, "time", json_string(fleet_event_time_to_text(time, e->time_ms)));
	json_object_set_new(o, "t", json_real((double)e->time_ms / 1000));
	json_object_set_new(o, "era", json_integer((json_int_t)e->era));
	json_object_set_new(o, "n", json_integer((json_int_t)e->n));
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		json_object_set_new(o, texts[i].field, fleet_name_text_to_json(texts[i].value));
	return o;
}

json_t *fleet_event_line(const json_t *event)
{
	static const char *const fields[] = {"time", "node", "what", "of", "why", "rule"};
	json_t *line = json_object();

	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		json_t *value = json_object_get(event, fields[i]);

		json_object_set(line, fields[i], value != NULL ? value : json_null());
	}
	return line;
}
