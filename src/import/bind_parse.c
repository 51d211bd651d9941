/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "import/bind_parse.h"

#include <glob.h>
#include <string.h>

enum { DEPTH_MAX = 20 }; /* of blocks, and of files that include each other */

struct parsing {
	struct import_tree *tree;
	const char *file;
	const char *at; /* the next character */
	unsigned line;
	unsigned depth; /* of files */
	const char *folder;
	bool has_failed;
};

static void statements_parse(struct parsing *p, struct import_node ***end, unsigned depth);

static struct base_location here(const struct parsing *p)
{
	return (struct base_location){p->file, p->line};
}

static void fail(struct parsing *p, const char *text)
{
	if (!p->has_failed)
		import_tree_error(p->tree, here(p), "%s", text);
	p->has_failed = true;
}

/* Skips to after `end`, or to the end of the file. */
static void skip_to(struct parsing *p, const char *end)
{
	const char *found = strstr(p->at, end);
	const char *to = found == NULL ? p->at + strlen(p->at) : found + strlen(end);

	for (; p->at < to; p->at++)
		p->line += *p->at == '\n';
}

/* Skips blanks and comments. */
static void space_skip(struct parsing *p)
{
	for (;;) {
		if (*p->at == '\n' || *p->at == ' ' || *p->at == '\t' || *p->at == '\r')
			p->line += *p->at++ == '\n';
		else if (*p->at == '#' || strncmp(p->at, "//", 2) == 0)
			skip_to(p, "\n");
		else if (strncmp(p->at, "/*", 2) == 0)
			skip_to(p, "*/");
		else
			return;
	}
}

/* Reads a word, quoted or not. */
static void word_parse(struct parsing *p, struct import_node *n)
{
	const char *start = p->at;

	if (*start == '"') {
		const char *end = strchr(start + 1, '"');

		if (end == NULL) {
			fail(p, "a quoted text does not end");
			return;
		}
		import_tree_word(p->tree, n, start + 1, (size_t)(end - start - 1));
		for (; p->at <= end; p->at++)
			p->line += *p->at == '\n';
		return;
	}
	/* An exclamation mark is a word of its own, as it may be before a block. */
	p->at += *start == '!' ? 1 : strcspn(start, " \t\r\n{};\"!#");
	if (p->at == start)
		fail(p, "a character that is not expected");
	else
		import_tree_word(p->tree, n, start, (size_t)(p->at - start));
}

static void file_parse(struct parsing *p, const char *path, struct import_node ***end)
{
	struct parsing of_file = *p;

	of_file.file = import_tree_copy(p->tree, path, strlen(path));
	of_file.line = 1;
	of_file.depth++;
	of_file.at = import_tree_read(p->tree, path, here(p));
	if (of_file.at == NULL || of_file.file == NULL) {
		p->has_failed = true;
		return;
	}
	statements_parse(&of_file, end, 0);
	if (!of_file.has_failed && *of_file.at != '\0')
		fail(&of_file, "a brace that closes nothing");
	p->has_failed |= of_file.has_failed;
	p->folder = of_file.folder;
}

/* An include may be a pattern. */
static void include(struct parsing *p, const char *pattern, struct import_node ***end)
{
	const char *path = import_tree_join(p->tree, p->folder, pattern);
	glob_t found;

	if (p->depth >= DEPTH_MAX) {
		fail(p, "files include each other too deep");
		return;
	}
	if (glob(path, 0, NULL, &found) != 0) {
		file_parse(p, path, end);
		return;
	}
	for (size_t i = 0; i < found.gl_pathc; i++)
		file_parse(p, found.gl_pathv[i], end);
	globfree(&found);
}

/* Parses one statement, up to its semicolon. */
static void statement_parse(struct parsing *p, struct import_node ***end, unsigned depth)
{
	struct import_node **before = *end;
	struct import_node *n = import_tree_add(p->tree, end, here(p));

	while (n != NULL && !p->has_failed) {
		space_skip(p);
		if (*p->at == ';') {
			p->at++;
			break;
		}
		if (*p->at == '\0' || *p->at == '}') {
			fail(p, "a semicolon is missing");
		} else if (*p->at == '{') {
			struct import_node **block = &n->block;

			while (*block != NULL)
				block = &(*block)->next;
			p->at++;
			statements_parse(p, &block, depth + 1);
			if (*p->at == '}')
				p->at++;
			else
				fail(p, "a block does not end");
		} else {
			word_parse(p, n);
		}
	}
	/* Memory is short. */
	p->has_failed |= n == NULL;
	if (p->has_failed || n->nwords == 0)
		return;
	if (strcasecmp(n->words[0], "include") == 0 && n->nwords > 1) {
		*before = NULL;
		*end = before;
		include(p, n->words[1], end);
	} else if (strcasecmp(n->words[0], "options") == 0 && depth == 0) {
		const char *folder = import_tree_get(import_tree_find(n->block, "directory"), 1);

		if (folder != NULL)
			p->folder = import_tree_join(p->tree, p->folder, folder);
	}
}

static void statements_parse(struct parsing *p, struct import_node ***end, unsigned depth)
{
	if (depth > DEPTH_MAX)
		fail(p, "blocks are too deep");
	for (space_skip(p); !p->has_failed && *p->at != '\0' && *p->at != '}'; space_skip(p))
		statement_parse(p, end, depth);
}

struct import_node *import_bind_parse(struct import_tree *t, const char *path, const char **folder)
{
	struct parsing p = {.tree = t, .file = path, .folder = import_tree_folder(t, path)};
	struct import_node *first = NULL, **end = &first;

	file_parse(&p, path, &end);
	*folder = p.folder;
	if (p.has_failed || t->is_short)
		return NULL;
	if (first == NULL)
		import_tree_error(t, (struct base_location){path, 0}, "has no statements");
	return first;
}
