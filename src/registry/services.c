/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registry/services.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/hash.h"
#include "dns/type.h"
#include "registry/instance.h"
#include "registry/message.h"
#include "registry/place.h"
#include "registry/services_priv.h"
#include "registry/update.h"
#include "store/store.h"
#include "zone/draft.h"
#include "zone/zone.h"

enum { FOLLOW_OCTETS = 4096 }; /* of names of instances, so many are looked at together */

static const struct registry_mark no_mark;

int registry_services_init(struct registry_services *s, uint64_t seed)
{
	struct registry_table *tables[] = {&s->subtypes, &s->srvs, &s->marks};
	int ret = 0;

	memset(s, 0, sizeof *s);
	for (unsigned i = 0; i < sizeof tables / sizeof *tables && ret == 0; i++)
		ret = registry_table_init(tables[i], sizeof(struct registry_entry), seed, free,
					  free);
	if (ret == 0)
		ret = registry_reserves_init(&s->reserves, seed);
	return ret == 0 ? registry_holds_init(&s->holds) : ret;
}

void registry_services_fini(struct registry_services *s)
{
	registry_table_fini(&s->subtypes);
	registry_table_fini(&s->srvs);
	free(s->next.bytes);
	registry_table_fini(&s->marks);
	registry_reserves_fini(&s->reserves);
	registry_holds_fini(&s->holds);
	free(s->touched.bytes);
	free(s->types.bytes);
	free(s->nodes.bytes);
	free(s->lifted.bytes);
	free(s->pointed.bytes);
	free(s->full.bytes);
	free(s->reverse);
}

void registry_services_set_reverse(struct registry_services *s, struct zone **zones, size_t count)
{
	free(s->reverse);
	s->reverse = zones;
	s->nreverse = count;
}

bool registry_services_is_reverse(const struct registry_services *s, const struct zone *zone)
{
	for (size_t i = 0; i < s->nreverse; i++)
		if (s->reverse[i] == zone)
			return true;
	return false;
}

uint64_t registry_services_hash(const struct registry_services *s, char purpose,
				const uint8_t *name)
{
	uint8_t lower[DNS_NAME_MAX];
	size_t n = dns_name_lower(lower, name);

	return base_hash(lower, n, s->srvs.seed + (uint8_t)purpose);
}

/* ---- whom a change concerns ---- */

static void clear_noted(struct registry_services *s)
{
	registry_names_clear(&s->touched);
	registry_names_clear(&s->types);
	registry_names_clear(&s->nodes);
	registry_names_clear(&s->lifted);
	registry_names_clear(&s->pointed);
}

void registry_services_begin(struct registry_services *s, const struct registry_services_rule *rule,
			     struct zone_draft *draft)
{
	s->rule = rule != NULL && rule->is_on ? rule : NULL;
	s->draft = draft;
	s->zone = zone_name(zone_draft_zone(draft));
	clear_noted(s);
	s->failed = 0;
	s->has_lost_lists = s->is_following = s->has_grown = s->is_full = s->is_news = false;
}

static void fail_if(struct registry_services *s, int ret)
{
	if (ret < 0 && s->failed == 0)
		s->failed = ret;
}

static void touch(struct registry_services *s, const uint8_t *instance)
{
	fail_if(s, registry_names_note_many(&s->touched, instance));
}

const uint8_t *registry_services_target(const uint8_t *zone, const uint8_t *owner, uint16_t type,
					const uint8_t *rdata)
{
	enum registry_place place;

	if (type != DNS_TYPE_PTR || rdata == NULL || !dns_name_is_under(owner, zone) ||
	    !dns_name_is_under(rdata, zone))
		return NULL;
	place = registry_place_of(owner, zone);
	if ((place != REGISTRY_SERVICE && place != REGISTRY_SUBTYPE) ||
	    registry_place_of(rdata, zone) != REGISTRY_INSTANCE ||
	    !dns_name_equal(registry_place_type(owner, zone), registry_place_type(rdata, zone)))
		return NULL;
	return rdata;
}

/* Whether the view is about a name at all. */
static bool is_ours(const struct registry_services *s, const uint8_t *owner)
{
	return s->rule != NULL && dns_name_is_under(owner, s->zone);
}

static bool is_address(uint16_t type)
{
	return type == DNS_TYPE_A || type == DNS_TYPE_AAAA;
}

