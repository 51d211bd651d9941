/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* JSON Schema: a schema and, after a zero byte, a value. Both end in a result, and a value with the
 * schema's defaults stays as it is when they are filled in again. */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "schema/schema.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void count(void *arg, enum base_log_level level, const struct base_error *error)
{
	unsigned *errors = arg;

	(void)level;
	if (error->at.file == NULL || error->text[0] == '\0')
		abort();
	++*errors;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, 0, size);
	size_t nschema = end != NULL ? (size_t)(end - data) : size;
	json_t *document = json_loadb((const char *)data, nschema, JSON_DECODE_ANY, NULL);
	json_t *value = NULL, *filled;
	struct schema *schema = NULL;
	unsigned errors = 0;

	if (end != NULL)
		value = json_loadb((const char *)end + 1, size - nschema - 1, JSON_DECODE_ANY,
				   NULL);
	if (document != NULL &&
	    (schema_read(&schema, document, count, &errors) == 0) != (errors == 0))
		abort();
	json_decref(document);
	if (schema != NULL && value != NULL) {
		errors = 0;
		if ((schema_check(schema, value, true, count, &errors) == 0) != (errors == 0))
			abort();
		filled = json_deep_copy(value);
		if (errors == 0 && schema_check(schema, value, true, count, &errors) == 0 &&
		    !json_equal(filled, value))
			abort();
		json_decref(filled);
	}
	json_decref(value);
	schema_free(schema);
	return 0;
}
