/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "tool/watch.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cli/cli.h"
#include "cli/error.h"
#include "cli/text.h"
#include "follow/watch.h"
#include "tool/follow.h"

enum {
	COLUMNS = 3,			   /* that are aligned: instance, type, host and port */
	WIDTHS_MOST = 48,		   /* of a column that is aligned */
	ADDRESSES_SHOWN = 8,		   /* of an instance; --json has all */
	LABEL_MAX = 4 * DNS_LABEL_MAX + 1, /* any label, escaped */
	HOST_PORT_MAX = DNS_NAME_TEXT_MAX + 8,
};

struct watch {
	struct tool_follow follow;
	struct follow_watch *watch;
	size_t widths[COLUMNS]; /* the widest so far */
};

/* ---- texts ---- */

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
	dns_name_labels_to_text(p->type, rest, nlabels > 2 ? 2 : nlabels > 0 ? nlabels - 1 : 0);
	dns_name_to_text(p->domain, nlabels > 3 ? dns_name_strip(name, 3) : (const uint8_t *)"");
}

static const char *address_to_text(char out[static INET6_ADDRSTRLEN],
				   const struct sockaddr_storage *a)
{
	const void *bytes = a->ss_family == AF_INET
				    ? (const void *)&((const struct sockaddr_in *)a)->sin_addr
				    : (const void *)&((const struct sockaddr_in6 *)a)->sin6_addr;

	inet_ntop(a->ss_family, bytes, out, INET6_ADDRSTRLEN);
	return out;
}

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
static json_t *txt_to_json(const struct find_instance *s)
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
static void txt_write(struct base_out *o, const struct find_instance *s)
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

/* The fields of an instance; `before` is how it was, or NULL. */
static json_t *service_to_json(const struct find_instance *s, const struct parts *parts,
			       const struct find_instance *before)
{
	static const struct {
		unsigned part;
		const char *name;
	} names[] = {
		{FIND_DIFFERS_SRV, "srv"},
		{FIND_DIFFERS_ADDRESSES, "addresses"},
		{FIND_DIFFERS_TXT, "txt"},
	};
	unsigned differs = before != NULL ? find_instance_compare(before, s) : 0;
	json_t *addresses = json_array(), *changed = json_array(), *object;
	char text[INET6_ADDRSTRLEN];

	for (size_t i = 0; i < s->naddresses; i++)
		json_array_append_new(addresses,
				      json_string(address_to_text(text, &s->addresses[i])));
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (differs & names[i].part)
			json_array_append_new(changed, json_string(names[i].name));
	object = json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:o, s:s, s:o}", "instance",
			   s->name_text, "name", parts->label, "type", parts->type, "domain",
			   parts->domain, "target", s->target_text, "port", s->port, "priority",
			   s->priority, "weight", s->weight, "addresses", addresses, "state",
			   dnssd_state_text(s->state), "txt", txt_to_json(s));
	if (before != NULL) {
		json_object_set(object, "changed", changed);
		json_object_set_new(object, "moved",
				    json_boolean(find_instance_has_moved(before, s)));
	}
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

static void addresses_write(struct base_out *o, const struct find_instance *s)
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

/* Writes host and port with NUL. Returns the number of characters. */
static size_t host_port_write(char out[static HOST_PORT_MAX], const struct find_instance *s)
{
	size_t nchars = dns_name_to_text(out, s->target);

	nchars -= nchars > 1;
	return nchars + (size_t)snprintf(out + nchars, HOST_PORT_MAX - nchars, ":%u", s->port);
}

/* Writes the line of an instance, with NUL; of a removed one only what it is called. */
static void service_write(struct watch *w, char *out, size_t size, const struct find_instance *s,
			  const struct find_instance *before, const struct parts *parts,
			  bool is_whole)
{
	char target[HOST_PORT_MAX];
	struct base_out o = base_out_over(out, size - 1);
	size_t nchars;

	column_write(&o, parts->label, &w->widths[0]);
	if (!is_whole) {
		base_out_bytes(&o, parts->type, strlen(parts->type));
		*o.at = '\0';
		return;
	}
	column_write(&o, parts->type, &w->widths[1]);
	host_port_write(target, s);
	column_write(&o, target, &w->widths[2]);
	addresses_write(&o, s);
	base_out_bytes(&o, "  state=", strlen("  state="));
	base_out_bytes(&o, dnssd_state_text(s->state), strlen(dnssd_state_text(s->state)));
	txt_write(&o, s);
	if (before != NULL && find_instance_has_moved(before, s)) {
		nchars = host_port_write(target, before);
		base_out_bytes(&o, "  moved from ", strlen("  moved from "));
		base_out_bytes(&o, target, nchars);
	}
	*o.at = '\0';
}

static void on_event(void *arg, enum follow_watch_event event, const struct find_instance *now,
		     const struct find_instance *before)
{
	enum { LINE_SIZE = 4096 + 4 * 65536 }; /* any TXT, every octet of it escaped */
	struct watch *w = arg;
	char *line = malloc(LINE_SIZE);
	json_t *object = NULL;
	struct parts parts;

	if (now == NULL) { /* CURRENT and LOST: what the connection is like is reported by it */
		free(line);
		return;
	}
	if (line == NULL) {
		cli_error("out of memory");
		return;
	}
	parts_make(&parts, now->name);
	if (w->follow.options->is_json)
		object = service_to_json(now, &parts, before);
	else
		service_write(w, line, LINE_SIZE, now, before, &parts,
			      event != FOLLOW_WATCH_REMOVED);
	tool_follow_show(&w->follow,
			 event == FOLLOW_WATCH_ADDED	 ? TOOL_FOLLOW_ADD
			 : event == FOLLOW_WATCH_REMOVED ? TOOL_FOLLOW_REMOVE
							 : TOOL_FOLLOW_CHANGE,
			 true, line, object);
	free(line);
}

/* ---- the command ---- */

static bool is_current(void *arg)
{
	const struct watch *w = arg;

	return follow_watch_is_current(w->watch);
}

/* Begins to follow the name. Returns CLI_OK, or another exit status after a message. */
static int watch_begin(struct watch *w, const char *arg)
{
	char text[DNS_NAME_TEXT_MAX], why[FIND_NAME_WHY_MAX];
	uint8_t name[DNS_NAME_MAX];
	struct find_name parsed;
	int status = tool_follow_name(&w->follow, name, arg);

	if (status != CLI_OK)
		return status;
	dns_name_to_text(text, name);
	if (find_name_from_text(&parsed, text, (const uint8_t *)"", why) < 0) {
		cli_error("%s", why);
		return CLI_USAGE;
	}
	if (follow_watch_new(&w->watch, w->follow.server.follower, &parsed, on_event, w) == 0)
		return CLI_OK;
	cli_error("out of memory");
	return CLI_FAILURE;
}

int tool_watch(const struct cli_command *command, const struct cli_options *options, int nargs,
	       char **args)
{
	struct watch w = {.watch = NULL};
	int status;

	(void)command;
	(void)nargs;
	status = tool_follow_begin(&w.follow, options);
	if (status != CLI_OK)
		return status;
	status = watch_begin(&w, args[0]);
	if (status == CLI_OK)
		status = tool_follow_run(&w.follow, is_current, &w);
	follow_watch_free(w.watch);
	tool_follow_end(&w.follow);
	return status;
}
