/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "conf/load.h"

#include <assert.h>
#include <errno.h>
#include <glob.h>
#include <string.h>

#include "conf/file.h"
#include "conf/reader.h"
#include "conf/table.h"

/* Steps over white space and the comments of YAML and of key files. */
static const char *text_start(const char *at)
{
	for (;;) {
		at += strspn(at, " \t\r\n");
		if (*at == '#' || strncmp(at, "//", 2) == 0) {
			at += strcspn(at, "\n");
		} else if (strncmp(at, "/*", 2) == 0 && strstr(at, "*/") != NULL) {
			at = strstr(at, "*/") + 2;
		} else {
			return at;
		}
	}
}

/* Whether the text is a key file as BIND writes it: `key "name" {`, where YAML has `key:`. */
static bool is_keyfile(const struct conf_file *file)
{
	const char *at = text_start(file->bytes);

	if (strncmp(at, "key", 3) != 0 || strchr(" \t\"", at[3]) == NULL || at[3] == '\0')
		return false;
	at += 3 + strspn(at + 3, " \t");
	return *at != ':' && *at != '\0' && *at != '\n';
}

/* Returns the path up to and including its last slash, in the arena; NULL if memory is short. */
static const char *folder_of(struct conf_reader *r, const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t nbytes = slash != NULL ? (size_t)(slash - path) + 1 : 0;
	char *folder = conf_reader_alloc(r, nbytes + 1);

	if (folder != NULL)
		memcpy(folder, path, nbytes);
	return folder;
}

static void yaml_read(struct conf_reader *r, const char *path, struct conf_file *file)
{
	const char *outer_file = r->file, *outer_folder = r->folder;
	bool was_open = r->is_open_to_others;

	r->reading[r->depth++] = file;
	r->file = conf_reader_copy(r, path);
	r->folder = folder_of(r, path);
	r->is_open_to_others = file->is_open_to_others;
	if (r->file != NULL && r->folder != NULL)
		conf_table_read(r, r->table, file->bytes, file->nbytes, r->base);
	r->depth--;
	r->file = outer_file;
	r->folder = outer_folder;
	r->is_open_to_others = was_open;
}

static bool is_being_read(const struct conf_reader *r, const struct conf_file *file)
{
	for (unsigned i = 0; i < r->depth; i++) {
		if (r->reading[i]->device == file->device && r->reading[i]->inode == file->inode)
			return true;
	}
	return false;
}

/* Reads a file that is included at `at`. `path` is in the arena: locations point to it. */
static void file_include(struct conf_reader *r, const char *path, const struct base_location *at)
{
	struct conf_file file;
	int ret;

	conf_reader_tell_path(r, path);
	ret = conf_file_read(&file, path);
	if (ret != 0)
		conf_reader_error(r, at, "cannot read %s: %s", path, strerror(-ret));
	else if (is_being_read(r, &file))
		conf_reader_error(r, at, "%s includes itself", path);
	else if (r->depth == CONF_DEPTH_MAX)
		conf_reader_error(r, at, "files include each other more than %d deep",
				  CONF_DEPTH_MAX);
	else if (r->nfiles++ >= CONF_FILES_MAX)
		conf_reader_error(r, at, "more than %d files are included", CONF_FILES_MAX);
	else if (!is_keyfile(&file))
		yaml_read(r, path, &file);
	else if (r->on_keyfile != NULL)
		r->on_keyfile(r, path, at);
	conf_file_free(&file);
}

static void files_include(struct conf_reader *r, const glob_t *found,
			  const struct base_location *at)
{
	for (size_t i = 0; i < found->gl_pathc; i++) {
		const char *path = conf_reader_copy(r, found->gl_pathv[i]);

		if (path != NULL)
			file_include(r, path, at);
	}
}

static void include_item(struct conf_reader *r, struct yaml_node_s *item, void *arg)
{
	struct base_location at = conf_table_locate(r, item);
	const char *text = conf_table_text_of(item), *pattern;
	glob_t found;

	(void)arg;
	if (text == NULL) {
		conf_reader_error(r, &at, "include is a path, or a list of paths");
		return;
	}
	pattern = conf_reader_join(r, text);
	if (pattern == NULL)
		return;
	conf_reader_tell_path(r, pattern);
	/* A plain name that does not exist is an error; a pattern may match nothing yet. */
	if (strpbrk(pattern, "*?[") == NULL) {
		file_include(r, pattern, &at);
		return;
	}
	switch (glob(pattern, 0, NULL, &found)) {
	case 0:
		files_include(r, &found, &at);
		break;
	case GLOB_NOMATCH:
		break;
	case GLOB_NOSPACE:
		r->is_short_of_memory = true;
		break;
	default:
		conf_reader_error(r, &at, "cannot read %s: %s", pattern, strerror(errno));
	}
	globfree(&found);
}

void conf_load_included(struct conf_reader *r, const struct conf_setting *s,
			struct yaml_node_s *node, void *field)
{
	(void)s;
	(void)field;
	conf_table_each(r, node, include_item, NULL);
}

int conf_load(struct conf_reader *r, const char *path)
{
	struct conf_file file;
	int ret;

	r->folder = "";
	conf_table_set_defaults(r, r->table, r->base);
	assert(r->nerrors == 0); /* defaults come from the program, not from outside */
	conf_reader_tell_path(r, path);
	ret = conf_file_read(&file, path);
	if (ret == 0)
		yaml_read(r, path, &file);
	else
		conf_reader_error(r, &(struct base_location){path, 0}, "cannot be read: %s",
				  strerror(-ret));
	conf_file_free(&file);
	return ret;
}
