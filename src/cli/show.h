/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* cli/show.h - JSON values as people read them. Knows no command. One thread. */
#pragma once

#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

/* Writes the value to `out`: an object as lines of name and value, a list of objects as a table,
 * any other list an item a line. Null writes nothing. Durations and sizes get a unit
 * (cli/form.h); a time of an object is followed by how long ago it is at `now_s`, seconds since
 * 1970. */
void cli_show(FILE *out, const json_t *value, uint64_t now_s);
