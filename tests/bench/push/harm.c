/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Clients that do harm, as many as there are sessions. Each connects, does what its kind does, and
 * connects again when the server has closed. They take turns without waiting for events: what they
 * do is limited by what the server takes. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "dns/dso.h"
#include "dns/type.h"
#include "push.h"

#include <openssl/bio.h>

enum {
	BLOCK_ROOM = 4 << 20,
	PIECE = 16384,
	PIECES_MAX = 4,	  /* of one client in a turn */
	REPEATED = 500,	  /* messages of a block */
	TYPES = 1000,	  /* of a client, at one name */
	FIRST_TYPE = 300, /* not in use otherwise */
	IDS = 65535,	  /* all that there are but 0 */
	PACE_US = 5000,	  /* between two octets */
	AGAIN_US = 10000, /* until a closed client connects again */
	SMALL_BUFFER = 4096
};

struct harm;

struct client {
	struct stream stream;
	unsigned number;
	bool is_connected;
	const uint8_t *block; /* the harm's, or its own */
	size_t at;	      /* octets of the block that are sent */
	bool is_early_done;
	uint64_t due_us;
};

/* A kind of harm: what is sent, and what is done when the stream is connected. `step` returns
 * whether anything happened; false with a closed stream if it has ended. */
struct harm_kind {
	const char *name;
	bool is_raw;   /* octets below TLS */
	bool is_deaf;  /* reads nothing */
	bool is_tls12; /* offers TLS 1.2 only */
	bool is_early; /* sends the block as early data of a resumed handshake */
	bool has_own;  /* each client has a block of its own */
	void (*make)(struct harm *h, struct base_out *o);
	bool (*step)(struct harm *h, struct client *c);
};

struct harm {
	const struct harm_kind *kind;
	struct stream_target target;
	const uint8_t *zone;
	struct client *clients;
	unsigned n;
	unsigned number; /* of the client whose block is made */
	uint8_t *block;	 /* one, or one for each client */
	size_t nblock;
	uint64_t now_us, connects, connected, closed, sent, received;
};

/* ---- what is sent ---- */

/* Ends the message that begins after its length, at offset `start`. */
static void message_end(struct base_out *o, uint8_t *start)
{
	base_store16(start, (uint16_t)(o->at - start - 2));
}

static void add_keepalive(struct base_out *o)
{
	static const struct dns_dso_timeouts wished = {3600000, 3600000};
	uint8_t *start = base_out_take(o, 2);

	dns_dso_header_write(o, 1, 0);
	dns_dso_keepalive_write(o, &wished);
	message_end(o, start);
}

/* Adds a message whose TLV has a name, a type and class IN, and may have more. */
static void add_message(struct base_out *o, uint16_t id, uint16_t tlv, const uint8_t *zone,
			const char *text, uint16_t type)
{
	uint8_t *start = base_out_take(o, 2), name[DNS_NAME_MAX];
	size_t n = dns_name_from_text(name, text, strlen(text), zone), offset;

	dns_dso_header_write(o, id, 0);
	offset = dns_dso_tlv_begin(o, tlv);
	base_out_bytes(o, name, n);
	base_out_u16(o, type);
	base_out_u16(o, DNS_CLASS_IN);
	if (tlv == DNS_DSO_RECONFIRM)
		base_out_u32(o, 0x7f000001);
	dns_dso_tlv_end(o, offset);
	message_end(o, start);
}

static void add_unsubscribe(struct base_out *o, uint16_t id)
{
	uint8_t *start = base_out_take(o, 2);
	size_t offset;

	dns_dso_header_write(o, 0, 0);
	offset = dns_dso_tlv_begin(o, DNS_DSO_UNSUBSCRIBE);
	base_out_u16(o, id);
	dns_dso_tlv_end(o, offset);
	message_end(o, start);
}

static void make_keepalives(struct harm *h, struct base_out *o)
{
	(void)h;
	for (unsigned i = 0; i < REPEATED; i++)
		add_keepalive(o);
}

