/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/name.h"
#include "dns/type.h"
#include "dns/update.h"
#include "ledger/group.h"
#include "ledger/lease.h"

enum { RECORDS_MAX = 70 };

static const uint8_t zone[] = ""; /* the root: all names are in it */

/* The update section of one test. */
struct section {
	struct dns_update_record record[RECORDS_MAX];
	uint8_t owner[RECORDS_MAX][DNS_NAME_MAX], target[RECORDS_MAX][DNS_NAME_MAX];
	size_t nrecords;
};

static void name_make(uint8_t name[static DNS_NAME_MAX], const char *text)
{
	assert_true(dns_name_from_text(name, text, strlen(text), NULL) > 0);
}

/* Adds a record to the section; `target` NULL: without a name in its rdata. */
static void section_add(struct section *s, uint16_t rrclass, const char *owner, uint16_t type,
			const char *target)
{
	size_t i = s->nrecords++;
	struct dns_update_record *r = &s->record[i];

	name_make(s->owner[i], owner);
	*r = (struct dns_update_record){.owner = s->owner[i], .type = type, .rrclass = rrclass};
	if (target != NULL) {
		name_make(s->target[i], target);
		r->rdata = s->target[i];
		r->nbytes = (uint16_t)dns_name_nbytes(r->rdata);
	} else if (type == DNS_TYPE_SRV) {
		r->rdata = (const uint8_t *)"\0\0\0\0\0\120\1n\0";
		r->nbytes = 9;
	} else {
		r->rdata = (const uint8_t *)"\12\0\0\1";
		r->nbytes = 4;
	}
	r->rdlength = r->nbytes;
}

/* Adds the record that a letter of the rows means. */
static void section_add_letter(struct section *s, char letter)
{
	switch (letter) {
	case 's':
		section_add(s, DNS_CLASS_IN, "a._x._tcp.", DNS_TYPE_SRV, NULL);
		break;
	case 'S':
		section_add(s, DNS_CLASS_IN, "b._x._tcp.", DNS_TYPE_SRV, NULL);
		break;
	case 't':
		section_add(s, DNS_CLASS_IN, "A._x._tcp.", DNS_TYPE_TXT, NULL);
		break;
	case 'p':
		section_add(s, DNS_CLASS_IN, "_x._tcp.", DNS_TYPE_PTR, "a._x._tcp.");
		break;
	case 'r':
		section_add(s, DNS_CLASS_IN, "1.in-addr.arpa.", DNS_TYPE_PTR, "n.");
		break;
	case 'n':
		section_add(s, DNS_CLASS_IN, "n.", DNS_TYPE_A, NULL);
		break;
	case 'k':
		section_add(s, DNS_CLASS_IN, "a._x._tcp.", DNS_TYPE_KEY, NULL);
		break;
	case 'o':
		section_add(s, DNS_CLASS_IN, ".", DNS_TYPE_SOA, NULL);
		break;
	case 'd':
		section_add(s, DNS_CLASS_ANY, "b._x._tcp.", DNS_TYPE_SRV, NULL);
		break;
	default:
		fail();
	}
}

/* Writes the groups as "NAME/NUMBER own +shared; ", records by their letters in the order of the
 * section. */
static void groups_to_text(const struct ledger_groups *groups, const struct section *s,
			   const char *letters, char *text, size_t size)
{
	struct ledger_group group;
	size_t at = 0, n = 0;

	*text = '\0';
	while (ledger_groups_next(groups, &at, &group)) {
		uint8_t lower[DNS_NAME_MAX];
		char name[DNS_NAME_TEXT_MAX], own[16] = "", shared[16] = "";

		/* The name is that of one of the group's records: its case varies. */
		dns_name_lower(lower, group.own[0]->name);
		dns_name_to_text(name, lower);
		for (size_t k = 0; k < s->nrecords; k++)
			for (size_t i = 0; i < group.nown + group.nshared; i++)
				if (ledger_group_record(&group, i)->record == &s->record[k])
					strncat(i < group.nown ? own : shared, &letters[k], 1);
		n += (size_t)snprintf(text + n, size - n, "%s/%u %s%s%s; ", name,
				      group.own[0]->number, own, shared[0] == '\0' ? "" : "+",
				      shared);
		assert_true(n < size);
	}
}

