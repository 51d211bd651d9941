/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

struct change {
	const char *updates, *owner, *after;
};

/* Checks that each update changes the zone as it was at first so that `owner` has `after`. */
static void changes_check(struct kit_fixture *f, const struct change *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		zone_draft_abort(f->draft);
		f->draft = zone_draft_new(f->zone);
		if (kit_send(f, "", cases[i].updates) != DNS_RCODE_NOERROR)
			fail_msg("%s: %s", cases[i].updates, f->result.text);
		kit_assert_holds(f, cases[i].owner, cases[i].after);
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

	CHECK((struct kit_fixture *)*state, cases);
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
		{"NONE 0 lab.cloud. SOA " KIT_SOA("100"), "lab.cloud.", whole},
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

	CHECK((struct kit_fixture *)*state, cases);
}

static void the_soa_is_replaced_by_a_newer_one_only(void **state)
{
#define APEX(soa) "NS 3600 ns1.lab.cloud. ns2.lab.cloud.; SOA " soa "; TXT 300 apex"
	static const struct change cases[] = {
		{"IN 7200 lab.cloud. SOA " KIT_SOA("101"), "lab.cloud.", APEX("7200 101")},
		{"IN 7200 lab.cloud. SOA " KIT_SOA("100"), "lab.cloud.", APEX("3600 100")},
		{"IN 7200 lab.cloud. SOA " KIT_SOA("99"), "lab.cloud.", APEX("3600 100")},
		{"IN 7200 lab.cloud. SOA " KIT_SOA("2147483747"), "lab.cloud.",
		 APEX("7200 2147483747")},
		{"IN 7200 lab.cloud. SOA " KIT_SOA("2147483748"), "lab.cloud.", APEX("3600 100")},
		{"IN 7200 lab.cloud. SOA " KIT_SOA("4294967295"), "lab.cloud.", APEX("3600 100")},
		/* A serial may go all the way round; 0 must not be used. */
		{"IN 1 lab.cloud. SOA " KIT_SOA("2147483747") "\nIN 1 lab.cloud. SOA " KIT_SOA(
			 "4294967295") "\nIN 1 lab.cloud. SOA " KIT_SOA("0"),
		 "lab.cloud.", APEX("1 4294967295")},
		{"IN 1 lab.cloud. SOA " KIT_SOA("2147483747") "\nIN 1 lab.cloud. SOA " KIT_SOA(
			 "4294967295") "\nIN 1 lab.cloud. SOA " KIT_SOA("1"),
		 "lab.cloud.", APEX("1 1")},
		{"IN 7200 sub.lab.cloud. SOA " KIT_SOA("101"), "sub.lab.cloud.", ""},
	};

	CHECK((struct kit_fixture *)*state, cases);
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
		 "CNAME 61 WEB.lab.cloud."},
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

	CHECK((struct kit_fixture *)*state, cases);
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

	CHECK((struct kit_fixture *)*state, cases);
}

static void deleting_and_adding_the_same_is_no_change(void **state)
{
	static const char *const updates[] = {
		"ANY 0 web.lab.cloud. A\nIN 120 web.lab.cloud. A 192.0.2.11\n"
		"IN 120 WEB.lab.cloud. A 192.0.2.10\nIN 120 web.lab.cloud. A 192.0.2.10",
		"ANY 0 web.lab.cloud. ANY\nIN 120 web.lab.cloud. A 192.0.2.11\n"
		"IN 60 web.lab.cloud. TXT one\nIN 120 web.lab.cloud. A 192.0.2.10",
		"ANY 0 tree.lab.cloud. ANY\nIN 60 tree.lab.cloud. DNAME other.cloud.",
	};
	struct kit_fixture *f = *state;

	for (size_t i = 0; i < sizeof(updates) / sizeof(*updates); i++) {
		assert_int_equal(kit_send(f, "", updates[i]), 0);
		assert_int_equal(f->result.nadded + f->result.nremoved, 0);
	}
	kit_assert_holds(f, "web.lab.cloud.", "A 120 192.0.2.10 192.0.2.11; TXT 60 one");
}

/* As in BIND (RFC 4343 section 4.1): names are compared without case, and keep that of the last
 * record. */
static void the_case_of_names_in_rdata_is_that_of_the_last_record(void **state)
{
	static const struct change cases[] = {
		{"NONE 0 tree.lab.cloud. DNAME other.cloud.\n"
		 "IN 60 tree.lab.cloud. DNAME OTHER.cloud.",
		 "tree.lab.cloud.", "DNAME 60 OTHER.cloud."},
		{"ANY 0 tree.lab.cloud. ANY\nIN 60 tree.lab.cloud. DNAME Other.cloud.",
		 "tree.lab.cloud.", "DNAME 60 Other.cloud."},
		{"IN 60 alias.lab.cloud. CNAME WEB.lab.cloud.", "alias.lab.cloud.",
		 "CNAME 60 WEB.lab.cloud."},
		{"IN 60 s.lab.cloud. SRV 0 0 1 h.\nIN 60 s.lab.cloud. SRV 0 0 1 H.",
		 "s.lab.cloud.", "SRV 60 1 H."},
	};

	CHECK((struct kit_fixture *)*state, cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(records_are_added_and_removed),
		KIT_TEST(the_apex_keeps_its_soa_and_an_ns),
		KIT_TEST(the_soa_is_replaced_by_a_newer_one_only),
		KIT_TEST(a_cname_is_the_only_record_at_its_name),
		KIT_TEST(an_address_and_protocol_have_one_wks),
		KIT_TEST(deleting_and_adding_the_same_is_no_change),
		KIT_TEST(the_case_of_names_in_rdata_is_that_of_the_last_record),
	};

	return cmocka_run_group_tests(tests, kit_threads_begin, kit_threads_end);
}
