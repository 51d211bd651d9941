/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* fabric/tls*.c: both sides of sessions, over a pair of sockets. */
#include "fabric/tls.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/ssl.h>

#include "base/secret.h"

static const uint8_t lab[] = "\3lab\5cloud";
static const uint8_t edge[] = "\4edge\7example";
static const uint8_t n1[] = "\2N1\4keys\3lab\5cloud";
static const uint8_t n1_lower[] = "\2n1\4keys\3lab\5cloud";
static const uint8_t of_edge[] = "\2n1\4keys\4edge\7example";

enum { DAY = 86400, STEPS_MAX = 100 };

/* Two fabrics, and a server's certificate of each. */
struct world {
	struct fabric *lab, *edge;
	struct fabric_ring *ring;
	struct fabric_cert *certs[2];
	struct fabric_tls_tickets *tickets;
};

/* A session's two sides. */
struct pair {
	int server_fd, client_fd;
	struct fabric_tls *server, *client;
};

static struct fabric_cert *issue(const struct fabric *f, enum fabric_cert_use use,
				 const uint8_t *name, int64_t until_s)
{
	uint64_t now_s = (uint64_t)time(NULL);
	struct fabric_cert_subject subject = {0};
	struct fabric_cert_order order = {
		use,
		&subject,
		now_s - 2 * DAY,
		now_s + (uint64_t)until_s,
	};
	struct fabric_cert *c;

	assert_int_equal(fabric_cert_add_name(&subject, name), 0);
	assert_int_equal(fabric_cert_issue(&c, f, &order, NULL), 0);
	return c;
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	struct fabric_ring_entry entries[2] = {{NULL, 0}, {NULL, 0}};

	assert_int_equal(fabric_new(&w->lab, lab, 1), 0);
	assert_int_equal(fabric_new(&w->edge, edge, 1), 0);
	entries[0].fabric = w->lab;
	entries[1].fabric = w->edge;
	w->ring = fabric_ring_new(entries, 2);
	w->certs[0] = issue(w->lab, FABRIC_CERT_SERVER, lab, DAY);
	w->certs[1] = issue(w->edge, FABRIC_CERT_SERVER, edge, DAY);
	w->tickets = fabric_tls_tickets_new();
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	fabric_cert_free(w->certs[0]);
	fabric_cert_free(w->certs[1]);
	fabric_ring_free(w->ring);
	fabric_free(w->lab);
	fabric_free(w->edge);
	fabric_tls_tickets_free(w->tickets);
	free(w);
	return 0;
}

static struct fabric_tls_context *server_of(struct world *w, enum fabric_tls_clients clients)
{
	struct fabric_tls_server settings = {
		.certs = w->certs,
		.ncerts = 2,
		.clients = clients,
		.ring = w->ring,
		.tickets = w->tickets,
	};
	struct fabric_tls_context *c;

	assert_int_equal(fabric_tls_server_new(&c, &settings, NULL), 0);
	return c;
}

static struct fabric_tls_context *client_of(const struct fabric *trusted, struct fabric_cert *cert)
{
	struct fabric_tls_client settings = {.trust = FABRIC_TLS_TRUST_ANY, .cert = cert};
	struct fabric_tls_context *c;

	if (trusted != NULL) {
		settings.trust = FABRIC_TLS_TRUST_FABRIC;
		settings.public_key = trusted->public_key;
	}
	assert_int_equal(fabric_tls_client_new(&c, &settings, NULL), 0);
	return c;
}

/* Connects the two sides; both contexts move in. */
static void pair_open(struct pair *p, struct fabric_tls_context *server,
		      struct fabric_tls_context *client, const char *name)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
	p->server_fd = fds[0];
	p->client_fd = fds[1];
	assert_int_equal(fabric_tls_accept(&p->server, server, p->server_fd), 0);
	assert_int_equal(fabric_tls_connect(&p->client, client, p->client_fd, name), 0);
	fabric_tls_context_release(server);
	fabric_tls_context_release(client);
}

static void pair_close(struct pair *p)
{
	fabric_tls_free(p->client);
	fabric_tls_free(p->server);
	close(p->client_fd);
	close(p->server_fd);
}

