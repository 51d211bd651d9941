/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Requests are written as text, a line for a record: CLASS TTL OWNER TYPE [RDATA]. What a zone
 * holds at a name is compared as text too: "TYPE TTL RDATA...", by type, joined by "; ". */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>

#include "../memory.h"
#include "base/buf.h"
#include "base/rcu.h"
#include "dns/msg.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "ledger/ledger.h"
#include "update/policy.h"
#include "update/update.h"
#include "view/view.h"
#include "zone/draft.h"
#include "zone/zone.h"

static const uint8_t apex[] = "\003lab\005cloud";
static const uint8_t bench[] = "\005bench";

#define SOA(serial) "ns1.lab.cloud. admin.lab.cloud. " serial " 3600 600 86400 300"

/* The zone that every test starts with. */
static const char zone_text[] = "IN 3600 lab.cloud. SOA " SOA(
	"100") "\n"
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

struct fixture {
	struct zone *zone;
	struct zone_draft *draft;
	struct ledger ledger;
	struct view view;
	struct update *update;
	struct update_policy *policy;
	struct update_result result;
	uint8_t msg[DNS_MSG_MAX];
	size_t nbytes;
};

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

static void message_make(struct fixture *f, const char *prerequisites, const char *updates)
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

static int fixture_make(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->zone = zone_make();
	f->draft = zone_draft_new(f->zone);
	assert_int_equal(ledger_init(&f->ledger, 1), 0);
	assert_int_equal(view_init(&f->view, 1), 0);
	f->update = update_new(&f->ledger, &f->view);
	f->policy = update_policy_new_key(bench);
	*state = f;
	return 0;
}

