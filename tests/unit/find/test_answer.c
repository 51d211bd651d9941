/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "../memory.h"
#include "dns/type.h"
#include "fake.h"
#include "find/answer.h"

enum { NOW = 5000 };

static struct fake_message message;
static struct find_answer answer;
static char why[FIND_ANSWER_WHY_MAX];

static const struct fake_record web[] = {
	{"_a._tcp.lab", "PTR", 90, "i._a._tcp.lab"},
	{"_a._tcp.lab", "PTR", 80, "j._a._tcp.lab"},
	{"i._a._tcp.lab", "SRV", 70, "0 1 1 n1.lab"},
	{"i._a._tcp.lab", "TXT", 60, "a=b"},
	{"n1.lab", "A", 50, "127.0.0.1"},
	{"n1.lab", "A", 50, "127.0.0.2"},
};

static int read_as(const char *text, uint16_t type, unsigned flags)
{
	uint8_t name[DNS_NAME_MAX];
	struct resolve_answer a;
	size_t nbytes;

	assert_true(dns_name_from_text(name, text, strlen(text), NULL) > 0);
	nbytes = fake_write(&message, 1, name, type);
	message.bytes[2] = (uint8_t)(flags >> 8);
	message.bytes[3] |= (uint8_t)flags;
	assert_true(resolve_message_parse(&a, message.bytes, nbytes, 1, name, type));
	return find_answer_read(&answer, &a, name, type, NOW, why);
}

static int read_answer(const char *text, uint16_t type)
{
	return read_as(text, type, DNS_FLAG_QR | DNS_FLAG_AA);
}

/* Returns the sets as text: `NAME TYPE KIND RECORDS TTL`, with a `+` if additional. */
static const char *sets(void)
{
	static const char *const kinds[] = {"data", "alias", "nodata", "nxdomain"};
	static char text[2048];
	char name[DNS_NAME_TEXT_MAX], type[DNS_TYPE_TEXT_MAX];
	size_t n = 0;

	text[0] = '\0';
	for (const struct find_answer_set *s = answer.first; s != NULL; s = s->next) {
		dns_name_to_text(name, s->name);
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s %s %s %u %u%s\n", name,
				      dns_type_to_text(type, s->type), kinds[s->rrset->kind],
				      s->rrset->nrecords,
				      (unsigned)(s->rrset->expires_ms - NOW) / 1000,
				      s->rrset->is_additional ? "+" : "");
	}
	find_answer_fini(&answer);
	return text;
}

static void start(const struct fake_record *records, size_t nrecords)
{
	fake_start(records, nrecords);
}

#define START(records) start((records), sizeof(records) / sizeof(*(records)))

static void all_that_the_question_leads_to_is_accepted(void **state)
{
	(void)state;
	START(web);
	assert_int_equal(read_answer("_a._tcp.lab", DNS_TYPE_PTR), 0);
	assert_string_equal(sets(), "_a._tcp.lab. PTR data 2 80\n"
				    "i._a._tcp.lab. SRV data 1 70+\n"
				    "i._a._tcp.lab. TXT data 1 60+\n"
				    "n1.lab. A data 2 50+\n"
				    "n1.lab. AAAA nodata 0 50+\n");
	assert_int_equal(read_answer("I._A._tcp.LAB", DNS_TYPE_SRV), 0);
	assert_string_equal(sets(), "i._a._tcp.lab. SRV data 1 70\n"
				    "n1.lab. A data 2 50+\n"
				    "n1.lab. AAAA nodata 0 50+\n");
	fake_end();
}

static void a_large_answer_is_sent(struct fake_message *m, const uint8_t *name, uint16_t type)
{
	char text[256];

	(void)name;
	(void)type;
	for (size_t i = 0; i < 3; i++) {
		size_t at = i == 0 ? 0 : i == 1 ? 2 : 4;

		fake_add(m, i == 0 ? 0 : 2, &web[at]);
	}
	memset(text, 'x', 255);
	text[255] = '\0';
	for (int i = 0; i < 3; i++)
		fake_add(m, 2, &(struct fake_record){"pad.lab", "TXT", 1, text});
}

/* An answer that has little room left may lack what did not fit. */
static void a_full_answer_shows_nothing_by_what_is_missing(void **state)
{
	(void)state;
	START(web);
	fake.lie = a_large_answer_is_sent;
	assert_int_equal(read_answer("_a._tcp.lab", DNS_TYPE_PTR), 0);
	assert_string_equal(sets(), "_a._tcp.lab. PTR data 1 90\n"
				    "i._a._tcp.lab. SRV data 1 70+\n"
				    "n1.lab. A data 1 50+\n");
	fake_end();
}

static void repeated_records_are_sent(struct fake_message *m, const uint8_t *name, uint16_t type)
{
	(void)name;
	(void)type;
	for (int i = 0; i < 3; i++) {
		fake_add(m, 0, &(struct fake_record){"n1.lab", "A", 50, "127.0.0.1"});
		fake_add(m, 0, &(struct fake_record){"N1.lab", "A", 40, "127.0.0.2"});
	}
	fake_add(m, 2, &(struct fake_record){"n1.lab", "A", 30, "127.0.0.3"});
	fake_add(m, 1, &(struct fake_record){"n1.lab", "A", 30, "127.0.0.4"});
}

