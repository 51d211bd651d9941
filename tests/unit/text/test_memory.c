/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* While a zone file is read the n-th allocation fails, for every n. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "../folder.h"
#include "../memory.h"
#include "text/zonefile.h"

static char folder[FOLDER_PATH_MAX];
static const uint8_t zone[] = "\1z";

static int ignore_record(void *arg, const struct dns_record *record)
{
	(void)arg;
	(void)record;
	return 0;
}

static void on_report(void *arg, enum base_log_level level, const struct base_error *error)
{
	(void)arg;
	(void)level;
	assert_int_not_equal(error->code, 0);
	assert_int_not_equal(error->text[0], 0);
}

static void a_zone_file_ends_cleanly_when_memory_is_short(void **state)
{
	const struct text_reader reader = {
		.origin = zone, .on_record = ignore_record, .on_report = on_report};
	char path[100];
	FILE *f;

	(void)state;
	snprintf(path, sizeof(path), "%s/zone", folder);
	f = fopen(path, "w");
	fprintf(f, "$TTL 1\n@ SOA a b 1 2 3 4 5\n$GENERATE 1-3 a$ A 1.2.3.$\n@ HTTPS 1 . "
		   "port=80\n$INCLUDE part\n");
	fclose(f);
	snprintf(path, sizeof(path), "%s/part", folder);
	f = fopen(path, "w");
	fprintf(f, "b TXT x\n");
	fclose(f);
	snprintf(path, sizeof(path), "%s/zone", folder);
	for (int n = 0;; n++) {
		int ret;

		memory_fail_after(n);
		ret = text_zonefile_read(path, &reader);
		memory_fail_after(MEMORY_ENOUGH);
		assert_true(memory_has_failed() ? ret == -ENOMEM || ret == -EBADMSG : ret == 0);
		if (!memory_has_failed())
			break;
	}
}

static int setup(void **state)
{
	(void)state;
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
		cmocka_unit_test_setup_teardown(a_zone_file_ends_cleanly_when_memory_is_short,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
