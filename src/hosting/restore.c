/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "hosting/restore.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "dns/name.h"
#include "hosting/baseline.h"
#include "hosting/hosting.h"
#include "hosting/load.h"
#include "store/store.h"
#include "zone/bulk.h"
#include "zone/cursor.h"
#include "zone/draft.h"
#include "zone/zone.h"

struct restoring {
	struct hosting *list;
	uint64_t seed;
	struct store *store;
	base_report_fn on_report;
	hosting_item_fn on_other; /* takes items that are not about zone files */
	void *arg;
	struct hosting_zone *changing; /* the zone of `draft` */
	struct zone_draft *draft;      /* changes read so far, or NULL */
	struct zone_bulk *bulk;	       /* the checkpoint that is being read, or NULL */
};

/* Returns the zone with this name; one that the configuration does not name is added, parked.
 * Returns NULL if memory is short. */
static struct hosting_zone *zone_get(struct restoring *r, const uint8_t *name)
{
	struct hosting_zone *h = hosting_find(r->list, name);
	char text[DNS_NAME_TEXT_MAX];

	if (h != NULL)
		return h;
	h = hosting_zone_new(name, NULL, r->seed);
	if (h == NULL || hosting_add(r->list, h) < 0) {
		hosting_zone_free(h);
		return NULL;
	}
	dns_name_to_text(text, name);
	base_log(BASE_LOG_WARNING, "zone", "zone-parked zone=%s why=\"it is not configured\"",
		 text);
	return h;
}

/* Publishes the changes read so far. */
static int draft_finish(struct restoring *r)
{
	struct zone_changeset changes;
	int ret;

	if (r->draft == NULL)
		return 0;
	ret = zone_draft_seal(r->draft, &changes);
	if (ret > 0)
		zone_draft_publish(r->draft);
	else
		zone_draft_abort(r->draft);
	r->draft = NULL;
	return ret < 0 ? ret : 0;
}

static int on_checkpoint(void *arg, const uint8_t *zone, uint32_t serial, uint64_t nrecords,
			 uint64_t nowners)
{
	struct restoring *r = arg;
	struct hosting_zone *h;

	(void)serial;
	(void)nrecords;
	(void)nowners;
	h = zone_get(r, zone);
	if (h == NULL)
		return -ENOMEM;
	r->bulk = zone_bulk_new(h->zone);
	return r->bulk == NULL ? -ENOMEM : 0;
}

static int on_record(void *arg, const struct dns_record *record)
{
	struct restoring *r = arg;

	return zone_bulk_add(r->bulk, record);
}

static int on_checkpoint_end(void *arg, const uint8_t *zone)
{
	struct restoring *r = arg;
	struct zone_bulk *bulk = r->bulk;

	(void)zone;
	r->bulk = NULL;
	return zone_bulk_publish(bulk);
}

/* Gives a zone its first version from its file. */
static int read_first(struct hosting_zone *h, const char *file, base_report_fn on_report, void *arg)
{
	int ret = hosting_load(h->zone, file, &h->files, on_report, arg);

	if (ret < 0) {
		hosting_files_fini(&h->files);
		h->file_state = ret == -ENOMEM ? HOSTING_FILE_STALE : HOSTING_FILE_REFUSED;
		return ret;
	}
	h->file_state = HOSTING_FILE_SERVED;
	h->needs_baseline = true;
	h->first = zone_acquire(h->zone);
	h->loaded_s = base_clock_wall_s();
	return 0;
}

static int apply_waiting(void *arg, const struct store_change *change)
{
	return zone_draft_apply(arg, &change->changes);
}

/* Copies all records of `from` to the draft. Returns 0 or -ENOMEM. */
static int copy_records(struct zone_draft *d, const struct zone_snapshot *from)
{
	struct zone_cursor *cursor = zone_cursor_new(from);
	struct dns_record record;
	int ret = cursor == NULL ? -ENOMEM : 0;

	while (ret >= 0 && zone_cursor_next(cursor, &record))
		ret = zone_draft_add(d, record.owner, record.type, record.ttl, record.rdata,
				     record.nbytes);
	zone_cursor_free(cursor);
	return ret < 0 ? ret : 0;
}

