/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* cli/show.h - JSON values as people read them. Knows no command. One thread. */
#pragma once

#include <stdio.h>

#include <jansson.h>

/* Writes the value to `out`: an object as lines of name and value, a list of objects as a table,
 * any other list an item a line. Null writes nothing. */
void cli_show(FILE *out, const json_t *value);
