/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* What is browsed: PTRs at types and subtypes, the list of types, the lists of browsing domains. */

#include <errno.h>
#include <string.h>

#include "dns/type.h"
#include "dnssd/kind.h"
#include "view/view_priv.h"
#include "zone/draft.h"

enum {
	ENTRY_OCTETS =
		12, /* of a PTR in an answer: its owner as a pointer, type, class, TTL, length */
	POINTER = 2,
	ANSWER_REST = 600, /* header, question, OPT, TSIG */
};

static const uint8_t services_name[] = "\11_services\7_dns-sd\4_udp";
static const uint8_t *const browse_names[] = {
	(const uint8_t *)"\1b\7_dns-sd\4_udp",
	(const uint8_t *)"\2db\7_dns-sd\4_udp",
	(const uint8_t *)"\2lb\7_dns-sd\4_udp",
};

/* Octets of the answer with a whole set of PTRs, of which each says one label and points to where
 * the `shared_octets` behind it were said. */
static size_t answer_octets(const struct zone_rrset *set, const uint8_t *owner,
			    size_t shared_octets)
{
	size_t shared = set->count * (shared_octets - POINTER);
	size_t whole = set->nbytes + (size_t)set->count * (ENTRY_OCTETS - 2);

	return (whole < shared ? 0 : whole - shared) + dns_name_nbytes(owner) + ANSWER_REST;
}

/* What targets share with the question: the type. */
static size_t type_octets(const struct view *s, const uint8_t *owner)
{
	return dns_name_nbytes(dnssd_kind_type(owner, s->zone));
}

static void tell(struct view *s, bool *what, const uint8_t *owner)
{
	*what = true;
	dns_name_lower(s->told, owner);
}

static void tell_full(struct view *s, const uint8_t *owner)
{
	tell(s, &s->is_full, owner);
	s->is_news |= undo_names_note(&s->full, owner) > 0;
}

/* A type that is full is news once, until so much of it has gone that it is no longer about to be.
 */
static void note_room(struct view *s, const uint8_t *owner)
{
	struct zone_rrset set;

	if (s->full.nbytes > 0 && (!zone_draft_measure(s->draft, owner, DNS_TYPE_PTR, &set) ||
				   answer_octets(&set, owner, type_octets(s, owner)) <
					   VIEW_ANSWER_MAX - VIEW_ANSWER_MAX / 8))
		undo_names_drop(&s->full, owner);
}

/* ---- who waits for a place ---- */

/* Such a pair is kept of each; who they are is found among all live instances, some at a time. A
 * type with more instances than fit an answer is rare, and one that loses some seldom: it need not
 * cost the others memory. */
enum { NEXT_MAX = 256 };

static uint64_t waiting_hash(const struct view *s, const uint8_t *owner)
{
	return view_hash(s, 'w', owner);
}

bool view_browse_waits(const struct view *s, const uint8_t *owner, const uint8_t *instance)
{
	return s->nwaiting > 0 &&
	       undo_pairs_has(&s->holds, waiting_hash(s, owner), view_hash(s, 'i', instance));
}

static int begin_waiting(struct view *s, const uint8_t *owner, const uint8_t *instance)
{
	if (view_browse_waits(s, owner, instance))
		return 0;
	s->nwaiting++;
	return undo_pairs_add(&s->holds, waiting_hash(s, owner), view_hash(s, 'i', instance));
}

static int end_waiting(struct view *s, const uint8_t *owner, const uint8_t *instance)
{
	if (!view_browse_waits(s, owner, instance))
		return 0;
	s->nwaiting--;
	return undo_pairs_drop(&s->holds, waiting_hash(s, owner), view_hash(s, 'i', instance));
}

uint32_t view_browse_waiting(const struct view *s, const uint8_t *owner)
{
	return s->nwaiting == 0 ? 0 : undo_pairs_count(&s->holds, waiting_hash(s, owner));
}

int view_browse_each_waiting(struct view *s, const uint8_t *owner,
			     int (*each)(struct view *s, const uint8_t *instance))
{
	struct undo_entry *e = NULL;
	int ret = 0;

	if (view_browse_waiting(s, owner) == 0)
		return 0;
	while (ret == 0 && (e = undo_table_next_in(&s->srvs, s->zone, e)) != NULL)
		if (view_browse_waits(s, owner, undo_entry_name(e)))
			ret = each(s, undo_entry_name(e));
	return ret;
}

