/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registry/wide.h"

#include "base/log.h"
#include "zone/wide.h"

static void warn(void *arg, const struct zone_wide *wide)
{
	struct registry_wide *w = arg;
	char text[ZONE_WIDE_TEXT_MAX];

	for (uint32_t i = 0; i < w->count; i++)
		if (w->hash[i] == wide->hash)
			return;
	if (w->count == REGISTRY_WIDE_MAX)
		return;
	w->hash[w->count++] = wide->hash;
	base_log(BASE_LOG_WARNING, "zone", "name-too-wide why=\"%s\"", zone_wide_text(text, wide));
}

void registry_wide_warn(struct registry_wide *w, const struct zone_draft *draft)
{
	zone_wide_in_draft(draft, warn, w);
}
