/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "conf/table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "base/secret.h"
#include "conf/reader.h"
#include "conf/reader_priv.h"

/* The layout of every field with CONF_LIST: {T *items; size_t count}. */
struct list {
	char *items;
	size_t count;
};

enum {
	OPTION_NAME_MAX = 96,
	NEAR_NAME_MAX = 32,
	SHORTER_MAX = 200,    /* lines at the end of a text that a lenient reader leaves out */
	LINE_MAX_SHOWN = 256, /* of a line in which a hint is looked for */
};

struct base_location conf_table_locate(const struct conf_reader *r, const struct yaml_node_s *node)
{
	return (struct base_location){r->file, (unsigned)node->start_mark.line + 1};
}

const char *conf_table_text_of(const struct yaml_node_s *node)
{
	return node->type != YAML_SCALAR_NODE || node->data.scalar.length == 0
		       ? NULL
		       : (const char *)node->data.scalar.value;
}

static const char *node_kind(const struct yaml_node_s *node)
{
	switch (node->type) {
	case YAML_SEQUENCE_NODE:
		return "a list";
	case YAML_MAPPING_NODE:
		return "a mapping";
	default:
		return node->data.scalar.length == 0 ? "nothing" : "a single value";
	}
}

static bool is_empty(const struct yaml_node_s *node)
{
	return node->type == YAML_SCALAR_NODE && node->data.scalar.length == 0 &&
	       node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

/* ---- near names ---- */

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned least = a < b ? a : b;

	return least < c ? least : c;
}

