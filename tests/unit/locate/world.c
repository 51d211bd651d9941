/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "world.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/address.h"
#include "base/buf.h"
#include "base/secret.h"
#include "dns/msg.h"
#include "dns/type.h"

enum { MESSAGE_ROOM = 2048, RAVES = 100, PATIENCE_MS = 20, TURNS = 100000 };

/* Makes sockets on one port that the kernel chose, for UDP and TCP. */
static void sockets_open(struct world_server *s)
{
	struct sockaddr_in *a = (struct sockaddr_in *)&s->endpoint.address;
	socklen_t nbytes = sizeof(*a);

	for (unsigned i = 0; i < 100; i++) {
		*a = (struct sockaddr_in){.sin_family = AF_INET,
					  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
		s->tcp = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		assert_int_equal(bind(s->tcp, (struct sockaddr *)a, sizeof(*a)), 0);
		assert_int_equal(listen(s->tcp, 8), 0);
		assert_int_equal(getsockname(s->tcp, (struct sockaddr *)a, &nbytes), 0);
		s->udp = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
		if (bind(s->udp, (struct sockaddr *)a, sizeof(*a)) == 0)
			return;
		close(s->udp);
		close(s->tcp);
	}
	fail();
}

void world_start(struct world *w, size_t nservers)
{
	*w = (struct world){.nservers = nservers, .now_ms = 1000000};
	assert_int_equal(base_secret_start(), 0);
	assert_int_equal(resolve_events_init(&w->events), 0);
	for (size_t i = 0; i < nservers; i++) {
		struct world_server *s = &w->servers[i];
		char at[BASE_ADDRESS_TEXT_MAX];

		sockets_open(s);
		for (size_t c = 0; c < WORLD_CONNECTIONS; c++)
			s->connections[c] = -1;
		base_address_to_text(at, (const struct sockaddr *)&s->endpoint.address);
		strcat(w->list, at);
		strcat(w->list, " ");
	}
}

void world_server_end(struct world_server *s)
{
	for (size_t c = 0; c < WORLD_CONNECTIONS; c++)
		if (s->connections[c] >= 0)
			close(s->connections[c]);
	if (s->udp >= 0)
		close(s->udp);
	if (s->tcp >= 0)
		close(s->tcp);
	s->udp = s->tcp = -1;
	memset(s->connections, -1, sizeof(s->connections));
}

void world_end(struct world *w)
{
	for (size_t i = 0; i < w->nservers; i++)
		world_server_end(&w->servers[i]);
	resolve_events_fini(&w->events);
}

/* ---- answers ---- */

/* Writes the answer to a query as the server's manner is. Returns its length, or 0. */
static size_t answer(const struct world *w, const struct world_server *s, bool is_tcp,
		     const uint8_t *msg, size_t nbytes, uint8_t *out)
{
	static const uint8_t other[] = "\5other\4name";
	struct base_buf b = base_buf_over(msg, nbytes);
	struct dns_header h = dns_header_parse(&b);
	uint8_t address[] = {192, 0, 2, (uint8_t)(s - w->servers + 1)};
	bool has_edns = h.arcount > 0;
	struct dns_question q;
	struct dns_writer writer;

	assert_true(dns_question_parse(&b, &q));
	h = (struct dns_header){.id = h.id, .flags = DNS_FLAG_QR | DNS_FLAG_AA, .qdcount = 1};
	if (s->manner == WORLD_REFUSES)
		h.flags |= DNS_RCODE_REFUSED;
	else if (s->manner == WORLD_FAILS)
		h.flags |= DNS_RCODE_SERVFAIL;
	else if (s->manner == WORLD_LACKS_EDNS && has_edns)
		h.flags |= DNS_RCODE_FORMERR;
	else if (s->manner == WORLD_TRUNCATES && !is_tcp)
		h.flags |= DNS_FLAG_TC;
	else
		h.ancount = s->on_query == NULL && q.type == DNS_TYPE_A;
	if (s->manner == WORLD_MISTAKES_ID)
		h.id++;
	dns_writer_init(&writer, out, MESSAGE_ROOM);
	dns_writer_name(&writer, s->manner == WORLD_MISTAKES_NAME ? other : q.name, false);
	base_out_u16(&writer.out, q.type);
	base_out_u16(&writer.out, q.qclass);
	if (h.ancount > 0)
		dns_writer_rr(&writer, q.name, DNS_TYPE_A, DNS_CLASS_IN, 60, address,
			      sizeof(address));
	h.ancount += s->manner == WORLD_IS_CUT_SHORT;
	if (s->on_query != NULL)
		s->on_query(&q, &h, &writer);
	dns_writer_header(&writer, &h);
	return s->manner == WORLD_IS_SILENT ? 0 : base_out_nbytes(&writer.out);
}

static void udp_serve(struct world *w, struct world_server *s)
{
	uint8_t msg[MESSAGE_ROOM], out[MESSAGE_ROOM];
	struct sockaddr_storage from;
	socklen_t nfrom = sizeof(from);
	ssize_t n = recvfrom(s->udp, msg, sizeof(msg), 0, (struct sockaddr *)&from, &nfrom);
	size_t nout;

	if (n <= 0)
		return;
	s->nudp++;
	nout = answer(w, s, false, msg, (size_t)n, out);
	for (unsigned i = 0; i < RAVES && s->manner == WORLD_RAVES; i++) {
		base_store16(out, (uint16_t)(base_load16(out) + 1 + i));
		sendto(s->udp, out, nout, 0, (struct sockaddr *)&from, nfrom);
	}
	if (nout > 0 && s->manner != WORLD_RAVES)
		sendto(s->udp, out, nout, 0, (struct sockaddr *)&from, nfrom);
}

static void message_send(int fd, const uint8_t *msg, size_t nbytes)
{
	uint8_t length[2];

	base_store16(length, (uint16_t)nbytes);
	send(fd, length, sizeof(length), MSG_NOSIGNAL | MSG_MORE);
	send(fd, msg, nbytes, MSG_NOSIGNAL);
}

/* Serves one message, or the end, of a connection. */
static void connection_serve(struct world *w, struct world_server *s, int *fd)
{
	uint8_t msg[MESSAGE_ROOM], out[MESSAGE_ROOM];
	ssize_t n = recv(*fd, msg, 2, 0);
	size_t nout;

	if (n == 2)
		n = recv(*fd, msg, base_load16(msg), MSG_WAITALL);
	if (n <= 0 || s->manner == WORLD_CLOSES) {
		close(*fd);
		*fd = -1;
		return;
	}
	s->ntcp++;
	nout = answer(w, s, true, msg, (size_t)n, out);
	for (unsigned i = 0; i < RAVES && s->manner == WORLD_RAVES; i++) {
		base_store16(out, (uint16_t)(base_load16(out) + 1 + i));
		message_send(*fd, out, nout);
	}
	if (nout > 0 && s->manner != WORLD_RAVES)
		message_send(*fd, out, nout);
}

static void accept_one(struct world_server *s)
{
	size_t c = 0;

	while (c < WORLD_CONNECTIONS && s->connections[c] >= 0)
		c++;
	assert_true(c < WORLD_CONNECTIONS);
	s->connections[c] = accept(s->tcp, NULL, NULL);
	s->naccepted += s->connections[c] >= 0;
}

/* ---- the loop ---- */

/* Serves what has come. Returns whether anything, or the client's descriptor, was ready. */
static bool serve(struct world *w)
{
	struct pollfd fds[1 + WORLD_SERVERS * (2 + WORLD_CONNECTIONS)];
	size_t n = 0, at = 1;

	fds[n++] = (struct pollfd){.fd = w->events.fd, .events = POLLIN};
	for (size_t i = 0; i < w->nservers; i++) {
		fds[n++] = (struct pollfd){.fd = w->servers[i].udp, .events = POLLIN};
		fds[n++] = (struct pollfd){.fd = w->servers[i].tcp, .events = POLLIN};
		for (size_t c = 0; c < WORLD_CONNECTIONS; c++)
			fds[n++] = (struct pollfd){.fd = w->servers[i].connections[c],
						   .events = POLLIN};
	}
	if (poll(fds, n, PATIENCE_MS) <= 0)
		return false;
	for (size_t i = 0; i < w->nservers; i++) {
		struct world_server *s = &w->servers[i];

		if (fds[at++].revents != 0)
			udp_serve(w, s);
		if (fds[at++].revents != 0)
			accept_one(s);
		for (size_t c = 0; c < WORLD_CONNECTIONS; c++)
			if (fds[at++].revents != 0)
				connection_serve(w, s, &s->connections[c]);
	}
	return true;
}

bool world_run(struct world *w, const bool *is_done, uint64_t until_ms)
{
	for (unsigned i = 0; i < TURNS && !*is_done; i++) {
		uint64_t due_ms = resolve_events_deadline(&w->events);

		if (due_ms > w->now_ms && !serve(w)) {
			if (due_ms > until_ms)
				break;
			w->now_ms = due_ms;
		}
		resolve_events_run(&w->events, w->now_ms);
	}
	if (!*is_done)
		w->now_ms = until_ms;
	return *is_done;
}
