/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../memory.h"
#include "base/rcu.h"
#include "hosting/load.h"
#include "hosting/merge.h"
#include "text/zonefile.h"
#include "zone/draft.h"
#include "zone/zone.h"

static const uint8_t apex[] = "\003lab\005cloud";

static void on_report(void *arg, enum base_log_level level, const struct base_error *error)
{
	(void)arg;
	if (level == BASE_LOG_ERROR)
		fail_msg("line %u: %s", error->at.line, error->text);
}

/* Makes a zone of the records in `text`, with this serial. If `text` has no NS record, one is
 * added. */
static struct zone *zone_of(unsigned serial, const char *text)
{
	char path[] = "/tmp/weft-merge-XXXXXX";
	struct zone *zone = zone_new(apex, 1);
	FILE *f = fdopen(mkstemp(path), "w");

	assert_non_null(zone);
	assert_non_null(f);
	fprintf(f, "$ORIGIN lab.cloud.\n$TTL 60\n@ SOA ns admin %u 1 2 3 4\n%s%s", serial,
		strstr(text, "@ NS") == NULL ? "@ NS ns.other.\n" : "", text);
	fclose(f);
	assert_int_equal(hosting_load(zone, path, NULL, on_report, NULL), 0);
	unlink(path);
	return zone;
}

/* Returns whether both zones have the same records apart from the SOA. */
static void assert_same_records(const struct zone *a, const struct zone *b)
{
	struct hosting_merge m;

	assert_int_equal(hosting_merge_take(&m, zone_current(a), zone_current(b)), 0);
	assert_int_equal(m.removed.count, 0);
	assert_int_equal(m.added.count, 0);
	assert_int_equal(m.respelled.count, 0);
	hosting_merge_fini(&m);
}

/* Merges the step from one file to the other into a zone. Returns how many records were left
 * out. */
static size_t merge(struct zone *into, const struct zone *before, const struct zone *after,
		    bool is_moving)
{
	struct zone_draft *d = zone_draft_new(into);
	struct zone_changeset changes;
	struct hosting_merge m;
	size_t nbarred;

	assert_non_null(d);
	assert_int_equal(hosting_merge_take(&m, zone_current(before), zone_current(after)), 0);
	assert_int_equal(hosting_merge_apply(&m, d, is_moving), 0);
	nbarred = m.nbarred;
	assert_true((m.barred != NULL) == (nbarred > 0));
	if (zone_draft_seal(d, &changes) > 0)
		zone_draft_publish(d);
	else
		zone_draft_abort(d);
	hosting_merge_fini(&m);
	return nbarred;
}

