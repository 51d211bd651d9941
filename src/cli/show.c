/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "cli/show.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cli/error.h"
#include "cli/form.h"
#include "cli/table.h"

enum { NAME_WIDTH_MAX = 40 };

static bool is_list_of_objects(const json_t *value)
{
	return json_is_array(value) && json_is_object(json_array_get(value, 0));
}

static bool is_compound(const json_t *value)
{
	return json_is_object(value) || is_list_of_objects(value);
}

/* Returns the value as one line, to be freed; items of a list are joined by spaces. */
static char *cell_text(const json_t *value)
{
	char *text = NULL, *item;
	size_t nbytes;
	FILE *out;

	if (json_is_string(value))
		return strdup(json_string_value(value));
	if (value == NULL || json_is_null(value))
		return strdup("-");
	if (json_is_boolean(value))
		return strdup(json_is_true(value) ? "yes" : "no");
	if (json_is_array(value) && json_array_size(value) == 0)
		return strdup("-");
	if (!json_is_array(value))
		return json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(6));

	out = open_memstream(&text, &nbytes);
	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < json_array_size(value); i++) {
		item = cell_text(json_array_get(value, i));
		fprintf(out, "%s%s", i > 0 ? " " : "", item != NULL ? item : "");
		free(item);
	}
	fclose(out);
	return text;
}

/* Returns the field of an object as one line, to be freed: durations and sizes have their unit. */
static char *field_text(const json_t *object, const char *name)
{
	char text[CLI_FORM_TEXT_MAX];

	if (cli_form_field_to_text(text, object, name) != NULL)
		return strdup(text);
	return cell_text(json_object_get(object, name));
}

static void field_write(FILE *out, const json_t *object, const char *name)
{
	char *text = field_text(object, name);

	fputs(text != NULL ? text : "?", out);
	free(text);
}

/* Adds an object as a row of the fields that the first one has. */
static int row_add(struct cli_table *table, const json_t *first, const json_t *row)
{
	char *texts[CLI_TABLE_COLUMNS];
	size_t n = 0;
	const char *name;
	json_t *value;
	int ret;

	json_object_foreach((json_t *)first, name, value)
	{
		if (n == CLI_TABLE_COLUMNS)
			break;
		texts[n++] = field_text(row, name);
	}
	ret = cli_table_add(table, (const char *const *)texts);
	for (size_t i = 0; i < n; i++)
		free(texts[i]);
	return ret;
}

/* Writes the rows as a table; its columns are the names in the first row. Numbers are aligned
 * right, so that they can be compared by eye. */
static void table_show(FILE *out, const json_t *rows, int indent)
{
	json_t *first = json_array_get(rows, 0), *value;
	size_t n = json_object_size(first), column = 0;
	struct cli_table *table =
		n > 0 ? cli_table_new(n < CLI_TABLE_COLUMNS ? n : CLI_TABLE_COLUMNS) : NULL;
	const char *name;
	bool is_whole = table != NULL;

	if (table == NULL)
		return;
	json_object_foreach(first, name, value)
	{
		if (column < CLI_TABLE_COLUMNS)
			cli_table_column(table, column++, name, json_is_number(value));
	}
	for (size_t i = 0; is_whole && i < json_array_size(rows); i++)
		is_whole = row_add(table, first, json_array_get(rows, i)) == 0;
	if (is_whole)
		cli_table_write(table, out, cli_table_terminal(out), (size_t)indent);
	else
		cli_error("out of memory");
	cli_table_free(table);
}

static void value_show(FILE *out, const json_t *value, int indent, uint64_t now_s);

/* Writes how long ago a time is after it. */
static void ago_write(FILE *out, const json_t *value, uint64_t now_s)
{
	char text[CLI_FORM_TEXT_MAX];
	uint64_t time_s;

	if (json_is_string(value) && cli_form_time_from_text(&time_s, json_string_value(value)))
		fprintf(out, " (%s)", cli_form_ago_to_text(text, time_s, now_s));
}

static void object_show(FILE *out, const json_t *object, int indent, uint64_t now_s)
{
	const char *name;
	json_t *value;
	int width = 0;

	json_object_foreach((json_t *)object, name, value)
	{
		int nchars = (int)strlen(name);

		if (!is_compound(value) && nchars > width)
			width = nchars < NAME_WIDTH_MAX ? nchars : NAME_WIDTH_MAX;
	}
	json_object_foreach((json_t *)object, name, value)
	{
		if (is_compound(value)) {
			fprintf(out, "%*s%s:\n", indent, "", name);
			value_show(out, value, indent + 2, now_s);
			continue;
		}
		fprintf(out, "%*s%-*s  ", indent, "", width, name);
		field_write(out, object, name);
		ago_write(out, value, now_s);
		fputc('\n', out);
	}
}

static void scalar_show(FILE *out, const json_t *value, int indent)
{
	char *text = cell_text(value);

	fprintf(out, "%*s%s\n", indent, "", text != NULL ? text : "?");
	free(text);
}

static void value_show(FILE *out, const json_t *value, int indent, uint64_t now_s)
{
	if (json_is_null(value))
		return;
	if (json_is_object(value)) {
		object_show(out, value, indent, now_s);
	} else if (is_list_of_objects(value)) {
		table_show(out, value, indent);
	} else if (json_is_array(value)) {
		for (size_t i = 0; i < json_array_size(value); i++)
			value_show(out, json_array_get(value, i), indent, now_s);
	} else {
		scalar_show(out, value, indent);
	}
}

void cli_show(FILE *out, const json_t *value, uint64_t now_s)
{
	value_show(out, value, 0, now_s);
}
