/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registry/hosted.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <urcu-qsbr.h>

#include "base/log.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "registry/registrar.h"
#include "store/store.h"
#include "zone/bulk.h"
#include "zone/check.h"
#include "zone/draft.h"
#include "zone/zone.h"

struct registry_hosted *registry_hosted_new(const uint8_t *name, const char *file, uint64_t seed)
{
	struct registry_hosted *h = calloc(1, sizeof *h);

	if (h == NULL)
		return NULL;
	h->seed = seed;
	h->zone = zone_new(name, seed);
	if (h->zone == NULL || registry_hosted_set_file(h, file) < 0) {
		registry_hosted_free(h);
		return NULL;
	}
	return h;
}

int registry_hosted_set_file(struct registry_hosted *h, const char *file)
{
	char *copy = file == NULL ? NULL : strdup(file);

	if (file != NULL && copy == NULL)
		return -ENOMEM;
	free(h->file);
	h->file = copy;
	return 0;
}

int registry_hosted_add(struct registry_hosted_list *list, struct registry_hosted *h)
{
	if (list->count == list->room) {
		size_t room = list->room == 0 ? 8 : list->room * 2;
		struct registry_hosted **items = realloc(list->items, room * sizeof *items);

		if (items == NULL)
			return -ENOMEM;
		list->items = items;
		list->room = room;
	}
	list->items[list->count++] = h;
	return 0;
}

struct registry_hosted *registry_hosted_find(const struct registry_hosted_list *list, const uint8_t *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (dns_name_equal(zone_name(list->items[i]->zone), name))
			return list->items[i];
	return NULL;
}

void registry_hosted_free(struct registry_hosted *h)
{
	if (h == NULL)
		return;
	if (h->first != NULL)
		zone_release(h->zone, h->first);
	zone_free(h->zone);
	free(h->file);
	registry_files_fini(&h->files);
	free(h);
}

/* ---- reading a file ---- */

struct reading {
	struct zone_draft *draft;
	struct zone_check *check;
	struct zone_place place;
	struct registry_files *files;
	registry_problem_fn on_problem;
	void *arg;
};

static int read_record(void *arg, const struct zone_record *record)
{
	struct reading *r = arg;
	int result = zone_check_record(r->check, record, &r->place);

	if (result == 0)
		result = zone_draft_add(r->draft, record->owner, record->type, record->ttl, record->rdata, record->nbytes);
	return result < 0 ? result : 0;
}

static void read_error(void *arg, const char *file, unsigned line, const char *text)
{
	struct reading *r = arg;

	r->on_problem(r->arg, true, file, line, text);
}

static void read_opened(void *arg, const char *path, const struct stat *st)
{
	struct reading *r = arg;

	if (r->files != NULL)
		registry_files_add(r->files, path, st);
}

static void check_problem(void *arg, bool is_error, const struct zone_place *place, const char *text)
{
	struct reading *r = arg;

	r->on_problem(r->arg, is_error, place->file, place->line, text);
}

struct viewing {
	struct zone *zone;
	struct zone_cursor *cursor;
};

static bool view_has(void *arg, const uint8_t *owner, uint16_t type)
{
	struct viewing *v = arg;

	return zone_has(v->zone, owner, type);
}

static bool view_next(void *arg, struct zone_record *record)
{
	struct viewing *v = arg;

	return zone_cursor_next(v->cursor, record);
}

/* The whole zone is there now: do its records make sense together? */
static int check_whole(struct reading *r, struct zone *zone)
{
	struct viewing v = { .zone = zone, .cursor = zone_cursor_new(zone_current(zone)) };
	struct zone_check_view view = { .has = view_has, .next = view_next, .arg = &v };
	unsigned errors;

	if (v.cursor == NULL)
		return -ENOMEM;
	errors = zone_check_finish(r->check, &view);
	zone_cursor_free(v.cursor);
	return errors > 0 ? -EBADMSG : 0;
}