static void make_reconfirms(struct harm *h, struct base_out *o)
{
	add_keepalive(o);
	for (unsigned i = 0; i < REPEATED; i++)
		add_message(o, 0, DNS_DSO_RECONFIRM, h->zone, "n1.nodes", DNS_TYPE_A);
}

static void make_churn(struct harm *h, struct base_out *o)
{
	add_keepalive(o);
	for (uint16_t i = 2; i < REPEATED; i++) {
		add_message(o, i, DNS_DSO_SUBSCRIBE, h->zone, "big", DNS_TYPE_TXT);
		add_unsubscribe(o, i);
	}
}

/* Together the clients subscribe to as many types at a name as can be. */
static void make_types(struct harm *h, struct base_out *o)
{
	uint16_t first = (uint16_t)(FIRST_TYPE + h->number * TYPES);

	add_keepalive(o);
	for (uint16_t i = 2; i < TYPES; i++)
		add_message(o, i, DNS_DSO_SUBSCRIBE, h->zone, "n1.nodes", (uint16_t)(first + i));
	for (uint16_t i = 2; i < TYPES; i++)
		add_unsubscribe(o, i);
}

static void make_ids(struct harm *h, struct base_out *o)
{
	char text[20];

	add_keepalive(o);
	for (unsigned i = 2; i <= IDS; i++) {
		snprintf(text, sizeof(text), "id%u", i);
		add_message(o, (uint16_t)i, DNS_DSO_SUBSCRIBE, h->zone, text, DNS_TYPE_A);
	}
}

static void make_watch(struct harm *h, struct base_out *o)
{
	add_keepalive(o);
	add_message(o, 2, DNS_DSO_SUBSCRIBE, h->zone, "_g0._tcp", DNS_TYPE_ANY);
	add_message(o, 3, DNS_DSO_SUBSCRIBE, h->zone, "big", DNS_TYPE_ANY);
}

/* The first flight of a handshake. */
static void make_hello(struct harm *h, struct base_out *o)
{
	struct stream_target t;
	SSL *ssl;
	BIO *out = BIO_new(BIO_s_mem());
	char *bytes;
	long n;

	(void)h;
	if (stream_target_init(&t, "127.0.0.1", "1", true) < 0)
		exit(1);
	ssl = SSL_new(t.tls);
	SSL_set_bio(ssl, BIO_new(BIO_s_mem()), out);
	SSL_set_connect_state(ssl);
	SSL_do_handshake(ssl);
	n = BIO_get_mem_data(out, &bytes);
	base_out_bytes(o, bytes, (size_t)n);
	SSL_free(ssl);
	stream_target_fini(&t);
}

static void make_nothing(struct harm *h, struct base_out *o)
{
	(void)h;
	(void)o;
}

/* ---- what is done ---- */

static bool end(struct harm *h, struct client *c)
{
	h->closed++;
	c->is_connected = false;
	c->due_us = h->now_us + AGAIN_US;
	stream_close(&c->stream);
	return false;
}

/* Reads and forgets. Returns as a step does. */
static bool drain(struct harm *h, struct client *c)
{
	static uint8_t bytes[65536];
	ssize_t n = h->kind->is_deaf ? 0 : stream_read(&c->stream, bytes, sizeof(bytes));

	if (n < 0)
		return end(h, c);
	h->received += (uint64_t)n;
	return n > 0;
}

/* Sends up to `most` octets of the block. Returns as a step does. */
static bool send_some(struct harm *h, struct client *c, size_t most)
{
	size_t left = h->nblock - c->at;
	ssize_t n = left > 0 ? stream_write(&c->stream, c->block + c->at, left < most ? left : most)
			     : 0;

	if (n < 0)
		return end(h, c);
	c->at += (size_t)n;
	h->sent += (uint64_t)n;
	return n > 0;
}

