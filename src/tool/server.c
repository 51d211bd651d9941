/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "tool/server.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "base/secret.h"
#include "cli/cli.h"
#include "cli/error.h"
#include "fabric/file.h"
#include "locate/locate.h"
#include "resolve/conf.h"
#include "text/value.h"

enum { ENDPOINTS_MAX = 16, TLS_PORT = 853, HOST_MAX = 256 };

/* ---- what the options say of TLS ---- */

enum { PUBLIC_TEXT_SIZE = BASE_SECRET_BASE64_SIZE(FABRIC_PUBLIC_SIZE) };

/* Reads the public key of the fabric's file of -f, as the text that --tls-pin is. */
static int public_key_read(char out[static PUBLIC_TEXT_SIZE], const char *path)
{
	struct base_error error = {0};
	struct fabric *f;

	if (fabric_file_read(&f, path, NULL, NULL, NULL, &error) < 0) {
		cli_error_report(NULL, BASE_LOG_ERROR, &error);
		return CLI_USAGE;
	}
	base_secret_to_base64(out, f->public_key, FABRIC_PUBLIC_SIZE);
	fabric_free(f);
	return CLI_OK;
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

/* ---- both ---- */

/* The subscriptions of the tool itself have nothing to settle. */
static void on_settle(void *arg, uint64_t now_ms)
{
	(void)arg;
	(void)now_ms;
}

static void on_end(void *arg)
{
	(void)arg;
}

static int follower_open(struct tool_server *s, const struct cli_options *options,
			 uint32_t keepalive_ms)
{
	bool is_named = options->server != NULL;
	int ret = follow_new(&s->follower, &s->events, is_named ? NULL : s->locate);

	if (ret < 0) {
		cli_error("%s", strerror(-ret));
		return CLI_FAILURE;
	}
	s->client = follow_client(s->follower);
	client_set_keepalive(s->client, keepalive_ms);
	s->user = (struct follow_user){.settle = on_settle, .end = on_end};
	follow_add(s->follower, &s->user);
	if (!is_named)
		return CLI_OK;
	client_set_tls(s->client, locate_tls(s->locate));
	return named_set(s->client, options);
}

static int options_check(const struct cli_options *options)
{
	const char *lost = options->is_plain ? "--plain" : options->port != NULL ? "--port" : NULL;

	if (options->is_tls && options->is_plain)
		cli_error("--tls and --plain exclude each other");
	else if (options->server != NULL && options->registry != NULL)
		cli_error("--server and --registry exclude each other");
	else if (options->server == NULL && lost != NULL)
		cli_error("%s needs --server: a registry has its port and tcp:// or tls:// in its "
			  "own name",
			  lost);
	else if (options->tls_key != NULL && options->tls_certificate == NULL)
		cli_error("--tls-key needs --tls-certificate");
	else
		return CLI_OK;
	return CLI_USAGE;
}

static int locate_open(struct tool_server *s, const struct cli_options *options)
{
	struct base_error error = {0};
	char public_key[PUBLIC_TEXT_SIZE];
	struct locate_settings settings = {
		/* With --server no other one is looked for, and resolv.conf(5) need not exist. */
		.registry = options->server != NULL ? "127.0.0.1" : options->registry,
		.domain = options->domain,
		.config = options->config,
		.public_key = options->tls_pin,
		.tls_ca = options->tls_ca,
		.tls_certificate = options->tls_certificate,
		.tls_key = options->tls_key,
		.is_insecure = options->is_insecure,
	};
	int ret;

	if (options->file != NULL && options->tls_pin == NULL) {
		if (public_key_read(public_key, options->file) != CLI_OK)
			return CLI_USAGE;
		settings.public_key = public_key;
	}
	ret = locate_new(&s->locate, &s->events, &settings, &error);
	if (ret == 0)
		return CLI_OK;
	cli_error("%s", error.text[0] != '\0' ? error.text : strerror(-ret));
	return ret == -EINVAL ? CLI_USAGE : CLI_FAILURE;
}

int tool_server_open(struct tool_server *s, const struct cli_options *options,
		     uint32_t keepalive_ms, client_state_fn on_state, void *arg)
{
	int status = options_check(options), ret;

	*s = (struct tool_server){.client = NULL};
	if (status != CLI_OK)
		return status;
	ret = resolve_events_init(&s->events);
	if (ret < 0) {
		cli_error("%s", strerror(-ret));
		return CLI_FAILURE;
	}
	status = locate_open(s, options);
	if (status == CLI_OK)
		status = follower_open(s, options, keepalive_ms);
	if (status != CLI_OK)
		tool_server_close(s);
	else
		follow_on_state(s->follower, on_state, arg);
	return status;
}

void tool_server_close(struct tool_server *s)
{
	if (s->follower != NULL)
		follow_remove(s->follower, &s->user);
	follow_free(s->follower);
	locate_free(s->locate);
	resolve_events_fini(&s->events);
}