static void each_record_is_in_the_group_of_its_lease(void **state)
{
	static const struct {
		const char *letters;
		bool has_key;
		const char *groups;
	} rows[] = {
		{"", false, ""},
		{"n", false, "n./0 n; "},
		{"nn", false, "n./0 nn; "},
		{"t", false, "a._x._tcp./0 t; "},
		{"p", false, "a._x._tcp./0 p; "},
		{"r", false, "1.in-addr.arpa./0 r; "},
		/* An instance with its node: the address is shared, and a PTR of DNS-SD never is.
		 */
		{"stpn", false, "a._x._tcp./0 stp+n; "},
		{"stprn", false, "a._x._tcp./0 stp+n; 1.in-addr.arpa./0 r+n; "},
		{"sSn", false, "a._x._tcp./0 s+n; b._x._tcp./0 S+n; "},
		/* KEY records are a group of their own in the 8-byte form alone. */
		{"sk", false, "a._x._tcp./0 sk; "},
		{"skn", true, "a._x._tcp./0 s+n; a._x._tcp./1 k; "},
		{"k", true, "a._x._tcp./1 k; "},
		/* Removals and the SOA belong to no group. */
		{"do", false, ""},
		{"dn", false, "n./0 n; "},
		{"osdn", false, "a._x._tcp./0 s+n; "},
	};
	struct ledger_groups groups = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct section s = {.nrecords = 0};
		char text[256];

		for (const char *p = rows[i].letters; *p != '\0'; p++)
			section_add_letter(&s, *p);
		assert_int_equal(
			ledger_groups_make(&groups, 7, zone, s.record, s.nrecords, rows[i].has_key),
			0);
		groups_to_text(&groups, &s, rows[i].letters, text, sizeof(text));
		assert_string_equal(text, rows[i].groups);
	}
	ledger_groups_fini(&groups);
}

static void a_pointer_leases_under_its_instance_or_its_owner(void **state)
{
	static const struct {
		const char *owner, *target, *lease;
	} rows[] = {
		{"_x._tcp.lab.", "a._x._tcp.lab.", "a._x._tcp.lab."},
		{"_x._tcp.lab.", "A._x._tcp.LAB.", "a._x._tcp.lab."},
		{"_x._tcp.lab.", "lab.", "lab."},
		{"_x._tcp.lab.", "foo.", "_x._tcp.lab."},
		{"_x._tcp.lab.", ".", "_x._tcp.lab."},
		{"_x._tcp.lab.", "a.b.c.d.other.", "_x._tcp.lab."},
		{"_x._tcp.lab.", "a._x._tcp.xlab.", "_x._tcp.lab."},
		{"_uses.a._x._tcp.lab.", "b._y._tcp.lab.", "a._x._tcp.lab."},
		{"_uses.a._x._tcp.lab.", "b._y._tcp.other.", "a._x._tcp.lab."},
		{"_runs.n.nodes.lab.", "a._x._tcp.lab.", "_runs.n.nodes.lab."},
	};
	struct ledger_groups groups = {0};
	struct ledger_group group;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct section s = {.nrecords = 0};
		uint8_t lease[DNS_NAME_MAX];
		size_t at = 0;

		section_add(&s, DNS_CLASS_IN, rows[i].owner, DNS_TYPE_PTR, rows[i].target);
		name_make(lease, rows[i].lease);
		assert_int_equal(ledger_groups_make(&groups, 7, (const uint8_t *)"\3lab", s.record,
						    s.nrecords, false),
				 0);
		assert_true(ledger_groups_next(&groups, &at, &group));
		assert_true(dns_name_equal(group.own[0]->name, lease));
		assert_false(ledger_groups_next(&groups, &at, &group));
	}
	ledger_groups_fini(&groups);
}

