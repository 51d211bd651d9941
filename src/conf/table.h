/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* conf/table.h - reading YAML by tables of settings, and what else the tables are good for.
 *
 * Reads a mapping into a struct, sets defaults, compares two structs, lists all options. Every
 * function that reads reports errors by its reader and goes on. It opens no file: conf/load.h does.
 * One thread for a table's values. */
#pragma once

#include <stddef.h>
#include <stdio.h>

#include "base/location.h"
#include "conf/setting.h"

struct conf_reader;
struct yaml_node_s;

/* Returns where the node begins. `file` of the result lives in the reader's arena. */
struct base_location conf_table_locate(const struct conf_reader *r, const struct yaml_node_s *node);

/* Returns the node's text, which lives as long as the document; NULL if the node is not a scalar or
 * is empty. */
const char *conf_table_text_of(const struct yaml_node_s *node);

/* Sets every field of the struct at `base` whose setting has a default. */
void conf_table_set_defaults(struct conf_reader *r, const struct conf_setting *table, void *base);

/* Reads a YAML text of `nbytes` bytes into the struct at `base`: one document, unless the reader
 * allows several. */
void conf_table_read(struct conf_reader *r, const struct conf_setting *table, const char *text,
		     size_t nbytes, void *base);

/* Reads the mapping `node`, one item of a list, into the struct at `base`. `name` is what messages
 * call the item. The same option may be given in the next item again. */
void conf_table_read_item(struct conf_reader *r, const struct conf_setting *table,
			  struct yaml_node_s *node, void *base, const char *name);

/* Like conf_table_read_item, but also calls `check`, if the item is a mapping, while
 * conf_reader_where() still knows its options. */
void conf_table_read_checked(struct conf_reader *r, const struct conf_setting *table,
			     struct yaml_node_s *node, void *base, const char *name,
			     conf_check_fn check);

/* Calls `on_item` with each item of the sequence `node`. A node that is not a sequence counts as
 * its only item, an empty one as no item. */
void conf_table_each(struct conf_reader *r, struct yaml_node_s *node,
		     void (*on_item)(struct conf_reader *r, struct yaml_node_s *item, void *arg),
		     void *arg);

/* Calls `on_pair` with each name in the mapping `node`, which is the value of the option `option`,
 * where it is, and its value: for options whose names are not fixed. `name` is valid during the
 * call. Reports a node that is not a mapping, an empty one excepted, and a name that is not a
 * word. */
void conf_table_each_pair(struct conf_reader *r, const char *option, struct yaml_node_s *node,
			  void (*on_pair)(struct conf_reader *r, const char *name,
					  const struct base_location *at, struct yaml_node_s *value,
					  void *arg),
			  void *arg);

/* Calls `on_change` with the full name (`server.workers`) of each setting that differs between the
 * structs `a` and `b`, and whether it has CONF_RESTART. `name` precedes the names; "" for a whole
 * file. Options that a `read` function reads are left out. */
void conf_table_compare(const struct conf_setting *table, const void *a, const void *b,
			const char *name,
			void (*on_change)(void *arg, const char *option, bool needs_restart),
			void *arg);

/* Writes a line for each setting of the table and of the tables in it: name, type, default, effect
 * of a reload. `name` precedes the names; "" for a whole file. */
void conf_table_list(FILE *out, const struct conf_setting *table, const char *name);