/* Where nothing could be made so far: all instances of the type come there. */
static void note_freed(struct registry_services *s, const uint8_t *owner)
{
	enum registry_place place = registry_place_of(owner, s->zone);
	struct registry_entry *e = NULL;

	if (place != REGISTRY_SERVICE && place != REGISTRY_SUBTYPE)
		return;
	fail_if(s, registry_names_note_many(&s->types, registry_place_type(owner, s->zone)));
	while ((e = registry_table_next_in(&s->srvs, s->zone, e)) != NULL)
		if (dns_name_equal(registry_place_type(registry_entry_name(e), s->zone),
				   registry_place_type(owner, s->zone)))
			touch(s, registry_entry_name(e));
}

/* What the registry makes at a type or in a list is made again, whoever removes it. */
static void note_lost(struct registry_services *s, const struct zone_record *r)
{
	if (r->type == DNS_TYPE_CNAME || r->type == DNS_TYPE_NS)
		note_freed(s, r->owner);
	if (r->type == DNS_TYPE_SRV && registry_place_of(r->owner, s->zone) == REGISTRY_SERVICE)
		fail_if(s, registry_names_note_many(&s->types, r->owner));
	if (r->type != DNS_TYPE_PTR || !registry_browse_is_list(s, r->owner))
		return;
	s->has_lost_lists = true;
	if (dns_name_is_under(r->rdata, s->zone) &&
	    dns_name_labels(r->rdata) > dns_name_labels(s->zone) &&
	    registry_place_of(r->rdata, s->zone) == REGISTRY_SERVICE)
		fail_if(s, registry_names_note_many(&s->types, r->rdata));
}

static void note(struct registry_services *s, const struct zone_record *r, bool is_added)
{
	const uint8_t *target = registry_services_target(s->zone, r->owner, r->type, r->rdata);

	if (target == NULL) {
		if (registry_place_of(r->owner, s->zone) == REGISTRY_INSTANCE)
			touch(s, r->owner);
		return;
	}
	touch(s, target);
	if (registry_place_of(r->owner, s->zone) == REGISTRY_SUBTYPE)
		fail_if(s,
			is_added ? registry_names_add(&s->subtypes, s->zone, target, r->owner)
				 : registry_names_remove(&s->subtypes, s->zone, target, r->owner));
}

void registry_services_removed(struct registry_services *s, const struct zone_record *record)
{
	if (!is_ours(s, record->owner))
		return;
	note(s, record, false);
	if (record->rdata == NULL)
		return;
	note_lost(s, record);
	if (is_address(record->type))
		fail_if(s, registry_reverse_removed(s, record));
}

void registry_services_added(struct registry_services *s, const struct zone_record *record)
{
	if (!is_ours(s, record->owner))
		return;
	note(s, record, true);
	if (is_address(record->type))
		registry_reverse_touch(s, record->owner);
}

void registry_services_said(struct registry_services *s, const struct registry_record *r)
{
	const struct zone_record record = {r->owner, r->type, r->ttl, r->rdata, r->nbytes};

	if (!is_ours(s, r->owner))
		return;
	if (r->rrclass != DNS_CLASS_ANY)
		note(s, &record, r->rrclass == DNS_CLASS_IN);
	else if (registry_place_of(r->owner, s->zone) == REGISTRY_INSTANCE)
		touch(s, r->owner);
	if (r->nadded == 0 || r->rrclass != DNS_CLASS_IN)
		return;
	if (is_address(r->type))
		registry_reverse_touch(s, r->owner);
	if (registry_services_target(s->zone, r->owner, r->type, r->rdata) != NULL)
		fail_if(s, registry_names_note_many(&s->pointed, r->rdata));
}

/* ---- what the files about the view share ---- */

bool registry_services_has(const struct registry_services *s, const uint8_t *owner, uint16_t type)
{
	struct zone_rrset set;

	return zone_draft_measure(s->draft, owner, type, &set);
}

bool registry_services_is_up(const struct registry_services *s, const uint8_t *instance)
{
	const struct registry_mark *mark = registry_mark_of(s, s->zone, instance);

	return (mark == NULL || !mark->is_drained) && registry_type_srv_is_somewhere(s, instance) &&
	       registry_instance_state(s->draft, instance) == REGISTRY_UP;
}

