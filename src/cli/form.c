/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "cli/form.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/error.h"
#include "conf/type.h"

enum { DAY_S = 86400 };

bool cli_form_duration_parse(uint64_t *out, const char *what, const char *text, uint64_t min,
			     uint64_t max)
{
	if (!conf_type_parse_duration(out, text))
		cli_error("invalid %s \"%s\": expected seconds, or a number with one of the units "
			  "s, m, h, d, w",
			  what, text);
	else if (*out < min || *out > max)
		cli_error("invalid %s \"%s\": it is from %" PRIu64 " to %" PRIu64 " seconds", what,
			  text, min, max);
	else
		return true;
	return false;
}

const char *cli_form_duration_to_text(char out[static CLI_FORM_TEXT_MAX], uint64_t seconds)
{
	static const struct {
		char name;
		uint32_t seconds;
	} units[] = {{'d', DAY_S}, {'h', 3600}, {'m', 60}, {'s', 1}};
	uint64_t rest;
	unsigned i = 0;

	while (i < 3 && seconds < units[i].seconds)
		i++;
	rest = i < 3 ? seconds % units[i].seconds / units[i + 1].seconds : 0;
	if (rest > 0)
		snprintf(out, CLI_FORM_TEXT_MAX, "%" PRIu64 "%c%" PRIu64 "%c",
			 seconds / units[i].seconds, units[i].name, rest, units[i + 1].name);
	else
		snprintf(out, CLI_FORM_TEXT_MAX, "%" PRIu64 "%c", seconds / units[i].seconds,
			 units[i].name);
	return out;
}

const char *cli_form_size_to_text(char out[static CLI_FORM_TEXT_MAX], uint64_t nbytes)
{
	const char *unit = "KMGT";
	double size = (double)nbytes / 1024;

	if (nbytes < 1024) {
		snprintf(out, CLI_FORM_TEXT_MAX, "%" PRIu64, nbytes);
		return out;
	}
	/* What would be written as 1024.0 gets the next unit. */
	while (size >= 1023.95 && unit[1] != '\0') {
		size /= 1024;
		unit++;
	}
	snprintf(out, CLI_FORM_TEXT_MAX, "%.1f%c", size, *unit);
	return out;
}

const char *cli_form_time_to_text(char out[static CLI_FORM_TEXT_MAX], uint64_t time_s)
{
	time_t t = (time_t)time_s;
	struct tm tm;

	if (gmtime_r(&t, &tm) == NULL ||
	    strftime(out, CLI_FORM_TEXT_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		strcpy(out, "?");
	return out;
}

bool cli_form_time_from_text(uint64_t *out, const char *text)
{
	struct tm tm = {0};
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);

	if (end != NULL && *end == '.')
		end += 1 + strspn(end + 1, "0123456789");
	if (end == NULL || strcmp(end, "Z") != 0)
		return false;
	*out = (uint64_t)timegm(&tm);
	return true;
}

const char *cli_form_ago_to_text(char out[static CLI_FORM_TEXT_MAX], uint64_t time_s,
				 uint64_t now_s)
{
	bool is_past = time_s <= now_s;
	char text[CLI_FORM_TEXT_MAX];

	cli_form_duration_to_text(text, is_past ? now_s - time_s : time_s - now_s);
	snprintf(out, CLI_FORM_TEXT_MAX, "%s%.40s%s", is_past ? "" : "in ", text,
		 is_past ? " ago" : "");
	return out;
}

/* The fields that are not plain numbers. */
static const struct {
	const char *name;
	const char *beside; /* only in objects that have this field, too; NULL: in all */
	const char *(*to_text)(char out[static CLI_FORM_TEXT_MAX], uint64_t value);
} fields[] = {
	{"disk", NULL, cli_form_size_to_text},
	{"granted", "left", cli_form_duration_to_text}, /* statistics count leases granted */
	{"granted", "state", cli_form_duration_to_text},
	{"left", NULL, cli_form_duration_to_text},
	{"memory", NULL, cli_form_size_to_text},
	{"uptime", NULL, cli_form_duration_to_text},
};

const char *cli_form_field_to_text(char out[static CLI_FORM_TEXT_MAX], const json_t *object,
				   const char *name)
{
	const json_t *value = json_object_get(object, name);

	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return NULL;
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
		if (strcmp(fields[i].name, name) == 0 &&
		    (fields[i].beside == NULL || json_object_get(object, fields[i].beside) != NULL))
			return fields[i].to_text(out, (uint64_t)json_integer_value(value));
	return NULL;
}
