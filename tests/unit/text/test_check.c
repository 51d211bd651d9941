/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "dns/name.h"
#include "dns/rdata.h"
#include "text/check.h"
#include "text/zonefile.h"

enum { RECORDS_MAX = 64 };

static const uint8_t origin[] = "\1z";

/* A zone of few records in canonical order of owners. */
struct little_zone {
	struct dns_record records[RECORDS_MAX];
	unsigned nrecords, next;
	struct base_location place;
	struct text_check *check;
	char problems[4096];
	unsigned walks;
};

static void on_problem(void *arg, enum base_log_level level, const struct base_error *error)
{
	struct little_zone *z = arg;
	size_t n = strlen(z->problems);

	snprintf(z->problems + n, sizeof(z->problems) - n, "%c%u %s\n",
		 level == BASE_LOG_ERROR ? 'E' : 'W', error->at.line, error->text);
}

static void *copy(const void *bytes, size_t nbytes)
{
	void *p = malloc(nbytes + 1);

	memcpy(p, bytes, nbytes);
	return p;
}

static int on_record(void *arg, const struct dns_record *record)
{
	struct little_zone *z = arg;
	unsigned i = z->nrecords++;

	assert_int_equal(text_check_record(z->check, record, &z->place), 0);
	for (; i > 0 && dns_name_compare(z->records[i - 1].owner, record->owner) > 0; i--)
		z->records[i] = z->records[i - 1];
	z->records[i] = *record;
	z->records[i].owner = copy(record->owner, dns_name_nbytes(record->owner));
	z->records[i].rdata = copy(record->rdata, record->nbytes);
	return 0;
}

static void on_report(void *arg, enum base_log_level level, const struct base_error *error)
{
	(void)arg;
	(void)level;
	fail_msg("%s:%u: %s", error->at.file, error->at.line, error->text);
}

static bool has(void *arg, const uint8_t *owner, uint16_t type)
{
	const struct little_zone *z = arg;

	for (unsigned i = 0; i < z->nrecords; i++)
		if ((type == 0 || z->records[i].type == type) &&
		    dns_name_equal(z->records[i].owner, owner))
			return true;
	return false;
}

static bool next(void *arg, struct dns_record *record)
{
	struct little_zone *z = arg;

	z->walks += z->next == 0;
	if (z->next == z->nrecords)
		return false;
	*record = z->records[z->next++];
	return true;
}

/* Checks the zone of this text; `problems` are the expected lines "E12 text" or "W12 text".
 * Returns how often the zone was walked. */
static unsigned check_extent(const char *text, enum text_check_extent extent, const char *problems)
{
	struct little_zone z = {0};
	const struct text_reader reader = {.origin = origin,
					   .on_record = on_record,
					   .on_report = on_report,
					   .arg = &z,
					   .location = &z.place};
	const struct text_check_reader view = {.has = has, .next = next, .arg = &z};
	char path[] = "/tmp/weft-check-XXXXXX";
	int fd = mkstemp(path);
	unsigned wanted = 0;

	assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	z.check = text_check_new(origin, path, on_problem, &z);
	assert_int_equal(text_zonefile_read(path, &reader), 0);
	for (const char *p = problems; *p != '\0'; p = strchr(p, '\n') + 1)
		wanted += *p == 'E';
	assert_int_equal(text_check_finish(z.check, &view, extent), wanted);
	assert_string_equal(z.problems, problems);
	text_check_free(z.check);
	for (unsigned i = 0; i < z.nrecords; i++) {
		free((void *)z.records[i].owner);
		free((void *)z.records[i].rdata);
	}
	close(fd);
	unlink(path);
	return z.walks;
}

static unsigned check(const char *text, const char *problems)
{
	return check_extent(text, TEXT_CHECK_WHOLE, problems);
}

#define APEX "$TTL 1\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 127.0.0.1\n"

static void a_plain_zone_is_not_even_walked(void **state)
{
	(void)state;
	assert_int_equal(check(APEX "web A 127.0.0.2\nweb TXT x\n", ""), 0);
}

static void targets_that_are_not_in_the_zone_are_warned_of(void **state)
{
	(void)state;
	check(APEX "web SRV 0 0 80 no\na CNAME nowhere\nmail MX 1 mail\n"
		   "ok SRV 0 0 80 ns\nout SRV 0 0 80 else.where.\nnone SRV 0 0 0 .\n"
		   "alias CNAME ns\nouter CNAME else.where.\n",
	      "W6 a.z.: the CNAME leads to nowhere.z., which is not in the zone\n"
	      "W7 mail.z.: the MX leads to mail.z., which has no address in the zone\n"
	      "W5 web.z.: the SRV leads to no.z., which has no address in the zone\n");
	check(APEX "web SRV 0 0 80 x.wild\n*.wild A 127.0.0.2\n"
		   "sub NS ns\nsrv SRV 0 0 80 x.sub\nc CNAME y.sub\nd DNAME e.\nf CNAME g.d\n",
	      "");
}

static void of_many_missing_targets_ten_are_named(void **state)
{
	char text[2048] = APEX, wanted[2048] = "";

	(void)state;
	for (int i = 10; i < 22; i++) {
		size_t n = strlen(text), nwanted = strlen(wanted);

		snprintf(text + n, sizeof(text) - n, "s%d SRV 0 0 80 no\n", i);
		if (i < 20)
			snprintf(wanted + nwanted, sizeof(wanted) - nwanted,
				 "W%d s%d.z.: the SRV leads to no.z., which has no address in the "
				 "zone\n",
				 i - 5, i);
	}
	strcat(wanted, "W0 2 more SRV, MX and CNAME records lead to names that are not in the "
		       "zone\n");
	check(text, wanted);
}