int registry_services_add(const struct registry_services *s, struct zone_draft *draft,
			  const uint8_t *owner, uint16_t type, const uint8_t *rdata, size_t nbytes)
{
	uint32_t ttl = s->rule->ttl_s;
	struct zone_rrset set;

	if (registry_update_is_barred(draft, owner, type) ||
	    zone_draft_find(draft, owner, DNS_TYPE_NS, &set))
		return 0;
	/* A set has one TTL (RFC 2181 section 5.2): that of SRVs which the administrator has at the
	 * type, so that they are still known as his. */
	if (type == DNS_TYPE_SRV)
		ttl = zone_draft_ttl(draft, owner, type, ttl);
	return zone_draft_add(draft, owner, type, ttl, rdata, nbytes);
}

int registry_services_keep(const struct registry_services *s, struct zone_draft *draft,
			   const uint8_t *owner, uint16_t type, const uint8_t *rdata, size_t nbytes)
{
	if (!s->is_following || s->ttl_before_s == s->rule->ttl_s ||
	    zone_draft_ttl(draft, owner, type, UINT32_MAX) != s->ttl_before_s)
		return 0;
	return zone_draft_add(draft, owner, type, s->rule->ttl_s, rdata, nbytes);
}

int registry_services_set(const struct registry_services *s, struct zone_draft *draft,
			  const uint8_t *owner, uint16_t type, const uint8_t *rdata, size_t nbytes,
			  bool is_wanted)
{
	if (!is_wanted)
		return zone_draft_remove(draft, owner, type, rdata, nbytes);
	if (zone_draft_has(draft, owner, type, rdata, nbytes))
		return registry_services_keep(s, draft, owner, type, rdata, nbytes);
	return registry_services_add(s, draft, owner, type, rdata, nbytes);
}

int registry_services_set_live(struct registry_services *s, const uint8_t *instance, bool is_live)
{
	const uint8_t *type = registry_place_type(instance, s->zone);
	const struct registry_list *subtypes = registry_list_of(&s->subtypes, s->zone, instance);
	int ret = registry_browse_set(s, type, instance, is_live);

	for (size_t at = 0; subtypes != NULL && at < subtypes->nbytes && ret == 0;
	     at += dns_name_length(subtypes->bytes + at))
		ret = registry_browse_set(s, subtypes->bytes + at, instance, is_live);
	return ret == 0 ? registry_type_srv_follow(s, type, instance, is_live) : ret;
}

/* ---- making the records follow ---- */

static int tell_gone(const struct registry_services *s, const uint8_t *owner,
		     const uint8_t *instance)
{
	const struct zone_record pointer = {
		.owner = owner,
		.type = DNS_TYPE_PTR,
		.rdata = instance,
		.nbytes = (uint16_t)dns_name_length(instance),
	};

	return s->on_gone == NULL ? 0 : s->on_gone(s->gone_arg, s->zone, &pointer);
}

/* Who is gone comes back under what it says then, and what it was browsed by is nobody's. */
static int forget_gone(struct registry_services *s, const uint8_t *instance)
{
	const struct registry_list *subtypes = registry_list_of(&s->subtypes, s->zone, instance);
	int ret;

	/* Who is yet to come is known by the PTRs that came before. */
	if (registry_names_has(&s->pointed, instance))
		return 0;
	ret = tell_gone(s, registry_place_type(instance, s->zone), instance);
	for (size_t at = 0; subtypes != NULL && at < subtypes->nbytes && ret == 0;
	     at += dns_name_length(subtypes->bytes + at))
		ret = tell_gone(s, subtypes->bytes + at, instance);
	if (ret == 0)
		ret = registry_list_put(&s->subtypes, s->zone, instance, NULL, 0);
	return ret == 0 ? registry_mark_put(s, instance, &no_mark, NULL) : ret;
}

static int derive_instance(struct registry_services *s, const uint8_t *instance)
{
	bool is_up = registry_services_is_up(s, instance);
	int ret = 0;

	if (!is_up || !registry_suspect_is_withdrawn(s, registry_mark_of(s, s->zone, instance)))
		ret = registry_services_set_live(s, instance, is_up);
	return ret == 0 && zone_draft_count(s->draft, instance) == 0 ? forget_gone(s, instance)
								     : ret;
}