static int fixture_end(void **state)
{
	struct fixture *f = *state;

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

static void assert_holds(struct fixture *f, const char *owner, const char *expected)
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

/* Runs an update of a zone without leases and without a service view. Returns what update_run
 * returns. */
static int run(struct fixture *f, const uint8_t *msg, size_t nbytes, const uint8_t *key)
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

static int send_as(struct fixture *f, const uint8_t *key)
{
	int rcode = run(f, f->msg, f->nbytes, key);

	assert_int_equal(rcode, f->result.rcode);
	assert_int_equal(f->result.text[0] == '\0', f->result.ede == DNS_EDE_NONE);
	if (rcode != DNS_RCODE_NOERROR)
		assert_int_equal(f->result.nadded + f->result.nremoved, 0);
	return rcode;
}

static int send_update(struct fixture *f, const char *prerequisites, const char *updates)
{
	message_make(f, prerequisites, updates);
	return send_as(f, bench);
}

static void policy_set(struct fixture *f, const char *const *rules, size_t count)
{
	update_policy_free(f->policy);
	assert_int_equal(update_policy_parse(&f->policy, rules, count, apex, NULL, NULL), 0);
}

/* ---- prerequisites ---- */

static const char marker[] = "IN 60 marker.lab.cloud. TXT done\n";

static void prerequisites_decide_as_rfc_2136_says(void **state)
{
	static const struct {
		const char *prerequisites;
		int rcode;
		const char *text;
	} cases[] = {
		{"", 0, ""},
		/* Name is in use, section 2.4.4. */
		{"ANY 0 web.lab.cloud. ANY", 0, ""},
		{"ANY 0 WEB.Lab.Cloud. ANY", 0, ""},
		{"ANY 0 *.wild.lab.cloud. ANY", 0, ""},
		{"ANY 0 x.wild.lab.cloud. ANY", DNS_RCODE_NXDOMAIN,
		 "prerequisite 1: x.wild.lab.cloud. is not in use"},
		{"ANY 0 b.empty.lab.cloud. ANY", DNS_RCODE_NXDOMAIN, NULL},
		/* Name is not in use, 2.4.5. */
		{"NONE 0 no.lab.cloud. ANY", 0, ""},
		{"NONE 0 empty.lab.cloud. ANY", 0, ""},
		{"NONE 0 web.lab.cloud. ANY", DNS_RCODE_YXDOMAIN,
		 "prerequisite 1: web.lab.cloud. is in use"},
		/* RRset exists, 2.4.1. */
		{"ANY 0 web.lab.cloud. A", 0, ""},
		{"ANY 0 web.lab.cloud. AAAA", DNS_RCODE_NXRRSET,
		 "prerequisite 1: web.lab.cloud. AAAA does not exist"},
		{"ANY 0 no.lab.cloud. A", DNS_RCODE_NXRRSET, NULL},
		/* RRset does not exist, 2.4.3. */
		{"NONE 0 web.lab.cloud. AAAA", 0, ""},
		{"NONE 0 web-1._http._tcp.lab.cloud. TXT\nNONE 0 web-1._http._tcp.lab.cloud. SRV",
		 DNS_RCODE_YXRRSET, "prerequisite 2: web-1._http._tcp.lab.cloud. SRV exists"},
		/* RRset exists with these values, 2.4.2. */
		{"IN 0 web.lab.cloud. A 192.0.2.10\nIN 0 web.lab.cloud. A 192.0.2.11", 0, ""},
		{"IN 0 web.lab.cloud. A 192.0.2.11\nIN 0 web.lab.cloud. A 192.0.2.10", 0, ""},
		{"IN 0 web.lab.cloud. A 192.0.2.11\nIN 0 web.lab.cloud. TXT one\n"
		 "IN 0 web.lab.cloud. A 192.0.2.10\nIN 0 WEB.lab.cloud. A 192.0.2.10",
		 0, ""},
		{"IN 0 web.lab.cloud. A 192.0.2.10", DNS_RCODE_NXRRSET,
		 "prerequisite 1: web.lab.cloud. A is not with just these values in the zone"},
		{"IN 0 web.lab.cloud. A 192.0.2.10\nIN 0 web.lab.cloud. A 192.0.2.11\n"
		 "IN 0 web.lab.cloud. A 192.0.2.12",
		 DNS_RCODE_NXRRSET, NULL},
		{"IN 0 web.lab.cloud. A 192.0.2.10\nIN 0 web.lab.cloud. A 192.0.2.12",
		 DNS_RCODE_NXRRSET, NULL},
		{"IN 0 no.lab.cloud. A 192.0.2.10", DNS_RCODE_NXRRSET, NULL},
		{"IN 0 alias.lab.cloud. CNAME WEB.lab.CLOUD.", 0, ""},
		{"IN 0 web.lab.cloud. TXT One", DNS_RCODE_NXRRSET, NULL},
		{"IN 0 lab.cloud. SOA " SOA("100"), 0, ""},
		{"IN 0 lab.cloud. SOA " SOA("99"), DNS_RCODE_NXRRSET, NULL},
		/* Existence is checked before all values. */
		{"IN 0 web.lab.cloud. A 192.0.2.9\nNONE 0 web.lab.cloud. ANY", DNS_RCODE_YXDOMAIN,
		 NULL},
		/* The form of a prerequisite. */
		{"ANY 1 web.lab.cloud. A", DNS_RCODE_FORMERR, NULL},
		{"NONE 1 web.lab.cloud. A", DNS_RCODE_FORMERR, NULL},
		{"IN 1 web.lab.cloud. TXT one", DNS_RCODE_FORMERR,
		 "prerequisite 1: web.lab.cloud. TXT must have TTL 0"},
		{"ANY 0 web.lab.cloud. A 192.0.2.10", DNS_RCODE_FORMERR, NULL},
		{"NONE 0 web.lab.cloud. A 192.0.2.10", DNS_RCODE_FORMERR, NULL},
		{"CH 0 web.lab.cloud. A 192.0.2.10", DNS_RCODE_FORMERR, NULL},
		{"IN 0 web.lab.cloud. A \\# 0102", DNS_RCODE_FORMERR,
		 "prerequisite 1: web.lab.cloud. A has malformed rdata"},
		{"IN 0 web.lab.cloud. A", DNS_RCODE_FORMERR, NULL},
		{"IN 0 web.lab.cloud. ANY", DNS_RCODE_FORMERR, NULL},
		{"ANY 0 web.lab.cloud. AXFR", DNS_RCODE_NXRRSET, NULL},
		{"NONE 0 web.lab.cloud. TSIG", DNS_RCODE_NOERROR, NULL},
		{"ANY 0 web.other.cloud. A", DNS_RCODE_NOTZONE,
		 "prerequisite 1: web.other.cloud. A is not in the zone"},
		{"NONE 0 cloud. ANY", DNS_RCODE_NOTZONE, NULL},
		{"IN 0 notlab.cloud. A 192.0.2.1", DNS_RCODE_NOTZONE, NULL},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int rcode = send_update(f, cases[i].prerequisites, marker);

		if (rcode != cases[i].rcode)
			fail_msg("%s: RCODE %d", cases[i].prerequisites, rcode);
		if (cases[i].text != NULL)
			assert_string_equal(f->result.text, cases[i].text);
		assert_holds(f, "marker.lab.cloud.", rcode == 0 ? "TXT 60 done" : "");
		send_update(f, "", "ANY 0 marker.lab.cloud. ANY");
	}
}

/* ---- updates ---- */

struct change {
	const char *updates, *owner, *after;
};

/* Checks that each update changes the zone as it was at first so that `owner` has `after`. */
static void changes_check(struct fixture *f, const struct change *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		zone_draft_abort(f->draft);
		f->draft = zone_draft_new(f->zone);
		if (send_update(f, "", cases[i].updates) != DNS_RCODE_NOERROR)
			fail_msg("%s: %s", cases[i].updates, f->result.text);
		assert_holds(f, cases[i].owner, cases[i].after);
	}
}

#define CHECK(f, cases) changes_check(f, cases, sizeof(cases) / sizeof(*cases))

