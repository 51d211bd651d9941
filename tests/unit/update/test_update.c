/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../memory.h"
#include "dns/update.h"

static void a_message_cut_anywhere_is_formerr(void **state)
{
	struct kit_fixture *f = *state;
	const struct dns_update_record *records;
	size_t whole, count;

	kit_message(f, "NONE 0 a.lab.cloud. ANY\nIN 0 web.lab.cloud. TXT one", kit_marker);
	whole = f->nbytes;
	for (f->nbytes = 0; f->nbytes < whole; f->nbytes++) {
		uint8_t *copy = test_malloc(f->nbytes + 1);
		int rcode;

		memcpy(copy, f->msg, f->nbytes);
		rcode = kit_run(f, copy, f->nbytes, kit_bench);
		assert_int_equal(rcode, DNS_RCODE_FORMERR);
		test_free(copy);
		records = update_records(f->update, &count);
		for (size_t i = 0; i < count; i++)
			assert_memory_equal(records[i].owner, "\6marker\3lab\5cloud", 18);
	}
	kit_assert_holds(f, "marker.lab.cloud.", "");
	f->nbytes = whole;
	assert_int_equal(kit_send_as(f, kit_bench), DNS_RCODE_NOERROR);
}

static void an_update_of_nothing_is_noerror(void **state)
{
	struct kit_fixture *f = *state;

	assert_int_equal(kit_send(f, "", ""), DNS_RCODE_NOERROR);
	assert_int_equal(kit_send(f, "ANY 0 web.lab.cloud. ANY", ""), DNS_RCODE_NOERROR);
	assert_int_equal(kit_send(f, "NONE 0 web.lab.cloud. ANY", ""), DNS_RCODE_YXDOMAIN);
}

static void counts_beyond_the_message_are_formerr(void **state)
{
	struct kit_fixture *f = *state;

	kit_message(f, "", kit_marker);
	memset(f->msg + 6, 0xff, 4);
	assert_int_equal(kit_send_as(f, kit_bench), DNS_RCODE_FORMERR);
	assert_string_equal(f->result.text, "the message is malformed or cut short");
}

static void changed_records_are_counted(void **state)
{
	struct kit_fixture *f = *state;

	assert_int_equal(kit_send(f, "", kit_registration), 0);
	assert_int_equal(f->result.nadded, 4);
	assert_int_equal(f->result.nremoved, 0);
	kit_send(f, "", "ANY 0 web.lab.cloud. ANY\nIN 5 web.lab.cloud. A 192.0.2.1");
	assert_int_equal(f->result.nadded, 1);
	assert_int_equal(f->result.nremoved, 3);
}

static void an_update_sent_again_changes_nothing(void **state)
{
	struct kit_fixture *f = *state;
	struct zone_changeset changes;
	uint32_t serial;

	assert_int_equal(kit_send(f, "", kit_registration), 0);
	assert_int_equal(zone_draft_seal(f->draft, &changes), 1);
	assert_int_equal(changes.nadded, 5); /* the KIT_SOA is counted too */
	zone_draft_publish(f->draft);

	f->draft = zone_draft_new(f->zone);
	serial = zone_draft_serial(f->draft);
	assert_int_equal(kit_send(f, "", kit_registration), 0);
	assert_int_equal(zone_draft_seal(f->draft, &changes), 0);
	assert_int_equal(zone_draft_serial(f->draft), serial);
}

static void updates_of_one_batch_see_each_other(void **state)
{
	struct kit_fixture *f = *state;

	assert_int_equal(kit_send(f, "NONE 0 marker.lab.cloud. ANY", kit_marker), 0);
	assert_int_equal(kit_send(f, "NONE 0 marker.lab.cloud. ANY", kit_marker),
			 DNS_RCODE_YXDOMAIN);
	assert_int_equal(
		kit_send(f, "IN 0 marker.lab.cloud. TXT done", "ANY 0 marker.lab.cloud. TXT"), 0);
	kit_assert_holds(f, "marker.lab.cloud.", "");
}

static void a_message_of_64_kib_is_taken(void **state)
{
	struct kit_fixture *f = *state;
	char *updates = calloc(1, 200000), *p = updates;

	for (unsigned i = 0; i < 1800; i++)
		p += sprintf(p, "IN 60 n%u.lab.cloud. A 10.0.%u.%u\n", i, i / 256, i % 256);
	kit_message(f, "", updates);
	assert_true(f->nbytes > 50000);
	assert_int_equal(kit_send_as(f, kit_bench), 0);
	assert_int_equal(f->result.nadded, 1800);
	kit_assert_holds(f, "n1799.lab.cloud.", "A 60 10.0.7.7");
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
	struct kit_fixture *f = *state;

	for (unsigned i = 0; i < 1800; i++)
		p += sprintf(p, "IN 60 n%u.lab.cloud. A 10.0.%u.%u\n", i, i / 256, i % 256);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		int rcode = -ENOMEM;
		unsigned n;

		kit_message(f, cases[i].prerequisites, cases[i].updates);
		for (n = 1; rcode == -ENOMEM || memory_has_failed(); n++) {
			zone_draft_abort(f->draft);
			ledger_undo(&f->ledger);
			view_undo(&f->view);
			update_free(f->update);
			f->draft = zone_draft_new(f->zone);
			f->update = update_new(&f->ledger, &f->view);
			memory_fail_after((int)n - 1);
			rcode = kit_run(f, f->msg, f->nbytes, kit_bench);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		KIT_TEST(a_message_cut_anywhere_is_formerr),
		KIT_TEST(an_update_of_nothing_is_noerror),
		KIT_TEST(counts_beyond_the_message_are_formerr),
		KIT_TEST(changed_records_are_counted),
		KIT_TEST(an_update_sent_again_changes_nothing),
		KIT_TEST(updates_of_one_batch_see_each_other),
		KIT_TEST(a_message_of_64_kib_is_taken),
		KIT_TEST(short_memory_is_never_mistaken_for_an_rcode),
		KIT_TEST(an_updater_needs_memory),
	};

	return cmocka_run_group_tests(tests, kit_threads_begin, kit_threads_end);
}
