/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "command/event.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/log.h"
#include "base/log_line.h"
#include "command/json.h"
#include "control/server.h"
#include "daemon/daemon.h"
#include "dns/name.h"
#include "guard/refusals.h"
#include "server/server.h"

enum {
	EVENTS_MAX = 1000, /* of an answer */
	REFUSALS_MAX = 50, /* likewise */
	LOOKS_MAX = 2000,  /* at events, before other work of the main thread goes on */
	VALUE_MAX = 4096,
	TIME_MAX = 32,
};

/* Which events, and where the reader is. */
struct events {
	char zone[DNS_NAME_TEXT_MAX],
		key[DNS_NAME_TEXT_MAX]; /* lower case, with final dot; "": all */
	bool is_refused; /* refused requests and updates only */
	bool must_follow;
	struct base_log_cursor at;
	struct base_log_past past;
	char *waiting; /* a line that did not fit the last time, or NULL */
};

/* ---- which ---- */

/* Takes the name of a zone or a key. A key may be named by its first labels. */
static bool name_take(char out[static DNS_NAME_TEXT_MAX], const char *text)
{
	uint8_t name[DNS_NAME_MAX];

	if (dns_name_from_text(name, text, strlen(text), NULL) == 0)
		return false;
	dns_name_lower(name, name);
	dns_name_to_text(out, name);
	return true;
}

static bool argument_take(struct events *e, const char *text)
{
	if (strcmp(text, "follow") == 0)
		e->must_follow = true;
	else if (strcmp(text, "refused") == 0)
		e->is_refused = true;
	else if (strncmp(text, "zone=", 5) == 0)
		return name_take(e->zone, text + 5);
	else if (strncmp(text, "key=", 4) == 0)
		return name_take(e->key, text + 4);
	else
		return false;
	return true;
}

/* Finds a field of the event, as text. Returns false if there is none. */
static bool field_get(const struct base_log_past *p, const char *key, char *out, size_t size)
{
	struct base_log_part part;

	if (!base_log_line_find(p->line, p->nchars, key, &part))
		return false;
	base_log_line_unquote(out, size, &part);
	return true;
}

static bool is_below(const char *name, const char *zone)
{
	size_t nname = strlen(name), nzone = strlen(zone);

	return nname > nzone && name[nname - nzone - 1] == '.' &&
	       strcasecmp(name + nname - nzone, zone) == 0;
}

static bool is_of_zone(const struct base_log_past *p, const char *zone)
{
	char value[VALUE_MAX];

	if (field_get(p, "zone", value, sizeof(value)))
		return strcasecmp(value, zone) == 0;
	return field_get(p, "name", value, sizeof(value)) && is_below(value, zone);
}

static bool is_of_key(const struct base_log_past *p, const char *key)
{
	char value[VALUE_MAX];

	return field_get(p, "key", value, sizeof(value)) &&
	       strncasecmp(value, key, strlen(key)) == 0;
}

static bool is_refusal(const struct base_log_past *p)
{
	struct base_log_part subject, event;
	char result[32];

	base_log_line_head(p->line, p->nchars, &subject, &event);
	if (event.nchars == 7 && memcmp(event.text, "refused", 7) == 0)
		return true;
	return event.nchars == 6 && memcmp(event.text, "update", 6) == 0 &&
	       field_get(p, "result", result, sizeof(result)) && strcmp(result, "NOERROR") != 0;
}

static bool is_wanted(const struct events *e)
{
	return (e->zone[0] == '\0' || is_of_zone(&e->past, e->zone)) &&
	       (e->key[0] == '\0' || is_of_key(&e->past, e->key)) &&
	       (!e->is_refused || is_refusal(&e->past));
}

/* ---- as JSON ---- */

static json_t *time_json(uint64_t time_us)
{
	time_t s = (time_t)(time_us / 1000000);
	char text[TIME_MAX];
	struct tm tm;
	size_t n;

	gmtime_r(&s, &tm);
	n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + n, sizeof(text) - n, ".%03uZ", (unsigned)(time_us / 1000 % 1000));
	return json_string(text);
}

static json_t *part_json(const struct base_log_part *part)
{
	char value[VALUE_MAX];

	return json_stringn(value, base_log_line_unquote(value, sizeof(value), part));
}

static json_t *event_json(const struct base_log_past *p)
{
	struct base_log_part subject, event, key, value;
	json_t *fields = json_object();
	char name[64];
	size_t at = 0;

	base_log_line_head(p->line, p->nchars, &subject, &event);
	while (base_log_line_next(p->line, p->nchars, &at, &key, &value)) {
		base_log_line_unquote(name, sizeof(name), &key);
		json_object_set_new(fields, name, part_json(&value));
	}
	return json_pack("{s:o, s:s, s:o, s:o, s:o, s:o}", "time", time_json(p->time_us), "level",
			 base_log_level_to_text((enum base_log_level)p->level), "subject",
			 part_json(&subject), "event", part_json(&event), "fields", fields, "line",
			 json_stringn(p->line, p->nchars));
}

