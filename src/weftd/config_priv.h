/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weftd/config_priv.h - for the files that load a configuration: the tables of settings, and the
 * entries as they are written, before the names in them are looked up. Main thread only. */

#pragma once

#include "base/arena.h"
#include "conf/reader.h"
#include "update/types.h"
#include "weftd/config.h"

/* A `key:` entry. One of the last three members has the secret. */
struct weftd_config_key_entry {
	struct conf_text name;
	struct conf_text algorithm;
	struct fabric_keyfile_secret secret; /* the entry's until it moves to a key */
	struct conf_text secret_file;	     /* a file with base64 */
	struct conf_text key_file;	     /* a file in BIND's format */
};

/* A `fabric:` entry; `fabric` joins the configuration when its name is parsed. */
struct weftd_config_fabric_entry {
	struct weftd_config_fabric fabric;
	struct conf_text name;
};

/* The option `update.types` of a zone; the entries are config_types.c's. */
struct weftd_config_type_entries {
	struct base_location at;
	struct type_entry *first;
	size_t count;
};

/* A quota as it is written: the greatest number is that none is given. */
struct weftd_config_quota_entry {
	uint32_t instances, records, leases, reports;
	uint64_t octets;
};

/* A `zone:` entry; `zone` joins the configuration, its names are looked up when all files are read.
 */
struct weftd_config_zone_entry {
	struct weftd_config_zone zone;
	struct conf_text name;
	struct conf_text file;
	struct {
		struct conf_texts key; /* names of keys */
		struct conf_texts policy;
		struct conf_text fabric; /* a name; its text is NULL: none is given */
		struct weftd_config_type_entries types;
	} update;
	struct weftd_config_quota_entry quota;
	struct {
		struct conf_texts key; /* names of keys */
		struct weftd_config_prefixes address;
	} transfer;
};

/* A configuration with its memory and its indexes. The configuration comes first: a pointer to it
 * is one to the whole. */
struct weftd_config_whole {
	struct weftd_config config;
	struct base_arena arena;
	struct weftd_config_key **keys_sorted;	 /* by name, config.nkeys of them */
	struct weftd_config_zone **zones_sorted; /* by name, config.nzones of them */
};

/* One loading of a configuration. The reader comes first: a pointer to it is one to the loading. */
struct weftd_config_loading {
	struct conf_reader reader;
	struct weftd_config_whole *whole;
	struct weftd_config_key **keys_end; /* where the next key is appended */
	struct weftd_config_fabric **fabrics_end;
	struct weftd_config_zone **zones_end;
};

/* The settings of the whole file, and of one entry of each kind. */
extern const struct conf_setting weftd_config_table[];
extern const struct conf_setting weftd_config_key_table[];
extern const struct conf_setting weftd_config_fabric_table[];
extern const struct conf_setting weftd_config_zone_table[];

/* Read the options `key`, `fabric` and `zone`: one entry or a list of them. The reader is that of a
 * struct weftd_config_loading; `field` is not used. */
void weftd_config_read_keys(struct conf_reader *r, const struct conf_setting *s,
			    struct yaml_node_s *node, void *field);
void weftd_config_read_fabrics(struct conf_reader *r, const struct conf_setting *s,
			       struct yaml_node_s *node, void *field);
void weftd_config_read_zones(struct conf_reader *r, const struct conf_setting *s,
			     struct yaml_node_s *node, void *field);

/* Reads the option `update.types` into a struct weftd_config_type_entries. */
void weftd_config_read_types(struct conf_reader *r, const struct conf_setting *s,
			     struct yaml_node_s *node, void *field);

/* Makes the rules of the zone, whose fabric has been looked up, from what was read. */
void weftd_config_finish_types(struct weftd_config_loading *load,
			       const struct weftd_config_type_entries *list,
			       struct weftd_config_zone *zone);

/* Adds all keys of the key file at `path`, which the configuration includes at `at`. Fits
 * conf_keyfile_fn. */
void weftd_config_include_keyfile(struct conf_reader *r, const char *path,
				  const struct base_location *at);

/* Parses a domain name into wire form, in lower case. Returns false after reporting if the text is
 * not a domain name. */
bool weftd_config_parse_name(struct conf_reader *r, const struct conf_text *name,
			     uint8_t out[static DNS_NAME_MAX]);

/* Sorts the keys and reports those given twice. */
void weftd_config_sort_keys(struct weftd_config_loading *load);

/* Returns the key of that name (wire form, lower case), or NULL. After weftd_config_sort_keys(). */
const struct weftd_config_key *weftd_config_find_key(const struct weftd_config_whole *whole,
						     const uint8_t *name);

/* Returns whether the name (wire form, lower case) is one of a fabric's keys: below `keys.` and the
 * name of a configured fabric. */
bool weftd_config_is_fabric_key(const struct weftd_config *config, const uint8_t *name);

/* Sorts the zones, reports those given twice, and looks up the keys and fabrics that they name. */
void weftd_config_finish_zones(struct weftd_config_loading *load);
