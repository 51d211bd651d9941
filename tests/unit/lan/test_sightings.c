/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../memory.h"
#include "lan/sightings.h"

static const struct lan_source lan4 = {2, 0}, lan6 = {2, 1}, other4 = {3, 0};

static int add(struct lan_sightings *s, const char *rdata, const struct lan_source *source)
{
	return lan_sightings_add(s, (const uint8_t *)rdata, strlen(rdata), source);
}

/* Returns whether the record was the caller's to free. */
static bool remove_last(struct lan_sightings *s, const char *rdata, const struct lan_source *source)
{
	struct lan_sighting *one =
		lan_sightings_remove(s, (const uint8_t *)rdata, strlen(rdata), source);
	bool is_taken = one != NULL;

	free(one);
	return is_taken;
}

static bool take_unseen(struct lan_sightings *s)
{
	struct lan_sighting *one = lan_sightings_take_unseen(s);
	bool is_taken = one != NULL;

	free(one);
	return is_taken;
}

static void a_record_is_there_until_its_last_source_has_gone(void **state)
{
	struct lan_sightings s;

	(void)state;
	lan_sightings_init(&s, 10);
	assert_int_equal(add(&s, "a", &lan4), 1);
	assert_int_equal(add(&s, "a", &lan6), 0);
	assert_int_equal(add(&s, "a", &lan6), 0); /* the same again */
	assert_int_equal(add(&s, "b", &lan4), 1);
	assert_false(remove_last(&s, "a", &other4));
	assert_false(remove_last(&s, "c", &lan4));
	assert_false(remove_last(&s, "a", &lan6));
	assert_false(remove_last(&s, "a", &lan6));
	assert_true(remove_last(&s, "a", &lan4));
	assert_int_equal(s.count, 1);
	lan_sightings_fini(&s);
}

static void what_is_lost_stays_until_it_is_taken_or_seen_again(void **state)
{
	struct lan_sightings s;

	(void)state;
	lan_sightings_init(&s, 10);
	add(&s, "both", &lan4);
	add(&s, "both", &other4);
	add(&s, "again", &lan4);
	add(&s, "gone", &lan6);
	assert_false(take_unseen(&s));
	lan_sightings_lose(&s, lan4.interface);
	assert_int_equal(s.count, 3);
	assert_int_equal(add(&s, "again", &lan6), 0);
	assert_true(take_unseen(&s));
	assert_false(take_unseen(&s));
	assert_int_equal(s.count, 2);
	assert_int_equal(add(&s, "gone", &lan4), 1);
	lan_sightings_lose(&s, -1);
	assert_true(take_unseen(&s) && take_unseen(&s) && take_unseen(&s));
	assert_int_equal(s.count, 0);
	assert_false(take_unseen(&s));
	lan_sightings_fini(&s);
}

static void a_full_set_takes_no_more_records_but_sources(void **state)
{
	enum { MAX = 1000 };
	struct lan_sightings s;
	char rdata[16];

	(void)state;
	lan_sightings_init(&s, MAX);
	for (int i = 0; i < MAX; i++) {
		snprintf(rdata, sizeof(rdata), "%d", i);
		assert_int_equal(add(&s, rdata, &lan4), 1);
	}
	assert_int_equal(add(&s, "more", &lan4), -ENOSPC);
	assert_int_equal(add(&s, "7", &lan6), 0);
	assert_true(remove_last(&s, "8", &lan4));
	assert_int_equal(add(&s, "more", &lan4), 1);
	lan_sightings_fini(&s);
}

static void short_memory_changes_nothing(void **state)
{
	(void)state;
	for (int n = 0;; n++) {
		struct lan_sightings s;
		int ret;

		lan_sightings_init(&s, 10);
		memory_fail_after(n);
		ret = add(&s, "a", &lan4);
		memory_fail_after(MEMORY_ENOUGH);
		assert_int_equal(ret, memory_has_failed() ? -ENOMEM : 1);
		assert_int_equal(s.count, memory_has_failed() ? 0 : 1);
		lan_sightings_fini(&s);
		if (!memory_has_failed())
			return;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_is_there_until_its_last_source_has_gone),
		cmocka_unit_test(what_is_lost_stays_until_it_is_taken_or_seen_again),
		cmocka_unit_test(a_full_set_takes_no_more_records_but_sources),
		cmocka_unit_test(short_memory_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
