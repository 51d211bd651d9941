/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "hosting/baseline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "hosting/checkpoint.h"
#include "hosting/files.h"
#include "hosting/hosting.h"
#include "store/store.h"
#include "zone/bulk.h"
#include "zone/zone.h"

enum rank { CURRENT, NEXT }; /* whether a baseline is in force at once, or once it is adopted */

static int bulk_record(void *arg, const struct dns_record *record)
{
	return zone_bulk_add(arg, record);
}

int hosting_baseline_read(struct zone *zone, struct store *store)
{
	struct zone_bulk *bulk = zone_bulk_new(zone);
	int ret;

	if (bulk == NULL)
		return -ENOMEM;
	ret = store_baseline_read(store, zone_name(zone), bulk_record, bulk);
	if (ret == 0)
		return zone_bulk_publish(bulk);
	zone_bulk_abort(bulk);
	return ret;
}

/* The identity of a baseline is its token, by which the log names it, and the list of files. */
static int write_snapshot(const struct zone_snapshot *s, struct store *store, const uint8_t *name,
			  const struct hosting_files *files, uint64_t token, enum rank rank)
{
	size_t nbytes = sizeof(token) + files->nbytes;
	uint8_t *identity = files->is_short ? NULL : malloc(nbytes);
	struct store_checkpoint *c;
	int ret;

	if (identity == NULL)
		return -ENOMEM;
	memcpy(identity, &token, sizeof(token));
	if (files->nbytes > 0)
		memcpy(identity + sizeof(token), files->bytes, files->nbytes);
	ret = rank == NEXT ? store_baseline_prepare(store, &c, name, identity, nbytes)
			   : store_baseline_begin(store, &c, name, identity, nbytes);
	free(identity);
	return ret < 0 ? ret : hosting_checkpoint_fill(c, s);
}

int hosting_baseline_write(struct hosting_zone *h, struct store *store)
{
	int ret;

	if (!h->needs_baseline)
		return 0;
	ret = write_snapshot(h->first, store, zone_name(h->zone), &h->files, 0, CURRENT);
	if (ret < 0)
		return ret;
	zone_release(h->zone, h->first);
	h->first = NULL;
	h->needs_baseline = false;
	return 0;
}

int hosting_baseline_prepare(struct store *store, const uint8_t *name,
			     const struct zone_snapshot *snapshot,
			     const struct hosting_files *files, uint64_t token)
{
	return write_snapshot(snapshot, store, name, files, token, NEXT);
}

int hosting_baseline_adopt(struct hosting_zone *h, struct store *store)
{
	int ret = store_baseline_adopt(store, zone_name(h->zone), &h->token, sizeof(h->token));

	if (ret == 0)
		h->must_adopt = false;
	return ret;
}

/* Compares the files in the identity of the stored baseline. Without a baseline `is_current` stays
 * as it is. */
static int identity_is_current(bool *is_current, struct hosting_zone *h, struct store *store,
			       const char *file)
{
	int n = store_baseline_identity(store, zone_name(h->zone), NULL, 0);
	uint8_t *identity = n < 0 ? NULL : malloc((size_t)n + 1);

	if (n >= 0 && identity == NULL)
		return -ENOMEM;
	if (n >= 0) {
		size_t token = sizeof(h->token) < (size_t)n ? sizeof(h->token) : (size_t)n;

		store_baseline_identity(store, zone_name(h->zone), identity, (size_t)n);
		*is_current = hosting_files_are_current(identity + token, (size_t)n - token, file);
	}
	free(identity);
	return 0;
}

int hosting_baseline_compare(struct hosting_zone *h, struct store *store, const char *file)
{
	bool is_current = true;
	int ret = 0;

	if (h->loaded_s == 0)
		h->loaded_s = base_clock_wall_s();
	if (file == NULL)
		return 0;
	if (h->needs_baseline)
		is_current = hosting_files_are_current(h->files.bytes, h->files.nbytes, file);
	else
		ret = identity_is_current(&is_current, h, store, file);
	h->is_stale = !is_current || h->is_unsure;
	return ret;
}
