/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A client's session with a server that sends what is in the input: well-formed messages, nearly
 * well-formed ones, and others, while the client subscribes, unsubscribes and time passes. Whatever
 * comes, all that the client sends is right, each operation is answered at most once, the changes
 * that it reports have valid records, and a session that has ended stays so. */

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "client/records.h"
#include "client/session.h"
#include "dns/dso.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "response.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NAMES = 3, TYPES = 4, STEPS_MAX = 300, MESSAGE_ROOM = 20000, MARKS = 8, QUERIES = 4 };

static const char *const names[NAMES] = {"\5_http\4_tcp\3lab\5cloud", "\1a\3lab\5cloud", ""};
static const uint16_t types[TYPES] = {DNS_TYPE_PTR, DNS_TYPE_A, DNS_TYPE_ANY, DNS_TYPE_SOA};

/* An operation of the client. */
struct operation {
	bool is_active, is_accepted;
	uint16_t id;
};

static struct world {
	struct client_session *session;
	struct operation operations[NAMES][TYPES];
	struct client_records records[NAMES];
	uint64_t now_ms;
	uint32_t marks[MARKS];
	struct operation queries[QUERIES];
	bool is_established, is_short; /* `send` fails */
} world;

/* What the client sends is what a strict server takes. */
static int on_send(void *arg, const uint8_t *msg, size_t nbytes)
{
	struct base_buf b = base_buf_over(msg, nbytes);
	struct dns_header h = dns_header_parse(&b);
	struct dns_dso m;

	(void)arg;
	if (dns_flags_opcode(h.flags) == DNS_OPCODE_QUERY) {
		require(world.is_established && h.id != 0 && h.qdcount == 1 &&
			!(h.flags & DNS_FLAG_QR));
		return world.is_short ? -1 : 0;
	}
	require(dns_dso_parse(msg, nbytes, &m) == DNS_DSO_VALID);
	if (m.is_response) {
		require(m.id != 0 &&
			(m.rcode == DNS_RCODE_DSOTYPENI || m.rcode == DNS_RCODE_FORMERR));
		return world.is_short ? -1 : 0;
	}
	require(m.rcode == 0);
	require(m.is_padded && nbytes % DNS_DSO_PAD_REQUEST == 0);
	require(dns_dso_uses(m.primary.type) &
		(m.id != 0 ? DNS_DSO_CLIENT_REQUEST : DNS_DSO_CLIENT_UNIDIRECTIONAL));
	for (unsigned i = 0; m.id != 0 && i < NAMES; i++)
		for (unsigned j = 0; j < TYPES; j++)
			require(!world.operations[i][j].is_active ||
				world.operations[i][j].id != m.id);
	require(world.is_established || m.primary.type == DNS_DSO_KEEPALIVE);
	return world.is_short ? -1 : 0;
}

static void on_established(void *arg, uint64_t now_ms)
{
	(void)arg;
	require(!world.is_established && now_ms == world.now_ms);
	world.is_established = true;
}

static void on_response(void *arg, void *operation, unsigned rcode, const uint32_t *retry_ms,
			uint64_t now_ms)
{
	struct operation *op = operation;

	(void)arg;
	(void)retry_ms;
	(void)now_ms;
	require(op->is_active);
	/* Accepted once; refused or cancelled once. */
	require(rcode != 0 || !op->is_accepted);
	op->is_accepted = true;
	op->is_active = rcode == 0;
}

static unsigned name_find(const uint8_t *wire)
{
	unsigned i = 0;

	while (i < NAMES && !dns_name_equal(wire, (const uint8_t *)names[i]))
		i++;
	return i;
}

static void on_notice(void *arg, const struct client_notice *n, uint64_t now_ms)
{
	unsigned name = name_find(n->name);
	struct base_buf b = base_buf_over(n->rdata, n->nbytes);
	static uint8_t rdata[65535];
	struct base_out o = base_out_over(rdata, sizeof(rdata));

	(void)arg;
	(void)now_ms;
	require(dns_name_nbytes(n->name) <= DNS_NAME_MAX);
	if (n->kind == CLIENT_NOTICE_REMOVE_TYPE) {
		if (name < NAMES)
			client_records_remove_type(&world.records[name], n->type);
		return;
	}
	require(n->type != DNS_TYPE_ANY);
	require(dns_rdata_parse(&b, n->type, n->nbytes, &o) == NULL);
	require(base_out_nbytes(&o) == n->nbytes && memcmp(rdata, n->rdata, n->nbytes) == 0);
	if (name == NAMES)
		return;
	if (n->kind == CLIENT_NOTICE_ADD) {
		require(n->ttl <= UINT32_C(0x7fffffff));
		require(client_records_add(&world.records[name], n->type, n->ttl, CLIENT_TTL_IS_SET,
					   n->rdata, n->nbytes) == 0);
	} else {
		client_records_remove(&world.records[name], n->type, n->rdata, n->nbytes);
	}
}

