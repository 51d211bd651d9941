/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "../registry/kit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/store.h"
#include "view/item.h"
#include "view/mark.h"
#include "view/subtype.h"

static void malformed_items_are_refused(void **state)
{
	static const struct {
		uint8_t kind;
		const char *key;
		size_t nkey;
		const char *bytes;
		size_t nbytes;
	} rows[] = {
		{STORE_ITEM_MARK, "\3lab\5cloud", 11, "\0\0\0\0\0\0\0\0\1", 9},
		{STORE_ITEM_MARK, "\3lab\5cloud\0\3web\5_http\4_tcp\3lab\5cloud\0", 37,
		 "\0\0\0\0\0\0\0\0\1", 9},
		{STORE_ITEM_MARK, "\3lab\5cloud\0\3web\5_http\4_tcp\3lab\5cloud\0\0", 38,
		 "\0\0\0\0\0\0\0\0", 8},
		{STORE_ITEM_MARK, "\3lab\5cloud\0\3web\5_http\4_tcp\3lab\5cloud\0\0", 38,
		 "\0\0\0\0\0\0\0\0\1\0", 10},
		{STORE_ITEM_MARK, "\3lab\5cloud\0\3web\5_http\4_tcp\3lab\5cloud\0\0", 38,
		 "\0\0\0\0\0\0\0\0\1\0\5ab", 13},
		{STORE_ITEM_MARK, "\3lab\5cloud\0\2n1\5nodes\3lab\5cloud\0\0", 31,
		 "\0\0\0\0\0\0\0\0\1", 9},
		{STORE_ITEM_SUBTYPES, "\3lab\5cloud\0\3web\5_http\4_tcp\3lab\5cloud\0\0", 38,
		 "\4_sub", 5},
		{STORE_ITEM_SUBTYPES, "\3lab\5other\0\3web\5_http\4_tcp\3lab\5cloud\0\0", 38,
		 "\4_sub\0", 6},
		{STORE_ITEM_SUBTYPES, "\3lab\5cloud\0\3web\5_http\4_tcp\3lab\5cloud\0\0", 38,
		 "\2_a\5other\0", 10},
		{STORE_ITEM_SUBTYPE, "\3lab\5cloud\0\3web\5_http\4_tcp\3lab\5cloud\0\0", 38, "\2_a",
		 3},
		{STORE_ITEM_SUBTYPE, "\3lab\5cloud\0\3web\5_http\4_tcp\3lab\5cloud\0\0\2_", 40,
		 "\2_a", 3},
		{STORE_ITEM_SUBTYPE, "\3lab\5cloud\0\3web\5_http\4_tcp\3lab\5cloud\0\0\2_a", 41,
		 "\3_ab", 4},
		{STORE_ITEM_SUBTYPE, "\3lab\5cloud\0\3web\5_http\4_tcp\3lab\5cloud\0\0\2_a", 41,
		 "\2_", 2},
		{STORE_ITEM_NODE, "", 0, "\1", 1},
		{STORE_ITEM_NODE, "\2n1\5nodes", 9, "\1", 1},
		{STORE_ITEM_NODE, "\2n1\0\0", 5, "\1", 1},
		{STORE_ITEM_SUBTYPE, "\3lab\5cloud\0\2n1\5nodes\3lab\5cloud\0\0\2_a", 34, "\2_a",
		 3},
	};
	struct kit_world *w = *state;

	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		uint8_t *bytes =
			malloc(rows[i].nbytes); /* so that a sanitizer sees a read past its end */
		struct store_item note = {.kind = rows[i].kind,
					  .key = (const uint8_t *)rows[i].key,
					  .nkey = (uint16_t)rows[i].nkey,
					  .bytes = bytes,
					  .nbytes = (uint32_t)rows[i].nbytes};

		memcpy(bytes, rows[i].bytes, rows[i].nbytes);
		assert_int_equal(registry_items_read(&w->state.ledger, &w->state.view, &note),
				 -EBADMSG);
		free(bytes);
	}
}

