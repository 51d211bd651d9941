/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "view/browse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dns/type.h"
#include "dnssd/kind.h"
#include "view/type_srv.h"
#include "zone/cursor.h"
#include "zone/draft.h"
#include "zone/zone.h"

enum {
	ENTRY_NBYTES = 12, /* of a PTR in an answer before its rdata: compressed owner, type,
			      class, TTL, length */
	POINTER = 2,
	LOOKS_OF_CANDIDATE = 2,
	RECORDS_OF_LOOK = 8, /* that are passed in a walk through a zone */
	ANSWER_REST = 950,   /* header, end of the question, the longest OPT and TSIG */
};

static const uint8_t services_name[] = "\11_services\7_dns-sd\4_udp";
static const uint8_t *const browse_names[] = {
	(const uint8_t *)"\1b\7_dns-sd\4_udp",
	(const uint8_t *)"\2db\7_dns-sd\4_udp",
	(const uint8_t *)"\2lb\7_dns-sd\4_udp",
};

/* Returns the size of the answer with a whole set of PTRs, each compressed to one label and a
 * pointer to the `nshared` octets that all targets end with. */
static size_t answer_nbytes(const struct zone_rrset *set, const uint8_t *owner, size_t nshared)
{
	size_t shared = set->count * (nshared - POINTER);
	size_t whole = set->nbytes + (size_t)set->count * (ENTRY_NBYTES - 2);

	return (whole < shared ? 0 : whole - shared) + dns_name_nbytes(owner) + ANSWER_REST;
}

/* Makes `set` a view of a copy of its data, which is valid only until its owner changes. Returns
 * the copy, malloc'd, or NULL if memory is short. */
static uint8_t *copy_of(struct zone_rrset *set)
{
	uint8_t *copy = malloc(set->nbytes + 1);

	if (copy != NULL && set->nbytes > 0)
		memcpy(copy, set->data, set->nbytes);
	set->data = copy;
	return copy;
}

static void notice(struct view_pass *p, bool *what, const uint8_t *owner)
{
	*what = true;
	dns_name_lower(p->notice.owner, owner);
}

static void notice_full(struct view_pass *p, const uint8_t *owner)
{
	notice(p, &p->notice.is_full, owner);
	p->notice.is_new |= undo_names_add(&p->view->known_full, owner) > 0;
}

static int set_pointer(struct view_pass *p, const uint8_t *owner, const uint8_t *target,
		       bool is_wanted)
{
	int n = view_pass_set(p, p->draft, owner, DNS_TYPE_PTR, target, dns_name_nbytes(target),
			      is_wanted);

	return n < 0 ? n : 0;
}

/* Octets in an answer of a PTR to `target`, of which only the first label is not shared. */
static uint16_t cost_of(const uint8_t *target)
{
	return (uint16_t)(ENTRY_NBYTES + 1 + target[0] + POINTER);
}

/* ---- PTRs to instances ---- */

/* One set of PTRs in the draft of a pass. */
struct at_owner {
	struct view_pass *p;
	const uint8_t *owner;	       /* of the set: a type or subtype */
	const uint8_t *type;	       /* of its instances */
	struct place_set *places;      /* NULL: it is not short of places */
};

static struct at_owner at_owner(struct view_pass *p, const uint8_t *owner)
{
	return (struct at_owner){p, owner, dnssd_kind_type(owner, p->zone),
				 place_find(&p->view->places, p->zone, owner, PLACE_POINTERS)};
}

/* An instance got a place or lost it. A candidate is its first label. */
static int on_place(void *arg, const struct place_candidate *c, bool is_chosen)
{
	const struct at_owner *t = arg;
	uint8_t instance[DNS_NAME_MAX];

	if (dns_name_join(instance, c->spelled, c->nbytes, t->type) == 0)
		return 0;
	return set_pointer(t->p, t->owner, instance, is_chosen);
}

static int add_candidate(const struct at_owner *t, uint32_t owner, const uint8_t *instance,
			 place_fn on_change)
{
	return place_add(&t->p->view->places, t->places, owner, instance, 1u + instance[0],
			 cost_of(instance), on_change, (void *)t);
}

/* Returns the octets of an answer that its question and the PTRs of the administrator to names that
 * are not instances of the type leave for candidates. */
