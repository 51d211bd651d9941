/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "listing/services.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "dnssd/kind.h"
#include "dnssd/txt.h"
#include "registry/state.h"
#include "view/browse.h"
#include "view/mark.h"
#include "view/subtype.h"
#include "view/type_srv.h"
#include "zone/cursor.h"
#include "zone/zone.h"

enum { NAMES_BLOCK = 64 << 10 };

int listing_services_take(struct listing_services *s, struct zone *zone,
			  const struct view_rule *rule)
{
	*s = (struct listing_services){.zone = zone, .rule = *rule};
	base_arena_init(&s->names, NAMES_BLOCK);
	s->snapshot = zone_acquire(zone);
	return s->snapshot == NULL ? -ENOENT : 0;
}

void listing_services_fini(struct listing_services *s)
{
	if (s->snapshot != NULL)
		zone_release(s->zone, s->snapshot);
	free(s->items);
	free(s->records);
	free(s->pointers);
	base_arena_fini(&s->names);
	*s = (struct listing_services){.zone = NULL};
}

/* ---- the walk ---- */

static const uint8_t *name_copy(struct listing_services *s, const uint8_t *name)
{
	return base_arena_copy(&s->names, name, dns_name_nbytes(name));
}

static int add_instance(struct listing_services *s, const uint8_t *name)
{
	struct listing_service *items = base_grow(s->items, s->count, &s->capacity, sizeof(*items));

	if (items == NULL)
		return -ENOMEM;
	s->items = items;
	items[s->count] =
		(struct listing_service){.name = name_copy(s, name), .record = s->nrecords};
	return items[s->count++].name == NULL ? -ENOMEM : 0;
}

/* Adds a record of an instance. The cursor gives those of one name one after the other. */
static int add_record(struct listing_services *s, const struct dns_record *r)
{
	struct dns_record *records;
	int ret = 0;

	if (s->count == 0 || !dns_name_equal(s->items[s->count - 1].name, r->owner))
		ret = add_instance(s, r->owner);
	if (ret < 0 || (r->type != DNS_TYPE_SRV && r->type != DNS_TYPE_TXT))
		return ret;
	records = base_grow(s->records, s->nrecords, &s->records_capacity, sizeof(*records));
	if (records == NULL)
		return -ENOMEM;
	s->records = records;
	records[s->nrecords] = *r;
	records[s->nrecords++].owner = s->items[s->count - 1].name;
	s->items[s->count - 1].nrecords++;
	return 0;
}

static int add_pointer(struct listing_services *s, const uint8_t *owner, const uint8_t *instance)
{
	struct registry_pointer *pointers =
		base_grow(s->pointers, s->npointers, &s->pointers_capacity, sizeof(*pointers));
	const struct registry_pointer *last;

	if (pointers == NULL)
		return -ENOMEM;
	last = s->npointers == 0 ? NULL : &pointers[s->npointers - 1];
	s->pointers = pointers;
	/* The PTRs at one owner share its copy; the instance is within the snapshot. */
	owner = last != NULL && dns_name_equal(last->owner, owner) ? last->owner
								   : name_copy(s, owner);
	pointers[s->npointers++] = (struct registry_pointer){owner, instance};
	return owner == NULL ? -ENOMEM : 0;
}

static int take_record(struct listing_services *s, const struct dns_record *r,
		       const uint8_t *instance)
{
	const uint8_t *zone = zone_name(s->zone);
	const uint8_t *target = view_target(zone, r->owner, r->type, r->rdata);

	if (target != NULL)
		return instance == NULL || dns_name_equal(target, instance)
			       ? add_pointer(s, r->owner, target)
			       : 0;
	if (dnssd_kind_of(r->owner, zone) != DNSSD_INSTANCE ||
	    (instance != NULL && !dns_name_equal(r->owner, instance)))
		return 0;
	return add_record(s, r);
}

static int compare_pointers(const void *left, const void *right)
{
	const struct registry_pointer *a = left, *b = right;
	int d = dns_name_compare(a->instance, b->instance);

	return d != 0 ? d : dns_name_compare(a->owner, b->owner);
}

/* Gives each instance the PTRs to it. Both are sorted. */
static void join_pointers(struct listing_services *s)
{
	size_t at = 0;

	if (s->npointers > 0)
		qsort(s->pointers, s->npointers, sizeof(*s->pointers), compare_pointers);
	for (size_t i = 0; i < s->count; i++) {
		struct listing_service *one = &s->items[i];

		while (at < s->npointers &&
		       dns_name_compare(s->pointers[at].instance, one->name) < 0)
			at++;
		one->pointer = at;
		while (at < s->npointers && dns_name_equal(s->pointers[at].instance, one->name))
			at++;
		one->npointers = at - one->pointer;
	}
}