static bool step_once(struct harm *h, struct client *c)
{
	bool has_sent = send_some(h, c, PIECE);

	return (c->stream.fd >= 0 && drain(h, c)) || has_sent;
}

static bool step_flood(struct harm *h, struct client *c)
{
	unsigned i = 0;

	while (i < PIECES_MAX && send_some(h, c, PIECE)) {
		i++;
		if (c->at == h->nblock)
			c->at = 0;
	}
	return (c->stream.fd >= 0 && drain(h, c)) || i > 0;
}

static bool step_slowly(struct harm *h, struct client *c)
{
	if (!h->kind->is_deaf && drain(h, c))
		return true;
	if (c->stream.fd < 0 || h->now_us < c->due_us)
		return false;
	c->due_us = h->now_us + PACE_US;
	return send_some(h, c, 1);
}

/* The handshake is complete: another. */
static bool step_again(struct harm *h, struct client *c)
{
	end(h, c);
	c->due_us = 0;
	return true;
}

/* Changes keys, and demands that the server does. */
static bool step_rekey(struct harm *h, struct client *c)
{
	for (unsigned i = 0; i < PIECES_MAX; i++) {
		SSL_key_update(c->stream.ssl, SSL_KEY_UPDATE_REQUESTED);
		if (SSL_do_handshake(c->stream.ssl) != 1)
			break;
		h->sent++;
	}
	drain(h, c);
	return true;
}

static bool step_renegotiate(struct harm *h, struct client *c)
{
	SSL_renegotiate(c->stream.ssl);
	h->sent += SSL_do_handshake(c->stream.ssl) == 1;
	drain(h, c);
	return true;
}

static const struct harm_kind kinds[] = {
	{"connects", .is_raw = true, .make = make_nothing, .step = step_once},
	{"hellos", .is_raw = true, .make = make_hello, .step = step_once},
	{"octets", .is_raw = true, .make = make_hello, .step = step_slowly},
	{"handshakes", .make = make_nothing, .step = step_again},
	{"rekeys", .make = make_nothing, .step = step_rekey},
	{"renegotiations", .is_tls12 = true, .make = make_nothing, .step = step_renegotiate},
	{"early-data", .is_early = true, .make = make_watch, .step = step_again},
	{"keepalives", .make = make_keepalives, .step = step_flood},
	{"reconfirms", .make = make_reconfirms, .step = step_flood},
	{"churn", .make = make_churn, .step = step_flood},
	{"deaf-churn", .is_deaf = true, .make = make_churn, .step = step_flood},
	{"deaf", .is_deaf = true, .make = make_watch, .step = step_once},
	{"types", .has_own = true, .make = make_types, .step = step_flood},
	{"ids", .make = make_ids, .step = step_once},
	{"many", .make = make_watch, .step = step_once},
};

/* ---- turns ---- */

static void connect_next(struct harm *h, struct client *c)
{
	c->at = 0;
	c->is_early_done = false;
	h->connects++;
	if (stream_open(&c->stream, &h->target, c->number) < 0)
		end(h, c);
}

/* Sends early data once it can; the handshake then goes on without it. */
static void send_early(struct harm *h, struct client *c)
{
	size_t sent = 0;
	bool is_done = h->target.resumed == NULL ||
		       SSL_write_early_data(c->stream.ssl, c->block, h->nblock, &sent) == 1 ||
		       SSL_get_error(c->stream.ssl, 0) != SSL_ERROR_WANT_WRITE;

	h->sent += sent;
	c->is_early_done = is_done;
}

