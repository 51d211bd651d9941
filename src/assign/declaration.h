/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* assign/declaration.h - what an instance is declared to be, read from the text of its `_spec`
 * record.
 *
 * First the text is read, which names the schema; then the schema's defaults are filled in. What
 * comes of it has been checked like a file, and its canonical text can be read again without the
 * schema. It does not know where texts and schemas come from. One thread. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "assign/order.h"
#include "base/arena.h"

struct schema;

struct assign_declaration {
	struct base_arena arena;   /* of all that follows */
	struct spec_service *spec; /* without the defaults, until it is complete */
	const char *json;	   /* canonical; NULL until it is complete */
	char cfg[SPEC_CFG_MAX], ver[SPEC_VER_MAX];
};

/* Writes the parts of an instance's name as text; `type` is empty if the name is not that of an
 * instance in the zone. */
void assign_declaration_name(char label[static ASSIGN_LABEL_MAX],
			     char type[static ASSIGN_LABEL_MAX], const uint8_t *name,
			     const uint8_t *zone);

/* Reads the declaration of the instance with this label and type. Returns 0 with one for the caller
 * to free; or -EBADMSG with `why` filled in, or -ENOMEM, and `out` NULL. */
int assign_declaration_new(struct assign_declaration **out, const char *label, const char *type,
			   const char *text, size_t nchars, char why[static ASSIGN_WHY_MAX]);

/* Checks the declaration by the schema and fills in its defaults, then completes it; `schema` NULL:
 * it has none. To be called once. Returns 0; or -EBADMSG with `why` filled in, or -ENOMEM: it can
 * only be freed then. */
int assign_declaration_complete(struct assign_declaration *d, const struct schema *schema,
				char why[static ASSIGN_WHY_MAX]);

/* NULL is fine. */
void assign_declaration_free(struct assign_declaration *d);