/* ---- the last ones ---- */

static void answer_last(struct events *e, struct control_request *request)
{
	json_t *list = json_array();
	struct base_log_cursor newest;

	/* Those that come meanwhile are not waited for: they might come faster than they are
	 * read. */
	base_log_seek(&newest, false);
	base_log_seek(&e->at, true);
	while (e->at.number < newest.number && base_log_read(&e->at, &e->past)) {
		if (!is_wanted(e))
			continue;
		json_array_append_new(list, event_json(&e->past));
		if (json_array_size(list) > EVENTS_MAX)
			json_array_remove(list, 0);
	}
	control_request_answer(request, list);
}

/* ---- the ones to come ---- */

/* Returns the next event that is wanted, as a line to be freed; NULL if there is none now. */
static char *line_next(struct events *e)
{
	char *text = e->waiting;

	e->waiting = NULL;
	for (unsigned i = 0; text == NULL && i < LOOKS_MAX && base_log_read(&e->at, &e->past); i++)
		if (is_wanted(e)) {
			json_t *event = event_json(&e->past);

			text = json_dumps(event, JSON_COMPACT);
			json_decref(event);
		}
	return text;
}

static size_t lost_write(struct events *e, char *out, size_t size)
{
	int n = snprintf(out, size, "{\"lost\":%llu}\n", (unsigned long long)e->at.nlost);

	e->at.nlost = 0;
	return n > 0 && (size_t)n < size ? (size_t)n : 0;
}

static size_t stream_next(void *arg, char *out, size_t size)
{
	struct events *e = arg;
	size_t used = 0, n;
	char *text;

	while ((text = line_next(e)) != NULL) {
		n = strlen(text);
		/* Some room for a line about lost ones. */
		if (used + n + 64 > size) {
			e->waiting = text;
			break;
		}
		if (e->at.nlost > 0)
			used += lost_write(e, out + used, size - used);
		memcpy(out + used, text, n);
		out[used + n] = '\n';
		used += n + 1;
		free(text);
	}
	return used;
}

/* What the client has missed: all that is gone from memory. */
static size_t stream_lose(void *arg, char *out, size_t size)
{
	struct events *e = arg;
	struct base_log_cursor oldest;

	base_log_seek(&oldest, true);
	if (oldest.number <= e->at.number)
		return 0;
	e->at.nlost += oldest.number - e->at.number;
	return lost_write(e, out, size);
}

static void stream_end(void *arg)
{
	struct events *e = arg;

	free(e->waiting);
	free(e);
}

static void answer_stream(struct events *e, struct control_request *request)
{
	const struct control_stream stream = {stream_next, stream_lose, stream_end, e};

	base_log_seek(&e->at, false);
	if (control_request_stream(request, &stream) == 0)
		return;
	control_request_fail(request, "too many clients follow the events already");
	free(e);
}

void command_events(void *daemon, struct control_request *request)
{
	struct events *e = calloc(1, sizeof(*e));

	(void)daemon;
	if (e == NULL) {
		control_request_fail(request, "out of memory");
		return;
	}
	for (size_t i = 0; i < control_request_nargs(request); i++)
		if (!argument_take(e, control_request_arg(request, i))) {
			control_request_fail(request,
					     "%s is not follow, refused, zone=ZONE or key=KEY",
					     control_request_arg(request, i));
			free(e);
			return;
		}
	if (e->must_follow) {
		answer_stream(e, request);
		return;
	}
	answer_last(e, request);
	free(e);
}

/* ---- refusals ---- */

static json_t *name_json(const uint8_t *name)
{
	char text[DNS_NAME_TEXT_MAX];

	if (name[0] == 0)
		return json_null();
	dns_name_to_text(text, name);
	return json_string(text);
}

static json_t *refusal_json(const struct guard_refusal *r)
{
	return json_pack("{s:o, s:o, s:I, s:s, s:o, s:o, s:s, s:s, s:s, s:s, s:b}", "last",
			 command_json_time(r->last_s), "first", command_json_time(r->first_s),
			 "count", (json_int_t)r->count, "client", r->client, "key",
			 name_json(r->key), "zone", name_json(r->zone), "request", r->request,
			 "reason", guard_reason_text(r->reason), "why", r->why, "mend",
			 guard_reason_mend(r->reason), "proved", r->is_proved);
}

void command_explain(void *daemon, struct control_request *request)
{
	const struct daemon *d = daemon;
	struct guard_refusal *found = calloc(REFUSALS_MAX, sizeof(*found));
	json_t *list = json_array();
	size_t n = 0;

	if (found != NULL)
		n = guard_refusals_find(server_refusals(d->server),
					control_request_arg(request, 0), found, REFUSALS_MAX);
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, refusal_json(&found[i]));
	free(found);
	control_request_answer(request, list);
}
