/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The entries of a configuration that come in any number: keys, fabrics and zones. They are read as
 * they are written; names in them are looked up when all files are read, so that their order is
 * free. */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "update/policy.h"
#include "weftd/config_priv.h"

static struct weftd_config_load *load_of(struct conf_reader *r)
{
	return (struct weftd_config_load *)r;
}

static void *room_make(struct conf_reader *r, size_t nbytes)
{
	void *room = base_arena_alloc(r->arena, nbytes > 0 ? nbytes : 1);

	if (room == NULL)
		r->is_short_of_memory = true;
	else
		memset(room, 0, nbytes);
	return room;
}

static void warn(struct conf_reader *r, const struct base_location *place, const char *text)
{
	r->report(r->arg, BASE_LOG_WARNING, place->file, place->line, text);
}

/* ---- keys ------------------------------------------------------------------------------------ */

/* Adds a key whose secret moves in. */
static void key_add(struct weftd_config_load *load, struct fabric_keyfile_key *take,
		    const struct base_location *place)
{
	struct conf_reader *r = &load->reader;
	struct weftd_config_key *key = room_make(r, sizeof(*key));
	char name[DNS_NAME_TEXT_MAX];
	size_t length = dns_name_to_text(name, take->name);

	if (key == NULL) {
		fabric_keyfile_secret_fini(&take->secret);
		return;
	}
	key->place = *place;
	key->key = *take;
	key->name = base_arena_copy(r->arena, name, length + 1);
	if (key->name == NULL)
		r->is_short_of_memory = true;
	*load->keys_end = key;
	load->keys_end = &key->next;
	load->whole->config.nkeys++;
}

/* Where a key file is named, and by what. */
struct keyfile_naming {
	struct conf_reader *reader;
	const struct base_location *place;
};

/* A file that cannot be read has no lines: what is wrong is the line that names it. */
static void keyfile_error(void *arg, const char *file, unsigned line, const char *text)
{
	const struct keyfile_naming *naming = arg;

	if (line == 0)
		conf_error(naming->reader, naming->place, "cannot read %s: %s", file, text);
	else
		conf_error(naming->reader, &(struct base_location){file, line}, "%s", text);
}

void weftd_config_add_keyfile(struct weftd_config_load *load, const char *path, const uint8_t *only,
			      const struct base_location *place)
{
	struct conf_reader *r = &load->reader;
	struct keyfile_naming naming = {r, place};
	struct fabric_keyfile keyfile;
	bool found = false;

	if (fabric_keyfile_read(&keyfile, path, keyfile_error, &naming) != 0)
		return;
	if (keyfile.is_open_to_others)
		warn(r, &(struct base_location){path, 0},
		     "secrets in a file that everybody may read");
	for (size_t i = 0; i < keyfile.nkeys; i++) {
		struct fabric_keyfile_key *key = &keyfile.keys[i];

		if (only != NULL && !dns_name_equal(only, key->name))
			continue;
		found = true;
		key_add(load, key, &(struct base_location){path, key->line});
		key->secret = (struct fabric_keyfile_secret){0};
	}
	fabric_keyfile_fini(&keyfile);
	if (!found)
		conf_error(r, place, "%s has no key of that name", path);
}

/* Reads base64 from a file. */
static void secret_file_read(struct conf_reader *r, const struct conf_text *path,
			     struct fabric_keyfile_secret *secret)
{
	struct weftd_config_file file;
	int ret = weftd_config_file_read(&file, path->text);

	if (ret != 0)
		conf_error(r, &path->place, "cannot read %s: %s", path->text, strerror(-ret));
	else if (fabric_keyfile_secret_from_text(secret, file.bytes) != 0)
		conf_error(r, &path->place, "%s holds no base64 of 1 to %d bytes", path->text,
			   FABRIC_KEYFILE_SECRET_MAX);
	else if (file.is_open_to_others)
		warn(r, &path->place, "secret-file is a file that everybody may read");
	weftd_config_file_free(&file);
}

/* Whether the name was parsed; reports when not. */
static bool name_parse(struct conf_reader *r, const struct conf_text *name,
		       uint8_t out[static DNS_NAME_MAX])
{
	if (dns_name_from_text(out, name->text, strlen(name->text), NULL) == 0) {
		conf_error(r, &name->place, "%s is no domain name", name->text);
		return false;
	}
	dns_name_lower(out, out);
	return true;
}

