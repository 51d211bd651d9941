/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "tool/watch.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cli/cli.h"
#include "cli/error.h"
#include "cli/text.h"
#include "client/services.h"
#include "dns/type.h"
#include "text/rdata_write.h"
#include "tool/follow.h"

enum {
	COLUMNS = 3,			   /* that are aligned: instance, type, host and port */
	WIDTHS_MOST = 48,		   /* of a column that is aligned */
	ADDRESSES_SHOWN = 8,		   /* of an instance; --json has all */
	LABEL_MAX = 4 * DNS_LABEL_MAX + 1, /* any label, escaped */
};

struct watch {
	struct tool_follow follow;
	struct client_services *services;
	size_t widths[COLUMNS]; /* the widest so far */
};

/* ---- texts ---- */

/* Writes the first `nlabels` labels of a name as text without a final dot. */
static void labels_to_text(char out[static DNS_NAME_TEXT_MAX], const uint8_t *name,
			   unsigned nlabels)
{
	uint8_t part[DNS_NAME_MAX];
	const uint8_t *end = dns_name_strip(name, nlabels);
	size_t nbytes = (size_t)(end - name), nchars;

	memcpy(part, name, nbytes);
	part[nbytes] = 0;
	nchars = dns_name_to_text(out, part);
	if (nchars > 1)
		out[nchars - 1] = '\0';
}

/* The name of an instance in its three parts (RFC 6763 section 4.1). */
struct parts {
	char label[LABEL_MAX]; /* for people: the first label, not escaped where it need not be */
	char type[DNS_NAME_TEXT_MAX], domain[DNS_NAME_TEXT_MAX];
};

static void parts_make(struct parts *p, const uint8_t *name)
{
	struct base_out o = base_out_over(p->label, sizeof(p->label) - 1);
	unsigned nlabels = dns_name_labels(name);
	const uint8_t *rest = nlabels > 0 ? dns_name_strip(name, 1) : name;

	cli_text_write(&o, name + 1, name[0]);
	*o.at = '\0';
	labels_to_text(p->type, rest, nlabels > 2 ? 2 : nlabels > 0 ? nlabels - 1 : 0);
	dns_name_to_text(p->domain, nlabels > 3 ? dns_name_strip(name, 3) : (const uint8_t *)"");
}

static const char *address_to_text(char out[static INET6_ADDRSTRLEN],
				   const struct client_address *a)
{
	inet_ntop(a->nbytes == 4 ? AF_INET : AF_INET6, a->bytes, out, INET6_ADDRSTRLEN);
	return out;
}

static const char *const states[] = {
	[DNSSD_UP] = "up",
	[DNSSD_STARTING] = "starting",
	[DNSSD_DRAINING] = "draining",
	[DNSSD_FAILED] = "failed",
};

/* ---- TXT: its pairs ---- */

/* Takes the next pair with a key. Returns false at the end; `value` is NULL if it has none. */
static bool pair_next(struct base_buf *b, const uint8_t **key, size_t *nkey, const uint8_t **value,
		      size_t *nvalue)
{
	while (base_buf_left(b) > 0) {
		size_t n = base_buf_u8(b);
		const uint8_t *pair = base_buf_take(b, n), *equals;

		if (pair == NULL)
			return false;
		equals = n == 0 ? NULL : memchr(pair, '=', n);
		if (n == 0 || equals == pair)
			continue; /* without a key it is ignored (RFC 6763 section 6.4) */
		*key = pair;
		*nkey = equals != NULL ? (size_t)(equals - pair) : n;
		*value = equals != NULL ? equals + 1 : NULL;
		*nvalue = equals != NULL ? n - *nkey - 1 : 0;
		return true;
	}
	return false;
}

/* The pairs as an object; a key without a value is true. The first of several counts. */
static json_t *txt_to_json(const struct client_service *s)
{
	struct base_buf b = base_buf_over(s->txt, s->ntxt);
	const uint8_t *key, *value;
	size_t nkey, nvalue;
	json_t *pairs = json_object();

	while (pair_next(&b, &key, &nkey, &value, &nvalue)) {
		char text[4 * 255 + 1];
		struct base_out o = base_out_over(text, sizeof(text) - 1);

		cli_text_write(&o, key, nkey);
		*o.at = '\0';
		if (json_object_get(pairs, text) == NULL)
			json_object_set_new(pairs, text,
					    value == NULL ? json_true()
							  : cli_text_to_json(value, nvalue));
	}
	return pairs;
}

/* Writes the pairs other than the state, which precedes them, with blanks between. */
static void txt_write(struct base_out *o, const struct client_service *s)
{
	struct base_buf b = base_buf_over(s->txt, s->ntxt);
	const uint8_t *key, *value;
	size_t nkey, nvalue;

	while (pair_next(&b, &key, &nkey, &value, &nvalue)) {
		if (nkey == strlen("state") && strncasecmp((const char *)key, "state", nkey) == 0)
			continue;
		base_out_u8(o, ' ');
		cli_text_write(o, key, nkey);
		if (value == NULL)
			continue;
		base_out_u8(o, '=');
		cli_text_write(o, value, nvalue);
	}
}

/* ---- an instance ---- */

