/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* cli/table.h - a table of texts that fits the terminal.
 *
 * Where it is too wide, columns are cut, with an ellipsis; where too little would be left of them,
 * each row becomes a list of its fields. In a pipe or file nothing is cut. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct cli_table;

enum { CLI_TABLE_COLUMNS = 32 }; /* at most */

/* Begins a table of `ncolumns`, at least one, without rows or names. Returns NULL if memory is
 * short. */
struct cli_table *cli_table_new(size_t ncolumns);

void cli_table_free(struct cli_table *t);

/* Names the column, and aligns it right if its values are numbers. `name` is borrowed until the
 * end. */
void cli_table_column(struct cli_table *t, size_t column, const char *name, bool is_number);

/* Adds a row of copies of `cells`, of which NULL is "-". Returns 0 or -ENOMEM. */
int cli_table_add(struct cli_table *t, const char *const *cells);

/* Writes the names of the columns, unless no column has one, and all rows, each after `indent`
 * blanks. `width`: columns of the terminal; 0: any. */
void cli_table_write(const struct cli_table *t, FILE *out, size_t width, size_t indent);

/* Returns how many columns the terminal has that `out` goes to, 0 if it does not go to one. */
size_t cli_table_terminal(FILE *out);
