/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The first octet of each thing chooses its kind, those that follow its parts; an input that is cut
 * short goes on with zeroes. */
#include "sequence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/hmac.h"
#include "dns/msg.h"
#include "dns/name.h"
#include "dns/type.h"

enum { RECORDS_MAX = 24, OPT_LEASE = 2 };

const uint8_t *const sequence_key_name[SEQUENCE_KEYS] = {
	(const uint8_t *)"\2n1\4keys\3lab\5cloud",
	(const uint8_t *)"\2n2\4keys\3lab\5cloud",
	(const uint8_t *)"\2n3\4keys\3lab\5cloud",
	(const uint8_t *)"\5admin\4keys\3lab\5cloud",
};

/* ---- names ---- */

static const char *const names[] = {
	"n1.nodes.lab.cloud.",
	"n2.nodes.lab.cloud.",
	"n3.nodes.lab.cloud.",
	"N1.Nodes.lab.cloud.",
	"_acme-challenge.n1.nodes.lab.cloud.",
	"web._http._tcp.lab.cloud.",
	"Web._http._tcp.lab.cloud.",
	"a._http._tcp.lab.cloud.",
	"b._http._tcp.lab.cloud.",
	"c._ipp._tcp.lab.cloud.",
	"_http._tcp.lab.cloud.",
	"_ipp._tcp.lab.cloud.",
	"_print._sub._http._tcp.lab.cloud.",
	"_Color._sub._http._tcp.lab.cloud.",
	"_services._dns-sd._udp.lab.cloud.",
	"b._dns-sd._udp.lab.cloud.",
	"lb._dns-sd._udp.lab.cloud.",
	"_suspect.web._http._tcp.lab.cloud.",
	"_suspect.a._http._tcp.lab.cloud.",
	"lab.cloud.",
	"www.lab.cloud.",
	"*.www.lab.cloud.",
	"d.lab.cloud.",
	"x.d.lab.cloud.",
	"_x.lab.cloud.",
	"_x.n1.keys.lab.cloud.",
	"_tcp.lab.cloud.",
	"nodes.lab.cloud.",
	"1.0.0.10.in-addr.arpa.",
	"0.0.10.in-addr.arpa.",
	"other.cloud.",
	"foo.",
	"cloud.",
	".",
};

enum { NAMES = sizeof(names) / sizeof(*names), NAME_COUNTED = 200, NAME_LONG = 240 };

static void name_of(uint8_t which, unsigned number, uint8_t out[static DNS_NAME_MAX])
{
	char text[DNS_NAME_TEXT_MAX];

	if (which >= NAME_LONG)
		snprintf(text, sizeof(text), "%063u.%063u.%055u._http._tcp.lab.cloud.", number,
			 number, number);
	else if (which >= NAME_COUNTED)
		snprintf(text, sizeof(text), "I%u._t%u._tcp.lab.cloud.", number, which & 1u);
	else
		snprintf(text, sizeof(text), "%s", names[which % NAMES]);
	dns_name_from_text(out, text, strlen(text), NULL);
}

const uint8_t *sequence_name(struct base_buf *in)
{
	static uint8_t name[DNS_NAME_MAX];
	uint8_t which = base_buf_u8(in);

	name_of(which, which >= NAME_COUNTED ? base_buf_u8(in) : 0, name);
	return name;
}

static void put_name(struct base_out *o, uint8_t which, unsigned number)
{
	uint8_t name[DNS_NAME_MAX];

	name_of(which, number, name);
	base_out_bytes(o, name, dns_name_nbytes(name));
}

/* ---- records ---- */

/* What a record is made from. */
struct plan {
	uint8_t action, owner, type, rdata, target;
	unsigned number; /* of the copy, if the input asks for many like it */
};

enum { ADD, ADD_ALL_SAME, DELETE_RECORD, DELETE_SET, DELETE_NAME, ADD_LONG_TTL, ACTIONS };

static const uint16_t types[] = {
	DNS_TYPE_A,   DNS_TYPE_SRV,   DNS_TYPE_TXT,	   DNS_TYPE_PTR, DNS_TYPE_AAAA,
	DNS_TYPE_KEY, DNS_TYPE_CNAME, DNS_TYPE_DNAME,	   DNS_TYPE_NS,	 DNS_TYPE_SOA,
	DNS_TYPE_WKS, DNS_TYPE_HTTPS, DNS_TYPE_NSEC3PARAM, 300,
};

enum { TYPES = sizeof(types) / sizeof(*types) };

