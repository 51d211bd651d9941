/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* weftd/config_priv.h - what is behind weftd/config.h: the tables of settings, and entries as they
 * are written, before names in them are looked up. */

#pragma once

#include <sys/types.h>

#include "conf/setting.h"
#include "weftd/config.h"

/* A `key:` entry: a secret in one of three forms. */
struct weftd_config_key_entry {
	struct conf_text name;
	struct conf_text algorithm;
	struct fabric_keyfile_secret secret;
	struct conf_text secret_file;
	struct conf_text key_file;
};

/* A `fabric:` entry; public once its name is parsed. */
struct weftd_config_fabric_entry {
	struct weftd_config_fabric fabric;
	struct conf_text name;
};

/* A `zone:` entry; public once its names are looked up. */
struct weftd_config_zone_entry {
	struct weftd_config_zone zone;
	struct conf_text name;
	struct conf_text file;
	struct {
		struct conf_texts key;
		struct conf_texts policy;
		struct conf_text fabric; /* its text is NULL if there is none */
	} update;
	struct {
		struct conf_texts key;
		struct weftd_config_prefixes address;
	} transfer;
};

/* A configuration with what finds things in it. */
struct weftd_config_whole {
	struct weftd_config config;
	struct base_arena arena;
	struct weftd_config_key **keys_sorted;
	struct weftd_config_zone **zones_sorted;
};

/* The text of a file, with a NUL behind it. */
struct weftd_config_file {
	char *bytes;
	size_t length;
	bool is_open_to_others;
	dev_t device; /* with the inode: which file it is, by whatever name */
	ino_t inode;
};

enum {
	WEFTD_CONFIG_DEPTH_MAX = 8,	 /* files that include each other */
	WEFTD_CONFIG_FILES_MAX = 100000, /* files of one configuration */
};

/* One loading. */
struct weftd_config_load {
	struct conf_reader reader;
	struct weftd_config_whole *whole;
	struct weftd_config_key **keys_end;
	struct weftd_config_fabric **fabrics_end;
	struct weftd_config_zone **zones_end;
	/* the files that are being read, each included by the one before it */
	struct weftd_config_file *reading[WEFTD_CONFIG_DEPTH_MAX];
	unsigned depth;
	unsigned nfiles; /* read so far */
};

/* Reads a file whole; what is no regular file is refused, for a pipe might never end. 0 or a
 * negative errno. Either way weftd_config_file_free() wipes and frees it. */
int weftd_config_file_read(struct weftd_config_file *out, const char *path);
void weftd_config_file_free(struct weftd_config_file *file);

/* The settings of the whole file; the `read` functions of config.c are in it. */
extern const struct conf_setting weftd_config_table[];
extern const struct conf_setting weftd_config_key_table[];
extern const struct conf_setting weftd_config_fabric_table[];
extern const struct conf_setting weftd_config_zone_table[];

/* They read `include`, `key`, `fabric` and `zone`; `field` is the struct weftd_config, the reader
 * that of a struct weftd_config_load. */
void weftd_config_read_include(struct conf_reader *r, const struct conf_setting *s,
			       yaml_node_t *node, void *field);
void weftd_config_read_keys(struct conf_reader *r, const struct conf_setting *s, yaml_node_t *node,
			    void *field);
void weftd_config_read_fabrics(struct conf_reader *r, const struct conf_setting *s,
			       yaml_node_t *node, void *field);
void weftd_config_read_zones(struct conf_reader *r, const struct conf_setting *s, yaml_node_t *node,
			     void *field);

/* Adds all keys of a BIND key file, or the one called `only` (wire form) when that is not NULL. */
void weftd_config_add_keyfile(struct weftd_config_load *load, const char *path, const uint8_t *only,
			      const struct base_location *place);

/* Sorts keys, reports those given twice. */
void weftd_config_sort_keys(struct weftd_config_load *load);

/* Sorts zones, reports those given twice, and looks up the keys they name. */
void weftd_config_finish_zones(struct weftd_config_load *load);
