/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>

#include "base/buf.h"
#include "base/rcu.h"
#include "dns/rdata.h"

static const uint8_t apex[] = "\003lab\005cloud";

const uint8_t kit_bench[] = "\005bench";

const char kit_marker[] = "IN 60 marker.lab.cloud. TXT done\n";

const char kit_registration[] =
	"ANY 0 web-9._http._tcp.lab.cloud. SRV\n"
	"ANY 0 web-9._http._tcp.lab.cloud. TXT\n"
	"ANY 0 n9.nodes.lab.cloud. A\n"
	"IN 120 web-9._http._tcp.lab.cloud. SRV 0 10 80 n9.nodes.lab.cloud.\n"
	"IN 120 web-9._http._tcp.lab.cloud. TXT id=9\n"
	"IN 120 n9.nodes.lab.cloud. A 192.0.2.9\n"
	"IN 120 _http._tcp.lab.cloud. PTR web-9._http._tcp.lab.cloud.";

/* The zone that every test starts with. */
static const char zone_text[] =
	/* clang-format off */
	"IN 3600 lab.cloud. SOA " KIT_SOA("100") "\n"
	"IN 3600 lab.cloud. NS ns1.lab.cloud.\n"
	"IN 3600 lab.cloud. NS ns2.lab.cloud.\n"
	"IN 300 lab.cloud. TXT apex\n"
	"IN 300 ns1.lab.cloud. A 192.0.2.1\n"
	"IN 300 ns2.lab.cloud. A 192.0.2.2\n"
	"IN 120 web.lab.cloud. A 192.0.2.10\n"
	"IN 120 web.lab.cloud. A 192.0.2.11\n"
	"IN 60 web.lab.cloud. TXT one\n"
	"IN 60 alias.lab.cloud. CNAME web.lab.cloud.\n"
	"IN 60 tree.lab.cloud. DNAME other.cloud.\n"
	"IN 60 a.b.empty.lab.cloud. TXT deep\n"
	"IN 60 *.wild.lab.cloud. TXT star\n"
	"IN 120 web-1._http._tcp.lab.cloud. SRV 0 10 8080 web.lab.cloud.\n"
	"IN 120 _http._tcp.lab.cloud. PTR web-1._http._tcp.lab.cloud.\n";
/* clang-format on */

/* ---- text to bytes ---- */

static void name_out(struct base_out *o, const char *text)
{
	uint8_t name[DNS_NAME_MAX];
	size_t n = dns_name_from_text(name, text, strlen(text), NULL);

	assert_int_not_equal(n, 0);
	base_out_bytes(o, name, n);
}

/* Writes rdata from the words that follow the type. "\#" and hex digits give any octets. */
static void rdata_out(struct base_out *o, uint16_t type, char **words, unsigned n)
{
	uint8_t address[16];

	if (n == 0)
		return;
	if (strcmp(words[0], "\\#") == 0) {
		for (const char *p = n > 1 ? words[1] : ""; *p != '\0'; p += 2) {
			unsigned octet;

			assert_int_equal(sscanf(p, "%2x", &octet), 1);
			base_out_u8(o, (uint8_t)octet);
		}
	} else if (type == DNS_TYPE_A || type == DNS_TYPE_AAAA) {
		assert_int_equal(
			inet_pton(type == DNS_TYPE_A ? AF_INET : AF_INET6, words[0], address), 1);
		base_out_bytes(o, address, type == DNS_TYPE_A ? 4 : 16);
	} else if (type == DNS_TYPE_TXT) {
		for (unsigned i = 0; i < n; i++) {
			base_out_u8(o, (uint8_t)strlen(words[i]));
			base_out_bytes(o, words[i], strlen(words[i]));
		}
	} else if (type == DNS_TYPE_SRV) {
		for (unsigned i = 0; i < 3; i++)
			base_out_u16(o, (uint16_t)atoi(words[i]));
		name_out(o, words[3]);
	} else if (type == DNS_TYPE_SOA) {
		name_out(o, words[0]);
		name_out(o, words[1]);
		for (unsigned i = 2; i < 7; i++)
			base_out_u32(o, (uint32_t)strtoul(words[i], NULL, 10));
	} else {
		name_out(o, words[0]);
	}
}

