/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The keys of a configuration: its `key:` entries, their files, and included key files. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "conf/file.h"
#include "conf/reader.h"
#include "conf/table.h"
#include "conf/type.h"
#include "settings/settings_priv.h"

#define KEY(field) offsetof(struct settings_key_entry, field)

const struct conf_setting settings_key_table[] = {
	{"name", &conf_type_located, .offset = KEY(name), .initial_shown = "the names in key-file"},
	{"algorithm", &conf_type_located, .offset = KEY(algorithm), .initial_shown = "hmac-sha256"},
	{"secret", &conf_type_secret, .offset = KEY(secret)},
	{"secret-file", &conf_type_file, .offset = KEY(secret_file)},
	{"key-file", &conf_type_file, .offset = KEY(key_file)},
	{0},
};

/* Adds a key to the configuration. The secret moves in, also on failure. */
static void key_add(struct settings_loading *load, struct fabric_keyfile_key *take,
		    const struct base_location *at)
{
	struct conf_reader *r = &load->reader;
	struct settings_key *key = conf_reader_alloc(r, sizeof(*key));
	char name[DNS_NAME_TEXT_MAX];
	size_t nchars = dns_name_to_text(name, take->name);

	if (key == NULL) {
		fabric_keyfile_secret_fini(&take->secret);
		return;
	}
	key->at = *at;
	key->key = *take;
	key->name = base_arena_copy(r->arena, name, nchars + 1);
	if (key->name == NULL)
		r->is_short_of_memory = true;
	*load->keys_end = key;
	load->keys_end = &key->next;
	load->whole->config.nkeys++;
}

/* Where the configuration names a key file. */
struct keyfile_naming {
	struct conf_reader *reader;
	const struct base_location *at;
};

/* Reports an error of a key file. If the file cannot be read, the error is in the line that names
 * it. */
static void keyfile_report(void *arg, enum base_log_level level, const struct base_error *error)
{
	const struct keyfile_naming *naming = arg;

	(void)level;
	if (error->at.line == 0)
		conf_reader_error(naming->reader, naming->at, "cannot read %s: %s", error->at.file,
				  error->text);
	else
		conf_reader_error(naming->reader, &error->at, "%s", error->text);
}