/* Returns how many letters must be added, left out or changed to make one name of the other. */
static unsigned name_distance(const char *a, const char *b)
{
	size_t na = strlen(a), nb = strlen(b);
	unsigned row[NEAR_NAME_MAX + 1];

	if (na > NEAR_NAME_MAX || nb > NEAR_NAME_MAX)
		return UINT32_MAX;
	for (size_t j = 0; j <= nb; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= na; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= nb; j++) {
			unsigned above = row[j];

			row[j] = min3(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[nb];
}

/* Returns the setting whose name is nearest and at most a typing error away, or NULL. */
static const struct conf_setting *near_find(const struct conf_setting *table, const char *name)
{
	const struct conf_setting *best = NULL;
	unsigned least = strlen(name) > 4 ? 3 : 2;

	for (; table->name != NULL; table++) {
		unsigned distance = name_distance(name, table->name);

		if (distance < least) {
			least = distance;
			best = table;
		}
	}
	return best;
}

/* ---- values ---- */

static void scalar_read(struct conf_reader *r, const struct conf_setting *s,
			struct yaml_node_s *node, void *field)
{
	struct base_location at = conf_table_locate(r, node);
	const char *text = (const char *)node->data.scalar.value;

	if (node->type != YAML_SCALAR_NODE) {
		conf_reader_error(r, &at, "%s is %s, not %s", s->name, s->type->name,
				  node_kind(node));
	} else if (strlen(text) != node->data.scalar.length) {
		conf_reader_error(r, &at, "%s contains a zero byte", s->name);
	} else {
		s->type->from_text(r, s, &at, text, field);
	}
}

/* Makes a list of `count` zero items. Returns false, with an empty list, if memory is short. */
static bool list_make(struct conf_reader *r, const struct conf_setting *s, struct list *list,
		      size_t count)
{
	list->items = conf_reader_alloc(r, count * s->type->size);
	list->count = list->items != NULL ? count : 0;
	return list->items != NULL;
}

static void list_read(struct conf_reader *r, const struct conf_setting *s, struct yaml_node_s *node,
		      struct list *list)
{
	yaml_node_item_t *item = node->data.sequence.items.start;

	if (node->type != YAML_SEQUENCE_NODE) {
		if (list_make(r, s, list, 1))
			scalar_read(r, s, node, list->items);
		return;
	}
	if (!list_make(r, s, list, (size_t)(node->data.sequence.items.top - item)))
		return;
	for (size_t i = 0; i < list->count; i++)
		scalar_read(r, s, yaml_document_get_node(r->document, item[i]),
			    list->items + i * s->type->size);
}

static void unknown_report(struct conf_reader *r, const struct conf_setting *table,
			   const struct base_location *at, const char *key, const char *name)
{
	const struct conf_setting *near = near_find(table, key);
	const char *in = *name != '\0' ? " in " : "";

	if (near != NULL)
		conf_reader_error(r, at, "unknown option %s%s%s; did you mean %s?", key, in, name,
				  near->name);
	else
		conf_reader_error(r, at, "unknown option %s%s%s", key, in, name);
}

/* Returns the setting that the pair gives, or NULL if the pair is not to be read: it is unknown, or
 * given a second time. */
static const struct conf_setting *pair_setting(struct conf_reader *r,
					       const struct conf_setting *table,
					       const yaml_node_pair_t *pair, const void *base,
					       const char *name)
{
	struct yaml_node_s *key = yaml_document_get_node(r->document, pair->key);
	struct base_location at = conf_table_locate(r, key);
	const struct conf_setting *s = table;
	const struct conf_seen *seen;

	if (key->type != YAML_SCALAR_NODE) {
		conf_reader_error(r, &at, "the name of an option is a word, not %s",
				  node_kind(key));
		return NULL;
	}
	while (s->name != NULL && strcmp(s->name, (const char *)key->data.scalar.value) != 0)
		s++;
	if (s->name == NULL) {
		if (r->others == CONF_REFUSE_OTHERS)
			unknown_report(r, table, &at, (const char *)key->data.scalar.value, name);
		return NULL;
	}
	/* A mapping of the file as a whole may come in parts, one in each included file. */
	seen = conf_reader_find_seen(r, s, base);
	if (seen != NULL && (seen->at.file == r->file || (s->table == NULL && s->read == NULL))) {
		conf_reader_error(r, &at, "%s is given a second time, first at %s:%u", s->name,
				  seen->at.file, seen->at.line);
		return NULL;
	}
	conf_reader_add_seen(r, s, base, &at);
	if (s->warning != NULL)
		conf_reader_warn(r, &at, "%s: %s", s->name, s->warning);
	return s;
}

static void mapping_read(struct conf_reader *r, const struct conf_setting *table,
			 struct yaml_node_s *node, void *base, const char *name);

static void value_read(struct conf_reader *r, const struct conf_setting *s,
		       struct yaml_node_s *node, void *base, const char *name)
{
	void *field = (char *)base + s->offset;
	struct base_location at = conf_table_locate(r, node);
	char full[OPTION_NAME_MAX];

	if (s->read != NULL) {
		s->read(r, s, node, field);
	} else if (s->table != NULL) {
		snprintf(full, sizeof(full), "%s%s%s", name, *name != '\0' ? "." : "", s->name);
		mapping_read(r, s->table, node, field, full);
		if (s->check != NULL)
			s->check(r, &at, field);
	} else if (s->flags & CONF_LIST) {
		list_read(r, s, node, field);
	} else {
		scalar_read(r, s, node, field);
	}
}

static void mapping_read(struct conf_reader *r, const struct conf_setting *table,
			 struct yaml_node_s *node, void *base, const char *name)
{
	struct base_location at = conf_table_locate(r, node);
	const char *what = *name != '\0' ? name : "the file";

	if (is_empty(node))
		return;
	if (node->type != YAML_MAPPING_NODE) {
		conf_reader_error(r, &at, "%s is a mapping of options, not %s", what,
				  node_kind(node));
		return;
	}
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	     pair < node->data.mapping.pairs.top; pair++) {
		const struct conf_setting *s = pair_setting(r, table, pair, base, name);

		if (s != NULL)
			value_read(r, s, yaml_document_get_node(r->document, pair->value), base,
				   name);
	}
	for (const struct conf_setting *s = table; s->name != NULL; s++) {
		/* Short of memory, the reader may have forgotten an option. */
		if ((s->flags & CONF_REQUIRED) && !r->is_short_of_memory &&
		    conf_reader_find_seen(r, s, base) == NULL)
			conf_reader_error(r, &at, "%s needs %s", what, s->name);
	}
}

void conf_table_read_item(struct conf_reader *r, const struct conf_setting *table,
			  struct yaml_node_s *node, void *base, const char *name)
{
	struct conf_seen *until = r->seen;

	mapping_read(r, table, node, base, name);
	conf_reader_forget_seen(r, until);
}

void conf_table_read_checked(struct conf_reader *r, const struct conf_setting *table,
			     struct yaml_node_s *node, void *base, const char *name,
			     conf_check_fn check)
{
	struct conf_seen *until = r->seen;
	struct base_location at = conf_table_locate(r, node);

	mapping_read(r, table, node, base, name);
	if (node->type == YAML_MAPPING_NODE)
		check(r, &at, base);
	conf_reader_forget_seen(r, until);
}

void conf_table_each(struct conf_reader *r, struct yaml_node_s *node,
		     void (*on_item)(struct conf_reader *r, struct yaml_node_s *item, void *arg),
		     void *arg)
{
	if (is_empty(node))
		return;
	if (node->type != YAML_SEQUENCE_NODE) {
		on_item(r, node, arg);
		return;
	}
	for (yaml_node_item_t *item = node->data.sequence.items.start;
	     item < node->data.sequence.items.top; item++)
		on_item(r, yaml_document_get_node(r->document, *item), arg);
}

void conf_table_each_pair(struct conf_reader *r, const char *option, struct yaml_node_s *node,
			  void (*on_pair)(struct conf_reader *r, const char *name,
					  const struct base_location *at, struct yaml_node_s *value,
					  void *arg),
			  void *arg)
{
	struct base_location at = conf_table_locate(r, node);

	if (is_empty(node))
		return;
	if (node->type != YAML_MAPPING_NODE) {
		conf_reader_error(r, &at, "%s is a mapping, not %s", option, node_kind(node));
		return;
	}
	for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
	     pair < node->data.mapping.pairs.top; pair++) {
		struct yaml_node_s *key = yaml_document_get_node(r->document, pair->key);
		const char *name = conf_table_text_of(key);

		at = conf_table_locate(r, key);
		if (name == NULL)
			conf_reader_error(r, &at, "%s: a name is a word, not %s", option,
					  node_kind(key));
		else
			on_pair(r, name, &at, yaml_document_get_node(r->document, pair->value),
				arg);
	}
}

