/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* In a short life of a store, and in the tools, the n-th allocation fails, for every n. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../folder.h"
#include "../memory.h"
#include "base/error.h"
#include "disk.h"
#include "dns/type.h"
#include "journal/journal.h"
#include "kit.h"
#include "offline/check.h"
#include "offline/export.h"
#include "store/store.h"

static char folder[FOLDER_PATH_MAX];
static const uint8_t zone[] = "\1z";
static unsigned serial; /* of the last acknowledged commit */

static int on_checkpoint(void *arg, const uint8_t *name, uint32_t from, uint64_t nrecords,
			 uint64_t nowners)
{
	(void)name;
	(void)nrecords;
	(void)nowners;
	*(unsigned *)arg = from;
	return 0;
}

static int on_change(void *arg, const struct store_change *change)
{
	unsigned *back = arg;

	assert_true(*back == 0 || change->changes.from == *back);
	*back = change->changes.to;
	return 0;
}

static void use(struct store *s)
{
	static uint8_t bytes[3000];
	const struct store_item item = {
		.kind = 1, .key = bytes, .nkey = 4, .bytes = bytes, .nbytes = 4};
	const struct dns_record record = {
		.owner = zone, .type = DNS_TYPE_A, .rdata = bytes, .nbytes = 4};
	struct store_checkpoint *c;

	for (int i = 0; i < 3; i++) {
		const struct store_change change = {.zone = zone,
						    .changes = {.from = serial,
								.to = serial + 1,
								.added = bytes,
								.nadded_bytes = 3000}};
		const struct store_batch batch = {&change, 1, &item, 1, 1};
		int ret = store_commit(s, &batch);

		assert_true(ret == 0 || ret == -ENOMEM);
		serial += ret == 0;
	}
	if (store_checkpoint_begin(s, &c, zone, serial) == 0) {
		if (store_checkpoint_record(c, &record) == 0)
			store_checkpoint_end(c);
		else
			store_checkpoint_abort(c);
	}
	store_history_read(s, zone, serial - 1, kit_ignore_change, NULL);
}

static int open_and_use(void)
{
	const struct store_settings settings = {
		.directory = folder, .segment_size = 16384, .history_size = 16384};
	unsigned back = 0;
	const struct store_recovery recovery = {
		on_checkpoint, kit_ignore_record, kit_ignore_checkpoint_end,
		on_change,     kit_ignore_item,	  &back};
	struct base_error error = {0};
	struct store *s;
	int ret = store_open(&s, &journal_engine, &settings, &error);

	if (ret < 0)
		return ret;
	ret = store_recover(s, &recovery, &error);
	if (ret == 0) {
		assert_int_equal(back == 0 ? 1 : back, serial);
		use(s);
	}
	store_close(s);
	return ret;
}

static void a_store_loses_nothing_when_memory_is_short(void **state)
{
	(void)state;
	disk_none();
	assert_int_equal(open_and_use(), 0);
	for (int n = 0;; n++) {
		int ret;

		memory_fail_after(n);
		ret = open_and_use();
		memory_fail_after(MEMORY_ENOUGH);
		assert_true(ret == 0 || ret == -ENOMEM);
		if (!memory_has_failed())
			break;
	}
	assert_int_equal(open_and_use(), 0);
	disk_end();
}

static void ignore_problem(void *arg, enum base_log_level level, const struct base_error *error)
{
	(void)arg;
	(void)level;
	assert_true(error->code < 0);
}

static int run_tool(FILE *f, bool is_export)
{
	const struct offline_export_reader reader = {kit_ignore_record, ignore_problem, NULL};

	return is_export ? offline_export(folder, zone, &reader) : offline_check(folder, f);
}

static void the_tools_end_cleanly_when_memory_is_short(void **state)
{
	(void)state;
	assert_int_equal(open_and_use(), 0);
	for (int tool = 0; tool < 2; tool++) {
		for (int n = 0;; n++) {
			FILE *f = fopen("/dev/null", "w");
			int ret;

			memory_fail_after(n);
			ret = run_tool(f, tool == 1);
			memory_fail_after(MEMORY_ENOUGH);
			fclose(f);
			assert_true(ret == 0 || ret == -ENOMEM || ret == -EBADMSG);
			if (!memory_has_failed())
				break;
		}
	}
}

static int setup(void **state)
{
	(void)state;
	serial = 1;
	folder_make(folder, "memory");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	folder_remove(folder);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_store_loses_nothing_when_memory_is_short, setup,
						teardown),
		cmocka_unit_test_setup_teardown(the_tools_end_cleanly_when_memory_is_short, setup,
						teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
