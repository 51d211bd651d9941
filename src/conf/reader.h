/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* conf/reader.h - one reading of a configuration: its memory, its errors, and the file it is at.
 *
 * A reader passes through all functions of the room. An error does not end the reading, so that all
 * errors of a configuration are reported at once; conf_reader_end() returns what came of it. The
 * reader does not know what is read. One thread at a time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/location.h"

struct base_arena;
struct conf_file;
struct conf_reader;
struct conf_seen;
struct conf_setting;
struct yaml_document_s;

enum {
	CONF_DEPTH_MAX = 8,	 /* files that include each other */
	CONF_FILES_MAX = 100000, /* files that one configuration includes */
};

/* How an option is treated that no table has. */
enum conf_others {
	CONF_REFUSE_OTHERS, /* as an error, reported with the name that was probably meant */
	CONF_IGNORE_OTHERS, /* not at all: the tables have only what the program needs */
};

/* Reads a key file in BIND's format, included at `at`. `path` lives as long as the arena. */
typedef void (*conf_keyfile_fn)(struct conf_reader *r, const char *path,
				const struct base_location *at);

/* Learns that the file at `path`, or the files that this pattern matches, are to be read. */
typedef void (*conf_path_fn)(struct conf_reader *r, const char *path);

struct conf_reader {
	/* set by the program before conf_load() */
	struct base_arena *arena; /* of the texts and lists in the struct that is filled */
	base_report_fn report;
	void *arg; /* for `report` */
	enum conf_others others;
	bool has_documents; /* a text may have several YAML documents, each read into `base` */
	bool is_lenient; /* after a syntax error takes the lines before it all the same */
	const struct conf_setting *table; /* of a file as a whole */
	void *base;			  /* the struct that `table` describes */
	conf_keyfile_fn on_keyfile;	  /* NULL: included key files are skipped */
	conf_path_fn on_path;		  /* or NULL */

	/* outcome so far */
	unsigned nerrors;
	bool is_short_of_memory;

	/* the file being read; the functions of conf/load.h set these */
	const char *file;
	const char *folder; /* its folder, with a final slash, or "": where relative paths start */
	bool is_open_to_others; /* every user of the machine may read the file */
	struct yaml_document_s *document;
	struct conf_file *reading[CONF_DEPTH_MAX]; /* files that include each other, outermost
						      first; `depth` of them */
	unsigned depth;
	unsigned nfiles; /* included so far */

	/* where each option was given, to name the first location when it is given again */
	struct conf_seen *seen;
};

/* Reports an error at `at` (line 0: the file as a whole) and counts it. */
__attribute__((format(printf, 3, 4))) void
conf_reader_error(struct conf_reader *r, const struct base_location *at, const char *format, ...);

/* Reports a warning at `at`; the configuration stays valid. */
__attribute__((format(printf, 3, 4))) void
conf_reader_warn(struct conf_reader *r, const struct base_location *at, const char *format, ...);

/* Allocates `nbytes` zero bytes in the arena. Returns NULL, and remembers that memory is short, if
 * that fails. */
void *conf_reader_alloc(struct conf_reader *r, size_t nbytes);

/* Copies the text to the arena. Returns NULL, and remembers that memory is short, if that fails. */
const char *conf_reader_copy(struct conf_reader *r, const char *text);

/* Returns the path that `path` means in the file being read: a relative one starts in the folder of
 * the file. The result is in the arena. Returns NULL, and remembers that memory is short, if that
 * fails. */
const char *conf_reader_join(struct conf_reader *r, const char *path);

/* Returns where the option was given whose value is `field`, or `otherwise` if it was not given.
 * For an item of a list only by the `check` of one of its mappings. */
struct base_location conf_reader_where(const struct conf_reader *r, const void *field,
				       struct base_location otherwise);

/* Calls on_path, if there is one. */
void conf_reader_tell_path(struct conf_reader *r, const char *path);

/* Ends the reading: frees what the reader itself holds; the arena stays the caller's. Returns 0 if
 * the configuration is valid, -EBADMSG if an error was reported, else -ENOMEM if memory was short.
 */
int conf_reader_end(struct conf_reader *r);
