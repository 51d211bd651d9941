/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* conf/load.h - reading a configuration: a file and the files that it includes.
 *
 * It does not know which options there are: the reader has their table. One thread for a reader. */
#pragma once

#include "conf/setting.h"

struct conf_reader;
struct yaml_node_s;

/* Sets the defaults of the reader's table, then reads the file at `path` and the files that it
 * includes. Returns 0 if the file at `path` was read, whether it is valid or not: conf_reader_end()
 * returns that. Returns a negative errno, after reporting it, if the file could not be read. */
int conf_load(struct conf_reader *r, const char *path);

/* Reads the option `include`, a path, a pattern or a list of them, in the order given. Each file is
 * read by the reader's table; a key file in BIND's format goes to the reader's `on_keyfile`. A
 * conf_read_fn for the table of the whole file. */
void conf_load_included(struct conf_reader *r, const struct conf_setting *s,
			struct yaml_node_s *node, void *field);
