/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "service/format.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <jansson.h>
#include <weft/find.h>

#include "cli/text.h"
#include "service/show.h"
#include "service/variables.h"

enum { HAPROXY_WEIGHT_MAX = 256, TITLE_MAX = 256, TEXT_MAX = 4 * 64 + 1, PREFIX_MAX = 16 };

struct service_format {
	const char *name;
	int (*write)(FILE *out, const struct service_format_input *in);
	/* NULL: an object with the text */
	json_t *(*make)(const struct service_format_input *in);
};

/* ---- names ---- */

/* Writes the label of an instance as a name for other programs: letters, digits and `-` as they
 * are, other octets as `_XX`. So two instances never have the same name. */
static void label_write(char out[static TEXT_MAX], const struct weft_instance *i)
{
	const char *label = weft_instance_label(i);
	size_t n = 0;

	if (*label == '\0')
		label = weft_instance_name(i);
	for (const unsigned char *c = (const unsigned char *)label; *c != '\0' && n + 4 < TEXT_MAX;
	     c++) {
		if (*c < 0x80 && (isalnum(*c) || *c == '-'))
			out[n++] = (char)*c;
		else
			n += (size_t)snprintf(out + n, TEXT_MAX - n, "_%02x", *c);
	}
	out[n] = '\0';
}

/* Writes the title, or makes one of the service's name: without final dot, and `_` for what
 * configurations do not take. */
static void title_write(char out[static TITLE_MAX], const struct service_format_input *in)
{
	const char *from = in->title != NULL ? in->title : in->name;
	size_t n = 0;

	for (; *from != '\0' && n + 1 < TITLE_MAX; from++) {
		bool is_taken = isalnum((unsigned char)*from) || strchr("_.-", *from) != NULL;

		out[n++] = is_taken ? *from : '_';
	}
	if (n > 1 && out[n - 1] == '.' && in->title == NULL)
		n--;
	out[n] = '\0';
}

/* Writes the comment that all configurations begin with. */
static void head_write(FILE *out, const char *format, const struct service_format_input *in)
{
	char *name = cli_text_escape(in->name, strlen(in->name));

	fprintf(out, "# written by weft export %s %s; changes are lost\n", format,
		name != NULL ? name : "");
	free(name);
}

/* ---- which instances ---- */

/* Instances are in the order of their names, so that a file does not change when only the order to
 * contact them in does. */
static int compare(const void *a, const void *b)
{
	const struct weft_instance *const *one = a, *const *other = b;
	int names = strcasecmp(weft_instance_name(*one), weft_instance_name(*other));

	if (names != 0)
		return names;
	names = strcasecmp(weft_instance_host(*one), weft_instance_host(*other));
	return names != 0 ? names : (int)weft_instance_port(*one) - (int)weft_instance_port(*other);
}

/* Returns the instances that have an address, sorted, to be freed; their number is in `n`. */
static const struct weft_instance **usable_get(const struct service_format_input *in, size_t *n)
{
	const struct weft_instance **all = calloc(in->n + 1, sizeof(*all));

	*n = 0;
	if (all == NULL)
		return NULL;
	for (size_t i = 0; i < in->n; i++)
		if (service_show_first(in->all[i]) != NULL && weft_instance_port(in->all[i]) > 0)
			all[(*n)++] = in->all[i];
	qsort(all, *n, sizeof(*all), compare);
	return all;
}

/* Whether the instance should get no new connections. */
static bool is_leaving(const struct weft_instance *i)
{
	enum weft_state state = weft_instance_state(i);

	return state == WEFT_STATE_DRAINING || state == WEFT_STATE_FAILED;
}

struct bounds {
	unsigned priority_least, weight_most;
};

static struct bounds bounds_get(const struct weft_instance *const *all, size_t n)
{
	struct bounds b = {UINT16_MAX, 0};

	for (size_t i = 0; i < n; i++) {
		if (weft_instance_priority(all[i]) < b.priority_least && !is_leaving(all[i]))
			b.priority_least = weft_instance_priority(all[i]);
		if (weft_instance_weight(all[i]) > b.weight_most)
			b.weight_most = weft_instance_weight(all[i]);
	}
	return b;
}

