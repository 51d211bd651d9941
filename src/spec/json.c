/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* JSON is read by the tables that read YAML: each value becomes a node whose line is the number of
 * its JSON pointer. So the two forms cannot differ in what they allow. */

#include "spec/json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/grow.h"
#include "conf/reader.h"
#include "conf/tree.h"
#include "conf/type.h"
#include "schema/pointer.h"
#include "schema/value.h"
#include "spec/table.h"
#include "spec/type.h"

/* ---- writing ---- */

/* Returns the value of a field, or NULL if memory is short. */
typedef json_t *(*write_fn)(const struct conf_setting *s, const void *field);

static json_t *text_write(const struct conf_setting *s, const void *field)
{
	const char *text = *(const char *const *)field;

	(void)s;
	return text != NULL ? json_string(text) : json_null();
}

static json_t *number_write(const struct conf_setting *s, const void *field)
{
	(void)s;
	return json_integer(*(const uint32_t *)field);
}

static json_t *size_write(const struct conf_setting *s, const void *field)
{
	(void)s;
	return json_integer((json_int_t) * (const uint64_t *)field);
}

static json_t *word_write(const struct conf_setting *s, const void *field)
{
	return json_string(s->words[*(const uint32_t *)field]);
}

static json_t *seconds_write(const struct conf_setting *s, const void *field)
{
	uint32_t ms = *(const uint32_t *)field;

	(void)s;
	return ms % 1000 == 0 ? json_integer(ms / 1000) : json_real(ms / 1000.0);
}

static json_t *port_write(const struct conf_setting *s, const void *field)
{
	uint32_t port = *(const uint32_t *)field;

	(void)s;
	if (port == 0 || port == SPEC_PORT_AUTO)
		return json_string(port == 0 ? "none" : "auto");
	return json_integer(port);
}

static json_t *signal_write(const struct conf_setting *s, const void *field)
{
	(void)s;
	return json_string(spec_type_signal_name((int)*(const uint32_t *)field));
}

