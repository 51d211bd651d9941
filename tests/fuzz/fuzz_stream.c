/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Stream connections to a server that runs: plain TCP, TLS, and octets that should be TLS. The
 * first octet chooses; then come pieces, each of which is sent alone, and changes of the zone in
 * between. Whatever comes, the server ends the connection when the client has, and up to then each
 * of its messages is whole and well-formed: responses, and what DSO and Push permit a server. */

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/address.h"
#include "base/error.h"
#include "base/log.h"
#include "base/rcu.h"
#include "base/secret.h"
#include "dns/dso.h"
#include "dns/type.h"
#include "fabric/cert.h"
#include "fabric/tls.h"
#include "push/messages.h"
#include "response.h"
#include "server/rules.h"
#include "server/server.h"
#include "stream/tcp.h"
#include "zone/catalog.h"
#include "zone/draft.h"
#include "zone/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	PLAIN,
	TLS,
	OCTETS, /* to the port of TLS, without TLS */
	TRANSPORTS,
	CHANGE = 230, /* pieces are shorter */
	PATIENCE_MS = 20000,
	ROOM = 2 * 65537
};

static const uint8_t apex[] = "\3lab\5cloud", host[] = "\1a\3lab\5cloud";

static struct {
	struct zone *zone;
	struct fabric *fabric;
	struct server_rules rules;
	struct server_zone zones[1];
	struct fabric_tls_context *client;
	struct server *server;
	struct sockaddr_storage addresses[2]; /* of PLAIN and TLS */
} world;

/* ---- the server ---- */

static void change_zone(uint8_t octet)
{
	const uint8_t rdata[] = {10, 0, 0, octet};
	struct zone_changeset changes;
	struct zone_draft *d;

	base_rcu_online();
	d = zone_draft_new(world.zone);
	if (octet % 2)
		require(zone_draft_add(d, host, DNS_TYPE_A, 60, rdata, sizeof(rdata)) >= 0);
	else
		require(zone_draft_remove_rrset(d, host, DNS_TYPE_A) >= 0);
	if (zone_draft_seal(d, &changes) == 1) {
		zone_draft_show(d);
		server_on_changed(world.server, world.zone, &changes);
		zone_draft_finish(d);
	} else {
		zone_draft_abort(d);
	}
	base_rcu_offline();
}

static void make_zone(void)
{
	static const uint8_t soa[] = "\2ns\3lab\5cloud\0\1h\3lab\5cloud\0\0\0\0\1\0\0\0\2\0\0\0\3"
				     "\0\0\0\4\0\0\0\5";
	struct zone_draft *d;

	world.zone = zone_new(apex, 1);
	d = zone_draft_new(world.zone);
	require(zone_draft_set_soa(d, 60, soa, sizeof(soa) - 1) == 0);
	require(zone_draft_add(d, apex, DNS_TYPE_NS, 60, soa, 14) == 1);
	require(zone_draft_seal(d, NULL) == 1);
	zone_draft_publish(d);
}

static void make_tls(void)
{
	static struct fabric_cert_subject subject;
	uint64_t now_s = (uint64_t)time(NULL);
	struct fabric_cert_order order = {.use = FABRIC_CERT_SERVER,
					  .subject = &subject,
					  .from_s = now_s - 3600,
					  .until_s = now_s + 86400};
	struct fabric_tls_client client = {.trust = FABRIC_TLS_TRUST_ANY};
	struct fabric_tls_server server = {.ncerts = 1};
	struct fabric_cert *cert;

	require(fabric_new(&world.fabric, apex, 1) == 0);
	require(fabric_cert_add_name(&subject, apex) == 0);
	require(fabric_cert_issue(&cert, world.fabric, &order, NULL) == 0);
	server.certs = &cert;
	require(fabric_tls_server_new(&world.rules.tls, &server, NULL) == 0);
	require(fabric_tls_client_new(&world.client, &client, NULL) == 0);
	fabric_cert_free(cert);
}

