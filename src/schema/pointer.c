/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "schema/pointer.h"

#include <stdio.h>
#include <string.h>

void schema_pointer_init(struct schema_pointer *p)
{
	*p = (struct schema_pointer){0};
}

/* Adds a character; of one that does not fit only its being there is remembered. */
static void char_add(struct schema_pointer *p, char c)
{
	if (p->nchars < SCHEMA_POINTER_MAX - 1) {
		p->text[p->nchars] = c;
		p->text[p->nchars + 1] = '\0';
	} else {
		memcpy(p->text + SCHEMA_POINTER_MAX - 4, "...", 4);
	}
	p->nchars++;
}

size_t schema_pointer_add(struct schema_pointer *p, const char *name)
{
	size_t nchars = p->nchars;

	char_add(p, '/');
	for (; *name != '\0'; name++) {
		/* RFC 6901 section 3. */
		if (*name == '~' || *name == '/') {
			char_add(p, '~');
			char_add(p, *name == '~' ? '0' : '1');
		} else {
			char_add(p, *name);
		}
	}
	return nchars;
}

size_t schema_pointer_add_index(struct schema_pointer *p, size_t index)
{
	char digits[24];

	snprintf(digits, sizeof(digits), "%zu", index);
	return schema_pointer_add(p, digits);
}

void schema_pointer_cut(struct schema_pointer *p, size_t nchars)
{
	p->nchars = nchars;
	if (nchars < SCHEMA_POINTER_MAX - 1)
		p->text[nchars] = '\0';
}
