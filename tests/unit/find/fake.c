/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "fake.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "dns/rdata.h"
#include "dns/type.h"
#include "locate/ask.h"
#include "resolve/lookup.h"

struct fake fake;

/* ---- messages ---- */

static void name_from(uint8_t out[static DNS_NAME_MAX], const char *text)
{
	assert_true(dns_name_from_text(out, text, strlen(text), NULL) > 0);
}

static void name_write(struct base_out *o, const char *text)
{
	uint8_t name[DNS_NAME_MAX];

	name_from(name, text);
	base_out_bytes(o, name, dns_name_nbytes(name));
}

static void srv_write(struct base_out *o, const char *text)
{
	unsigned priority, weight, port;
	char target[256];

	assert_int_equal(sscanf(text, "%u %u %u %255s", &priority, &weight, &port, target), 4);
	base_out_u16(o, (uint16_t)priority);
	base_out_u16(o, (uint16_t)weight);
	base_out_u16(o, (uint16_t)port);
	name_write(o, target);
}

static void txt_write(struct base_out *o, const char *text)
{
	for (;;) {
		size_t n = strcspn(text, "|");

		base_out_u8(o, (uint8_t)n);
		base_out_bytes(o, text, n);
		if (text[n] == '\0')
			return;
		text += n + 1;
	}
}

static uint16_t type_from(const char *text)
{
	uint16_t type;

	assert_true(dns_type_from_text(&type, text, strlen(text)));
	return type;
}

static size_t rdata_write(uint8_t *out, size_t size, uint16_t type, const char *text)
{
	struct base_out o = base_out_over(out, size);
	uint8_t address[16];

	if (type == DNS_TYPE_SRV) {
		srv_write(&o, text);
	} else if (type == DNS_TYPE_TXT) {
		txt_write(&o, text);
	} else if (type == DNS_TYPE_A || type == DNS_TYPE_AAAA) {
		assert_int_equal(inet_pton(type == DNS_TYPE_A ? AF_INET : AF_INET6, text, address),
				 1);
		base_out_bytes(&o, address, type == DNS_TYPE_A ? 4 : 16);
	} else if (type == DNS_TYPE_SOA) {
		name_write(&o, "ns.lab");
		name_write(&o, "admin.lab");
		for (int i = 0; i < 4; i++)
			base_out_u32(&o, 1);
		base_out_u32(&o, (uint32_t)strtoul(text, NULL, 10));
	} else {
		name_write(&o, text);
	}
	return base_out_nbytes(&o);
}

void fake_add(struct fake_message *m, unsigned section, const struct fake_record *record)
{
	struct base_out o = base_out_over(m->bytes + m->nbytes, sizeof(m->bytes) - m->nbytes);
	uint8_t rdata[1024];
	uint16_t type = type_from(record->type);
	size_t nbytes = rdata_write(rdata, sizeof(rdata), type, record->rdata);

	name_write(&o, record->owner);
	base_out_u16(&o, type);
	base_out_u16(&o, DNS_CLASS_IN);
	base_out_u32(&o, record->ttl);
	base_out_u16(&o, (uint16_t)nbytes);
	base_out_bytes(&o, rdata, nbytes);
	if (o.is_full)
		return;
	m->nbytes += base_out_nbytes(&o);
	++*(section == 0 ? &m->nanswer : section == 1 ? &m->nauthority : &m->nadditional);
}

static bool is_at(const struct fake_record *r, const uint8_t *name, const char *type)
{
	uint8_t owner[DNS_NAME_MAX];

	name_from(owner, r->owner);
	return dns_name_equal(owner, name) && (type == NULL || strcmp(r->type, type) == 0);
}

/* Adds the RRset. Returns how many records it has. */
static unsigned rrset_add(struct fake_message *m, unsigned section, const uint8_t *name,
			  const char *type)
{
	unsigned n = 0;

	for (size_t i = 0; i < fake.nrecords; i++) {
		if (!is_at(&fake.records[i], name, type))
			continue;
		fake_add(m, section, &fake.records[i]);
		n++;
	}
	return n;
}

static void additional_add(struct fake_message *m, const uint8_t *name, const char *type)
{
	uint8_t rdata[1024];

	for (size_t i = 0; i < fake.nrecords && !fake.has_no_additional; i++) {
		const struct fake_record *r = &fake.records[i];
		static const char *const types[] = {"SRV", "TXT", "A", "AAAA"};
		bool is_srv = strcmp(type, "SRV") == 0;

		if (!is_at(r, name, type))
			continue;
		rdata_write(rdata, sizeof(rdata), type_from(type), r->rdata);
		for (unsigned t = is_srv ? 2 : 0; t < (is_srv ? 4 : 2); t++)
			if (fake.without == NULL || strcmp(fake.without, types[t]) != 0)
				rrset_add(m, 2, rdata + (is_srv ? DNS_SRV_TARGET : 0), types[t]);
		if (!is_srv)
			additional_add(m, rdata, "SRV");
	}
}

