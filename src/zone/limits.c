/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "zone/limits.h"

#include <stdio.h>

const char *zone_limit_text(char out[static ZONE_LIMIT_TEXT_MAX], enum zone_limit limit,
			    const struct zone_limits *limits)
{
	static const char *const what[] = {
		[ZONE_LIMIT_NONE] = "",
		[ZONE_LIMIT_OF_RRSETS] = "RRsets at the name (limits: rrsets)",
		[ZONE_LIMIT_OF_RECORDS] = "records in the RRset (limits: records)",
		[ZONE_LIMIT_OF_RRSET_NBYTES] = "octets in the RRset (limits: rrset-size)",
		[ZONE_LIMIT_OF_NAME_NBYTES] = "octets at the name (limits: name-size)",
	};
	const uint64_t values[] = {0, limits->rrsets, limits->records, limits->rrset_nbytes,
				   limits->name_nbytes};

	snprintf(out, ZONE_LIMIT_TEXT_MAX, "more than %llu %s", (unsigned long long)values[limit],
		 what[limit]);
	return out;
}