static void records_are_added_and_removed(void **state)
{
	static const struct change cases[] = {
		{"IN 60 new.lab.cloud. A 192.0.2.5", "new.lab.cloud.", "A 60 192.0.2.5"},
		{"IN 60 new.lab.cloud. TYPE65280 \\# 0a0b", "new.lab.cloud.",
		 "TYPE65280 60 2 octets"},
		{"IN 60 *.new.lab.cloud. TXT x", "*.new.lab.cloud.", "TXT 60 x"},
		/* An RRset has one TTL, the newest. */
		{"IN 60 web.lab.cloud. A 192.0.2.12", "web.lab.cloud.",
		 "A 60 192.0.2.10 192.0.2.11 192.0.2.12; TXT 60 one"},
		{"IN 61 web.lab.cloud. TXT one", "web.lab.cloud.",
		 "A 120 192.0.2.10 192.0.2.11; TXT 61 one"},
		{"IN 4294967295 web.lab.cloud. TXT one", "web.lab.cloud.",
		 "A 120 192.0.2.10 192.0.2.11; TXT 0 one"},
		{"IN 120 web.lab.cloud. A 192.0.2.10\nIN 120 web.lab.cloud. A 192.0.2.10",
		 "web.lab.cloud.", "A 120 192.0.2.10 192.0.2.11; TXT 60 one"},
		/* An RRset is deleted, 2.5.2. */
		{"ANY 0 web.lab.cloud. A", "web.lab.cloud.", "TXT 60 one"},
		{"ANY 0 web.lab.cloud. AAAA", "web.lab.cloud.",
		 "A 120 192.0.2.10 192.0.2.11; TXT 60 one"},
		/* All RRsets of a name are deleted, 2.5.3. */
		{"ANY 0 web.lab.cloud. ANY", "web.lab.cloud.", ""},
		{"ANY 0 no.lab.cloud. ANY", "no.lab.cloud.", ""},
		/* One record is deleted, 2.5.4. */
		{"NONE 0 web.lab.cloud. A 192.0.2.10", "web.lab.cloud.",
		 "A 120 192.0.2.11; TXT 60 one"},
		{"NONE 0 web.lab.cloud. A 192.0.2.99", "web.lab.cloud.",
		 "A 120 192.0.2.10 192.0.2.11; TXT 60 one"},
		{"NONE 0 web.lab.cloud. A 192.0.2.10\nNONE 0 web.lab.cloud. A 192.0.2.11\n"
		 "NONE 0 web.lab.cloud. TXT one",
		 "web.lab.cloud.", ""},
		{"NONE 0 _http._tcp.lab.cloud. PTR WEB-1._http._tcp.lab.cloud.",
		 "_http._tcp.lab.cloud.", ""},
		/* The records are applied in order. */
		{"IN 60 web.lab.cloud. TXT two\nANY 0 web.lab.cloud. TXT", "web.lab.cloud.",
		 "A 120 192.0.2.10 192.0.2.11"},
		{"ANY 0 web.lab.cloud. ANY\nIN 5 web.lab.cloud. TXT two", "web.lab.cloud.",
		 "TXT 5 two"},
		{"ANY 0 web.lab.cloud. ANY\nIN 60 web.lab.cloud. TXT one", "web.lab.cloud.",
		 "TXT 60 one"},
		{"ANY 0 web.lab.cloud. A\nIN 120 web.lab.cloud. A 192.0.2.10", "web.lab.cloud.",
		 "A 120 192.0.2.10; TXT 60 one"},
		{"ANY 0 web.lab.cloud. A\nIN 1 web.lab.cloud. A 192.0.2.10\n"
		 "IN 1 web.lab.cloud. A 192.0.2.11",
		 "web.lab.cloud.", "A 1 192.0.2.10 192.0.2.11; TXT 60 one"},
		{"ANY 0 web.lab.cloud. TXT\nIN 60 web.lab.cloud. TXT one\n"
		 "NONE 0 web.lab.cloud. TXT one",
		 "web.lab.cloud.", "A 120 192.0.2.10 192.0.2.11"},
		{"ANY 0 web.lab.cloud. ANY\nIN 60 web.lab.cloud. CNAME x.\n"
		 "IN 120 web.lab.cloud. A 192.0.2.10\nIN 120 web.lab.cloud. A 192.0.2.11",
		 "web.lab.cloud.", "CNAME 60 x."},
		{"ANY 0 alias.lab.cloud. CNAME\nIN 60 alias.lab.cloud. TXT x\n"
		 "IN 60 alias.lab.cloud. CNAME web.lab.cloud.",
		 "alias.lab.cloud.", "TXT 60 x"},
	};

	CHECK((struct fixture *)*state, cases);
}