/* Publishes what `file` has and the stored changes as one version: workers may see the zone. */
static int publish_waiting(struct hosting_zone *h, struct store *store,
			   const struct zone_snapshot *file)
{
	struct zone_draft *d = zone_draft_new(h->zone);
	int ret = d == NULL ? -ENOMEM : copy_records(d, file);

	if (ret == 0)
		ret = store_history_read(store, zone_name(h->zone), h->waiting_serial,
					 apply_waiting, d);
	if (ret == 0)
		ret = zone_draft_seal(d, NULL);
	if (ret > 0)
		zone_draft_publish(d);
	else if (d != NULL)
		zone_draft_abort(d);
	return ret < 0 ? ret : 0;
}

/* Gives a zone whose stored changes wait for its file its first version: both together. The
 * baseline, which is the file alone, is written first. */
static int first_waiting(struct hosting_zone *h, struct store *store, const char *file,
			 base_report_fn on_report, void *arg)
{
	const struct zone_limits limits = zone_get_limits(h->zone);
	struct hosting_zone *copy = hosting_zone_new(zone_name(h->zone), NULL, h->seed);
	int ret = -ENOMEM;

	if (copy != NULL) {
		zone_set_limits(copy->zone, &limits);
		ret = read_first(copy, file, on_report, arg);
		h->file_state = copy->file_state;
	}
	if (ret == 0)
		ret = hosting_baseline_write(copy, store);
	if (ret == 0)
		ret = publish_waiting(h, store, zone_current(copy->zone));
	if (ret == 0) {
		h->files = copy->files;
		copy->files = (struct hosting_files){.bytes = NULL};
		h->loaded_s = copy->loaded_s;
		h->is_waiting = false;
		h->is_unsure = true;
	}
	hosting_zone_free(copy);
	return ret;
}

int hosting_restore_first(struct hosting_zone *h, struct store *store, const char *file,
			  base_report_fn on_report, void *arg)
{
	return h->is_waiting ? first_waiting(h, store, file, on_report, arg)
			     : read_first(h, file, on_report, arg);
}

/* Gives a zone that has no checkpoint its first version: its baseline, or else its file. Returns
 * -ENOENT if it has neither. */
static int first_version(struct restoring *r, struct hosting_zone *h)
{
	int ret = hosting_baseline_read(h->zone, r->store);

	if (ret != -ENOENT || h->file == NULL)
		return ret;
	return read_first(h, h->file, r->on_report, r->arg);
}

static bool is_file_refused(const struct hosting_zone *h)
{
	return h->file_state == HOSTING_FILE_REFUSED;
}

/* Leaves the changes of a zone without a version in the log, from `serial` on: it is parked, or its
 * file is refused. */
static void wait_for_file(struct hosting_zone *h, uint32_t serial)
{
	char name[DNS_NAME_TEXT_MAX];

	h->is_waiting = true;
	h->waiting_serial = serial;
	if (h->file != NULL)
		return;
	dns_name_to_text(name, zone_name(h->zone));
	base_log(BASE_LOG_WARNING, "zone",
		 "zone-parked zone=%s why=\"it is not configured: its stored changes wait until it "
		 "is, or is purged\"",
		 name);
}

static int on_change(void *arg, const struct store_change *change)
{
	struct restoring *r = arg;
	struct hosting_zone *h = zone_get(r, change->zone);
	int ret = 0;

	if (h == NULL)
		return -ENOMEM;
	if (h->is_waiting)
		return 0;
	if (h != r->changing) {
		ret = draft_finish(r);
		r->changing = h;
	}
	if (ret < 0)
		return ret;
	if (zone_current(h->zone) == NULL) {
		ret = first_version(r, h);
		if (ret < 0 && (h->file == NULL ? ret == -ENOENT : is_file_refused(h))) {
			wait_for_file(h, change->changes.from);
			return 0;
		}
		if (ret < 0)
			return ret;
		h->is_unsure = h->needs_baseline;
	}
	if (r->draft == NULL && (r->draft = zone_draft_new(h->zone)) == NULL)
		return -ENOMEM;
	return zone_draft_apply(r->draft, &change->changes);
}

