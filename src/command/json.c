/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "command/json.h"

#include <time.h>

#include "dns/name.h"

json_t *command_json_name(const uint8_t *name)
{
	char text[DNS_NAME_TEXT_MAX];

	if (name == NULL)
		return json_null();
	dns_name_to_text(text, name);
	return json_string(text);
}

json_t *command_json_time(uint64_t time_s)
{
	time_t s = (time_t)time_s;
	char text[32];
	struct tm tm;

	if (gmtime_r(&s, &tm) == NULL ||
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		return json_null();
	return json_string(text);
}
