/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* schema/pointer.h - a JSON pointer (RFC 6901) that grows and shrinks as a value is walked.
 *
 * The text lives in the struct; one too long for it ends in "...". One thread. */
#pragma once

#include <stddef.h>

enum { SCHEMA_POINTER_MAX = 512 };

struct schema_pointer {
	size_t nchars; /* that the whole pointer would have */
	char text[SCHEMA_POINTER_MAX];
};

/* Makes the pointer "", which is the whole value. */
void schema_pointer_init(struct schema_pointer *p);

/* Adds a member's name, escaped. Returns what schema_pointer_cut() takes to remove it again. */
size_t schema_pointer_add(struct schema_pointer *p, const char *name);

/* Adds an item's index, from 0. Returns what schema_pointer_cut() takes to remove it again. */
size_t schema_pointer_add_index(struct schema_pointer *p, size_t index);

/* Removes what was added since a call that returned `nchars`. */
void schema_pointer_cut(struct schema_pointer *p, size_t nchars);