/* ---- defaults ---- */

static size_t words_count(const char *text)
{
	size_t count = 0;

	for (text += strspn(text, " "); *text != '\0'; text += strspn(text, " "), count++)
		text += strcspn(text, " ");
	return count;
}

static void default_list(struct conf_reader *r, const struct conf_setting *s, struct list *list)
{
	static const struct base_location at = {"default", 0};
	char *text = strdup(s->initial), *save = NULL;
	char *item;

	if (text == NULL) {
		r->is_short_of_memory = true;
		return;
	}
	if (list_make(r, s, list, words_count(text))) {
		item = list->items;
		for (char *word = strtok_r(text, " ", &save); word != NULL;
		     word = strtok_r(NULL, " ", &save), item += s->type->size)
			s->type->from_text(r, s, &at, word, item);
	}
	free(text);
}

void conf_table_set_defaults(struct conf_reader *r, const struct conf_setting *table, void *base)
{
	static const struct base_location at = {"default", 0};

	for (const struct conf_setting *s = table; s->name != NULL; s++) {
		void *field = (char *)base + s->offset;

		if (s->table != NULL && s->read == NULL) {
			conf_table_set_defaults(r, s->table, field);
		} else if (s->initial != NULL && (s->flags & CONF_LIST)) {
			default_list(r, s, field);
		} else if (s->initial != NULL) {
			s->type->from_text(r, s, &at, s->initial, field);
		}
	}
}

/* ---- a file ---- */

/* The text that is being read. */
struct source {
	const char *text;
	size_t nbytes;
};

/* Copies the line of this number, counted from 0, as far as it fits. */
static void line_copy(char out[static LINE_MAX_SHOWN], const struct source *source, size_t number)
{
	const char *at = source->text, *end = at + source->nbytes, *newline;
	size_t n;

	while (number-- > 0 && (newline = memchr(at, '\n', (size_t)(end - at))) != NULL)
		at = newline + 1;
	newline = memchr(at, '\n', (size_t)(end - at));
	n = (size_t)((newline != NULL ? newline : end) - at);
	n = n < LINE_MAX_SHOWN - 1 ? n : LINE_MAX_SHOWN - 1;
	memcpy(out, at, n);
	out[n] = '\0';
}

/* Returns what is probably meant: the two mistakes that YAML explains worst. */
static const char *syntax_hint(const yaml_parser_t *parser, const struct source *source)
{
	char line[LINE_MAX_SHOWN];
	size_t number = parser->problem_mark.line;

	line_copy(line, source, number);
	if (line[strspn(line, " ")] == '\t' || strstr(parser->problem, "cannot start") != NULL)
		return strchr(line, '\t') == NULL
			       ? ""
			       : " (is there a tab? YAML is indented by blanks only)";
	if (strstr(line, "::") == NULL && number > 0)
		line_copy(line, source, number - 1);
	return strstr(line, "::") == NULL || strpbrk(line, "[{,") == NULL
		       ? ""
		       : " (an IPv6 address needs quotes here: \"::@53\")";
}

