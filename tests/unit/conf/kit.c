/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include <stdio.h>
#include <string.h>

static void report(void *arg, enum base_log_level level, const struct base_error *error)
{
	struct kit *kit = arg;
	size_t used = strlen(kit->reports);

	snprintf(kit->reports + used, sizeof(kit->reports) - used, "%s%u: %s\n",
		 level == BASE_LOG_WARNING ? "w " : "", error->at.line, error->text);
}

void kit_setup(struct kit *kit, const struct conf_setting *table, void *base, size_t size)
{
	memset(base, 0, size);
	memset(kit, 0, sizeof(*kit));
	base_arena_init(&kit->arena, 1024);
	kit->reader = (struct conf_reader){
		.arena = &kit->arena,
		.report = report,
		.arg = kit,
		.table = table,
		.base = base,
		.file = "test",
		.folder = "",
	};
}

int kit_teardown(struct kit *kit)
{
	int ret = conf_reader_end(&kit->reader);

	base_arena_fini(&kit->arena);
	return ret;
}