static uint64_t capacity_of(const struct at_owner *t, const struct zone_rrset *set)
{
	uint64_t capacity = VIEW_ANSWER_MAX - ANSWER_REST - dns_name_nbytes(t->owner), n;
	const uint8_t *at = set->data;
	struct zone_rdata one;

	while (zone_rrset_next(set, &at, &one)) {
		n = ENTRY_NBYTES + (uint64_t)one.nbytes;
		if (view_target(t->p->zone, t->owner, DNS_TYPE_PTR, one.bytes) == NULL)
			capacity = n < capacity ? capacity - n : 0;
	}
	return capacity;
}

/* Makes the live instances that are in the set candidates, and `instance` of `owner`. */
static int add_all(const struct at_owner *t, const struct zone_rrset *set, uint32_t owner,
		   const uint8_t *instance)
{
	const uint8_t *at = set->data;
	struct zone_rdata one;
	uint32_t other;
	int ret = add_candidate(t, owner, instance, NULL);

	while (ret == 0 && zone_rrset_next(set, &at, &one))
		if (view_target(t->p->zone, t->owner, DNS_TYPE_PTR, one.bytes) != NULL &&
		    !dns_name_equal(one.bytes, instance) &&
		    view_type_srv_owner(t->p->view, t->p->zone, one.bytes, &other))
			ret = add_candidate(t, other, one.bytes, NULL);
	return ret;
}

/* The set has become short of places: gives them to the candidates anew. */
static int begin(struct at_owner *t, uint32_t owner, const uint8_t *instance)
{
	struct zone_rrset set = {.data = NULL};
	uint8_t *copy;
	int ret;

	zone_draft_find(t->p->draft, t->owner, DNS_TYPE_PTR, &set);
	copy = copy_of(&set);
	if (copy == NULL)
		return -ENOMEM;
	t->places = place_begin(&t->p->view->places, t->p->zone, t->owner, PLACE_POINTERS,
				capacity_of(t, &set));
	ret = t->places == NULL ? -ENOMEM : view_pass_look(t->p, LOOKS_OF_CANDIDATE * set.count);
	if (ret == 0)
		ret = add_all(t, &set, owner, instance);
	free(copy);
	return ret == 0 ? place_each(t->places, PLACE_ALL, on_place, t) : ret;
}

/* A full type is logged once, and again only after some of its answer has become free. */
static int end_if_over(struct at_owner *t)
{
	if (t->places == NULL || !place_is_over(t->places))
		return 0;
	t->places = NULL;
	undo_names_remove(&t->p->view->known_full, t->owner);
	return place_end(&t->p->view->places, t->p->zone, t->owner, PLACE_POINTERS);
}

/* Adds an instance to a set that is not short of places. Returns 1 if it has become so, 0 if not,
 * or
 * -ENOMEM. */
static int add_pointer(struct at_owner *t, uint32_t owner, const uint8_t *instance)
{
	struct view_pass *p = t->p;
	size_t cost = cost_of(instance), before = 0;
	bool is_present = zone_draft_has(p->draft, t->owner, DNS_TYPE_PTR, instance,
					 dns_name_nbytes(instance));
	struct zone_rrset set;
	int ret;

	if (is_present && !view_pass_is_pointed(p, instance))
		return set_pointer(p, t->owner, instance, true);
	if (zone_draft_measure(p->draft, t->owner, DNS_TYPE_PTR, &set))
		before = answer_nbytes(&set, t->owner, dns_name_nbytes(t->type)) -
			 (is_present ? cost : 0);
	if (before + cost > VIEW_ANSWER_MAX) {
		ret = begin(t, owner, instance);
		return ret == 0 ? 1 : ret;
	}
	if (before <= VIEW_ANSWER_SMALL && before + cost > VIEW_ANSWER_SMALL)
		notice(p, &p->notice.has_grown, t->owner);
	return set_pointer(p, t->owner, instance, true);
}

/* The PTR of an instance without a place goes, even if its client has just added it. */
static int add_to_places(struct at_owner *t, uint32_t owner, const uint8_t *instance, bool is_new)
{
	struct place_set *s = t->places;
	bool is_chosen;
	int ret = 0;

	if (place_get(s, owner, instance, 1u + instance[0], &is_chosen) == NULL) {
		is_new = true;
		ret = add_candidate(t, owner, instance, on_place);
	}
	if (ret < 0)
		return ret;
	place_get(s, owner, instance, 1u + instance[0], &is_chosen);
	if (!is_chosen && (is_new || view_pass_is_pointed(t->p, instance)))
		notice_full(t->p, t->owner);
	return set_pointer(t->p, t->owner, instance, is_chosen);
}

