/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* spec/file.h - the files in which services are declared (weft-spec(5)).
 *
 * YAML, of one document or several: `service:`, one or a list, and `schema:`, names and JSON
 * Schemas. All errors of all files are reported with file and line. It looks up nothing in a zone:
 * a service may have a schema that is only there. One thread for a set. */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "spec/service.h"

struct base_arena;

struct spec_declared_schema {
	const char *name; /* a DNS label in lower case */
	const char *json; /* canonical text */
	struct base_location at;
};

struct spec_set {
	struct spec_service **services; /* in the order of the files; names and types are unique */
	size_t nservices;
	struct spec_declared_schema **schemas;
	size_t nschemas;
};

/* Reads the files at `paths`. A schema is also read as such (schema/schema.h), and services whose
 * schema is in the files are checked by it. Calls `report` with every error and warning. The set
 * lives in `arena`, where what was read remains if the call fails. Returns 0, -EBADMSG if an error
 * was reported, or -ENOMEM. */
int spec_file_read(struct spec_set *out, struct base_arena *arena, const char *const *paths,
		   size_t npaths, base_report_fn report, void *arg);