/* Shakes hands. Writes the result of either side. */
static void shake(struct pair *p, int *server, int *client)
{
	*server = *client = FABRIC_TLS_WANTS_READ;
	for (int i = 0; i < STEPS_MAX &&
			(*server == FABRIC_TLS_WANTS_READ || *client == FABRIC_TLS_WANTS_READ);
	     i++) {
		*client = fabric_tls_handshake(p->client);
		*server = fabric_tls_handshake(p->server);
		if (*server == FABRIC_TLS_FAILED)
			shutdown(p->server_fd, SHUT_WR);
		if (*client == FABRIC_TLS_FAILED)
			shutdown(p->client_fd, SHUT_WR);
	}
}

static void shake_well(struct pair *p)
{
	int server, client;

	shake(p, &server, &client);
	assert_int_equal(server, 0);
	assert_int_equal(client, 0);
}

/* Reads all that there is now. Returns how much, `last` gets why no more came. */
static size_t drain(struct fabric_tls *t, uint8_t *out, size_t size, ssize_t *last)
{
	size_t nbytes = 0;
	ssize_t n;

	while ((n = fabric_tls_read(t, out + nbytes, size - nbytes)) > 0)
		nbytes += (size_t)n;
	*last = n;
	return nbytes;
}

/* ---- the handshake ---- */

static void data_goes_both_ways(void **state)
{
	struct pair p;
	char text[8];

	pair_open(&p, server_of(*state, FABRIC_TLS_CLIENTS_NO), client_of(NULL, NULL), NULL);
	shake_well(&p);
	assert_string_equal(fabric_tls_version(p.server), "TLSv1.3");
	assert_int_equal(fabric_tls_write(p.client, "query", 6), 6);
	assert_int_equal(fabric_tls_read(p.server, text, sizeof(text)), 6);
	assert_string_equal(text, "query");
	assert_int_equal(fabric_tls_read(p.server, text, sizeof(text)), FABRIC_TLS_WANTS_READ);
	assert_false(fabric_tls_has_pending(p.server));
	assert_int_equal(fabric_tls_write(p.server, "reply", 6), 6);
	assert_int_equal(fabric_tls_read(p.client, text, sizeof(text)), 6);
	assert_string_equal(text, "reply");
	pair_close(&p);
}