static void syntax_report(struct conf_reader *r, const yaml_parser_t *parser,
			  const struct source *source)
{
	struct base_location at = {r->file, (unsigned)parser->problem_mark.line + 1};
	const char *problem = parser->problem != NULL ? parser->problem : "cannot be read";
	const char *hint = parser->problem != NULL ? syntax_hint(parser, source) : "";
	size_t column = parser->problem_mark.column + 1;

	if (parser->error == YAML_MEMORY_ERROR) {
		r->is_short_of_memory = true;
	} else if (parser->context != NULL && parser->context_mark.line + 1 != at.line) {
		conf_reader_error(r, &at, "syntax, column %zu: %s, %s that began in line %zu%s",
				  column, problem, parser->context, parser->context_mark.line + 1,
				  hint);
	} else {
		conf_reader_error(r, &at, "syntax, column %zu: %s%s", column, problem, hint);
	}
}

/* Any scalar may be a secret. */
static void document_wipe(yaml_document_t *document)
{
	for (struct yaml_node_s *node = document->nodes.start; node < document->nodes.top; node++) {
		if (node->type == YAML_SCALAR_NODE)
			base_secret_wipe(node->data.scalar.value, node->data.scalar.length);
	}
	yaml_document_delete(document);
}

/* Returns false if the text has a syntax error and nothing was read. `is_last` is whether there is
 * no other document to be read. */
static bool document_read(struct conf_reader *r, const struct conf_setting *table,
			  yaml_parser_t *parser, const struct source *source, void *base,
			  bool *is_last)
{
	yaml_document_t document, *outer = r->document;
	struct conf_seen *until = r->seen;
	struct yaml_node_s *root;

	*is_last = true;
	if (!yaml_parser_load(parser, &document)) {
		syntax_report(r, parser, source);
		return false;
	}
	r->document = &document;
	root = yaml_document_get_root_node(&document);
	if (root != NULL)
		mapping_read(r, table, root, base, "");
	r->document = outer;
	document_wipe(&document);

	if (root == NULL)
		return true;
	if (r->has_documents) {
		conf_reader_forget_seen(r, until);
		*is_last = false;
		return true;
	}
	/* Text after `...` or a second `---` would be ignored in silence otherwise. */
	if (!yaml_parser_load(parser, &document)) {
		syntax_report(r, parser, source);
		return true;
	}
	root = yaml_document_get_root_node(&document);
	if (root != NULL) {
		struct base_location at = conf_table_locate(r, root);

		conf_reader_error(r, &at, "a second YAML document begins here");
	}
	yaml_document_delete(&document);
	return true;
}

/* The parser copies the text, secrets included, into two buffers of its own. */
static void parser_wipe(yaml_parser_t *parser)
{
	base_secret_wipe(parser->raw_buffer.start,
			 (size_t)(parser->raw_buffer.end - parser->raw_buffer.start));
	base_secret_wipe(parser->buffer.start, (size_t)(parser->buffer.end - parser->buffer.start));
	yaml_parser_delete(parser);
}

/* Returns the bytes of the text before the line, counted from 0, or before the last line if that is
 * earlier. */
static size_t bytes_before(const char *text, size_t nbytes, size_t line)
{
	size_t start = 0;

	for (size_t i = 0; i + 1 < nbytes && line > 0; i++)
		if (text[i] == '\n') {
			start = i + 1;
			line--;
		}
	return start;
}

/* Returns how much of the text is before a syntax error; all of it if there is none. */
static size_t text_read(struct conf_reader *r, const struct conf_setting *table, const char *text,
			size_t nbytes, void *base)
{
	bool is_valid = true, is_last = false;
	yaml_parser_t parser;

	if (!yaml_parser_initialize(&parser)) {
		r->is_short_of_memory = true;
		return nbytes;
	}
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, nbytes);
	while (is_valid && !is_last)
		is_valid = document_read(r, table, &parser, &(struct source){text, nbytes}, base,
					 &is_last);
	if (!is_valid)
		nbytes = bytes_before(text, nbytes, parser.problem_mark.line);
	parser_wipe(&parser);
	return nbytes;
}

