/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "spec/table.h"

#include <stdlib.h>
#include <string.h>

#include "conf/reader.h"
#include "conf/table.h"
#include "conf/tree.h"
#include "conf/type.h"
#include "spec/check.h"
#include "spec/type.h"

enum { ITEMS_MAX = 4000 /* of a list, or pairs */, SECOND = 1000, DAY = 86400 };

/* What is being read: the option, for messages, and where to. */
struct target {
	const struct conf_setting *setting;
	void *field;
};

/* Makes room for the items of a list that a node may have: a single value is one. Returns NULL
 * after reporting why not. */
static void *items_alloc(struct conf_reader *r, const struct conf_setting *s,
			 struct yaml_node_s *node, size_t size)
{
	struct base_location at = conf_table_locate(r, node);
	size_t count = conf_tree_count(node);

	if (count > ITEMS_MAX) {
		conf_reader_error(r, &at, "%s has more than %d items", s->name, ITEMS_MAX);
		return NULL;
	}
	return conf_reader_alloc(r, (count > 0 ? count : 1) * size);
}

/* ---- commands ---- */

static void word_read(struct conf_reader *r, struct yaml_node_s *item, void *arg)
{
	struct target *t = arg;
	struct spec_words *words = t->field;
	struct base_location at = conf_table_locate(r, item);
	const char *text = conf_table_text_of(item);
	enum conf_tree_kind kind = conf_tree_kind_of(item);

	if (kind == CONF_TREE_LIST || kind == CONF_TREE_MAPPING)
		conf_reader_error(r, &at, "%s: a word of a command is a single value",
				  t->setting->name);
	else if (!conf_tree_is_text(item))
		conf_reader_error(r, &at, "%s contains a zero byte", t->setting->name);
	else
		words->items[words->count++] = conf_reader_copy(r, text != NULL ? text : "");
}

static void command_read(struct conf_reader *r, const struct conf_setting *s,
			 struct yaml_node_s *node, void *field)
{
	struct base_location at = conf_table_locate(r, node);
	struct spec_words *words = field;
	const char *text = conf_table_text_of(node);

	if (text != NULL && strchr(text, ' ') != NULL) {
		conf_reader_error(r, &at,
				  "%s is a list of words, as no shell splits it: "
				  "[program, argument]",
				  s->name);
		return;
	}
	words->items = items_alloc(r, s, node, sizeof(words->items[0]));
	if (words->items == NULL)
		return;
	conf_table_each(r, node, word_read, &(struct target){s, words});
	if (words->count == 0 || words->items[0] == NULL || words->items[0][0] == '\0')
		conf_reader_error(r, &at, "%s has no program", s->name);
}

static void commands_item(struct conf_reader *r, struct yaml_node_s *item, void *arg)
{
	struct target *t = arg;
	struct spec_commands *commands = t->field;
	struct base_location at = conf_table_locate(r, item);

	if (conf_tree_kind_of(item) == CONF_TREE_LIST)
		command_read(r, t->setting, item, &commands->items[commands->count++]);
	else
		conf_reader_error(r, &at, "%s is a list of commands, each a list of words",
				  t->setting->name);
}

static void commands_read(struct conf_reader *r, const struct conf_setting *s,
			  struct yaml_node_s *node, void *field)
{
	struct spec_commands *commands = field;

	commands->items = items_alloc(r, s, node, sizeof(commands->items[0]));
	if (commands->items != NULL)
		conf_table_each(r, node, commands_item, &(struct target){s, commands});
}

/* ---- names and values ---- */

static int pair_compare(const void *a, const void *b)
{
	const struct spec_pair *pa = a, *pb = b;

	return strcmp(pa->name, pb->name);
}

static void pair_read(struct conf_reader *r, const char *name, const struct base_location *at,
		      struct yaml_node_s *value, void *arg)
{
	struct target *t = arg;
	struct spec_pairs *pairs = t->field;
	enum conf_tree_kind kind = conf_tree_kind_of(value);
	const char *text = conf_table_text_of(value);

	for (size_t i = 0; i < pairs->count; i++)
		if (strcmp(pairs->items[i].name, name) == 0) {
			conf_reader_error(r, at, "%s: %.80s is given a second time",
					  t->setting->name, name);
			return;
		}
	if (kind == CONF_TREE_LIST || kind == CONF_TREE_MAPPING)
		conf_reader_error(r, at, "%s: the value of %.80s is a single one", t->setting->name,
				  name);
	else if (!conf_tree_is_text(value))
		conf_reader_error(r, at, "%s contains a zero byte", t->setting->name);
	else if (spec_check_pair(r, t->setting->name, at, name, text != NULL ? text : ""))
		pairs->items[pairs->count++] = (struct spec_pair){
			conf_reader_copy(r, name), conf_reader_copy(r, text != NULL ? text : "")};
}