static json_t *command_write(const struct conf_setting *s, const void *field)
{
	const struct spec_words *words = field;
	json_t *array = json_array();

	(void)s;
	for (size_t i = 0; array != NULL && i < words->count; i++)
		if (json_array_append_new(array, json_string(words->items[i])) < 0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static json_t *commands_write(const struct conf_setting *s, const void *field)
{
	const struct spec_commands *commands = field;
	json_t *array = json_array();

	for (size_t i = 0; array != NULL && i < commands->count; i++)
		if (json_array_append_new(array, command_write(s, &commands->items[i])) < 0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static json_t *pairs_write(const struct conf_setting *s, const void *field)
{
	const struct spec_pairs *pairs = field;
	json_t *object = json_object();

	(void)s;
	for (size_t i = 0; object != NULL && i < pairs->count; i++)
		if (json_object_set_new(object, pairs->items[i].name,
					json_string(pairs->items[i].value)) < 0) {
			json_decref(object);
			return NULL;
		}
	return object;
}

static json_t *parameters_write(const struct conf_setting *s, const void *field)
{
	const char *text = *(const char *const *)field;

	(void)s;
	return text != NULL ? json_loads(text, 0, NULL) : json_object();
}

static json_t *exec_write(const struct spec_words *exec)
{
	json_t *object = json_object();

	if (object != NULL && json_object_set_new(object, "exec", command_write(NULL, exec)) == 0)
		return object;
	json_decref(object);
	return NULL;
}

static json_t *action_write(const struct conf_setting *s, const void *field)
{
	const struct spec_action *action = field;

	(void)s;
	switch (action->act) {
	case SPEC_ACT_RESTART:
		return json_string("restart");
	case SPEC_ACT_SIGNAL:
		return json_sprintf("signal %s", spec_type_signal_name((int)action->signal));
	case SPEC_ACT_EXEC:
		return exec_write(&action->exec);
	default:
		return json_string("nothing");
	}
}

static json_t *fence_write(const struct conf_setting *s, const void *field)
{
	const struct spec_fencing *fence = field;

	(void)s;
	if (fence->fence == SPEC_FENCE_EXEC)
		return exec_write(&fence->exec);
	return json_string(fence->fence == SPEC_FENCE_NONE ? "none" : "lease");
}

static json_t *table_write(const struct conf_setting *table, const void *base, const void *initial);

/* Writes a list whose items a table describes; defaults of an item are zero. */
static json_t *items_write(const struct conf_setting *table, const char *items, size_t count,
			   size_t size)
{
	static const max_align_t zero[16];
	json_t *array = json_array();

	for (size_t i = 0; array != NULL && i < count; i++)
		if (json_array_append_new(array, table_write(table, items + i * size, zero)) < 0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static json_t *uses_write(const struct conf_setting *s, const void *field)
{
	const struct spec_uses *uses = field;

	return items_write(s->table, (const char *)uses->items, uses->count,
			   sizeof(uses->items[0]));
}

static json_t *resources_write(const struct conf_setting *s, const void *field)
{
	const struct spec_resources *resources = field;

	return items_write(s->table, (const char *)resources->items, resources->count,
			   sizeof(resources->items[0]));
}

static const struct {
	const struct conf_type *type;
	write_fn write;
} writers[] = {
	{&conf_type_text, text_write},	     {&conf_type_number, number_write},
	{&conf_type_size, size_write},	     {&conf_type_word, word_write},
	{&conf_type_duration, number_write}, {&spec_type_label, text_write},
	{&spec_type_node, text_write},	     {&spec_type_service, text_write},
	{&spec_type_ocf, text_write},	     {&spec_type_seconds, seconds_write},
	{&spec_type_port, port_write},	     {&spec_type_signal, signal_write},
	{&spec_type_command, command_write}, {&spec_type_commands, commands_write},
	{&spec_type_pairs, pairs_write},     {&spec_type_parameters, parameters_write},
	{&spec_type_action, action_write},   {&spec_type_fence, fence_write},
	{&spec_type_uses, uses_write},	     {&spec_type_resources, resources_write},
};

static write_fn writer_find(const struct conf_type *type)
{
	size_t i = 0;

	while (writers[i].type != type)
		i++;
	return writers[i].write;
}

/* The layout of every field with CONF_LIST. */
struct list {
	const char *items;
	size_t count;
};

static json_t *list_write(const struct conf_setting *s, const struct list *list)
{
	write_fn write = writer_find(s->type);
	json_t *array = json_array();

	for (size_t i = 0; array != NULL && i < list->count; i++)
		if (json_array_append_new(array, write(s, list->items + i * s->type->size)) < 0) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static json_t *setting_write(const struct conf_setting *s, const char *base, const char *initial)
{
	const void *field = base + s->offset;

	if (s->table != NULL && s->read == NULL)
		return table_write(s->table, field, initial + s->offset);
	if (s->flags & CONF_LIST)
		return list_write(s, field);
	return writer_find(s->type)(s, field);
}

/* Whether a value is left out: it is that of the default, or empty. */
static bool is_default(const struct conf_setting *s, const json_t *value, const char *initial)
{
	json_t *other;
	bool is;

	if (json_is_null(value) || (json_is_object(value) && json_object_size(value) == 0))
		return true;
	other = setting_write(s, initial, initial);
	is = other != NULL && json_equal((json_t *)value, other);
	json_decref(other);
	return is;
}

/* Returns what differs from the defaults in `initial`, or NULL if memory is short. */
static json_t *table_write(const struct conf_setting *table, const void *base, const void *initial)
{
	json_t *object = json_object();

	for (const struct conf_setting *s = table; object != NULL && s->name != NULL; s++) {
		json_t *value = setting_write(s, base, initial);

		if (value != NULL && is_default(s, value, initial)) {
			json_decref(value);
		} else if (json_object_set_new(object, s->name, value) < 0) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

json_t *spec_json_of(const struct spec_service *s)
{
	struct conf_reader r = {0};
	struct spec_service initial;
	struct base_arena arena;
	json_t *object = NULL;

	base_arena_init(&arena, 1024);
	r.arena = &arena;
	spec_table_set_defaults(&r, &initial);
	if (conf_reader_end(&r) == 0)
		object = table_write(spec_table_service, s, &initial);
	base_arena_fini(&arena);
	return object;
}

int spec_json_write(const char **out, struct base_arena *arena, const struct spec_service *s)
{
	json_t *object = spec_json_of(s);
	char *text = object != NULL ? json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS |
								 JSON_REAL_PRECISION(10))
				    : NULL;
	size_t nchars = text != NULL ? strlen(text) : 0;
	int ret = -ENOMEM;

	if (nchars > SPEC_JSON_MAX)
		ret = -EMSGSIZE;
	else if (text != NULL && (*out = base_arena_copy(arena, text, nchars + 1)) != NULL)
		ret = 0;
	free(text);
	json_decref(object);
	return ret;
}

/* ---- reading ---- */

struct reading {
	struct conf_reader reader; /* first: functions of the tables get this */
	base_report_fn report;
	void *arg;
	struct conf_tree *tree;
	struct schema_pointer at;
	const char **pointers; /* in the arena; [0] is that of line 1 */
	size_t npointers, capacity;
	struct spec_service *service;
};

/* Passes a report on, with the pointer instead of the line. */
static void pointer_report(void *arg, enum base_log_level level, const struct base_error *error)
{
	struct reading *r = arg;
	struct base_error copy = *error;
	unsigned line = error->at.line;

	copy.at = (struct base_location){
		line > 0 && line <= r->npointers ? r->pointers[line - 1] : "", 0};
	r->report(r->arg, level, &copy);
}

/* Remembers the current pointer. Returns its line, or 0 if memory is short. */
static unsigned line_add(struct reading *r)
{
	const char **grown =
		base_grow((void *)r->pointers, r->npointers, &r->capacity, sizeof(*grown));
	const char *copy = conf_reader_copy(&r->reader, r->at.text);

	if (grown != NULL)
		r->pointers = grown;
	if (grown == NULL || copy == NULL)
		return 0;
	r->pointers[r->npointers++] = copy;
	return (unsigned)r->npointers;
}

static int value_add(struct reading *r, const json_t *value);

static int array_add(struct reading *r, const json_t *value, unsigned line)
{
	int list = conf_tree_add_list(r->tree, line);
	const json_t *item;
	size_t i;

	json_array_foreach(value, i, item)
	{
		size_t nchars = schema_pointer_add_index(&r->at, i);

		if (list != 0 && !conf_tree_append_item(r->tree, list, value_add(r, item)))
			list = 0;
		schema_pointer_cut(&r->at, nchars);
		if (list == 0)
			break;
	}
	return list;
}

static int object_add(struct reading *r, const json_t *value, unsigned line)
{
	int mapping = conf_tree_add_mapping(r->tree, line);
	const char *name;
	json_t *member;

	json_object_foreach((json_t *)value, name, member)
	{
		size_t nchars = schema_pointer_add(&r->at, name);
		unsigned at = line_add(r);
		int key = at == 0 ? 0 : conf_tree_add_text(r->tree, name, strlen(name), true, at);

		if (mapping != 0 &&
		    !conf_tree_append_pair(r->tree, mapping, key, value_add(r, member)))
			mapping = 0;
		schema_pointer_cut(&r->at, nchars);
		if (mapping == 0)
			break;
	}
	return mapping;
}

/* Adds a value that is neither a string, an array nor an object, as its text in JSON. */
static int plain_add(struct reading *r, const json_t *value, unsigned line)
{
	char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
	int node = 0;

	if (json_is_boolean(value) && text != NULL)
		node = conf_tree_add_text(r->tree, text, strlen(text), false, line);
	else if (text != NULL)
		node = conf_tree_add_text(r->tree, json_is_null(value) ? "" : text,
					  json_is_null(value) ? 0 : strlen(text), false, line);
	free(text);
	return node;
}

/* Returns the node, or 0 if memory is short. */
static int value_add(struct reading *r, const json_t *value)
{
	unsigned line = line_add(r);

	if (line == 0)
		return 0;
	if (json_is_object(value))
		return object_add(r, value, line);
	if (json_is_array(value))
		return array_add(r, value, line);
	if (json_is_string(value))
		return conf_tree_add_text(r->tree, json_string_value(value),
					  json_string_length(value), true, line);
	return plain_add(r, value, line);
}

static void on_root(struct conf_reader *reader, struct yaml_node_s *root, void *arg)
{
	struct reading *r = arg;

	spec_table_read(reader, root, r->service, "service");
	r->service->at = (struct base_location){0};
}

static void text_fail(struct reading *r, const char *format, const char *text, int line)
{
	struct base_error error;

	base_error_set_at(&error, -EBADMSG, (struct base_location){"", 0}, format, text, line);
	r->reader.nerrors++;
	r->report(r->arg, BASE_LOG_ERROR, &error);
}

/* Reads the text as a tree. */
static void text_read(struct reading *r, const char *text, size_t nchars)
{
	json_error_t problem;
	json_t *value = json_loadb(text, nchars, JSON_REJECT_DUPLICATES, &problem);

	if (value == NULL && spec_table_is_short(&problem))
		r->reader.is_short_of_memory = true;
	else if (value == NULL)
		text_fail(r, "this is not JSON: %s (line %d)", problem.text, problem.line);
	else if (!schema_value_is_flat(value, SPEC_JSON_DEPTH_MAX))
		text_fail(r, "objects and arrays are in each other %s%d deep", "more than ",
			  SPEC_JSON_DEPTH_MAX);
	else if (!json_is_object(value))
		text_fail(r, "a service is an object%s", "", 0);
	else if (value_add(r, value) == 0)
		r->reader.is_short_of_memory = true;
	json_decref(value);
}

int spec_json_read(struct spec_service **out, struct base_arena *arena, const char *text,
		   size_t nchars, base_report_fn report, void *arg)
{
	struct reading r = {
		.report = report,
		.arg = arg,
		.tree = conf_tree_new(),
		.service = base_arena_alloc(arena, sizeof(struct spec_service)),
	};
	int ret;

	r.reader = (struct conf_reader){
		.arena = arena, .report = pointer_report, .arg = &r, .file = "", .folder = ""};
	schema_pointer_init(&r.at);
	if (r.tree == NULL || r.service == NULL)
		r.reader.is_short_of_memory = true;
	else if (nchars > SPEC_JSON_MAX)
		text_fail(&r, "a service has at most %s%d characters", "", SPEC_JSON_MAX);
	else
		text_read(&r, text, nchars);
	if (r.reader.nerrors == 0 && !r.reader.is_short_of_memory)
		conf_tree_read(&r.reader, r.tree, on_root, &r);
	ret = conf_reader_end(&r.reader);
	conf_tree_free(r.tree);
	free((void *)r.pointers);
	if (ret == 0)
		*out = r.service;
	return ret;
}
