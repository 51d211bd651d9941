/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The fabrics of a configuration: its `fabric:` entries. */

#include <string.h>

#include "conf/reader.h"
#include "conf/table.h"
#include "conf/type.h"
#include "settings/settings_priv.h"

#define FABRIC(field) offsetof(struct settings_fabric_entry, field)

const struct conf_setting settings_fabric_table[] = {
	{"name", &conf_type_located, .offset = FABRIC(name), .flags = CONF_REQUIRED},
	{"key-file", &conf_type_file, .offset = FABRIC(fabric.key_file), .flags = CONF_REQUIRED},
	{"overlap", &conf_type_duration, .offset = FABRIC(fabric.overlap_s), .max = 3650u * 86400,
	 .initial = "7d"},
	{"passphrase-file", &conf_type_file, .offset = FABRIC(fabric.passphrase_file)},
	{0},
};

static bool fabric_is_new(struct settings_loading *load, const struct settings_fabric_entry *entry)
{
	for (struct settings_fabric *f = load->whole->config.fabrics; f != NULL; f = f->next) {
		if (!dns_name_equal(f->name, entry->fabric.name))
			continue;
		conf_reader_error(&load->reader, &entry->name.at,
				  "fabric %s is given a second time, first at %s:%u", f->name_text,
				  f->at.file, f->at.line);
		return false;
	}
	return true;
}

static void fabric_item(struct conf_reader *r, struct yaml_node_s *item, void *arg)
{
	struct settings_loading *load = (struct settings_loading *)r;
	struct settings_fabric_entry *entry = conf_reader_alloc(r, sizeof(*entry));
	char name[DNS_NAME_TEXT_MAX];
	unsigned errors = r->nerrors;

	(void)arg;
	if (entry == NULL)
		return;
	conf_table_set_defaults(r, settings_fabric_table, entry);
	conf_table_read_item(r, settings_fabric_table, item, entry, "fabric");
	if (r->is_short_of_memory || r->nerrors > errors ||
	    !settings_key_parse_name(r, &entry->name, entry->fabric.name) ||
	    !fabric_is_new(load, entry)) {
		settings_key_add_failed(r, &load->failed_fabrics, &entry->name);
		return;
	}
	entry->fabric.at = entry->name.at;
	entry->fabric.name_text =
		base_arena_copy(r->arena, name, dns_name_to_text(name, entry->fabric.name) + 1);
	if (entry->fabric.name_text == NULL)
		r->is_short_of_memory = true;
	*load->fabrics_end = &entry->fabric;
	load->fabrics_end = &entry->fabric.next;
	load->whole->config.nfabrics++;
}

void settings_fabric_read(struct conf_reader *r, const struct conf_setting *s,
			  struct yaml_node_s *node, void *field)
{
	(void)s;
	conf_table_each(r, node, fabric_item, field);
}

bool settings_fabric_has_key(const struct settings *config, const uint8_t *name)
{
	for (const struct settings_fabric *f = config->fabrics; f != NULL; f = f->next) {
		unsigned nlabels = dns_name_labels(f->name) + 1, all = dns_name_labels(name);

		if (all > nlabels && dns_name_is_under(name, f->name) &&
		    memcmp(dns_name_strip(name, all - nlabels), "\4keys", 5) == 0)
			return true;
	}
	return false;
}