/* A version needs a SOA: without one the check says so, and there is nothing to look at. */
static int publish_read(struct reading *r, struct zone *zone, const char *file)
{
	struct zone_rrset soa;
	struct zone_place place = { file, 0 };
	int result;

	if (!zone_draft_find(r->draft, zone_name(zone), DNS_TYPE_SOA, &soa)) {
		check_problem(r, true, &place, "no SOA record at the zone's name");
		return -EBADMSG;
	}
	if (soa.count > 1) {
		check_problem(r, true, &place, "more than one SOA record");
		return -EBADMSG;
	}
	result = zone_draft_seal(r->draft, NULL);
	if (result < 0)
		return result;
	zone_draft_publish(r->draft);
	r->draft = NULL;
	return check_whole(r, zone);
}

int registry_hosted_read_file(struct zone *zone, const char *file, struct registry_files *files,
                              registry_problem_fn on_problem, void *arg)
{
	struct reading r = { .files = files, .on_problem = on_problem, .arg = arg };
	struct zone_reader reader = {
		.origin = zone_name(zone), .on_record = read_record, .on_error = read_error, .on_opened = read_opened,
		.arg = &r, .place = &r.place,
	};
	int result = -ENOMEM;

	r.draft = zone_draft_new(zone);
	r.check = zone_check_new(zone_name(zone), file, check_problem, &r);
	if (r.draft != NULL && r.check != NULL)
		result = zone_file_read(file, &reader);
	if (result == 0)
		result = publish_read(&r, zone, file);
	if (r.draft != NULL)
		zone_draft_abort(r.draft);
	zone_check_free(r.check);
	return result;
}

/* ---- restoring ---- */

struct restoring {
	struct registry_hosted_list *list;
	uint64_t seed;
	struct store *store;
	registry_problem_fn on_problem;
	void *arg;
	struct registry_hosted *changing;       /* whose changes fill the draft */
	struct zone_draft *draft;
	struct zone_bulk *bulk;         /* the checkpoint or base that is being read */
};

/* The zone of that name, parked if the configuration does not know it. NULL when memory is short. */
static struct registry_hosted *hosted_get(struct restoring *r, const uint8_t *name)
{
	struct registry_hosted *h = registry_hosted_find(r->list, name);
	char text[DNS_NAME_TEXT_MAX];

	if (h != NULL)
		return h;
	h = registry_hosted_new(name, NULL, r->seed);
	if (h == NULL || registry_hosted_add(r->list, h) < 0) {
		registry_hosted_free(h);
		return NULL;
	}
	dns_name_to_text(text, name);
	base_log(BASE_LOG_WARNING, "registry", "zone is in the store but not in the configuration, kept but not served: zone=%s", text);
	return h;
}

static int draft_finish(struct restoring *r)
{
	struct zone_changeset changes;
	int result;

	if (r->draft == NULL)
		return 0;
	result = zone_draft_seal(r->draft, &changes);
	if (result > 0)
		zone_draft_publish(r->draft);
	else
		zone_draft_abort(r->draft);
	r->draft = NULL;
	return result < 0 ? result : 0;
}

static int on_checkpoint(void *arg, const uint8_t *zone, uint32_t serial, uint64_t nrecords, uint64_t nowners)
{
	struct restoring *r = arg;
	struct registry_hosted *h;

	(void)serial;
	(void)nrecords;
	(void)nowners;
	h = hosted_get(r, zone);
	if (h == NULL)
		return -ENOMEM;
	r->bulk = zone_bulk_new(h->zone);
	return r->bulk == NULL ? -ENOMEM : 0;
}

static int on_record(void *arg, const struct zone_record *record)
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

static int bulk_record(void *arg, const struct zone_record *record)
{
	return zone_bulk_add(arg, record);
}

