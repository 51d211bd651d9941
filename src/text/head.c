/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "text/head.h"

#include <string.h>

/* BIND's binary formats begin with their number, 4 bytes, and their version, 4 bytes, both in
 * network order. */
static const char raw[] = {0, 0, 0, 2, 0, 0, 0}, map[] = {0, 0, 0, 3, 0, 0, 0};

/* What every dump has begun with, whatever else is in the line. */
static const char dump[] = "; weft zone dump:";

static const struct {
	const char *begin;
	size_t nbegin;
	const char *problem;
} heads[] = {
	{raw, sizeof(raw),
	 "this is a zone file in BIND's raw format; make a text of it with "
	 "named-compilezone -f raw -F text -o FILE.txt ZONE FILE"},
	{map, sizeof(map),
	 "this is a zone file in BIND's map format; make a text of it with the "
	 "named-compilezone of the BIND that wrote it"},
	{dump, sizeof(dump) - 1,
	 "this is a dump of weft zone dump: as a zone file all that services have registered would "
	 "be "
	 "the administrator's, and they would be refused for ever; weft restore makes a backup of "
	 "weft backup the store again. To read the dump all the same, remove its first line"},
};

const char *text_head_judge(const char *bytes, size_t nbytes)
{
	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++)
		if (nbytes >= heads[i].nbegin &&
		    memcmp(bytes, heads[i].begin, heads[i].nbegin) == 0)
			return heads[i].problem;
	return NULL;
}
