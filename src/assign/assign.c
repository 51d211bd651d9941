/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* How orders come about:
 *
 * 1. The copies are orders that the zone has not confirmed; they are reported at once.
 * 2. The PTR records at `_runs.NODE` are followed. As soon as they are known, instances that are
 *    not among them are withdrawn, and those that are new become items.
 * 3. Each item follows its `_spec` record, and the schema that this names (assign/item.h).
 * 4. When all of these are known, the orders are current.
 *
 * Events of the client only mark what has changed. It is looked at once for a turn, so an update of
 * several records is one change. The client keeps what it has while no server answers: so nothing
 * is withdrawn for that. */

#include "assign/assign.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "assign/copies.h"
#include "assign/item.h"
#include "assign/schemas.h"
#include "dns/type.h"
#include "dnssd/fabric_name.h"
#include "follow/track.h"

enum {
	AGAIN_MS = 100,	     /* after memory was short */
	POLL_RUNS_MS = 2000, /* between two queries for the list, while nobody pushes it */
};

struct assign {
	struct follow_user user;
	struct follow *follow;
	uint8_t runs_name[DNS_NAME_MAX], zone[DNS_NAME_MAX];
	struct assign_events events;
	void *arg;
	base_report_fn report;
	void *report_arg;
	struct assign_copies *copies; /* NULL: none are kept */
	struct follow_tracks tracks;
	struct follow_track runs;
	struct assign_schemas schemas;
	struct assign_items items;
	bool is_started;
	bool has_runs;	    /* the PTR records are known */
	bool must_rescan;   /* the items are to be made those of the PTR records */
	bool has_ignored;   /* instances, because there are too many; it was reported */
	bool is_over_limit; /* in the scan in hand */
	bool was_current;
	int scan_error;
};

static void touched(void *arg)
{
	struct assign *a = arg;

	follow_touch(a->follow, &a->user);
}

/* ---- the instances that are listed ---- */

static void on_runs(void *arg, enum client_event event, const struct dns_record *record)
{
	struct assign *a = arg;

	if (event == CLIENT_EVENT_FAILED || event == CLIENT_EVENT_CHANGED)
		return;
	a->has_runs |= event == CLIENT_EVENT_CURRENT;
	if (record != NULL && record->type != DNS_TYPE_PTR)
		return;
	a->must_rescan = true;
	touched(a);
}

static void entry_unlist(void *arg, struct follow_entry *e)
{
	(void)arg;
	((struct assign_item *)(void *)e)->is_listed = false;
}

static void pointer_list(void *arg, enum client_event event, const struct dns_record *record)
{
	struct assign *a = arg;
	struct assign_item *i;

	(void)event;
	if (record->type != DNS_TYPE_PTR)
		return;
	i = assign_item_find(&a->items, record->rdata);
	if (i != NULL)
		i->is_listed = true;
}

/* An item that is not listed any more, of several. */
struct unlisted {
	struct assign_item **all;
	size_t n;
};

static void entry_collect(void *arg, struct follow_entry *e)
{
	struct assign_item *i = (struct assign_item *)(void *)e;
	struct unlisted *u = arg;

	if (!i->is_listed)
		u->all[u->n++] = i;
}

/* Withdraws what is not listed. Returns 0 or -ENOMEM. */
static int unlisted_withdraw(struct assign *a)
{
	size_t n = a->items.entries.n;
	struct unlisted u = {0};

	if (n == 0)
		return 0;
	u.all = malloc(n * sizeof(struct assign_item *));
	if (u.all == NULL)
		return -ENOMEM;
	follow_entries_each(&a->items.entries, entry_collect, &u);
	for (size_t k = 0; k < u.n; k++)
		assign_item_withdraw(u.all[k]);
	free(u.all);
	return 0;
}

static void pointer_add(void *arg, enum client_event event, const struct dns_record *record)
{
	struct assign *a = arg;
	struct assign_item *i;

	(void)event;
	if (record->type != DNS_TYPE_PTR || a->scan_error < 0)
		return;
	i = assign_item_find(&a->items, record->rdata);
	if (i != NULL)
		a->scan_error = assign_item_follow(i);
	else if (a->items.entries.n >= ASSIGN_MAX)
		a->is_over_limit = true;
	else
		a->scan_error = assign_item_new(&i, &a->items, record->rdata);
}

static void limit_report(struct assign *a)
{
	struct base_error error;

	if (a->is_over_limit && !a->has_ignored && a->report != NULL) {
		base_error_set(&error, -E2BIG,
			       "more than %d instances are assigned to this node: the others are "
			       "ignored",
			       ASSIGN_MAX);
		a->report(a->report_arg, BASE_LOG_ERROR, &error);
	}
	a->has_ignored = a->is_over_limit;
}

/* Makes the items those of the PTR records: first what is withdrawn, since it may have what others
 * wait for. Returns 0, or -ENOMEM: it is to be done again. */
static int rescan(struct assign *a)
{
	const struct client_subscription *s = a->runs.subscription;
	int ret;

	follow_entries_each(&a->items.entries, entry_unlist, NULL);
	client_subscription_each(s, pointer_list, a);
	ret = unlisted_withdraw(a);
	if (ret < 0)
		return ret;
	a->scan_error = 0;
	a->is_over_limit = false;
	client_subscription_each(s, pointer_add, a);
	if (a->scan_error < 0)
		return a->scan_error;
	limit_report(a);
	a->must_rescan = false;
	return 0;
}

/* ---- turns ---- */