static void the_apex_keeps_its_soa_and_an_ns(void **state)
{
	static const char whole[] =
		"NS 3600 ns1.lab.cloud. ns2.lab.cloud.; SOA 3600 100; TXT 300 apex";
	static const struct change cases[] = {
		{"ANY 0 lab.cloud. ANY", "lab.cloud.",
		 "NS 3600 ns1.lab.cloud. ns2.lab.cloud.; SOA 3600 100"},
		{"ANY 0 lab.cloud. NS", "lab.cloud.", whole},
		{"ANY 0 LAB.cloud. SOA", "lab.cloud.", whole},
		{"NONE 0 lab.cloud. SOA " SOA("100"), "lab.cloud.", whole},
		{"NONE 0 lab.cloud. NS ns1.lab.cloud.", "lab.cloud.",
		 "NS 3600 ns2.lab.cloud.; SOA 3600 100; TXT 300 apex"},
		{"NONE 0 lab.cloud. NS ns1.lab.cloud.\nNONE 0 lab.cloud. NS ns2.lab.cloud.",
		 "lab.cloud.", "NS 3600 ns2.lab.cloud.; SOA 3600 100; TXT 300 apex"},
		{"NONE 0 lab.cloud. NS ns1.lab.cloud.\nNONE 0 lab.cloud. NS ns2.lab.cloud.\n"
		 "IN 3600 lab.cloud. NS ns3.lab.cloud.\nNONE 0 lab.cloud. NS ns2.lab.cloud.",
		 "lab.cloud.", "NS 3600 ns3.lab.cloud.; SOA 3600 100; TXT 300 apex"},
		/* Below the apex an NS RRset may be deleted. */
		{"IN 60 sub.lab.cloud. NS ns1.lab.cloud.\nANY 0 sub.lab.cloud. NS",
		 "sub.lab.cloud.", ""},
		{"IN 60 sub.lab.cloud. NS ns1.lab.cloud.\nNONE 0 sub.lab.cloud. NS ns1.lab.cloud.",
		 "sub.lab.cloud.", ""},
	};

	CHECK((struct fixture *)*state, cases);
}

static void the_soa_is_replaced_by_a_newer_one_only(void **state)
{
#define APEX(soa) "NS 3600 ns1.lab.cloud. ns2.lab.cloud.; SOA " soa "; TXT 300 apex"
	static const struct change cases[] = {
		{"IN 7200 lab.cloud. SOA " SOA("101"), "lab.cloud.", APEX("7200 101")},
		{"IN 7200 lab.cloud. SOA " SOA("100"), "lab.cloud.", APEX("3600 100")},
		{"IN 7200 lab.cloud. SOA " SOA("99"), "lab.cloud.", APEX("3600 100")},
		{"IN 7200 lab.cloud. SOA " SOA("2147483747"), "lab.cloud.",
		 APEX("7200 2147483747")},
		{"IN 7200 lab.cloud. SOA " SOA("2147483748"), "lab.cloud.", APEX("3600 100")},
		{"IN 7200 lab.cloud. SOA " SOA("4294967295"), "lab.cloud.", APEX("3600 100")},
		/* A serial may go all the way round; 0 must not be used. */
		{"IN 1 lab.cloud. SOA " SOA("2147483747") "\nIN 1 lab.cloud. SOA " SOA(
			 "4294967295") "\nIN 1 lab.cloud. SOA " SOA("0"),
		 "lab.cloud.", APEX("1 4294967295")},
		{"IN 1 lab.cloud. SOA " SOA("2147483747") "\nIN 1 lab.cloud. SOA " SOA(
			 "4294967295") "\nIN 1 lab.cloud. SOA " SOA("1"),
		 "lab.cloud.", APEX("1 1")},
		{"IN 7200 sub.lab.cloud. SOA " SOA("101"), "sub.lab.cloud.", ""},
	};

	CHECK((struct fixture *)*state, cases);
}

static void a_cname_is_the_only_record_at_its_name(void **state)
{
	static const struct change cases[] = {
		{"IN 60 web.lab.cloud. CNAME x.lab.cloud.", "web.lab.cloud.",
		 "A 120 192.0.2.10 192.0.2.11; TXT 60 one"},
		{"IN 60 alias.lab.cloud. A 192.0.2.1", "alias.lab.cloud.",
		 "CNAME 60 web.lab.cloud."},
		{"IN 60 alias.lab.cloud. CNAME x.lab.cloud.", "alias.lab.cloud.",
		 "CNAME 60 x.lab.cloud."},
		{"IN 61 alias.lab.cloud. CNAME WEB.lab.cloud.", "alias.lab.cloud.",
		 "CNAME 61 web.lab.cloud."},
		{"ANY 0 web.lab.cloud. ANY\nIN 60 web.lab.cloud. CNAME x.lab.cloud.",
		 "web.lab.cloud.", "CNAME 60 x.lab.cloud."},
		{"IN 60 web.lab.cloud. CNAME x.lab.cloud.\nANY 0 web.lab.cloud. ANY",
		 "web.lab.cloud.", ""},
		/* A KEY may be next to a CNAME. */
		{"IN 60 alias.lab.cloud. KEY \\# 0201030d01", "alias.lab.cloud.",
		 "CNAME 60 web.lab.cloud.; KEY 60 5 octets"},
		{"IN 60 k.lab.cloud. KEY \\# 0201030d01\nIN 60 k.lab.cloud. CNAME a.",
		 "k.lab.cloud.", "CNAME 60 a.; KEY 60 5 octets"},
		/* RFC 6672 section 5.2. */
		{"IN 60 alias.lab.cloud. DNAME x.", "alias.lab.cloud.", "CNAME 60 web.lab.cloud."},
		{"IN 60 tree.lab.cloud. CNAME x.", "tree.lab.cloud.", "DNAME 60 other.cloud."},
		{"IN 60 tree.lab.cloud. DNAME x.", "tree.lab.cloud.", "DNAME 60 x."},
		{"IN 60 tree.lab.cloud. TXT x", "tree.lab.cloud.",
		 "DNAME 60 other.cloud.; TXT 60 x"},
	};

	CHECK((struct fixture *)*state, cases);
}