static int derive_type(struct registry_services *s, const uint8_t *type)
{
	int ret = registry_mark_suspects(s, type) > 0 && !s->is_following
			  ? registry_suspect_follow(s, type)
			  : 0;

	if (ret == 0 && s->is_following)
		ret = registry_type_srv_trim(s, type);
	return ret == 0 ? registry_browse_list(s, type) : ret;
}

/* Calls `each` with the names that were noted; one that it notes itself comes too. */
static int for_each(struct registry_services *s, const struct registry_names *names,
		    int (*each)(struct registry_services *s, const uint8_t *name))
{
	uint8_t name[DNS_NAME_MAX];
	int ret = 0;

	for (size_t at = 0; at < names->nbytes && ret == 0; at += dns_name_length(name)) {
		dns_name_lower(name, names->bytes + at);
		ret = each(s, name);
	}
	return ret;
}

/* Once for instances of one type in a row. */
static int derive_types(struct registry_services *s)
{
	const uint8_t *last = NULL;
	int ret = 0;

	for (size_t at = 0; at < s->touched.nbytes && ret == 0;
	     at += dns_name_length(s->touched.bytes + at)) {
		const uint8_t *type = registry_place_type(s->touched.bytes + at, s->zone);

		if (last == NULL || !dns_name_equal(last, type))
			ret = derive_type(s, type);
		last = type;
	}
	return ret;
}

static int restore_type(struct registry_services *s, const uint8_t *type)
{
	int ret = registry_type_srv_refill(s, type);

	return ret == 0 ? registry_browse_list(s, type) : ret;
}

int registry_services_derive(struct registry_services *s)
{
	int ret = s->failed;

	if (ret == 0)
		ret = for_each(s, &s->lifted, registry_drain_lay);
	if (ret == 0)
		ret = for_each(s, &s->touched, derive_instance);
	if (ret == 0)
		ret = derive_types(s);
	if (ret == 0)
		ret = for_each(s, &s->types, restore_type);
	if (ret == 0 && s->has_lost_lists)
		ret = registry_browse_domains(s);
	if (ret == 0)
		ret = for_each(s, &s->nodes, registry_reverse_derive);
	clear_noted(s);
	s->has_lost_lists = false;
	return ret == 0 ? s->failed : ret;
}

/* ---- drained instances ---- */

static void lift(struct registry_services *s, const uint8_t *instance)
{
	int ret = registry_names_note(&s->lifted, instance);

	if (ret > 0) {
		ret = registry_drain_lift(s, instance);
		touch(s, instance);
	}
	fail_if(s, ret);
}

void registry_services_lift(struct registry_services *s, const uint8_t *name)
{
	const struct registry_mark *mark =
		s->rule == NULL || s->marks.count == 0 ? NULL : registry_mark_of(s, s->zone, name);

	if (mark != NULL && mark->is_drained)
		lift(s, name);
}

void registry_services_lift_all(struct registry_services *s)
{
	struct registry_entry *e = NULL;

	while (s->rule != NULL && (e = registry_table_next_in(&s->marks, s->zone, e)) != NULL)
		registry_services_lift(s, registry_entry_name(e));
}

int registry_services_drain(struct registry_services *s, const uint8_t *instance, bool is_drained)
{
	const struct registry_mark *mark = registry_mark_of(s, s->zone, instance);
	struct registry_mark next = mark == NULL ? no_mark : *mark;
	int ret;

	if (next.is_drained && is_drained)
		return 0;
	if (!next.is_drained && (!dns_name_is_under(instance, s->zone) ||
				 registry_place_of(instance, s->zone) != REGISTRY_INSTANCE ||
				 !registry_services_has(s, instance, DNS_TYPE_SRV)))
		return -ENOENT;
	if (!next.is_drained && !is_drained)
		return 0;
	if (!is_drained)
		registry_services_lift(s, instance);
	next.is_drained = is_drained;
	next.nsaid = 0;
	ret = registry_mark_put(s, instance, &next, NULL);
	/* It says so from derive on; who is drained no more stays lifted. */
	if (ret == 0 && is_drained)
		ret = registry_names_note(&s->lifted, instance);
	touch(s, instance);
	return ret < 0 ? ret : s->failed < 0 ? s->failed : 1;
}

bool registry_services_has_no_place(const struct registry_services *s, const uint8_t *zone,
				    const uint8_t *owner, const uint8_t *target)
{
	return s->nwaiting > 0 &&
	       registry_services_target(zone, owner, DNS_TYPE_PTR, target) != NULL &&
	       registry_browse_waits(s, owner, target);
}

