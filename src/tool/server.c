/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "tool/server.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/buf.h"
#include "cli/cli.h"
#include "cli/error.h"
#include "fabric/file.h"
#include "fabric/tls.h"
#include "text/value.h"

enum { ENDPOINTS_MAX = 16, TLS_PORT = 853, HOST_MAX = 256 };

/* ---- TLS ---- */

/* Reads the fabric's public key that a server's certificate must be signed with. */
static int public_key_read(uint8_t out[static FABRIC_PUBLIC_SIZE],
			   const struct cli_options *options)
{
	struct text_value_base64 base64 = {0};
	struct base_out key = base_out_over(out, FABRIC_PUBLIC_SIZE);
	struct base_error error = {0};
	struct fabric *f;

	if (options->tls_pin != NULL) {
		if (text_value_parse_base64(&base64, &key, options->tls_pin,
					    strlen(options->tls_pin)) &&
		    text_value_ends_base64(&base64) && base_out_left(&key) == 0)
			return CLI_OK;
		cli_error("invalid --tls-pin \"%s\": expected the public key that weft fabric show "
			  "prints, or the pin that weft fabric cert --ca --json prints",
			  options->tls_pin);
		return CLI_USAGE;
	}
	if (fabric_file_read(&f, options->file, NULL, NULL, NULL, &error) < 0) {
		cli_error_report(NULL, BASE_LOG_ERROR, &error);
		return CLI_FAILURE;
	}
	memcpy(out, f->public_key, FABRIC_PUBLIC_SIZE);
	fabric_free(f);
	return CLI_OK;
}

static int client_cert_read(struct fabric_cert **out, const struct cli_options *options)
{
	const char *key = options->tls_key != NULL ? options->tls_key : options->tls_certificate;
	struct base_error error = {0};

	if (options->tls_certificate == NULL && options->tls_key != NULL) {
		cli_error("--tls-key needs --tls-certificate");
		return CLI_USAGE;
	}
	if (options->tls_certificate == NULL)
		return CLI_OK;
	if (fabric_cert_read(out, options->tls_certificate, key, &error) == 0)
		return CLI_OK;
	cli_error_report(NULL, BASE_LOG_ERROR, &error);
	return CLI_FAILURE;
}

static int context_make(struct fabric_tls_context **out, const struct cli_options *options)
{
	uint8_t public_key[FABRIC_PUBLIC_SIZE];
	struct fabric_tls_client settings = {.trust = FABRIC_TLS_TRUST_CA,
					     .ca_file = options->tls_ca};
	struct base_error error = {0};
	int status = CLI_OK;

	if (options->is_insecure) {
		settings.trust = FABRIC_TLS_TRUST_ANY;
	} else if (options->tls_pin != NULL || options->file != NULL) {
		settings.trust = FABRIC_TLS_TRUST_FABRIC;
		settings.public_key = public_key;
		status = public_key_read(public_key, options);
	}
	if (status == CLI_OK)
		status = client_cert_read(&settings.cert, options);
	if (status == CLI_OK && fabric_tls_client_new(out, &settings, &error) < 0) {
		cli_error_report(NULL, BASE_LOG_ERROR, &error);
		status = CLI_FAILURE;
	}
	fabric_cert_free(settings.cert);
	return status;
}

/* ---- a server that is named ---- */

static bool is_loopback(const struct sockaddr_storage *address)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)address;

	if (address->ss_family == AF_INET)
		return ntohl(v4->sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
}

static in_port_t *port_of(struct sockaddr_storage *address)
{
	return address->ss_family == AF_INET ? &((struct sockaddr_in *)address)->sin_port
					     : &((struct sockaddr_in6 *)address)->sin6_port;
}

/* Reads a port. Returns false after a message. */
static bool port_read(uint16_t *out, const char *text)
{
	uint32_t port;

	if (!text_value_parse_number(&port, text, strlen(text), UINT16_MAX) || port == 0) {
		cli_error("invalid port \"%s\": it is from 1 to 65535", text);
		return false;
	}
	*out = (uint16_t)port;
	return true;
}

/* Asks the system for the addresses of a host. Returns how many, or 0 after a message. */
static size_t host_find(struct sockaddr_storage *out, const char *host)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *found;
	size_t n = 0;
	int ret = getaddrinfo(host, NULL, &hints, &found);

	if (ret != 0) {
		cli_error("%s: %s", host, gai_strerror(ret));
		return 0;
	}
	for (const struct addrinfo *a = found; a != NULL && n < ENDPOINTS_MAX; a = a->ai_next)
		if (a->ai_family == AF_INET || a->ai_family == AF_INET6)
			memcpy(&out[n++], a->ai_addr, a->ai_addrlen);
	freeaddrinfo(found);
	return n;
}

/* Reads `host[@port]`. Returns the number of addresses, whose port is 0 if none was given, and the
 * host's name, "" if it is an address; or 0 after a message. */