static void pairs_read(struct conf_reader *r, const struct conf_setting *s,
		       struct yaml_node_s *node, void *field)
{
	struct spec_pairs *pairs = field;

	pairs->items = items_alloc(r, s, node, sizeof(pairs->items[0]));
	if (pairs->items == NULL)
		return;
	conf_table_each_pair(r, s->name, node, pair_read, &(struct target){s, pairs});
	if (!r->is_short_of_memory && pairs->count > 0)
		qsort(pairs->items, pairs->count, sizeof(pairs->items[0]), pair_compare);
}

/* ---- values of any type ---- */

struct valuing {
	const char *option;
	json_t *out;
	unsigned depth, nnodes;
	bool has_failed;
};

static void value_fail(struct conf_reader *r, struct valuing *v, const struct base_location *at,
		       const char *why)
{
	if (!v->has_failed)
		conf_reader_error(r, at, "%s %s", v->option, why);
	v->has_failed = true;
}

bool spec_table_is_short(const json_error_t *error)
{
	return json_error_code(error) == json_error_out_of_memory ||
	       json_error_code(error) == json_error_unknown;
}

static json_t *scalar_value(struct conf_reader *r, struct valuing *v, struct yaml_node_s *node)
{
	const char *text = conf_table_text_of(node);
	bool is_short = false;
	json_t *value = NULL;
	json_error_t error;

	if (conf_tree_kind_of(node) == CONF_TREE_NOTHING)
		return json_null();
	if (text == NULL)
		text = "";
	if (conf_tree_kind_of(node) == CONF_TREE_PLAIN) {
		value = json_loads(text, JSON_DECODE_ANY, &error);
		is_short = value == NULL && spec_table_is_short(&error);
	}
	if (value == NULL && !is_short)
		value = json_string(text);
	if (value == NULL) {
		v->has_failed = true;
		r->is_short_of_memory = true;
	}
	return value;
}

static void node_value(struct conf_reader *r, struct yaml_node_s *node, void *arg);

static void pair_value(struct conf_reader *r, const char *name, const struct base_location *at,
		       struct yaml_node_s *value, void *arg)
{
	struct valuing *v = arg;
	json_t *object = v->out;

	if (json_object_get(object, name) != NULL)
		value_fail(r, v, at, "has a name twice");
	if (v->has_failed)
		return;
	v->out = NULL;
	node_value(r, value, v);
	if (v->out != NULL && json_object_set_new(object, name, v->out) < 0) {
		v->has_failed = true;
		r->is_short_of_memory = true;
	}
	v->out = object;
}

/* Appends the value of the item to the array `out`, or makes it `out`. */
static void node_value(struct conf_reader *r, struct yaml_node_s *node, void *arg)
{
	struct valuing *v = arg;
	struct base_location at = conf_table_locate(r, node);
	enum conf_tree_kind kind = conf_tree_kind_of(node);
	json_t *array = v->out, *value;

	if (v->depth == SPEC_TABLE_DEPTH_MAX || v->nnodes++ == SPEC_TABLE_NODES_MAX)
		value_fail(r, v, &at, "has too many values, or too many in each other");
	if (!conf_tree_is_text(node))
		value_fail(r, v, &at, "contains a zero byte");
	if (v->has_failed)
		return;
	v->depth++;
	v->out = kind == CONF_TREE_LIST	     ? json_array()
		 : kind == CONF_TREE_MAPPING ? json_object()
					     : scalar_value(r, v, node);
	if (v->out == NULL)
		r->is_short_of_memory = v->has_failed = true;
	else if (kind == CONF_TREE_LIST)
		conf_table_each(r, node, node_value, v);
	else if (kind == CONF_TREE_MAPPING)
		conf_table_each_pair(r, v->option, node, pair_value, v);
	v->depth--;
	value = v->out;
	if (array == NULL)
		return;
	v->out = array;
	if (value != NULL && json_array_append_new(array, value) < 0)
		r->is_short_of_memory = v->has_failed = true;
}

json_t *spec_table_value(struct conf_reader *r, const char *option, struct yaml_node_s *node)
{
	struct valuing v = {.option = option};

	node_value(r, node, &v);
	if (!v.has_failed)
		return v.out;
	json_decref(v.out);
	return NULL;
}

const char *spec_table_text(struct conf_reader *r, const json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
	const char *copy = NULL;

	if (text != NULL)
		copy = conf_reader_copy(r, text);
	else
		r->is_short_of_memory = true;
	free(text);
	return copy;
}