unsigned registry_services_subtypes(const struct registry_services *s, const uint8_t *zone,
				    const uint8_t *instance, const uint8_t *subtype)
{
	const struct registry_list *l = registry_list_of(&s->subtypes, zone, instance);
	unsigned n = 0;

	for (size_t at = 0; l != NULL && at < l->nbytes; at += dns_name_length(l->bytes + at)) {
		if (dns_name_equal(l->bytes + at, subtype))
			return 0;
		n++;
	}
	return n + 1;
}

bool registry_services_is_suspect(const struct registry_services *s, const uint8_t *zone,
				  const uint8_t *instance)
{
	const struct registry_mark *mark = registry_mark_of(s, zone, instance);

	return mark != NULL && mark->is_suspect;
}

int registry_services_set_suspect(struct registry_services *s, const uint8_t *instance,
				  bool is_suspect, uint64_t now_ms)
{
	const struct registry_mark *mark = registry_mark_of(s, s->zone, instance);
	struct registry_mark next = mark == NULL ? no_mark : *mark;

	next.is_suspect = is_suspect;
	next.suspect_ms = is_suspect ? now_ms : 0;
	touch(s, instance);
	return registry_mark_put(s, instance, &next, mark == NULL ? NULL : mark->said);
}

/* ---- a whole zone ---- */

/* Subtypes first: an instance must be known with all of its own. */
static int follow_subtypes(struct registry_services *s, const struct zone_snapshot *snapshot)
{
	struct zone_cursor *c = zone_cursor_new(snapshot);
	struct zone_record r;

	while (c != NULL && s->failed == 0 && zone_cursor_next(c, &r)) {
		if (r.type == DNS_TYPE_PTR &&
		    registry_place_of(r.owner, s->zone) == REGISTRY_SUBTYPE)
			note(s, &r, true);
		registry_names_clear(&s->touched);
	}
	if (c == NULL)
		return -ENOMEM;
	zone_cursor_free(c);
	return s->failed;
}

static int follow_instances(struct registry_services *s, const struct zone_snapshot *snapshot)
{
	struct zone_cursor *c = zone_cursor_new(snapshot);
	uint8_t last[DNS_NAME_MAX] = {0};
	struct zone_record r;
	int ret = c == NULL ? -ENOMEM : 0;

	while (ret == 0 && zone_cursor_next(c, &r)) {
		if (dns_name_equal(r.owner, last))
			continue;
		dns_name_lower(last, r.owner);
		if (registry_place_of(last, s->zone) != REGISTRY_INSTANCE)
			continue;
		/* Types and lists are looked at once for many. */
		if (s->touched.nbytes > FOLLOW_OCTETS)
			ret = registry_services_derive(s);
		touch(s, last);
		/* What the file says of a drained instance may stand beside what it shows, when the
		 * zone was restored from the file and changes. */
		registry_services_lift(s, last);
	}
	zone_cursor_free(c);
	return ret == 0 ? registry_services_derive(s) : ret;
}

/* Marks of instances that went while there was no view. */
static int follow_marks(struct registry_services *s)
{
	struct registry_entry *e = NULL;
	int ret = 0;

	while (ret == 0 && (e = registry_table_next_in(&s->marks, s->zone, e)) != NULL)
		if (zone_draft_count(s->draft, registry_entry_name(e)) == 0)
			ret = registry_mark_put(s, registry_entry_name(e), &no_mark, NULL);
	return ret;
}

int registry_services_follow(struct registry_services *s, const struct registry_services_rule *rule,
			     uint32_t ttl_before_s, const struct zone_snapshot *snapshot,
			     struct zone_draft *draft)
{
	int ret;

	registry_services_begin(s, rule, draft);
	registry_reserves_forget(&s->reserves);
	s->is_following = true;
	s->ttl_before_s = ttl_before_s;
	ret = follow_marks(s);
	if (ret == 0)
		ret = follow_subtypes(s, snapshot);
	if (ret == 0)
		ret = follow_instances(s, snapshot);
	if (ret == 0)
		ret = registry_suspect_follow_all(s);
	return ret == 0 ? registry_reverse_sweep(s) : ret;
}