void conf_table_read(struct conf_reader *r, const struct conf_setting *table, const char *text,
		     size_t nbytes, void *base)
{
	size_t nvalid = text_read(r, table, text, nbytes, base);

	/* What is before the error may end in a line that is incomplete without the next. */
	for (unsigned i = 0; r->is_lenient && nvalid < nbytes && i < SHORTER_MAX; i++) {
		nbytes = nvalid;
		nvalid = text_read(r, table, text, nbytes, base);
	}
}

/* ---- comparing and listing ---- */

static bool is_same_value(const struct conf_type *type, const void *a, const void *b)
{
	const char *ta, *tb;

	if (type->is_same != NULL)
		return type->is_same(a, b);
	if (!type->is_text)
		return memcmp(a, b, type->size) == 0;
	ta = *(const char *const *)a;
	tb = *(const char *const *)b;
	return ta == tb || (ta != NULL && tb != NULL && strcmp(ta, tb) == 0);
}

static bool is_same(const struct conf_setting *s, const void *a, const void *b)
{
	const struct list *la = a, *lb = b;

	if (!(s->flags & CONF_LIST))
		return is_same_value(s->type, a, b);
	for (size_t i = 0; i < la->count && i < lb->count; i++)
		if (!is_same_value(s->type, la->items + i * s->type->size,
				   lb->items + i * s->type->size))
			return false;
	return la->count == lb->count;
}

void conf_table_compare(const struct conf_setting *table, const void *a, const void *b,
			const char *name,
			void (*on_change)(void *arg, const char *option, bool needs_restart),
			void *arg)
{
	for (const struct conf_setting *s = table; s->name != NULL; s++) {
		const void *fa = (const char *)a + s->offset, *fb = (const char *)b + s->offset;
		char full[OPTION_NAME_MAX];

		snprintf(full, sizeof(full), "%s%s%s", name, *name != '\0' ? "." : "", s->name);
		if (s->read != NULL)
			continue;
		if (s->table != NULL)
			conf_table_compare(s->table, fa, fb, full, on_change, arg);
		else if (!is_same(s, fa, fb))
			on_change(arg, full, (s->flags & CONF_RESTART) != 0);
	}
}

/* Whether the words are `no` and `yes`, a choice that is listed as a type of its own. */
static bool is_no_yes(const struct conf_setting *s)
{
	return s->words != NULL && s->words[2] == NULL && strcmp(s->words[0], "no") == 0;
}

/* Returns the name of the type without its article, which only messages need. */
static const char *type_text(const struct conf_setting *s)
{
	const char *name = s->type != NULL ? s->type->name : "a path";

	if (is_no_yes(s))
		return "yes or no";
	return strncmp(name, "a ", 2) == 0 || strncmp(name, "an ", 3) == 0 ? strchr(name, ' ') + 1
									   : name;
}

static void type_show(FILE *out, const struct conf_setting *s)
{
	fputs(type_text(s), out);
	if (s->type != NULL && s->type->has_range)
		fprintf(out, " from %" PRIu64 " to %" PRIu64, s->min, s->max);
	for (size_t i = 0; s->words != NULL && !is_no_yes(s) && s->words[i] != NULL; i++)
		fprintf(out, "%s%s", i == 0 ? ": " : ", ", s->words[i]);
	if (s->flags & CONF_LIST)
		fputs(", or a list", out);
}

static void setting_show(FILE *out, const struct conf_setting *s, const char *full)
{
	const char *shown = s->initial_shown != NULL ? s->initial_shown : s->initial;

	fprintf(out, "%-40s ", full);
	type_show(out, s);
	if (s->flags & CONF_REQUIRED)
		fputs("; required", out);
	else
		fprintf(out, "; default %s",
			shown == NULL	 ? "none"
			: *shown == '\0' ? "\"\""
					 : shown);
	fprintf(out, "; %s\n", s->flags & CONF_RESTART ? "restart" : "reload");
}

void conf_table_list(FILE *out, const struct conf_setting *table, const char *name)
{
	for (const struct conf_setting *s = table; s->name != NULL; s++) {
		char full[OPTION_NAME_MAX];

		snprintf(full, sizeof(full), "%s%s%s", name, *name != '\0' ? "." : "", s->name);
		if (s->table != NULL)
			conf_table_list(out, s->table, full);
		else
			setting_show(out, s, full);
	}
}