static void records_count_once_and_in_their_section(void **state)
{
	(void)state;
	START(web);
	fake.lie = repeated_records_are_sent;
	assert_int_equal(read_answer("n1.lab", DNS_TYPE_A), 0);
	assert_string_equal(sets(), "n1.lab. A data 2 40\n");
	fake_end();
}

static void ttls_are_capped(void **state)
{
	static const struct fake_record records[] = {{"n1.lab", "A", 9999999, "127.0.0.1"}};

	(void)state;
	START(records);
	assert_int_equal(read_answer("n1.lab", DNS_TYPE_A), 0);
	assert_string_equal(sets(), "n1.lab. A data 1 86400\n");
	fake_end();
}

static void what_is_denied_has_the_ttl_of_its_soa(void **state)
{
	(void)state;
	START(web);
	assert_int_equal(read_answer("n1.lab", DNS_TYPE_AAAA), 0);
	assert_string_equal(sets(), "n1.lab. AAAA nodata 0 60\n");
	assert_int_equal(read_answer("n9.lab", DNS_TYPE_AAAA), 0);
	assert_string_equal(sets(), "n9.lab. AAAA nxdomain 0 60\n");
	fake.soa_ttl = 7;
	assert_int_equal(read_answer("n9.lab", DNS_TYPE_AAAA), 0);
	assert_string_equal(sets(), "n9.lab. AAAA nxdomain 0 7\n");
	/* The SOA of another zone denies nothing for any time. */
	assert_int_equal(read_answer("n9.org", DNS_TYPE_AAAA), 0);
	assert_string_equal(sets(), "n9.org. AAAA nxdomain 0 0\n");
	fake.has_no_soa = true;
	assert_int_equal(read_answer("n1.lab", DNS_TYPE_AAAA), 0);
	assert_string_equal(sets(), "n1.lab. AAAA nodata 0 0\n");
	fake_end();
}

static void a_referral_is_sent(struct fake_message *m, const uint8_t *name, uint16_t type)
{
	(void)name;
	(void)type;
	fake_add(m, 1, &(struct fake_record){"lab", "NS", 99, "ns.lab"});
}

static void a_referral_is_not_an_answer(void **state)
{
	(void)state;
	START(web);
	fake.lie = a_referral_is_sent;
	assert_int_equal(read_as("n1.lab", DNS_TYPE_A, DNS_FLAG_QR), -EHOSTUNREACH);
	assert_string_equal(why, "the server refers to others");
	fake_end();
}

static void aliases_lead_to_records_or_away(void **state)
{
	static const struct fake_record records[] = {
		{"a.lab", "CNAME", 90, "b.lab"},  {"b.lab", "CNAME", 80, "n1.lab"},
		{"n1.lab", "A", 70, "127.0.0.1"}, {"out.lab", "CNAME", 60, "www.org"},
		{"l.lab", "CNAME", 60, "l.lab"},
	};

	(void)state;
	START(records);
	assert_int_equal(read_answer("a.lab", DNS_TYPE_A), 0);
	assert_string_equal(sets(), "a.lab. A alias 1 90\nb.lab. A alias 1 80\n"
				    "n1.lab. A data 1 70\n");
	assert_int_equal(read_answer("a.lab", DNS_TYPE_AAAA), 0);
	assert_string_equal(sets(), "a.lab. AAAA alias 1 90\nb.lab. AAAA alias 1 80\n"
				    "n1.lab. AAAA nodata 0 60\n");
	assert_int_equal(read_answer("l.lab", DNS_TYPE_A), -EBADMSG);
	assert_string_equal(why, "its CNAME records are a loop, or more than 8");
	fake_end();
}

static void an_alias_alone_is_sent(struct fake_message *m, const uint8_t *name, uint16_t type)
{
	(void)name;
	(void)type;
	fake_add(m, 0, &(struct fake_record){"out.lab", "CNAME", 60, "www.org"});
}

static void an_alias_to_elsewhere_is_left_to_be_asked(void **state)
{
	(void)state;
	START(web);
	fake.lie = an_alias_alone_is_sent;
	assert_int_equal(read_answer("out.lab", DNS_TYPE_A), 0);
	assert_string_equal(sets(), "out.lab. A alias 1 60\n");
	fake_end();
}

static void short_memory_is_an_error(void **state)
{
	int status = -ENOMEM;

	(void)state;
	for (int n = 0; status < 0; n++) {
		START(web);
		memory_fail_after(n);
		status = read_answer("_a._tcp.lab", DNS_TYPE_PTR);
		memory_fail_after(MEMORY_ENOUGH);
		assert_int_equal(status, memory_has_failed() ? -ENOMEM : 0);
		fake_end();
	}
	find_answer_fini(&answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_the_question_leads_to_is_accepted),
		cmocka_unit_test(a_full_answer_shows_nothing_by_what_is_missing),
		cmocka_unit_test(records_count_once_and_in_their_section),
		cmocka_unit_test(ttls_are_capped),
		cmocka_unit_test(what_is_denied_has_the_ttl_of_its_soa),
		cmocka_unit_test(a_referral_is_not_an_answer),
		cmocka_unit_test(aliases_lead_to_records_or_away),
		cmocka_unit_test(an_alias_to_elsewhere_is_left_to_be_asked),
		cmocka_unit_test(short_memory_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