static void put_txt(struct base_out *o, const struct plan *p)
{
	static const char *const texts[] = {
		"x",	    "",	      "state=draining", "state=failed",
		"state=up", "path=/", "incarnation=1",	"incarnation=2"};
	const char *text = texts[p->rdata % 8];

	if (p->rdata < 200) {
		base_out_u8(o, (uint8_t)strlen(text));
		base_out_bytes(o, text, strlen(text));
		return;
	}
	/* up to 64 KiB, each copy another */
	for (unsigned i = 0; i < (p->rdata - 199u) * 5; i++) {
		uint8_t string[201] = {200, (uint8_t)p->number};

		base_out_bytes(o, string, sizeof(string));
	}
}

static void put_rdata(struct base_out *o, uint16_t type, const struct plan *p)
{
	uint8_t address[16] = {10, 0, (uint8_t)(p->number >> 8), (uint8_t)(p->rdata + p->number)};

	switch (type) {
	case DNS_TYPE_A:
		base_out_bytes(o, address, 4);
		break;
	case DNS_TYPE_AAAA:
		base_out_bytes(o, address, 16);
		break;
	case DNS_TYPE_SRV:
		base_out_u16(o, p->rdata & 3);
		base_out_u16(o, p->rdata >> 2 & 7);
		base_out_u16(o, (uint16_t)(80 + (p->rdata >> 5) + p->number));
		put_name(o, p->target, 0);
		break;
	case DNS_TYPE_TXT:
		put_txt(o, p);
		break;
	case DNS_TYPE_PTR:
	case DNS_TYPE_CNAME:
	case DNS_TYPE_DNAME:
	case DNS_TYPE_NS:
		put_name(o, p->target, p->number);
		break;
	case DNS_TYPE_KEY:
		base_out_bytes(o, "\2\0\3\17\1\2\3", 7);
		break;
	case DNS_TYPE_SOA:
		base_out_bytes(o, "\1n\0\1r\0", 6);
		base_out_u32(o, (uint32_t)p->rdata << 24);
		base_out_bytes(o, "\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4", 16);
		break;
	case DNS_TYPE_WKS:
		base_out_bytes(o, address, 4);
		base_out_bytes(o, "\6\1", 2);
		break;
	case DNS_TYPE_HTTPS:
		base_out_bytes(o, "\0\1\0\0\1\0\3\2h2", 10);
		break;
	case DNS_TYPE_NSEC3PARAM:
		base_out_bytes(o, "\1\0\0\0\0", 5);
		break;
	default:
		base_out_bytes(o, address, p->rdata % 16);
	}
}

/* Writes one record, or leaves the message as it was if there is no room. Returns whether it did.
 */
static bool put_record(struct base_out *o, const struct plan *p, bool is_prerequisite)
{
	struct base_out before = *o;
	bool has_rdata = p->action < DELETE_SET || p->action == ADD_LONG_TTL;
	bool is_added = has_rdata && p->action != DELETE_RECORD;
	uint16_t type = p->action == DELETE_NAME ? DNS_TYPE_ANY : types[p->type % TYPES];
	uint16_t rrclass = is_added			? DNS_CLASS_IN
			   : p->action == DELETE_RECORD ? DNS_CLASS_NONE
							: DNS_CLASS_ANY;
	uint8_t *rdlength;

	if (type == 300)
		type = (uint16_t)(300 + p->rdata + p->number);
	put_name(o, p->owner, p->action == ADD_ALL_SAME ? 0 : p->number);
	base_out_u16(o, type);
	base_out_u16(o, rrclass);
	base_out_u32(o, !is_added || is_prerequisite ? 0
			: p->action == ADD_LONG_TTL  ? UINT32_MAX
						     : 60);
	rdlength = base_out_take(o, 2);
	if (has_rdata)
		put_rdata(o, type, p);
	if (o->is_full) {
		*o = before;
		return false;
	}
	base_store16(rdlength, (uint16_t)(o->at - rdlength - 2));
	return true;
}

/* Reads a plan and writes its record as often as the input demands. Returns how many
 * were written. */
static unsigned put_records(struct base_out *o, struct base_buf *in, bool is_prerequisite)
{
	struct plan p = {.action = base_buf_u8(in)};
	unsigned copies = 1, n = 0;

	if (p.action >= 240 && !is_prerequisite)
		copies = 1u << (p.action - 240u) % 12u;
	p.action %= ACTIONS;
	p.owner = base_buf_u8(in);
	p.number = p.owner >= NAME_COUNTED ? base_buf_u8(in) : 0;
	p.type = base_buf_u8(in);
	p.rdata = base_buf_u8(in);
	p.target = base_buf_u8(in);
	for (; n < copies && put_record(o, &p, is_prerequisite); n++)
		p.number++;
	return n;
}