int registry_services_follow_reverse(struct registry_services *s,
				     const struct registry_services_rule *rule,
				     struct zone_draft *draft)
{
	struct registry_entry *e = NULL;
	int ret = 0;

	registry_services_begin(s, rule, draft);
	s->is_following = true;
	s->ttl_before_s = rule->ttl_s;
	while (s->rule != NULL && ret == 0 &&
	       (e = registry_table_next_in(&s->srvs, s->zone, e)) != NULL) {
		ret = registry_type_srv_stand(s, registry_entry_name(e));
		if (ret == 0)
			ret = registry_services_derive(s);
	}
	return ret == 0 && s->rule != NULL ? registry_reverse_sweep(s) : ret;
}

int registry_services_forget(struct registry_services *s, const uint8_t *zone)
{
	int ret = registry_browse_forget(s, zone);

	registry_reserves_forget(&s->reserves);
	if (ret == 0)
		ret = registry_type_srv_forget(s, zone);
	if (ret == 0)
		ret = registry_mark_forget(s, zone);
	return ret == 0 ? registry_table_forget(&s->subtypes, zone) : ret;
}

/* ---- the batch, and the disk ---- */

/* Marks are few; they are counted when they have changed. */
static void count(struct registry_services *s)
{
	struct registry_entry *e = NULL;

	s->stats.nsuspects = s->stats.ndrained = 0;
	while ((e = registry_table_next(&s->marks, e)) != NULL) {
		const struct registry_mark *mark = e->content;

		s->stats.nsuspects += mark->is_suspect;
		s->stats.ndrained += mark->is_drained;
	}
}

void registry_services_commit(struct registry_services *s)
{
	bool is_changed = s->marks.nchanged > 0;

	registry_table_commit(&s->subtypes, NULL, NULL);
	registry_table_commit(&s->srvs, NULL, NULL);
	registry_table_commit(&s->marks, NULL, NULL);
	registry_reserves_commit(&s->reserves);
	registry_holds_commit(&s->holds);
	s->stats.nwaiting = s->nwaiting;
	if (is_changed)
		count(s);
}

void registry_services_undo(struct registry_services *s)
{
	registry_table_undo(&s->subtypes, NULL, NULL);
	registry_table_undo(&s->srvs, NULL, NULL);
	registry_table_undo(&s->marks, NULL, NULL);
	registry_reserves_undo(&s->reserves);
	registry_holds_undo(&s->holds);
	s->nwaiting = s->stats.nwaiting;
}

size_t registry_services_note_size(uint8_t kind, const struct registry_entry *e)
{
	const struct registry_list *l = e->content;

	if (kind == STORE_NOTE_MARK)
		return registry_mark_note_size(e);
	return l == NULL ? 0 : l->nbytes;
}

void registry_services_note_write(uint8_t kind, const struct registry_entry *e, uint8_t *out)
{
	const struct registry_list *l = e->content;

	if (kind == STORE_NOTE_MARK)
		registry_mark_note_write(e, out);
	else if (l != NULL)
		memcpy(out, l->bytes, l->nbytes);
}

static int subtypes_read(struct registry_services *s, const uint8_t *zone, const uint8_t *name,
			 const uint8_t *bytes, size_t nbytes)
{
	struct base_buf b = base_buf_over(bytes, nbytes);
	uint8_t subtype[DNS_NAME_MAX];

	while (!b.bad && base_buf_left(&b) > 0)
		dns_name_parse(&b, subtype);
	return b.bad ? -EBADMSG : registry_list_put(&s->subtypes, zone, name, bytes, nbytes);
}

int registry_services_note_read(struct registry_services *s, uint8_t kind, const uint8_t *key,
				size_t nkey, const uint8_t *bytes, size_t nbytes)
{
	struct base_buf k = base_buf_over(key, nkey);
	uint8_t zone[DNS_NAME_MAX], name[DNS_NAME_MAX];
	int ret;

	dns_name_parse(&k, zone);
	dns_name_parse(&k, name);
	if (k.bad || base_buf_left(&k) != 1 || !dns_name_is_under(name, zone) ||
	    registry_place_of(name, zone) != REGISTRY_INSTANCE)
		return -EBADMSG;
	ret = kind == STORE_NOTE_MARK ? registry_mark_note_read(s, zone, name, bytes, nbytes)
				      : subtypes_read(s, zone, name, bytes, nbytes);
	registry_services_commit(s);
	return ret;
}
