/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "view/waiting.h"

#include "dns/name.h"

/* Octets of names that one scan for waiting instances collects. */
enum { SCAN_NBYTES = 64 * DNS_NAME_MAX };

static uint64_t owner_hash(const struct view *v, const uint8_t *owner)
{
	return view_hash(v, VIEW_WAITS_AT, owner);
}

bool view_waiting_has(const struct view *v, const uint8_t *owner, const uint8_t *name)
{
	return v->nwaiting > 0 &&
	       undo_pairs_has(&v->pairs, owner_hash(v, owner), view_hash(v, VIEW_INSTANCE, name));
}

uint32_t view_waiting_count(const struct view *v, const uint8_t *owner)
{
	return v->nwaiting == 0 ? 0 : undo_pairs_count(&v->pairs, owner_hash(v, owner));
}

int view_waiting_add(struct view *v, const uint8_t *owner, const uint8_t *name)
{
	if (view_waiting_has(v, owner, name))
		return 0;
	v->nwaiting++;
	return undo_pairs_add(&v->pairs, owner_hash(v, owner), view_hash(v, VIEW_INSTANCE, name));
}

int view_waiting_remove(struct view *v, const uint8_t *owner, const uint8_t *name)
{
	if (!view_waiting_has(v, owner, name))
		return 0;
	v->nwaiting--;
	return undo_pairs_remove(&v->pairs, owner_hash(v, owner),
				 view_hash(v, VIEW_INSTANCE, name));
}

int view_waiting_each(const struct view *v, const uint8_t *zone, const uint8_t *owner,
		      int (*each)(void *arg, const uint8_t *instance), void *arg)
{
	struct undo_entry *e = NULL;
	int ret = 0;

	if (view_waiting_count(v, owner) == 0)
		return 0;
	while (ret == 0 && (e = undo_table_next_in(&v->srvs, zone, e)) != NULL)
		if (view_waiting_has(v, owner, undo_entry_name(e)))
			ret = each(arg, undo_entry_name(e));
	return ret;
}

static int collect(void *arg, const uint8_t *instance)
{
	struct view *v = arg;
	int ret = undo_names_add_recent(&v->waiting, instance);

	return ret < 0 ? ret : v->waiting.nbytes > SCAN_NBYTES;
}

/* Takes a name out of those that the last scan has collected; when they are used up, scans once
 * more. A collected name may have stopped waiting since. */
int view_waiting_next(struct view *v, const uint8_t *zone, const uint8_t *owner,
		      uint8_t out[static DNS_NAME_MAX])
{
	int ret = 0;

	for (unsigned scans = 0; scans < 2 && ret >= 0; scans++) {
		while (dns_name_equal(v->waiting_owner, owner) &&
		       v->waiting_at < v->waiting.nbytes) {
			v->waiting_at += dns_name_lower(out, v->waiting.bytes + v->waiting_at);
			if (view_waiting_has(v, owner, out))
				return 1;
		}
		dns_name_lower(v->waiting_owner, owner);
		undo_names_clear(&v->waiting);
		v->waiting_at = 0;
		ret = scans == 0 ? view_waiting_each(v, zone, owner, collect, v) : 0;
	}
	return ret < 0 ? ret : 0;
}
