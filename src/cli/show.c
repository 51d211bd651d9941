/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "cli/show.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { COLUMNS_MAX = 32, NAME_WIDTH_MAX = 40 };

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

static void cell_write(FILE *out, const json_t *value, int width)
{
	char *text = cell_text(value);

	/* Numbers are aligned right, so that they can be compared by eye. */
	fprintf(out, json_is_number(value) ? "%*s" : "%-*s", width, text != NULL ? text : "?");
	free(text);
}

static int cell_width(const json_t *value)
{
	char *text = cell_text(value);
	int width = text != NULL ? (int)strlen(text) : 1;

	free(text);
	return width;
}

/* Writes the rows as a table; its columns are the names in the first row. */
static void table_show(FILE *out, const json_t *rows, int indent)
{
	const char *names[COLUMNS_MAX], *name;
	int widths[COLUMNS_MAX], columns = 0;
	json_t *first = json_array_get(rows, 0), *value;

	json_object_foreach(first, name, value)
	{
		if (columns == COLUMNS_MAX)
			break;
		names[columns] = name;
		widths[columns] = (int)strlen(name);
		for (size_t i = 0; i < json_array_size(rows); i++) {
			int width = cell_width(json_object_get(json_array_get(rows, i), name));

			if (width > widths[columns])
				widths[columns] = width;
		}
		columns++;
	}
	fprintf(out, "%*s", indent, "");
	for (int i = 0; i < columns; i++) {
		bool is_right = json_is_number(json_object_get(first, names[i]));

		fprintf(out, is_right ? "%*s%s" : "%-*s%s",
			i + 1 < columns || is_right ? widths[i] : 0, names[i],
			i + 1 < columns ? "  " : "\n");
	}
	for (size_t i = 0; i < json_array_size(rows); i++) {
		fprintf(out, "%*s", indent, "");
		for (int j = 0; j < columns; j++) {
			value = json_object_get(json_array_get(rows, i), names[j]);
			cell_write(out, value,
				   j + 1 < columns || json_is_number(value) ? widths[j] : 0);
			fputs(j + 1 < columns ? "  " : "\n", out);
		}
	}
}

static void value_show(FILE *out, const json_t *value, int indent);

static void object_show(FILE *out, const json_t *object, int indent)
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
			value_show(out, value, indent + 2);
			continue;
		}
		fprintf(out, "%*s%-*s  ", indent, "", width, name);
		cell_write(out, value, 0);
		fputc('\n', out);
	}
}

static void value_show(FILE *out, const json_t *value, int indent)
{
	if (json_is_null(value))
		return;
	if (json_is_object(value)) {
		object_show(out, value, indent);
	} else if (is_list_of_objects(value)) {
		table_show(out, value, indent);
	} else if (json_is_array(value)) {
		for (size_t i = 0; i < json_array_size(value); i++)
			value_show(out, json_array_get(value, i), indent);
	} else {
		fprintf(out, "%*s", indent, "");
		cell_write(out, value, 0);
		fputc('\n', out);
	}
}

void cli_show(FILE *out, const json_t *value)
{
	value_show(out, value, 0);
}
