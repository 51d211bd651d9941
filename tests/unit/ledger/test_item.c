/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include <errno.h>
#include <string.h>

#include "ledger/item.h"

static const struct kit_item *lease_item(const struct kit_world *w)
{
	for (size_t i = w->nitems; i-- > 0;)
		if (w->items[i].kind == 2)
			return &w->items[i];
	fail();
	return NULL;
}

static void an_item_that_is_cut_or_of_another_kind_is_refused(void **state)
{
	struct kit_world *w = *state;
	const struct kit_item *n;
	struct ledger_leases l;
	uint8_t bytes[1024] = {0};

	kit_do(w, "n1", 5, 0, REGISTER("web"));
	n = lease_item(w);
	memcpy(bytes, n->bytes, n->nbytes);
	/* A cut between two records is not noticed here, but by the checksum of the log. */
	for (uint32_t cut = 1; cut <= n->nbytes; cut++) {
		bool is_whole = cut == n->nbytes;

		assert_int_equal(ledger_leases_init(&l, 1), 0);
		if (ledger_item_read(&l, n->key, n->nkey, bytes, cut) == 0 && is_whole)
			assert_int_equal(l.holders.used, 3);
		else
			assert_false(is_whole);
		ledger_leases_fini(&l);
	}
	assert_int_equal(ledger_leases_init(&l, 1), 0);
	bytes[0] = 99;
	assert_int_equal(ledger_item_read(&l, n->key, n->nkey, bytes, n->nbytes), -EBADMSG);
	bytes[0] = n->bytes[0];
	for (uint16_t cut = 0; cut < n->nkey; cut++)
		assert_int_equal(ledger_item_read(&l, n->key, cut, bytes, n->nbytes), -EBADMSG);
	assert_int_equal(ledger_item_time_read(&l, n->key, n->nkey, bytes, 15), -EBADMSG);
	assert_int_equal(ledger_item_time_read(&l, n->key, 3, bytes, LEDGER_ITEM_TIME_SIZE),
			 -EBADMSG);
	ledger_leases_fini(&l);
}

static void the_later_time_counts_in_whatever_order_the_items_come(void **state)
{
	struct kit_world *w = *state;
	const struct kit_item *n;

	kit_do(w, "n1", 100, 0, REGISTER("web"));
	kit_pass(w, 1000);
	kit_do(w, "n1", 100, 0, REGISTER("web"));
	kit_pass(w, 1000);
	n = lease_item(w);
	for (unsigned is_time_first = 0; is_time_first < 2; is_time_first++) {
		uint8_t time[LEDGER_ITEM_TIME_SIZE];
		struct ledger_leases l;
		struct ledger_lease *lease;

		lease = ledger_leases_find(&w->state.ledger.leases, zone_name(w->zone),
					   kit_name(WEB), LEDGER_LEASE_RECORDS);
		ledger_item_time_write(lease, time);
		assert_int_equal(ledger_leases_init(&l, 1), 0);
		for (unsigned i = 0; i < 2; i++)
			if (i == is_time_first)
				assert_int_equal(
					ledger_item_read(&l, n->key, n->nkey, n->bytes, n->nbytes),
					0);
			else
				assert_int_equal(ledger_item_time_read(&l, n->key, n->nkey, time,
								       sizeof(time)),
						 0);
		ledger_leases_prune(&l);
		assert_int_equal(
			ledger_leases_find(&l, zone_name(w->zone), kit_name(WEB), 0)->expires_ms,
			lease->expires_ms);
		ledger_leases_fini(&l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD(an_item_that_is_cut_or_of_another_kind_is_refused),
		WORLD(the_later_time_counts_in_whatever_order_the_items_come),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
