/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Sessions that watch a zone while it changes: the input edits the zone, has changes delivered in
 * small steps, subscribes and unsubscribes in between, sends messages of any kind, and lets time
 * pass. Each session is followed by a client that knows only what it is sent. In the end, when all
 * changes are delivered, each client knows for each of its subscriptions just what the zone has;
 * and no message ever breaks the rules of RFC 8490 and RFC 8765 that a client enforces. */

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/budget.h"
#include "base/rcu.h"
#include "dns/dso.h"
#include "dns/name.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "push/change.h"
#include "push/delivery.h"
#include "push/index.h"
#include "push/initial.h"
#include "push/message.h"
#include "push/messages.h"
#include "push/session.h"
#include "push/writer.h"
#include "response.h"
#include "zone/draft.h"
#include "zone/look.h"
#include "zone/snapshot.h"
#include "zone/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	SESSIONS = 4,
	NAMES = 7,
	TYPES = 6,
	SUBSCRIPTIONS = 16, /* of a session */
	KNOWN = 600,	    /* records that a client can know */
	CHANGES = 64,	    /* that wait to be delivered */
	STEPS_MAX = 200,
	RDATA_MAX = 17000,
	OUT = 1024
};

static const uint8_t zone_wire[] = "\3lab\5cloud";
static const char *const names[NAMES] = {"\5_http\4_tcp\3lab\5cloud",
					 "\1a\5_http\4_tcp\3lab\5cloud",
					 "\1A\3lab\5cloud",
					 "\1*\3lab\5cloud",
					 "\1b\1*\3lab\5cloud",
					 "\1c\3lab\5cloud",
					 "\3lab\5cloud"};
static const uint16_t types[TYPES] = {DNS_TYPE_PTR, DNS_TYPE_A,	    DNS_TYPE_TXT,
				      DNS_TYPE_SRV, DNS_TYPE_CNAME, DNS_TYPE_ANY};

/* A record as a client knows it. */
struct known {
	unsigned name; /* NAMES: none */
	uint16_t type;
	uint32_t ttl;
	uint16_t nbytes;
	uint8_t *rdata;
};

struct subscription {
	bool is_active;
	uint16_t id, type;
	unsigned name;
	struct push_subscription *of_index;
};

struct session {
	struct push_subscriber subscriber; /* first */
	struct push_session session;
	struct subscription subscriptions[SUBSCRIPTIONS];
	struct known known[KNOWN];
	unsigned nknown;
};

static struct world {
	struct zone *zone;
	struct push_index *index;
	struct push_delivery *delivery;
	struct push_writer writer;
	struct session sessions[SESSIONS];
	struct push_change *changes[CHANGES];
	unsigned nchanges;
	uint64_t now_ms;
	struct push_session_rules rules;
	bool is_overflown; /* a client was sent more than it can know */
} world;

/* ---- the client ---- */

static unsigned name_find(const uint8_t *wire)
{
	unsigned i = 0;

	while (i < NAMES && !dns_name_equal(wire, (const uint8_t *)names[i]))
		i++;
	return i;
}

static void known_remove(struct session *s, unsigned i)
{
	free(s->known[i].rdata);
	s->known[i] = s->known[--s->nknown];
}

static struct known *known_find(struct session *s, unsigned name, uint16_t type,
				const uint8_t *rdata, size_t nbytes)
{
	for (unsigned i = 0; i < s->nknown; i++) {
		struct known *k = &s->known[i];

		if (k->name == name && k->type == type &&
		    dns_rdata_compare(type, k->rdata, k->nbytes, rdata, nbytes) == 0)
			return k;
	}
	return NULL;
}

static bool concerns(const struct subscription *sub, unsigned name, uint16_t type)
{
	return sub->is_active && sub->name == name &&
	       (sub->type == DNS_TYPE_ANY || type == DNS_TYPE_ANY || sub->type == type ||
		type == DNS_TYPE_CNAME);
}

static bool is_watched(const struct session *s, unsigned name, uint16_t type)
{
	for (unsigned i = 0; i < SUBSCRIPTIONS; i++)
		if (concerns(&s->subscriptions[i], name, type))
			return true;
	return false;
}

/* A subscription is no more: what no other one is for is forgotten. */
static void forget(struct session *s)
{
	for (unsigned i = s->nknown; i-- > 0;)
		if (!is_watched(s, s->known[i].name, s->known[i].type))
			known_remove(s, i);
}

