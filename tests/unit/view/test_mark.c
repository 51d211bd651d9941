/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../registry/kit.h"

#include <errno.h>

#include "../memory.h"
#include "view/mark.h"

#define ZONE "lab.cloud."
#define TYPE "_http._tcp"
#define WEB "web." TYPE
#define API "api." TYPE

static int put(struct view *v, const char *instance, bool is_suspect, bool is_drained,
	       const char *owner_txt, size_t nowner_txt)
{
	const struct view_mark mark = {
		.is_suspect = is_suspect,
		.is_drained = is_drained,
		.suspect_ms = is_suspect ? 77 : 0,
		.nowner_txt = nowner_txt,
	};

	return view_mark_put(v, kit_name(ZONE), kit_name(instance), &mark,
			     (const uint8_t *)owner_txt);
}

static void a_mark_replaces_the_one_before(void **state)
{
	static const struct {
		bool is_suspect, is_drained;
		const char *owner_txt;
		size_t nowner_txt;
		uint32_t nsuspects; /* of the type afterwards */
	} rows[] = {
		{true, false, NULL, 0, 1},     {true, false, NULL, 0, 1},
		{true, true, "\0\2\1a", 4, 1}, {false, true, "\0\2\1b", 4, 0},
		{false, true, NULL, 0, 0},     {true, false, NULL, 0, 1},
		{false, false, NULL, 0, 0},    {false, false, NULL, 0, 0},
	};
	const struct view_mark *mark;
	struct view v;

	(void)state;
	assert_int_equal(view_init(&v, 1), 0);
	assert_null(view_mark_of(&v, kit_name(ZONE), kit_name(WEB)));
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(put(&v, WEB, rows[i].is_suspect, rows[i].is_drained,
				     rows[i].owner_txt, rows[i].nowner_txt),
				 0);
		mark = view_mark_of(&v, kit_name(ZONE), kit_name("WEB." TYPE));
		assert_int_equal(mark != NULL, rows[i].is_suspect || rows[i].is_drained);
		assert_int_equal(view_mark_is_suspect(&v, kit_name(ZONE), kit_name(WEB)),
				 rows[i].is_suspect);
		assert_int_equal(view_mark_suspects(&v, kit_name(TYPE)), rows[i].nsuspects);
		if (mark == NULL)
			continue;
		assert_int_equal(mark->is_drained, rows[i].is_drained);
		assert_int_equal(mark->suspect_ms, rows[i].is_suspect ? 77 : 0);
		assert_int_equal(mark->nowner_txt, rows[i].nowner_txt);
		if (mark->nowner_txt > 0)
			assert_memory_equal(mark->owner_txt, rows[i].owner_txt, mark->nowner_txt);
	}
	view_commit(&v);
	assert_int_equal(v.marks.count, 0);
	view_fini(&v);
}

static void suspects_are_counted_for_each_type(void **state)
{
	struct view v;

	(void)state;
	assert_int_equal(view_init(&v, 1), 0);
	assert_int_equal(view_mark_suspects(&v, kit_name(TYPE)), 0);
	assert_int_equal(put(&v, WEB, true, false, NULL, 0), 0);
	assert_int_equal(put(&v, API, true, false, NULL, 0), 0);
	assert_int_equal(put(&v, "lp._ipp._tcp", true, false, NULL, 0), 0);
	assert_int_equal(put(&v, "old." TYPE, false, true, NULL, 0), 0);
	assert_int_equal(view_mark_suspects(&v, kit_name(TYPE)), 2);
	assert_int_equal(view_mark_suspects(&v, kit_name("_IPP._tcp")), 1);
	assert_true(dns_name_equal(undo_entry_name(view_mark_suspect(&v, kit_name(TYPE), 1)),
				   kit_name(API)));
	view_commit(&v);
	assert_int_equal(put(&v, WEB, false, false, NULL, 0), 0);
	assert_int_equal(view_mark_suspects(&v, kit_name(TYPE)), 1);
	assert_true(dns_name_equal(undo_entry_name(view_mark_suspect(&v, kit_name(TYPE), 0)),
				   kit_name(API)));
	view_undo(&v);
	assert_int_equal(view_mark_suspects(&v, kit_name(TYPE)), 2);
	view_fini(&v);
}

static void the_marks_of_a_zone_are_copied_and_forgotten(void **state)
{
	struct view v, copy;

	(void)state;
	assert_int_equal(view_init(&v, 1), 0);
	assert_int_equal(view_init(&copy, 2), 0);
	assert_int_equal(put(&v, WEB, true, true, "\0\2\1a", 4), 0);
	assert_int_equal(put(&v, API, true, false, NULL, 0), 0);
	assert_int_equal(view_mark_put(&v, kit_name("other.cloud."),
				       kit_name("x._http._tcp.other.cloud."),
				       &(struct view_mark){.is_drained = true}, NULL),
			 0);
	view_commit(&v);
	assert_int_equal(view_mark_copy(&copy, &v, kit_name(ZONE)), 0);
	view_commit(&copy);
	assert_int_equal(copy.marks.count, 2);
	assert_int_equal(view_mark_suspects(&copy, kit_name(TYPE)), 2);
	assert_memory_equal(view_mark_of(&copy, kit_name(ZONE), kit_name(WEB))->owner_txt,
			    "\0\2\1a", 4);
	assert_int_equal(view_mark_forget(&v, kit_name(ZONE)), 0);
	view_commit(&v);
	assert_int_equal(v.marks.count, 1);
	assert_int_equal(view_mark_suspects(&v, kit_name(TYPE)), 0);
	view_fini(&v);
	view_fini(&copy);
}

static void without_memory_a_mark_can_be_undone(void **state)
{
	struct view v;
	int ret, n = 0;

	(void)state;
	assert_int_equal(view_init(&v, 1), 0);
	assert_int_equal(put(&v, WEB, false, true, "\0\2\1a", 4), 0);
	view_commit(&v);
	do {
		memory_fail_after(n++);
		ret = put(&v, WEB, true, true, "\0\2\1b", 4);
		if (ret == 0)
			ret = put(&v, API, true, false, NULL, 0);
		memory_fail_after(MEMORY_ENOUGH);
		assert_true(ret == 0 || ret == -ENOMEM);
		view_undo(&v);
		assert_memory_equal(view_mark_of(&v, kit_name(ZONE), kit_name(WEB))->owner_txt,
				    "\0\2\1a", 4);
		assert_int_equal(view_mark_suspects(&v, kit_name(TYPE)), 0);
		assert_null(view_mark_of(&v, kit_name(ZONE), kit_name(API)));
	} while (ret < 0 && n < 100);
	assert_true(n > 2 && n < 100);
	view_fini(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mark_replaces_the_one_before),
		cmocka_unit_test(suspects_are_counted_for_each_type),
		cmocka_unit_test(the_marks_of_a_zone_are_copied_and_forgotten),
		cmocka_unit_test(without_memory_a_mark_can_be_undone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
