/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "control/command.h"

#include <stddef.h>
#include <string.h>

bool control_command_reads(const char *name)
{
	static const char *const words[] = {"check", "diff",  "dump", "events", "explain",
					    "help",  "list",  "show", "stats",	"status",
					    "top",   "usage", "uses"};
	const char *space = strrchr(name, ' ');
	const char *last = space == NULL ? name : space + 1;

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(words[i], last) == 0)
			return true;
	return false;
}