static void on_change(void *arg, enum client_change change, uint16_t type, uint32_t ttl,
		      const uint8_t *rdata, uint16_t nbytes)
{
	(void)arg;
	(void)change;
	(void)ttl;
	(void)rdata;
	(void)nbytes;
	require(type != DNS_TYPE_ANY);
}

/* An answer has come to a query that still wants it, once. */
static void on_answer(void *arg, void *operation, const uint8_t *msg, size_t nbytes,
		      uint64_t now_ms)
{
	struct operation *query = operation;

	(void)arg;
	(void)now_ms;
	require(nbytes >= DNS_HEADER_SIZE && base_load16(msg) == query->id);
	require(query->is_active);
	query->is_active = false;
}

static void on_pushed(void *arg, uint64_t now_ms)
{
	(void)arg;
	(void)now_ms;
	for (unsigned i = 0; i < NAMES; i++)
		client_records_flush(&world.records[i], on_change, NULL);
}

static void on_marked(void *arg, uint32_t mark, uint64_t now_ms)
{
	unsigned i = 0;

	(void)arg;
	(void)now_ms;
	require(mark != 0);
	while (i < MARKS && world.marks[i] != mark)
		i++;
	require(i < MARKS);
	world.marks[i] = 0;
}

static const struct client_session_calls calls = {.send = on_send,
						  .on_established = on_established,
						  .on_response = on_response,
						  .on_notice = on_notice,
						  .on_answer = on_answer,
						  .on_pushed = on_pushed,
						  .on_marked = on_marked};

/* ---- the session's life ---- */

static void session_begin(void)
{
	static const struct dns_dso_timeouts timeouts = {15000, 3600000};

	memset(world.operations, 0, sizeof(world.operations));
	memset(world.marks, 0, sizeof(world.marks));
	memset(world.queries, 0, sizeof(world.queries));
	world.is_established = false;
	world.is_short = false;
	require(client_session_new(&world.session, &calls, NULL, &timeouts, true, world.now_ms) ==
		0);
}

static void judge(enum client_session_verdict verdict)
{
	const struct client_session_end *end;

	if (verdict == CLIENT_SESSION_GOES_ON) {
		require(client_session_deadline(world.session) != 0);
		return;
	}
	end = client_session_end(world.session);
	require(end->why != NULL && end->why[0] != '\0');
	client_session_free(world.session);
	session_begin();
}

/* ---- what the server sends ---- */

static void write_name(struct base_out *o, struct base_buf *in)
{
	uint8_t what = base_buf_u8(in);
	const uint8_t *name = (const uint8_t *)names[what % NAMES];

	if (what >= 250)
		base_out_u16(o, (uint16_t)(0xc000 | base_buf_u8(in)));
	else
		base_out_bytes(o, name, dns_name_nbytes(name));
}

static void write_change(struct base_out *o, struct base_buf *in)
{
	static const uint32_t ttls[] = {0, 60, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};
	uint8_t what = base_buf_u8(in);
	uint8_t *length;

	write_name(o, in);
	base_out_u16(o, types[what % TYPES]);
	base_out_u16(o, what / TYPES % 8 == 0 ? DNS_CLASS_ANY : DNS_CLASS_IN);
	base_out_u32(o, ttls[what / 32 % 6]);
	length = base_out_take(o, 2);
	if (length == NULL)
		return;
	if (types[what % TYPES] == DNS_TYPE_A)
		base_out_u32(o, base_buf_u8(in));
	else if (types[what % TYPES] == DNS_TYPE_PTR)
		write_name(o, in);
	else if (what >= 224)
		base_out_u8(o, what);
	base_store16(length, (uint16_t)(o->at - length - 2));
}

static void write_tlv(struct base_out *o, struct base_buf *in, uint8_t what)
{
	static const uint16_t kinds[] = {DNS_DSO_PUSH,	  DNS_DSO_KEEPALIVE, DNS_DSO_RETRY_DELAY,
					 DNS_DSO_PADDING, DNS_DSO_SUBSCRIBE, 0xf801};
	uint16_t type = kinds[what % 6];
	size_t offset = dns_dso_tlv_begin(o, type);

	if (type == DNS_DSO_PUSH)
		for (unsigned i = 0; i < what / 6u; i++)
			write_change(o, in);
	else if (type == DNS_DSO_KEEPALIVE || type == DNS_DSO_RETRY_DELAY)
		for (unsigned i = 0; i < (type == DNS_DSO_KEEPALIVE ? 2u : 1u); i++)
			base_out_u32(o, base_buf_u8(in) * UINT32_C(1000));
	else
		base_out_bytes(o, "abcdefgh", what / 6u % 8);
	if (!o->is_full)
		dns_dso_tlv_end(o, offset);
}

