/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "page.h"

#include <stdio.h>
#include <stdlib.h>

char *page_read(const char *name)
{
	const char *folder = getenv("SRCDIR");
	char path[4096], *page = NULL;
	size_t room = 0;
	FILE *in;

	snprintf(path, sizeof(path), "%s/man/%s", folder != NULL ? folder : ".", name);
	in = fopen(path, "r");
	if (in == NULL)
		return NULL;
	if (getdelim(&page, &room, '\0', in) < 0) {
		free(page);
		page = NULL;
	}
	fclose(in);
	return page;
}
