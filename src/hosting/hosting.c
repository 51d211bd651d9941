/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "hosting/hosting.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "base/clock.h"
#include "base/grow.h"
#include "base/log.h"
#include "base/rcu.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "hosting/merge.h"
#include "ledger/release.h"
#include "registry/registrar.h"
#include "registry/state.h"
#include "registry/work.h"
#include "store/store.h"
#include "text/check.h"
#include "view/drain.h"
#include "view/update.h"
#include "zone/bulk.h"
#include "zone/cursor.h"
#include "zone/draft.h"
#include "zone/zone.h"

struct hosting_zone *hosting_zone_new(const uint8_t *name, const char *file, uint64_t seed)
{
	struct hosting_zone *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	h->seed = seed;
	h->zone = zone_new(name, seed);
	if (h->zone == NULL || hosting_zone_set_file(h, file) < 0) {
		hosting_zone_free(h);
		return NULL;
	}
	return h;
}

int hosting_zone_set_file(struct hosting_zone *h, const char *file)
{
	char *copy = file == NULL ? NULL : strdup(file);

	if (file != NULL && copy == NULL)
		return -ENOMEM;
	free(h->file);
	h->file = copy;
	return 0;
}

int hosting_add(struct hosting *list, struct hosting_zone *h)
{
	struct hosting_zone **items =
		base_grow(list->items, list->count, &list->room, sizeof(*items));

	if (items == NULL)
		return -ENOMEM;
	list->items = items;
	list->items[list->count++] = h;
	return 0;
}

void hosting_remove(struct hosting *list, const struct hosting_zone *h)
{
	size_t i = 0;

	while (i < list->count && list->items[i] != h)
		i++;
	if (i == list->count)
		return;
	list->count--;
	memmove(list->items + i, list->items + i + 1, (list->count - i) * sizeof(*list->items));
}

struct hosting_zone *hosting_find(const struct hosting *list, const uint8_t *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (dns_name_equal(zone_name(list->items[i]->zone), name))
			return list->items[i];
	return NULL;
}

void hosting_zone_free(struct hosting_zone *h)
{
	if (h == NULL)
		return;
	if (h->first != NULL)
		zone_release(h->zone, h->first);
	zone_free(h->zone);
	free(h->file);
	hosting_files_fini(&h->files);
	free(h);
}

/* ---- reading a file ---- */

struct reading {
	struct zone_draft *draft;
	struct text_check *check;
	struct base_location place;
	struct hosting_files *files;
	hosting_problem_fn on_problem;
	void *arg;
};

/* A set has one TTL (RFC 2181 section 5.2): of those in the file the lowest, as BIND and NSD have
 * it. Signatures of several types are right to have several (RFC 4034 section 3), so of them
 * nothing is said. */
static uint32_t set_ttl(struct reading *r, const struct dns_record *record)
{
	uint32_t before = zone_draft_ttl(r->draft, record->owner, record->type, record->ttl);

	if (before != record->ttl && record->type != DNS_TYPE_RRSIG)
		r->on_problem(r->arg, false, r->place.file, r->place.line,
			      "another TTL than the set's, the lowest counts for all of it");
	return before < record->ttl ? before : record->ttl;
}

static int read_record(void *arg, const struct dns_record *record)
{
	struct reading *r = arg;
	int result = text_check_record(r->check, record, &r->place);

	if (result == 0)
		result = zone_draft_add(r->draft, record->owner, record->type, set_ttl(r, record),
					record->rdata, record->nbytes);
	return result < 0 ? result : 0;
}

static void report(void *arg, enum base_log_level level, const struct base_error *error)
{
	struct reading *r = arg;

	r->on_problem(r->arg, level == BASE_LOG_ERROR, error->at.file, error->at.line, error->text);
}