static size_t server_read(struct sockaddr_storage out[static ENDPOINTS_MAX],
			  char name[static HOST_MAX], const char *text)
{
	const char *at = strrchr(text, '@');
	size_t nchars = at != NULL ? (size_t)(at - text) : strlen(text), n;
	uint16_t port = 0;

	name[0] = '\0';
	if (base_address_from_text(&out[0], text, 0) == 0)
		return 1;
	if (nchars == 0 || nchars >= HOST_MAX) {
		cli_error("invalid server \"%s\": expected host or host@port", text);
		return 0;
	}
	if (at != NULL && !port_read(&port, at + 1))
		return 0;
	memcpy(name, text, nchars);
	name[nchars] = '\0';
	n = host_find(out, name);
	for (size_t i = 0; i < n; i++)
		*port_of(&out[i]) = htons(port);
	if (nchars > 1 && name[nchars - 1] == '.')
		name[nchars - 1] = '\0';
	return n;
}

/* Whether an option has sense only with TLS, or asks for it. */
static bool wants_tls(const struct cli_options *options)
{
	return options->is_tls || options->is_insecure || options->file != NULL ||
	       options->tls_ca != NULL || options->tls_pin != NULL || options->tls_name != NULL ||
	       options->tls_certificate != NULL;
}

/* Makes the endpoint of an address, and the one to poll while it does not push: without TLS the
 * same; with TLS that was asked for, too, so that nothing is sent in clear. */
static void endpoint_make(struct resolve_endpoint *server, struct resolve_endpoint *poll,
			  const struct cli_options *options, struct sockaddr_storage *address,
			  const char *name)
{
	in_port_t *port = port_of(address);
	bool is_tls = wants_tls(options) || ntohs(*port) == TLS_PORT || !is_loopback(address);

	is_tls &= !options->is_plain;
	if (*port == 0)
		*port = htons(is_tls ? TLS_PORT : RESOLVE_CONF_PORT);
	*server = (struct resolve_endpoint){.address = *address, .is_tls = is_tls};
	strcpy(server->name, name);
	*poll = *server;
	if (!is_tls || wants_tls(options))
		return;
	poll->is_tls = false;
	*port_of(&poll->address) = htons(RESOLVE_CONF_PORT);
}

static int named_set(struct client *c, const struct cli_options *options)
{
	struct resolve_endpoint servers[ENDPOINTS_MAX], polls[ENDPOINTS_MAX];
	struct sockaddr_storage addresses[ENDPOINTS_MAX];
	char name[HOST_MAX];
	size_t n = server_read(addresses, name, options->server);
	uint16_t port;

	if (n == 0)
		return CLI_USAGE;
	if (options->tls_name != NULL && strlen(options->tls_name) < sizeof(name))
		strcpy(name, options->tls_name);
	for (size_t i = 0; i < n; i++) {
		if (options->port != NULL) {
			if (!port_read(&port, options->port))
				return CLI_USAGE;
			*port_of(&addresses[i]) = htons(port);
		}
		endpoint_make(&servers[i], &polls[i], options, &addresses[i], name);
	}
	if (client_set_servers(c, servers, n, polls, n) == 0)
		return CLI_OK;
	cli_error("out of memory");
	return CLI_FAILURE;
}

/* ---- servers that are found ---- */

static int resolvers_read(struct resolve_conf *resolv)
{
	static const char path[] = "/etc/resolv.conf";
	const char *list = getenv("WEFT_REGISTRY");
	int ret;

	ret = resolve_conf_read(resolv, path);
	if (ret < 0 && list == NULL) {
		cli_error("%s: %s", path, strerror(-ret));
		return CLI_FAILURE;
	}
	if (list != NULL && *list != '\0') {
		struct resolve_conf given;

		if (resolve_conf_from_text(&given, list) < 0) {
			cli_error("invalid WEFT_REGISTRY \"%s\": expected at most %d addresses, "
				  "each with or without @port",
				  list, RESOLVE_CONF_SERVERS_MAX);
			return CLI_USAGE;
		}
		memcpy(resolv->servers, given.servers, sizeof(given.servers));
		resolv->nservers = given.nservers;
	}
	return CLI_OK;
}

static int found_set(struct client *c, const struct resolve_conf *resolv)
{
	struct resolve_endpoint resolvers[RESOLVE_CONF_SERVERS_MAX] = {0};

	for (size_t i = 0; i < resolv->nservers; i++)
		resolvers[i].address = resolv->servers[i];
	if (client_set_resolvers(c, resolvers, resolv->nservers) == 0)
		return CLI_OK;
	cli_error("out of memory");
	return CLI_FAILURE;
}

int tool_server_set(struct client *c, const struct cli_options *options,
		    struct resolve_conf *resolv, struct fabric_tls_context **tls)
{
	int status;

	if (options->is_tls && options->is_plain) {
		cli_error("--tls and --plain exclude each other");
		return CLI_USAGE;
	}
	if (options->server == NULL && (options->is_plain || options->port != NULL)) {
		cli_error("%s needs --server: servers that are found by DNS have TLS and their "
			  "port",
			  options->is_plain ? "--plain" : "--port");
		return CLI_USAGE;
	}
	status = resolvers_read(resolv);
	if (status != CLI_OK && options->server == NULL)
		return status;
	status = context_make(tls, options);
	if (status != CLI_OK)
		return status;
	client_set_tls(c, *tls);
	return options->server != NULL ? named_set(c, options) : found_set(c, resolv);
}
