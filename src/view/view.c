/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "view/view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "dns/type.h"
#include "dns/update.h"
#include "dnssd/kind.h"
#include "store/store.h"
#include "update/update.h"
#include "view/instance.h"
#include "view/view_priv.h"
#include "zone/draft.h"
#include "zone/zone.h"

enum { FOLLOW_OCTETS = 4096 }; /* of names of instances, so many are looked at together */

static const struct view_mark no_mark;

int view_init(struct view *s, uint64_t seed)
{
	struct undo_table *tables[] = {&s->subtypes, &s->srvs, &s->marks};
	int ret = 0;

	memset(s, 0, sizeof(*s));
	for (unsigned i = 0; i < sizeof(tables) / sizeof(*tables) && ret == 0; i++)
		ret = undo_table_init(tables[i], sizeof(struct undo_entry), seed, free, free);
	if (ret == 0)
		ret = view_reserves_init(&s->reserves, seed);
	return ret == 0 ? undo_pairs_init(&s->holds) : ret;
}

void view_fini(struct view *s)
{
	undo_table_fini(&s->subtypes);
	undo_table_fini(&s->srvs);
	free(s->next.bytes);
	undo_table_fini(&s->marks);
	view_reserves_fini(&s->reserves);
	undo_pairs_fini(&s->holds);
	free(s->touched.bytes);
	free(s->types.bytes);
	free(s->nodes.bytes);
	free(s->lifted.bytes);
	free(s->pointed.bytes);
	free(s->full.bytes);
	free(s->reverse);
}

void view_set_reverse(struct view *s, struct zone **zones, size_t count)
{
	free(s->reverse);
	s->reverse = zones;
	s->nreverse = count;
}

bool view_is_reverse(const struct view *s, const struct zone *zone)
{
	for (size_t i = 0; i < s->nreverse; i++)
		if (s->reverse[i] == zone)
			return true;
	return false;
}

uint64_t view_hash(const struct view *s, char purpose, const uint8_t *name)
{
	uint8_t lower[DNS_NAME_MAX];
	size_t n = dns_name_lower(lower, name);

	return base_hash(lower, n, s->srvs.seed + (uint8_t)purpose);
}

/* ---- whom a change concerns ---- */

static void clear_noted(struct view *s)
{
	undo_names_clear(&s->touched);
	undo_names_clear(&s->types);
	undo_names_clear(&s->nodes);
	undo_names_clear(&s->lifted);
	undo_names_clear(&s->pointed);
}

void view_begin(struct view *s, const struct view_rule *rule, struct zone_draft *draft)
{
	s->rule = rule != NULL && rule->is_on ? rule : NULL;
	s->draft = draft;
	s->zone = zone_name(zone_draft_zone(draft));
	clear_noted(s);
	s->failed = 0;
	s->has_lost_lists = s->is_following = s->has_grown = s->is_full = s->is_news = false;
}

static void fail_if(struct view *s, int ret)
{
	if (ret < 0 && s->failed == 0)
		s->failed = ret;
}

static void touch(struct view *s, const uint8_t *instance)
{
	fail_if(s, undo_names_note_many(&s->touched, instance));
}

const uint8_t *view_target(const uint8_t *zone, const uint8_t *owner, uint16_t type,
			   const uint8_t *rdata)
{
	enum dnssd_kind place;

	if (type != DNS_TYPE_PTR || rdata == NULL || !dns_name_is_under(owner, zone) ||
	    !dns_name_is_under(rdata, zone))
		return NULL;
	place = dnssd_kind_of(owner, zone);
	if ((place != DNSSD_TYPE && place != DNSSD_SUBTYPE) ||
	    dnssd_kind_of(rdata, zone) != DNSSD_INSTANCE ||
	    !dns_name_equal(dnssd_kind_type(owner, zone), dnssd_kind_type(rdata, zone)))
		return NULL;
	return rdata;
}

/* Whether the view is about a name at all. */
static bool is_ours(const struct view *s, const uint8_t *owner)
{
	return s->rule != NULL && dns_name_is_under(owner, s->zone);
}

static bool is_address(uint16_t type)
{
	return type == DNS_TYPE_A || type == DNS_TYPE_AAAA;
}