/* An entry with its secret in it or in a file of its own. */
static void key_plain_add(struct weftd_config_load *load, struct weftd_config_key_entry *entry,
			  const struct base_location *place)
{
	struct conf_reader *r = &load->reader;
	const char *algorithm =
		entry->algorithm.text != NULL ? entry->algorithm.text : "hmac-sha256";
	struct fabric_keyfile_key key = {.line = place->line};
	bool is_good;

	if (entry->name.text == NULL) {
		conf_error(r, place, "key needs name");
		return;
	}
	is_good = name_parse(r, &entry->name, key.name);
	if (!dns_tsig_algorithm_from_text(&key.algorithm, algorithm, strlen(algorithm))) {
		conf_error(r, &entry->algorithm.place, "unknown algorithm %s", algorithm);
		is_good = false;
	}
	if (entry->secret_file.text != NULL)
		secret_file_read(r, &entry->secret_file, &entry->secret);
	if (!is_good || entry->secret.bytes == NULL)
		return;
	key.secret = entry->secret;
	entry->secret = (struct fabric_keyfile_secret){0};
	key_add(load, &key, place);
}

static void key_finish(struct weftd_config_load *load, struct weftd_config_key_entry *entry,
		       const struct base_location *place)
{
	struct conf_reader *r = &load->reader;
	uint8_t only[DNS_NAME_MAX];
	int forms = (entry->secret.bytes != NULL) + (entry->secret_file.text != NULL) +
		    (entry->key_file.text != NULL);

	if (forms != 1) {
		conf_error(r, place, "key needs one of secret, secret-file and key-file");
	} else if (entry->key_file.text == NULL) {
		key_plain_add(load, entry, place);
	} else if (entry->algorithm.text != NULL) {
		conf_error(r, &entry->algorithm.place, "key-file says the algorithm");
	} else if (entry->name.text == NULL) {
		weftd_config_add_keyfile(load, entry->key_file.text, NULL, &entry->key_file.place);
	} else if (name_parse(r, &entry->name, only)) {
		weftd_config_add_keyfile(load, entry->key_file.text, only, &entry->name.place);
	}
}

static void key_item(struct conf_reader *r, yaml_node_t *item, void *arg)
{
	struct base_location place = conf_location_of(r, item);
	struct weftd_config_key_entry entry = {0};
	unsigned errors = r->errors;

	(void)arg;
	conf_read_item(r, weftd_config_key_table, item, &entry, "key");
	/* A wrong value is reported by now; that it is missing too would only confuse. */
	if (r->errors == errors)
		key_finish(load_of(r), &entry, &place);
	fabric_keyfile_secret_fini(&entry.secret);
}

void weftd_config_read_keys(struct conf_reader *r, const struct conf_setting *s, yaml_node_t *node,
			    void *field)
{
	(void)s;
	conf_each(r, node, key_item, field);
}

static int keys_order(const void *a, const void *b)
{
	const struct weftd_config_key *const *ka = a, *const *kb = b;

	return dns_name_compare((*ka)->key.name, (*kb)->key.name);
}

void weftd_config_sort_keys(struct weftd_config_load *load)
{
	struct weftd_config_whole *whole = load->whole;
	size_t i = 0, count = whole->config.nkeys;

	whole->keys_sorted = room_make(&load->reader, count * sizeof(*whole->keys_sorted));
	if (whole->keys_sorted == NULL)
		return;
	for (struct weftd_config_key *key = whole->config.keys; key != NULL; key = key->next)
		whole->keys_sorted[i++] = key;
	if (count > 0)
		qsort(whole->keys_sorted, count, sizeof(*whole->keys_sorted), keys_order);
	for (i = 1; i < count; i++) {
		const struct weftd_config_key *one = whole->keys_sorted[i - 1];
		const struct weftd_config_key *two = whole->keys_sorted[i];

		if (keys_order(&one, &two) == 0)
			conf_error(&load->reader, &two->place,
				   "key %s is given a second time, first at %s:%u", two->name,
				   one->place.file, one->place.line);
	}
}

/* ---- fabrics --------------------------------------------------------------------------------- */

static bool fabric_is_new(struct weftd_config_load *load,
			  const struct weftd_config_fabric_entry *entry)
{
	for (struct weftd_config_fabric *f = load->whole->config.fabrics; f != NULL; f = f->next) {
		if (!dns_name_equal(f->name, entry->fabric.name))
			continue;
		conf_error(&load->reader, &entry->name.place,
			   "fabric %s is given a second time, first at %s:%u", f->name_text,
			   f->place.file, f->place.line);
		return false;
	}
	return true;
}

static void fabric_item(struct conf_reader *r, yaml_node_t *item, void *arg)
{
	struct weftd_config_load *load = load_of(r);
	struct weftd_config_fabric_entry *entry = room_make(r, sizeof(*entry));
	char name[DNS_NAME_TEXT_MAX];
	unsigned errors = r->errors;

	(void)arg;
	if (entry == NULL)
		return;
	conf_defaults(r, weftd_config_fabric_table, entry);
	conf_read_item(r, weftd_config_fabric_table, item, entry, "fabric");
	if (r->is_short_of_memory || r->errors > errors ||
	    !name_parse(r, &entry->name, entry->fabric.name) || !fabric_is_new(load, entry))
		return;
	entry->fabric.place = entry->name.place;
	entry->fabric.name_text =
		base_arena_copy(r->arena, name, dns_name_to_text(name, entry->fabric.name) + 1);
	if (entry->fabric.name_text == NULL)
		r->is_short_of_memory = true;
	*load->fabrics_end = &entry->fabric;
	load->fabrics_end = &entry->fabric.next;
	load->whole->config.nfabrics++;
}

