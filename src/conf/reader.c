/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "conf/reader.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "conf/reader_priv.h"
#include "conf/setting.h"

static void report(struct conf_reader *r, enum base_log_level level, const struct base_location *at,
		   const char *format, va_list args)
{
	struct base_error error = {.code = -EBADMSG, .at = *at};

	vsnprintf(error.text, sizeof(error.text), format, args);
	r->report(r->arg, level, &error);
}

void conf_reader_error(struct conf_reader *r, const struct base_location *at, const char *format,
		       ...)
{
	va_list args;

	r->nerrors++;
	va_start(args, format);
	report(r, BASE_LOG_ERROR, at, format, args);
	va_end(args);
}

void conf_reader_warn(struct conf_reader *r, const struct base_location *at, const char *format,
		      ...)
{
	va_list args;

	va_start(args, format);
	report(r, BASE_LOG_WARNING, at, format, args);
	va_end(args);
}

void *conf_reader_alloc(struct conf_reader *r, size_t nbytes)
{
	void *bytes = base_arena_alloc(r->arena, nbytes > 0 ? nbytes : 1);

	if (bytes == NULL)
		r->is_short_of_memory = true;
	else
		memset(bytes, 0, nbytes);
	return bytes;
}

const char *conf_reader_copy(struct conf_reader *r, const char *text)
{
	const char *copy = base_arena_copy(r->arena, text, strlen(text) + 1);

	if (copy == NULL)
		r->is_short_of_memory = true;
	return copy;
}

const char *conf_reader_join(struct conf_reader *r, const char *path)
{
	size_t nfolder = *path == '/' ? 0 : strlen(r->folder), npath = strlen(path) + 1;
	char *joined = base_arena_alloc(r->arena, nfolder + npath);

	if (joined == NULL) {
		r->is_short_of_memory = true;
		return NULL;
	}
	memcpy(joined, r->folder, nfolder);
	memcpy(joined + nfolder, path, npath);
	return joined;
}

/* ---- where options were given ---- */

const struct conf_seen *conf_reader_find_seen(const struct conf_reader *r,
					      const struct conf_setting *s, const void *base)
{
	const struct conf_seen *seen = r->seen;

	while (seen != NULL && (seen->setting != s || seen->base != base))
		seen = seen->next;
	return seen;
}

void conf_reader_add_seen(struct conf_reader *r, const struct conf_setting *s, const void *base,
			  const struct base_location *at)
{
	struct conf_seen *seen = malloc(sizeof(*seen));

	if (seen == NULL) {
		r->is_short_of_memory = true;
		return;
	}
	*seen = (struct conf_seen){r->seen, s, base, *at};
	r->seen = seen;
}

void conf_reader_forget_seen(struct conf_reader *r, struct conf_seen *until)
{
	while (r->seen != until) {
		struct conf_seen *seen = r->seen;

		r->seen = seen->next;
		free(seen);
	}
}

struct base_location conf_reader_where(const struct conf_reader *r, const void *field,
				       struct base_location otherwise)
{
	/* A mapping has the address of its first option. */
	for (const struct conf_seen *s = r->seen; s != NULL; s = s->next)
		if (s->setting->type != NULL &&
		    (const char *)s->base + s->setting->offset == (const char *)field)
			return s->at;
	return otherwise;
}

void conf_reader_tell_path(struct conf_reader *r, const char *path)
{
	if (r->on_path != NULL)
		r->on_path(r, path);
}

int conf_reader_end(struct conf_reader *r)
{
	conf_reader_forget_seen(r, NULL);
	if (r->nerrors > 0)
		return -EBADMSG;
	return r->is_short_of_memory ? -ENOMEM : 0;
}