/* Where nothing could be made so far: all instances of the type come there. */
static void note_freed(struct view *s, const uint8_t *owner)
{
	enum dnssd_kind place = dnssd_kind_of(owner, s->zone);
	struct undo_entry *e = NULL;

	if (place != DNSSD_TYPE && place != DNSSD_SUBTYPE)
		return;
	fail_if(s, undo_names_note_many(&s->types, dnssd_kind_type(owner, s->zone)));
	while ((e = undo_table_next_in(&s->srvs, s->zone, e)) != NULL)
		if (dns_name_equal(dnssd_kind_type(undo_entry_name(e), s->zone),
				   dnssd_kind_type(owner, s->zone)))
			touch(s, undo_entry_name(e));
}

/* What the registry makes at a type or in a list is made again, whoever removes it. */
static void note_lost(struct view *s, const struct dns_record *r)
{
	if (r->type == DNS_TYPE_CNAME || r->type == DNS_TYPE_NS)
		note_freed(s, r->owner);
	if (r->type == DNS_TYPE_SRV && dnssd_kind_of(r->owner, s->zone) == DNSSD_TYPE)
		fail_if(s, undo_names_note_many(&s->types, r->owner));
	if (r->type != DNS_TYPE_PTR || !view_browse_is_list(s, r->owner))
		return;
	s->has_lost_lists = true;
	if (dns_name_is_under(r->rdata, s->zone) &&
	    dns_name_labels(r->rdata) > dns_name_labels(s->zone) &&
	    dnssd_kind_of(r->rdata, s->zone) == DNSSD_TYPE)
		fail_if(s, undo_names_note_many(&s->types, r->rdata));
}

static void note(struct view *s, const struct dns_record *r, bool is_added)
{
	const uint8_t *target = view_target(s->zone, r->owner, r->type, r->rdata);

	if (target == NULL) {
		if (dnssd_kind_of(r->owner, s->zone) == DNSSD_INSTANCE)
			touch(s, r->owner);
		return;
	}
	touch(s, target);
	if (dnssd_kind_of(r->owner, s->zone) == DNSSD_SUBTYPE)
		fail_if(s, is_added ? undo_names_add(&s->subtypes, s->zone, target, r->owner)
				    : undo_names_remove(&s->subtypes, s->zone, target, r->owner));
}

void view_removed(struct view *s, const struct dns_record *record)
{
	if (!is_ours(s, record->owner))
		return;
	note(s, record, false);
	if (record->rdata == NULL)
		return;
	note_lost(s, record);
	if (is_address(record->type))
		fail_if(s, view_reverse_removed(s, record));
}

void view_added(struct view *s, const struct dns_record *record)
{
	if (!is_ours(s, record->owner))
		return;
	note(s, record, true);
	if (is_address(record->type))
		view_reverse_touch(s, record->owner);
}

void view_mentioned(struct view *s, const struct dns_update_record *r)
{
	const struct dns_record record = {r->owner, r->type, r->ttl, r->rdata, r->nbytes};

	if (!is_ours(s, r->owner))
		return;
	if (r->rrclass != DNS_CLASS_ANY)
		note(s, &record, r->rrclass == DNS_CLASS_IN);
	else if (dnssd_kind_of(r->owner, s->zone) == DNSSD_INSTANCE)
		touch(s, r->owner);
	if (r->nadded == 0 || r->rrclass != DNS_CLASS_IN)
		return;
	if (is_address(r->type))
		view_reverse_touch(s, r->owner);
	if (view_target(s->zone, r->owner, r->type, r->rdata) != NULL)
		fail_if(s, undo_names_note_many(&s->pointed, r->rdata));
}

/* ---- what the files about the view share ---- */

bool view_has(const struct view *s, const uint8_t *owner, uint16_t type)
{
	struct zone_rrset set;

	return zone_draft_measure(s->draft, owner, type, &set);
}

bool view_is_up(const struct view *s, const uint8_t *instance)
{
	const struct view_mark *mark = view_mark_of(s, s->zone, instance);

	return (mark == NULL || !mark->is_drained) && view_type_srv_is_somewhere(s, instance) &&
	       view_instance_state(s->draft, instance) == DNSSD_UP;
}