static void parameters_read(struct conf_reader *r, const struct conf_setting *s,
			    struct yaml_node_s *node, void *field)
{
	struct base_location at = conf_table_locate(r, node);
	json_t *value;

	if (conf_tree_kind_of(node) == CONF_TREE_NOTHING)
		return;
	value = spec_table_value(r, s->name, node);
	if (value != NULL && !json_is_object(value))
		conf_reader_error(r, &at, "%s is a mapping of names and values", s->name);
	else if (value != NULL && json_object_size(value) > 0)
		*(const char **)field = spec_table_text(r, value);
	json_decref(value);
}

/* ---- actions ---- */

struct exec {
	struct spec_words exec;
};

static const struct conf_setting exec_table[] = {
	{"exec", &spec_type_command, .read = command_read, .flags = CONF_REQUIRED},
	{0},
};

static void action_read(struct conf_reader *r, const struct conf_setting *s,
			struct yaml_node_s *node, void *field)
{
	struct base_location at = conf_table_locate(r, node);
	const char *text = conf_table_text_of(node);
	struct spec_action *action = field;

	*action = (struct spec_action){0};
	if (conf_tree_kind_of(node) == CONF_TREE_MAPPING) {
		action->act = SPEC_ACT_EXEC;
		conf_table_read_item(r, exec_table, node, &action->exec, s->name);
	} else if (text != NULL && strcmp(text, "restart") == 0) {
		action->act = SPEC_ACT_RESTART;
	} else if (text != NULL && strncmp(text, "signal ", 7) == 0) {
		action->act = SPEC_ACT_SIGNAL;
		action->signal = (uint32_t)spec_type_signal_number(text + 7);
		if (action->signal == 0)
			conf_reader_error(r, &at, "%s: there is no signal %.80s", s->name,
					  text + 7);
	} else if (text == NULL || strcmp(text, "nothing") != 0) {
		conf_reader_error(r, &at, "%s is %s", s->name, spec_type_action.name);
	}
}

static void fence_read(struct conf_reader *r, const struct conf_setting *s,
		       struct yaml_node_s *node, void *field)
{
	struct base_location at = conf_table_locate(r, node);
	const char *text = conf_table_text_of(node);
	struct spec_fencing *fence = field;

	*fence = (struct spec_fencing){0};
	if (conf_tree_kind_of(node) == CONF_TREE_MAPPING) {
		fence->fence = SPEC_FENCE_EXEC;
		conf_table_read_item(r, exec_table, node, &fence->exec, s->name);
	} else if (text != NULL && strcmp(text, "none") == 0) {
		fence->fence = SPEC_FENCE_NONE;
	} else if (text == NULL || strcmp(text, "lease") != 0) {
		conf_reader_error(r, &at, "%s is %s", s->name, spec_type_fence.name);
	}
}

/* ---- what it depends on ---- */

static const struct conf_setting use_table[] = {
	{"name", &spec_type_label, .offset = offsetof(struct spec_use, name),
	 .flags = CONF_REQUIRED},
	{"type", &spec_type_service, .offset = offsetof(struct spec_use, type)},
	{"on-change", &spec_type_action, .offset = offsetof(struct spec_use, on_change),
	 .read = action_read, .initial_shown = "nothing"},
	{0},
};

static void use_item(struct conf_reader *r, struct yaml_node_s *item, void *arg)
{
	struct target *t = arg;
	struct spec_uses *uses = t->field;
	struct spec_use *use = &uses->items[uses->count++];
	struct base_location at = conf_table_locate(r, item);
	const char *text = conf_table_text_of(item);

	if (text != NULL)
		spec_type_label.from_text(r, &use_table[0], &at, text, &use->name);
	else
		conf_table_read_item(r, use_table, item, use, t->setting->name);
}

static void uses_read(struct conf_reader *r, const struct conf_setting *s, struct yaml_node_s *node,
		      void *field)
{
	struct spec_uses *uses = field;

	uses->items = items_alloc(r, s, node, sizeof(uses->items[0]));
	if (uses->items != NULL)
		conf_table_each(r, node, use_item, &(struct target){s, uses});
}

static const char *const no_yes[] = {"no", "yes", NULL};

static const struct conf_setting resource_table[] = {
	{"name", &spec_type_label, .offset = offsetof(struct spec_resource, name),
	 .flags = CONF_REQUIRED},
	{"exclusive", &conf_type_word, .offset = offsetof(struct spec_resource, is_exclusive),
	 .words = no_yes, .initial = "no"},
	{0},
};

