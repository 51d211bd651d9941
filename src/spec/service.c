/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "spec/service.h"

#include <string.h>
#include <strings.h>

enum spec_form spec_service_form(const struct spec_service *s)
{
	if (s->ocf != NULL)
		return SPEC_FORM_OCF;
	if (s->unit != NULL)
		return SPEC_FORM_UNIT;
	return s->machine.start.count > 0 ? SPEC_FORM_MACHINE : SPEC_FORM_RUN;
}

bool spec_service_may_run_on(const struct spec_service *s, const char *node)
{
	for (size_t i = 0; i < s->on.count; i++)
		if (strcasecmp(s->on.items[i], node) == 0)
			return true;
	return s->on.count == 0;
}

const char *spec_service_name_resource(const struct spec_service *s)
{
	if (s->name_resource == NULL)
		return s->name;
	return strcmp(s->name_resource, "none") == 0 ? NULL : s->name_resource;
}