static void make_rules(void)
{
	static struct base_prefix loopback;

	require(base_prefix_from_text(&loopback, "127.0.0.0/8") == 0);
	world.zones[0].zone = world.zone;
	world.rules.catalog = zone_catalog_new(&world.zone, 1, 1);
	world.rules.zones = world.zones;
	world.rules.nzones = 1;
	world.rules.cookies.count = 1;
	world.rules.options = (struct server_options){
		.identity = "fuzz",
		.version = "weft",
		.nsid = "fuzz",
		.udp_payload = 1232,
		.tcp = {.connections = 100,
			.connections_per_client = 100,
			.idle_timeout_s = 10,
			.io_timeout_s = 10},
		.dso = {.sessions = 100,
			.sessions_per_client = 100,
			.inactivity_s = 15,
			.keepalive_s = 3600,
			.retry_delay_s = 1},
		.push = {.subscriptions = 1000,
			 .subscriptions_per_session = 20,
			 .subscriptions_per_client = 1000,
			 .unsent = 1 << 20},
		.dso_plain = {&loopback, 1},
		.tls = {.handshakes = 100, .handshakes_per_client = 100, .handshake_timeout_s = 10},
		.transfer = {.at_once = 16, .per_client = 16, .wait_s = 10, .hold_s = 600},
	};
}

