/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* spec/table.h - the options of a declared service, as a table of settings, and reading one from a
 * node of a document. Within the room only. One thread for a reader. */
#pragma once

#include <stdio.h>

#include <jansson.h>

#include "conf/setting.h"
#include "spec/service.h"

struct conf_reader;
struct yaml_node_s;

enum {
	SPEC_TABLE_DEPTH_MAX = 32,    /* of a value of any type */
	SPEC_TABLE_NODES_MAX = 20000, /* in such a value */
};

extern const struct conf_setting spec_table_service[];

/* Reads a service from a mapping, with defaults, and checks it (spec/check.h). Errors are reported
 * by the reader. `name` is what messages call it. */
void spec_table_read(struct conf_reader *r, struct yaml_node_s *node, struct spec_service *out,
		     const char *name);

/* Sets the defaults of a service. */
void spec_table_set_defaults(struct conf_reader *r, struct spec_service *out);

/* Returns the value that a node is, as JSON, for the caller to release: what is not quoted and is a
 * number, true, false or null in JSON is that, other scalars are strings. Returns NULL after
 * reporting an error or short memory. */
json_t *spec_table_value(struct conf_reader *r, const char *option, struct yaml_node_s *node);

/* Writes the canonical text of a value to the reader's arena. Returns NULL, and remembers that
 * memory is short, if that fails. */
const char *spec_table_text(struct conf_reader *r, const json_t *value);

/* Returns whether a text was not parsed because memory was short, which jansson does not always
 * report as that. */
bool spec_table_is_short(const json_error_t *error);