static void read_opened(void *arg, const char *path, const struct stat *st)
{
	struct reading *r = arg;

	if (r->files != NULL)
		hosting_files_add(r->files, path, st);
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

static bool view_next(void *arg, struct dns_record *record)
{
	struct viewing *v = arg;

	return zone_cursor_next(v->cursor, record);
}

/* The whole zone is there now: do its records make sense together? */
static int check_whole(struct reading *r, struct zone *zone)
{
	struct viewing v = {.zone = zone, .cursor = zone_cursor_new(zone_current(zone))};
	struct text_check_reader view = {.has = view_has, .next = view_next, .arg = &v};
	unsigned errors;

	if (v.cursor == NULL)
		return -ENOMEM;
	errors = text_check_finish(r->check, &view);
	zone_cursor_free(v.cursor);
	return errors > 0 ? -EBADMSG : 0;
}

/* A version needs a SOA: without one the check says so, and there is nothing to look at. */
static int publish_read(struct reading *r, struct zone *zone, const char *file)
{
	struct zone_rrset soa;
	int result;

	if (!zone_draft_find(r->draft, zone_name(zone), DNS_TYPE_SOA, &soa)) {
		r->on_problem(r->arg, true, file, 0, "no SOA record at the zone's name");
		return -EBADMSG;
	}
	if (soa.count > 1) {
		r->on_problem(r->arg, true, file, 0, "more than one SOA record");
		return -EBADMSG;
	}
	result = zone_draft_seal(r->draft, NULL);
	if (result < 0)
		return result;
	zone_draft_publish(r->draft);
	r->draft = NULL;
	return check_whole(r, zone);
}

int hosting_load(struct zone *zone, const char *file, struct hosting_files *files,
		 hosting_problem_fn on_problem, void *arg)
{
	struct reading r = {.files = files, .on_problem = on_problem, .arg = arg};
	struct text_reader reader = {
		.origin = zone_name(zone),
		.on_record = read_record,
		.on_report = report,
		.on_opened = read_opened,
		.arg = &r,
		.location = &r.place,
	};
	int result = -ENOMEM;

	r.draft = zone_draft_new(zone);
	r.check = text_check_new(zone_name(zone), file, report, &r);
	if (r.draft != NULL && r.check != NULL)
		result = text_zonefile_read(file, &reader);
	if (result == 0)
		result = publish_read(&r, zone, file);
	if (r.draft != NULL)
		zone_draft_abort(r.draft);
	text_check_free(r.check);
	return result;
}

/* ---- restoring ---- */

struct restoring {
	struct hosting *list;
	uint64_t seed;
	struct store *store;
	hosting_problem_fn on_problem;
	hosting_item_fn on_other; /* notes that are not ours */
	void *arg;
	struct hosting_zone *changing; /* whose changes fill the draft */
	struct zone_draft *draft;
	struct zone_bulk *bulk; /* the checkpoint or base that is being read */
};

/* The zone of that name, parked if the configuration does not know it. NULL when memory is short.
 */
static struct hosting_zone *hosted_get(struct restoring *r, const uint8_t *name)
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
	base_log(BASE_LOG_WARNING, "registry",
		 "zone is in the store but not in the configuration, kept but not served: zone=%s",
		 text);
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

static int on_checkpoint(void *arg, const uint8_t *zone, uint32_t serial, uint64_t nrecords,
			 uint64_t nowners)
{
	struct restoring *r = arg;
	struct hosting_zone *h;

	(void)serial;
	(void)nrecords;
	(void)nowners;
	h = hosted_get(r, zone);
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

static int bulk_record(void *arg, const struct dns_record *record)
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
	result = store_baseline_read(store, zone_name(zone), bulk_record, bulk);
	if (result == 0)
		return zone_bulk_publish(bulk);
	zone_bulk_abort(bulk);
	return result;
}

static int read_first(struct hosting_zone *h, hosting_problem_fn on_problem, void *arg)
{
	int result = hosting_load(h->zone, h->file, &h->files, on_problem, arg);

	if (result < 0)
		return result;
	h->needs_base = true;
	h->first = zone_acquire(h->zone);
	h->loaded_s = base_clock_wall_s();
	return 0;
}

static int apply_waiting(void *arg, const struct store_change *change)
{
	return zone_draft_apply(arg, &change->changes);
}

/* The changes that waited for the file. */
static int waiting_apply(struct hosting_zone *h, struct store *store)
{
	struct zone_draft *d = zone_draft_new(h->zone);
	int result = d == NULL ? -ENOMEM
			       : store_history_read(store, zone_name(h->zone), h->waiting_serial,
						    apply_waiting, d);

	if (result == 0)
		result = zone_draft_seal(d, NULL);
	if (result > 0)
		zone_draft_publish(d);
	else if (d != NULL)
		zone_draft_abort(d);
	if (result < 0)
		return result;
	h->is_waiting = false;
	h->is_unsure = true;
	return 0;
}

int hosting_restore_first(struct hosting_zone *h, struct store *store,
			  hosting_problem_fn on_problem, void *arg)
{
	int result = zone_current(h->zone) == NULL ? read_first(h, on_problem, arg) : 0;

	return result == 0 && h->is_waiting ? waiting_apply(h, store) : result;
}

/* Gives a zone that has no checkpoint its first version: what its file was when it was last read,
 * or what it is now. */
static int first_version(struct restoring *r, struct hosting_zone *h)
{
	int result = read_base(h->zone, r->store);

	if (result != -ENOENT || h->file == NULL)
		return result;
	return read_first(h, r->on_problem, r->arg);
}

/* A parked zone of which the store has changes only: they stay in the log. */
static void wait_for_file(struct hosting_zone *h, uint32_t serial)
{
	char name[DNS_NAME_TEXT_MAX];

	h->is_waiting = true;
	h->waiting_serial = serial;
	dns_name_to_text(name, zone_name(h->zone));
	base_log(BASE_LOG_WARNING, "registry",
		 "of a zone that is not in the configuration the store has changes only, they are "
		 "kept "
		 "until it is configured again or purged: zone=%s",
		 name);
}

static int on_change(void *arg, const struct store_change *change)
{
	struct restoring *r = arg;
	struct hosting_zone *h = hosted_get(r, change->zone);
	int result = 0;

	if (h == NULL)
		return -ENOMEM;
	if (h->is_waiting)
		return 0;
	if (h != r->changing) {
		result = draft_finish(r);
		r->changing = h;
	}
	if (result < 0)
		return result;
	if (zone_current(h->zone) == NULL) {
		result = first_version(r, h);
		if (result == -ENOENT && h->file == NULL) {
			wait_for_file(h, change->changes.from);
			return 0;
		}
		if (result < 0)
			return result;
		h->is_unsure = h->needs_base;
	}
	if (r->draft == NULL && (r->draft = zone_draft_new(h->zone)) == NULL)
		return -ENOMEM;
	return zone_draft_apply(r->draft, &change->changes);
}

/* Puts the base in place that the merge made. */
static int adopt(struct hosting_zone *h, struct store *store)
{
	int result = store_baseline_adopt(store, zone_name(h->zone), &h->token, sizeof(h->token));

	if (result == 0)
		h->must_adopt = false;
	return result;
}

/* A merge was committed, but weftd may have ended before its base took its place. */
static int on_note(void *arg, const struct store_item *note)
{
	struct restoring *r = arg;
	struct hosting_zone *h;
	int result;

	if (note->kind != STORE_ITEM_ZONE)
		return r->on_other(r->arg, note);
	if (note->nbytes != sizeof(h->token))
		return 0;
	result = store_baseline_adopt(r->store, note->key, note->bytes, note->nbytes);
	if (result == 0 || result == -ENOENT)
		return 0;
	base_log(BASE_LOG_WARNING, "registry",
		 "the base of a zone cannot be put in place now: error=\"%s\"", strerror(-result));
	h = hosting_find(r->list, note->key);
	if (h != NULL) {
		h->must_adopt = true;
		memcpy(&h->token, note->bytes, sizeof(h->token));
	}
	return 0;
}

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

/* Whether the file is still what the base was made from, or will be made from. */
static int look_at_file(struct hosting_zone *h, struct store *store, const char *file)
{
	bool is_current = true;
	int result = 0;

	if (h->loaded_s == 0)
		h->loaded_s = base_clock_wall_s();
	if (file == NULL)
		return 0;
	if (h->needs_base)
		is_current = hosting_files_are_current(h->files.bytes, h->files.nbytes, file);
	else
		result = identity_is_current(&is_current, h, store, file);
	h->is_stale = !is_current || h->is_unsure;
	return result;
}

int hosting_restore(struct hosting *list, uint64_t seed, struct store *store,
		    hosting_problem_fn on_problem, hosting_item_fn on_other, void *arg,
		    struct base_error *error)
{
	struct restoring r = {.list = list,
			      .seed = seed,
			      .store = store,
			      .on_problem = on_problem,
			      .on_other = on_other,
			      .arg = arg};
	struct store_recovery recovery = {
		.on_checkpoint = on_checkpoint,
		.on_record = on_record,
		.on_checkpoint_end = on_checkpoint_end,
		.on_change = on_change,
		.on_item = on_note,
		.arg = &r,
	};
	int result, failed = 0;

	result = store_recover(store, &recovery, error);
	if (result >= 0)
		result = draft_finish(&r);
	else if (r.draft != NULL)
		zone_draft_abort(r.draft);
	zone_bulk_abort(r.bulk);
	if (result < 0)
		return result;
	/* All wrong files are told of, not only the first. */
	for (size_t i = 0; i < list->count; i++) {
		struct hosting_zone *h = list->items[i];

		result = zone_current(h->zone) == NULL && !h->is_waiting ? first_version(&r, h) : 0;
		if (result == 0)
			result = look_at_file(h, store, h->file);
		if (result < 0)
			failed = result;
	}
	return failed;
}

/* ---- merging ---- */

struct merging {
	struct hosting_merge merge;
	struct zone *into;
	bool is_moving;
	uint64_t token; /* of the base that goes with the merge */
	int result;
};

/* What the file has now stays, also if it was there before, with a lease; names that are empty
 * without what it had are free. */
static int finish_ledger(struct ledger *ledger, const struct merging *m, struct zone_draft *d)
{
	int ret = 0;

	for (size_t i = 0; i < m->merge.added.count && ret == 0; i++)
		ret = ledger_release_record(&ledger->leases, zone_name(m->into),
					    &m->merge.added.items[i]);
	for (size_t i = 0; i < m->merge.removed.count && ret == 0; i++)
		ret = ledger_release_if_empty(ledger, d, m->merge.removed.items[i].owner);
	return ret;
}

/* What the registry makes of the instances that the file has changed. */
static int finish_view(struct view_pass *p, const struct merging *m)
{
	for (size_t i = 0; i < m->merge.removed.count; i++)
		view_update_removed(p, &m->merge.removed.items[i]);
	for (size_t i = 0; i < m->merge.added.count; i++)
		view_update_added(p, &m->merge.added.items[i]);
	return view_update(p);
}

/* In the registrar's thread. */
static void merge_run(struct registry_registrar *registrar, void *arg)
{
	struct merging *m = arg;
	struct registry_state *s = registry_work_state(registrar);
	struct view_pass *p = update_pass(s->update);
	struct zone_draft *d = registry_work_begin(registrar, m->into);
	const struct store_item note = {
		.kind = STORE_ITEM_ZONE,
		.key = zone_name(m->into),
		.nkey = (uint16_t)dns_name_nbytes(zone_name(m->into)),
		.bytes = (const uint8_t *)&m->token,
		.nbytes = sizeof(m->token),
	};

	m->result = -ENOMEM;
	if (d != NULL) {
		view_pass_begin(p, registry_state_view_rule(s, m->into), d);
		view_drain_restore_all(p);
		m->result = hosting_merge_apply(&m->merge, d, m->is_moving);
	}
	if (m->result == 0)
		m->result = finish_view(p, m);
	if (m->result == 0)
		m->result = finish_ledger(&s->ledger, m, d);
	if (m->result == 0)
		m->result = registry_work_commit(registrar, &note);
	else
		registry_work_abort(registrar);
	if (m->result >= 0 && registry_work_reconcile_reverse(registrar, m->into) < 0)
		base_log(BASE_LOG_ERROR, "registry", "reverse PTRs not made: out of memory");
}

static int write_records(struct zone_cursor *cursor, struct store_checkpoint *c)
{
	struct dns_record record;
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

/* The identity of a base is a token, by which the log knows it, and what the files were. */
static int write_base_of(const struct zone_snapshot *s, struct store *store, const uint8_t *name,
			 const struct hosting_files *files, uint64_t token, bool is_next)
{
	size_t nbytes = sizeof(token) + files->nbytes;
	uint8_t *identity = files->is_short ? NULL : malloc(nbytes);
	struct store_checkpoint *c;
	int result;

	if (identity == NULL)
		return -ENOMEM;
	memcpy(identity, &token, sizeof(token));
	if (files->nbytes > 0)
		memcpy(identity + sizeof(token), files->bytes, files->nbytes);
	result = is_next ? store_baseline_prepare(store, &c, name, identity, nbytes)
			 : store_baseline_begin(store, &c, name, identity, nbytes);
	free(identity);
	return result < 0 ? result : write_snapshot(s, c);
}

/* The CNAME rule may leave out what the administrator wrote: that must not go unsaid. */
static void tell_barred(const struct hosting_merge *m, const char *file,
			hosting_problem_fn on_problem, void *arg)
{
	char owner[DNS_NAME_TEXT_MAX], type[DNS_TYPE_TEXT_MAX], text[DNS_NAME_TEXT_MAX + 160];

	if (m->nbarred == 0)
		return;
	dns_name_to_text(owner, m->barred->owner);
	dns_type_to_text(type, m->barred->type);
	snprintf(text, sizeof(text),
		 "%s %s is left out, by a CNAME it cannot stand beside what was registered there; "
		 "records left out: %zu",
		 owner, type, m->nbarred);
	on_problem(arg, false, file, 0, text);
}

/* The next base is written before the commit, which names it, and takes its place after: so
 * whenever weftd ends, restoring knows up to which file the log has been merged. */
static int merge_commit(struct hosting_zone *h, struct store *store,
			struct registry_registrar *registrar, struct merging *m,
			const struct zone_snapshot *after, const struct hosting_files *files)
{
	int result;

	if (getrandom(&m->token, sizeof(m->token), 0) != sizeof(m->token))
		return -EIO;
	result = write_base_of(after, store, zone_name(h->zone), files, m->token, true);
	if (result < 0)
		return result;
	registry_registrar_run(registrar, merge_run, m);
	if (m->result < 0)
		return m->result;
	h->token = m->token;
	h->must_adopt = true;
	h->is_unsure = false;
	result = adopt(h, store);
	return result < 0 ? result : m->result;
}

static int merge_into(struct hosting_zone *h, struct store *store,
		      struct registry_registrar *registrar, const char *file, struct zone *before,
		      struct zone *after, struct hosting_files *files,
		      hosting_problem_fn on_problem, void *arg)
{
	struct merging m = {.into = h->zone, .is_moving = h->is_unsure};
	int result = hosting_load(after, file, files, on_problem, arg);

	if (result == 0)
		result = read_base(before, store);
	if (result == 0)
		result = hosting_merge_take(&m.merge, zone_current(before), zone_current(after));
	if (result < 0)
		return result;
	result = merge_commit(h, store, registrar, &m, zone_current(after), files);
	if (result >= 0)
		tell_barred(&m.merge, file, on_problem, arg);
	hosting_merge_fini(&m.merge);
	return result;
}

int hosting_reload(struct hosting_zone *h, struct store *store,
		   struct registry_registrar *registrar, const char *file, bool is_forced,
		   hosting_problem_fn on_problem, void *arg)
{
	struct zone *before, *after;
	struct hosting_files files = {.bytes = NULL};
	int result = h->must_adopt ? adopt(h, store) : 0;

	if (result == 0)
		result = look_at_file(h, store, file);
	if (result < 0 || (!h->is_stale && !is_forced))
		return result;
	/* The difference is to what the store has: that must be there first. */
	if (h->needs_base && (result = hosting_baseline_write(h, store)) < 0)
		return result;
	before = zone_new(zone_name(h->zone), h->seed);
	after = zone_new(zone_name(h->zone), h->seed);
	result = before == NULL || after == NULL ? -ENOMEM
						 : merge_into(h, store, registrar, file, before,
							      after, &files, on_problem, arg);
	if (result >= 0) {
		hosting_files_fini(&h->files);
		h->files = files;
		h->is_stale = false;
		h->loaded_s = base_clock_wall_s();
	} else {
		hosting_files_fini(&files);
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

	base_rcu_online();
	s = zone_acquire(z);
	base_rcu_offline();
	return s;
}

int hosting_baseline_write(struct hosting_zone *h, struct store *store)
{
	int result;

	if (!h->needs_base)
		return 0;
	result = write_base_of(h->first, store, zone_name(h->zone), &h->files, 0, false);
	if (result < 0)
		return result;
	zone_release(h->zone, h->first);
	h->first = NULL;
	h->needs_base = false;
	return 0;
}

/* A version without the changes that wait must not take their place. */
int hosting_checkpoint(struct hosting_zone *h, struct store *store)
{
	const struct zone_snapshot *s = h->is_waiting ? NULL : hold(h->zone);
	struct store_checkpoint *c;
	int result;

	if (s == NULL)
		return 0;
	result = store_checkpoint_begin(store, &c, zone_name(h->zone), zone_snapshot_serial(s));
	if (result == 0)
		result = write_snapshot(s, c);
	zone_release(h->zone, s);
	return result;
}

/* ---- purging ---- */

struct purging {
	const uint8_t *zone;
	int result;
};

/* In the registrar's thread. */
static void purge_run(struct registry_registrar *registrar, void *arg)
{
	struct purging *p = arg;
	const struct store_item item = {.kind = STORE_ITEM_ZONE,
					.key = p->zone,
					.nkey = (uint16_t)dns_name_nbytes(p->zone)};

	p->result = registry_work_purge(registrar, p->zone, &item);
}

int hosting_purge(struct hosting_zone *h, struct registry_registrar *registrar)
{
	struct purging p = {.zone = zone_name(h->zone)};

	registry_registrar_run(registrar, purge_run, &p);
	return p.result;
}