static void the_step_between_two_files_is_applied(void **state)
{
	static const struct {
		const char *before, *zone, *after, *then;
		size_t nbarred;
	} cases[] = {
		{"", "", "a A 10.0.0.1\n", "a A 10.0.0.1\n", 0},
		{"a A 10.0.0.1\n", "a A 10.0.0.1\n", "", "", 0},
		/* a registered record remains */
		{"a A 10.0.0.1\n", "a A 10.0.0.1\na A 10.0.0.2\n", "", "a A 10.0.0.2\n", 0},
		{"", "a A 10.0.0.2\n", "a A 10.0.0.1\n", "a A 10.0.0.1\na A 10.0.0.2\n", 0},
		/* a record that is in both files changes nothing */
		{"a A 10.0.0.1\n", "", "a A 10.0.0.1\n", "", 0},
		{"a A 10.0.0.1\n", "", "a 90 A 10.0.0.1\n", "a 90 A 10.0.0.1\n", 0},
		/* a CNAME is the only record at its name, whichever came first */
		{"", "a CNAME ns\n", "a A 10.0.0.1\na TXT x\n", "a CNAME ns\n", 2},
		{"", "a A 10.0.0.1\n", "a CNAME ns\n", "a A 10.0.0.1\n", 1},
		{"a CNAME ns\n", "a CNAME ns\n", "a A 10.0.0.1\n", "a A 10.0.0.1\n", 0},
		{"a A 10.0.0.1\n", "a A 10.0.0.1\n", "a CNAME ns\n", "a CNAME ns\n", 0},
		{"a CNAME b\n", "a CNAME c\n", "a CNAME d\n", "a CNAME d\n", 0},
		{"", "a DNAME b.\n", "a DNAME c.\n", "a DNAME c.\n", 0},
		/* the case of names is that of the file, if the edit was about it */
		{"a SRV 0 0 1 b\n", "a SRV 0 0 1 b\n", "a SRV 0 0 1 B\n", "a SRV 0 0 1 B\n", 0},
		{"a A 10.0.0.1\n", "a A 10.0.0.1\na TXT x\n", "A A 10.0.0.1\n",
		 "A A 10.0.0.1\nA TXT x\n", 0},
		{"a A 10.0.0.1\n", "A A 10.0.0.1\n", "a A 10.0.0.1\n", "A A 10.0.0.1\n", 0},
		{"a A 10.0.0.1\n", "", "A A 10.0.0.1\n", "", 0},
		/* the apex always has an NS record */
		{"@ NS a.\n", "@ NS a.\n", "@ NS b.\n", "@ NS b.\n", 0},
		{"@ NS a.\n@ NS b.\n", "@ NS b.\n", "@ NS a.\n", "@ NS b.\n", 0},
		{"@ NS a.\n@ NS b.\n", "@ NS a.\n@ NS b.\n", "@ NS b.\n", "@ NS b.\n", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct zone *before = zone_of(1, cases[i].before);
		struct zone *zone = zone_of(9, cases[i].zone);
		struct zone *after = zone_of(1, cases[i].after);
		struct zone *then = zone_of(9, cases[i].then);

		assert_int_equal(merge(zone, before, after, false), cases[i].nbarred);
		assert_same_records(zone, then);
		zone_free(before);
		zone_free(zone);
		zone_free(after);
		zone_free(then);
	}
}

static void the_serial_moves_on_and_never_back(void **state)
{
	static const struct {
		unsigned before, zone, after;
		const char *text;
		bool is_moving;
		unsigned then;
	} cases[] = {
		{1, 9, 1, "", false, 9},
		{1, 9, 1, "a A 10.0.0.1\n", false, 10},
		{1, 9, 20, "", false, 20},
		{1, 9, 20, "a A 10.0.0.1\n", false, 20},
		{1, 9, 5, "a A 10.0.0.1\n", false, 10},
		{1, 9, 1, "", true, 10},
		{1, 9, 5, "", true, 10},
		{1, 9, 20, "", true, 20},
		{1, 4294967295, 1, "", true, 1},
		{4294967290, 4294967295, 3, "", false, 3},
		/* the zone's serial was set back, the file's was not edited */
		{2026112901, 11, 2026112901, "a A 10.0.0.1\n", true, 12},
		{2026112901, 11, 2026112901, "a A 10.0.0.1\n", false, 12},
		{2026112901, 11, 2026112902, "", false, 2026112902},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct zone *before = zone_of(cases[i].before, "");
		struct zone *zone = zone_of(cases[i].zone, "");
		struct zone *after = zone_of(cases[i].after, cases[i].text);

		merge(zone, before, after, cases[i].is_moving);
		assert_int_equal(zone_snapshot_serial(zone_current(zone)), cases[i].then);
		zone_free(before);
		zone_free(zone);
		zone_free(after);
	}
}

static void what_changed_is_counted(void **state)
{
	static const struct {
		const char *before, *zone, *after;
		size_t nadded, nremoved;
	} cases[] = {
		{"", "", "", 0, 0},
		{"a A 10.0.0.1\n", "a A 10.0.0.1\n", "b A 10.0.0.1\nc A 10.0.0.1\n", 2, 1},
		/* the zone has the record already, or does not have it any more */
		{"", "a A 10.0.0.1\n", "a A 10.0.0.1\n", 0, 0},
		{"a A 10.0.0.1\n", "", "", 0, 0},
		{"a A 10.0.0.1\n", "a A 10.0.0.1\n", "a 90 A 10.0.0.1\n", 1, 0},
		{"", "a A 10.0.0.1\n", "a CNAME ns\n", 0, 0},
		{"", "a CNAME b\n", "a CNAME c\n", 1, 1},
		{"@ NS a.\n", "@ NS a.\n", "@ NS b.\n", 1, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct zone *before = zone_of(1, cases[i].before);
		struct zone *zone = zone_of(9, cases[i].zone);
		struct zone *after = zone_of(1, cases[i].after);
		struct zone_draft *d = zone_draft_new(zone);
		struct hosting_merge m;

		assert_non_null(d);
		assert_int_equal(hosting_merge_take(&m, zone_current(before), zone_current(after)),
				 0);
		/* a second time, in another draft, counts anew */
		for (unsigned j = 0; j < 2; j++) {
			assert_int_equal(hosting_merge_apply(&m, d, false), 0);
			assert_int_equal(m.nadded, cases[i].nadded);
			assert_int_equal(m.nremoved, cases[i].nremoved);
			zone_draft_abort(d);
			d = zone_draft_new(zone);
			assert_non_null(d);
		}
		zone_draft_abort(d);
		hosting_merge_fini(&m);
		zone_free(before);
		zone_free(zone);
		zone_free(after);
	}
}

static void short_memory_leaves_nothing_behind(void **state)
{
	struct zone *before = zone_of(1, ""), *after = zone_of(1, "a A 10.0.0.1\nb A 10.0.0.2\n");
	struct hosting_merge m;
	unsigned n = 0;
	int result;

	(void)state;
	do {
		memory_fail_after((int)n++);
		result = hosting_merge_take(&m, zone_current(before), zone_current(after));
		memory_fail_after(MEMORY_ENOUGH);
	} while (result == -ENOMEM);
	assert_int_equal(result, 0);
	assert_true(n > 3);
	assert_int_equal(m.added.count, 2);
	hosting_merge_fini(&m);
	zone_free(before);
	zone_free(after);
}

static int register_thread(void **state)
{
	(void)state;
	base_rcu_register();
	return 0;
}

static int unregister_thread(void **state)
{
	(void)state;
	base_rcu_unregister();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_step_between_two_files_is_applied),
		cmocka_unit_test(the_serial_moves_on_and_never_back),
		cmocka_unit_test(what_changed_is_counted),
		cmocka_unit_test(short_memory_leaves_nothing_behind),
	};

	return cmocka_run_group_tests(tests, register_thread, unregister_thread);
}