static void resource_item(struct conf_reader *r, struct yaml_node_s *item, void *arg)
{
	struct target *t = arg;
	struct spec_resources *resources = t->field;
	struct spec_resource *resource = &resources->items[resources->count++];
	struct base_location at = conf_table_locate(r, item);
	const char *text = conf_table_text_of(item);

	if (text != NULL)
		spec_type_label.from_text(r, &resource_table[0], &at, text, &resource->name);
	else
		conf_table_read_item(r, resource_table, item, resource, t->setting->name);
}

static void resources_read(struct conf_reader *r, const struct conf_setting *s,
			   struct yaml_node_s *node, void *field)
{
	struct spec_resources *resources = field;

	resources->items = items_alloc(r, s, node, sizeof(resources->items[0]));
	if (resources->items != NULL)
		conf_table_each(r, node, resource_item, &(struct target){s, resources});
}

/* ---- the tables ---- */

#define FIELD(f) offsetof(struct spec_service, f)
#define PART(part, f) (FIELD(part.f) - FIELD(part))

static const char *const outputs[] = {"file", "journal", "none", NULL};
static const char *const listens[] = {"service", "agent", NULL};
static const char *const losts[] = {"fresh", "fail", NULL};

static const struct conf_setting machine_table[] = {
	{"start", &spec_type_command, .offset = PART(machine, start), .read = command_read,
	 .flags = CONF_REQUIRED},
	{"stop", &spec_type_command, .offset = PART(machine, stop), .read = command_read,
	 .flags = CONF_REQUIRED},
	{"check", &spec_type_command, .offset = PART(machine, check), .read = command_read},
	{"recycle", &spec_type_command, .offset = PART(machine, recycle), .read = command_read},
	{0},
};

static const struct conf_setting limits_table[] = {
	{"memory", &conf_type_size, .offset = PART(limits, memory), .max = UINT64_MAX / 2,
	 .initial = "0", .initial_shown = "unlimited"},
	{"processes", &conf_type_number, .offset = PART(limits, processes), .max = 1000000,
	 .initial = "0", .initial_shown = "unlimited"},
	{"files", &conf_type_number, .offset = PART(limits, files), .max = 1000000, .initial = "0",
	 .initial_shown = "1024"},
	{"core", &conf_type_size, .offset = PART(limits, core), .max = UINT64_MAX / 2,
	 .initial = "0"},
	{0},
};

static const struct conf_setting output_table[] = {
	{"to", &conf_type_word, .offset = PART(output, to), .words = outputs, .initial = "file"},
	{"size", &conf_type_size, .offset = PART(output, size), .min = 4096, .max = UINT64_MAX / 2,
	 .initial = "10M"},
	{"keep", &conf_type_number, .offset = PART(output, keep), .max = 1000, .initial = "3"},
	{0},
};

static const struct conf_setting check_table[] = {
	{"http", &conf_type_text, .offset = PART(check, http), .max = 1000},
	{"tcp", &spec_type_port, .offset = PART(check, tcp), .initial = "none"},
	{"exec", &spec_type_command, .offset = PART(check, exec), .read = command_read},
	{"ocf", &conf_type_word, .offset = PART(check, is_ocf), .words = no_yes, .initial = "no"},
	{"interval", &spec_type_seconds, .offset = PART(check, interval_ms), .min = 10,
	 .max = DAY * SECOND, .initial = "2"},
	{"timeout", &spec_type_seconds, .offset = PART(check, timeout_ms), .min = 1,
	 .max = DAY * SECOND, .initial = "1"},
	{"rise", &conf_type_number, .offset = PART(check, rise), .min = 1, .max = 1000,
	 .initial = "1"},
	{"fall", &conf_type_number, .offset = PART(check, fall), .min = 1, .max = 1000,
	 .initial = "3"},
	{0},
};

static const struct conf_setting stop_table[] = {
	{"signal", &spec_type_signal, .offset = PART(stop, signal), .initial = "TERM"},
	{"timeout", &spec_type_seconds, .offset = PART(stop, timeout_ms), .max = DAY * SECOND,
	 .initial = "10"},
	{0},
};

static const struct conf_setting restart_table[] = {
	{"times", &conf_type_number, .offset = PART(restart, times), .max = 1000000,
	 .initial = "5"},
	{"within", &spec_type_seconds, .offset = PART(restart, within_ms), .min = 1,
	 .max = 30 * DAY * (uint64_t)SECOND, .initial = "60"},
	{"backoff", &spec_type_seconds, .offset = PART(restart, backoff), .max = DAY * SECOND,
	 .flags = CONF_LIST, .initial = "0.1 10"},
	{0},
};

