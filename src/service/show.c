/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "service/show.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <weft/find.h>

#include "cli/table.h"
#include "cli/text.h"

/* ---- addresses ---- */

const char *service_show_address(char out[static SERVICE_SHOW_ADDRESS_MAX],
				 const struct sockaddr *address)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)address;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)address;
	size_t nchars;

	*out = '\0';
	if (address == NULL)
		return out;
	if (address->sa_family == AF_INET)
		inet_ntop(AF_INET, &v4->sin_addr, out, SERVICE_SHOW_ADDRESS_MAX);
	if (address->sa_family != AF_INET6)
		return out;
	inet_ntop(AF_INET6, &v6->sin6_addr, out, SERVICE_SHOW_ADDRESS_MAX);
	nchars = strlen(out);
	if (v6->sin6_scope_id != 0)
		snprintf(out + nchars, SERVICE_SHOW_ADDRESS_MAX - nchars, "%%%u",
			 v6->sin6_scope_id);
	return out;
}

const char *service_show_endpoint(char out[static SERVICE_SHOW_ADDRESS_MAX],
				  const struct sockaddr *address)
{
	char text[SERVICE_SHOW_ADDRESS_MAX];
	/* the ports of both families are in the same place */
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)address;

	service_show_address(text, address);
	*out = '\0';
	if (*text != '\0')
		snprintf(out, SERVICE_SHOW_ADDRESS_MAX,
			 address->sa_family == AF_INET6 ? "[%.64s]:%u" : "%.64s:%u", text,
			 ntohs(v4->sin_port));
	return out;
}