static int all_settle(struct assign *a, uint64_t now_ms, uint64_t *wake_ms)
{
	int ret = 0;

	if (a->has_runs && a->must_rescan)
		ret = rescan(a);
	/* An item may want a schema that is followed already, and so on: both lists grow only by
	 * events of the client, and by schemas that are read here. */
	if (ret == 0)
		ret = assign_schemas_settle(&a->schemas);
	if (ret == 0)
		ret = assign_items_settle(&a->items, now_ms, wake_ms);
	return ret;
}

static bool is_known(const struct assign *a)
{
	enum client_known known =
		a->has_runs ? follow_track_known(&a->tracks, &a->runs) : CLIENT_KNOWN_NOT_YET;

	return known == CLIENT_KNOWN_PUSHED || known == CLIENT_KNOWN_POLLED;
}

static void current_settle(struct assign *a)
{
	if (a->was_current || a->items.dirty != NULL || !is_known(a) ||
	    !follow_tracks_are_known(&a->tracks, &a->runs))
		return;
	a->was_current = true;
	a->events.on_current(a->arg);
}

static void assign_settle(void *arg, uint64_t now_ms)
{
	struct assign *a = arg;
	uint64_t wake_ms = UINT64_MAX;
	bool is_short = all_settle(a, now_ms, &wake_ms) < 0;

	follow_wake(a->follow, &a->user, is_short ? now_ms + AGAIN_MS : wake_ms);
	if (!is_short)
		current_settle(a);
	a->user.wants_turns = !a->was_current;
}

/* ---- the saved orders ---- */

static int copy_found(void *arg, const uint8_t *name, const char *json, size_t nchars,
		      struct base_error *error)
{
	struct assign *a = arg;

	return assign_item_new_saved(&a->items, name, json, nchars, error);
}

int assign_start(struct assign *a)
{
	static const uint16_t type = DNS_TYPE_PTR;
	int ret = 0;

	assert(!a->is_started);
	if (a->copies != NULL)
		ret = assign_copies_load(a->copies, copy_found, a);
	if (ret == 0)
		ret = follow_track_begin(&a->tracks, &a->runs, a->runs_name, &type, 1, on_runs, a);
	if (ret < 0)
		return ret;
	client_want_often(a->runs.subscription, POLL_RUNS_MS);
	a->is_started = true;
	follow_add(a->follow, &a->user);
	return 0;
}

/* ---- the door ---- */

static void assign_end(void *arg)
{
	struct assign *a = arg;

	assign_items_fini(&a->items);
	assign_schemas_fini(&a->schemas);
	follow_track_end(&a->tracks, &a->runs);
	assign_copies_close(a->copies);
	free(a);
}

static void parts_init(struct assign *a, struct follow *f)
{
	a->user = (struct follow_user){
		.settle = assign_settle, .end = assign_end, .arg = a, .wants_turns = true};
	a->follow = f;
	a->tracks.client = follow_client(f);
	a->schemas = (struct assign_schemas){
		.tracks = &a->tracks,
		.zone = a->zone,
		.on_touched = touched,
		.on_changed = assign_item_touch_user,
		.arg = a,
	};
	a->items = (struct assign_items){
		.tracks = &a->tracks,
		.schemas = &a->schemas,
		.copies = a->copies,
		.zone = a->zone,
		.events = &a->events,
		.events_arg = a->arg,
		.on_touched = touched,
		.arg = a,
	};
}

int assign_new(struct assign **out, struct follow *f, const struct assign_settings *settings,
	       const struct assign_events *events, void *arg, struct base_error *error)
{
	struct assign *a = calloc(1, sizeof(*a));
	int ret = 0;

	if (a == NULL)
		return base_error_set(error, -ENOMEM, "out of memory");
	a->events = *events;
	a->arg = arg;
	a->report = settings->report;
	a->report_arg = settings->report_arg;
	dns_name_lower(a->zone, settings->zone);
	if (dnssd_fabric_name_write(a->runs_name, DNSSD_FABRIC_RUNS, NULL, settings->node) == 0)
		ret = base_error_set(error, -EINVAL, "the node's name is too long");
	if (ret == 0 && settings->folder != NULL)
		ret = assign_copies_open(&a->copies, settings->folder, settings->report,
					 settings->report_arg, error);
	if (ret < 0) {
		free(a);
		return ret;
	}
	parts_init(a, f);
	*out = a;
	return 0;
}

void assign_free(struct assign *a)
{
	if (a == NULL)
		return;
	if (a->is_started)
		follow_remove(a->follow, &a->user);
	else
		assign_end(a);
}

const struct assign_order *assign_get(const struct assign *a, const uint8_t *name)
{
	const struct assign_item *i = assign_item_find(&a->items, name);

	return i != NULL && i->was_reported ? &i->order : NULL;
}

struct each {
	void (*visit)(void *arg, const struct assign_order *order);
	void *arg;
};

static void entry_visit(void *arg, struct follow_entry *e)
{
	const struct assign_item *i = (const struct assign_item *)(const void *)e;
	const struct each *each = arg;

	if (i->was_reported)
		each->visit(each->arg, &i->order);
}

void assign_each(const struct assign *a, void (*visit)(void *arg, const struct assign_order *order),
		 void *arg)
{
	struct each each = {visit, arg};

	follow_entries_each(&a->items.entries, entry_visit, &each);
}

bool assign_was_current(const struct assign *a)
{
	return a->was_current;
}

bool assign_is_current(const struct assign *a)
{
	return a->was_current && is_known(a);
}