static const struct conf_setting state_table[] = {
	{"save", &spec_type_command, .offset = PART(state, save), .read = command_read,
	 .flags = CONF_REQUIRED},
	{"load", &spec_type_command, .offset = PART(state, load), .read = command_read,
	 .flags = CONF_REQUIRED},
	{0},
};

const struct conf_setting spec_table_service[] = {
	{"name", &spec_type_label, .offset = FIELD(name), .flags = CONF_REQUIRED},
	{"type", &spec_type_service, .offset = FIELD(type), .flags = CONF_REQUIRED},
	{"version", &conf_type_text, .offset = FIELD(version), .max = 64},
	{"schema", &spec_type_label, .offset = FIELD(schema)},
	{"count", &conf_type_number, .offset = FIELD(count), .min = 1, .max = SPEC_COUNT_MAX,
	 .initial = "1"},
	{"on", &spec_type_node, .offset = FIELD(on), .flags = CONF_LIST, .initial_shown = "any"},
	{"prefer", &spec_type_node, .offset = FIELD(prefer), .flags = CONF_LIST},
	{"avoid", &spec_type_label, .offset = FIELD(avoid), .flags = CONF_LIST},
	{"name-resource", &spec_type_label, .offset = FIELD(name_resource),
	 .initial_shown = "the service's name"},
	{"prepare", &spec_type_commands, .offset = FIELD(prepare), .read = commands_read},
	{"run", &spec_type_command, .offset = FIELD(run), .read = command_read},
	{"ocf", &spec_type_ocf, .offset = FIELD(ocf)},
	{"unit", &conf_type_text, .offset = FIELD(unit), .max = 255},
	{"machine", .offset = FIELD(machine), .table = machine_table},
	{"parameters", &spec_type_parameters, .offset = FIELD(parameters), .read = parameters_read},
	{"reload", &spec_type_action, .offset = FIELD(reload), .read = action_read,
	 .initial_shown = "restart"},
	{"user", &conf_type_text, .offset = FIELD(user), .max = 32, .initial_shown = "the agent's"},
	{"folder", &conf_type_text, .offset = FIELD(folder), .max = 4000,
	 .initial_shown = "the instance's own"},
	{"environment", &spec_type_pairs, .offset = FIELD(environment), .read = pairs_read},
	{"secret", &spec_type_pairs, .offset = FIELD(secret), .read = pairs_read},
	{"limits", .offset = FIELD(limits), .table = limits_table},
	{"output", .offset = FIELD(output), .table = output_table},
	{"port", &spec_type_port, .offset = FIELD(port), .initial = "none"},
	{"listen", &conf_type_word, .offset = FIELD(listen), .words = listens,
	 .initial = "service"},
	{"ttl", &conf_type_duration, .offset = FIELD(ttl_s), .min = 1, .max = DAY, .initial = "10"},
	{"priority", &conf_type_number, .offset = FIELD(priority), .max = 65535, .initial = "0"},
	{"weight", &conf_type_number, .offset = FIELD(weight), .max = 65535, .initial = "100"},
	{"text", &spec_type_pairs, .offset = FIELD(text), .read = pairs_read},
	{"check", .offset = FIELD(check), .table = check_table},
	{"stop", .offset = FIELD(stop), .table = stop_table},
	{"restart", .offset = FIELD(restart), .table = restart_table},
	{"uses", &spec_type_uses, .offset = FIELD(uses), .table = use_table, .read = uses_read},
	{"resources", &spec_type_resources, .offset = FIELD(resources), .table = resource_table,
	 .read = resources_read},
	{"state", .offset = FIELD(state), .table = state_table},
	{"lost", &conf_type_word, .offset = FIELD(lost), .words = losts, .initial = "fresh"},
	{"fence", &spec_type_fence, .offset = FIELD(fence), .read = fence_read,
	 .initial_shown = "lease"},
	{0},
};

void spec_table_set_defaults(struct conf_reader *r, struct spec_service *out)
{
	*out = (struct spec_service){.reload = {.act = SPEC_ACT_RESTART}};
	conf_table_set_defaults(r, spec_table_service, out);
}

void spec_table_read(struct conf_reader *r, struct yaml_node_s *node, struct spec_service *out,
		     const char *name)
{
	spec_table_set_defaults(r, out);
	out->at = conf_table_locate(r, node);
	conf_table_read_checked(r, spec_table_service, node, out, name, spec_check_service);
	if (out->on.count == 1 && out->on.items[0] != NULL && strcmp(out->on.items[0], "any") == 0)
		out->on.count = 0;
}