static void what_a_part_of_a_file_lacks_is_not_an_error(void **state)
{
	(void)state;
	check_extent("$TTL 1\na A 1.2.3.4\nweb SRV 0 0 80 no\nb CNAME a\nb A 1.2.3.4\n",
		     TEXT_CHECK_PART,
		     "E4 b.z.: a CNAME beside other data (RFC 1034 section 3.6.2)\n");
}

static void soa_and_ns_belong_to_the_apex(void **state)
{
	(void)state;
	check("$TTL 1\na A 1.2.3.4\n", "E0 no SOA for z.\nE0 no NS for z.\n");
	check(APEX "@ SOA ns h 2 2 3 4 5\na SOA ns h 1 2 3 4 5\n",
	      "E5 z.: a second SOA\nE6 a.z.: an SOA that is not at the zone's apex\n");
}

static void a_cname_stands_alone(void **state)
{
	(void)state;
	assert_int_equal(check(APEX "a CNAME b\nb A 1.2.3.4\n", ""), 1);
	check(APEX "a TXT x\na CNAME ns\n",
	      "E6 a.z.: a CNAME beside other data (RFC 1034 section 3.6.2)\n");
	check(APEX "a CNAME ns\na CNAME y.\n",
	      "E5 a.z.: more than one CNAME (RFC 1034 section 3.6.2)\n");
	check(APEX "a CNAME ns\na DNAME c\n",
	      "E5 a.z.: a CNAME beside other data (RFC 1034 section 3.6.2)\n");
	check(APEX "a CNAME ns\na NSEC b CNAME NSEC\na RRSIG CNAME 13 2 1 20300101000000 "
		   "20200101000000 1 z. AQID\n",
	      "");
}

static void a_dname_hides_what_is_below(void **state)
{
	(void)state;
	check(APEX "d DNAME e\nd TXT x\ndd TXT x\n", "");
	check(APEX "d DNAME e\nd DNAME f\n",
	      "E5 d.z.: more than one DNAME (RFC 6672 section 2.4)\n");
	check(APEX "d DNAME e\nx.d A 1.2.3.4\ny.x.d TXT x\ne TXT x\n",
	      "W5 x.d.z.: not served, because it lies below the DNAME d.z.\n"
	      "W5 y.x.d.z.: not served, because it lies below the DNAME d.z.\n");
}

static void a_delegation_hides_all_but_glue(void **state)
{
	(void)state;
	check(APEX "d NS ns.d\nns.d A 1.2.3.4\nd DS 1 13 5 00\n", "");
	check(APEX "d NS ns.d\nns.d A 1.2.3.4\nns.d TXT x\nd MX 1 ns\n",
	      "W5 d.z.: holds data that is not served, because it is delegated\n"
	      "W5 ns.d.z.: not served, because it lies below the delegation d.z.\n");
	check(APEX "d NS x.\n1.d TXT x\n2.d TXT x\n3.d TXT x\n4.d TXT x\n5.d TXT x\n6.d TXT x\n7.d "
		   "TXT x\n",
	      "W5 1.d.z.: not served, because it lies below the delegation d.z.\n"
	      "W5 2.d.z.: not served, because it lies below the delegation d.z.\n"
	      "W5 3.d.z.: not served, because it lies below the delegation d.z.\n"
	      "W5 4.d.z.: not served, because it lies below the delegation d.z.\n"
	      "W5 5.d.z.: not served, because it lies below the delegation d.z.\n"
	      "W5 d.z.: hides further names\n");
}

static void name_servers_need_addresses(void **state)
{
	(void)state;
	check("$TTL 1\n@ SOA ns h 1 2 3 4 5\n@ NS ns\n",
	      "E3 z.: the name server ns.z. has no address\n");
	check("$TTL 1\n@ SOA ns h 1 2 3 4 5\n@ NS ns.elsewhere.\n", "");
	check("$TTL 1\n@ SOA ns h 1 2 3 4 5\n@ NS ns.a\n*.a AAAA ::1\n", "");
	check("$TTL 1\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns CNAME a\na A 1.2.3.4\n",
	      "W3 z.: the name server ns.z. is an alias (RFC 2181 section 10.3)\n");
	check(APEX "d NS ns.d\n",
	      "W5 d.z.: the name server ns.d.z. lies below the delegation and has no glue\n");
	check(APEX "d NS ns.e\ne NS x.\n", "W5 d.z.: the name server ns.e.z. has no glue\n");
}

static void targets_should_be_no_aliases(void **state)
{
	(void)state;
	check(APEX "a CNAME ns\nm MX 1 a\nm SRV 0 0 1 A\nm SRV 0 0 1 ns\n",
	      "W5 a.z.: an alias, but the target of m.z. MX (RFC 2181 section 10.3)\n"
	      "W5 A.z.: an alias, but the target of m.z. SRV (RFC 2181 section 10.3)\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_plain_zone_is_not_even_walked),
		cmocka_unit_test(targets_that_are_not_in_the_zone_are_warned_of),
		cmocka_unit_test(of_many_missing_targets_ten_are_named),
		cmocka_unit_test(what_a_part_of_a_file_lacks_is_not_an_error),
		cmocka_unit_test(soa_and_ns_belong_to_the_apex),
		cmocka_unit_test(a_cname_stands_alone),
		cmocka_unit_test(a_dname_hides_what_is_below),
		cmocka_unit_test(a_delegation_hides_all_but_glue),
		cmocka_unit_test(name_servers_need_addresses),
		cmocka_unit_test(targets_should_be_no_aliases),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
