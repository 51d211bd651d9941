/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The types that a setting may have: each parses one scalar into its field. */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "conf/setting.h"

struct unit {
	const char *suffix;
	uint64_t factor;
};

static const struct unit no_units[] = {{"", 1}, {NULL, 0}};
static const struct unit sizes[] = {
	{"", 1}, {"K", 1024}, {"M", 1024 * 1024}, {"G", 1024 * 1024 * 1024}, {NULL, 0},
};
static const struct unit durations[] = {
	{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}, {"w", 7 * 86400}, {NULL, 0},
};

static const char *copy(struct conf_reader *r, const char *text)
{
	const char *kept = base_arena_copy(r->arena, text, strlen(text) + 1);

	if (kept == NULL)
		r->is_short_of_memory = true;
	return kept;
}

const char *conf_path_join(struct conf_reader *r, const char *path)
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

/* Digits and perhaps a unit; false for anything else and for what does not fit 64 bits. */
static bool amount_parse(const char *text, const struct unit *unit, uint64_t *out)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*out = strtoull(text, &end, 10);
	if (errno != 0)
		return false;
	while (unit->suffix != NULL && strcmp(unit->suffix, end) != 0)
		unit++;
	return unit->suffix != NULL && !__builtin_mul_overflow(*out, unit->factor, out);
}

static bool amount_read(struct conf_reader *r, const struct conf_setting *s,
			const struct base_location *place, const char *text,
			const struct unit *units, uint64_t *out)
{
	if (!amount_parse(text, units, out)) {
		conf_error(r, place, "%s is %s, not %s", s->name, s->type->name, text);
		return false;
	}
	if (*out < s->min || *out > s->max) {
		conf_error(r, place, "%s is from %" PRIu64 " to %" PRIu64 ", not %s", s->name,
			   s->min, s->max, text);
		return false;
	}
	return true;
}

static void number_from_text(struct conf_reader *r, const struct conf_setting *s,
			     const struct base_location *place, const char *text, void *field)
{
	uint64_t value;

	if (amount_read(r, s, place, text, no_units, &value))
		*(uint32_t *)field = (uint32_t)value;
}

static void size_from_text(struct conf_reader *r, const struct conf_setting *s,
			   const struct base_location *place, const char *text, void *field)
{
	uint64_t value;

	if (amount_read(r, s, place, text, sizes, &value))
		*(uint64_t *)field = value;
}

static void duration_from_text(struct conf_reader *r, const struct conf_setting *s,
			       const struct base_location *place, const char *text, void *field)
{
	uint64_t value;

	if (amount_read(r, s, place, text, durations, &value))
		*(uint32_t *)field = (uint32_t)value;
}

static void age_from_text(struct conf_reader *r, const struct conf_setting *s,
			  const struct base_location *place, const char *text, void *field)
{
	uint64_t value;

	if (amount_read(r, s, place, text, durations, &value))
		*(uint64_t *)field = value;
}

static void word_from_text(struct conf_reader *r, const struct conf_setting *s,
			   const struct base_location *place, const char *text, void *field)
{
	char all[128] = "";

	for (uint32_t i = 0; s->words[i] != NULL; i++) {
		if (strcmp(s->words[i], text) == 0) {
			*(uint32_t *)field = i;
			return;
		}
		strncat(all, i > 0 ? ", " : "", sizeof(all) - strlen(all) - 1);
		strncat(all, s->words[i], sizeof(all) - strlen(all) - 1);
	}
	conf_error(r, place, "%s is one of %s, not %s", s->name, all, text);
}

static void text_from_text(struct conf_reader *r, const struct conf_setting *s,
			   const struct base_location *place, const char *text, void *field)
{
	if (s->max != 0 && strlen(text) > s->max)
		conf_error(r, place, "%s has at most %" PRIu64 " bytes", s->name, s->max);
	else
		*(const char **)field = copy(r, text);
}

static bool is_path(struct conf_reader *r, const struct conf_setting *s,
		    const struct base_location *place, const char *text)
{
	if (*text == '\0')
		conf_error(r, place, "%s is %s, not nothing", s->name, s->type->name);
	return *text != '\0';
}

static void path_from_text(struct conf_reader *r, const struct conf_setting *s,
			   const struct base_location *place, const char *text, void *field)
{
	if (is_path(r, s, place, text))
		*(const char **)field = conf_path_join(r, text);
}

static void log_from_text(struct conf_reader *r, const struct conf_setting *s,
			  const struct base_location *place, const char *text, void *field)
{
	if (strcmp(text, "stderr") == 0 || strcmp(text, "syslog") == 0)
		*(const char **)field = copy(r, text);
	else
		path_from_text(r, s, place, text, field);
}