int view_browse_add(struct view_pass *p, const uint8_t *owner, const uint8_t *instance)
{
	struct at_owner t = at_owner(p, owner);
	uint32_t now = view_pass_owner(p, instance), before;
	int ret = 0;

	/* What another owner had there goes first. */
	if (t.places != NULL && view_type_srv_owner(p->view, p->zone, instance, &before) &&
	    before != now)
		ret = place_remove(&p->view->places, t.places, before, instance, 1u + instance[0],
				   on_place, &t);
	if (ret == 0 && t.places == NULL)
		ret = add_pointer(&t, now, instance);
	else if (ret == 0)
		return add_to_places(&t, now, instance, false);
	return ret == 1 ? add_to_places(&t, now, instance, true) : ret;
}

int view_browse_remove(struct view_pass *p, const uint8_t *owner, const uint8_t *instance)
{
	struct at_owner t = at_owner(p, owner);
	uint32_t before;
	int ret = 0;

	if (t.places != NULL && view_type_srv_owner(p->view, p->zone, instance, &before))
		ret = place_remove(&p->view->places, t.places, before, instance, 1u + instance[0],
				   on_place, &t);
	if (ret == 0)
		ret = set_pointer(p, owner, instance, false);
	return ret == 0 ? end_if_over(&t) : ret;
}

bool view_browse_is_waiting(const struct view *v, const uint8_t *zone, const uint8_t *owner,
			    const uint8_t *instance)
{
	const struct place_set *s = place_find(&v->places, zone, owner, PLACE_POINTERS);
	bool is_chosen;
	uint32_t id;

	return s != NULL && view_type_srv_owner(v, zone, instance, &id) &&
	       place_get(s, id, instance, 1u + instance[0], &is_chosen) != NULL && !is_chosen;
}

static int set_domain(struct view_pass *p, const uint8_t *list, bool is_wanted)
{
	uint8_t name[DNS_NAME_MAX];
	int n = 0;

	if (dns_name_join(name, list, strlen((const char *)list), p->zone) > 0)
		n = view_pass_set(p, p->draft, name, DNS_TYPE_PTR, p->zone,
				  dns_name_nbytes(p->zone), is_wanted);
	return n < 0 ? n : 0;
}

int view_browse_domains(struct view_pass *p)
{
	uint8_t list[DNS_NAME_MAX];
	bool is_wanted;
	int ret = 0;

	if (dns_name_join(list, services_name, sizeof(services_name) - 1, p->zone) == 0)
		return 0;
	is_wanted = view_pass_has(p, list, DNS_TYPE_PTR);
	for (unsigned i = 0; i < sizeof(browse_names) / sizeof(*browse_names) && ret == 0; i++)
		ret = set_domain(p, browse_names[i], is_wanted);
	return ret;
}

bool view_browse_is_list(const struct view_pass *p, const uint8_t *owner)
{
	static const uint8_t above[] = "\7_dns-sd\4_udp";
	uint8_t name[DNS_NAME_MAX];

	return dns_name_labels(owner) == dns_name_labels(p->zone) + 3 &&
	       dns_name_join(name, above, sizeof(above) - 1, p->zone) > 0 &&
	       dns_name_is_under(owner, name);
}

bool view_browse_is_type(const struct view_pass *p, const uint8_t *target)
{
	return dns_name_is_under(target, p->zone) &&
	       dns_name_labels(target) > dns_name_labels(p->zone) &&
	       dnssd_kind_of(target, p->zone) == DNSSD_TYPE;
}

/* ---- the list of types ---- */

/* The list of a zone's types in the draft of a pass. A candidate is the first two labels of a type,
 * of an owner that has live instances of it. */
struct at_list {
	struct view_pass *p;
	const uint8_t *list;
	struct place_set *places; /* NULL: it is not short of places */
};