/* Gives an empty zone its base as its first version. */
static int read_base(struct zone *zone, struct store *store)
{
	struct zone_bulk *bulk = zone_bulk_new(zone);
	int result;

	if (bulk == NULL)
		return -ENOMEM;
	result = store_base_read(store, zone_name(zone), bulk_record, bulk);
	if (result == 0)
		return zone_bulk_publish(bulk);
	zone_bulk_abort(bulk);
	return result;
}

int registry_hosted_first(struct registry_hosted *h, registry_problem_fn on_problem, void *arg)
{
	int result = registry_hosted_read_file(h->zone, h->file, &h->files, on_problem, arg);

	if (result < 0)
		return result;
	h->needs_base = true;
	h->first = zone_acquire(h->zone);
	h->loaded_s = (uint64_t)time(NULL);
	return 0;
}

/* Gives a zone that has no checkpoint its first version: what its file was when it was last read, or what it is now. */
static int first_version(struct restoring *r, struct registry_hosted *h)
{
	int result = read_base(h->zone, r->store);

	if (result != -ENOENT || h->file == NULL)
		return result;
	return registry_hosted_first(h, r->on_problem, r->arg);
}

static int on_change(void *arg, const struct store_change *change)
{
	struct restoring *r = arg;
	struct registry_hosted *h = hosted_get(r, change->zone);
	int result = 0;

	if (h == NULL)
		return -ENOMEM;
	if (h != r->changing) {
		result = draft_finish(r);
		r->changing = h;
	}
	if (result < 0)
		return result;
	if (zone_current(h->zone) == NULL && (result = first_version(r, h)) < 0)
		return result;
	if (r->draft == NULL && (r->draft = zone_draft_new(h->zone)) == NULL)
		return -ENOMEM;
	return zone_changeset_apply(r->draft, &change->changes);
}

static int on_note(void *arg, const struct store_note *note)
{
	(void)arg;
	(void)note;
	return 0;
}

/* Whether the file is still what the base was made from, or will be made from. */
static int look_at_file(struct registry_hosted *h, struct store *store)
{
	int n = store_base_identity(store, zone_name(h->zone), NULL, 0);
	uint8_t *identity;

	if (h->loaded_s == 0)
		h->loaded_s = (uint64_t)time(NULL);
	if (h->needs_base && h->file != NULL)
		h->is_stale = !registry_files_are_current(h->files.bytes, h->files.nbytes, h->file);
	if (h->needs_base || h->file == NULL || n < 0)
		return 0;
	identity = malloc((size_t)n + 1);
	if (identity == NULL)
		return -ENOMEM;
	store_base_identity(store, zone_name(h->zone), identity, (size_t)n);
	h->is_stale = !registry_files_are_current(identity, (size_t)n, h->file);
	free(identity);
	return 0;
}

int registry_hosted_restore(struct registry_hosted_list *list, uint64_t seed, struct store *store,
                            registry_problem_fn on_problem, void *arg, char *why, size_t why_size)
{
	struct restoring r = { .list = list, .seed = seed, .store = store, .on_problem = on_problem, .arg = arg };
	struct store_recovery recovery = {
		.on_checkpoint = on_checkpoint, .on_record = on_record, .on_checkpoint_end = on_checkpoint_end,
		.on_change = on_change, .on_note = on_note, .arg = &r,
	};
	int result, failed = 0;

	why[0] = '\0';
	result = store_recover(store, &recovery, why, why_size);
	if (result >= 0)
		result = draft_finish(&r);
	else if (r.draft != NULL)
		zone_draft_abort(r.draft);
	zone_bulk_abort(r.bulk);
	if (result < 0)
		return result;
	/* All wrong files are told of, not only the first. */
	for (size_t i = 0; i < list->count; i++) {
		struct registry_hosted *h = list->items[i];

		result = zone_current(h->zone) == NULL ? first_version(&r, h) : 0;
		if (result == 0)
			result = look_at_file(h, store);
		if (result < 0)
			failed = result;
	}
	return failed;
}