static void an_address_and_protocol_have_one_wks(void **state)
{
	static const struct change cases[] = {
		{"IN 60 w.lab.cloud. WKS \\# c00002010601\nIN 60 w.lab.cloud. WKS \\# "
		 "c0000201060203",
		 "w.lab.cloud.", "WKS 60 7 octets"},
		{"IN 60 w.lab.cloud. WKS \\# c00002010601\nIN 60 w.lab.cloud. WKS \\# c00002011102",
		 "w.lab.cloud.", "WKS 60 6 octets 6 octets"},
	};

	CHECK((struct fixture *)*state, cases);
}

static void malformed_or_forbidden_updates_change_nothing(void **state)
{
	static const struct {
		const char *updates;
		int rcode;
		const char *text;
	} cases[] = {
		{"IN 60 other.cloud. A 192.0.2.1", DNS_RCODE_NOTZONE,
		 "update 2: other.cloud. A is not in the zone"},
		{"ANY 0 cloud. ANY", DNS_RCODE_NOTZONE, NULL},
		{"CH 0 x.lab.cloud. A 192.0.2.1", DNS_RCODE_FORMERR, NULL},
		{"IN 60 x.lab.cloud. ANY", DNS_RCODE_FORMERR, NULL},
		{"IN 60 x.lab.cloud. AXFR", DNS_RCODE_FORMERR, NULL},
		{"IN 60 x.lab.cloud. MAILA", DNS_RCODE_FORMERR, NULL},
		{"IN 60 x.lab.cloud. OPT", DNS_RCODE_FORMERR, NULL},
		{"IN 60 x.lab.cloud. TSIG", DNS_RCODE_FORMERR, NULL},
		{"IN 60 x.lab.cloud. TYPE0", DNS_RCODE_FORMERR, NULL},
		{"IN 60 x.lab.cloud. TYPE128", DNS_RCODE_FORMERR, NULL},
		{"ANY 0 x.lab.cloud. AXFR", DNS_RCODE_FORMERR, NULL},
		{"ANY 1 x.lab.cloud. A", DNS_RCODE_FORMERR,
		 "update 2: x.lab.cloud. A is a delete and must have TTL 0"},
		{"ANY 0 x.lab.cloud. A 192.0.2.1", DNS_RCODE_FORMERR, NULL},
		{"NONE 0 x.lab.cloud. ANY", DNS_RCODE_FORMERR, NULL},
		{"NONE 1 x.lab.cloud. A 192.0.2.1", DNS_RCODE_FORMERR, NULL},
		{"IN 60 x.lab.cloud. A \\# 01", DNS_RCODE_FORMERR,
		 "update 2: x.lab.cloud. A has malformed rdata"},
		{"IN 60 x.lab.cloud. A", DNS_RCODE_FORMERR, NULL},
		{"NONE 0 x.lab.cloud. A", DNS_RCODE_FORMERR, NULL},
		{"IN 60 x.lab.cloud. SRV \\# 00010002000303", DNS_RCODE_FORMERR, NULL},
		{"IN 60 x.lab.cloud. NSEC \\# 00000140", DNS_RCODE_REFUSED,
		 "update 2: x.lab.cloud. NSEC is made by the server only"},
		{"ANY 0 x.lab.cloud. RRSIG", DNS_RCODE_REFUSED, NULL},
		{"ANY 0 x.lab.cloud. NSEC3", DNS_RCODE_REFUSED, NULL},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char updates[200];
		int rcode;

		snprintf(updates, sizeof(updates), "%s%s", marker, cases[i].updates);
		rcode = send_update(f, "", updates);
		if (rcode != cases[i].rcode)
			fail_msg("%s: RCODE %d", cases[i].updates, rcode);
		if (cases[i].text != NULL)
			assert_string_equal(f->result.text, cases[i].text);
		assert_holds(f, "marker.lab.cloud.", "");
	}
}

