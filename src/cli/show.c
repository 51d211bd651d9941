/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "cli/show.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cli/form.h"

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

static void field_write(FILE *out, const json_t *object, const char *name, int width)
{
	char *text = field_text(object, name);

	/* Numbers are aligned right, so that they can be compared by eye. */
	fprintf(out, json_is_number(json_object_get(object, name)) ? "%*s" : "%-*s", width,
		text != NULL ? text : "?");
	free(text);
}

static int field_width(const json_t *object, const char *name)
{
	char *text = field_text(object, name);
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
			int width = field_width(json_array_get(rows, i), name);

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
			const json_t *row = json_array_get(rows, i);
			bool is_right = json_is_number(json_object_get(row, names[j]));

			field_write(out, row, names[j],
				    j + 1 < columns || is_right ? widths[j] : 0);
			fputs(j + 1 < columns ? "  " : "\n", out);
		}
	}
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
		field_write(out, object, name, 0);
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