static void keyfile_add(struct settings_loading *load, const char *path, const uint8_t *only,
			const struct base_location *at)
{
	struct conf_reader *r = &load->reader;
	struct keyfile_naming naming = {r, at};
	struct fabric_keyfile keyfile;
	bool found = false;

	conf_reader_tell_path(r, path);
	if (fabric_keyfile_read(&keyfile, path, keyfile_report, &naming) != 0)
		return;
	if (keyfile.is_open_to_others)
		conf_reader_warn(r, &(struct base_location){path, 0},
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
		conf_reader_error(r, at, "%s has no key of that name", path);
}

void settings_key_include(struct conf_reader *r, const char *path, const struct base_location *at)
{
	struct settings_loading *load = (struct settings_loading *)r;
	unsigned errors = r->nerrors;

	keyfile_add(load, path, NULL, at);
	if (r->nerrors > errors)
		settings_key_add_failed(r, &load->failed_keys, &(struct conf_text){.text = NULL});
}

/* Reads the secret from the file at `path`, which contains base64. */
static void secret_file_read(struct conf_reader *r, const struct conf_text *path,
			     struct fabric_keyfile_secret *secret)
{
	struct conf_file file;
	int ret;

	conf_reader_tell_path(r, path->text);
	ret = conf_file_read(&file, path->text);
	if (ret != 0)
		conf_reader_error(r, &path->at, "cannot read %s: %s", path->text, strerror(-ret));
	else if (fabric_keyfile_secret_from_text(secret, file.bytes) != 0)
		conf_reader_error(r, &path->at, "%s does not contain base64 of 1 to %d bytes",
				  path->text, FABRIC_KEYFILE_SECRET_MAX);
	else if (file.is_open_to_others)
		conf_reader_warn(r, &path->at, "secret-file is a file that everybody may read");
	conf_file_free(&file);
}

bool settings_key_parse_name(struct conf_reader *r, const struct conf_text *name,
			     uint8_t out[static DNS_NAME_MAX])
{
	if (dns_name_from_text(out, name->text, strlen(name->text), NULL) == 0) {
		conf_reader_error(r, &name->at, "%s is not a domain name", name->text);
		return false;
	}
	dns_name_lower(out, out);
	return true;
}

void settings_key_add_failed(struct conf_reader *r, struct settings_failed **list,
			     const struct conf_text *name)
{
	struct settings_failed *failed = conf_reader_alloc(r, sizeof(*failed));

	if (failed == NULL)
		return;
	*failed = (struct settings_failed){*list, name->text};
	*list = failed;
}

bool settings_key_has_failed(const struct settings_failed *list, const uint8_t *name)
{
	uint8_t failed[DNS_NAME_MAX];

	for (; list != NULL; list = list->next)
		if (list->name == NULL ||
		    (dns_name_from_text(failed, list->name, strlen(list->name), NULL) > 0 &&
		     dns_name_equal(failed, name)))
			return true;
	return false;
}

/* Adds the key of an entry that has its secret itself or in a file of its own. */
static void key_plain_add(struct settings_loading *load, struct settings_key_entry *entry,
			  const struct base_location *at)
{
	struct conf_reader *r = &load->reader;
	const char *algorithm =
		entry->algorithm.text != NULL ? entry->algorithm.text : "hmac-sha256";
	struct fabric_keyfile_key key = {.line = at->line};
	bool is_good;

	if (entry->name.text == NULL) {
		conf_reader_error(r, at, "key needs name");
		return;
	}
	is_good = settings_key_parse_name(r, &entry->name, key.name);
	if (!dns_tsig_algorithm_from_text(&key.algorithm, algorithm, strlen(algorithm))) {
		conf_reader_error(r, &entry->algorithm.at, "unknown algorithm %s", algorithm);
		is_good = false;
	}
	if (entry->secret_file.text != NULL)
		secret_file_read(r, &entry->secret_file, &entry->secret);
	if (!is_good || entry->secret.bytes == NULL)
		return;
	key.secret = entry->secret;
	entry->secret = (struct fabric_keyfile_secret){0};
	key_add(load, &key, at);
}

static void key_finish(struct settings_loading *load, struct settings_key_entry *entry,
		       const struct base_location *at)
{
	struct conf_reader *r = &load->reader;
	uint8_t only[DNS_NAME_MAX];
	int forms = (entry->secret.bytes != NULL) + (entry->secret_file.text != NULL) +
		    (entry->key_file.text != NULL);

	if (forms != 1) {
		conf_reader_error(r, at, "key needs one of secret, secret-file and key-file");
	} else if (entry->key_file.text == NULL) {
		key_plain_add(load, entry, at);
	} else if (entry->algorithm.text != NULL) {
		conf_reader_error(r, &entry->algorithm.at, "the algorithm is in key-file");
	} else if (entry->name.text == NULL) {
		keyfile_add(load, entry->key_file.text, NULL, &entry->key_file.at);
	} else if (settings_key_parse_name(r, &entry->name, only)) {
		keyfile_add(load, entry->key_file.text, only, &entry->name.at);
	}
}

static void key_item(struct conf_reader *r, struct yaml_node_s *item, void *arg)
{
	struct base_location at = conf_table_locate(r, item);
	struct settings_key_entry entry = {0};
	unsigned errors = r->nerrors;

	(void)arg;
	conf_table_read_item(r, settings_key_table, item, &entry, "key");
	/* After an invalid value, a second message that it is missing would only confuse. */
	if (r->nerrors == errors)
		key_finish((struct settings_loading *)r, &entry, &at);
	if (r->nerrors > errors)
		settings_key_add_failed(r, &((struct settings_loading *)r)->failed_keys,
					&entry.name);
	fabric_keyfile_secret_fini(&entry.secret);
}

void settings_key_read(struct conf_reader *r, const struct conf_setting *s,
		       struct yaml_node_s *node, void *field)
{
	(void)s;
	conf_table_each(r, node, key_item, field);
}

static int keys_order(const void *a, const void *b)
{
	const struct settings_key *const *ka = a, *const *kb = b;

	return dns_name_compare((*ka)->key.name, (*kb)->key.name);
}

void settings_key_sort(struct settings_loading *load)
{
	struct settings_whole *whole = load->whole;
	size_t i = 0, count = whole->config.nkeys;

	whole->keys_sorted = conf_reader_alloc(&load->reader, count * sizeof(*whole->keys_sorted));
	if (whole->keys_sorted == NULL)
		return;
	for (struct settings_key *key = whole->config.keys; key != NULL; key = key->next)
		whole->keys_sorted[i++] = key;
	if (count > 0)
		qsort(whole->keys_sorted, count, sizeof(*whole->keys_sorted), keys_order);
	for (i = 1; i < count; i++) {
		const struct settings_key *one = whole->keys_sorted[i - 1];
		const struct settings_key *two = whole->keys_sorted[i];

		if (keys_order(&one, &two) == 0)
			conf_reader_error(&load->reader, &two->at,
					  "key %s is given a second time, first at %s:%u",
					  two->name, one->at.file, one->at.line);
	}
}

const struct settings_key *settings_key_find(const struct settings_whole *whole,
					     const uint8_t *name)
{
	struct settings_key wanted, *key = &wanted, **found;

	memcpy(wanted.key.name, name, dns_name_nbytes(name));
	if (whole->config.nkeys == 0)
		return NULL;
	found = bsearch(&key, whole->keys_sorted, whole->config.nkeys, sizeof(key), keys_order);
	return found != NULL ? *found : NULL;
}