static void the_zone_section_must_name_the_zone(void **state)
{
	struct fixture *f = *state;

	message_make(f, "", marker);
	f->msg[5] = 0;
	assert_int_equal(send_as(f, bench), DNS_RCODE_FORMERR);
	message_make(f, "", marker);
	f->msg[5] = 2;
	assert_int_equal(send_as(f, bench), DNS_RCODE_FORMERR);
	message_make(f, "", marker);
	f->msg[24] = DNS_TYPE_NS;
	assert_int_equal(send_as(f, bench), DNS_RCODE_FORMERR);
	message_make(f, "", marker);
	f->msg[26] = DNS_CLASS_CH;
	assert_int_equal(send_as(f, bench), DNS_RCODE_NOTAUTH);
	message_make(f, "", marker);
	f->msg[13] = 'm';
	assert_int_equal(send_as(f, bench), DNS_RCODE_NOTAUTH);
	message_make(f, "", marker);
	f->msg[13] = 'L';
	assert_int_equal(send_as(f, bench), DNS_RCODE_NOERROR);
}

static void a_message_cut_anywhere_is_formerr(void **state)
{
	struct fixture *f = *state;
	size_t whole;

	message_make(f, "NONE 0 a.lab.cloud. ANY\nIN 0 web.lab.cloud. TXT one", marker);
	whole = f->nbytes;
	for (f->nbytes = 0; f->nbytes < whole; f->nbytes++) {
		uint8_t *copy = test_malloc(f->nbytes + 1);
		int rcode;

		memcpy(copy, f->msg, f->nbytes);
		rcode = run(f, copy, f->nbytes, bench);
		assert_int_equal(rcode, DNS_RCODE_FORMERR);
		test_free(copy);
	}
	assert_holds(f, "marker.lab.cloud.", "");
	f->nbytes = whole;
	assert_int_equal(send_as(f, bench), DNS_RCODE_NOERROR);
}

static void an_update_of_nothing_is_noerror(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(send_update(f, "", ""), DNS_RCODE_NOERROR);
	assert_int_equal(send_update(f, "ANY 0 web.lab.cloud. ANY", ""), DNS_RCODE_NOERROR);
	assert_int_equal(send_update(f, "NONE 0 web.lab.cloud. ANY", ""), DNS_RCODE_YXDOMAIN);
}

static void counts_beyond_the_message_are_formerr(void **state)
{
	struct fixture *f = *state;

	message_make(f, "", marker);
	memset(f->msg + 6, 0xff, 4);
	assert_int_equal(send_as(f, bench), DNS_RCODE_FORMERR);
	assert_string_equal(f->result.text, "the message is malformed or cut short");
}

/* ---- permission ---- */

static void nothing_changes_unless_all_is_permitted(void **state)
{
	static const char *const rules[] = {
		"deny bench. name secret.lab.cloud. ANY",
		"grant bench. subdomain lab.cloud. A TXT",
	};
	struct fixture *f = *state;

	policy_set(f, rules, 2);
	assert_int_equal(send_update(f, "", "IN 60 x.lab.cloud. A 192.0.2.1"), 0);
	assert_int_equal(f->result.rule, 2);
	assert_int_equal(send_update(f, "",
				     "IN 60 y.lab.cloud. A 192.0.2.1\n"
				     "IN 60 y.lab.cloud. MX \\# 000a00"),
			 DNS_RCODE_REFUSED);
	assert_int_equal(f->result.rule, 0);
	assert_int_equal(f->result.ede, DNS_EDE_PROHIBITED);
	assert_string_equal(f->result.text,
			    "update 2: y.lab.cloud. MX: no rule allows it to key bench.");
	assert_holds(f, "y.lab.cloud.", "");
	assert_int_equal(send_update(f, "", "ANY 0 secret.lab.cloud. A"), DNS_RCODE_REFUSED);
	assert_int_equal(f->result.rule, 1);
	assert_string_equal(f->result.text, "update 1: secret.lab.cloud. A: rule 1: "
					    "deny bench. name secret.lab.cloud. ANY");
	message_make(f, "", marker);
	assert_int_equal(send_as(f, NULL), DNS_RCODE_REFUSED);
	assert_string_equal(f->result.text,
			    "update 1: marker.lab.cloud. TXT: the request is not signed");
}