/* ---- merging ---- */

/* The records that one version has and the other has not. */
struct difference {
	struct zone *before, *after;
	struct zone *into;
	int result;
};

static int record_order(const struct zone_record *a, const struct zone_record *b)
{
	int d = dns_name_compare(a->owner, b->owner);

	if (d != 0)
		return d;
	/* A cursor tells the SOA first. */
	if (a->type != b->type)
		return a->type == DNS_TYPE_SOA ? -1 : b->type == DNS_TYPE_SOA ? 1 : (int)a->type - (int)b->type;
	return dns_rdata_compare(a->type, a->rdata, a->nbytes, b->rdata, b->nbytes);
}

/* RFC 2136's rule for the serial, by an administrator: the file's serial counts if it is newer, else the zone's goes on. */
static int merge_soa(struct zone_draft *d, const struct zone_record *before, const struct zone_record *after)
{
	uint8_t rdata[2 * DNS_NAME_MAX + 20];
	uint32_t serial = zone_draft_serial(d), wanted = dns_soa_read(after->rdata, after->nbytes).serial;

	if (before->ttl == after->ttl && before->nbytes == after->nbytes
	    && memcmp(before->rdata, after->rdata, after->nbytes) == 0)
		return 0;
	memcpy(rdata, after->rdata, after->nbytes);
	dns_soa_set_serial(rdata, after->nbytes, dns_serial_is_newer(wanted, serial) ? wanted : serial);
	return zone_draft_set_soa(d, after->ttl, rdata, after->nbytes);
}

static int merge_one(struct zone_draft *d, const struct zone_record *before, const struct zone_record *after)
{
	int result;

	if (before != NULL && after != NULL) {
		if (after->type == DNS_TYPE_SOA)
			return merge_soa(d, before, after);
		if (before->ttl == after->ttl)
			return 0;
		before = NULL;          /* adding it again sets the TTL */
	}
	if (before != NULL)
		result = zone_draft_remove(d, before->owner, before->type, before->rdata, before->nbytes);
	else
		result = zone_draft_add(d, after->owner, after->type, after->ttl, after->rdata, after->nbytes);
	return result < 0 ? result : 0;
}

/* Walks both versions side by side in canonical order. */
static int merge_all(struct zone_draft *d, struct zone_cursor *before, struct zone_cursor *after)
{
	struct zone_record a, b;
	bool has_a = zone_cursor_next(before, &a), has_b = zone_cursor_next(after, &b);
	int result = 0;

	while ((has_a || has_b) && result == 0) {
		int order = !has_a ? 1 : !has_b ? -1 : record_order(&a, &b);

		/* The SOA is one record that changes, not one that goes and one that comes. */
		if (has_a && has_b && a.type == DNS_TYPE_SOA && b.type == DNS_TYPE_SOA)
			order = 0;
		result = merge_one(d, order <= 0 ? &a : NULL, order >= 0 ? &b : NULL);
		if (order <= 0)
			has_a = zone_cursor_next(before, &a);
		if (order >= 0)
			has_b = zone_cursor_next(after, &b);
	}
	return result;
}

/* In the registrar's thread. */
static void merge_run(struct registry_registrar *registrar, void *arg)
{
	struct difference *m = arg;
	struct zone_draft *d = zone_draft_new(m->into);
	struct zone_cursor *before = zone_cursor_new(zone_current(m->before));
	struct zone_cursor *after = zone_cursor_new(zone_current(m->after));

	m->result = -ENOMEM;
	if (d != NULL && before != NULL && after != NULL)
		m->result = merge_all(d, before, after);
	if (m->result == 0)
		m->result = registry_registrar_commit(registrar, d);
	else if (d != NULL)
		zone_draft_abort(d);
	zone_cursor_free(before);
	zone_cursor_free(after);
}