static void send_well_formed(struct base_buf *in)
{
	static uint8_t bytes[MESSAGE_ROOM];
	struct base_out o = base_out_over(bytes, sizeof(bytes));
	uint8_t kind = base_buf_u8(in), id = base_buf_u8(in), what = base_buf_u8(in);

	if (kind % 2)
		dns_dso_response_write(&o, id, kind / 2 % 4 == 0 ? kind / 8 % 16 : 0);
	else
		dns_dso_header_write(&o, id < 200 ? 0 : id, kind / 2 % 16);
	for (unsigned i = 0; i <= kind / 64u; i++)
		if (!(kind % 2) || what % 7 != 0)
			write_tlv(&o, in, what);
	judge(client_session_receive(world.session, bytes, base_out_nbytes(&o), world.now_ms));
}

static void send_any(struct base_buf *in)
{
	size_t n = base_buf_u8(in), left = base_buf_left(in);

	n = n < left ? n : left;
	judge(client_session_receive(world.session, base_buf_take(in, n), n, world.now_ms));
}

/* ---- what the client does ---- */

static void subscribe(uint8_t what)
{
	unsigned name = what % NAMES, type = what / NAMES % TYPES;
	struct operation *op = &world.operations[name][type];
	struct operation made = {.is_active = true};

	if (!world.is_established || op->is_active)
		return;
	if (client_session_subscribe(world.session, (const uint8_t *)names[name], types[type], op,
				     &made.id, world.now_ms) == 0)
		*op = made;
}

static void unsubscribe(uint8_t what)
{
	struct operation *op = &world.operations[what % NAMES][what / NAMES % TYPES];

	if (!world.is_established || !op->is_active)
		return;
	client_session_unsubscribe(world.session, op->id, world.now_ms);
	op->is_active = false;
}

/* Asks, or does not want the answer any more. */
static void query(uint8_t what)
{
	struct operation *q = &world.queries[what % QUERIES];

	if (!world.is_established)
		return;
	if (q->is_active)
		client_session_abandon(world.session, q->id);
	q->is_active = what / QUERIES % 2 == 0 &&
		       client_session_query(world.session, (const uint8_t *)names[what % NAMES],
					    DNS_TYPE_A, q, &q->id, world.now_ms) == 0;
}

/* Sends the answer to a query, with the id of the oldest or that of nobody, and with an OPT. */
static void send_answer(uint8_t what)
{
	static const uint8_t opt[] = {0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 5, 0, 11, 0, 1, 7};
	uint8_t bytes[64];
	struct dns_writer w;
	const struct dns_header h = {
		.id = (uint16_t)(world.queries[what % QUERIES].id + (what / 16 % 4 == 3)),
		.flags = (uint16_t)(DNS_FLAG_QR | (what / 8 % 2 ? DNS_RCODE_REFUSED : 0)),
		.arcount = what / 64,
	};

	dns_writer_init(&w, bytes, sizeof(bytes));
	dns_writer_header(&w, &h);
	base_out_bytes(&w.out, opt, sizeof(opt));
	judge(client_session_receive(world.session, bytes, base_out_nbytes(&w.out), world.now_ms));
}

static void mark(void)
{
	unsigned i = 0;

	while (i < MARKS && world.marks[i] != 0)
		i++;
	if (i < MARKS && world.is_established)
		world.marks[i] = client_session_mark(world.session, world.now_ms);
}

static void pass(uint64_t ms)
{
	world.now_ms += ms;
	if (client_session_deadline(world.session) <= world.now_ms)
		judge(client_session_tick(world.session, world.now_ms));
}

static void step(struct base_buf *in)
{
	uint8_t what = base_buf_u8(in);

	switch (what % 8) {
	case 0:
	case 1:
	case 2:
		send_well_formed(in);
		break;
	case 3:
		send_any(in);
		break;
	case 4:
		subscribe(what / 8);
		break;
	case 5:
		unsubscribe(what / 8);
		break;
	case 6:
		if (what / 8 % 4 == 0)
			world.is_short = !world.is_short;
		else if (what / 8 % 4 == 1)
			query(base_buf_u8(in));
		else if (what / 8 % 4 == 2)
			send_answer(base_buf_u8(in));
		else
			mark();
		break;
	default:
		pass(what / 8 * UINT64_C(997));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct base_buf in = base_buf_over(data, size);

	world.now_ms = 1000000;
	for (unsigned i = 0; i < NAMES; i++)
		client_records_init(&world.records[i]);
	session_begin();
	for (unsigned i = 0; i < STEPS_MAX && base_buf_left(&in) > 0; i++)
		step(&in);
	client_session_free(world.session);
	for (unsigned i = 0; i < NAMES; i++)
		client_records_fini(&world.records[i]);
	return 0;
}
