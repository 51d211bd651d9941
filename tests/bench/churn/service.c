/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "churn.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "dns/type.h"

enum { TTL_S = 60 };

/* The percentage of services in types of each size. */
static const struct {
	uint32_t size;
	double part;
} sizes[] = {{2900, 12}, {1000, 31}, {300, 31}, {100, 15}, {30, 6}, {10, 4}, {3, 0.6}, {1, 0.4}};

void churn_types(struct churn_service *services, uint32_t nservices)
{
	uint32_t i = 0, type = 0, in_type = 0;
	double until = 0;

	for (unsigned k = 0; k < sizeof(sizes) / sizeof(*sizes); k++) {
		until += sizes[k].part * nservices / 100;
		for (; i < nservices && (double)i < until; i++, in_type++) {
			if (in_type == sizes[k].size) {
				type++;
				in_type = 0;
			}
			services[i] = (struct churn_service){.id = i, .type = type, .node = 1};
		}
		type++;
		in_type = 0;
	}
}

static size_t name_of(const struct subject *about, const struct churn_service *v,
		      uint8_t out[DNS_NAME_MAX])
{
	char text[100];

	snprintf(text, sizeof(text), "i%06u._t%u._tcp", v->id, v->type);
	return dns_name_from_text(out, text, strlen(text), about->zone);
}

static void begin(const struct subject *about, struct base_out *o, unsigned nupdates)
{
	message_header(o, DNS_OPCODE_UPDATE, nupdates);
	base_out_bytes(o, about->zone, dns_name_nbytes(about->zone));
	base_out_u16(o, DNS_TYPE_SOA);
	base_out_u16(o, DNS_CLASS_IN);
}

static void write_srv(const struct subject *about, const struct churn_service *v,
		      struct base_out *o)
{
	uint8_t name[DNS_NAME_MAX], host[DNS_NAME_MAX];
	size_t n = name_of(about, v, name), nhost;
	char text[40];

	snprintf(text, sizeof(text), "n%u.nodes", v->node);
	nhost = dns_name_from_text(host, text, strlen(text), about->zone);
	message_record(o, name, n, DNS_TYPE_SRV, DNS_CLASS_ANY, 0, 0);
	message_record(o, name, n, DNS_TYPE_SRV, DNS_CLASS_IN, TTL_S, 6 + nhost);
	base_out_u32(o, 0);
	base_out_u16(o, v->port);
	base_out_bytes(o, host, nhost);
}

static void write_txt(const struct subject *about, const struct churn_service *v,
		      struct base_out *o)
{
	static const char *const states[CHURN_STATES] = {"up", "starting", "draining", "failed"};
	uint8_t name[DNS_NAME_MAX], txt[100];
	size_t n = name_of(about, v, name);
	struct base_out t = base_out_over(txt, sizeof(txt));
	char text[3][30];

	snprintf(text[0], sizeof(text[0]), "id=%08x", v->id);
	snprintf(text[1], sizeof(text[1]), "inc=%u", v->inc);
	snprintf(text[2], sizeof(text[2]), "state=%s", states[v->state]);
	for (unsigned i = 0; i < 3; i++) {
		base_out_u8(&t, (uint8_t)strlen(text[i]));
		base_out_bytes(&t, text[i], strlen(text[i]));
	}
	message_record(o, name, n, DNS_TYPE_TXT, DNS_CLASS_ANY, 0, 0);
	message_record(o, name, n, DNS_TYPE_TXT, DNS_CLASS_IN, TTL_S, base_out_nbytes(&t));
	base_out_bytes(o, txt, base_out_nbytes(&t));
}

size_t churn_register(const struct subject *about, const struct churn_service *v,
		      uint8_t out[MESSAGE_MAX])
{
	struct base_out o = base_out_over(out, MESSAGE_MAX);

	begin(about, &o, 4);
	write_srv(about, v, &o);
	write_txt(about, v, &o);
	message_option(&o, about->lease_s);
	return base_out_nbytes(&o);
}

size_t churn_readdress(const struct subject *about, const struct churn_service *v,
		       uint8_t out[MESSAGE_MAX])
{
	struct base_out o = base_out_over(out, MESSAGE_MAX);

	begin(about, &o, 2);
	write_srv(about, v, &o);
	message_option(&o, about->lease_s);
	return base_out_nbytes(&o);
}

size_t churn_remove(const struct subject *about, const struct churn_service *v,
		    uint8_t out[MESSAGE_MAX])
{
	struct base_out o = base_out_over(out, MESSAGE_MAX);
	uint8_t name[DNS_NAME_MAX];

	begin(about, &o, 1);
	message_record(&o, name, name_of(about, v, name), DNS_TYPE_ANY, DNS_CLASS_ANY, 0, 0);
	message_option(&o, 0);
	return base_out_nbytes(&o);
}

/* The name and type that a question asks for. */
static size_t question_of(const struct subject *about, const struct churn_service *v,
			  enum churn_question question, uint8_t name[DNS_NAME_MAX], uint16_t *type)
{
	static const uint16_t types[] = {DNS_TYPE_SRV, DNS_TYPE_TXT, DNS_TYPE_SRV,
					 DNS_TYPE_PTR, DNS_TYPE_A,   DNS_TYPE_SRV};
	char text[60];

	*type = types[question];
	if (question == CHURN_ASK_SRV || question == CHURN_ASK_TXT)
		return name_of(about, v, name);
	if (question == CHURN_ASK_NODE)
		snprintf(text, sizeof(text), "n%u.nodes", v->id % CHURN_NODES);
	else if (question == CHURN_ASK_NOTHING)
		snprintf(text, sizeof(text), "none%u._t%u._tcp", v->id, v->type);
	else
		snprintf(text, sizeof(text), "_t%u._tcp", v->type);
	return dns_name_from_text(name, text, strlen(text), about->zone);
}

size_t churn_query(const struct subject *about, const struct churn_service *v,
		   enum churn_question question, uint8_t out[MESSAGE_MAX])
{
	struct base_out o = base_out_over(out, MESSAGE_MAX);
	uint8_t name[DNS_NAME_MAX];
	uint16_t type;
	size_t n = question_of(about, v, question, name, &type);

	message_header(&o, DNS_OPCODE_QUERY, 0);
	base_out_bytes(&o, name, n);
	base_out_u16(&o, type);
	base_out_u16(&o, DNS_CLASS_IN);
	message_option(&o, 0);
	return base_out_nbytes(&o);
}

bool churn_send(struct load *l, uint8_t *msg, size_t nbytes, uint32_t service, uint32_t number)
{
	unsigned socket;
	uint16_t msg_id;

	if (!load_next(l, &socket, &msg_id))
		return false;
	nbytes = signer_sign(load_signer(l, service), msg, nbytes, msg_id, (uint64_t)time(NULL));
	load_send(l, socket, msg_id, msg, nbytes, LOAD_UPDATE, number);
	return true;
}