static void take_addition(struct session *s, unsigned name, struct dns_rr *rr)
{
	static uint8_t rdata[65536];
	struct base_out o = base_out_over(rdata, sizeof(rdata));
	struct known *k;

	require(rr->type != DNS_TYPE_ANY && rr->rrclass == DNS_CLASS_IN);
	require(dns_rdata_parse(&rr->rdata, rr->type, rr->rdlength, &o) == NULL);
	if (!is_watched(s, name, rr->type))
		return;
	k = known_find(s, name, rr->type, rdata, base_out_nbytes(&o));
	if (rr->ttl == DNS_DSO_TTL_REMOVE) {
		if (k != NULL)
			known_remove(s, (unsigned)(k - s->known));
		return;
	}
	if (k == NULL && s->nknown == KNOWN) {
		world.is_overflown = true;
		return;
	}
	if (k == NULL)
		k = &s->known[s->nknown++];
	else
		free(k->rdata);
	*k = (struct known){name, rr->type, rr->ttl, (uint16_t)base_out_nbytes(&o),
			    malloc(base_out_nbytes(&o) + 1)};
	require(k->rdata != NULL);
	memcpy(k->rdata, rdata, k->nbytes);
}

static void take_removal(struct session *s, unsigned name, const struct dns_rr *rr)
{
	require(rr->rdlength == 0 && rr->rrclass == DNS_CLASS_IN);
	for (unsigned i = s->nknown; i-- > 0;)
		if (s->known[i].name == name &&
		    (rr->type == DNS_TYPE_ANY || rr->type == s->known[i].type))
			known_remove(s, i);
}

static void take_message(struct session *s, const struct push_message *message)
{
	struct base_buf *changes;
	struct dns_dso m;
	struct dns_rr rr;

	require(message->nbytes <= 2 + DNS_DSO_PUSH_MAX &&
		base_load16(message->bytes) == message->nbytes - 2);
	require(dns_dso_parse(message->bytes + 2, message->nbytes - 2, &m) == DNS_DSO_VALID);
	require(!m.is_response && m.id == 0 && m.rcode == 0);
	require(m.primary.type == DNS_DSO_PUSH && base_buf_left(&m.rest) == 0);
	changes = &m.primary.data;
	require(base_buf_left(changes) > 0);
	while (base_buf_left(changes) > 0) {
		unsigned name;

		require(dns_rr_parse(changes, &rr));
		name = name_find(rr.owner);
		require(name < NAMES);
		if (rr.ttl == DNS_DSO_TTL_REMOVE_ALL)
			take_removal(s, name, &rr);
		else
			take_addition(s, name, &rr);
	}
}

static void take(void *arg, struct push_subscriber *subscriber, struct push_messages *m)
{
	struct session *s = (struct session *)subscriber;

	(void)arg;
	require(m->count > 0);
	for (size_t i = 0; i < m->count; i++)
		take_message(s, m->item[i]);
	push_session_sent(&s->session, world.now_ms);
}

/* ---- the session ---- */

static void session_close(struct session *s)
{
	push_delivery_forget(&s->subscriber);
	push_index_clear(world.index, &s->subscriber);
	push_session_fini(&s->session);
	memset(s->subscriptions, 0, sizeof(s->subscriptions));
	forget(s);
	require(s->nknown == 0);
	memset(&s->subscriber, 0, sizeof(s->subscriber));
	push_session_init(&s->session);
}

static void send_initial(struct session *s, const struct zone_snapshot *snapshot,
			 const struct subscription *sub)
{
	struct push_messages *m;
	struct push_initial i;
	int ret;

	if (!push_initial_begin(&i, snapshot, (const uint8_t *)names[sub->name], sub->type))
		return;
	do {
		ret = push_initial_next(&i, &world.writer, 1, &m);
		require(ret >= 0);
		if (m != NULL)
			take(NULL, &s->subscriber, m);
		push_messages_release(m);
	} while (ret > 0);
}

