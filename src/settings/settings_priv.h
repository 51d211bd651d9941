/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* settings/settings_priv.h - for the files that load a configuration: the tables of settings, and
 * the entries as they are written, before the names in them are looked up. Main thread only. */

#pragma once

#include "base/arena.h"
#include "conf/reader.h"
#include "settings/settings.h"
#include "update/types.h"

/* A `key:` entry. One of the last three members has the secret. */
struct settings_key_entry {
	struct conf_text name;
	struct conf_text algorithm;
	struct fabric_keyfile_secret secret; /* the entry's until it moves to a key */
	struct conf_text secret_file;	     /* a file with base64 */
	struct conf_text key_file;	     /* a file in BIND's format */
};

/* A `fabric:` entry; `fabric` joins the configuration when its name is parsed. */
struct settings_fabric_entry {
	struct settings_fabric fabric;
	struct conf_text name;
};

/* The option `update.types` of a zone; the entries are types.c's. */
struct settings_type_entries {
	struct base_location at;
	struct type_entry *first;
	size_t count;
};

/* A quota as it is written: the greatest number is that none is given. */
struct settings_quota_entry {
	uint32_t instances, records, leases, reports;
	uint64_t octets;
};

/* A `zone:` entry; `zone` joins the configuration, its names are looked up when all files are read.
 */
struct settings_zone_entry {
	struct settings_zone zone;
	struct conf_text name;
	struct conf_text file;
	struct {
		struct conf_texts key; /* names of keys */
		struct conf_texts policy;
		struct conf_text fabric; /* a name; its text is NULL: none is given */
		struct settings_type_entries types;
	} update;
	struct settings_quota_entry quota;
	struct {
		struct conf_texts key; /* names of keys */
		struct settings_prefixes address;
	} subscribe, transfer;
};

/* An `mdns:` entry; `mdns` joins the configuration, its names are looked up when all files are
 * read. */
struct settings_mdns_entry {
	struct settings_mdns mdns;
	struct conf_text zone, into, host_suffix;
	struct conf_texts interface, advertise, discover, exclude;
};

/* A configuration with its memory and its indexes. The configuration comes first: a pointer to it
 * is one to the whole. */
struct settings_whole {
	struct settings config;
	struct base_arena arena;
	struct settings_key **keys_sorted;   /* by name, config.nkeys of them */
	struct settings_zone **zones_sorted; /* by name, config.nzones of them */
};

/* The name of an entry that has an error. */
struct settings_failed {
	struct settings_failed *next;
	const char *name; /* as it is written; NULL: unknown, so it may be any */
};

/* One loading of a configuration. The reader comes first: a pointer to it is one to the loading. */
struct settings_loading {
	struct conf_reader reader;
	struct settings_whole *whole;
	struct settings_key **keys_end; /* where the next key is appended */
	struct settings_fabric **fabrics_end;
	struct settings_zone **zones_end;
	struct settings_mdns **mdns_end;

	/* entries with errors: that they are missing is not an error of its own */
	struct settings_failed *failed_keys, *failed_fabrics;
};

/* The settings of the whole file, and of one entry of each kind. */
extern const struct conf_setting settings_table[];
extern const struct conf_setting settings_key_table[];
extern const struct conf_setting settings_fabric_table[];
extern const struct conf_setting settings_zone_table[];
extern const struct conf_setting settings_mdns_table[];
extern const struct conf_setting settings_tls_table[];

/* Read the options `key`, `fabric`, `zone` and `mdns`: one entry or a list of them. The reader is
 * that of a struct settings_loading; `field` is not used. */
void settings_key_read(struct conf_reader *r, const struct conf_setting *s,
		       struct yaml_node_s *node, void *field);
void settings_fabric_read(struct conf_reader *r, const struct conf_setting *s,
			  struct yaml_node_s *node, void *field);
void settings_zone_read(struct conf_reader *r, const struct conf_setting *s,
			struct yaml_node_s *node, void *field);
void settings_mdns_read(struct conf_reader *r, const struct conf_setting *s,
			struct yaml_node_s *node, void *field);

/* Reads the option `update.types` into a struct settings_type_entries. */
void settings_types_read(struct conf_reader *r, const struct conf_setting *s,
			 struct yaml_node_s *node, void *field);

/* Checks the options of TLS against each other, and those of the fabrics. */
void settings_tls_check(struct conf_reader *r, const struct settings *config);

/* Reads the files of certificates and keys for TLS. Returns 0, or a negative errno after
 * reporting. */
int settings_tls_unlock(struct settings *config, base_report_fn report, void *arg);

/* Frees what settings_tls_unlock has read. */
void settings_tls_free(struct settings *config);

/* Makes the rules of the zone, whose fabric has been looked up, from what was read. */
void settings_types_finish(struct settings_loading *load, const struct settings_type_entries *list,
			   struct settings_zone *zone);

/* Adds all keys of the key file at `path`, which the configuration includes at `at`. Fits
 * conf_keyfile_fn. */
void settings_key_include(struct conf_reader *r, const char *path, const struct base_location *at);

/* Parses a domain name into wire form, in lower case. Returns false after reporting if the text is
 * not a domain name. */
bool settings_key_parse_name(struct conf_reader *r, const struct conf_text *name,
			     uint8_t out[static DNS_NAME_MAX]);

/* Remembers the name of an entry that has an error. */
void settings_key_add_failed(struct conf_reader *r, struct settings_failed **list,
			     const struct conf_text *name);

/* Returns whether the list may have the name, in wire form and lower case. */
bool settings_key_has_failed(const struct settings_failed *list, const uint8_t *name);

/* Sorts the keys and reports those given twice. */
void settings_key_sort(struct settings_loading *load);

/* Returns the key of that name (wire form, lower case), or NULL. After settings_key_sort(). */
const struct settings_key *settings_key_find(const struct settings_whole *whole,
					     const uint8_t *name);

/* Returns whether the name (wire form, lower case) is one of a fabric's keys: below `keys.` and the
 * name of a configured fabric. */
bool settings_fabric_has_key(const struct settings *config, const uint8_t *name);

/* Sorts the zones, reports those given twice, and looks up the keys and fabrics that they name. */
void settings_zone_finish(struct settings_loading *load);

/* Looks up the zones of the `mdns:` entries, and checks these against each other. After
 * settings_zone_finish(). */
void settings_mdns_finish(struct settings_loading *load);
