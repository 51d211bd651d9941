/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* import/tree.h - a configuration of another name server, as words: what its grammar has in common
 * for all options.
 *
 * A statement has words and perhaps a block of statements. What the words mean is not known here.
 * All memory is of one arena. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/location.h"

struct import_node {
	struct import_node *next;  /* statement of the same block */
	struct import_node *block; /* its first statement; NULL: none, or an empty block */
	const char **words;	   /* ends with NULL; the first is the statement's name */
	size_t nwords;
	struct base_location at;
};

/* A reading: where errors go, and what is allocated. */
struct import_tree {
	struct base_arena arena;
	base_report_fn report;
	void *arg;
	bool is_short; /* memory was short: the tree must not be used */
};

/* Makes an empty tree; errors go to `report` with `arg`. import_tree_fini is owed. */
void import_tree_init(struct import_tree *t, base_report_fn report, void *arg);

/* Frees all that was allocated from the tree. */
void import_tree_fini(struct import_tree *t);

/* Adds an empty statement at the end of a block, whose last link is `*end`, and moves `*end` on.
 * Returns NULL if memory is short. */
struct import_node *import_tree_add(struct import_tree *t, struct import_node ***end,
				    struct base_location at);

/* Adds a copy of a word to a statement. */
void import_tree_word(struct import_tree *t, struct import_node *n, const char *text,
		      size_t nchars);

/* Copies a text to the arena; NULL if memory is short. */
const char *import_tree_copy(struct import_tree *t, const char *text, size_t nchars);

/* Returns `path`, or if that is relative the path that begins in `folder`. */
const char *import_tree_join(struct import_tree *t, const char *folder, const char *path);

/* Returns the folder of the file at `path`. */
const char *import_tree_folder(struct import_tree *t, const char *path);

/* Returns the first statement of that name in a list, or NULL. */
const struct import_node *import_tree_find(const struct import_node *list, const char *name);

/* Returns word `i` of the statement, or NULL. `n` may be NULL. */
const char *import_tree_get(const struct import_node *n, size_t i);

/* Reads a whole file into the arena, with a NUL after it. Returns NULL after a report. */
char *import_tree_read(struct import_tree *t, const char *path, struct base_location at);

/* Reports an error. */
__attribute__((format(printf, 3, 4))) void
import_tree_error(struct import_tree *t, struct base_location at, const char *format, ...);
