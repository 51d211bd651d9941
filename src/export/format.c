/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "export/format.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>
#include <weft/find.h>

#include "cli/text.h"
#include "export/input.h"
#include "export/proxies.h"
#include "export/targets.h"
#include "service/show.h"
#include "service/variables.h"

enum { PREFIX_MAX = 16 };

struct export_format {
	const char *name;
	int (*write)(FILE *out, const struct export_input *in);
	/* NULL: an object with the text */
	json_t *(*make)(const struct export_input *in);
};

/* ---- hosts(5) ---- */

struct host_line {
	char address[SERVICE_SHOW_ADDRESS_MAX];
	char *host;
};

static int line_compare(const void *a, const void *b)
{
	const struct host_line *one = a, *other = b;
	int hosts = strcasecmp(one->host, other->host);

	return hosts != 0 ? hosts : strcmp(one->address, other->address);
}

/* Whether a name can be in hosts(5): no blanks, comments or escapes. */
static bool is_host(const char *host)
{
	for (const char *c = host; *c != '\0'; c++)
		if (!isalnum((unsigned char)*c) && strchr("-._:", *c) == NULL)
			return false;
	return *host != '\0';
}

/* Adds a line for each address of an instance. Returns how many, or -ENOMEM. */
static long lines_add(struct host_line *lines, const struct weft_instance *i)
{
	size_t n = weft_instance_address_count(i);
	socklen_t nbytes;
	long added = 0;

	for (size_t at = 0; at < n; at++) {
		struct host_line *line = &lines[added];

		line->host = service_show_host(i);
		if (line->host == NULL)
			return -ENOMEM;
		service_show_address(line->address, weft_instance_address(i, at, &nbytes));
		if (is_host(line->host) && strcasecmp(line->host, line->address) != 0)
			added++;
		else
			free(line->host);
	}
	return added;
}

/* All lines, sorted, to be freed; or NULL. */
static struct host_line *lines_get(const struct export_input *in, size_t *nlines)
{
	size_t most = 1;
	struct host_line *lines;

	*nlines = 0;
	for (size_t i = 0; i < in->n; i++)
		most += weft_instance_address_count(in->all[i]);
	lines = calloc(most, sizeof(*lines));
	for (size_t i = 0; lines != NULL && i < in->n; i++) {
		long n = lines_add(lines + *nlines, in->all[i]);

		if (n < 0) {
			for (size_t at = 0; at < *nlines; at++)
				free(lines[at].host);
			free(lines);
			return NULL;
		}
		*nlines += (size_t)n;
	}
	if (lines != NULL)
		qsort(lines, *nlines, sizeof(*lines), line_compare);
	return lines;
}

static int hosts_write(FILE *out, const struct export_input *in)
{
	size_t n;
	struct host_line *lines = lines_get(in, &n);

	if (lines == NULL)
		return -ENOMEM;
	export_input_head(out, "hosts", in);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || line_compare(&lines[i - 1], &lines[i]) != 0)
			fprintf(out, "%s\t%s\n", lines[i].address, lines[i].host);
	for (size_t i = 0; i < n; i++)
		free(lines[i].host);
	free(lines);
	return 0;
}

/* ---- variables of a shell ---- */

/* Writes `NAME='value'`. A value with control characters is left out, since the file may be shown
 * on a terminal. */
static int variable_write(void *arg, const char *name, const char *value)
{
	FILE *out = arg;

	if (!cli_text_is_shown(value, strlen(value))) {
		fprintf(out, "# %s has characters that are not shown\n", name);
		return 0;
	}
	fprintf(out, "%s='", name);
	for (const char *c = value; *c != '\0'; c++)
		if (*c == '\'')
			fputs("'\\''", out);
		else
			fputc(*c, out);
	fputs("'\n", out);
	return 0;
}

/* Calls `fn` for the number of instances, for the variables of the one to contact first, and for
 * those of each with its number. */
static int env_each(const struct export_input *in, service_variable_fn fn, void *arg)
{
	char prefix[PREFIX_MAX];
	int ret;

	snprintf(prefix, sizeof(prefix), "%zu", in->n);
	ret = fn(arg, "WEFT_COUNT", prefix);
	if (ret == 0 && in->n > 0)
		ret = service_variables_each(in->all[0], "WEFT_", NULL, fn, arg);
	for (size_t i = 0; ret == 0 && i < in->n; i++) {
		snprintf(prefix, sizeof(prefix), "WEFT_%u_", (unsigned)i + 1);
		ret = service_variables_each(in->all[i], prefix, NULL, fn, arg);
	}
	return ret;
}

static int env_write(FILE *out, const struct export_input *in)
{
	export_input_head(out, "env", in);
	return env_each(in, variable_write, out);
}

static int variable_add(void *arg, const char *name, const char *value)
{
	return json_object_set_new(arg, name, cli_text_to_json(value, strlen(value))) == 0
		       ? 0
		       : -ENOMEM;
}

static json_t *env_make(const struct export_input *in)
{
	json_t *object = json_object();

	if (object == NULL || env_each(in, variable_add, object) == 0)
		return object;
	json_decref(object);
	return NULL;
}

/* ---- all formats ---- */

static const struct export_format formats[] = {
	{"hosts", hosts_write, NULL},
	{"http_sd", export_targets_write, export_targets_json},
	{"haproxy", export_proxies_haproxy, NULL},
	{"nginx", export_proxies_nginx, NULL},
	{"env", env_write, env_make},
};

const struct export_format *export_format_find(const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	return NULL;
}

const char *export_format_names(void)
{
	return "hosts http_sd haproxy nginx env";
}

int export_format_write(const struct export_format *f, FILE *out, const struct export_input *in)
{
	return f->write(out, in);
}

/* Returns `{"format": ..., "text": ...}`. */
static json_t *text_make(const struct export_format *f, const struct export_input *in)
{
	char *text = NULL;
	json_t *object = NULL;
	size_t nbytes;
	FILE *out = open_memstream(&text, &nbytes);
	int ret;

	if (out == NULL)
		return NULL;
	ret = f->write(out, in);
	if (fclose(out) == 0 && ret == 0)
		object = json_pack("{s:s, s:s}", "format", f->name, "text", text);
	free(text);
	return object;
}

int export_format_write_json(const struct export_format *f, FILE *out,
			     const struct export_input *in)
{
	json_t *value = f->make != NULL ? f->make(in) : text_make(f, in);

	if (value == NULL)
		return -ENOMEM;
	json_dumpf(value, out, JSON_INDENT(2));
	fputc('\n', out);
	json_decref(value);
	return 0;
}