/* Returns a weight from 1 to `most`, in the proportion of the SRV records. One of weight 0 among
 * others has a small chance (RFC 2782), and 1 is the smallest there is. */
static unsigned weight_scale(unsigned weight, unsigned weight_most, unsigned most)
{
	unsigned scaled =
		weight_most > most ? (weight * most + weight_most / 2) / weight_most : weight;

	return scaled > 0 ? scaled : 1;
}

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
static struct host_line *lines_get(const struct service_format_input *in, size_t *nlines)
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

static int hosts_write(FILE *out, const struct service_format_input *in)
{
	size_t n;
	struct host_line *lines = lines_get(in, &n);

	if (lines == NULL)
		return -ENOMEM;
	head_write(out, "hosts", in);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || line_compare(&lines[i - 1], &lines[i]) != 0)
			fprintf(out, "%s\t%s\n", lines[i].address, lines[i].host);
	for (size_t i = 0; i < n; i++)
		free(lines[i].host);
	free(lines);
	return 0;
}

/* ---- HAProxy ---- */

static void haproxy_server(FILE *out, const struct weft_instance *i, const struct bounds *b)
{
	char name[TEXT_MAX], endpoint[SERVICE_SHOW_ADDRESS_MAX];

	label_write(name, i);
	fprintf(out, "    server %s %s check", name,
		service_show_endpoint(endpoint, service_show_first(i)));
	if (is_leaving(i))
		fputs(" weight 0", out);
	else if (b->weight_most > 0)
		fprintf(out, " weight %u",
			weight_scale(weft_instance_weight(i), b->weight_most, HAPROXY_WEIGHT_MAX));
	fputs(weft_instance_priority(i) > b->priority_least && !is_leaving(i) ? " backup\n" : "\n",
	      out);
}

static int haproxy_write(FILE *out, const struct service_format_input *in)
{
	size_t n;
	const struct weft_instance **all = usable_get(in, &n);
	char title[TITLE_MAX];
	struct bounds b;

	if (all == NULL)
		return -ENOMEM;
	b = bounds_get(all, n);
	title_write(title, in);
	head_write(out, "haproxy", in);
	fprintf(out, "backend %s\n", title);
	for (size_t i = 0; i < n; i++)
		haproxy_server(out, all[i], &b);
	free(all);
	return 0;
}

/* ---- nginx ---- */

static void nginx_server(FILE *out, const struct weft_instance *i, const struct bounds *b)
{
	char endpoint[SERVICE_SHOW_ADDRESS_MAX], *label = service_show_label(i);

	fprintf(out, "    server %s", service_show_endpoint(endpoint, service_show_first(i)));
	if (b->weight_most > 0)
		fprintf(out, " weight=%u",
			weight_scale(weft_instance_weight(i), b->weight_most, UINT16_MAX));
	if (is_leaving(i))
		fputs(" down", out);
	else if (weft_instance_priority(i) > b->priority_least)
		fputs(" backup", out);
	fprintf(out, "; # %s\n", label != NULL ? label : "");
	free(label);
}

static int nginx_write(FILE *out, const struct service_format_input *in)
{
	size_t n;
	const struct weft_instance **all = usable_get(in, &n);
	char title[TITLE_MAX];
	struct bounds b;

	if (all == NULL)
		return -ENOMEM;
	b = bounds_get(all, n);
	title_write(title, in);
	head_write(out, "nginx", in);
	fprintf(out, "upstream %s {\n", title);
	for (size_t i = 0; i < n; i++)
		nginx_server(out, all[i], &b);
	if (n == 0) /* an upstream without a server is an error of the whole configuration */
		fputs("    server 127.0.0.1:9 down; # no instance\n", out);
	fputs("}\n", out);
	free(all);
	return 0;
}

/* ---- Prometheus ---- */

