/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* schema/schema.h - JSON Schema (draft 2020-12): a documented part of it (weft-spec(5)).
 *
 * A schema is read once, and refused as a whole if it has a keyword that is not in the part: what
 * it demands is never ignored. Then any number of values are checked by it. Schemas and values may
 * come from strangers, so the size of a schema, the depth of both and the work of a check are
 * bounded. It knows no service and no zone. A schema does not change: any thread may check by
 * it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <jansson.h>

#include "base/error.h"

struct schema;

enum {
	SCHEMA_NODES_MAX = 10000,   /* schemas within a schema, itself included */
	SCHEMA_DEPTH_MAX = 64,	    /* of a schema, of a value, of references followed in a row */
	SCHEMA_STEPS_MAX = 2000000, /* of one check: values compared, schemas applied */
	SCHEMA_ERRORS_MAX = 100,    /* reported of one check; the rest is left out */
};

/* Reads the schema `document`, which is borrowed during the call. Calls `report` with every error:
 * `at.file` is the JSON pointer (RFC 6901) of what is wrong, "" for the document as a whole, and
 * `at.line` 0. Returns 0 with a schema for the caller to free, -EBADMSG if an error was reported,
 * or -ENOMEM. `out` is NULL then. */
int schema_read(struct schema **out, const json_t *document, base_report_fn report, void *arg);

/* Frees the schema. NULL is fine. */
void schema_free(struct schema *schema);

/* Checks `value`; first, if `fills_in`, adds the members that objects in it lack and that the
 * schema has a `default` for (in `properties`, of schemas that apply whatever the value is: not in
 * anyOf, oneOf and not). Calls `report` as schema_read does, with pointers into the value: `/port:
 * 70000 is more than 65535`. Returns 0 if the value is valid, -EBADMSG if an error was reported
 * (also if the check was given up, being too much work), or -ENOMEM. */
int schema_check(const struct schema *schema, json_t *value, bool fills_in, base_report_fn report,
		 void *arg);
