/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "conf/type.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/secret.h"
#include "conf/reader.h"
#include "fabric/keyfile.h"

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

/* Parses digits, followed by a unit or not. Returns false for other texts and for values that do
 * not fit into 64 bits. */
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
			const struct base_location *at, const char *text, const struct unit *units,
			uint64_t *out)
{
	if (!amount_parse(text, units, out)) {
		conf_reader_error(r, at, "%s is %s, not %s", s->name, s->type->name, text);
		return false;
	}
	if (*out < s->min || *out > s->max) {
		conf_reader_error(r, at, "%s is from %" PRIu64 " to %" PRIu64 ", not %s", s->name,
				  s->min, s->max, text);
		return false;
	}
	return true;
}

static void number_from_text(struct conf_reader *r, const struct conf_setting *s,
			     const struct base_location *at, const char *text, void *field)
{
	uint64_t value;

	if (amount_read(r, s, at, text, no_units, &value))
		*(uint32_t *)field = (uint32_t)value;
}

static void size_from_text(struct conf_reader *r, const struct conf_setting *s,
			   const struct base_location *at, const char *text, void *field)
{
	uint64_t value;

	if (amount_read(r, s, at, text, sizes, &value))
		*(uint64_t *)field = value;
}

static void duration_from_text(struct conf_reader *r, const struct conf_setting *s,
			       const struct base_location *at, const char *text, void *field)
{
	uint64_t value;

	if (amount_read(r, s, at, text, durations, &value))
		*(uint32_t *)field = (uint32_t)value;
}

static void timeout_from_text(struct conf_reader *r, const struct conf_setting *s,
			      const struct base_location *at, const char *text, void *field)
{
	if (strcmp(text, "never") == 0)
		*(uint32_t *)field = UINT32_MAX;
	else
		duration_from_text(r, s, at, text, field);
}

static void age_from_text(struct conf_reader *r, const struct conf_setting *s,
			  const struct base_location *at, const char *text, void *field)
{
	uint64_t value;

	if (amount_read(r, s, at, text, durations, &value))
		*(uint64_t *)field = value;
}

static void word_from_text(struct conf_reader *r, const struct conf_setting *s,
			   const struct base_location *at, const char *text, void *field)
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
	conf_reader_error(r, at, "%s is one of %s, not %s", s->name, all, text);
}

static void text_from_text(struct conf_reader *r, const struct conf_setting *s,
			   const struct base_location *at, const char *text, void *field)
{
	if (s->max != 0 && strlen(text) > s->max)
		conf_reader_error(r, at, "%s has at most %" PRIu64 " bytes", s->name, s->max);
	else
		*(const char **)field = conf_reader_copy(r, text);
}

static bool is_path(struct conf_reader *r, const struct conf_setting *s,
		    const struct base_location *at, const char *text)
{
	if (*text == '\0')
		conf_reader_error(r, at, "%s is %s, not nothing", s->name, s->type->name);
	return *text != '\0';
}

static void path_from_text(struct conf_reader *r, const struct conf_setting *s,
			   const struct base_location *at, const char *text, void *field)
{
	if (is_path(r, s, at, text))
		*(const char **)field = conf_reader_join(r, text);
}

static void log_from_text(struct conf_reader *r, const struct conf_setting *s,
			  const struct base_location *at, const char *text, void *field)
{
	if (strcmp(text, "stderr") == 0 || strcmp(text, "syslog") == 0)
		*(const char **)field = conf_reader_copy(r, text);
	else
		path_from_text(r, s, at, text, field);
}

static void located_from_text(struct conf_reader *r, const struct conf_setting *s,
			      const struct base_location *at, const char *text, void *field)
{
	struct conf_text *out = field;

	(void)s;
	*out = (struct conf_text){conf_reader_copy(r, text), *at};
}

static bool located_is_same(const void *a, const void *b)
{
	const struct conf_text *ta = a, *tb = b;

	return ta->text == tb->text ||
	       (ta->text != NULL && tb->text != NULL && strcmp(ta->text, tb->text) == 0);
}

static void file_from_text(struct conf_reader *r, const struct conf_setting *s,
			   const struct base_location *at, const char *text, void *field)
{
	struct conf_text *out = field;

	if (is_path(r, s, at, text))
		*out = (struct conf_text){conf_reader_join(r, text), *at};
}