/* Writes the name of the list to `list`. Returns false if it is too long. */
static bool at_list(struct at_list *t, struct view_pass *p, uint8_t list[static DNS_NAME_MAX])
{
	if (dns_name_join(list, services_name, sizeof(services_name) - 1, p->zone) == 0)
		return false;
	*t = (struct at_list){p, list, place_find(&p->view->places, p->zone, list, PLACE_POINTERS)};
	return true;
}

static bool type_of(const struct at_list *t, const struct place_candidate *c,
		    uint8_t out[static DNS_NAME_MAX])
{
	return dns_name_join(out, c->spelled, c->nbytes, t->p->zone) > 0;
}

/* Lists a type that has PTRs, in the case in which the zone has it. */
static int list_type(const struct at_list *t, const uint8_t *type, bool is_wanted)
{
	uint8_t spelled[DNS_NAME_MAX];
	int n;

	zone_draft_spelling(t->p->draft, type, spelled);
	n = view_pass_set(t->p, t->p->draft, t->list, DNS_TYPE_PTR, spelled,
			  dns_name_nbytes(spelled),
			  is_wanted && view_pass_has(t->p, type, DNS_TYPE_PTR));
	if (n > 0)
		t->p->has_touched_lists = true;
	return n < 0 ? n : 0;
}

/* A type got a place or lost it. */
static int on_type(void *arg, const struct place_candidate *c, bool is_chosen)
{
	const struct at_list *t = arg;
	uint8_t type[DNS_NAME_MAX];

	return type_of(t, c, type) ? list_type(t, type, is_chosen) : 0;
}

static int restore_type(void *arg, const struct place_candidate *c, bool is_chosen)
{
	const struct at_list *t = arg;

	return on_type(arg, c, is_chosen || place_is_shown(t->places, c->spelled, c->nbytes));
}

static size_t type_nbytes(const uint8_t *type)
{
	return (size_t)(dns_name_strip(type, 2) - type);
}

static int add_type(struct at_list *t, const uint8_t *type, uint32_t owner, place_fn on_change)
{
	return place_add(&t->p->view->places, t->places, owner, type, type_nbytes(type),
			 cost_of(type), on_change, t);
}

int view_browse_ref_type(struct view_pass *p, const uint8_t *type, uint32_t owner)
{
	uint8_t list[DNS_NAME_MAX];
	struct at_list t;

	return at_list(&t, p, list) && t.places != NULL ? add_type(&t, type, owner, on_type) : 0;
}

/* Once begun, the list is maintained until it is empty: beginning looks at all live instances. */
static int end_list(struct at_list *t)
{
	if (place_is_over(t->places))
		undo_names_remove(&t->p->view->known_full, t->list);
	return place_count(t->places) > 0
		       ? 0
		       : place_end(&t->p->view->places, t->p->zone, t->list, PLACE_POINTERS);
}

int view_browse_unref_type(struct view_pass *p, const uint8_t *type, uint32_t owner)
{
	uint8_t list[DNS_NAME_MAX];
	struct at_list t;
	int ret;

	if (!at_list(&t, p, list) || t.places == NULL)
		return 0;
	ret = place_remove(&p->view->places, t.places, owner, type, type_nbytes(type), on_type, &t);
	return ret == 0 ? end_list(&t) : ret;
}

/* The list has become short of places: gives them to all types that have live instances. This is
 * a walk through all instances, which takes no looks: it is needed once, and no smaller update can
 * do with less. */
static int begin_list(struct at_list *t)
{
	struct view *v = t->p->view;
	uint64_t capacity = VIEW_ANSWER_MAX - ANSWER_REST - dns_name_nbytes(t->list);
	struct undo_entry *e = NULL;
	uint32_t owner;
	int ret = 0;

	t->places = place_begin(&v->places, t->p->zone, t->list, PLACE_POINTERS, capacity);
	if (t->places == NULL)
		return -ENOMEM;
	while (ret == 0 && (e = undo_table_next_in(&v->srvs, t->p->zone, e)) != NULL) {
		view_type_srv_owner(v, t->p->zone, undo_entry_name(e), &owner);
		ret = add_type(t, dnssd_kind_type(undo_entry_name(e), t->p->zone), owner, NULL);
	}
	return ret == 0 ? place_each(t->places, PLACE_ALL, restore_type, t) : ret;
}

/* Returns whether the list of types has room for a type. Types share with the list what follows
 * their first label: `_tcp` or `_udp` and the zone. */