static uint16_t class_of(const char *text)
{
	static const struct {
		const char *text;
		uint16_t rrclass;
	} classes[] = {{"IN", 1}, {"CH", 3}, {"NONE", 254}, {"ANY", 255}};

	for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++)
		if (strcmp(classes[i].text, text) == 0)
			return classes[i].rrclass;
	fail_msg("class %s", text);
	return 0;
}

static void line_out(struct base_out *o, char *line)
{
	char *words[16], *save = NULL;
	unsigned n = 0;
	uint16_t type;
	uint8_t *rdlength;

	for (char *w = strtok_r(line, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save))
		words[n++] = w;
	assert_true(n >= 4);
	assert_true(dns_type_from_text(&type, words[3], strlen(words[3])));
	name_out(o, words[2]);
	base_out_u16(o, type);
	base_out_u16(o, class_of(words[0]));
	base_out_u32(o, (uint32_t)strtoul(words[1], NULL, 10));
	rdlength = base_out_take(o, 2);
	rdata_out(o, type, words + 4, n - 4);
	assert_false(o->is_full);
	base_store16(rdlength, (uint16_t)(o->at - rdlength - 2));
}

/* Writes the records of the lines of `text`. Returns how many there are. */
static uint16_t lines_out(struct base_out *o, const char *text)
{
	char *copy = strdup(text), *save = NULL;
	uint16_t n = 0;

	for (char *l = strtok_r(copy, "\n", &save); l != NULL; l = strtok_r(NULL, "\n", &save)) {
		line_out(o, l);
		n++;
	}
	free(copy);
	return n;
}

void kit_message(struct kit_fixture *f, const char *prerequisites, const char *updates)
{
	struct base_out o = base_out_over(f->msg, sizeof(f->msg));

	base_out_bytes(&o, "\x12\x34\x28\0\0\1\0\0\0\0\0\0", DNS_HEADER_SIZE);
	base_out_bytes(&o, apex, sizeof(apex));
	base_out_u16(&o, DNS_TYPE_SOA);
	base_out_u16(&o, DNS_CLASS_IN);
	base_store16(f->msg + 6, lines_out(&o, prerequisites));
	base_store16(f->msg + 8, lines_out(&o, updates));
	f->nbytes = base_out_nbytes(&o);
}

/* ---- the zone ---- */

static struct zone *zone_make(void)
{
	struct zone *zone = zone_new(apex, 1);
	struct zone_draft *d = zone_draft_new(zone);
	uint8_t bytes[4096];
	struct base_out o = base_out_over(bytes, sizeof(bytes));
	struct base_buf b;
	struct dns_rr rr;

	lines_out(&o, zone_text);
	b = base_buf_over(bytes, base_out_nbytes(&o));
	while (base_buf_left(&b) > 0) {
		assert_true(dns_rr_parse(&b, &rr));
		assert_int_equal(
			zone_draft_add(d, rr.owner, rr.type, rr.ttl, rr.rdata.at, rr.rdlength), 1);
	}
	assert_int_equal(zone_draft_seal(d, NULL), 1);
	zone_draft_publish(d);
	return zone;
}

int kit_fixture_setup(void **state)
{
	struct kit_fixture *f = calloc(1, sizeof(*f));

	f->zone = zone_make();
	f->draft = zone_draft_new(f->zone);
	assert_int_equal(ledger_init(&f->ledger, 1), 0);
	assert_int_equal(view_init(&f->view, 1), 0);
	f->update = update_new(&f->ledger, &f->view);
	f->policy = update_policy_new_key(kit_bench);
	*state = f;
	return 0;
}

int kit_fixture_teardown(void **state)
{
	struct kit_fixture *f = *state;

	zone_draft_abort(f->draft);
	zone_free(f->zone);
	update_free(f->update);
	ledger_fini(&f->ledger);
	view_fini(&f->view);
	update_policy_free(f->policy);
	free(f);
	return 0;
}

/* ---- bytes to text ---- */