static void a_delete_of_all_needs_the_right_to_each_type_there(void **state)
{
	static const char *const only_a[] = {"grant bench. zonesub A"};
	static const char *const both[] = {"grant bench. zonesub A TXT"};
	struct fixture *f = *state;

	policy_set(f, only_a, 1);
	assert_int_equal(send_update(f, "", "ANY 0 web.lab.cloud. ANY"), DNS_RCODE_REFUSED);
	assert_string_equal(f->result.text,
			    "update 1: web.lab.cloud. TXT: no rule allows it to key bench.");
	assert_holds(f, "web.lab.cloud.", "A 120 192.0.2.10 192.0.2.11; TXT 60 one");
	assert_int_equal(send_update(f, "", "ANY 0 ns1.lab.cloud. ANY"), 0);
	assert_int_equal(send_update(f, "", "ANY 0 no.lab.cloud. ANY"), 0);

	/* SOA and NS are not deleted, so the apex needs no right to them. */
	policy_set(f, both, 1);
	assert_int_equal(send_update(f, "", "ANY 0 lab.cloud. ANY"), 0);
	assert_holds(f, "lab.cloud.", "NS 3600 ns1.lab.cloud. ns2.lab.cloud.; SOA 3600 100");
}

static void a_key_may_be_kept_to_its_own_names(void **state)
{
	static const char *const rules[] = {"grant *.keys.lab.cloud. selfsub . A TXT"};
	static const uint8_t key[] = "\002N1\004keys\003lab\005cloud";
	struct fixture *f = *state;

	policy_set(f, rules, 1);
	message_make(f, "",
		     "IN 60 n1.keys.lab.cloud. A 192.0.2.1\nIN 60 x.n1.keys.lab.cloud. TXT t");
	assert_int_equal(send_as(f, key), 0);
	message_make(f, "", "IN 60 n2.keys.lab.cloud. A 192.0.2.1");
	assert_int_equal(send_as(f, key), DNS_RCODE_REFUSED);
}

/* ---- results ---- */

static const char registration[] =
	"ANY 0 web-9._http._tcp.lab.cloud. SRV\n"
	"ANY 0 web-9._http._tcp.lab.cloud. TXT\n"
	"ANY 0 n9.nodes.lab.cloud. A\n"
	"IN 120 web-9._http._tcp.lab.cloud. SRV 0 10 80 n9.nodes.lab.cloud.\n"
	"IN 120 web-9._http._tcp.lab.cloud. TXT id=9\n"
	"IN 120 n9.nodes.lab.cloud. A 192.0.2.9\n"
	"IN 120 _http._tcp.lab.cloud. PTR web-9._http._tcp.lab.cloud.";

static void what_changed_is_counted(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(send_update(f, "", registration), 0);
	assert_int_equal(f->result.nadded, 4);
	assert_int_equal(f->result.nremoved, 0);
	send_update(f, "", "ANY 0 web.lab.cloud. ANY\nIN 5 web.lab.cloud. A 192.0.2.1");
	assert_int_equal(f->result.nadded, 1);
	assert_int_equal(f->result.nremoved, 3);
}

static void a_failure_has_a_reason(void **state)
{
	struct fixture *f = *state;

	send_update(f, "NONE 0 \\\"web.lab.cloud. ANY\nNONE 0 web.lab.cloud. ANY", registration);
	assert_int_equal(f->result.rcode, DNS_RCODE_YXDOMAIN);
	assert_string_equal(f->result.text, "prerequisite 2: web.lab.cloud. is in use");
	message_make(f, "ANY 0 \\\"x.lab.cloud. ANY", marker);
	send_as(f, NULL);
	assert_int_equal(f->result.rcode, DNS_RCODE_NXDOMAIN);
	assert_string_equal(f->result.text, "prerequisite 1: \\\"x.lab.cloud. is not in use");
}

static void sent_again_an_update_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct zone_changeset changes;
	uint32_t serial;

	assert_int_equal(send_update(f, "", registration), 0);
	assert_int_equal(zone_draft_seal(f->draft, &changes), 1);
	assert_int_equal(changes.nadded, 5); /* the SOA is counted too */
	zone_draft_publish(f->draft);

	f->draft = zone_draft_new(f->zone);
	serial = zone_draft_serial(f->draft);
	assert_int_equal(send_update(f, "", registration), 0);
	assert_int_equal(zone_draft_seal(f->draft, &changes), 0);
	assert_int_equal(zone_draft_serial(f->draft), serial);
}

static void deleting_and_adding_the_same_is_no_change(void **state)
{
	static const char *const updates[] = {
		"ANY 0 web.lab.cloud. A\nIN 120 web.lab.cloud. A 192.0.2.11\n"
		"IN 120 WEB.lab.cloud. A 192.0.2.10\nIN 120 web.lab.cloud. A 192.0.2.10",
		"ANY 0 web.lab.cloud. ANY\nIN 120 web.lab.cloud. A 192.0.2.11\n"
		"IN 60 web.lab.cloud. TXT one\nIN 120 web.lab.cloud. A 192.0.2.10",
		"ANY 0 tree.lab.cloud. ANY\nIN 60 tree.lab.cloud. DNAME OTHER.cloud.",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < sizeof(updates) / sizeof(*updates); i++) {
		assert_int_equal(send_update(f, "", updates[i]), 0);
		assert_int_equal(f->result.nadded + f->result.nremoved, 0);
	}
	assert_holds(f, "web.lab.cloud.", "A 120 192.0.2.10 192.0.2.11; TXT 60 one");
}