/* Keeps the ticket of a connected client, as if the server allowed early data. */
static void ticket_take(struct harm *h, struct client *c)
{
	SSL_SESSION *ticket;

	drain(h, c);
	if (c->stream.fd < 0)
		return;
	ticket = SSL_get1_session(c->stream.ssl);
	if (!SSL_SESSION_is_resumable(ticket)) {
		SSL_SESSION_free(ticket);
		return;
	}
	SSL_SESSION_set_max_early_data(ticket, PIECE);
	SSL_set_shutdown(c->stream.ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	h->target.resumed = ticket;
}

static bool turn(struct harm *h, struct client *c)
{
	enum stream_result r;

	if (c->stream.fd < 0) {
		if (h->now_us < c->due_us)
			return false;
		connect_next(h, c);
		return true;
	}
	if (c->is_connected && h->kind->is_early && h->target.resumed == NULL)
		ticket_take(h, c);
	if (c->is_connected)
		return c->stream.fd >= 0 && h->kind->step(h, c);
	if (h->kind->is_early && !c->is_early_done)
		send_early(h, c);
	r = stream_connect(&c->stream);
	if (r == STREAM_FAILED)
		return end(h, c);
	c->is_connected = r == STREAM_DONE;
	h->connected += c->is_connected;
	return c->is_connected;
}

static void run(struct harm *h, double seconds)
{
	uint64_t end_us = load_now_us() + (uint64_t)(seconds * 1e6);
	static const struct timespec pause = {.tv_nsec = 1000000};

	while ((h->now_us = load_now_us()) < end_us) {
		bool has_happened = false;

		for (unsigned i = 0; i < h->n; i++)
			has_happened |= turn(h, &h->clients[i]);
		if (!has_happened)
			nanosleep(&pause, NULL);
	}
}

static void blocks_make(struct harm *h)
{
	for (unsigned i = 0; i < h->n; i++) {
		uint8_t *block = h->block + (h->kind->has_own ? (size_t)i * BLOCK_ROOM : 0);
		struct base_out out = base_out_over(block, BLOCK_ROOM);

		h->clients[i] = (struct client){.number = i, .block = block, .stream.fd = -1};
		if (i > 0 && !h->kind->has_own)
			continue;
		h->number = i;
		h->kind->make(h, &out);
		h->nblock = base_out_nbytes(&out);
	}
}

static int make(struct harm *h, const struct push_options *o)
{
	static uint8_t zone[DNS_NAME_MAX];

	for (unsigned i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (strcmp(kinds[i].name, o->kind) == 0)
			h->kind = &kinds[i];
	h->n = o->sessions;
	h->clients = calloc(h->n, sizeof(*h->clients));
	h->block = calloc(h->kind != NULL && h->kind->has_own ? h->n : 1, BLOCK_ROOM);
	if (h->kind == NULL || h->clients == NULL || h->block == NULL ||
	    dns_name_from_text(zone, o->load.zone, strlen(o->load.zone), NULL) == 0 ||
	    stream_target_init(&h->target, o->load.address, o->port,
			       o->is_tls && !h->kind->is_raw) < 0) {
		fprintf(stderr, "%s: unknown, or out of memory\n", o->kind);
		return -1;
	}
	h->zone = zone;
	h->target.nsources = o->sources;
	h->target.first_source = o->first_source;
	h->target.receive_buffer = h->kind->is_deaf ? SMALL_BUFFER : 0;
	if (h->kind->is_tls12)
		SSL_CTX_set_max_proto_version(h->target.tls, TLS1_2_VERSION);
	blocks_make(h);
	return 0;
}

int push_harm(const struct push_options *o)
{
	struct harm h = {0};
	int status = 1;

	if (make(&h, o) == 0) {
		push_tell("begin");
		run(&h, o->seconds);
		printf("{\"connects\": %llu, \"connected\": %llu, \"closed\": %llu, "
		       "\"sent\": %llu, \"received\": %llu}\n",
		       (unsigned long long)h.connects, (unsigned long long)h.connected,
		       (unsigned long long)h.closed, (unsigned long long)h.sent,
		       (unsigned long long)h.received);
		status = 0;
	}
	for (unsigned i = 0; h.clients != NULL && i < h.n; i++)
		stream_close(&h.clients[i].stream);
	free(h.clients);
	free(h.block);
	stream_target_fini(&h.target);
	return status;
}