/* Writes the item of an entry to a heap block of the exact size. */
static uint8_t *written(const struct undo_entry *e, size_t (*size)(const struct undo_entry *),
			void (*write)(const struct undo_entry *, uint8_t *), size_t *nbytes)
{
	uint8_t *bytes = malloc(*nbytes = size(e));

	write(e, bytes);
	return bytes;
}

static void assert_subtypes(const struct view *v, const char *labels)
{
	const struct undo_list *l =
		view_subtype_list(v, kit_name("lab.cloud."), kit_name("web._http._tcp"));
	const uint8_t *label;

	for (size_t at = 0; (label = view_subtype_next(l, &at)) != NULL; labels += 1 + label[0])
		assert_memory_equal(label, labels, 1u + label[0]);
	assert_int_equal(labels[0], 0);
}

/* The format of STORE_ITEM_SUBTYPE: the key ends with the label in lower case, the octets are the
 * label as registered. */
static void a_subtype_is_its_label(void **state)
{
	static const uint8_t name[] = "\3lab\5cloud\0\3web\5_http\4_tcp\3lab\5cloud\0\0\4_a-b";
	const uint8_t *zone = kit_name("lab.cloud."), *web = kit_name("Web._http._tcp"),
		      *subtype = kit_name("_A-b._sub._http._tcp");
	uint8_t key[VIEW_ITEM_KEY_MAX];
	struct view v, copy;
	size_t n;

	(void)state;
	assert_int_equal(view_init(&v, 1), 0);
	assert_int_equal(view_init(&copy, 2), 0);
	assert_int_equal(view_subtype_add(&v, zone, web, subtype), 0);
	n = view_item_subtype_key(key, undo_table_next(&v.subtypes, NULL), subtype);
	assert_int_equal(n, sizeof(name) - 1);
	assert_memory_equal(key, name, n);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(view_item_subtype_read(&copy, key, n, subtype, 5), 0);
	assert_subtypes(&copy, "\4_A-b");
	/* An item without octets removes the subtype. */
	assert_int_equal(view_item_subtype_read(&copy, key, n, NULL, 0), 0);
	assert_int_equal(copy.subtypes.count, 0);
	view_fini(&v);
	view_fini(&copy);
}

/* The format of STORE_ITEM_SUBTYPES, which is only read: all names in a row. */
static void subtypes_of_an_earlier_version_become_an_item_each(void **state)
{
	static const char key[] = "\3lab\5cloud\0\3web\5_http\4_tcp\3lab\5cloud\0",
			  names[] = "\2_a\4_sub\5_http\4_tcp\3lab\5cloud\0"
				    "\2_b\4_sub\5_http\4_tcp\3lab\5cloud";
	const struct store_item old = {STORE_ITEM_SUBTYPES, (const uint8_t *)key, sizeof(key),
				       (const uint8_t *)names, sizeof(names)};
	static const uint8_t kinds[] = {STORE_ITEM_SUBTYPES, STORE_ITEM_SUBTYPE, STORE_ITEM_SUBTYPE,
					STORE_ITEM_SUBTYPE};
	struct kit_world *w = *state;
	struct view *v = &w->state.view;
	const struct store_item *items;
	struct registry_items collected = {0};
	struct view copy;
	size_t count;

	assert_int_equal(registry_items_read(&w->state.ledger, v, &old), 0);
	assert_subtypes(v, "\2_a\2_b");
	assert_int_equal(view_subtype_add(v, kit_name("lab.cloud."), kit_name("web._http._tcp"),
					  (const uint8_t *)"\2_c"),
			 0);
	assert_int_equal(registry_items_collect(&collected, &w->state.ledger, v, 1, false, NULL,
						&items, &count),
			 0);
	assert_int_equal(count, 4 + 1); /* and the clock */
	assert_int_equal(view_init(&copy, 1), 0);
	assert_int_equal(registry_items_read(&w->state.ledger, &copy, &old), 0);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(items[i].kind, kinds[i]);
		assert_int_equal(registry_items_read(&w->state.ledger, &copy, &items[i]), 0);
	}
	assert_subtypes(&copy, "\2_a\2_b\2_c");
	/* From the next commit on it is the difference. */
	view_commit(v);
	assert_int_equal(view_subtype_remove(v, kit_name("lab.cloud."), kit_name("web._http._tcp"),
					     (const uint8_t *)"\2_B"),
			 0);
	assert_int_equal(registry_items_collect(&collected, &w->state.ledger, v, 1, false, NULL,
						&items, &count),
			 0);
	assert_int_equal(count, 1 + 1);
	assert_int_equal(items[0].nbytes, 0);
	assert_int_equal(registry_items_read(&w->state.ledger, &copy, &items[0]), 0);
	assert_subtypes(&copy, "\2_a\2_c");
	registry_items_fini(&collected);
	view_fini(&copy);
}