static bool is_referred(const uint8_t *name)
{
	char text[DNS_NAME_TEXT_MAX];

	dns_name_to_text(text, name);
	return fake.referred != NULL && strcmp(text, fake.referred) == 0;
}

/* Answers as an authoritative server does. Returns the RCODE. */
static unsigned zone_answer(struct fake_message *m, const uint8_t *asked, uint16_t type)
{
	char type_text[DNS_TYPE_TEXT_MAX];
	uint8_t name[DNS_NAME_MAX];
	bool is_there = false;

	memcpy(name, asked, dns_name_nbytes(asked));
	dns_type_to_text(type_text, type);
	if (is_referred(asked)) {
		fake_add(m, 1, &(struct fake_record){"org", "NS", 60, "ns.example.org"});
		return DNS_RCODE_NOERROR;
	}
	for (int hops = 0; hops < 20 && rrset_add(m, 0, name, type_text) == 0; hops++) {
		size_t i = 0;

		while (i < fake.nrecords && !is_at(&fake.records[i], name, "CNAME"))
			i++;
		if (i < fake.nrecords) {
			fake_add(m, 0, &fake.records[i]);
			name_from(name, fake.records[i].rdata);
			continue;
		}
		for (i = 0; i < fake.nrecords; i++)
			is_there |= is_at(&fake.records[i], name, NULL);
		if (!fake.has_no_soa)
			fake_add(m, 1, &(struct fake_record){"lab", "SOA", fake.soa_ttl, "60"});
		return is_there ? DNS_RCODE_NOERROR : DNS_RCODE_NXDOMAIN;
	}
	if (type == DNS_TYPE_PTR || type == DNS_TYPE_SRV)
		additional_add(m, name, type_text);
	return DNS_RCODE_NOERROR;
}

size_t fake_write(struct fake_message *m, uint16_t id, const uint8_t *name, uint16_t type)
{
	struct base_out o;
	unsigned rcode = 0;

	m->nanswer = m->nauthority = m->nadditional = 0;
	m->nbytes = DNS_HEADER_SIZE;
	o = base_out_over(m->bytes + m->nbytes, sizeof(m->bytes) - m->nbytes);
	base_out_bytes(&o, name, dns_name_nbytes(name));
	base_out_u16(&o, type);
	base_out_u16(&o, DNS_CLASS_IN);
	m->nbytes += base_out_nbytes(&o);
	if (fake.lie != NULL)
		fake.lie(m, name, type);
	else
		rcode = zone_answer(m, name, type);
	o = base_out_over(m->bytes, DNS_HEADER_SIZE);
	base_out_u16(&o, id);
	if (!fake.has_no_aa && !is_referred(name))
		rcode |= DNS_FLAG_AA;
	base_out_u16(&o, (uint16_t)(DNS_FLAG_QR | rcode));
	base_out_u16(&o, 1);
	base_out_u16(&o, (uint16_t)m->nanswer);
	base_out_u16(&o, (uint16_t)m->nauthority);
	base_out_u16(&o, (uint16_t)m->nadditional);
	return m->nbytes;
}

/* ---- the registry: locate/ask.h ---- */

struct locate_ask {
	struct resolve_timer timer;
	locate_ask_fn done;
	void *arg;
	enum fake_manner manner;
	bool is_over;
	uint16_t type;
	uint8_t name[DNS_NAME_MAX];
};

static void ask_due(void *arg, uint64_t now_ms)
{
	static struct fake_message m;
	struct locate_ask *a = arg;
	struct resolve_answer answer;
	size_t nbytes;

	a->is_over = true;
	fake.ninflight--;
	if (a->manner == FAKE_IS_SILENT) {
		a->done(a->arg, NULL, -ETIMEDOUT, "no answer from the fake", now_ms);
	} else if (a->manner == FAKE_REFUSES) {
		a->done(a->arg, NULL, -EHOSTUNREACH, "the fake refuses", now_ms);
	} else if (a->manner == FAKE_FAILS) {
		a->done(a->arg, NULL, -EHOSTUNREACH, "the fake fails", now_ms);
	} else if (a->manner == FAKE_IS_ABSENT) {
		a->done(a->arg, NULL, -ENOENT, "no registry is known", now_ms);
	} else {
		nbytes = fake_write(&m, 7, a->name, a->type);
		assert_true(resolve_message_parse(&answer, m.bytes, nbytes, 7, a->name, a->type));
		a->done(a->arg, &answer, 0, "fake", now_ms);
	}
}