static int gather(struct view *s, const uint8_t *instance)
{
	int ret = undo_names_note_many(&s->next, instance);

	return ret < 0 ? ret : s->next.nbytes > NEXT_MAX * DNS_NAME_MAX / 4;
}

/* Writes to `out` one that waits. 1, 0 if nobody does, or -ENOMEM. */
static int next_waiting(struct view *s, const uint8_t *owner, uint8_t out[static DNS_NAME_MAX])
{
	int ret = 0;

	for (unsigned round = 0; round < 2 && ret >= 0; round++) {
		while (dns_name_equal(s->next_owner, owner) && s->next_at < s->next.nbytes) {
			s->next_at += dns_name_lower(out, s->next.bytes + s->next_at);
			if (view_browse_waits(s, owner, out))
				return 1;
		}
		dns_name_lower(s->next_owner, owner);
		undo_names_clear(&s->next);
		s->next_at = 0;
		ret = round == 0 ? view_browse_each_waiting(s, owner, gather) : 0;
	}
	return ret < 0 ? ret : 0;
}

int view_browse_forget(struct view *s, const uint8_t *zone)
{
	uint8_t list[DNS_NAME_MAX];
	struct undo_entry *e = NULL;
	int ret = 0;

	while (s->nwaiting > 0 && ret == 0 && (e = undo_table_next_in(&s->srvs, zone, e)) != NULL) {
		const uint8_t *name = undo_entry_name(e);
		const struct undo_list *subtypes = undo_list_of(&s->subtypes, zone, name);

		ret = end_waiting(s, dnssd_kind_type(name, zone), name);
		if (ret == 0 &&
		    dns_name_join(list, services_name, sizeof(services_name) - 1, zone) > 0)
			ret = end_waiting(s, list, dnssd_kind_type(name, zone));
		for (size_t at = 0; subtypes != NULL && at < subtypes->nbytes && ret == 0;
		     at += dns_name_nbytes(subtypes->bytes + at))
			ret = end_waiting(s, subtypes->bytes + at, name);
	}
	return ret;
}

/* ---- PTRs ---- */

/* There is no room for it, also if a client has said it just now. */
static int refuse(struct view *s, const uint8_t *owner, const uint8_t *instance)
{
	int n = zone_draft_remove(s->draft, owner, DNS_TYPE_PTR, instance,
				  dns_name_nbytes(instance));

	tell_full(s, owner);
	return n < 0 ? n : begin_waiting(s, owner, instance);
}

static int add(struct view *s, const uint8_t *owner, const uint8_t *instance)
{
	size_t entry = ENTRY_OCTETS + 1 + instance[0] + POINTER, nbytes = dns_name_nbytes(instance),
	       before = 0;
	bool is_there = zone_draft_has(s->draft, owner, DNS_TYPE_PTR, instance, nbytes);
	struct zone_rrset set;
	int n;

	if (is_there && !undo_names_has(&s->pointed, instance)) {
		n = view_retime(s, s->draft, owner, DNS_TYPE_PTR, instance, nbytes);
		return n < 0 ? n : 0;
	}
	if (zone_draft_measure(s->draft, owner, DNS_TYPE_PTR, &set))
		before = answer_octets(&set, owner, type_octets(s, owner)) - (is_there ? entry : 0);
	if (before + entry > VIEW_ANSWER_MAX)
		return refuse(s, owner, instance);
	if (before <= VIEW_ANSWER_SMALL && before + entry > VIEW_ANSWER_SMALL)
		tell(s, &s->has_grown, owner);
	n = is_there ? 0 : view_add(s, s->draft, owner, DNS_TYPE_PTR, instance, nbytes);
	return n < 0 ? n : 0;
}

static int take_out(struct view *s, const uint8_t *owner, const uint8_t *instance)
{
	uint8_t next[DNS_NAME_MAX];
	int n = zone_draft_remove(s->draft, owner, DNS_TYPE_PTR, instance,
				  dns_name_nbytes(instance));
	int ret = n < 0 ? n : end_waiting(s, owner, instance);

	if (n > 0)
		note_room(s, owner);
	if (ret < 0 || n == 0 || s->nwaiting == 0)
		return ret;
	/* There is room for one that waits. Who waits is live: whoever is not does not. */
	n = next_waiting(s, owner, next);
	if (n <= 0)
		return n;
	ret = end_waiting(s, owner, next);
	return ret == 0 ? add(s, owner, next) : ret;
}

