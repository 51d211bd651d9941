/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "import/knot_parse.h"

#include <glob.h>
#include <string.h>

enum { DEPTH_MAX = 5 };

struct parsing {
	struct import_tree *tree;
	const char *file;
	const char *at; /* the next character of the line */
	unsigned line;
	unsigned depth;
	struct import_node ***sections; /* end of the list */
	struct import_node **items;	/* end of the section's list; NULL: no section */
	struct import_node **options;	/* end of the item's list; NULL: no item */
	const char *included; /* by the last line; NULL: not an include */
	bool has_failed;
};

static void file_parse(struct parsing *p, const char *path);

static struct base_location here(const struct parsing *p)
{
	return (struct base_location){p->file, p->line};
}

static void fail(struct parsing *p, const char *text)
{
	import_tree_error(p->tree, here(p), "%s", text);
	p->has_failed = true;
}

static void blanks_skip(struct parsing *p)
{
	while (*p->at == ' ' || *p->at == '\t' || *p->at == '\r')
		p->at++;
}

/* Returns whether nothing but a comment is left of the line. */
static bool is_end(struct parsing *p)
{
	blanks_skip(p);
	return *p->at == '\0' || *p->at == '#';
}

/* Adds the next value to the option. */
static void value_parse(struct parsing *p, struct import_node *n, const char *ends)
{
	const char *start = p->at, *end;

	if (*start == '"' || *start == '\'') {
		end = strchr(start + 1, *start);
		if (end == NULL) {
			fail(p, "a quoted text does not end");
			return;
		}
		import_tree_word(p->tree, n, start + 1, (size_t)(end - start - 1));
		p->at = end + 1;
		return;
	}
	end = start + strcspn(start, ends);
	p->at = end;
	if (end == start)
		fail(p, "a value is missing");
	else
		import_tree_word(p->tree, n, start, (size_t)(end - start));
}

/* Parses the values of an option: one, or a list in brackets. */
static void values_parse(struct parsing *p, struct import_node *n)
{
	if (is_end(p))
		return;
	if (*p->at != '[') {
		value_parse(p, n, " \t\r#");
	} else {
		p->at++;
		for (blanks_skip(p); !p->has_failed && *p->at != ']' && *p->at != '\0';
		     blanks_skip(p)) {
			value_parse(p, n, " \t\r,]");
			blanks_skip(p);
			p->at += *p->at == ',';
		}
		if (*p->at == ']')
			p->at++;
		else if (!p->has_failed)
			fail(p, "a list does not end on its line");
	}
	if (!p->has_failed && !is_end(p))
		fail(p, "there is more than one value");
}

static void include(struct parsing *p, const char *pattern)
{
	const char *path = import_tree_join(p->tree, import_tree_folder(p->tree, p->file), pattern);
	glob_t found;

	if (p->depth >= DEPTH_MAX) {
		fail(p, "files include each other too deep");
		return;
	}
	if (glob(path, 0, NULL, &found) != 0) {
		file_parse(p, path);
		return;
	}
	for (size_t i = 0; i < found.gl_pathc; i++)
		file_parse(p, found.gl_pathv[i]);
	globfree(&found);
}

/* Begins an item of the section. */
static void item_begin(struct parsing *p)
{
	struct import_node *item = import_tree_add(p->tree, &p->items, here(p));

	if (item == NULL)
		p->has_failed = true;
	else
		p->options = &item->block;
}

/* Parses `name: values`, at the left margin (a section, or an include) or further right. */
static void option_parse(struct parsing *p, bool is_section)
{
	size_t nname = strcspn(p->at, ": \t#");
	const char *name = p->at;
	struct import_node *n;

	p->at += nname;
	blanks_skip(p);
	if (nname == 0 || *p->at != ':') {
		fail(p, "not an option with a colon");
		return;
	}
	p->at++;
	if (!is_section && p->items == NULL) {
		fail(p, "an option outside of a section");
		return;
	}
	if (!is_section && p->options == NULL)
		item_begin(p);
	n = p->has_failed
		    ? NULL
		    : import_tree_add(p->tree, is_section ? p->sections : &p->options, here(p));
	if (n == NULL) {
		p->has_failed = true;
		return;
	}
	import_tree_word(p->tree, n, name, nname);
	values_parse(p, n);
	if (is_section) {
		p->items = &n->block;
		p->options = NULL;
		if (!p->has_failed && n->nwords > 1 && strcmp(n->words[0], "include") == 0)
			p->included = n->words[1];
	}
}

static void line_parse(struct parsing *p, const char *line)
{
	bool is_indented;

	p->at = line;
	if (is_end(p))
		return;
	is_indented = p->at != line;
	if (*p->at == '-' && (p->at[1] == ' ' || p->at[1] == '\t')) {
		p->at++;
		blanks_skip(p);
		if (p->items == NULL) {
			fail(p, "an item outside of a section");
			return;
		}
		item_begin(p);
		is_indented = true;
	}
	if (!p->has_failed)
		option_parse(p, !is_indented);
}

static void file_parse(struct parsing *p, const char *path)
{
	struct parsing of_file = *p;
	char *line = import_tree_read(p->tree, path, here(p));

	of_file.file = import_tree_copy(p->tree, path, strlen(path));
	of_file.line = 0;
	of_file.depth++;
	of_file.items = of_file.options = NULL;
	if (line == NULL || of_file.file == NULL) {
		p->has_failed = true;
		return;
	}
	while (line != NULL && *line != '\0' && !of_file.has_failed) {
		char *next = strchr(line, '\n');

		if (next != NULL)
			*next++ = '\0';
		of_file.line++;
		of_file.included = NULL;
		line_parse(&of_file, line);
		if (of_file.included != NULL)
			include(&of_file, of_file.included);
		line = next;
	}
	p->has_failed |= of_file.has_failed;
}

struct import_node *import_knot_parse(struct import_tree *t, const char *path)
{
	struct import_node *first = NULL, **end = &first;
	struct parsing p = {.tree = t, .file = path, .sections = &end};

	file_parse(&p, path);
	if (p.has_failed || t->is_short)
		return NULL;
	if (first == NULL)
		import_tree_error(t, (struct base_location){path, 0}, "has no sections");
	return first;
}
