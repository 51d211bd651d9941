/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* cmd/config_priv.h - what is behind cmd/config.h: the tables of settings, and entries as they are
 * written, before names in them are looked up. */

#pragma once

#include <sys/types.h>

#include "cmd/config.h"
#include "cmd/setting.h"

/* A `key:` entry: a secret in one of three forms. */
struct cmd_config_key_entry {
	struct cmd_config_text name;
	struct cmd_config_text algorithm;
	struct fabric_keyfile_secret secret;
	struct cmd_config_text secret_file;
	struct cmd_config_text key_file;
};

/* A `fabric:` entry; public once its name is parsed. */
struct cmd_config_fabric_entry {
	struct cmd_config_fabric fabric;
	struct cmd_config_text name;
};

/* A `zone:` entry; public once its names are looked up. */
struct cmd_config_zone_entry {
	struct cmd_config_zone zone;
	struct cmd_config_text name;
	struct cmd_config_text file;
	struct {
		struct cmd_config_texts key;
		struct cmd_config_texts policy;
		struct cmd_config_text fabric; /* its text is NULL if there is none */
	} update;
	struct {
		struct cmd_config_texts key;
		struct cmd_config_prefixes address;
	} transfer;
};

/* A configuration with what finds things in it. */
struct cmd_config_whole {
	struct cmd_config config;
	struct base_arena arena;
	struct cmd_config_key **keys_sorted;
	struct cmd_config_zone **zones_sorted;
};

/* The text of a file, with a NUL behind it. */
struct cmd_config_file {
	char *bytes;
	size_t length;
	bool is_open_to_others;
	dev_t device; /* with the inode: which file it is, by whatever name */
	ino_t inode;
};

enum {
	CMD_CONFIG_DEPTH_MAX = 8,      /* files that include each other */
	CMD_CONFIG_FILES_MAX = 100000, /* files of one configuration */
};

/* One loading. */
struct cmd_config_load {
	struct cmd_setting_reader reader;
	struct cmd_config_whole *whole;
	struct cmd_config_key **keys_end;
	struct cmd_config_fabric **fabrics_end;
	struct cmd_config_zone **zones_end;
	/* the files that are being read, each included by the one before it */
	struct cmd_config_file *reading[CMD_CONFIG_DEPTH_MAX];
	unsigned depth;
	unsigned nfiles; /* read so far */
};

/* Reads a file whole; what is no regular file is refused, for a pipe might never end. 0 or a
 * negative errno. Either way cmd_config_file_free() wipes and frees it. */
int cmd_config_file_read(struct cmd_config_file *out, const char *path);
void cmd_config_file_free(struct cmd_config_file *file);

/* The settings of the whole file; the `read` functions of config.c are in it. */
extern const struct cmd_setting cmd_config_table[];
extern const struct cmd_setting cmd_config_key_table[];
extern const struct cmd_setting cmd_config_fabric_table[];
extern const struct cmd_setting cmd_config_zone_table[];

/* They read `include`, `key`, `fabric` and `zone`; `field` is the struct cmd_config, the reader
 * that of a struct cmd_config_load. */
void cmd_config_read_include(struct cmd_setting_reader *r, const struct cmd_setting *s,
			     yaml_node_t *node, void *field);
void cmd_config_read_keys(struct cmd_setting_reader *r, const struct cmd_setting *s,
			  yaml_node_t *node, void *field);
void cmd_config_read_fabrics(struct cmd_setting_reader *r, const struct cmd_setting *s,
			     yaml_node_t *node, void *field);
void cmd_config_read_zones(struct cmd_setting_reader *r, const struct cmd_setting *s,
			   yaml_node_t *node, void *field);

/* Adds all keys of a BIND key file, or the one called `only` (wire form) when that is not NULL. */
void cmd_config_add_keyfile(struct cmd_config_load *load, const char *path, const uint8_t *only,
			    const struct cmd_config_place *place);

/* Sorts keys, reports those given twice. */
void cmd_config_sort_keys(struct cmd_config_load *load);

/* Sorts zones, reports those given twice, and looks up the keys they name. */
void cmd_config_finish_zones(struct cmd_config_load *load);