int listing_services_walk(struct listing_services *s, const uint8_t *instance)
{
	struct zone_cursor *cursor = zone_cursor_new(s->snapshot);
	struct dns_record r;
	int ret = cursor == NULL ? -ENOMEM : 0;

	while (ret == 0 && zone_cursor_next(cursor, &r))
		ret = take_record(s, &r, instance);
	zone_cursor_free(cursor);
	if (ret == 0)
		join_pointers(s);
	return ret;
}

void listing_services_filter(struct listing_services *s,
			     bool (*is_wanted)(void *arg, const struct listing_services *s,
					       const struct listing_service *one),
			     void *arg)
{
	size_t n = 0;

	for (size_t i = 0; i < s->count; i++)
		if (is_wanted(arg, s, &s->items[i]))
			s->items[n++] = s->items[i];
	s->count = n;
}

/* ---- the look ---- */

static bool has_target(const struct listing_services *s, const struct listing_service *one)
{
	for (size_t i = one->record; i < one->record + one->nrecords; i++)
		if (s->records[i].type == DNS_TYPE_SRV && s->records[i].rdata[DNS_SRV_TARGET] != 0)
			return true;
	return false;
}

/* Returns the state= of the published TXT, as view_instance_state finds it. */
static enum dnssd_state state_of(const struct listing_services *s,
				 const struct listing_service *one)
{
	const uint8_t *value = NULL;
	size_t n = 0;

	for (size_t i = one->record; i < one->record + one->nrecords && value == NULL; i++)
		if (s->records[i].type == DNS_TYPE_TXT)
			value = dnssd_txt_find(s->records[i].rdata, s->records[i].nbytes, "state",
					       &n);
	return dnssd_txt_state(value, n);
}

/* The order is that of view_live_is_up, then of what may keep an instance that is up from
 * clients. */
static enum listing_service_state decide(const struct listing_services *s,
					 const struct listing_service *one, bool is_waiting)
{
	static const enum listing_service_state by_state[DNSSD_STATES] = {
		[DNSSD_STARTING] = LISTING_SERVICE_STARTING,
		[DNSSD_DRAINING] = LISTING_SERVICE_DRAINING,
		[DNSSD_FAILED] = LISTING_SERVICE_FAILED,
		[DNSSD_ASSIGNED] = LISTING_SERVICE_ASSIGNED,
		[DNSSD_PREPARING] = LISTING_SERVICE_PREPARING,
		[DNSSD_STOPPED] = LISTING_SERVICE_STOPPED,
	};
	enum dnssd_state state = state_of(s, one);

	if (!has_target(s, one))
		return LISTING_SERVICE_INCOMPLETE;
	if (one->is_drained)
		return LISTING_SERVICE_DRAINED;
	if (state != DNSSD_UP)
		return by_state[state];
	if (one->is_suspect)
		return LISTING_SERVICE_SUSPECT;
	if (is_waiting)
		return LISTING_SERVICE_WAITING;
	return one->is_live || !s->rule.is_on ? LISTING_SERVICE_LIVE : LISTING_SERVICE_UNADDRESSED;
}

/* The lease of the records that ends first. */
static void look_leases(struct listing_service *one, const struct ledger_leases *leases,
			const uint8_t *zone, uint64_t now_ms)
{
	struct ledger_lease *found[LEDGER_LEASES_OF_NAME];
	unsigned n = ledger_leases_of(leases, zone, one->name, found);

	for (unsigned i = 0; i < n; i++) {
		uint64_t ends_ms = ledger_lease_expires(found[i]),
			 left_ms = ends_ms > now_ms ? ends_ms - now_ms : 0;

		if (undo_entry_number(&found[i]->entry) == LEDGER_LEASE_NAME ||
		    (one->has_lease && one->left_ms <= left_ms))
			continue;
		one->has_lease = true;
		one->is_suspended = found[i]->zone == NULL;
		one->granted_s = ledger_lease_content(found[i])->granted_s;
		one->left_ms = left_ms;
	}
}

static int look_subtypes(struct listing_services *s, struct listing_service *one,
			 const struct undo_list *list)
{
	const uint8_t *label;
	uint8_t *out;

	if (list == NULL || list->nbytes == 0)
		return 0;
	out = base_arena_alloc(&s->names, list->nbytes);
	if (out == NULL)
		return -ENOMEM;
	one->subtypes = out;
	for (size_t at = 0; (label = view_subtype_next(list, &at)) != NULL;) {
		memcpy(out + one->nsubtypes, label, 1u + label[0]);
		one->nsubtypes += 1u + label[0];
	}
	return 0;
}