static void with_too_many_services_no_record_is_shared(void **state)
{
	struct ledger_groups groups = {0};
	struct ledger_group group;

	(void)state;
	for (unsigned nservices = 63; nservices <= 66; nservices++) {
		struct section s = {.nrecords = 0};
		char owner[32];
		size_t at = 0, n = 0;

		section_add(&s, DNS_CLASS_IN, "n.", DNS_TYPE_A, NULL);
		for (unsigned i = 0; i < nservices; i++) {
			snprintf(owner, sizeof(owner), "s%u._x._tcp.", i);
			section_add(&s, DNS_CLASS_IN, owner, DNS_TYPE_SRV, NULL);
		}
		assert_int_equal(ledger_groups_make(&groups, 7, zone, s.record, s.nrecords, false),
				 0);
		for (; ledger_groups_next(&groups, &at, &group); n++)
			assert_int_equal(group.nshared, nservices <= 64 ? 1 : 0);
		assert_int_equal(n, nservices <= 64 ? nservices : nservices + 1);
	}
	ledger_groups_fini(&groups);
}

static void what_services_share_stays_in_proportion_to_the_update(void **state)
{
	struct ledger_groups groups = {0};
	struct ledger_group group;

	(void)state;
	/* 8 services and 8 addresses make 64 shares, four times the 16 records; the ninth address
	 * makes too many. */
	for (unsigned naddresses = 8; naddresses <= 9; naddresses++) {
		struct section s = {.nrecords = 0};
		char owner[32];
		size_t at = 0, n = 0;

		for (unsigned i = 0; i < naddresses; i++)
			section_add(&s, DNS_CLASS_IN, "n.", DNS_TYPE_A, NULL);
		for (unsigned i = 0; i < 8; i++) {
			snprintf(owner, sizeof(owner), "s%u._x._tcp.", i);
			section_add(&s, DNS_CLASS_IN, owner, DNS_TYPE_SRV, NULL);
		}
		assert_int_equal(ledger_groups_make(&groups, 7, zone, s.record, s.nrecords, false),
				 0);
		for (; ledger_groups_next(&groups, &at, &group); n++)
			assert_int_equal(group.nshared, naddresses == 8 ? 8 : 0);
		assert_int_equal(n, naddresses == 8 ? 8 : 9);
	}
	ledger_groups_fini(&groups);
}

static void many_long_names_are_grouped(void **state)
{
	enum { MANY = 4096 };
	struct dns_update_record *records = calloc(MANY, sizeof(*records));
	uint8_t(*owners)[DNS_NAME_MAX] = calloc(MANY, sizeof(*owners));
	struct ledger_groups groups = {0};
	struct ledger_group group;
	char text[96];
	size_t at = 0, n = 0;

	(void)state;
	assert_true(records != NULL && owners != NULL);
	/* 64 services, of which the first has all other SRVs, each time in another case. */
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(text, sizeof(text), "%c%055u._x._tcp.", i % 3 == 0 ? 'N' : 'n',
			 i < 64 ? i : 0);
		name_make(owners[i], text);
		records[i] = (struct dns_update_record){.owner = owners[i],
							.type = DNS_TYPE_SRV,
							.rrclass = DNS_CLASS_IN,
							.rdata = (const uint8_t *)"\0\0\0\0\0\1\1n",
							.nbytes = 9};
	}
	assert_int_equal(ledger_groups_make(&groups, 7, zone, records, MANY, false), 0);
	for (; ledger_groups_next(&groups, &at, &group); n++)
		assert_int_equal(group.nown, n == 0 ? MANY - 63 : 1);
	assert_int_equal(n, 64);
	ledger_groups_fini(&groups);
	free(owners);
	free(records);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_record_is_in_the_group_of_its_lease),
		cmocka_unit_test(a_pointer_leases_under_its_instance_or_its_owner),
		cmocka_unit_test(with_too_many_services_no_record_is_shared),
		cmocka_unit_test(many_long_names_are_grouped),
		cmocka_unit_test(what_services_share_stays_in_proportion_to_the_update),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