int view_add(const struct view *s, struct zone_draft *draft, const uint8_t *owner, uint16_t type,
	     const uint8_t *rdata, size_t nbytes)
{
	uint32_t ttl = s->rule->ttl_s;
	struct zone_rrset set;

	if (zone_draft_bars(draft, owner, type) || zone_draft_find(draft, owner, DNS_TYPE_NS, &set))
		return 0;
	/* A set has one TTL (RFC 2181 section 5.2): that of SRVs which the administrator has at the
	 * type, so that they are still known as his. */
	if (type == DNS_TYPE_SRV)
		ttl = zone_draft_ttl(draft, owner, type, ttl);
	return zone_draft_add(draft, owner, type, ttl, rdata, nbytes);
}

int view_retime(const struct view *s, struct zone_draft *draft, const uint8_t *owner, uint16_t type,
		const uint8_t *rdata, size_t nbytes)
{
	if (!s->is_following || s->ttl_before_s == s->rule->ttl_s ||
	    zone_draft_ttl(draft, owner, type, UINT32_MAX) != s->ttl_before_s)
		return 0;
	return zone_draft_add(draft, owner, type, s->rule->ttl_s, rdata, nbytes);
}

int view_set(const struct view *s, struct zone_draft *draft, const uint8_t *owner, uint16_t type,
	     const uint8_t *rdata, size_t nbytes, bool is_wanted)
{
	if (!is_wanted)
		return zone_draft_remove(draft, owner, type, rdata, nbytes);
	if (zone_draft_has(draft, owner, type, rdata, nbytes))
		return view_retime(s, draft, owner, type, rdata, nbytes);
	return view_add(s, draft, owner, type, rdata, nbytes);
}

int view_set_live(struct view *s, const uint8_t *instance, bool is_live)
{
	const uint8_t *type = dnssd_kind_type(instance, s->zone);
	const struct undo_list *subtypes = undo_list_of(&s->subtypes, s->zone, instance);
	int ret = view_browse_set(s, type, instance, is_live);

	for (size_t at = 0; subtypes != NULL && at < subtypes->nbytes && ret == 0;
	     at += dns_name_nbytes(subtypes->bytes + at))
		ret = view_browse_set(s, subtypes->bytes + at, instance, is_live);
	return ret == 0 ? view_type_srv_update(s, type, instance, is_live) : ret;
}

/* ---- making the records follow ---- */

static int tell_gone(const struct view *s, const uint8_t *owner, const uint8_t *instance)
{
	const struct dns_record pointer = {
		.owner = owner,
		.type = DNS_TYPE_PTR,
		.rdata = instance,
		.nbytes = (uint16_t)dns_name_nbytes(instance),
	};

	return s->on_gone == NULL ? 0 : s->on_gone(s->gone_arg, s->zone, &pointer);
}

/* Who is gone comes back under what it says then, and what it was browsed by is nobody's. */
static int forget_gone(struct view *s, const uint8_t *instance)
{
	const struct undo_list *subtypes = undo_list_of(&s->subtypes, s->zone, instance);
	int ret;

	/* Who is yet to come is known by the PTRs that came before. */
	if (undo_names_has(&s->pointed, instance))
		return 0;
	ret = tell_gone(s, dnssd_kind_type(instance, s->zone), instance);
	for (size_t at = 0; subtypes != NULL && at < subtypes->nbytes && ret == 0;
	     at += dns_name_nbytes(subtypes->bytes + at))
		ret = tell_gone(s, subtypes->bytes + at, instance);
	if (ret == 0)
		ret = undo_list_put(&s->subtypes, s->zone, instance, NULL, 0);
	return ret == 0 ? view_mark_put(s, instance, &no_mark, NULL) : ret;
}

static int derive_instance(struct view *s, const uint8_t *instance)
{
	bool is_up = view_is_up(s, instance);
	int ret = 0;

	if (!is_up || !view_suspect_is_withdrawn(s, view_mark_of(s, s->zone, instance)))
		ret = view_set_live(s, instance, is_up);
	return ret == 0 && zone_draft_count(s->draft, instance) == 0 ? forget_gone(s, instance)
								     : ret;
}

