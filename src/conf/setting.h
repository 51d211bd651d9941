/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* conf/setting.h - reading YAML mappings into structs by tables of settings.
 *
 * A table says of each setting its name, type, place in the struct, range, default and effect on
 * reload; reading, defaults, comparing and the listing come from it. It does not know which
 * settings there are: that is weftd/config.c. Main thread only. The door of libyaml. */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <yaml.h>

#include "base/arena.h"
#include "weftd/config.h"

struct conf_setting;
struct conf_seen;

/* What reading needs to know and keeps. */
struct conf_reader {
	struct base_arena *arena; /* texts and lists of the structs live here */
	conf_report_fn report;
	void *arg;
	unsigned errors;
	bool is_short_of_memory;

	/* the file that is read */
	const char *file;
	const char *folder; /* relative paths start here; ends in a slash, or is "" */
	bool is_open_to_others;
	yaml_document_t *document;

	/* where each setting was given, to name the first place when it is given again */
	struct conf_seen *seen;
};

struct conf_setting_type {
	const char *name; /* what the value is, for messages and the listing */
	size_t size;	  /* of the field, or of a list's item */
	bool is_text;	  /* the field is a `const char *`, to be compared as text */
	/* Parses one scalar into the field; reports what is wrong. A null `text` is impossible. */
	void (*from_text)(struct conf_reader *r, const struct conf_setting *s,
			  const struct base_location *place, const char *text, void *field);
};

/* Reads a node itself, where a table of scalars does not do. */
typedef void (*conf_read_fn)(struct conf_reader *r, const struct conf_setting *s, yaml_node_t *node,
			     void *field);

enum conf_flags {
	CONF_LIST = 1, /* any number of values: the field is {items, count} */
	CONF_REQUIRED = 2,
	CONF_RESTART = 4, /* a change takes effect at the next start only */
};

/* Tables end with a setting without name. */
struct conf_setting {
	const char *name;
	const struct conf_setting_type *type; /* of a value; NULL for a mapping or a `read` */
	size_t offset;
	unsigned flags;
	uint64_t min, max;		  /* of numbers, sizes, durations */
	const char *const *words;	  /* of a word: its index is the value; ends with NULL */
	const struct conf_setting *table; /* of a mapping, or of the items that `read` reads */
	conf_read_fn read;
	const char *initial;	   /* default, parsed as if written; lists split at spaces */
	const char *initial_shown; /* default as the listing says it, where that is clearer */
};

extern const struct conf_setting_type conf_number;   /* uint32_t */
extern const struct conf_setting_type conf_size;     /* uint64_t, `16M` */
extern const struct conf_setting_type conf_duration; /* uint32_t seconds, `2m` */
extern const struct conf_setting_type conf_age;	     /* uint64_t seconds, `7d` */
extern const struct conf_setting_type conf_word;     /* uint32_t */
extern const struct conf_setting_type conf_text;     /* const char * */
extern const struct conf_setting_type conf_path;     /* const char *, made absolute */
extern const struct conf_setting_type conf_log;	     /* const char *, stderr, syslog, path */
extern const struct conf_setting_type conf_place;    /* struct conf_text */
extern const struct conf_setting_type conf_file;     /* struct conf_text, a path */
extern const struct conf_setting_type conf_address;  /* struct sockaddr_storage */
extern const struct conf_setting_type conf_prefix;   /* struct base_prefix */
extern const struct conf_setting_type conf_hex;	     /* uint8_t[16] */
extern const struct conf_setting_type conf_secret;   /* struct fabric_keyfile_secret */

/* Reports an error at a place and counts it. */
__attribute__((format(printf, 3, 4))) void
conf_error(struct conf_reader *r, const struct base_location *place, const char *fmt, ...);

/* The place of a node. */
struct base_location conf_location_of(const struct conf_reader *r, const yaml_node_t *node);

/* Sets every field of the struct at `base` that has a default. */
void conf_defaults(struct conf_reader *r, const struct conf_setting *table, void *base);

/* Reads the mapping `node` into the struct at `base`. `name` is what messages call it; "" is the
 * file as a whole. */
void conf_read(struct conf_reader *r, const struct conf_setting *table, yaml_node_t *node,
	       void *base, const char *name);

/* Calls `on_item` with each item of a sequence; a node that is no sequence counts as one item. */
void conf_each(struct conf_reader *r, yaml_node_t *node,
	       void (*on_item)(struct conf_reader *r, yaml_node_t *item, void *arg), void *arg);

/* Reads a mapping that is one of a list: like conf_read(), but what is given in it is given
 * for this item only. */
void conf_read_item(struct conf_reader *r, const struct conf_setting *table, yaml_node_t *node,
		    void *base, const char *name);

/* Loads a YAML text and gives its root to conf_read(). Reports syntax errors. */
void conf_read_text(struct conf_reader *r, const struct conf_setting *table, const char *text,
		    size_t length, void *base);

/* `path` as seen from the folder of the file that is read: in the arena, NULL when memory is short.
 */
const char *conf_path_join(struct conf_reader *r, const char *path);

/* Calls `on_change` for each setting with CONF_RESTART that differs. */
void conf_compare(const struct conf_setting *table, const void *a, const void *b, const char *name,
		  void (*on_change)(void *arg, const char *option), void *arg);

/* Writes a line for each setting of the table and the tables in it. */
void conf_list(FILE *out, const struct conf_setting *table, const char *name);

/* Frees what is kept about places. */
void conf_reader_fini(struct conf_reader *r);
