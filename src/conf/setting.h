/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* conf/setting.h - a setting: one row of a table that maps an option of a file to a field of a
 * struct.
 *
 * A program has one table for each mapping of its configuration file. conf/table.h reads, compares
 * and lists by these tables; conf/type.h has the types of values. The room knows no option by its
 * name. Tables are constant: any thread may read them. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/location.h"

struct conf_reader;
struct conf_setting;
struct yaml_node_s;

/* A value that another room parses later. */
struct conf_text {
	const char *text;	 /* NULL: the option was not given */
	struct base_location at; /* where, for messages about the value */
};

struct conf_texts {
	struct conf_text *items;
	size_t count;
};

/* The type of a setting's value. */
struct conf_type {
	const char *name; /* what a value is, with its article: for messages and the listing */
	size_t size;	  /* of the field, or of one item of a list, in bytes */
	bool is_text;	  /* the field is a `const char *`, which is compared as text */
	bool has_range;	  /* the listing shows `min` and `max` of the setting */
	/* Returns whether two fields have the same value; NULL: if their bytes are the same. */
	bool (*is_same)(const void *a, const void *b);
	/* Parses the scalar `text` (never NULL), found at `at`, into the field. Reports an invalid
	 * value with conf_reader_error() and leaves the field as it was. What the field points to
	 * lives in the reader's arena. */
	void (*from_text)(struct conf_reader *r, const struct conf_setting *s,
			  const struct base_location *at, const char *text, void *field);
};

/* Reads the node of a setting that is neither a scalar, a list of scalars nor a mapping that occurs
 * once. `field` is the struct that the table describes plus the setting's offset. */
typedef void (*conf_read_fn)(struct conf_reader *r, const struct conf_setting *s,
			     struct yaml_node_s *node, void *field);

/* Checks options of a mapping that was read against each other. `at` is where it begins, `fields`
 * the struct that the table describes plus the setting's offset. */
typedef void (*conf_check_fn)(struct conf_reader *r, const struct base_location *at,
			      const void *fields);

enum conf_flags {
	CONF_LIST = 1, /* any number of values; the field is a struct {T *items; size_t count} */
	CONF_REQUIRED = 2, /* its absence is an error */
	CONF_RESTART = 4,  /* a change takes effect at the program's next start, not at a reload */
};

/* A table is an array that ends with a setting without a name. */
struct conf_setting {
	const char *name;
	const struct conf_type *type; /* of a value; NULL for a mapping or a `read` function */
	size_t offset;		      /* of the field in the struct that the table describes */
	unsigned flags;		      /* CONF_LIST, CONF_REQUIRED, CONF_RESTART */
	uint64_t min, max;	      /* of numbers, sizes (bytes), times (seconds); `max` of a text
					 is its longest length in bytes, 0: unlimited */
	uint16_t port;		      /* of an address without one; 0: 53 */
	const char *const *words;     /* of a word, ended by NULL: the value is the index */
	const struct conf_setting *table; /* of a mapping, or of the mappings that `read` reads */
	conf_read_fn read;
	conf_check_fn check; /* of a mapping that has been read without `read`; or NULL */
	const char *initial;	   /* default, in the syntax of the file; a list's items are
				      separated by spaces; NULL: the field stays zero */
	const char *initial_shown; /* the default as the listing shows it; NULL: as `initial` */
	const char *warning;	   /* reported where the option is given; NULL: nothing */
};