static void address_from_text(struct conf_reader *r, const struct conf_setting *s,
			      const struct base_location *at, const char *text, void *field)
{
	if (base_address_from_text(field, text, s->port == 0 ? 53 : s->port) == 0)
		return;
	if (strchr(text, '@') == NULL && strchr(text, '.') != NULL && strchr(text, ':') != NULL)
		conf_reader_error(r, at, "%s: %s is not an address: the port follows an @", s->name,
				  text);
	else
		conf_reader_error(r, at, "%s: %s is not an address@port", s->name, text);
}

static void prefix_from_text(struct conf_reader *r, const struct conf_setting *s,
			     const struct base_location *at, const char *text, void *field)
{
	int ret = base_prefix_from_text(field, text);

	if (ret == -EDOM)
		conf_reader_error(r, at, "%s: %s has bits set beyond its length", s->name, text);
	else if (ret != 0)
		conf_reader_error(r, at, "%s: %s is not an address/bits", s->name, text);
}

/* An invalid value may still be most of a secret, so messages do not repeat it. */
static void hex_from_text(struct conf_reader *r, const struct conf_setting *s,
			  const struct base_location *at, const char *text, void *field)
{
	if (base_secret_from_hex(field, s->type->size, text, strlen(text)) < 0)
		conf_reader_error(r, at, "%s is %s", s->name, s->type->name);
}

static void secret_from_text(struct conf_reader *r, const struct conf_setting *s,
			     const struct base_location *at, const char *text, void *field)
{
	struct fabric_keyfile_secret *secret = field;
	int ret;

	fabric_keyfile_secret_fini(secret);
	ret = fabric_keyfile_secret_from_text(secret, text);
	if (ret == -ENOMEM)
		r->is_short_of_memory = true;
	else if (ret != 0)
		conf_reader_error(r, at, "%s is %s", s->name, s->type->name);
	if (r->is_open_to_others)
		conf_reader_warn(r, at, "a secret in a file that everybody may read");
}

const struct conf_type conf_type_number = {
	.name = "a number",
	.size = sizeof(uint32_t),
	.has_range = true,
	.from_text = number_from_text,
};
const struct conf_type conf_type_size = {
	.name = "a size in bytes (K, M, G)",
	.size = sizeof(uint64_t),
	.from_text = size_from_text,
};
const struct conf_type conf_type_duration = {
	.name = "a time in seconds (m, h, d, w)",
	.size = sizeof(uint32_t),
	.from_text = duration_from_text,
};
const struct conf_type conf_type_timeout = {
	.name = "a time in seconds (m, h, d, w), or never",
	.size = sizeof(uint32_t),
	.from_text = timeout_from_text,
};
const struct conf_type conf_type_age = {
	.name = "a time in seconds (m, h, d, w)",
	.size = sizeof(uint64_t),
	.from_text = age_from_text,
};
const struct conf_type conf_type_word = {
	.name = "a word",
	.size = sizeof(uint32_t),
	.from_text = word_from_text,
};
const struct conf_type conf_type_text = {
	.name = "a string",
	.size = sizeof(const char *),
	.is_text = true,
	.from_text = text_from_text,
};
const struct conf_type conf_type_path = {
	.name = "a path",
	.size = sizeof(const char *),
	.is_text = true,
	.from_text = path_from_text,
};
const struct conf_type conf_type_log = {
	.name = "stderr, syslog or a path",
	.size = sizeof(const char *),
	.is_text = true,
	.from_text = log_from_text,
};
const struct conf_type conf_type_located = {
	.name = "a string",
	.size = sizeof(struct conf_text),
	.is_same = located_is_same,
	.from_text = located_from_text,
};
const struct conf_type conf_type_file = {
	.name = "a path",
	.size = sizeof(struct conf_text),
	.is_same = located_is_same,
	.from_text = file_from_text,
};
const struct conf_type conf_type_address = {
	.name = "an address@port",
	.size = sizeof(struct sockaddr_storage),
	.from_text = address_from_text,
};
const struct conf_type conf_type_prefix = {
	.name = "an address/bits",
	.size = sizeof(struct base_prefix),
	.from_text = prefix_from_text,
};
const struct conf_type conf_type_hex = {
	.name = "32 hexadecimal digits",
	.size = 16,
	.from_text = hex_from_text,
};
const struct conf_type conf_type_secret = {
	.name = "base64 of 1 to 512 bytes",
	.size = sizeof(struct fabric_keyfile_secret),
	.from_text = secret_from_text,
};

bool conf_type_parse_duration(uint64_t *out, const char *text)
{
	return amount_parse(text, durations, out);
}
