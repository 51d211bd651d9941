/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "locate/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "conf/load.h"
#include "conf/reader.h"
#include "conf/type.h"

#define FIELD(f) offsetof(struct locate_config, f)

enum { PATH_MAX_CHARS = 4096 };

static const char system_file[] = WEFT_SYSCONFDIR "/client.conf";

static const char *const yes_no[] = {"no", "yes", NULL};

static const struct conf_setting tls_table[] = {
	{"ca", &conf_type_file, .offset = FIELD(tls.ca) - FIELD(tls)},
	{"certificate", &conf_type_file, .offset = FIELD(tls.certificate) - FIELD(tls)},
	{"key", &conf_type_file, .offset = FIELD(tls.key) - FIELD(tls)},
	{0},
};

static const struct conf_setting table[] = {
	{"registry", &conf_type_located, .offset = FIELD(registry), .flags = CONF_LIST},
	{"domain", &conf_type_located, .offset = FIELD(domain)},
	{"key-file", &conf_type_file, .offset = FIELD(key_file)},
	{"key-name", &conf_type_located, .offset = FIELD(key_name)},
	{"public-key", &conf_type_located, .offset = FIELD(public_key)},
	{"tls", .offset = FIELD(tls), .table = tls_table},
	{"mdns", &conf_type_word, .offset = FIELD(mdns), .words = yes_no},
	{"stale", &conf_type_duration, .offset = FIELD(stale_s), .max = 7 * 86400},
	{"timeout", &conf_type_duration, .offset = FIELD(timeout_s), .min = 1, .max = 3600},
	{0},
};

/* ---- errors ---- */

const char *locate_config_where(char out[static LOCATE_WHERE_MAX], const struct base_location *at)
{
	const char *file = at->file != NULL ? at->file : "";

	if (at->line > 0)
		snprintf(out, LOCATE_WHERE_MAX, "%s:%u", file, at->line);
	else
		snprintf(out, LOCATE_WHERE_MAX, "%s", file);
	return out;
}

int locate_config_fail(struct base_error *error, const struct base_location *at)
{
	char text[BASE_ERROR_TEXT_MAX], where[BASE_ERROR_TEXT_MAX] = "";

	if (at->file == NULL)
		return error->code;
	if (at->line > 0)
		snprintf(where, sizeof(where), "%s:%u: ", at->file, at->line);
	else
		snprintf(where, sizeof(where), "%s: ", at->file);
	strcpy(text, error->text);
	return base_error_set(error, error->code, "%s%s", where, text);
}

/* Takes the first error. */
static void report(void *arg, enum base_log_level level, const struct base_error *error)
{
	struct base_error *first = arg;

	if (level != BASE_LOG_ERROR || first->code != 0)
		return;
	*first = *error;
	first->code = -EINVAL;
	first->at = (struct base_location){0};
	locate_config_fail(first, &error->at);
}

/* ---- one file ---- */

static bool is_given(struct conf_reader *r, const void *field)
{
	return conf_reader_where(r, field, (struct base_location){0}).file != NULL;
}

static int file_read(struct locate_config *c, struct base_arena *arena, const char *path,
		     struct base_error *error)
{
	struct base_error first = {0};
	struct conf_reader reader = {
		.arena = arena,
		.report = report,
		.arg = &first,
		.table = table,
		.base = c,
	};
	int ret;

	*c = (struct locate_config){0};
	ret = conf_load(&reader, path);
	c->has_mdns = is_given(&reader, &c->mdns);
	c->has_stale = is_given(&reader, &c->stale_s);
	c->has_timeout = is_given(&reader, &c->timeout_s);
	if (ret == 0)
		ret = conf_reader_end(&reader);
	else
		conf_reader_end(&reader);
	if (ret == 0)
		return 0;
	if (first.code == 0)
		return base_error_set(error, -ENOMEM, "out of memory");
	*error = first;
	return error->code;
}

/* Reads a file that need not be there. What is in a folder that this user may not enter is not for
 * it: /etc/weft may be closed. */
static int file_read_if_any(struct locate_config *c, struct base_arena *arena, const char *path,
			    struct base_error *error)
{
	struct stat st;

	*c = (struct locate_config){0};
	if (path == NULL ||
	    (stat(path, &st) < 0 && (errno == ENOENT || errno == ENOTDIR || errno == EACCES)))
		return 0;
	return file_read(c, arena, path, error);
}

/* Writes the path of the user's file to `out`. Returns NULL if the user has none. */
static const char *user_file(char out[static PATH_MAX_CHARS])
{
	const char *folder = secure_getenv("XDG_CONFIG_HOME"), *home = secure_getenv("HOME");
	int n = 0;

	/* The XDG specification: other than absolute paths are ignored. */
	if (folder != NULL && folder[0] == '/')
		n = snprintf(out, PATH_MAX_CHARS, "%s/weft/client.conf", folder);
	else if (home != NULL && home[0] == '/')
		n = snprintf(out, PATH_MAX_CHARS, "%s/.config/weft/client.conf", home);
	return n > 0 && n < PATH_MAX_CHARS ? out : NULL;
}

/* ---- one over the other ---- */

