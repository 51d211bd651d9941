/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "service/lines.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <weft/find.h>

#include "cli/text.h"
#include "service/show.h"
#include "service/types.h"

enum { NAME_WIDTH = 32, TYPE_WIDTH = 20, WIDTH_LEAST = 64 };

/* ---- for scripts ---- */

/* Writes a label as avahi-browse does: as in a zone file, and all but letters, digits, `-` and `_`
 * with an escape, so that no `;` is in it. */
static void label_write(FILE *out, const char *label)
{
	for (const uint8_t *c = (const uint8_t *)label; *c != '\0'; c++) {
		if (*c == '.' || *c == '\\')
			fprintf(out, "\\%c", *c);
		else if (*c < 0x80 && (isalnum(*c) || *c == '-' || *c == '_'))
			fputc(*c, out);
		else
			fprintf(out, "\\%03u", *c);
	}
}

/* Writes a TXT value in quotes; what would end them, and what no terminal must get, as \DDD. */
static void pair_write(FILE *out, const char *key, const char *value, size_t nvalue)
{
	char *shown_key = cli_text_escape(key, strlen(key));
	char *shown = nvalue != (size_t)-1 ? cli_text_escape(value, nvalue) : NULL;

	fputc('"', out);
	fputs(shown_key != NULL ? shown_key : "?", out);
	if (shown != NULL)
		fputc('=', out);
	for (const char *c = shown; c != NULL && *c != '\0'; c++)
		if (*c == '"')
			fputs("\\034", out);
		else
			fputc(*c, out);
	fputc('"', out);
	free(shown_key);
	free(shown);
}

static void txt_write(FILE *out, const struct weft_instance *i)
{
	for (size_t n = 0; n < weft_instance_txt_count(i); n++) {
		const char *value;
		size_t nvalue;

		value = weft_instance_txt_value(i, n, &nvalue);
		fputs(n > 0 ? " " : "", out);
		pair_write(out, weft_instance_txt_key(i, n), value, nvalue);
	}
}

static const char *type_of(const struct service_lines *l, const struct weft_instance *i)
{
	const char *type = weft_instance_type(i);

	return l->is_no_lookup ? type : service_types_name(type);
}

/* Writes a name without final dot, and with its escapes. */
static void name_write(FILE *out, const char *name)
{
	size_t nchars = strlen(name);

	if (nchars > 1 && name[nchars - 1] == '.')
		nchars--;
	fprintf(out, "%.*s", (int)nchars, name);
}

/* The fields that all lines have: avahi-browse has the interface where this has `-`. */
static void fields_write(const struct service_lines *l, FILE *out, char sign,
			 const struct weft_instance *i, const char *protocol)
{
	const char *label = weft_instance_label(i);

	fprintf(out, "%c;-;%s;", sign, protocol);
	label_write(out, *label != '\0' ? label : weft_instance_name(i));
	fprintf(out, ";%s;", type_of(l, i));
	name_write(out, weft_instance_domain(i));
}

static const char *protocol_of(const struct sockaddr *address)
{
	return address == NULL ? "-" : address->sa_family == AF_INET6 ? "IPv6" : "IPv4";
}

/* Writes a line for each address, or one without. */
static void resolved_write(const struct service_lines *l, FILE *out, const struct weft_instance *i)
{
	size_t n = weft_instance_address_count(i), at = 0;
	char text[SERVICE_SHOW_ADDRESS_MAX];
	socklen_t nbytes;

	do {
		const struct sockaddr *address =
			at < n ? weft_instance_address(i, at, &nbytes) : NULL;

		fields_write(l, out, '=', i, protocol_of(address));
		fputc(';', out);
		name_write(out, weft_instance_host(i));
		fprintf(out, ";%s;%u;", service_show_address(text, address), weft_instance_port(i));
		txt_write(out, i);
		fputc('\n', out);
	} while (++at < n);
}

/* ---- for people ---- */

static void padded_write(FILE *out, const char *text, size_t width)
{
	size_t own = cli_text_width(text);

	fprintf(out, "%s%*s", text, (int)(own < width ? width - own : 0) + 2, "");
}

static void people_write(const struct service_lines *l, FILE *out, char sign,
			 const struct weft_instance *i)
{
	bool is_narrow = l->width > 0 && l->width < WIDTH_LEAST;
	char *label = service_show_label(i);

	fprintf(out, "%c ", sign);
	padded_write(out, label != NULL ? label : "?", is_narrow ? 0 : NAME_WIDTH);
	padded_write(out, type_of(l, i), is_narrow ? 0 : TYPE_WIDTH);
	name_write(out, weft_instance_domain(i));
	fputc('\n', out);
	free(label);
}

static void details_write(FILE *out, const struct weft_instance *i)
{
	char *host = service_show_host(i), *addresses = service_show_addresses(i, ", ");

	fprintf(out, "   hostname = [%s]\n   address = [%s]\n   port = [%u]\n   txt = [",
		host != NULL ? host : "?", addresses != NULL ? addresses : "?",
		weft_instance_port(i));
	txt_write(out, i);
	fputs("]\n", out);
	free(host);
	free(addresses);
}

void service_lines_write(const struct service_lines *l, FILE *out, char sign,
			 const struct weft_instance *i)
{
	bool is_resolved = l->is_resolved && sign != '-';

	if (l->is_parsable && is_resolved) {
		resolved_write(l, out, i);
	} else if (l->is_parsable) {
		fields_write(l, out, sign, i, "-");
		fputc('\n', out);
	} else {
		people_write(l, out, is_resolved ? '=' : sign, i);
		if (is_resolved)
			details_write(out, i);
	}
}