/* Returns the RCODE. */
static uint8_t subscribe(struct session *s, const struct dns_dso *m, struct subscription *sub,
			 const struct zone_snapshot *snapshot)
{
	uint8_t name[DNS_NAME_MAX];
	struct push_question q = {.zone = world.zone, .name = name};
	struct base_buf data = m->primary.data;

	if (dns_name_parse(&data, name) == 0)
		return DNS_RCODE_FORMERR;
	q.type = base_buf_u16(&data);
	q.rrclass = base_buf_u16(&data);
	if (data.has_failed || base_buf_left(&data) > 0)
		return DNS_RCODE_FORMERR;
	sub->name = name_find(name);
	if (sub->name == NAMES || (q.rrclass != DNS_CLASS_IN && q.rrclass != DNS_CLASS_ANY))
		return DNS_RCODE_NOTAUTH;
	if (push_index_find(world.index, &s->subscriber, &q) != NULL)
		return UINT8_MAX;
	sub->id = m->id;
	sub->type = q.type;
	sub->of_index = push_index_add(world.index, &s->subscriber, &q, m->id,
				       zone_snapshot_version(snapshot));
	require(sub->of_index != NULL &&
		push_session_add(&s->session, &sub->of_index->operation) == 0);
	return DNS_RCODE_NOERROR;
}

/* What the client reads of a response. */
static void check_response(const struct base_out *o, const struct dns_dso *request, uint8_t rcode)
{
	struct dns_dso m;

	require(!o->is_full && dns_dso_parse(o->start, base_out_nbytes(o), &m) == DNS_DSO_VALID);
	require(m.is_response && m.id == request->id && (rcode == UINT8_MAX || m.rcode == rcode));
}

static void on_subscribe(struct session *s, const struct dns_dso *m)
{
	const struct zone_snapshot *snapshot = zone_current(world.zone);
	struct subscription *sub = s->subscriptions;
	uint8_t bytes[OUT], rcode;
	struct base_out o = base_out_over(bytes, sizeof(bytes));

	while (sub < s->subscriptions + SUBSCRIPTIONS && sub->is_active)
		sub++;
	rcode = sub == s->subscriptions + SUBSCRIPTIONS ? DNS_RCODE_SERVFAIL
							: subscribe(s, m, sub, snapshot);
	if (rcode == UINT8_MAX) {
		session_close(s);
		return;
	}
	push_session_respond(&s->session, &world.rules, m, rcode, rcode == 0 ? 0 : 60000,
			     world.now_ms, &o);
	check_response(&o, m, rcode);
	if (rcode != DNS_RCODE_NOERROR)
		return;
	sub->is_active = true;
	send_initial(s, snapshot, sub);
}

static void on_unsubscribe(struct session *s, const struct dns_dso *m)
{
	struct base_buf data = m->primary.data;
	uint16_t id = base_buf_u16(&data);
	struct push_operation *op = push_session_find(&s->session, id);

	if (data.has_failed || op == NULL)
		return;
	for (unsigned i = 0; i < SUBSCRIPTIONS; i++) {
		struct subscription *sub = &s->subscriptions[i];

		if (!sub->is_active || sub->id != id)
			continue;
		push_session_remove(&s->session, op, world.now_ms);
		push_index_remove(world.index, sub->of_index);
		sub->is_active = false;
		forget(s);
		return;
	}
	abort();
}

static void receive(struct session *s, const uint8_t *msg, size_t nbytes)
{
	uint8_t bytes[OUT];
	struct base_out o = base_out_over(bytes, sizeof(bytes));
	bool is_ending = s->session.state == PUSH_SESSION_ENDING;
	struct dns_dso m;

	switch (push_session_receive(&s->session, &world.rules, msg, nbytes, world.now_ms, &m,
				     &o)) {
	case PUSH_SESSION_IGNORE:
		break;
	case PUSH_SESSION_REPLY:
		require(!is_ending);
		check_response(&o, &m, UINT8_MAX);
		break;
	case PUSH_SESSION_ABORT:
		session_close(s);
		break;
	case PUSH_SESSION_OPERATION:
		require(!is_ending);
		if (m.primary.type == DNS_DSO_SUBSCRIBE)
			on_subscribe(s, &m);
		else if (m.primary.type == DNS_DSO_UNSUBSCRIBE)
			on_unsubscribe(s, &m);
		else
			require(m.primary.type == DNS_DSO_RECONFIRM);
	}
}

/* ---- the zone ---- */