static int derive_type(struct view *s, const uint8_t *type)
{
	int ret = view_mark_suspects(s, type) > 0 && !s->is_following ? view_suspect_update(s, type)
								      : 0;

	if (ret == 0 && s->is_following)
		ret = view_type_srv_trim(s, type);
	return ret == 0 ? view_browse_list(s, type) : ret;
}

/* Calls `each` with the names that were noted; one that it notes itself comes too. */
static int for_each(struct view *s, const struct undo_names *names,
		    int (*each)(struct view *s, const uint8_t *name))
{
	uint8_t name[DNS_NAME_MAX];
	int ret = 0;

	for (size_t at = 0; at < names->nbytes && ret == 0; at += dns_name_nbytes(name)) {
		dns_name_lower(name, names->bytes + at);
		ret = each(s, name);
	}
	return ret;
}

/* Once for instances of one type in a row. */
static int derive_types(struct view *s)
{
	const uint8_t *last = NULL;
	int ret = 0;

	for (size_t at = 0; at < s->touched.nbytes && ret == 0;
	     at += dns_name_nbytes(s->touched.bytes + at)) {
		const uint8_t *type = dnssd_kind_type(s->touched.bytes + at, s->zone);

		if (last == NULL || !dns_name_equal(last, type))
			ret = derive_type(s, type);
		last = type;
	}
	return ret;
}

static int restore_type(struct view *s, const uint8_t *type)
{
	int ret = view_type_srv_reconcile(s, type);

	return ret == 0 ? view_browse_list(s, type) : ret;
}

int view_update(struct view *s)
{
	int ret = s->failed;

	if (ret == 0)
		ret = for_each(s, &s->lifted, view_drain_overlay);
	if (ret == 0)
		ret = for_each(s, &s->touched, derive_instance);
	if (ret == 0)
		ret = derive_types(s);
	if (ret == 0)
		ret = for_each(s, &s->types, restore_type);
	if (ret == 0 && s->has_lost_lists)
		ret = view_browse_domains(s);
	if (ret == 0)
		ret = for_each(s, &s->nodes, view_reverse_update);
	clear_noted(s);
	s->has_lost_lists = false;
	return ret == 0 ? s->failed : ret;
}

/* ---- drained instances ---- */

static void lift(struct view *s, const uint8_t *instance)
{
	int ret = undo_names_note(&s->lifted, instance);

	if (ret > 0) {
		ret = view_drain_restore(s, instance);
		touch(s, instance);
	}
	fail_if(s, ret);
}

void view_restore(struct view *s, const uint8_t *name)
{
	const struct view_mark *mark =
		s->rule == NULL || s->marks.count == 0 ? NULL : view_mark_of(s, s->zone, name);

	if (mark != NULL && mark->is_drained)
		lift(s, name);
}

void view_restore_all(struct view *s)
{
	struct undo_entry *e = NULL;

	while (s->rule != NULL && (e = undo_table_next_in(&s->marks, s->zone, e)) != NULL)
		view_restore(s, undo_entry_name(e));
}

int view_drain(struct view *s, const uint8_t *instance, bool is_drained)
{
	const struct view_mark *mark = view_mark_of(s, s->zone, instance);
	struct view_mark next = mark == NULL ? no_mark : *mark;
	int ret;

	if (next.is_drained && is_drained)
		return 0;
	if (!next.is_drained && (!dns_name_is_under(instance, s->zone) ||
				 dnssd_kind_of(instance, s->zone) != DNSSD_INSTANCE ||
				 !view_has(s, instance, DNS_TYPE_SRV)))
		return -ENOENT;
	if (!next.is_drained && !is_drained)
		return 0;
	if (!is_drained)
		view_restore(s, instance);
	next.is_drained = is_drained;
	next.nsaid = 0;
	ret = view_mark_put(s, instance, &next, NULL);
	/* It says so from derive on; who is drained no more stays lifted. */
	if (ret == 0 && is_drained)
		ret = undo_names_note(&s->lifted, instance);
	touch(s, instance);
	return ret < 0 ? ret : s->failed < 0 ? s->failed : 1;
}

bool view_is_waiting(const struct view *s, const uint8_t *zone, const uint8_t *owner,
		     const uint8_t *target)
{
	return s->nwaiting > 0 && view_target(zone, owner, DNS_TYPE_PTR, target) != NULL &&
	       view_browse_waits(s, owner, target);
}