/* Whether this host has a route to the address: connecting a datagram socket sends nothing. */
static bool has_route(const struct sockaddr *address, socklen_t nbytes)
{
	int fd = socket(address->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bool is_connected = fd >= 0 && connect(fd, address, nbytes) == 0;

	if (fd >= 0)
		close(fd);
	return is_connected;
}

const struct sockaddr *service_show_first(const struct weft_instance *i)
{
	size_t n = weft_instance_address_count(i);
	socklen_t nbytes;

	for (size_t at = 0; n > 1 && at < n; at++) {
		const struct sockaddr *address = weft_instance_address(i, at, &nbytes);

		if (has_route(address, nbytes))
			return address;
	}
	return n > 0 ? weft_instance_address(i, 0, &nbytes) : NULL;
}

/* ---- texts ---- */

/* Returns a name without its final dot, unless it is the root, to be freed. */
static char *name_copy(const char *name)
{
	size_t nchars = strlen(name);

	if (nchars > 1 && name[nchars - 1] == '.')
		nchars--;
	return cli_text_is_shown(name, nchars) ? strndup(name, nchars)
					       : cli_text_escape(name, nchars);
}

char *service_show_label(const struct weft_instance *i)
{
	const char *label = weft_instance_label(i);

	if (*label == '\0')
		return name_copy(weft_instance_name(i));
	return cli_text_escape(label, strlen(label));
}

char *service_show_host(const struct weft_instance *i)
{
	return name_copy(weft_instance_host(i));
}

char *service_show_addresses(const struct weft_instance *i, const char *between)
{
	size_t n = weft_instance_address_count(i), nbytes;
	char *text = NULL, address[SERVICE_SHOW_ADDRESS_MAX];
	FILE *out = open_memstream(&text, &nbytes);
	socklen_t naddress;

	if (out == NULL)
		return NULL;
	for (size_t at = 0; at < n; at++)
		fprintf(out, "%s%s", at > 0 ? between : "",
			service_show_address(address, weft_instance_address(i, at, &naddress)));
	if (n == 0)
		fputc('-', out);
	return fclose(out) == 0 ? text : NULL;
}

/* Writes a text of the network. */
static void escaped_write(FILE *out, const char *octets, size_t nbytes)
{
	char *text = cli_text_escape(octets, nbytes);

	fputs(text != NULL ? text : "?", out);
	free(text);
}

char *service_show_txt(const struct weft_instance *i, const char *between)
{
	bool is_first = true;
	char *text = NULL;
	size_t nbytes;
	FILE *out = open_memstream(&text, &nbytes);

	if (out == NULL)
		return NULL;
	for (size_t n = 0; n < weft_instance_txt_count(i); n++) {
		const char *key = weft_instance_txt_key(i, n), *value;
		size_t nvalue;

		value = weft_instance_txt_value(i, n, &nvalue);
		if (strcasecmp(key, "state") == 0)
			continue;
		fputs(is_first ? "" : between, out);
		is_first = false;
		escaped_write(out, key, strlen(key));
		if (nvalue == (size_t)-1)
			continue;
		fputc('=', out);
		escaped_write(out, value, nvalue);
	}
	return fclose(out) == 0 ? text : NULL;
}

/* ---- JSON ---- */

json_t *service_show_text(const char *text)
{
	return cli_text_is_shown(text, strlen(text)) ? json_string(text)
						     : cli_text_to_json(text, strlen(text));
}

static json_t *addresses_to_json(const struct weft_instance *i)
{
	json_t *addresses = json_array();
	char text[SERVICE_SHOW_ADDRESS_MAX];
	socklen_t nbytes;

	for (size_t n = 0; n < weft_instance_address_count(i); n++)
		json_array_append_new(addresses,
				      json_string(service_show_address(
					      text, weft_instance_address(i, n, &nbytes))));
	return addresses;
}

/* The pairs as an object; a key without a value is true. The first of several counts. */
static json_t *txt_to_json(const struct weft_instance *i)
{
	json_t *pairs = json_object();

	for (size_t n = 0; n < weft_instance_txt_count(i); n++) {
		const char *key = weft_instance_txt_key(i, n), *value;
		char *shown = cli_text_escape(key, strlen(key));
		size_t nvalue;

		value = weft_instance_txt_value(i, n, &nvalue);
		if (shown != NULL && json_object_get(pairs, shown) == NULL)
			json_object_set_new(pairs, shown,
					    nvalue == (size_t)-1 ? json_true()
								 : cli_text_to_json(value, nvalue));
		free(shown);
	}
	return pairs;
}

json_t *service_show_json(const struct weft_instance *i)
{
	char *label = service_show_label(i);
	json_t *object = json_object();

	json_object_set_new(object, "instance", service_show_text(weft_instance_name(i)));
	json_object_set_new(object, "name", json_string(label != NULL ? label : ""));
	json_object_set_new(object, "type", service_show_text(weft_instance_type(i)));
	json_object_set_new(object, "domain", service_show_text(weft_instance_domain(i)));
	json_object_set_new(object, "target", service_show_text(weft_instance_host(i)));
	json_object_set_new(object, "port", json_integer(weft_instance_port(i)));
	json_object_set_new(object, "priority", json_integer(weft_instance_priority(i)));
	json_object_set_new(object, "weight", json_integer(weft_instance_weight(i)));
	json_object_set_new(object, "addresses", addresses_to_json(i));
	json_object_set_new(object, "state", json_string(weft_state_name(weft_instance_state(i))));
	json_object_set_new(object, "txt", txt_to_json(i));
	json_object_set_new(object, "ttl", json_integer(weft_instance_ttl(i)));
	json_object_set_new(object, "stale", json_boolean(weft_instance_is_stale(i)));
	free(label);
	return object;
}

/* ---- a table ---- */

enum { NAME, HOST, PORT, ADDRESSES, PRIORITY, WEIGHT, STATE, TXT, COLUMNS };

static int row_add(struct cli_table *t, const struct weft_instance *i)
{
	char port[8], priority[8], weight[8];
	char *owned[] = {service_show_label(i), service_show_host(i),
			 service_show_addresses(i, ","), service_show_txt(i, " ")};
	const char *cells[COLUMNS] = {
		[NAME] = owned[0],
		[HOST] = owned[1],
		[PORT] = port,
		[ADDRESSES] = owned[2],
		[PRIORITY] = priority,
		[WEIGHT] = weight,
		[STATE] = weft_state_name(weft_instance_state(i)),
		[TXT] = owned[3],
	};
	int ret;

	snprintf(port, sizeof(port), "%u", weft_instance_port(i));
	snprintf(priority, sizeof(priority), "%u", weft_instance_priority(i));
	snprintf(weight, sizeof(weight), "%u", weft_instance_weight(i));
	if (owned[3] != NULL && *owned[3] == '\0')
		cells[TXT] = NULL;
	ret = cli_table_add(t, cells);
	for (size_t n = 0; n < sizeof(owned) / sizeof(*owned); n++)
		free(owned[n]);
	return ret;
}

int service_show_table(FILE *out, const struct weft_instance *const *all, size_t n)
{
	static const char *const names[COLUMNS] = {"name",     "host",	 "port",  "addresses",
						   "priority", "weight", "state", "txt"};
	struct cli_table *t = cli_table_new(COLUMNS);
	int ret = t != NULL ? 0 : -ENOMEM;

	for (size_t i = 0; ret == 0 && i < COLUMNS; i++)
		cli_table_column(t, i, names[i], i == PORT || i == PRIORITY || i == WEIGHT);
	for (size_t i = 0; ret == 0 && i < n; i++)
		ret = row_add(t, all[i]);
	if (ret == 0)
		cli_table_write(t, out, cli_table_terminal(out), 0);
	cli_table_free(t);
	return ret;
}