static void write_name(struct base_out *o, struct base_buf *in)
{
	const uint8_t *name = (const uint8_t *)names[base_buf_u8(in) % NAMES];

	base_out_bytes(o, name, dns_name_nbytes(name));
}

static size_t make_rdata(struct base_buf *in, uint16_t type, uint8_t out[RDATA_MAX])
{
	struct base_out o = base_out_over(out, RDATA_MAX);
	unsigned n;

	switch (type) {
	case DNS_TYPE_A:
		base_out_u32(&o, 0x0a000000u + base_buf_u8(in) % 8);
		break;
	case DNS_TYPE_SRV:
		base_out_u32(&o, base_buf_u8(in) % 2);
		base_out_u16(&o, base_buf_u8(in) % 4);
		write_name(&o, in);
		break;
	case DNS_TYPE_TXT:
		/* With many strings, a record that fills a message; one does not fit in any. */
		n = base_buf_u8(in);
		for (unsigned i = 0; i < (n < 250 ? n % 4 : n == 250 ? 64 : 8) + 1; i++) {
			unsigned length = n < 250 ? n % 3 : 255;

			base_out_u8(&o, (uint8_t)length);
			for (; length > 0; length--)
				base_out_u8(&o, (uint8_t)('a' + n % 5));
		}
		break;
	default:
		write_name(&o, in);
	}
	return base_out_nbytes(&o);
}

static void edit_one(struct zone_draft *d, struct base_buf *in)
{
	static uint8_t rdata[RDATA_MAX];
	uint8_t what = base_buf_u8(in);
	const uint8_t *name = (const uint8_t *)names[what % NAMES];
	uint16_t type = types[base_buf_u8(in) % (TYPES - 1)];
	size_t n;

	switch (what / NAMES % 6) {
	case 0:
		require(zone_draft_remove_rrset(d, name, type) >= 0);
		break;
	case 1:
		n = make_rdata(in, type, rdata);
		require(zone_draft_remove(d, name, type, rdata, n) >= 0);
		break;
	case 2:
		for (unsigned i = 0; i < TYPES - 1; i++)
			require(zone_draft_remove_rrset(d, name, types[i]) >= 0);
		break;
	default:
		n = make_rdata(in, type, rdata);
		if (!zone_draft_bars(d, name, type))
			require(zone_draft_add(d, name, type, 60 + what / 128, rdata, n) >= 0);
	}
}

static void deliver_all(void)
{
	struct base_budget budget;

	while (push_delivery_change(world.delivery) != NULL || world.nchanges > 0) {
		if (push_delivery_change(world.delivery) == NULL) {
			push_delivery_begin(world.delivery, world.changes[0]);
			world.nchanges--;
			memmove(world.changes, world.changes + 1,
				world.nchanges * sizeof(*world.changes));
		}
		budget = (struct base_budget){UINT64_MAX};
		require(push_delivery_step(world.delivery, zone_current(world.zone), &budget) == 1);
	}
}

static void deliver_some(uint64_t nlooks)
{
	struct base_budget budget = {nlooks};

	if (push_delivery_change(world.delivery) == NULL) {
		if (world.nchanges == 0)
			return;
		push_delivery_begin(world.delivery, world.changes[0]);
		world.nchanges--;
		memmove(world.changes, world.changes + 1, world.nchanges * sizeof(*world.changes));
	}
	require(push_delivery_step(world.delivery, zone_current(world.zone), &budget) >= 0);
}

static void edit(struct base_buf *in, unsigned n)
{
	struct zone_draft *d = zone_draft_new(world.zone);
	struct zone_changeset changes;

	require(d != NULL);
	for (; n > 0; n--)
		edit_one(d, in);
	if (zone_draft_seal(d, &changes) != 1) {
		zone_draft_abort(d);
		return;
	}
	zone_draft_show(d);
	if (world.nchanges == CHANGES)
		deliver_all();
	world.changes[world.nchanges] = push_change_new(
		world.zone, zone_snapshot_version(zone_current(world.zone)), &changes, 0);
	require(world.changes[world.nchanges++] != NULL);
	zone_draft_finish(d);
}

/* ---- steps ---- */