/* An item about a zone names the merge that was committed last. weftd may have ended before it
 * adopted the baseline of that merge. */
static int on_item(void *arg, const struct store_item *item)
{
	struct restoring *r = arg;
	char name[DNS_NAME_TEXT_MAX];
	struct hosting_zone *h;
	int ret;

	if (item->kind != STORE_ITEM_ZONE)
		return r->on_other(r->arg, item);
	if (item->nbytes != sizeof(h->token))
		return 0;
	ret = store_baseline_adopt(r->store, item->key, item->bytes, item->nbytes);
	if (ret == 0 || ret == -ENOENT)
		return 0;
	dns_name_to_text(name, item->key);
	base_log(BASE_LOG_WARNING, "zone", "baseline-not-adopted zone=%s error=\"%s\"", name,
		 strerror(-ret));
	h = hosting_find(r->list, item->key);
	if (h != NULL) {
		h->must_adopt = true;
		memcpy(&h->token, item->bytes, sizeof(h->token));
	}
	return 0;
}

/* What an older store holds is kept, whatever the limits are now. */
static void warn_over(const struct hosting_zone *h)
{
	const struct zone_snapshot *s = zone_current(h->zone);
	const struct zone_limits limits = zone_get_limits(h->zone);
	char zone[DNS_NAME_TEXT_MAX], name[DNS_NAME_TEXT_MAX], text[ZONE_LIMIT_TEXT_MAX];
	enum zone_limit limit = ZONE_LIMIT_NONE;
	uint8_t first[DNS_NAME_MAX];
	uint64_t count = s == NULL ? 0 : zone_snapshot_over(s, &limits, first, &limit);

	if (count == 0)
		return;
	dns_name_to_text(zone, zone_name(h->zone));
	dns_name_to_text(name, first);
	base_log(BASE_LOG_WARNING, "zone",
		 "names-over-limits zone=%s count=%llu first=%s why=\"%s\"", zone,
		 (unsigned long long)count, name, zone_limit_text(text, limit, &limits));
}

int hosting_restore(struct hosting *list, uint64_t seed, struct store *store,
		    base_report_fn on_report, hosting_item_fn on_other, void *arg,
		    struct base_error *error)
{
	struct restoring r = {.list = list,
			      .seed = seed,
			      .store = store,
			      .on_report = on_report,
			      .on_other = on_other,
			      .arg = arg};
	struct store_recovery recovery = {
		.on_checkpoint = on_checkpoint,
		.on_record = on_record,
		.on_checkpoint_end = on_checkpoint_end,
		.on_change = on_change,
		.on_item = on_item,
		.arg = &r,
	};
	int ret = store_recover(store, &recovery, error);

	if (ret >= 0)
		ret = draft_finish(&r);
	else if (r.draft != NULL)
		zone_draft_abort(r.draft);
	zone_bulk_abort(r.bulk);
	if (ret < 0 && error->code == 0)
		base_error_set(error, ret, "the store cannot be read back: %s", strerror(-ret));
	if (ret < 0)
		return ret;
	ret = 0;
	for (size_t i = 0; i < list->count; i++)
		warn_over(list->items[i]);
	for (size_t i = 0; i < list->count && ret == 0; i++) {
		struct hosting_zone *h = list->items[i];

		if (zone_current(h->zone) == NULL && !h->is_waiting)
			ret = first_version(&r, h);
		/* Other zones are served all the same. */
		if (is_file_refused(h))
			ret = 0;
		else if (ret == 0)
			ret = hosting_baseline_compare(h, store, h->file);
	}
	if (ret < 0)
		base_error_set(error, ret, "the zones cannot be restored: %s", strerror(-ret));
	return ret;
}