static int look_at(struct listing_services *s, struct listing_service *one,
		   const struct registry_state *state, uint64_t now_ms)
{
	const uint8_t *zone = zone_name(s->zone);
	const struct view *v = &state->view;
	const struct view_mark *mark = view_mark_of(v, zone, one->name);
	const uint8_t *owner = ledger_owner_of(&state->ledger.owners, zone, one->name);
	uint32_t id;

	one->is_live = view_type_srv_owner(v, zone, one->name, &id);
	if (mark != NULL) {
		one->is_suspect = mark->is_suspect;
		one->is_drained = mark->is_drained;
		one->is_node_drained = mark->is_node_drained;
		if (mark->is_suspect && mark->suspect_ms < now_ms)
			one->suspect_ms = now_ms - mark->suspect_ms;
	}
	if (owner != NULL && (one->owner = name_copy(s, owner)) == NULL)
		return -ENOMEM;
	look_leases(one, &state->ledger.leases, zone, now_ms);
	one->state = decide(
		s, one,
		view_browse_is_waiting(v, zone, dnssd_kind_type(one->name, zone), one->name));
	return look_subtypes(s, one, view_subtype_list(v, zone, one->name));
}

int listing_services_look(struct listing_services *s, const struct registry_state *state,
			  uint64_t now_ms, size_t most)
{
	size_t end = s->count - s->nlooked < most ? s->count : s->nlooked + most;
	int ret = 0;

	for (; s->nlooked < end && ret == 0; s->nlooked++)
		ret = look_at(s, &s->items[s->nlooked], state, now_ms);
	if (zone_snapshot_version(zone_current(s->zone)) != zone_snapshot_version(s->snapshot))
		s->is_changed = true;
	return ret < 0 ? ret : s->nlooked < s->count;
}

/* ---- in words ---- */

const char *listing_service_word(enum listing_service_state state)
{
	static const char *const words[LISTING_SERVICE_STATES] = {
		[LISTING_SERVICE_LIVE] = "live",
		[LISTING_SERVICE_WAITING] = "waiting",
		[LISTING_SERVICE_SUSPECT] = "suspect",
		[LISTING_SERVICE_STARTING] = "starting",
		[LISTING_SERVICE_DRAINING] = "draining",
		[LISTING_SERVICE_FAILED] = "failed",
		[LISTING_SERVICE_ASSIGNED] = "assigned",
		[LISTING_SERVICE_PREPARING] = "preparing",
		[LISTING_SERVICE_STOPPED] = "stopped",
		[LISTING_SERVICE_DRAINED] = "drained",
		[LISTING_SERVICE_UNADDRESSED] = "unaddressed",
		[LISTING_SERVICE_INCOMPLETE] = "incomplete",
	};

	return words[state];
}

static const char *suspect_why(const struct listing_services *s, const struct listing_service *one)
{
	if (s->rule.suspect.then == VIEW_DEMOTE)
		return "clients reported it: it has the last priority";
	if (s->rule.suspect.then == VIEW_IGNORE)
		return "clients reported it, which this zone ignores";
	return one->is_live ? "clients reported it, but too few others of its type are left"
			    : "clients reported it: it is withdrawn";
}

const char *listing_service_why(const struct listing_services *s, const struct listing_service *one)
{
	switch (one->state) {
	case LISTING_SERVICE_WAITING:
		return "the PTRs at its type fill an answer";
	case LISTING_SERVICE_SUSPECT:
		return suspect_why(s, one);
	case LISTING_SERVICE_STARTING:
		return "its TXT has state=starting";
	case LISTING_SERVICE_DRAINING:
		return "its TXT has state=draining";
	case LISTING_SERVICE_FAILED:
		return "its TXT has state=failed";
	case LISTING_SERVICE_ASSIGNED:
		return "its TXT has state=assigned";
	case LISTING_SERVICE_PREPARING:
		return "its TXT has state=preparing";
	case LISTING_SERVICE_STOPPED:
		return "its TXT has state=stopped";
	case LISTING_SERVICE_DRAINED:
		return one->is_node_drained ? "its node is drained" : "it is drained";
	case LISTING_SERVICE_UNADDRESSED:
		return "its target has no address";
	case LISTING_SERVICE_INCOMPLETE:
		return "it has no SRV with a target";
	default:
		return s->rule.is_on ? NULL : "the zone has no service view";
	}
}
