/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include <stdio.h>

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
		{"IN 0 lab.cloud. SOA " KIT_SOA("99"), DNS_RCODE_NXRRSET, NULL},
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
	struct kit_fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int rcode = kit_send(f, cases[i].prerequisites, kit_marker);

		if (rcode != cases[i].rcode)
			fail_msg("%s: RCODE %d", cases[i].prerequisites, rcode);
		if (cases[i].text != NULL)
			assert_string_equal(f->result.text, cases[i].text);
		kit_assert_holds(f, "marker.lab.cloud.", rcode == 0 ? "TXT 60 done" : "");
		kit_send(f, "", "ANY 0 marker.lab.cloud. ANY");
	}
}

static void the_soa_is_another_as_soon_as_something_changes(void **state)
{
	struct kit_fixture *f = *state;

	assert_int_equal(kit_send(f, "IN 0 lab.cloud. SOA " KIT_SOA("100"), ""), 0);
	assert_int_equal(kit_send(f, "IN 0 lab.cloud. SOA " KIT_SOA("100"), kit_marker), 0);
	/* In the same batch, before the serial is raised. */
	assert_int_equal(kit_send(f, "IN 0 lab.cloud. SOA " KIT_SOA("100"), kit_marker),
			 DNS_RCODE_NXRRSET);
	assert_int_equal(kit_send(f, "ANY 0 lab.cloud. SOA", kit_marker), 0);
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
		{"IN 60 lab.cloud. NSEC3PARAM \\# 0100000000", DNS_RCODE_REFUSED,
		 "update 2: lab.cloud. NSEC3PARAM is made by the server only"},
		{"ANY 0 x.lab.cloud. RRSIG", DNS_RCODE_REFUSED, NULL},
		{"ANY 0 x.lab.cloud. NSEC3", DNS_RCODE_REFUSED, NULL},
	};
	struct kit_fixture *f = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		char updates[200];
		int rcode;

		snprintf(updates, sizeof(updates), "%s%s", kit_marker, cases[i].updates);
		rcode = kit_send(f, "", updates);
		if (rcode != cases[i].rcode)
			fail_msg("%s: RCODE %d", cases[i].updates, rcode);
		if (cases[i].text != NULL)
			assert_string_equal(f->result.text, cases[i].text);
		kit_assert_holds(f, "marker.lab.cloud.", "");
	}
}

static void the_zone_section_must_name_the_zone(void **state)
{
	struct kit_fixture *f = *state;

	kit_message(f, "", kit_marker);
	f->msg[5] = 0;
	assert_int_equal(kit_send_as(f, kit_bench), DNS_RCODE_FORMERR);
	kit_message(f, "", kit_marker);
	f->msg[5] = 2;
	assert_int_equal(kit_send_as(f, kit_bench), DNS_RCODE_FORMERR);
	kit_message(f, "", kit_marker);
	f->msg[24] = DNS_TYPE_NS;
	assert_int_equal(kit_send_as(f, kit_bench), DNS_RCODE_FORMERR);
	kit_message(f, "", kit_marker);
	f->msg[26] = DNS_CLASS_CH;
	assert_int_equal(kit_send_as(f, kit_bench), DNS_RCODE_NOTAUTH);
	kit_message(f, "", kit_marker);
	f->msg[13] = 'm';
	assert_int_equal(kit_send_as(f, kit_bench), DNS_RCODE_NOTAUTH);
	kit_message(f, "", kit_marker);
	f->msg[13] = 'L';
	assert_int_equal(kit_send_as(f, kit_bench), DNS_RCODE_NOERROR);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(prerequisites_decide_as_rfc_2136_says),
		KIT_TEST(the_soa_is_another_as_soon_as_something_changes),
		KIT_TEST(malformed_or_forbidden_updates_change_nothing),
		KIT_TEST(the_zone_section_must_name_the_zone),
	};

	return cmocka_run_group_tests(tests, kit_threads_begin, kit_threads_end);
}
