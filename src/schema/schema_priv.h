/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* schema/schema_priv.h - a schema as schema/schema.c reads it and schema/check.c applies it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include "base/arena.h"
#include "schema/schema.h"

struct schema_node;
struct schema_pattern;

/* The types of values, as bits. An integer is a number, too. */
enum schema_types {
	SCHEMA_NULL = 1,
	SCHEMA_BOOLEAN = 2,
	SCHEMA_OBJECT = 4,
	SCHEMA_ARRAY = 8,
	SCHEMA_NUMBER = 16,
	SCHEMA_STRING = 32,
	SCHEMA_INTEGER = 64,
};

struct schema_nodes {
	struct schema_node **items;
	size_t count;
};

struct schema_property {
	const char *name;
	struct schema_node *node;
};

/* One schema: an object of keywords, or a boolean. JSON values are views into the document. */
struct schema_node {
	struct schema_node *next; /* of all nodes */
	bool is_false;		  /* the schema that nothing matches */
	unsigned types;		  /* 0: any */
	const json_t *choices;	  /* enum */
	const json_t *constant;
	const json_t *minimum, *maximum, *above, *below; /* the latter two exclusive */
	const json_t *multiple_of;
	uint64_t min_length, max_length, min_items, max_items;
	bool is_unique;
	struct schema_pattern *pattern;
	const json_t *required;
	const json_t *initial; /* default */
	size_t initial_weight;
	struct schema_property *properties; /* sorted by name */
	size_t nproperties;
	struct schema_node *additional; /* properties; NULL: any */
	struct schema_node *items;
	const char *ref_text;	 /* the name in $defs; "": the whole document */
	struct schema_node *ref; /* NULL: none */
	struct schema_nodes all_of, any_of, one_of;
	struct schema_node * not ;
};

struct schema {
	struct base_arena arena;
	json_t *document; /* a copy */
	struct schema_node *nodes;
	struct schema_node *root;
	struct schema_property *definitions;
	size_t ndefinitions;
};