static void send_subscribe(struct session *s, struct base_buf *in)
{
	uint8_t bytes[OUT], what = base_buf_u8(in), kind = base_buf_u8(in);
	const char *name = names[what % NAMES];
	struct base_out o = base_out_over(bytes, sizeof(bytes));
	size_t offset;

	dns_dso_header_write(&o, (uint16_t)(1 + what / NAMES), 0);
	offset = dns_dso_tlv_begin(&o, DNS_DSO_SUBSCRIBE);
	base_out_bytes(&o, name, dns_name_nbytes((const uint8_t *)name));
	base_out_u16(&o, types[kind % TYPES]);
	base_out_u16(&o, kind / TYPES % 8 == 7 ? DNS_CLASS_ANY : DNS_CLASS_IN);
	dns_dso_tlv_end(&o, offset);
	receive(s, bytes, base_out_nbytes(&o));
}

static void send_unsubscribe(struct session *s, struct base_buf *in)
{
	uint8_t bytes[OUT];
	struct base_out o = base_out_over(bytes, sizeof(bytes));
	size_t offset;

	dns_dso_header_write(&o, 0, 0);
	offset = dns_dso_tlv_begin(&o, DNS_DSO_UNSUBSCRIBE);
	base_out_u16(&o, (uint16_t)(1 + base_buf_u8(in) / NAMES));
	dns_dso_tlv_end(&o, offset);
	receive(s, bytes, base_out_nbytes(&o));
}

static void send_keepalive(struct session *s, struct base_buf *in)
{
	struct dns_dso_timeouts wished = {base_buf_u32(in), base_buf_u32(in)};
	uint8_t bytes[OUT];
	struct base_out o = base_out_over(bytes, sizeof(bytes));

	dns_dso_header_write(&o, 100, 0);
	dns_dso_keepalive_write(&o, &wished);
	receive(s, bytes, base_out_nbytes(&o));
}

static void send_any(struct session *s, struct base_buf *in)
{
	size_t left = base_buf_left(in), n = base_buf_u8(in);
	uint8_t bytes[256];

	if (left <= 1)
		return;
	n = n < left - 1 ? n : left - 1;
	memcpy(bytes, base_buf_take(in, n), n);
	receive(s, bytes, n);
}

static void pass(uint64_t ms)
{
	world.now_ms += ms;
	for (unsigned i = 0; i < SESSIONS; i++) {
		struct session *s = &world.sessions[i];
		bool is_due = push_session_due(&s->session, false, world.now_ms) !=
			      PUSH_SESSION_NOT_OVERDUE;

		require(is_due == (push_session_deadline(&s->session, false) <= world.now_ms));
		if (is_due)
			session_close(s);
	}
}

static void change_rules(struct base_buf *in)
{
	uint8_t bytes[OUT], what = base_buf_u8(in);
	struct dns_dso m;
	struct dns_dso_timeouts timeouts;

	world.rules.longest =
		(struct dns_dso_timeouts){(what & 15u) * 5000, 10000 + (what >> 4) * 10000u};
	for (unsigned i = 0; i < SESSIONS; i++) {
		struct base_out o = base_out_over(bytes, sizeof(bytes));

		if (!push_session_change(&world.sessions[i].session, &world.rules, world.now_ms,
					 &o))
			continue;
		require(dns_dso_parse(bytes, base_out_nbytes(&o), &m) == DNS_DSO_VALID);
		require(!m.is_response && m.id == 0);
		require(dns_dso_keepalive_parse(&m.primary, &timeouts));
		require(timeouts.keepalive_ms >= DNS_DSO_KEEPALIVE_LEAST_MS);
	}
}

static void session_end(struct session *s)
{
	uint8_t bytes[OUT];
	struct base_out o = base_out_over(bytes, sizeof(bytes));

	if (s->session.state != PUSH_SESSION_ESTABLISHED)
		return;
	push_session_end(&s->session, DNS_RCODE_SERVFAIL, 1000, world.now_ms, &o);
	/* Nothing may be sent any more, so its subscriptions end. */
	push_delivery_forget(&s->subscriber);
	for (unsigned i = 0; i < SUBSCRIPTIONS; i++)
		if (s->subscriptions[i].is_active)
			push_session_remove(&s->session, &s->subscriptions[i].of_index->operation,
					    world.now_ms);
	push_index_clear(world.index, &s->subscriber);
	memset(s->subscriptions, 0, sizeof(s->subscriptions));
	forget(s);
}

