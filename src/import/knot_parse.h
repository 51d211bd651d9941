/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* import/knot_parse.h - the grammar of knot.conf: sections of items of options, a part of YAML that
 * is read line by line. Knows the statement include. One thread. */
#pragma once

#include "import/tree.h"

/* Reads the file and all that it includes. Returns the sections, or NULL after reporting errors. A
 * section is a statement whose block has the items; an item is a statement without meaning whose
 * block has the options; an option has its values after its name. */
struct import_node *import_knot_parse(struct import_tree *t, const char *path);