unsigned view_subtypes(const struct view *s, const uint8_t *zone, const uint8_t *instance,
		       const uint8_t *subtype)
{
	const struct undo_list *l = undo_list_of(&s->subtypes, zone, instance);
	unsigned n = 0;

	for (size_t at = 0; l != NULL && at < l->nbytes; at += dns_name_nbytes(l->bytes + at)) {
		if (dns_name_equal(l->bytes + at, subtype))
			return 0;
		n++;
	}
	return n + 1;
}

bool view_is_suspect(const struct view *s, const uint8_t *zone, const uint8_t *instance)
{
	const struct view_mark *mark = view_mark_of(s, zone, instance);

	return mark != NULL && mark->is_suspect;
}

int view_set_suspect(struct view *s, const uint8_t *instance, bool is_suspect, uint64_t now_ms)
{
	const struct view_mark *mark = view_mark_of(s, s->zone, instance);
	struct view_mark next = mark == NULL ? no_mark : *mark;

	next.is_suspect = is_suspect;
	next.suspect_ms = is_suspect ? now_ms : 0;
	touch(s, instance);
	return view_mark_put(s, instance, &next, mark == NULL ? NULL : mark->said);
}

/* ---- a whole zone ---- */

/* Subtypes first: an instance must be known with all of its own. */
static int follow_subtypes(struct view *s, const struct zone_snapshot *snapshot)
{
	struct zone_cursor *c = zone_cursor_new(snapshot);
	struct dns_record r;

	while (c != NULL && s->failed == 0 && zone_cursor_next(c, &r)) {
		if (r.type == DNS_TYPE_PTR && dnssd_kind_of(r.owner, s->zone) == DNSSD_SUBTYPE)
			note(s, &r, true);
		undo_names_clear(&s->touched);
	}
	if (c == NULL)
		return -ENOMEM;
	zone_cursor_free(c);
	return s->failed;
}

static int follow_instances(struct view *s, const struct zone_snapshot *snapshot)
{
	struct zone_cursor *c = zone_cursor_new(snapshot);
	uint8_t last[DNS_NAME_MAX] = {0};
	struct dns_record r;
	int ret = c == NULL ? -ENOMEM : 0;

	while (ret == 0 && zone_cursor_next(c, &r)) {
		if (dns_name_equal(r.owner, last))
			continue;
		dns_name_lower(last, r.owner);
		if (dnssd_kind_of(last, s->zone) != DNSSD_INSTANCE)
			continue;
		/* Types and lists are looked at once for many. */
		if (s->touched.nbytes > FOLLOW_OCTETS)
			ret = view_update(s);
		touch(s, last);
		/* What the file says of a drained instance may stand beside what it shows, when the
		 * zone was restored from the file and changes. */
		view_restore(s, last);
	}
	zone_cursor_free(c);
	return ret == 0 ? view_update(s) : ret;
}

/* Marks of instances that went while there was no view. */
static int follow_marks(struct view *s)
{
	struct undo_entry *e = NULL;
	int ret = 0;

	while (ret == 0 && (e = undo_table_next_in(&s->marks, s->zone, e)) != NULL)
		if (zone_draft_count(s->draft, undo_entry_name(e)) == 0)
			ret = view_mark_put(s, undo_entry_name(e), &no_mark, NULL);
	return ret;
}

int view_reconcile(struct view *s, const struct view_rule *rule, uint32_t ttl_before_s,
		   const struct zone_snapshot *snapshot, struct zone_draft *draft)
{
	int ret;

	view_begin(s, rule, draft);
	view_reserves_forget(&s->reserves);
	s->is_following = true;
	s->ttl_before_s = ttl_before_s;
	ret = follow_marks(s);
	if (ret == 0)
		ret = follow_subtypes(s, snapshot);
	if (ret == 0)
		ret = follow_instances(s, snapshot);
	if (ret == 0)
		ret = view_suspect_update_all(s);
	return ret == 0 ? view_reverse_prune(s) : ret;
}