static int write_records(struct zone_cursor *cursor, struct store_checkpoint *c)
{
	struct zone_record record;
	int result = 0;

	while (result == 0 && zone_cursor_next(cursor, &record))
		result = store_checkpoint_record(c, &record);
	return result;
}

static int write_snapshot(const struct zone_snapshot *s, struct store_checkpoint *c)
{
	struct zone_cursor *cursor = zone_cursor_new(s);
	int result = cursor == NULL ? -ENOMEM : write_records(cursor, c);

	zone_cursor_free(cursor);
	if (result == 0)
		return store_checkpoint_end(c);
	store_checkpoint_abort(c);
	return result;
}

static int write_base_of(const struct zone_snapshot *s, struct store *store, const uint8_t *name, const struct registry_files *files)
{
	struct store_checkpoint *c;
	int result = files->is_short ? -ENOMEM : store_base_begin(store, &c, name, files->bytes, files->nbytes);

	return result < 0 ? result : write_snapshot(s, c);
}

static int merge_into(struct registry_hosted *h, struct store *store, struct registry_registrar *registrar,
                      struct zone *before, struct zone *after, struct registry_files *files,
                      registry_problem_fn on_problem, void *arg)
{
	struct difference m = { .before = before, .after = after, .into = h->zone };
	int result = registry_hosted_read_file(after, h->file, files, on_problem, arg);

	if (result == 0)
		result = read_base(before, store);
	if (result < 0)
		return result;
	registry_registrar_run(registrar, merge_run, &m);
	if (m.result < 0)
		return m.result;
	result = write_base_of(zone_current(after), store, zone_name(after), files);
	return result < 0 ? result : m.result;
}

int registry_hosted_merge(struct registry_hosted *h, struct store *store, struct registry_registrar *registrar, bool is_forced,
                          registry_problem_fn on_problem, void *arg)
{
	struct zone *before, *after;
	struct registry_files files = { .bytes = NULL };
	int result = look_at_file(h, store);

	if (result < 0 || (!h->is_stale && !is_forced))
		return result;
	/* The difference is to what the store has: that must be there first. */
	if (h->needs_base && (result = registry_hosted_write_base(h, store)) < 0)
		return result;
	before = zone_new(zone_name(h->zone), h->seed);
	after = zone_new(zone_name(h->zone), h->seed);
	result = before == NULL || after == NULL ? -ENOMEM
	         : merge_into(h, store, registrar, before, after, &files, on_problem, arg);
	if (result >= 0) {
		registry_files_fini(&h->files);
		h->files = files;
		h->is_stale = false;
		h->loaded_s = (uint64_t)time(NULL);
	} else {
		registry_files_fini(&files);
	}
	zone_free(before);
	zone_free(after);
	return result;
}

/* ---- keeping ---- */

/* Holds the zone's current version; the thread is offline before and after. */
static const struct zone_snapshot *hold(struct zone *z)
{
	const struct zone_snapshot *s;

	rcu_thread_online();
	s = zone_acquire(z);
	rcu_thread_offline();
	return s;
}

int registry_hosted_write_base(struct registry_hosted *h, struct store *store)
{
	int result;

	if (!h->needs_base)
		return 0;
	result = write_base_of(h->first, store, zone_name(h->zone), &h->files);
	if (result < 0)
		return result;
	zone_release(h->zone, h->first);
	h->first = NULL;
	h->needs_base = false;
	return 0;
}

int registry_hosted_checkpoint(struct registry_hosted *h, struct store *store)
{
	const struct zone_snapshot *s = hold(h->zone);
	struct store_checkpoint *c;
	int result;

	if (s == NULL)
		return -ENOENT;
	result = store_checkpoint_begin(store, &c, zone_name(h->zone), zone_snapshot_serial(s));
	if (result == 0)
		result = write_snapshot(s, c);
	zone_release(h->zone, s);
	return result;
}