/* ---- messages ---- */

static void put_lease(struct base_out *o, uint8_t terms)
{
	static const uint32_t seconds[] = {1, 2, 30, 3600};
	bool has_key = terms >> 4 & 1;

	base_out_bytes(o, "\0\0\51\4\320\0\0\0\0", 9);
	base_out_u16(o, has_key ? 12 : 8);
	base_out_u16(o, OPT_LEASE);
	base_out_u16(o, has_key ? 8 : 4);
	base_out_u32(o, seconds[terms & 3]);
	if (has_key)
		base_out_u32(o, seconds[terms >> 2 & 3]);
}

/* The client's side of RFC 8945 section 4.3.3. */
static void sign(struct base_out *o, uint8_t *msg, const uint8_t *key_name, uint64_t time_s)
{
	static const uint8_t algorithm[] = "\13hmac-sha256";
	uint8_t variables[2 * DNS_NAME_MAX + 32], mac[DNS_HMAC_MAX];
	struct base_out v = base_out_over(variables, sizeof(variables));
	struct dns_hmac_key key;
	struct dns_hmac h;

	base_out_bytes(&v, key_name, dns_name_nbytes(key_name));
	base_out_u16(&v, DNS_CLASS_ANY);
	base_out_u32(&v, 0);
	base_out_bytes(&v, algorithm, sizeof(algorithm));
	base_out_u48(&v, time_s);
	base_out_u16(&v, 300);
	base_out_u32(&v, 0);
	dns_hmac_key_init(&key, DNS_HMAC_SHA256, "secret", 6);
	dns_hmac_begin(&h, &key);
	dns_hmac_add(&h, msg, base_out_nbytes(o));
	dns_hmac_add(&h, variables, base_out_nbytes(&v));
	dns_hmac_end(&h, mac);

	base_out_bytes(o, key_name, dns_name_nbytes(key_name));
	base_out_bytes(o, "\0\372\0\377\0\0\0\0", 8);
	base_out_u16(o, sizeof(algorithm) + 10 + 32 + 6);
	base_out_bytes(o, algorithm, sizeof(algorithm));
	base_out_u48(o, time_s);
	base_out_u16(o, 300);
	base_out_u16(o, 32);
	base_out_bytes(o, mac, 32);
	base_out_bytes(o, msg, 2);
	base_out_u32(o, 0);
	base_store16(msg + 10, (uint16_t)(base_load16(msg + 10) + 1));
}

enum { TAIL = 200 }; /* octets that OPT and TSIG need at most */

void sequence_message_make(struct sequence_message *m, struct base_buf *in, uint64_t now_s)
{
	struct base_out o = base_out_over(m->bytes, sizeof(m->bytes) - TAIL);
	uint8_t who = base_buf_u8(in), counts = base_buf_u8(in), terms = base_buf_u8(in);
	unsigned nprerequisites = 0, nupdates = 0;
	static uint16_t id;

	base_out_u16(&o, ++id);
	base_out_bytes(&o, "\50\0\0\1\0\0\0\0\0\0", 10);
	put_name(&o, who & 64 ? 29 : 19, 0);
	base_out_u16(&o, DNS_TYPE_SOA);
	base_out_u16(&o, DNS_CLASS_IN);
	for (unsigned i = 0; i < (counts >> 6); i++)
		nprerequisites += put_records(&o, in, true);
	for (unsigned i = 0; i < 1u + counts % RECORDS_MAX; i++)
		nupdates += put_records(&o, in, false);
	base_store16(m->bytes + 6, (uint16_t)nprerequisites);
	base_store16(m->bytes + 8, (uint16_t)nupdates);
	o.end = m->bytes + sizeof(m->bytes);
	if (terms & 32) {
		put_lease(&o, terms);
		base_store16(m->bytes + 10, 1);
	}
	/* malformed, but signed: one octet is another */
	if (who & 128) {
		size_t at = DNS_HEADER_SIZE +
			    base_buf_u16(in) % (base_out_nbytes(&o) - DNS_HEADER_SIZE);

		m->bytes[at] = base_buf_u8(in);
	}
	sign(&o, m->bytes, sequence_key_name[who % SEQUENCE_KEYS], now_s - (who >> 2 & 15) * 30u);
	m->nbytes = o.is_full ? 0 : base_out_nbytes(&o);
}