static json_t *service_to_json(const struct client_service *s, const struct parts *parts,
			       enum client_service_event event)
{
	static const struct {
		enum client_service_part part;
		const char *name;
	} names[] = {
		{CLIENT_SERVICE_SRV, "srv"},
		{CLIENT_SERVICE_ADDRESSES, "addresses"},
		{CLIENT_SERVICE_TXT, "txt"},
	};
	char instance[DNS_NAME_TEXT_MAX], target[DNS_NAME_TEXT_MAX], text[INET6_ADDRSTRLEN];
	json_t *addresses = json_array(), *changed = json_array(), *object;

	dns_name_to_text(instance, s->name);
	dns_name_to_text(target, s->target);
	for (size_t i = 0; i < s->naddresses; i++)
		json_array_append_new(addresses,
				      json_string(address_to_text(text, &s->addresses[i])));
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (s->changed & names[i].part)
			json_array_append_new(changed, json_string(names[i].name));
	object = json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:o, s:s, s:o}", "instance",
			   instance, "name", parts->label, "type", parts->type, "domain",
			   parts->domain, "target", target, "port", s->port, "priority",
			   s->priority, "weight", s->weight, "addresses", addresses, "state",
			   states[s->state], "txt", txt_to_json(s));
	if (event == CLIENT_SERVICE_CHANGED)
		json_object_set(object, "changed", changed);
	json_decref(changed);
	return object;
}

/* Writes a column, padded to the widest one so far. Bytes of UTF-8 that follow another take no
 * width. */
static void column_write(struct base_out *o, const char *text, size_t *widest)
{
	size_t width = 0;

	for (const char *c = text; *c != '\0'; c++)
		width += (*c & 0xc0) != 0x80;
	if (width > *widest && width <= WIDTHS_MOST)
		*widest = width;
	base_out_bytes(o, text, strlen(text));
	for (; width < *widest + 2; width++)
		base_out_u8(o, ' ');
	if (width > *widest + 2)
		base_out_bytes(o, "  ", 2);
}

static void addresses_write(struct base_out *o, const struct client_service *s)
{
	char text[INET6_ADDRSTRLEN];

	if (s->naddresses == 0)
		base_out_u8(o, '-');
	for (size_t i = 0; i < s->naddresses && i < ADDRESSES_SHOWN; i++) {
		address_to_text(text, &s->addresses[i]);
		if (i > 0)
			base_out_u8(o, ',');
		base_out_bytes(o, text, strlen(text));
	}
	if (s->naddresses > ADDRESSES_SHOWN)
		base_out_bytes(o, ",...", 4);
}

/* Writes the line of an instance, with NUL; of a removed one only what it is called. */
static void service_write(struct watch *w, char *out, size_t size, const struct client_service *s,
			  const struct parts *parts, bool is_whole)
{
	char target[DNS_NAME_TEXT_MAX + 8];
	struct base_out o = base_out_over(out, size - 1);
	size_t nchars = dns_name_to_text(target, s->target);

	column_write(&o, parts->label, &w->widths[0]);
	if (!is_whole) {
		base_out_bytes(&o, parts->type, strlen(parts->type));
		*o.at = '\0';
		return;
	}
	column_write(&o, parts->type, &w->widths[1]);
	snprintf(target + (nchars > 1 ? nchars - 1 : nchars), 8, ":%u", s->port);
	column_write(&o, target, &w->widths[2]);
	addresses_write(&o, s);
	base_out_bytes(&o, "  state=", strlen("  state="));
	base_out_bytes(&o, states[s->state], strlen(states[s->state]));
	txt_write(&o, s);
	*o.at = '\0';
}

static void on_event(void *arg, enum client_service_event event, const struct client_service *s)
{
	static const enum tool_follow_event signs[] = {
		[CLIENT_SERVICE_ADDED] = TOOL_FOLLOW_ADD,
		[CLIENT_SERVICE_CHANGED] = TOOL_FOLLOW_CHANGE,
		[CLIENT_SERVICE_REMOVED] = TOOL_FOLLOW_REMOVE,
	};
	enum { LINE_SIZE = 4096 + 4 * 65536 }; /* any TXT, every octet of it escaped */
	struct watch *w = arg;
	char *line = malloc(LINE_SIZE);
	json_t *object = NULL;
	struct parts parts;

	if (line == NULL) {
		cli_error("out of memory");
		return;
	}
	parts_make(&parts, s->name);
	if (w->follow.options->is_json)
		object = service_to_json(s, &parts, event);
	else
		service_write(w, line, LINE_SIZE, s, &parts, event != CLIENT_SERVICE_REMOVED);
	tool_follow_show(&w->follow, signs[event], true, line, object);
	free(line);
}

/* ---- the command ---- */

static bool is_current(void *arg)
{
	const struct watch *w = arg;

	return client_services_is_current(w->services);
}

int tool_watch(const struct cli_command *command, const struct cli_options *options, int nargs,
	       char **args)
{
	struct watch w = {.services = NULL};
	uint8_t name[DNS_NAME_MAX];
	int status;

	(void)command;
	(void)nargs;
	status = tool_follow_begin(&w.follow, options);
	if (status != CLI_OK)
		return status;
	status = tool_follow_name(&w.follow, name, args[0]);
	if (status == CLI_OK && client_services_new(&w.services, w.follow.server.client, name,
						    !tool_follow_is_type(name), on_event, &w) < 0) {
		cli_error("out of memory");
		status = CLI_FAILURE;
	}
	if (status == CLI_OK)
		status = tool_follow_run(&w.follow, is_current, &w);
	client_services_free(w.services);
	tool_follow_end(&w.follow);
	return status;
}