static bool has_room(const struct view_pass *p, const uint8_t *list, const uint8_t *type)
{
	struct zone_rrset set;

	return zone_draft_has(p->draft, list, DNS_TYPE_PTR, type, dns_name_nbytes(type)) ||
	       !zone_draft_measure(p->draft, list, DNS_TYPE_PTR, &set) ||
	       answer_nbytes(&set, list, dns_name_nbytes(dns_name_strip(type, 1))) +
			       cost_of(type) <=
		       VIEW_ANSWER_MAX;
}

/* A type without live instances, but with PTRs of the administrator, is not a candidate: it stays
 * listed, but is not listed anew while the list is short of places. */
static int set_listed(struct at_list *t, const uint8_t *type)
{
	bool is_wanted = view_pass_has(t->p, type, DNS_TYPE_PTR);
	int ret = 0;

	if (is_wanted && t->places == NULL && !has_room(t->p, t->list, type))
		ret = begin_list(t);
	if (ret < 0 || !is_wanted || t->places == NULL)
		return ret < 0 ? ret : list_type(t, type, is_wanted);
	if (place_is_shown(t->places, type, type_nbytes(type)) ||
	    (!place_is_short(t->places) && has_room(t->p, t->list, type)))
		return list_type(t, type, true);
	if (!zone_draft_has(t->p->draft, t->list, DNS_TYPE_PTR, type, dns_name_nbytes(type)))
		notice_full(t->p, t->list);
	return 0;
}

int view_browse_list(struct view_pass *p, const uint8_t *type)
{
	uint8_t list[DNS_NAME_MAX];
	struct at_list t;
	int ret;

	if (!at_list(&t, p, list))
		return 0;
	ret = set_listed(&t, type);
	if (ret < 0 || (!p->has_touched_lists && !p->is_reconciling))
		return ret;
	return view_browse_domains(p);
}

bool view_browse_is_barred(const struct view_pass *p)
{
	uint8_t list[DNS_NAME_MAX];

	return dns_name_join(list, services_name, sizeof(services_name) - 1, p->zone) > 0 &&
	       view_pass_is_noted(p, &p->barred, list);
}

int view_browse_collect(struct view_pass *p)
{
	const struct zone_snapshot *snapshot = zone_current(zone_draft_zone(p->draft));
	struct zone_cursor *c = zone_cursor_new(snapshot);
	struct dns_record r;
	uint64_t n = 0;
	int ret = c == NULL ? -ENOMEM : 0;

	while (ret == 0 && zone_cursor_next(c, &r)) {
		if (++n % RECORDS_OF_LOOK == 0)
			ret = view_pass_look(p, 1);
		if (r.type == DNS_TYPE_PTR && dnssd_kind_of(r.owner, p->zone) == DNSSD_TYPE)
			view_pass_note(p, &p->types, r.owner);
	}
	zone_cursor_free(c);
	return ret;
}

int view_browse_prune(struct view_pass *p)
{
	struct zone_rrset set = {.data = NULL};
	uint8_t list[DNS_NAME_MAX];
	struct zone_rdata one;
	const uint8_t *at;
	uint8_t *copy;
	int n = 0;

	if (dns_name_join(list, services_name, sizeof(services_name) - 1, p->zone) == 0 ||
	    !zone_draft_find(p->draft, list, DNS_TYPE_PTR, &set) ||
	    (set.ttl != p->rule->ttl_s && set.ttl != p->ttl_before_s))
		return 0;
	copy = copy_of(&set);
	if (copy == NULL)
		return -ENOMEM;
	at = set.data;
	while (n >= 0 && zone_rrset_next(&set, &at, &one))
		if (view_browse_is_type(p, one.bytes) && !view_pass_has(p, one.bytes, DNS_TYPE_PTR))
			n = zone_draft_remove(p->draft, list, DNS_TYPE_PTR, one.bytes, one.nbytes);
	free(copy);
	return n < 0 ? n : view_browse_domains(p);
}

int view_browse_forget_places(struct view *v, const uint8_t *zone)
{
	struct undo_entry *e = NULL;
	int ret = 0;

	while (ret == 0 && (e = undo_table_next_in(&v->places.sets, zone, e)) != NULL)
		ret = place_end(&v->places, zone, undo_entry_name(e),
				(enum place_kind)undo_entry_number(e));
	return ret;
}