static void place_from_text(struct conf_reader *r, const struct conf_setting *s,
			    const struct base_location *place, const char *text, void *field)
{
	struct conf_text *out = field;

	(void)s;
	*out = (struct conf_text){copy(r, text), *place};
}

static void file_from_text(struct conf_reader *r, const struct conf_setting *s,
			   const struct base_location *place, const char *text, void *field)
{
	struct conf_text *out = field;

	if (is_path(r, s, place, text))
		*out = (struct conf_text){conf_path_join(r, text), *place};
}

static void address_from_text(struct conf_reader *r, const struct conf_setting *s,
			      const struct base_location *place, const char *text, void *field)
{
	if (base_address_from_text(field, text, 53) == 0)
		return;
	if (strchr(text, '@') == NULL && strchr(text, '.') != NULL && strchr(text, ':') != NULL)
		conf_error(r, place, "%s: %s is no address: the port follows an @", s->name, text);
	else
		conf_error(r, place, "%s: %s is no address@port", s->name, text);
}

static void prefix_from_text(struct conf_reader *r, const struct conf_setting *s,
			     const struct base_location *place, const char *text, void *field)
{
	int ret = base_prefix_from_text(field, text);

	if (ret == -EDOM)
		conf_error(r, place, "%s: %s has bits set behind its length", s->name, text);
	else if (ret != 0)
		conf_error(r, place, "%s: %s is no address/bits", s->name, text);
}

/* The bad value is a secret all the same, so it is not repeated. */
static void hex_from_text(struct conf_reader *r, const struct conf_setting *s,
			  const struct base_location *place, const char *text, void *field)
{
	size_t nbytes, nchars = strlen(text);
	const char *end;

	if (nchars != 2 * s->type->size ||
	    sodium_hex2bin(field, s->type->size, text, nchars, NULL, &nbytes, &end) != 0 ||
	    nbytes != s->type->size)
		conf_error(r, place, "%s is %s", s->name, s->type->name);
}

static void secret_from_text(struct conf_reader *r, const struct conf_setting *s,
			     const struct base_location *place, const char *text, void *field)
{
	struct fabric_keyfile_secret *secret = field;
	int ret;

	fabric_keyfile_secret_fini(secret);
	ret = fabric_keyfile_secret_from_text(secret, text);
	if (ret == -ENOMEM)
		r->is_short_of_memory = true;
	else if (ret != 0)
		conf_error(r, place, "%s is %s", s->name, s->type->name);
	if (r->is_open_to_others)
		r->report(r->arg, BASE_LOG_WARNING, place->file, place->line,
			  "a secret in a file that everybody may read");
}

const struct conf_setting_type conf_number = {
	"a number",
	sizeof(uint32_t),
	false,
	number_from_text,
};
const struct conf_setting_type conf_size = {
	"a size in bytes (K, M, G)",
	sizeof(uint64_t),
	false,
	size_from_text,
};
const struct conf_setting_type conf_duration = {
	"a time in seconds (m, h, d, w)",
	sizeof(uint32_t),
	false,
	duration_from_text,
};
const struct conf_setting_type conf_age = {
	"a time in seconds (m, h, d, w)",
	sizeof(uint64_t),
	false,
	age_from_text,
};
const struct conf_setting_type conf_word = {
	"a word",
	sizeof(uint32_t),
	false,
	word_from_text,
};
const struct conf_setting_type conf_text = {
	"a string",
	sizeof(const char *),
	true,
	text_from_text,
};
const struct conf_setting_type conf_path = {
	"a path",
	sizeof(const char *),
	true,
	path_from_text,
};
const struct conf_setting_type conf_log = {
	"stderr, syslog or a path",
	sizeof(const char *),
	true,
	log_from_text,
};
const struct conf_setting_type conf_place = {
	"a string",
	sizeof(struct conf_text),
	false,
	place_from_text,
};
const struct conf_setting_type conf_file = {
	"a path",
	sizeof(struct conf_text),
	false,
	file_from_text,
};
const struct conf_setting_type conf_address = {
	"an address@port",
	sizeof(struct sockaddr_storage),
	false,
	address_from_text,
};
const struct conf_setting_type conf_prefix = {
	"an address/bits",
	sizeof(struct base_prefix),
	false,
	prefix_from_text,
};
const struct conf_setting_type conf_hex = {
	"32 hexadecimal digits",
	16,
	false,
	hex_from_text,
};
const struct conf_setting_type conf_secret = {
	"base64 of 1 to 512 bytes",
	sizeof(struct fabric_keyfile_secret),
	false,
	secret_from_text,
};
