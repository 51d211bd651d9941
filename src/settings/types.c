/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The option `update.types` of a zone: a mapping of service types to the keys that may register
 * them. The names of the keys are complete when the zone's fabric is known. */

#include <string.h>

#include "conf/reader.h"
#include "conf/table.h"
#include "settings/settings_priv.h"

/* A key that the option names. */
struct type_key {
	struct type_key *next;
	struct conf_text text;
};

/* A service type that the option names; its keys are counted. */
struct type_entry {
	struct type_entry *next;
	struct base_location at;
	uint8_t type[DNS_NAME_MAX];
	bool is_other; /* `*` */
	struct type_key *keys, **keys_end;
	size_t nkeys;
};

static void read_key(struct conf_reader *r, struct yaml_node_s *item, void *arg)
{
	struct base_location at = conf_table_locate(r, item);
	const char *text = conf_table_text_of(item);
	struct type_entry *entry = arg;
	struct type_key *key;

	if (text == NULL) {
		conf_reader_error(r, &at, "types: the name of a key is missing");
		return;
	}
	key = conf_reader_alloc(r, sizeof(*key));
	if (key == NULL)
		return;
	key->text = (struct conf_text){conf_reader_copy(r, text), at};
	*entry->keys_end = key;
	entry->keys_end = &key->next;
	entry->nkeys++;
}

static bool is_given(const struct settings_type_entries *list, const struct type_entry *entry)
{
	for (const struct type_entry *e = list->first; e != NULL; e = e->next)
		if (e->is_other ? entry->is_other
				: !entry->is_other && dns_name_equal(e->type, entry->type))
			return true;
	return false;
}

static void read_type(struct conf_reader *r, const char *name, const struct base_location *at,
		      struct yaml_node_s *value, void *arg)
{
	struct settings_type_entries *list = arg;
	struct type_entry *entry = conf_reader_alloc(r, sizeof(*entry)), **end = &list->first;

	if (entry == NULL)
		return;
	entry->at = *at;
	entry->keys_end = &entry->keys;
	if (!update_types_parse(entry->type, &entry->is_other, name)) {
		conf_reader_error(r, at, "types: %s is not a service type such as _http._tcp, or *",
				  name);
		return;
	}
	if (is_given(list, entry)) {
		conf_reader_error(r, at, "types: %s is given a second time", name);
		return;
	}
	conf_table_each(r, value, read_key, entry);
	while (*end != NULL)
		end = &(*end)->next;
	*end = entry;
	list->count++;
}

void settings_types_read(struct conf_reader *r, const struct conf_setting *s,
			 struct yaml_node_s *node, void *field)
{
	struct settings_type_entries *list = field;

	list->at = conf_table_locate(r, node);
	conf_table_each_pair(r, s->name, node, read_type, field);
}

/* Returns the wire name of a key of the fabric, or NULL after reporting. A name that is not below
 * `keys.FABRIC` is completed by it, as for weft(1). */
static const uint8_t *key_name(struct conf_reader *r, const struct conf_text *text,
			       const uint8_t *fabric)
{
	static const uint8_t label[] = "\4keys";
	uint8_t keys[DNS_NAME_MAX], *name = conf_reader_alloc(r, DNS_NAME_MAX);
	size_t n;

	if (name == NULL || text->text == NULL)
		return NULL;
	n = strlen(text->text);
	if (dns_name_join(keys, label, sizeof(label) - 1, fabric) == 0 ||
	    dns_name_from_text(name, text->text, n, NULL) == 0 ||
	    (!dns_name_is_under(name, keys) &&
	     (text->text[n - 1] == '.' || dns_name_from_text(name, text->text, n, keys) == 0)) ||
	    dns_name_equal(name, keys)) {
		conf_reader_error(r, &text->at, "types: %s is not a key of the fabric", text->text);
		return NULL;
	}
	dns_name_lower(name, name);
	return name;
}

static void finish_type(struct conf_reader *r, const struct type_entry *entry,
			const uint8_t *fabric, struct update_type_rule *rule)
{
	const uint8_t **keys = conf_reader_alloc(r, (entry->nkeys + 1) * sizeof(*keys));

	rule->type = entry->is_other ? NULL : entry->type;
	rule->keys = keys;
	for (const struct type_key *k = entry->keys; k != NULL && keys != NULL; k = k->next) {
		keys[rule->nkeys] = key_name(r, &k->text, fabric);
		rule->nkeys += keys[rule->nkeys] != NULL;
	}
}

void settings_types_finish(struct settings_loading *load, const struct settings_type_entries *list,
			   struct settings_zone *zone)
{
	struct conf_reader *r = &load->reader;
	struct update_type_rule *rules;

	if (list->count == 0)
		return;
	if (zone->update_fabric == NULL) {
		conf_reader_error(r, &list->at, "update.types needs update.fabric");
		return;
	}
	rules = conf_reader_alloc(r, list->count * sizeof(*rules));
	zone->types.items = rules;
	for (const struct type_entry *e = list->first; e != NULL && rules != NULL; e = e->next)
		finish_type(r, e, zone->update_fabric->name, &rules[zone->types.count++]);
}