/* Adds a label. Its value is any UTF-8; of its name other characters become `_`. */
static void label_add(json_t *labels, const char *prefix, const char *key, json_t *value)
{
	char name[TITLE_MAX];
	size_t n = (size_t)snprintf(name, sizeof(name), "__meta_weft_%s", prefix);

	for (; *key != '\0' && n + 1 < sizeof(name); key++)
		name[n++] = isalnum((unsigned char)*key) && (*key & 0x80) == 0 ? *key : '_';
	name[n] = '\0';
	if (json_object_get(labels, name) == NULL)
		json_object_set_new(labels, name, value);
	else
		json_decref(value);
}

static json_t *text_json(char *owned)
{
	json_t *value = json_string(owned != NULL ? owned : "");

	free(owned);
	return value;
}

static json_t *labels_make(const struct weft_instance *i)
{
	json_t *labels = json_object();

	label_add(labels, "", "name", text_json(service_show_label(i)));
	label_add(labels, "", "type", json_string(weft_instance_type(i)));
	label_add(labels, "", "domain", json_string(weft_instance_domain(i)));
	label_add(labels, "", "host", text_json(service_show_host(i)));
	label_add(labels, "", "state", json_string(weft_state_name(weft_instance_state(i))));
	for (size_t n = 0; n < weft_instance_txt_count(i); n++) {
		const char *value;
		size_t nvalue;

		value = weft_instance_txt_value(i, n, &nvalue);
		label_add(labels, "txt_", weft_instance_txt_key(i, n),
			  nvalue == (size_t)-1 ? json_string("true")
					       : cli_text_to_json(value, nvalue));
	}
	return labels;
}

static json_t *http_sd_make(const struct service_format_input *in)
{
	size_t n;
	const struct weft_instance **all = usable_get(in, &n);
	json_t *list = all != NULL ? json_array() : NULL;
	char endpoint[SERVICE_SHOW_ADDRESS_MAX];

	for (size_t i = 0; list != NULL && i < n; i++)
		json_array_append_new(
			list, json_pack("{s:[s], s:o}", "targets",
					service_show_endpoint(endpoint, service_show_first(all[i])),
					"labels", labels_make(all[i])));
	free(all);
	return list;
}

static int http_sd_write(FILE *out, const struct service_format_input *in)
{
	json_t *list = http_sd_make(in);

	if (list == NULL)
		return -ENOMEM;
	json_dumpf(list, out, JSON_INDENT(2));
	fputc('\n', out);
	json_decref(list);
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
static int env_each(const struct service_format_input *in, service_variable_fn fn, void *arg)
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

static int env_write(FILE *out, const struct service_format_input *in)
{
	head_write(out, "env", in);
	return env_each(in, variable_write, out);
}

static int variable_add(void *arg, const char *name, const char *value)
{
	return json_object_set_new(arg, name, cli_text_to_json(value, strlen(value))) == 0
		       ? 0
		       : -ENOMEM;
}

static json_t *env_make(const struct service_format_input *in)
{
	json_t *object = json_object();

	if (object == NULL || env_each(in, variable_add, object) == 0)
		return object;
	json_decref(object);
	return NULL;
}

/* ---- all formats ---- */

static const struct service_format formats[] = {
	{"hosts", hosts_write, NULL},	  {"http_sd", http_sd_write, http_sd_make},
	{"haproxy", haproxy_write, NULL}, {"nginx", nginx_write, NULL},
	{"env", env_write, env_make},
};

const struct service_format *service_format_find(const char *name)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	return NULL;
}

const char *service_format_names(void)
{
	return "hosts http_sd haproxy nginx env";
}

int service_format_write(const struct service_format *f, FILE *out,
			 const struct service_format_input *in)
{
	return f->write(out, in);
}

/* Returns `{"format": ..., "text": ...}`. */
static json_t *text_make(const struct service_format *f, const struct service_format_input *in)
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

int service_format_write_json(const struct service_format *f, FILE *out,
			      const struct service_format_input *in)
{
	json_t *value = f->make != NULL ? f->make(in) : text_make(f, in);

	if (value == NULL)
		return -ENOMEM;
	json_dumpf(value, out, JSON_INDENT(2));
	fputc('\n', out);
	json_decref(value);
	return 0;
}