static void server_is_trusted_by_its_fabric_and_name(void **state)
{
	struct world *w = *state;
	const struct {
		const struct fabric *trusted;
		const char *name;
		bool is_trusted;
	} cases[] = {
		{w->lab, "lab.cloud", true},	{w->lab, NULL, true},
		{w->lab, "other.cloud", false}, {w->edge, "edge.example", true}, /* by SNI */
		{w->edge, "lab.cloud", false},	{w->lab, "edge.example", false},
		{NULL, "other.cloud", true},	{w->lab, "127.0.0.1", false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct pair p;
		int server, client;

		pair_open(&p, server_of(w, FABRIC_TLS_CLIENTS_NO),
			  client_of(cases[i].trusted, NULL), cases[i].name);
		shake(&p, &server, &client);
		assert_int_equal(client, cases[i].is_trusted ? 0 : FABRIC_TLS_FAILED);
		if (!cases[i].is_trusted) {
			assert_int_equal(fabric_tls_failure(p.client), FABRIC_TLS_CERTIFICATE);
			assert_int_equal(server, FABRIC_TLS_FAILED);
			assert_int_equal(fabric_tls_failure(p.server), FABRIC_TLS_ALERT);
		}
		pair_close(&p);
	}
}

static void key_certificate_is_not_a_servers(void **state)
{
	struct world *w = *state;
	struct fabric_cert *cert = issue(w->lab, FABRIC_CERT_CLIENT, lab, DAY);
	struct fabric_tls_server settings = {.certs = &cert, .ncerts = 1};
	struct fabric_tls_context *context;
	struct pair p;
	int server, client;

	assert_int_equal(fabric_tls_server_new(&context, &settings, NULL), 0);
	pair_open(&p, context, client_of(w->lab, NULL), "lab.cloud");
	shake(&p, &server, &client);
	assert_int_equal(client, FABRIC_TLS_FAILED);
	pair_close(&p);
	fabric_cert_free(cert);
}

static void client_is_identified_by_its_certificate(void **state)
{
	struct world *w = *state;
	const struct {
		struct fabric_cert *cert;
		int server;
		const uint8_t *key;
	} cases[] = {
		{issue(w->lab, FABRIC_CERT_CLIENT, n1, DAY), 0, n1_lower},
		{issue(w->edge, FABRIC_CERT_CLIENT, of_edge, DAY), 0, of_edge},
		/* signed by another fabric than that of the name */
		{issue(w->edge, FABRIC_CERT_CLIENT, n1, DAY), 0, NULL},
		{issue(w->lab, FABRIC_CERT_CLIENT, lab, DAY), 0, NULL},
		{issue(w->lab, FABRIC_CERT_CLIENT, n1, -DAY), FABRIC_TLS_FAILED, NULL},
		{issue(w->lab, FABRIC_CERT_SERVER, n1, DAY), FABRIC_TLS_FAILED, NULL},
		{NULL, 0, NULL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct pair p;
		uint64_t until_s;
		const uint8_t *key;
		int server, client;

		pair_open(&p, server_of(w, FABRIC_TLS_CLIENTS_OPTIONAL),
			  client_of(NULL, cases[i].cert), NULL);
		shake(&p, &server, &client);
		assert_int_equal(server, cases[i].server);
		key = fabric_tls_key(p.server, &until_s);
		if (cases[i].key != NULL) {
			assert_true(dns_name_equal(key, cases[i].key));
			assert_int_equal(until_s, fabric_cert_until(cases[i].cert));
		} else {
			assert_null(key);
		}
		pair_close(&p);
		fabric_cert_free(cases[i].cert);
	}
}

static void required_certificate_is_missed(void **state)
{
	struct pair p;
	int server, client;

	pair_open(&p, server_of(*state, FABRIC_TLS_CLIENTS_REQUIRED), client_of(NULL, NULL), NULL);
	shake(&p, &server, &client);
	assert_int_equal(server, FABRIC_TLS_FAILED);
	assert_int_equal(fabric_tls_failure(p.server), FABRIC_TLS_CERTIFICATE);
	pair_close(&p);
}

static void session_without_certificate_is_not_admitted_where_one_is_required(void **state)
{
	struct world *w = *state;
	struct fabric_cert *certs[] = {NULL, issue(w->lab, FABRIC_CERT_CLIENT, n1, DAY)};
	struct fabric_tls_context *optional = server_of(w, FABRIC_TLS_CLIENTS_OPTIONAL);
	struct fabric_tls_context *required = server_of(w, FABRIC_TLS_CLIENTS_REQUIRED);

	for (int i = 0; i < 2; i++) {
		struct pair p;

		pair_open(&p, fabric_tls_context_acquire(optional), client_of(NULL, certs[i]),
			  NULL);
		shake_well(&p);
		assert_true(fabric_tls_is_admitted(p.server, optional));
		assert_int_equal(fabric_tls_is_admitted(p.server, required), i);
		pair_close(&p);
	}
	fabric_tls_context_release(optional);
	fabric_tls_context_release(required);
	fabric_cert_free(certs[1]);
}

static void aborted_session_ends_without_close_notify(void **state)
{
	struct pair p;
	char bytes[8];

	pair_open(&p, server_of(*state, FABRIC_TLS_CLIENTS_NO), client_of(NULL, NULL), NULL);
	shake_well(&p);
	fabric_tls_abort(p.server);
	fabric_tls_free(p.server);
	p.server = NULL;
	assert_int_equal(fabric_tls_read(p.client, bytes, 8), FABRIC_TLS_WANTS_READ);
	pair_close(&p);
}

static void other_bytes_than_tls_fail(void **state)
{
	struct pair p;

	pair_open(&p, server_of(*state, FABRIC_TLS_CLIENTS_NO), client_of(NULL, NULL), NULL);
	assert_int_equal(write(p.client_fd, "\0\14\1\2\3\4\5\6\7\10", 10), 10);
	assert_int_equal(fabric_tls_handshake(p.server), FABRIC_TLS_FAILED);
	assert_int_equal(fabric_tls_failure(p.server), FABRIC_TLS_PROTOCOL);
	pair_close(&p);
}

static void hello_that_announces_much_is_refused(void **state)
{
	static const struct {
		uint8_t first[9];
		int result;
	} cases[] = {
		{{22, 3, 1, 2, 0, 1, 0, 64, 0}, FABRIC_TLS_WANTS_READ},
		{{22, 3, 1, 2, 0, 1, 0, 64, 1}, FABRIC_TLS_FAILED},
		{{22, 3, 1, 2, 0, 1, 1, 0, 0}, FABRIC_TLS_FAILED},
		{{22, 3, 1, 2, 0, 2, 0, 1, 0}, FABRIC_TLS_FAILED},
		{{23, 3, 1, 2, 0, 1, 0, 1, 0}, FABRIC_TLS_FAILED},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct pair p;
		int result = 0;

		pair_open(&p, server_of(*state, FABRIC_TLS_CLIENTS_NO), client_of(NULL, NULL),
			  NULL);
		for (unsigned j = 0; j < 9; j++) {
			assert_int_equal(write(p.client_fd, &cases[i].first[j], 1), 1);
			result = fabric_tls_handshake(p.server);
			if (result == FABRIC_TLS_FAILED)
				break;
		}
		assert_int_equal(result, cases[i].result);
		if (result == FABRIC_TLS_FAILED)
			assert_int_equal(fabric_tls_failure(p.server), FABRIC_TLS_PROTOCOL);
		pair_close(&p);
	}
}

static void peer_that_goes_away_is_closed(void **state)
{
	char text[FABRIC_TLS_EXPLAIN_MAX];
	struct pair p;

	pair_open(&p, server_of(*state, FABRIC_TLS_CLIENTS_NO), client_of(NULL, NULL), NULL);
	assert_int_equal(fabric_tls_handshake(p.client), FABRIC_TLS_WANTS_READ);
	shutdown(p.client_fd, SHUT_WR);
	assert_int_equal(fabric_tls_handshake(p.server), FABRIC_TLS_FAILED);
	assert_int_equal(fabric_tls_failure(p.server), FABRIC_TLS_CLOSED);
	assert_string_equal(fabric_tls_explain(p.server, text), "the connection was closed");
	pair_close(&p);
}

/* ---- OpenSSL as a client that is not ours ---- */

struct foreign {
	struct pair p; /* the server's side alone */
	SSL_CTX *context;
	SSL *ssl;
};

static void foreign_open(struct foreign *f, struct fabric_tls_context *server, const char *alpn,
			 SSL_SESSION *session)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	f->p = (struct pair){fds[0], fds[1], NULL, NULL};
	f->context = SSL_CTX_new(TLS_client_method());
	f->ssl = SSL_new(f->context);
	if (alpn != NULL)
		SSL_set_alpn_protos(f->ssl, (const uint8_t *)alpn, (unsigned)strlen(alpn));
	if (session != NULL)
		SSL_set_session(f->ssl, session);
	SSL_set_fd(f->ssl, fds[1]);
	SSL_set_connect_state(f->ssl);
	assert_int_equal(fabric_tls_accept(&f->p.server, server, fds[0]), 0);
	fabric_tls_context_release(server);
}

/* Returns the server's result. */
static int foreign_shake(struct foreign *f)
{
	int server = FABRIC_TLS_WANTS_READ, client = 0;

	for (int i = 0; i < STEPS_MAX && (server == FABRIC_TLS_WANTS_READ || client != 1); i++) {
		client = SSL_do_handshake(f->ssl);
		server = fabric_tls_handshake(f->p.server);
		if (server == FABRIC_TLS_FAILED)
			break;
	}
	return server;
}

static void foreign_close(struct foreign *f)
{
	SSL_free(f->ssl);
	SSL_CTX_free(f->context);
	pair_close(&f->p);
}

static void alpn_without_dot_is_refused(void **state)
{
	static const struct {
		const char *alpn;
		int result;
	} cases[] = {
		{NULL, 0},
		{"\3dot", 0},
		{"\2h2\3dot", 0},
		{"\2h2", FABRIC_TLS_FAILED},
		{"\4dotx\2do", FABRIC_TLS_FAILED},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct foreign f;

		foreign_open(&f, server_of(*state, FABRIC_TLS_CLIENTS_NO), cases[i].alpn, NULL);
		assert_int_equal(foreign_shake(&f), cases[i].result);
		if (cases[i].result < 0)
			assert_int_equal(fabric_tls_failure(f.p.server), FABRIC_TLS_ALPN);
		foreign_close(&f);
	}
}

/* Makes a session, and returns it for one that shall go on from it. */
static SSL_SESSION *session_get(struct fabric_tls_context *server)
{
	SSL_SESSION *session;
	struct foreign f;
	char byte;

	foreign_open(&f, server, NULL, NULL);
	assert_int_equal(foreign_shake(&f), 0);
	assert_true(SSL_read(f.ssl, &byte, 1) < 0); /* takes the ticket */
	session = SSL_get1_session(f.ssl);
	assert_true(SSL_SESSION_is_resumable(session));
	assert_int_equal(SSL_SESSION_get_max_early_data(session), 0);
	SSL_shutdown(f.ssl); /* else OpenSSL takes the session for a bad one */
	foreign_close(&f);
	return session;
}

static bool resumes(struct fabric_tls_context *server, SSL_SESSION *session, int result)
{
	struct foreign f;
	bool is_resumed;

	foreign_open(&f, server, NULL, session);
	assert_int_equal(foreign_shake(&f), result);
	is_resumed = result == 0 && fabric_tls_is_resumed(f.p.server);
	SSL_shutdown(f.ssl);
	foreign_close(&f);
	return is_resumed;
}

static void sessions_go_on_after_reload_and_rotation(void **state)
{
	struct world *w = *state;
	SSL_SESSION *session = session_get(server_of(w, FABRIC_TLS_CLIENTS_NO));

	assert_true(resumes(server_of(w, FABRIC_TLS_CLIENTS_NO), session, 0));
	fabric_tls_tickets_rotate(w->tickets);
	assert_true(resumes(server_of(w, FABRIC_TLS_CLIENTS_NO), session, 0));
	fabric_tls_tickets_rotate(w->tickets);
	assert_false(resumes(server_of(w, FABRIC_TLS_CLIENTS_NO), session, 0));
	SSL_SESSION_free(session);
}

static void session_without_certificate_does_not_go_on_where_one_is_required(void **state)
{
	SSL_SESSION *session = session_get(server_of(*state, FABRIC_TLS_CLIENTS_NO));

	assert_false(resumes(server_of(*state, FABRIC_TLS_CLIENTS_REQUIRED), session,
			     FABRIC_TLS_FAILED));
	SSL_SESSION_free(session);
}

static void flood_of_key_updates_ends_the_session(void **state)
{
	struct foreign f;
	uint8_t bytes[16];
	ssize_t last = 0;

	foreign_open(&f, server_of(*state, FABRIC_TLS_CLIENTS_NO), NULL, NULL);
	assert_int_equal(foreign_shake(&f), 0);
	for (int i = 0; i < STEPS_MAX && last != FABRIC_TLS_FAILED; i++) {
		assert_int_equal(SSL_key_update(f.ssl, SSL_KEY_UPDATE_REQUESTED), 1);
		SSL_do_handshake(f.ssl);
		drain(f.p.server, bytes, sizeof(bytes), &last);
		SSL_read(f.ssl, bytes, 1);
		if (i < 5)
			assert_int_equal(last, FABRIC_TLS_WANTS_READ);
	}
	assert_int_equal(last, FABRIC_TLS_FAILED);
	assert_int_equal(fabric_tls_failure(f.p.server), FABRIC_TLS_ABUSE);
	foreign_close(&f);
}

/* ---- data ---- */

static void what_the_socket_does_not_take_is_sent_later(void **state)
{
	enum { N = 1 << 20 };
	struct pair p;
	uint8_t *in = malloc(N), *out = malloc(N);
	size_t nsent = 0, nread = 0;
	bool was_full = false;
	ssize_t n, last;

	base_secret_random(in, N);
	pair_open(&p, server_of(*state, FABRIC_TLS_CLIENTS_NO), client_of(NULL, NULL), NULL);
	shake_well(&p);
	while (nread < N) {
		n = fabric_tls_write(p.server, in + nsent, N - nsent);
		assert_true(n >= 0);
		nsent += (size_t)n;
		if (nsent < N) {
			was_full = true;
			assert_true(fabric_tls_nunsent(p.server) > 0);
			assert_true(fabric_tls_nunsent(p.server) < 17 * 1024);
			assert_int_equal(fabric_tls_write(p.server, in + nsent, 1),
					 FABRIC_TLS_WANTS_WRITE);
		}
		nread += drain(p.client, out + nread, N - nread, &last);
		(void)fabric_tls_flush(p.server);
	}
	assert_true(was_full);
	assert_int_equal(fabric_tls_nunsent(p.server), 0);
	assert_memory_equal(in, out, N);
	free(in);
	free(out);
	pair_close(&p);
}

static void rest_of_a_record_is_pending(void **state)
{
	struct pair p;
	char bytes[100] = {0};

	pair_open(&p, server_of(*state, FABRIC_TLS_CLIENTS_NO), client_of(NULL, NULL), NULL);
	shake_well(&p);
	assert_int_equal(fabric_tls_write(p.client, bytes, 100), 100);
	assert_int_equal(fabric_tls_write(p.client, bytes, 50), 50);
	assert_int_equal(fabric_tls_read(p.server, bytes, 60), 60);
	assert_true(fabric_tls_has_pending(p.server));
	assert_int_equal(fabric_tls_read(p.server, bytes, 60), 60); /* of two records */
	assert_true(fabric_tls_has_pending(p.server));
	assert_int_equal(fabric_tls_read(p.server, bytes, 60), 30);
	assert_false(fabric_tls_has_pending(p.server));
	pair_close(&p);
}

static void data_after_the_handshake_is_pending(void **state)
{
	struct pair p;
	char bytes[8];

	pair_open(&p, server_of(*state, FABRIC_TLS_CLIENTS_NO), client_of(NULL, NULL), NULL);
	assert_int_equal(fabric_tls_handshake(p.client), FABRIC_TLS_WANTS_READ);
	assert_int_equal(fabric_tls_handshake(p.server), FABRIC_TLS_WANTS_READ);
	assert_int_equal(fabric_tls_handshake(p.client), 0);
	assert_int_equal(fabric_tls_write(p.client, "early", 6), 6);
	assert_int_equal(fabric_tls_handshake(p.server), 0);
	assert_true(fabric_tls_has_pending(p.server)); /* it came with the end of the handshake */
	assert_int_equal(fabric_tls_read(p.server, bytes, sizeof(bytes)), 6);
	pair_close(&p);
}

static void session_ends_with_and_without_close_notify(void **state)
{
	for (int i = 0; i < 2; i++) {
		struct pair p;
		char bytes[8];

		pair_open(&p, server_of(*state, FABRIC_TLS_CLIENTS_NO), client_of(NULL, NULL),
			  NULL);
		shake_well(&p);
		assert_int_equal(fabric_tls_write(p.client, "last", 5), 5);
		if (i == 0) {
			fabric_tls_free(p.client);
			p.client = NULL;
		}
		shutdown(p.client_fd, SHUT_WR);
		assert_int_equal(fabric_tls_read(p.server, bytes, 8), 5);
		assert_int_equal(fabric_tls_read(p.server, bytes, 8), FABRIC_TLS_END);
		assert_int_equal(fabric_tls_write(p.server, "answer", 7), 7);
		pair_close(&p);
	}
}

static void peer_that_does_not_read_is_no_signal(void **state)
{
	struct pair p;

	pair_open(&p, server_of(*state, FABRIC_TLS_CLIENTS_NO), client_of(NULL, NULL), NULL);
	shake_well(&p);
	shutdown(p.client_fd, SHUT_RD);
	assert_int_equal(fabric_tls_write(p.server, "answer", 7), FABRIC_TLS_FAILED);
	assert_int_equal(fabric_tls_failure(p.server), FABRIC_TLS_CLOSED);
	pair_close(&p);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(data_goes_both_ways),
		cmocka_unit_test(server_is_trusted_by_its_fabric_and_name),
		cmocka_unit_test(key_certificate_is_not_a_servers),
		cmocka_unit_test(client_is_identified_by_its_certificate),
		cmocka_unit_test(required_certificate_is_missed),
		cmocka_unit_test(session_without_certificate_is_not_admitted_where_one_is_required),
		cmocka_unit_test(aborted_session_ends_without_close_notify),
		cmocka_unit_test(other_bytes_than_tls_fail),
		cmocka_unit_test(hello_that_announces_much_is_refused),
		cmocka_unit_test(peer_that_goes_away_is_closed),
		cmocka_unit_test(alpn_without_dot_is_refused),
		cmocka_unit_test(sessions_go_on_after_reload_and_rotation),
		cmocka_unit_test(session_without_certificate_does_not_go_on_where_one_is_required),
		cmocka_unit_test(flood_of_key_updates_ends_the_session),
		cmocka_unit_test(what_the_socket_does_not_take_is_sent_later),
		cmocka_unit_test(rest_of_a_record_is_pending),
		cmocka_unit_test(data_after_the_handshake_is_pending),
		cmocka_unit_test(session_ends_with_and_without_close_notify),
		cmocka_unit_test(peer_that_does_not_read_is_no_signal),
	};

	assert_int_equal(base_secret_start(), 0);
	return cmocka_run_group_tests(tests, setup, teardown);
}
