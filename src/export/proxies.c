/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "export/proxies.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <weft/find.h>

#include "export/input.h"
#include "service/show.h"

enum { HAPROXY_WEIGHT_MAX = 256, TITLE_MAX = 256, TEXT_MAX = 4 * 256 + 16 };

/* ---- names ---- */

/* Writes the name of an instance as one for HAProxy: letters, digits and `-` as they are, other
 * octets as `_XX`. Without a label it is that of its host with the port. */
static void name_write(char out[static TEXT_MAX], const struct weft_instance *i)
{
	const char *label = weft_instance_label(i),
		   *from = *label != '\0' ? label : weft_instance_host(i);
	size_t n = 0;

	for (; *from != '\0' && n + 4 < TEXT_MAX; from++) {
		if (*label == '\0' && strcmp(from, ".") == 0)
			break; /* the final dot */
		unsigned char c = (unsigned char)*from;

		if (c < 0x80 && (isalnum(c) || c == '-' || (c == '.' && *label == '\0')))
			out[n++] = (char)c;
		else
			n += (size_t)snprintf(out + n, TEXT_MAX - n, "_%02x", c);
	}
	out[n] = '\0';
	if (*label == '\0')
		snprintf(out + n, TEXT_MAX - n, ":%u", weft_instance_port(i));
}

/* Writes the title, or makes one of the service's name: without final dot, and `_` for what
 * configurations do not take. */
static void title_write(char out[static TITLE_MAX], const struct export_input *in)
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

/* ---- which instances ---- */

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

/* What is written: a backend or an upstream. */
struct block {
	const struct weft_instance **all;
	size_t n;
	struct bounds bounds;
	char title[TITLE_MAX];
};

/* Gathers what is to be written, `all` to be freed, and writes the head. Returns 0 or -ENOMEM. */
static int block_begin(struct block *b, FILE *out, const char *format,
		       const struct export_input *in)
{
	b->all = export_input_usable(in, &b->n);
	if (b->all == NULL)
		return -ENOMEM;
	b->bounds = bounds_get(b->all, b->n);
	title_write(b->title, in);
	export_input_head(out, format, in);
	return 0;
}

/* ---- HAProxy ---- */

/* `number`: which one of this name it is; of a name with several SRV records the second one is
 * `NAME.2`. */
static void haproxy_server(FILE *out, const struct weft_instance *i, unsigned number,
			   const struct bounds *b)
{
	char name[TEXT_MAX], endpoint[SERVICE_SHOW_ADDRESS_MAX], suffix[16] = "";

	name_write(name, i);
	if (number > 1)
		snprintf(suffix, sizeof(suffix), ".%u", number);
	fprintf(out, "    server %s%s %s check", name, suffix,
		service_show_endpoint(endpoint, service_show_first(i)));
	if (is_leaving(i))
		fputs(" weight 0", out);
	else if (b->weight_most > 0)
		fprintf(out, " weight %u",
			weight_scale(weft_instance_weight(i), b->weight_most, HAPROXY_WEIGHT_MAX));
	fputs(weft_instance_priority(i) > b->priority_least && !is_leaving(i) ? " backup\n" : "\n",
	      out);
}

/* Whether two instances, in their order, have the same name in HAProxy. */
static bool is_same_name(const struct weft_instance *one, const struct weft_instance *other)
{
	char names[2][TEXT_MAX];

	name_write(names[0], one);
	name_write(names[1], other);
	return strcmp(names[0], names[1]) == 0;
}

int export_proxies_haproxy(FILE *out, const struct export_input *in)
{
	unsigned number = 0;
	struct block b;

	if (block_begin(&b, out, "haproxy", in) < 0)
		return -ENOMEM;
	fprintf(out, "backend %s\n", b.title);
	for (size_t i = 0; i < b.n; i++) {
		number = i > 0 && is_same_name(b.all[i - 1], b.all[i]) ? number + 1 : 1;
		haproxy_server(out, b.all[i], number, &b.bounds);
	}
	free(b.all);
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

int export_proxies_nginx(FILE *out, const struct export_input *in)
{
	struct block b;

	if (block_begin(&b, out, "nginx", in) < 0)
		return -ENOMEM;
	fprintf(out, "upstream %s {\n", b.title);
	for (size_t i = 0; i < b.n; i++)
		nginx_server(out, b.all[i], &b.bounds);
	if (b.n == 0) /* an upstream without a server is an error of the whole configuration */
		fputs("    server 127.0.0.1:9 down; # no instance\n", out);
	fputs("}\n", out);
	free(b.all);
	return 0;
}