static void a_mark_is_these_octets(void **state)
{
	static const struct {
		bool is_drained, is_suspect;
		uint64_t suspect_ms;
		const char *owner_txt;
		size_t nowner_txt;
		const char *bytes;
		size_t nbytes;
	} rows[] = {
		{true, false, 0, NULL, 0, "\0\0\0\0\0\0\0\0\1", 9},
		{false, true, 258, NULL, 0, "\0\0\0\0\0\0\1\2\2", 9},
		{true, true, 5, "\0\2\1a", 4, "\0\0\0\0\0\0\0\5\3\0\2\1a", 13},
	};
	const uint8_t *zone = kit_name("lab.cloud."), *web = kit_name("web._http._tcp");

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const struct view_mark put = {
			.is_drained = rows[i].is_drained,
			.is_suspect = rows[i].is_suspect,
			.suspect_ms = rows[i].suspect_ms,
			.nowner_txt = rows[i].nowner_txt,
		};
		const struct view_mark *mark;
		const struct undo_entry *e;
		struct view v, copy;
		uint8_t *bytes;
		size_t nbytes;

		assert_int_equal(view_init(&v, 1), 0);
		assert_int_equal(view_init(&copy, 2), 0);
		assert_int_equal(
			view_mark_put(&v, zone, web, &put, (const uint8_t *)rows[i].owner_txt), 0);
		e = undo_table_next(&v.marks, NULL);
		bytes = written(e, view_item_mark_size, view_item_mark_write, &nbytes);
		assert_int_equal(nbytes, rows[i].nbytes);
		assert_memory_equal(bytes, rows[i].bytes, nbytes);
		assert_int_equal(view_item_mark_read(&copy, e->key, e->nkey, bytes, nbytes), 0);
		mark = view_mark_of(&copy, zone, web);
		assert_int_equal(mark->is_drained, rows[i].is_drained);
		assert_int_equal(mark->is_suspect, rows[i].is_suspect);
		assert_int_equal(mark->suspect_ms, rows[i].suspect_ms);
		assert_int_equal(mark->nowner_txt, rows[i].nowner_txt);
		/* An item without octets removes the mark. */
		assert_int_equal(view_item_mark_read(&copy, e->key, e->nkey, NULL, 0), 0);
		assert_null(view_mark_of(&copy, zone, web));
		free(bytes);
		view_fini(&v);
		view_fini(&copy);
	}
}

static void a_removed_entry_has_no_octets(void **state)
{
	static const struct undo_entry removed;

	(void)state;
	assert_int_equal(view_item_mark_size(&removed), 0);
	view_item_mark_write(&removed, NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, kit_view_setup, kit_world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(malformed_items_are_refused),
		cmocka_unit_test(a_subtype_is_its_label),
		TEST(subtypes_of_an_earlier_version_become_an_item_each),
		cmocka_unit_test(a_mark_is_these_octets),
		cmocka_unit_test(a_removed_entry_has_no_octets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