int locate_ask_new(struct locate_ask **out, struct locate *l, const uint8_t *name, uint16_t type,
		   uint64_t deadline_ms, locate_ask_fn done, void *arg)
{
	struct locate_ask *a = malloc(sizeof(*a));
	char text[DNS_NAME_TEXT_MAX], type_text[DNS_TYPE_TEXT_MAX];
	size_t nlog = strlen(fake.log);

	(void)l;
	if (a == NULL)
		return -ENOMEM;
	*a = (struct locate_ask){.timer.on_due = ask_due,
				 .timer.arg = a,
				 .done = done,
				 .arg = arg,
				 .manner = fake.manner,
				 .type = type};
	memcpy(a->name, name, dns_name_nbytes(name));
	dns_name_to_text(text, name);
	if (fake.refused != NULL && strcmp(text, fake.refused) == 0)
		a->manner = FAKE_REFUSES;
	snprintf(fake.log + nlog, sizeof(fake.log) - nlog, "%s %s\n",
		 dns_type_to_text(type_text, type), text);
	fake.nasked++;
	if (++fake.ninflight > fake.most_inflight)
		fake.most_inflight = fake.ninflight;
	resolve_timer_set(&fake.events.timers, &a->timer,
			  a->manner == FAKE_IS_SILENT ? deadline_ms : fake.now_ms + fake.delay_ms);
	*out = a;
	return 0;
}

void locate_ask_free(struct locate_ask *a)
{
	if (a == NULL)
		return;
	resolve_timer_clear(&fake.events.timers, &a->timer);
	fake.ninflight -= !a->is_over;
	free(a);
}

bool locate_ask_was_refused(const struct locate_ask *a)
{
	return a->manner == FAKE_REFUSES;
}

bool locate_ask_has_refusal(const struct locate_ask *a)
{
	return a->manner == FAKE_REFUSES;
}

const struct locate_registry *locate_registries(const struct locate *l, size_t *n)
{
	(void)l;
	*n = 0;
	return NULL;
}

/* ---- the resolver: resolve/lookup.h ---- */

struct resolve_lookup {
	struct resolve_timer timer;
	resolve_lookup_fn done;
	void *arg;
	uint16_t type;
	uint8_t name[DNS_NAME_MAX];
};

static void lookup_due(void *arg, uint64_t now_ms)
{
	static struct fake_message m;
	struct resolve_lookup *l = arg;
	struct resolve_answer answer;
	char name[DNS_NAME_TEXT_MAX], type[DNS_TYPE_TEXT_MAX];
	struct fake_record record = {name, type, 30, fake.resolver};
	const struct fake was = fake;
	size_t nbytes;

	if (fake.resolver == NULL && !fake.is_unknown) {
		l->done(l->arg, NULL, -EHOSTUNREACH, now_ms);
		return;
	}
	dns_name_to_text(name, l->name);
	dns_type_to_text(type, l->type);
	fake.records = &record;
	fake.nrecords =
		!fake.is_unknown && (l->type == DNS_TYPE_A) == (strchr(fake.resolver, ':') == NULL);
	fake.lie = NULL;
	fake.referred = NULL;
	nbytes = fake_write(&m, 9, l->name, l->type);
	fake.records = was.records;
	fake.nrecords = was.nrecords;
	fake.lie = was.lie;
	fake.referred = was.referred;
	assert_true(resolve_message_parse(&answer, m.bytes, nbytes, 9, l->name, l->type));
	l->done(l->arg, &answer, 0, now_ms);
}

int resolve_lookup_new(struct resolve_lookup **out, struct resolve_events *events,
		       const struct resolve_lookup_servers *servers, const uint8_t *name,
		       uint16_t type, bool is_stream, resolve_lookup_fn done, void *arg)
{
	struct resolve_lookup *l = malloc(sizeof(*l));

	(void)is_stream;
	assert_true(servers->nservers > 0);
	if (l == NULL)
		return -ENOMEM;
	*l = (struct resolve_lookup){
		.timer.on_due = lookup_due, .timer.arg = l, .done = done, .arg = arg, .type = type};
	memcpy(l->name, name, dns_name_nbytes(name));
	resolve_timer_set(&events->timers, &l->timer, fake.now_ms);
	fake.nresolved++;
	*out = l;
	return 0;
}

void resolve_lookup_free(struct resolve_lookup *l)
{
	if (l == NULL)
		return;
	resolve_timer_clear(&fake.events.timers, &l->timer);
	free(l);
}

/* ---- the clock ---- */

void fake_start(const struct fake_record *records, size_t nrecords)
{
	fake = (struct fake){.records = records,
			     .nrecords = nrecords,
			     .now_ms = 1000000,
			     .delay_ms = 1,
			     .soa_ttl = 3600};
	assert_int_equal(resolve_events_init(&fake.events), 0);
}

void fake_end(void)
{
	assert_int_equal(fake.ninflight, 0);
	resolve_events_fini(&fake.events);
}

bool fake_run(const bool *is_done, uint64_t until_ms)
{
	for (;;) {
		uint64_t due_ms;

		resolve_events_run(&fake.events, fake.now_ms);
		if (*is_done)
			return true;
		due_ms = resolve_events_deadline(&fake.events);
		if (due_ms > until_ms)
			break;
		if (due_ms > fake.now_ms)
			fake.now_ms = due_ms;
	}
	fake.now_ms = until_ms;
	return false;
}