static void updates_of_one_batch_see_each_other(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(send_update(f, "NONE 0 marker.lab.cloud. ANY", marker), 0);
	assert_int_equal(send_update(f, "NONE 0 marker.lab.cloud. ANY", marker),
			 DNS_RCODE_YXDOMAIN);
	assert_int_equal(
		send_update(f, "IN 0 marker.lab.cloud. TXT done", "ANY 0 marker.lab.cloud. TXT"),
		0);
	assert_holds(f, "marker.lab.cloud.", "");
}

static void a_message_of_64_kib_is_taken(void **state)
{
	struct fixture *f = *state;
	char *updates = calloc(1, 200000), *p = updates;

	for (unsigned i = 0; i < 1800; i++)
		p += sprintf(p, "IN 60 n%u.lab.cloud. A 10.0.%u.%u\n", i, i / 256, i % 256);
	message_make(f, "", updates);
	assert_true(f->nbytes > 50000);
	assert_int_equal(send_as(f, bench), 0);
	assert_int_equal(f->result.nadded, 1800);
	assert_holds(f, "n1799.lab.cloud.", "A 60 10.0.7.7");
	free(updates);
}

static void short_memory_is_never_mistaken_for_an_rcode(void **state)
{
	char *many = calloc(1, 200000), *p = many;
	const struct {
		const char *prerequisites, *updates;
		int rcode;
	} cases[] = {
		{"", many, DNS_RCODE_NOERROR},
		{"ANY 0 web.lab.cloud. A", many, DNS_RCODE_NOERROR},
		{"NONE 0 web.lab.cloud. A", "", DNS_RCODE_YXRRSET},
		{"NONE 0 web.lab.cloud. ANY", "", DNS_RCODE_YXDOMAIN},
		{"", "ANY 0 web.lab.cloud. A", DNS_RCODE_NOERROR},
		{"", "ANY 0 web.lab.cloud. ANY", DNS_RCODE_NOERROR},
	};
	struct fixture *f = *state;

	for (unsigned i = 0; i < 1800; i++)
		p += sprintf(p, "IN 60 n%u.lab.cloud. A 10.0.%u.%u\n", i, i / 256, i % 256);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int rcode = -ENOMEM;
		unsigned n;

		message_make(f, cases[i].prerequisites, cases[i].updates);
		for (n = 1; rcode == -ENOMEM || memory_has_failed(); n++) {
			zone_draft_abort(f->draft);
			ledger_undo(&f->ledger);
			view_undo(&f->view);
			update_free(f->update);
			f->draft = zone_draft_new(f->zone);
			f->update = update_new(&f->ledger, &f->view);
			memory_fail_after((int)n - 1);
			rcode = run(f, f->msg, f->nbytes, bench);
			memory_fail_after(MEMORY_ENOUGH);
			assert_true(rcode == -ENOMEM || rcode == cases[i].rcode);
		}
		assert_true(n > 2);
	}
	free(many);
}

static void an_updater_needs_memory(void **state)
{
	struct update *u = NULL;
	unsigned n;

	(void)state;
	for (n = 1; u == NULL; n++) {
		memory_fail_after((int)n - 1);
		u = update_new(NULL, NULL);
		memory_fail_after(MEMORY_ENOUGH);
	}
	assert_true(n > 2);
	update_free(u);
}

static int threads_begin(void **state)
{
	(void)state;
	base_rcu_register();
	return 0;
}

static int threads_end(void **state)
{
	(void)state;
	base_rcu_unregister();
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_make, fixture_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(prerequisites_decide_as_rfc_2136_says),
		TEST(records_are_added_and_removed),
		TEST(the_apex_keeps_its_soa_and_an_ns),
		TEST(the_soa_is_replaced_by_a_newer_one_only),
		TEST(a_cname_is_the_only_record_at_its_name),
		TEST(an_address_and_protocol_have_one_wks),
		TEST(malformed_or_forbidden_updates_change_nothing),
		TEST(the_zone_section_must_name_the_zone),
		TEST(a_message_cut_anywhere_is_formerr),
		TEST(an_update_of_nothing_is_noerror),
		TEST(counts_beyond_the_message_are_formerr),
		TEST(nothing_changes_unless_all_is_permitted),
		TEST(a_delete_of_all_needs_the_right_to_each_type_there),
		TEST(a_key_may_be_kept_to_its_own_names),
		TEST(what_changed_is_counted),
		TEST(a_failure_has_a_reason),
		TEST(sent_again_an_update_changes_nothing),
		TEST(deleting_and_adding_the_same_is_no_change),
		TEST(updates_of_one_batch_see_each_other),
		TEST(a_message_of_64_kib_is_taken),
		TEST(short_memory_is_never_mistaken_for_an_rcode),
		TEST(an_updater_needs_memory),
	};

	return cmocka_run_group_tests(tests, threads_begin, threads_end);
}
