/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "hosting/checkpoint.h"

#include <errno.h>

#include "base/rcu.h"
#include "hosting/hosting.h"
#include "store/store.h"
#include "zone/cursor.h"
#include "zone/zone.h"

static int write_records(struct zone_cursor *cursor, struct store_checkpoint *c)
{
	struct dns_record record;
	int ret = 0;

	while (ret == 0 && zone_cursor_next(cursor, &record))
		ret = store_checkpoint_record(c, &record);
	return ret;
}

int hosting_checkpoint_fill(struct store_checkpoint *c, const struct zone_snapshot *s)
{
	struct zone_cursor *cursor = zone_cursor_new(s);
	int ret = cursor == NULL ? -ENOMEM : write_records(cursor, c);

	zone_cursor_free(cursor);
	if (ret == 0)
		return store_checkpoint_end(c);
	store_checkpoint_abort(c);
	return ret;
}

/* Pins the current version. The thread is offline before and after. */
static const struct zone_snapshot *pin(struct zone *z)
{
	const struct zone_snapshot *s;

	base_rcu_online();
	s = zone_acquire(z);
	base_rcu_offline();
	return s;
}

/* A version lacks the changes that wait, and a checkpoint of it would replace them. */
int hosting_checkpoint(struct hosting_zone *h, struct store *store)
{
	const struct zone_snapshot *s = h->is_waiting ? NULL : pin(h->zone);
	struct store_checkpoint *c;
	int ret;

	if (s == NULL)
		return 0;
	ret = store_checkpoint_begin(store, &c, zone_name(h->zone), zone_snapshot_serial(s));
	if (ret == 0)
		ret = hosting_checkpoint_fill(c, s);
	zone_release(h->zone, s);
	return ret;
}