int view_reconcile_reverse(struct view *s, const struct view_rule *rule, struct zone_draft *draft)
{
	struct undo_entry *e = NULL;
	int ret = 0;

	view_begin(s, rule, draft);
	s->is_following = true;
	s->ttl_before_s = rule->ttl_s;
	while (s->rule != NULL && ret == 0 &&
	       (e = undo_table_next_in(&s->srvs, s->zone, e)) != NULL) {
		ret = view_type_srv_ref(s, undo_entry_name(e));
		if (ret == 0)
			ret = view_update(s);
	}
	return ret == 0 && s->rule != NULL ? view_reverse_prune(s) : ret;
}

int view_forget(struct view *s, const uint8_t *zone)
{
	int ret = view_browse_forget(s, zone);

	view_reserves_forget(&s->reserves);
	if (ret == 0)
		ret = view_type_srv_forget(s, zone);
	if (ret == 0)
		ret = view_mark_forget(s, zone);
	return ret == 0 ? undo_table_forget(&s->subtypes, zone) : ret;
}

/* ---- the batch, and the disk ---- */

/* Marks are few; they are counted when they have changed. */
static void count(struct view *s)
{
	struct undo_entry *e = NULL;

	s->stats.nsuspects = s->stats.ndrained = 0;
	while ((e = undo_table_next(&s->marks, e)) != NULL) {
		const struct view_mark *mark = e->content;

		s->stats.nsuspects += mark->is_suspect;
		s->stats.ndrained += mark->is_drained;
	}
}

void view_commit(struct view *s)
{
	bool is_changed = s->marks.nchanged > 0;

	undo_table_commit(&s->subtypes, NULL, NULL);
	undo_table_commit(&s->srvs, NULL, NULL);
	undo_table_commit(&s->marks, NULL, NULL);
	view_reserves_commit(&s->reserves);
	undo_pairs_commit(&s->holds);
	s->stats.nwaiting = s->nwaiting;
	if (is_changed)
		count(s);
}

void view_undo(struct view *s)
{
	undo_table_undo(&s->subtypes, NULL, NULL);
	undo_table_undo(&s->srvs, NULL, NULL);
	undo_table_undo(&s->marks, NULL, NULL);
	view_reserves_undo(&s->reserves);
	undo_pairs_undo(&s->holds);
	s->nwaiting = s->stats.nwaiting;
}

size_t view_item_size(uint8_t kind, const struct undo_entry *e)
{
	const struct undo_list *l = e->content;

	if (kind == STORE_ITEM_MARK)
		return view_mark_item_size(e);
	return l == NULL ? 0 : l->nbytes;
}

void view_item_write(uint8_t kind, const struct undo_entry *e, uint8_t *out)
{
	const struct undo_list *l = e->content;

	if (kind == STORE_ITEM_MARK)
		view_mark_item_write(e, out);
	else if (l != NULL)
		memcpy(out, l->bytes, l->nbytes);
}

static int subtypes_read(struct view *s, const uint8_t *zone, const uint8_t *name,
			 const uint8_t *bytes, size_t nbytes)
{
	struct base_buf b = base_buf_over(bytes, nbytes);
	uint8_t subtype[DNS_NAME_MAX];

	while (!b.has_failed && base_buf_left(&b) > 0)
		dns_name_parse(&b, subtype);
	return b.has_failed ? -EBADMSG : undo_list_put(&s->subtypes, zone, name, bytes, nbytes);
}

int view_item_read(struct view *s, uint8_t kind, const uint8_t *key, size_t nkey,
		   const uint8_t *bytes, size_t nbytes)
{
	struct base_buf k = base_buf_over(key, nkey);
	uint8_t zone[DNS_NAME_MAX], name[DNS_NAME_MAX];
	int ret;

	dns_name_parse(&k, zone);
	dns_name_parse(&k, name);
	if (k.has_failed || base_buf_left(&k) != 1 || !dns_name_is_under(name, zone) ||
	    dnssd_kind_of(name, zone) != DNSSD_INSTANCE)
		return -EBADMSG;
	ret = kind == STORE_ITEM_MARK ? view_mark_item_read(s, zone, name, bytes, nbytes)
				      : subtypes_read(s, zone, name, bytes, nbytes);
	view_commit(s);
	return ret;
}
