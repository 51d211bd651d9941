/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* import/bind_parse.h - the grammar of named.conf: words, blocks, semicolons, comments of three
 * kinds. Knows the statements include and options.directory, which change what is read. One thread.
 */
#pragma once

#include "import/tree.h"

/* Reads the file and all that it includes. `folder` becomes the folder in which relative paths
 * begin. Returns the statements, or NULL after reporting errors. */
struct import_node *import_bind_parse(struct import_tree *t, const char *path,
				      const char **folder);
