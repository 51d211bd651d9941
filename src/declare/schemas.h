/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* declare/schemas.h - planning the schemas of files, and checking services by the schemas that will
 * be in the zone. One thread. */
#pragma once

#include "declare/future.h"
#include "declare/plan.h"
#include "spec/file.h"

/* Plans that the schemas of the set are in the zone. Reports services of the zone that remain as
 * they are and would be invalid by a schema that changes. */
void declare_schemas_plan(struct declare_plan *p, const struct spec_set *set,
			  const struct declare_future *future);

/* Checks a service of the set whose schema is only in the zone, and has the plan depend on that. */
void declare_schemas_check(struct declare_plan *p, const struct spec_set *set,
			   struct spec_service *service);