static size_t name_text(char *out, const uint8_t *name)
{
	return dns_name_to_text(out, name);
}

static size_t rdata_text(char *out, uint16_t type, const struct zone_rdata *r)
{
	char name[DNS_NAME_TEXT_MAX];

	switch (type) {
	case DNS_TYPE_A:
		return (size_t)sprintf(out, "%u.%u.%u.%u", r->bytes[0], r->bytes[1], r->bytes[2],
				       r->bytes[3]);
	case DNS_TYPE_TXT:
		return (size_t)sprintf(out, "%.*s", r->bytes[0], r->bytes + 1);
	case DNS_TYPE_SOA:
		return (size_t)sprintf(out, "%u", dns_soa_read(r->bytes, r->nbytes).serial);
	case DNS_TYPE_SRV:
		name_text(name, r->bytes + 6);
		return (size_t)sprintf(out, "%u %s", base_load16(r->bytes + 4), name);
	case DNS_TYPE_NS:
	case DNS_TYPE_CNAME:
	case DNS_TYPE_DNAME:
	case DNS_TYPE_PTR:
		return name_text(out, r->bytes);
	default:
		return (size_t)sprintf(out, "%u octets", r->nbytes);
	}
}

static void rrset_text(char *out, const struct zone_rrset *rrset)
{
	char type[DNS_TYPE_TEXT_MAX];
	struct zone_rdata rdata;
	const uint8_t *at = rrset->data;

	out += sprintf(out, "%s %u", dns_type_to_text(type, rrset->type), rrset->ttl);
	while (zone_rrset_next(rrset, &at, &rdata)) {
		*out++ = ' ';
		out += rdata_text(out, rrset->type, &rdata);
	}
}

static int compare_text(const void *a, const void *b)
{
	return strcmp(a, b);
}

void kit_assert_holds(struct kit_fixture *f, const char *owner, const char *expected)
{
	static char sets[16][1024];
	char all[4096] = "";
	uint8_t name[DNS_NAME_MAX];
	unsigned count;

	dns_name_from_text(name, owner, strlen(owner), NULL);
	count = zone_draft_count(f->draft, name);
	assert_true(count <= 16);
	for (unsigned i = 0; i < count; i++) {
		struct zone_rrset rrset = zone_draft_at(f->draft, name, i);

		rrset_text(sets[i], &rrset);
	}
	qsort(sets, count, sizeof(*sets), compare_text);
	for (unsigned i = 0; i < count; i++) {
		strcat(all, i > 0 ? "; " : "");
		strcat(all, sets[i]);
	}
	assert_string_equal(all, expected);
}

int kit_run(struct kit_fixture *f, const uint8_t *msg, size_t nbytes, const uint8_t *key)
{
	struct ledger_lease_terms lease = {0};
	const struct update_request request = {
		.draft = f->draft,
		.msg = msg,
		.nbytes = nbytes,
		.key = key,
		.policy = f->policy,
		.lease = &lease,
		.result = &f->result,
	};

	return update_run(f->update, &request);
}

int kit_send_as(struct kit_fixture *f, const uint8_t *key)
{
	int rcode = kit_run(f, f->msg, f->nbytes, key);

	assert_int_equal(rcode, f->result.rcode);
	assert_int_equal(f->result.text[0] == '\0', f->result.ede == DNS_EDE_NONE);
	if (rcode != DNS_RCODE_NOERROR)
		assert_int_equal(f->result.nadded + f->result.nremoved, 0);
	return rcode;
}

int kit_send(struct kit_fixture *f, const char *prerequisites, const char *updates)
{
	kit_message(f, prerequisites, updates);
	return kit_send_as(f, kit_bench);
}

void kit_policy(struct kit_fixture *f, const char *const *rules, size_t count)
{
	update_policy_free(f->policy);
	assert_int_equal(update_policy_parse(&f->policy, rules, count, apex, NULL, NULL), 0);
}

int kit_threads_begin(void **state)
{
	(void)state;
	base_rcu_register();
	return 0;
}

int kit_threads_end(void **state)
{
	(void)state;
	base_rcu_unregister();
	return 0;
}