void weftd_config_read_fabrics(struct conf_reader *r, const struct conf_setting *s,
			       yaml_node_t *node, void *field)
{
	(void)s;
	conf_each(r, node, fabric_item, field);
}

/* Whether the name (lower case) is below `keys.` and the name of a fabric. */
static bool is_fabric_key(const struct weftd_config *config, const uint8_t *name)
{
	for (const struct weftd_config_fabric *f = config->fabrics; f != NULL; f = f->next) {
		unsigned nlabels = dns_name_labels(f->name) + 1, all = dns_name_labels(name);

		if (all > nlabels && dns_name_is_under(name, f->name) &&
		    memcmp(dns_name_strip(name, all - nlabels), "\4keys", 5) == 0)
			return true;
	}
	return false;
}

/* ---- zones ----------------------------------------------------------------------------------- */

static void zone_file_check(struct conf_reader *r, const struct conf_text *file)
{
	struct stat st;

	if (stat(file->text, &st) != 0 || access(file->text, R_OK) != 0)
		conf_error(r, &file->place, "cannot read %s: %s", file->text, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		conf_error(r, &file->place, "%s is no file", file->text);
}

/* Where the second of what excludes each other is written. */
static const struct base_location *update_place(const struct weftd_config_zone_entry *entry)
{
	if (entry->update.fabric.text != NULL)
		return &entry->update.fabric.place;
	return &entry->update.policy.items[0].place;
}

static void zone_item(struct conf_reader *r, yaml_node_t *item, void *arg)
{
	struct weftd_config_load *load = load_of(r);
	struct weftd_config_zone_entry *entry = room_make(r, sizeof(*entry));
	char name[DNS_NAME_TEXT_MAX];

	(void)arg;
	if (entry == NULL)
		return;
	entry->zone.place = conf_location_of(r, item);
	conf_defaults(r, weftd_config_zone_table, entry);
	entry->zone.lease.grace_s = LEDGER_GRACE_THIRD;
	conf_read_item(r, weftd_config_zone_table, item, entry, "zone");
	if (r->is_short_of_memory || entry->name.text == NULL ||
	    !name_parse(r, &entry->name, entry->zone.name))
		return;
	if (entry->file.text != NULL)
		zone_file_check(r, &entry->file);
	if ((entry->update.key.count > 0) + (entry->update.policy.count > 0) +
		    (entry->update.fabric.text != NULL) >
	    1)
		conf_error(r, update_place(entry), "update has one of key, policy and fabric");
	if (entry->zone.lease.minimum_s > entry->zone.lease.maximum_s)
		conf_error(r, &entry->name.place, "lease: minimum is more than maximum");
	if (entry->zone.lease.default_s > entry->zone.lease.maximum_s)
		conf_error(r, &entry->name.place, "lease: default is more than maximum");

	entry->zone.name_text =
		base_arena_copy(r->arena, name, dns_name_to_text(name, entry->zone.name) + 1);
	if (entry->zone.name_text == NULL)
		r->is_short_of_memory = true;
	entry->zone.place = entry->name.place;
	entry->zone.file = entry->file.text;
	entry->zone.update_policy = entry->update.policy;
	entry->zone.transfer_addresses = entry->transfer.address;
	*load->zones_end = &entry->zone;
	load->zones_end = &entry->zone.next;
	load->whole->config.nzones++;
}

void weftd_config_read_zones(struct conf_reader *r, const struct conf_setting *s, yaml_node_t *node,
			     void *field)
{
	(void)s;
	conf_each(r, node, zone_item, field);
}

static const struct weftd_config_key *key_find(const struct weftd_config_whole *whole,
					       const uint8_t *name)
{
	struct weftd_config_key wanted, *key = &wanted, **found;

	memcpy(wanted.key.name, name, dns_name_nbytes(name));
	if (whole->config.nkeys == 0)
		return NULL;
	found = bsearch(&key, whole->keys_sorted, whole->config.nkeys, sizeof(key), keys_order);
	return found != NULL ? *found : NULL;
}

/* An entry for a key that is derived and not configured; NULL when memory is short. */
static struct weftd_config_key *fabric_key_make(struct conf_reader *r, const struct conf_text *text,
						const uint8_t *name)
{
	struct weftd_config_key *key = room_make(r, sizeof(*key));

	if (key == NULL)
		return NULL;
	key->place = text->place;
	key->name = text->text;
	memcpy(key->key.name, name, dns_name_nbytes(name));
	return key;
}

static void keys_look_up(struct weftd_config_load *load, const struct conf_texts *names,
			 struct weftd_config_keys *out)
{
	struct conf_reader *r = &load->reader;
	uint8_t name[DNS_NAME_MAX];

	out->items = room_make(r, names->count * sizeof(*out->items));
	for (size_t i = 0; out->items != NULL && i < names->count; i++) {
		if (names->items[i].text == NULL || !name_parse(r, &names->items[i], name))
			continue;
		out->items[out->count] = key_find(load->whole, name);
		if (out->items[out->count] == NULL && is_fabric_key(&load->whole->config, name))
			out->items[out->count] = fabric_key_make(r, &names->items[i], name);
		if (out->items[out->count] != NULL)
			out->count++;
		else
			conf_error(r, &names->items[i].place, "there is no key %s",
				   names->items[i].text);
	}
}

struct rules {
	struct conf_reader *reader;
	const struct conf_texts *texts;
};

static void rule_error(void *arg, size_t index, const char *text)
{
	const struct rules *rules = arg;

	conf_error(rules->reader, &rules->texts->items[index].place, "%s", text);
}

/* The policy itself is made again when the zone is served: here its rules are only checked. */
static void policy_check(struct weftd_config_load *load, const struct weftd_config_zone *zone)
{
	struct rules rules = {&load->reader, &zone->update_policy};
	size_t count = zone->update_policy.count;
	const char **texts = room_make(&load->reader, count * sizeof(*texts));
	struct update_policy *policy = NULL;

	for (size_t i = 0; texts != NULL && i < count; i++) {
		texts[i] = zone->update_policy.items[i].text;
		if (texts[i] == NULL)
			return;
	}
	if (texts != NULL &&
	    update_policy_parse(&policy, texts, count, zone->name, rule_error, &rules) == -ENOMEM)
		load->reader.is_short_of_memory = true;
	update_policy_free(policy);
}

static void fabric_look_up(struct weftd_config_load *load, const struct conf_text *text,
			   struct weftd_config_zone *zone)
{
	uint8_t name[DNS_NAME_MAX];

	if (text->text == NULL || !name_parse(&load->reader, text, name))
		return;
	for (const struct weftd_config_fabric *f = load->whole->config.fabrics; f != NULL;
	     f = f->next)
		if (dns_name_equal(f->name, name))
			zone->update_fabric = f;
	if (zone->update_fabric == NULL)
		conf_error(&load->reader, &text->place, "there is no fabric %s", text->text);
}

static int zones_order(const void *a, const void *b)
{
	const struct weftd_config_zone *const *za = a, *const *zb = b;

	return dns_name_compare((*za)->name, (*zb)->name);
}

void weftd_config_finish_zones(struct weftd_config_load *load)
{
	struct weftd_config_whole *whole = load->whole;
	size_t i = 0, count = whole->config.nzones;

	whole->zones_sorted = room_make(&load->reader, count * sizeof(*whole->zones_sorted));
	if (whole->zones_sorted == NULL)
		return;
	for (struct weftd_config_zone *zone = whole->config.zones; zone != NULL;
	     zone = zone->next) {
		struct weftd_config_zone_entry *entry = (struct weftd_config_zone_entry *)zone;

		whole->zones_sorted[i++] = zone;
		keys_look_up(load, &entry->update.key, &zone->update_keys);
		keys_look_up(load, &entry->transfer.key, &zone->transfer_keys);
		policy_check(load, zone);
		fabric_look_up(load, &entry->update.fabric, zone);
		if (zone->services.is_on == VIEW_AUTO)
			zone->services.is_on = zone->update_fabric != NULL;
	}
	if (count > 0)
		qsort(whole->zones_sorted, count, sizeof(*whole->zones_sorted), zones_order);
	for (i = 1; i < count; i++) {
		const struct weftd_config_zone *one = whole->zones_sorted[i - 1];
		const struct weftd_config_zone *two = whole->zones_sorted[i];

		if (zones_order(&one, &two) == 0)
			conf_error(&load->reader, &two->place,
				   "zone %s is given a second time, first at %s:%u", two->name_text,
				   one->place.file, one->place.line);
	}
}

const struct weftd_config_zone *weftd_config_zone_find(const struct weftd_config *config,
						       const uint8_t *name)
{
	const struct weftd_config_whole *whole = (const struct weftd_config_whole *)config;
	struct weftd_config_zone wanted, *key = &wanted, **found;

	memcpy(wanted.name, name, dns_name_nbytes(name));
	if (config->nzones == 0)
		return NULL;
	found = bsearch(&key, whole->zones_sorted, config->nzones, sizeof(key), zones_order);
	return found != NULL ? *found : NULL;
}
