/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spec/json.h"

void kit_setup(struct kit *kit)
{
	memset(kit, 0, sizeof(*kit));
	base_arena_init(&kit->arena, 1024);
}

void kit_teardown(struct kit *kit)
{
	base_arena_fini(&kit->arena);
}

void kit_report(void *arg, enum base_log_level level, const struct base_error *error)
{
	struct kit *kit = arg;
	size_t used = strlen(kit->reports);
	const char *file = error->at.file != NULL ? error->at.file : "?", *slash;
	char line[16] = "";

	/* Of a file's path only its name. */
	slash = error->at.line > 0 ? strrchr(file, '/') : NULL;
	if (error->at.line > 0)
		snprintf(line, sizeof(line), ":%u", error->at.line);
	kit->count++;
	snprintf(kit->reports + used, sizeof(kit->reports) - used, "%s%s%s: %s\n",
		 level == BASE_LOG_WARNING ? "w " : "", slash != NULL ? slash + 1 : file, line,
		 error->text);
}

struct spec_service *kit_service(struct kit *kit, const char *json)
{
	char *copy = strdup(json);
	struct spec_service *s = NULL;

	if (copy == NULL)
		return NULL;
	for (char *c = copy; *c != '\0'; c++)
		if (*c == '\'')
			*c = '"';
	if (spec_json_read(&s, &kit->arena, copy, strlen(copy), kit_report, kit) != 0)
		s = NULL;
	free(copy);
	return s;
}
