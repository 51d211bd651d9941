/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "cli/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/grow.h"
#include "cli/text.h"

enum {
	BETWEEN = 2,	    /* blanks between columns */
	WIDTH_LEAST = 10,   /* of a column that is cut */
	TERMINAL_WIDTH = 80 /* if it does not say */
};

struct column {
	const char *name;
	bool is_number;
	size_t width; /* of its widest cell */
};

struct cli_table {
	char **cells; /* all rows */
	size_t ncells, cells_size, ncolumns;
	struct column columns[CLI_TABLE_COLUMNS];
};

struct cli_table *cli_table_new(size_t ncolumns)
{
	struct cli_table *t = calloc(1, sizeof(*t));

	if (t != NULL)
		t->ncolumns = ncolumns;
	return t;
}

void cli_table_free(struct cli_table *t)
{
	if (t == NULL)
		return;
	for (size_t i = 0; i < t->ncells; i++)
		free(t->cells[i]);
	free(t->cells);
	free(t);
}

void cli_table_column(struct cli_table *t, size_t column, const char *name, bool is_number)
{
	size_t width = cli_text_width(name);

	t->columns[column].name = name;
	t->columns[column].is_number = is_number;
	if (width > t->columns[column].width)
		t->columns[column].width = width;
}

int cli_table_add(struct cli_table *t, const char *const *cells)
{
	for (size_t i = 0; i < t->ncolumns; i++) {
		char **all = base_grow(t->cells, t->ncells, &t->cells_size, sizeof(*all));
		char *copy = strdup(cells[i] != NULL ? cells[i] : "-");
		size_t width = copy != NULL ? cli_text_width(copy) : 0;

		if (all != NULL)
			t->cells = all;
		if (all == NULL || copy == NULL) {
			free(copy);
			while (t->ncells % t->ncolumns > 0)
				free(t->cells[--t->ncells]);
			return -ENOMEM;
		}
		t->cells[t->ncells++] = copy;
		if (width > t->columns[i].width)
			t->columns[i].width = width;
	}
	return 0;
}

/* ---- writing ---- */

static void blanks_write(FILE *out, size_t n)
{
	fprintf(out, "%*s", (int)n, "");
}

/* Writes a cell in `width` columns; it is cut if it has more. Nothing is after the last one. */
static void cell_write(FILE *out, const char *text, size_t width, bool is_number, bool is_last)
{
	size_t own = cli_text_width(text);

	if (own > width) {
		size_t nbytes = cli_text_fit(text, width - 1);

		fprintf(out, "%.*s…", (int)nbytes, text);
		return;
	}
	if (is_number)
		blanks_write(out, width - own);
	fputs(text, out);
	if (!is_number && !is_last)
		blanks_write(out, width - own);
}

static size_t widths_sum(const size_t *widths, size_t n)
{
	size_t sum = BETWEEN * (n - 1);

	for (size_t i = 0; i < n; i++)
		sum += widths[i];
	return sum;
}

/* Makes the widest columns narrower until all fit. Returns false if they cannot. */
static bool widths_fit(const struct cli_table *t, size_t *widths, size_t room)
{
	while (widths_sum(widths, t->ncolumns) > room) {
		size_t widest = 0;

		for (size_t i = 1; i < t->ncolumns; i++)
			if (widths[i] > widths[widest])
				widest = i;
		if (widths[widest] <= WIDTH_LEAST)
			return false;
		widths[widest]--;
	}
	return true;
}

/* Writes a text after `indent` blanks, in lines of `width` columns of which the first has begun
 * already. */
static void wrapped_write(FILE *out, const char *text, size_t indent, size_t width)
{
	size_t room = width > indent ? width - indent : 1;

	while (cli_text_width(text) > room) {
		size_t nbytes = cli_text_fit(text, room);

		if (nbytes == 0)
			break;
		fprintf(out, "%.*s\n", (int)nbytes, text);
		blanks_write(out, indent);
		text += nbytes;
	}
	fprintf(out, "%s\n", text);
}

/* Writes each row as lines of name and value, with an empty line between rows. */
static void fields_write(const struct cli_table *t, FILE *out, size_t width, size_t indent)
{
	size_t nname = 0;

	for (size_t i = 0; i < t->ncolumns; i++)
		if (t->columns[i].name != NULL && cli_text_width(t->columns[i].name) > nname)
			nname = cli_text_width(t->columns[i].name);
	for (size_t i = 0; i < t->ncells; i++) {
		const char *name = t->columns[i % t->ncolumns].name;

		if (i > 0 && i % t->ncolumns == 0)
			fputc('\n', out);
		blanks_write(out, indent);
		if (nname > 0)
			cell_write(out, name != NULL ? name : "", nname + 1, false, false);
		wrapped_write(out, t->cells[i], indent + (nname > 0 ? nname + 1 : 0), width);
	}
}

static void row_write(const struct cli_table *t, FILE *out, const char *const *cells,
		      const size_t *widths, size_t indent)
{
	blanks_write(out, indent);
	for (size_t i = 0; i < t->ncolumns; i++) {
		bool is_last = i + 1 == t->ncolumns;

		cell_write(out, cells[i], widths[i], t->columns[i].is_number, is_last);
		fputs(is_last ? "\n" : "  ", out);
	}
}

void cli_table_write(const struct cli_table *t, FILE *out, size_t width, size_t indent)
{
	size_t widths[CLI_TABLE_COLUMNS];
	const char *names[CLI_TABLE_COLUMNS];
	bool is_named = false;

	for (size_t i = 0; i < t->ncolumns; i++) {
		widths[i] = t->columns[i].width;
		names[i] = t->columns[i].name != NULL ? t->columns[i].name : "";
		is_named |= t->columns[i].name != NULL;
	}
	if (width > 0 && !widths_fit(t, widths, width > indent ? width - indent : 0)) {
		fields_write(t, out, width, indent);
		return;
	}
	if (is_named)
		row_write(t, out, names, widths, indent);
	for (size_t i = 0; i < t->ncells; i += t->ncolumns)
		row_write(t, out, (const char *const *)t->cells + i, widths, indent);
}

size_t cli_table_terminal(FILE *out)
{
	struct winsize size = {.ws_col = 0};
	int fd = fileno(out);

	if (fd < 0 || !isatty(fd))
		return 0;
	return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : TERMINAL_WIDTH;
}