/* Finds a port that is free for TCP. */
static void choose_port(struct sockaddr_storage *address)
{
	struct sockaddr *sa = (struct sockaddr *)address;
	socklen_t length = sizeof(*address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	require(base_address_from_text(address, "127.0.0.1", 0) == 0);
	require(bind(fd, sa, base_address_nbytes(sa)) == 0);
	require(getsockname(fd, sa, &length) == 0);
	close(fd);
}

static void server_end(void)
{
	server_stop(world.server);
	server_close(world.server);
	fabric_tls_context_release(world.rules.tls);
	fabric_tls_context_release(world.client);
	zone_catalog_free(world.rules.catalog);
	zone_free(world.zone);
	fabric_free(world.fabric);
}

static void server_begin(void)
{
	const struct server_listener listeners[] = {
		{&stream_tcp_channel, &world.addresses[PLAIN], 1},
		{&stream_tls_channel, &world.addresses[TLS], 1},
	};
	struct server_settings settings = {.listeners = listeners, .nlisteners = 2, .workers = 1};
	struct base_error error;
	int ret = -EADDRINUSE;

	base_rcu_register();
	base_log_set_level(BASE_LOG_ERROR);
	make_zone();
	make_rules();
	make_tls();
	for (unsigned i = 0; i < 100 && ret < 0; i++) {
		choose_port(&world.addresses[PLAIN]);
		choose_port(&world.addresses[TLS]);
		ret = server_open(&world.server, &settings, &error);
	}
	require(ret == 0);
	server_set_rules(world.server, &world.rules);
	require(server_start(world.server, NULL) == 0);
	base_rcu_offline();
	atexit(server_end);
}

/* ---- the client ---- */

struct client {
	int fd;
	struct fabric_tls *tls;
	bool is_ended;	 /* by the server */
	bool is_checked; /* what comes are messages */
	uint8_t bytes[ROOM];
	size_t nbytes;
};

/* Waits until the descriptor is ready. The server must not keep the client waiting. */
static void wait_for(struct client *c, short events)
{
	struct pollfd p = {.fd = c->fd, .events = events};

	require(poll(&p, 1, PATIENCE_MS) == 1);
}

static void check_dso(const uint8_t *msg, size_t nbytes)
{
	struct dns_dso m;
	unsigned use;

	require(dns_dso_parse(msg, nbytes, &m) == DNS_DSO_VALID);
	require(m.is_response == (m.id != 0));
	if (m.is_response)
		return;
	use = dns_dso_uses(m.primary.type);
	require(use & DNS_DSO_SERVER_UNIDIRECTIONAL);
	require(m.primary.type != DNS_DSO_PUSH ||
		(nbytes <= DNS_DSO_PUSH_MAX && base_buf_left(&m.primary.data) > 0));
}

/* Checks the messages that are whole, and drops them. */
static void check(struct client *c)
{
	size_t at = 0;

	while (c->nbytes - at >= 2 && c->nbytes - at - 2 >= base_load16(c->bytes + at)) {
		size_t n = base_load16(c->bytes + at);
		const uint8_t *msg = c->bytes + at + 2;

		require(n >= DNS_HEADER_SIZE);
		if ((msg[2] >> 3 & 15) == DNS_OPCODE_DSO)
			check_dso(msg, n);
		else
			response_check(msg, n);
		at += 2 + n;
	}
	memmove(c->bytes, c->bytes + at, c->nbytes - at);
	c->nbytes -= at;
}

/* Reads what has come. */
static void receive(struct client *c)
{
	ssize_t n = 1;

	while (n > 0 && !c->is_ended) {
		size_t room = sizeof(c->bytes) - c->nbytes;

		if (c->tls != NULL)
			n = fabric_tls_read(c->tls, c->bytes + c->nbytes, room);
		else
			n = recv(c->fd, c->bytes + c->nbytes, room, MSG_DONTWAIT);
		if (n > 0)
			c->nbytes += (size_t)n;
		c->is_ended = c->tls != NULL ? n < 0 && n != FABRIC_TLS_WANTS_READ
					     : n == 0 || (n < 0 && errno != EAGAIN);
		if (c->is_checked)
			check(c);
		else
			c->nbytes = 0; /* alerts */
	}
}

static void handshake(struct client *c)
{
	int ret;

	require(fabric_tls_connect(&c->tls, world.client, c->fd, NULL) == 0);
	while ((ret = fabric_tls_handshake(c->tls)) < 0) {
		require(ret != FABRIC_TLS_FAILED);
		wait_for(c, ret == FABRIC_TLS_WANTS_READ ? POLLIN : POLLOUT);
	}
}

static void send_piece(struct client *c, const uint8_t *bytes, size_t nbytes)
{
	while (nbytes > 0 && !c->is_ended) {
		ssize_t n = c->tls != NULL
				    ? fabric_tls_write(c->tls, bytes, nbytes)
				    : send(c->fd, bytes, nbytes, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n > 0) {
			bytes += n;
			nbytes -= (size_t)n;
		} else if (c->tls != NULL ? n == FABRIC_TLS_FAILED : errno != EAGAIN) {
			return;
		} else {
			receive(c);
			wait_for(c, POLLIN | POLLOUT);
		}
	}
	receive(c);
}

static void client_open(struct client *c, unsigned transport)
{
	const struct sockaddr_storage *to = &world.addresses[transport == PLAIN ? PLAIN : TLS];
	const struct sockaddr *sa = (const struct sockaddr *)to;

	memset(c, 0, offsetof(struct client, bytes));
	c->nbytes = 0;
	c->is_checked = transport != OCTETS;
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	require(c->fd >= 0 && connect(c->fd, sa, base_address_nbytes(sa)) == 0);
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
	if (transport == TLS)
		handshake(c);
}

/* Ends the stream, and reads up to the server's end. */
static void client_close(struct client *c)
{
	struct linger reset = {.l_onoff = 1};

	shutdown(c->fd, SHUT_WR);
	while (receive(c), !c->is_ended)
		wait_for(c, POLLIN);
	fabric_tls_free(c->tls);
	/* No port waits for the end of its connection. */
	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(c->fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct base_buf in = base_buf_over(data, size);
	static struct client c;
	unsigned transport = base_buf_u8(&in) % TRANSPORTS;

	if (size < 2)
		return 0;
	if (world.server == NULL)
		server_begin();
	client_open(&c, transport);
	while (base_buf_left(&in) > 0 && !c.is_ended) {
		size_t n = base_buf_u8(&in), left = base_buf_left(&in);

		if (n >= CHANGE) {
			change_zone((uint8_t)n);
			continue;
		}
		n = n < left ? n : left;
		send_piece(&c, base_buf_take(&in, n), n);
	}
	client_close(&c);
	return 0;
}