int view_browse_set(struct view *s, const uint8_t *owner, const uint8_t *instance, bool is_wanted)
{
	return is_wanted ? add(s, owner, instance) : take_out(s, owner, instance);
}

static int set_zone(struct view *s, const uint8_t *list, bool is_wanted)
{
	uint8_t name[DNS_NAME_MAX];
	int n = 0;

	if (dns_name_join(name, list, strlen((const char *)list), s->zone) > 0)
		n = view_set(s, s->draft, name, DNS_TYPE_PTR, s->zone, dns_name_nbytes(s->zone),
			     is_wanted);
	return n < 0 ? n : 0;
}

int view_browse_domains(struct view *s)
{
	uint8_t list[DNS_NAME_MAX];
	bool is_wanted;
	int ret = 0;

	if (dns_name_join(list, services_name, sizeof(services_name) - 1, s->zone) == 0)
		return 0;
	is_wanted = view_has(s, list, DNS_TYPE_PTR);
	for (unsigned i = 0; i < sizeof(browse_names) / sizeof(*browse_names) && ret == 0; i++)
		ret = set_zone(s, browse_names[i], is_wanted);
	return ret;
}

bool view_browse_is_list(const struct view *s, const uint8_t *owner)
{
	static const uint8_t above[] = "\7_dns-sd\4_udp";
	uint8_t name[DNS_NAME_MAX];

	return dns_name_labels(owner) == dns_name_labels(s->zone) + 3 &&
	       dns_name_join(name, above, sizeof(above) - 1, s->zone) > 0 &&
	       dns_name_is_under(owner, name);
}

/* Whether there is room for a type in the list of types, of which it shares what is behind its
 * first label: `_tcp` or `_udp` and the zone. */
static bool has_place(const struct view *s, const uint8_t *list, const uint8_t *type)
{
	struct zone_rrset set;

	return zone_draft_has(s->draft, list, DNS_TYPE_PTR, type, dns_name_nbytes(type)) ||
	       !zone_draft_measure(s->draft, list, DNS_TYPE_PTR, &set) ||
	       answer_octets(&set, list, dns_name_nbytes(dns_name_strip(type, 1))) + ENTRY_OCTETS +
			       1 + type[0] + POINTER <=
		       VIEW_ANSWER_MAX;
}

/* A type in the list, if there is something of it to browse; it waits if there is no room. Returns
 * whether that has changed the list, or -ENOMEM. */
static int set_listed(struct view *s, const uint8_t *list, const uint8_t *type)
{
	bool is_wanted = view_has(s, type, DNS_TYPE_PTR);
	int ret;

	if (is_wanted && !has_place(s, list, type)) {
		if (view_browse_waits(s, list, type))
			return 0;
		tell_full(s, list);
		return begin_waiting(s, list, type);
	}
	ret = end_waiting(s, list, type);
	return ret < 0 ? ret
		       : view_set(s, s->draft, list, DNS_TYPE_PTR, type, dns_name_nbytes(type),
				  is_wanted);
}

/* Lists the types that wait, when one has gone. There are thousands then, and it is seldom. */
static int list_waiting(struct view *s, const uint8_t *list)
{
	struct undo_entry *e = NULL;
	int n = 0;

	while (n >= 0 && view_browse_waiting(s, list) > 0 &&
	       (e = undo_table_next_in(&s->srvs, s->zone, e)) != NULL) {
		const uint8_t *type = dnssd_kind_type(undo_entry_name(e), s->zone);

		if (view_browse_waits(s, list, type))
			n = set_listed(s, list, type);
	}
	return n < 0 ? n : 0;
}

int view_browse_list(struct view *s, const uint8_t *type)
{
	uint8_t list[DNS_NAME_MAX];
	int n, ret = 0;

	if (dns_name_join(list, services_name, sizeof(services_name) - 1, s->zone) == 0)
		return 0;
	n = set_listed(s, list, type);
	if (n > 0 && view_browse_waiting(s, list) > 0)
		ret = list_waiting(s, list);
	if (ret < 0 || (n <= 0 && !s->is_following))
		return n < 0 ? n : ret;
	return view_browse_domains(s);
}