static void text_over(struct conf_text *text, const struct conf_text *over)
{
	if (over->text != NULL)
		*text = *over;
}

/* Has the values of `over` win. A file replaces what belongs to another one. */
static void config_over(struct locate_config *c, const struct locate_config *over)
{
	static const struct conf_text none;

	if (over->registry.count > 0)
		c->registry = over->registry;
	if (over->key_file.text != NULL)
		c->key_name = none;
	if (over->public_key.text != NULL || over->tls.ca.text != NULL)
		c->public_key = c->tls.ca = none;
	if (over->tls.certificate.text != NULL)
		c->tls.key = none;
	text_over(&c->domain, &over->domain);
	text_over(&c->key_file, &over->key_file);
	text_over(&c->key_name, &over->key_name);
	text_over(&c->public_key, &over->public_key);
	text_over(&c->tls.ca, &over->tls.ca);
	text_over(&c->tls.certificate, &over->tls.certificate);
	text_over(&c->tls.key, &over->tls.key);
	if (over->has_mdns)
		c->mdns = over->mdns;
	if (over->has_stale)
		c->stale_s = over->stale_s;
	if (over->has_timeout)
		c->timeout_s = over->timeout_s;
}

/* Makes a value that is from no file; an empty one is not given. */
static struct conf_text value(const char *text, const char *name)
{
	return (struct conf_text){.text = text != NULL && *text != '\0' ? text : NULL,
				  .at = {name, 0}};
}

static int registry_set(struct locate_config *c, struct base_arena *arena, const char *list,
			const char *name)
{
	struct conf_text *item;

	if (list == NULL)
		return 0;
	item = base_arena_alloc(arena, sizeof(*item));
	if (item == NULL)
		return -ENOMEM;
	*item = (struct conf_text){list, {name, 0}};
	c->registry = (struct conf_texts){item, 1};
	return 0;
}

/* Copies the value of an environment variable, which may change; NULL if it is not set or empty. */
static int variable_read(const char **out, struct base_arena *arena, const char *name)
{
	const char *text = secure_getenv(name);

	*out = NULL;
	if (text == NULL || *text == '\0')
		return 0;
	*out = base_arena_copy(arena, text, strlen(text) + 1);
	return *out != NULL ? 0 : -ENOMEM;
}

static int environment_read(struct locate_config *c, struct base_arena *arena)
{
	static const char registry[] = "WEFT_REGISTRY", key_file[] = "WEFT_KEY_FILE",
			  certificate[] = "WEFT_CERTIFICATE";
	const char *text;
	int ret = variable_read(&text, arena, registry);

	*c = (struct locate_config){0};
	if (ret == 0)
		ret = registry_set(c, arena, text, registry);
	if (ret == 0 && (ret = variable_read(&text, arena, key_file)) == 0)
		c->key_file = value(text, key_file);
	if (ret == 0 && (ret = variable_read(&text, arena, certificate)) == 0)
		c->tls.certificate = value(text, certificate);
	return ret;
}

static int settings_read(struct locate_config *c, struct base_arena *arena,
			 const struct locate_settings *s)
{
	*c = (struct locate_config){
		.domain = value(s->domain, "domain"),
		.key_file = value(s->key_file, "key file"),
		.key_name = value(s->key_name, "key name"),
		.public_key = value(s->public_key, "public key"),
		.tls = {.ca = value(s->tls_ca, "authorities"),
			.certificate = value(s->tls_certificate, "certificate"),
			.key = value(s->tls_key, "certificate's key")},
	};
	return registry_set(c, arena, s->registry, "registry");
}

static int files_read(struct locate_config *out, struct base_arena *arena, const char *given,
		      struct base_error *error)
{
	char path[PATH_MAX_CHARS];
	struct locate_config one;
	int ret;

	if (given != NULL && *given == '\0')
		return 0;
	if (given != NULL) {
		ret = file_read(&one, arena, given, error);
		config_over(out, &one);
		return ret;
	}
	ret = file_read_if_any(&one, arena, system_file, error);
	if (ret < 0)
		return ret;
	config_over(out, &one);
	ret = file_read_if_any(&one, arena, user_file(path), error);
	config_over(out, &one);
	return ret;
}

int locate_config_read(struct locate_config *out, struct base_arena *arena,
		       const struct locate_settings *settings, struct base_error *error)
{
	struct locate_config one = {0};
	int ret;

	*out = (struct locate_config){.arena = arena,
				      .mdns = true,
				      .stale_s = LOCATE_STALE_S,
				      .timeout_s = LOCATE_TIMEOUT_S};
	ret = files_read(out, arena, settings->config, error);
	if (ret < 0)
		return ret;
	ret = environment_read(&one, arena);
	if (ret == 0) {
		config_over(out, &one);
		ret = settings_read(&one, arena, settings);
	}
	if (ret < 0)
		return base_error_set(error, ret, "out of memory");
	config_over(out, &one);
	out->is_insecure = settings->is_insecure;
	if (out->public_key.text != NULL && out->tls.ca.text != NULL) {
		base_error_set(error, -EINVAL, "a public key and authorities exclude each other");
		return locate_config_fail(error, &out->public_key.at);
	}
	return 0;
}