enum { EDIT, STEP, SUBSCRIBE, UNSUBSCRIBE, DELIVER, ANY, PASS, KEEPALIVE, RULES, END, KINDS };

static void step(struct base_buf *in)
{
	uint8_t what = base_buf_u8(in);
	struct session *s = &world.sessions[what / KINDS % SESSIONS];

	switch (what % KINDS) {
	case EDIT:
		edit(in, 1 + what / KINDS);
		break;
	case STEP:
		deliver_some(1 + what / KINDS);
		break;
	case SUBSCRIBE:
		send_subscribe(s, in);
		break;
	case UNSUBSCRIBE:
		send_unsubscribe(s, in);
		break;
	case DELIVER:
		deliver_all();
		break;
	case ANY:
		send_any(s, in);
		break;
	case PASS:
		pass(what / KINDS * UINT64_C(900));
		break;
	case KEEPALIVE:
		send_keepalive(s, in);
		break;
	case RULES:
		change_rules(in);
		break;
	case END:
		if (what / KINDS / SESSIONS == 0)
			session_end(s);
		else
			session_close(s);
	}
	base_rcu_quiescent();
}

/* ---- the end ---- */

/* No PUSH message can hold these, and they are left out. */
static bool is_oversized(size_t nbytes)
{
	return nbytes > DNS_DSO_PUSH_MAX - 300;
}

/* Each record of the zone that the session watches is known, and no other. */
static void check(struct session *s)
{
	const struct zone_snapshot *snapshot = zone_current(world.zone);
	unsigned count = 0;

	for (unsigned name = 0; name < NAMES; name++) {
		struct zone_look look;
		struct zone_rrset rrset;

		if (!zone_look_find(&look, snapshot, (const uint8_t *)names[name]))
			continue;
		while (zone_look_next(&look, &rrset)) {
			const uint8_t *at = rrset.data;
			struct zone_rdata rdata;

			while (is_watched(s, name, rrset.type) &&
			       zone_rrset_next(&rrset, &at, &rdata)) {
				const struct known *k;

				if (is_oversized(rdata.nbytes))
					continue;
				k = known_find(s, name, rrset.type, rdata.bytes, rdata.nbytes);
				require(k != NULL && k->ttl == rrset.ttl);
				require(memcmp(k->rdata, rdata.bytes, rdata.nbytes) == 0);
				count++;
			}
		}
	}
	require(count == s->nknown);
}

static void world_begin(void)
{
	static const uint8_t soa[] = "\2ns\3lab\5cloud\0\1h\3lab\5cloud\0\0\0\0\1\0\0\0\2\0\0\0\3"
				     "\0\0\0\4\0\0\0\5";
	struct zone_draft *d;

	world.zone = zone_new(zone_wire, 1);
	d = zone_draft_new(world.zone);
	require(zone_draft_set_soa(d, 60, soa, sizeof(soa) - 1) == 0);
	require(zone_draft_seal(d, NULL) == 1);
	zone_draft_publish(d);
	world.index = push_index_new(64);
	world.delivery = push_delivery_new(world.index, take, NULL);
	world.now_ms = 1000000;
	world.is_overflown = false;
	world.rules = (struct push_session_rules){.longest = {15000, 30000},
						  .is_permitted = true,
						  .is_encrypted = true};
	for (unsigned i = 0; i < SESSIONS; i++)
		push_session_init(&world.sessions[i].session);
}

static void world_end(void)
{
	for (unsigned i = 0; i < SESSIONS; i++) {
		session_close(&world.sessions[i]);
		push_session_fini(&world.sessions[i].session);
	}
	push_delivery_free(world.delivery);
	while (world.nchanges > 0)
		push_change_release(world.changes[--world.nchanges]);
	require(push_index_count(world.index) == 0);
	push_index_free(world.index);
	base_rcu_offline();
	zone_free(world.zone);
	base_rcu_online();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct base_buf in = base_buf_over(data, size);
	static bool is_registered;

	if (!is_registered)
		base_rcu_register();
	is_registered = true;
	world_begin();
	for (unsigned i = 0; i < STEPS_MAX && base_buf_left(&in) > 0; i++)
		step(&in);
	if (size % 2 == 0) {
		deliver_all();
		for (unsigned i = 0; i < SESSIONS && !world.is_overflown; i++)
			check(&world.sessions[i]);
	}
	world_end();
	return 0;
}
