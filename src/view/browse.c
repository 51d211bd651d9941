/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "view/browse.h"

#include <errno.h>
#include <string.h>

#include "dns/type.h"
#include "dnssd/kind.h"
#include "view/subtype.h"
#include "view/waiting.h"
#include "zone/draft.h"

enum {
	ENTRY_NBYTES = 12, /* of a PTR in an answer before its rdata: compressed owner, type,
			      class, TTL, length */
	POINTER = 2,
	ANSWER_REST = 950, /* header, end of the question, the longest OPT and TSIG */
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

/* Targets at a type or subtype share the type with the question. */
static size_t type_nbytes(const struct view_pass *p, const uint8_t *owner)
{
	return dns_name_nbytes(dnssd_kind_type(owner, p->zone));
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

/* A full type is logged once, and again only after an eighth of its answer has become free. */
static void forget_full(struct view_pass *p, const uint8_t *owner)
{
	struct zone_rrset set;

	if (p->view->known_full.nbytes > 0 &&
	    (!zone_draft_measure(p->draft, owner, DNS_TYPE_PTR, &set) ||
	     answer_nbytes(&set, owner, type_nbytes(p, owner)) <
		     VIEW_ANSWER_MAX - VIEW_ANSWER_MAX / 8))
		undo_names_remove(&p->view->known_full, owner);
}

/* ---- PTRs ---- */

/* Removes the PTR even if a client has just added it: there is no room. */
static int make_wait(struct view_pass *p, const uint8_t *owner, const uint8_t *instance)
{
	int n = zone_draft_remove(p->draft, owner, DNS_TYPE_PTR, instance,
				  dns_name_nbytes(instance));

	notice_full(p, owner);
	return n < 0 ? n : view_waiting_add(p->view, owner, instance);
}

static int add_pointer(struct view_pass *p, const uint8_t *owner, const uint8_t *instance)
{
	size_t entry = ENTRY_NBYTES + 1 + instance[0] + POINTER, nbytes = dns_name_nbytes(instance),
	       before = 0;
	bool is_present = zone_draft_has(p->draft, owner, DNS_TYPE_PTR, instance, nbytes);
	struct zone_rrset set;
	int n;

	if (is_present && !undo_names_has(&p->pointed, instance)) {
		n = view_pass_retime(p, p->draft, owner, DNS_TYPE_PTR, instance, nbytes);
		return n < 0 ? n : 0;
	}
	if (zone_draft_measure(p->draft, owner, DNS_TYPE_PTR, &set))
		before = answer_nbytes(&set, owner, type_nbytes(p, owner)) -
			 (is_present ? entry : 0);
	if (before + entry > VIEW_ANSWER_MAX)
		return make_wait(p, owner, instance);
	if (before <= VIEW_ANSWER_SMALL && before + entry > VIEW_ANSWER_SMALL)
		notice(p, &p->notice.has_grown, owner);
	n = is_present ? 0 : view_pass_add(p, p->draft, owner, DNS_TYPE_PTR, instance, nbytes);
	return n < 0 ? n : 0;
}

static int remove_pointer(struct view_pass *p, const uint8_t *owner, const uint8_t *instance)
{
	uint8_t next[DNS_NAME_MAX];
	int n = zone_draft_remove(p->draft, owner, DNS_TYPE_PTR, instance,
				  dns_name_nbytes(instance));
	int ret = n < 0 ? n : view_waiting_remove(p->view, owner, instance);

	if (n > 0)
		forget_full(p, owner);
	if (ret < 0 || n == 0 || p->view->nwaiting == 0)
		return ret;
	/* A slot is free: give it to a waiting instance. Only live instances wait. */
	n = view_waiting_next(p->view, p->zone, owner, next);
	if (n <= 0)
		return n;
	ret = view_waiting_remove(p->view, owner, next);
	return ret == 0 ? add_pointer(p, owner, next) : ret;
}

int view_browse_set(struct view_pass *p, const uint8_t *owner, const uint8_t *instance,
		    bool is_wanted)
{
	return is_wanted ? add_pointer(p, owner, instance) : remove_pointer(p, owner, instance);
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

/* Returns whether the list of types has room for a type. Types share with the list what follows
 * their first label: `_tcp` or `_udp` and the zone. */
static bool has_room(const struct view_pass *p, const uint8_t *list, const uint8_t *type)
{
	struct zone_rrset set;

	return zone_draft_has(p->draft, list, DNS_TYPE_PTR, type, dns_name_nbytes(type)) ||
	       !zone_draft_measure(p->draft, list, DNS_TYPE_PTR, &set) ||
	       answer_nbytes(&set, list, dns_name_nbytes(dns_name_strip(type, 1))) + ENTRY_NBYTES +
			       1 + type[0] + POINTER <=
		       VIEW_ANSWER_MAX;
}

/* Lists a type that has PTRs, or makes it wait if the list has no room; removes one that has none.
 * Returns 1 if the list changed, 0 if not, or -ENOMEM. */
static int set_listed(struct view_pass *p, const uint8_t *list, const uint8_t *type)
{
	bool is_wanted = view_pass_has(p, type, DNS_TYPE_PTR);
	uint8_t spelled[DNS_NAME_MAX];
	int ret;

	if (is_wanted && !has_room(p, list, type)) {
		if (view_waiting_has(p->view, list, type))
			return 0;
		notice_full(p, list);
		return view_waiting_add(p->view, list, type);
	}
	zone_draft_spelling(p->draft, type, spelled);
	ret = view_waiting_remove(p->view, list, type);
	return ret < 0 ? ret
		       : view_pass_set(p, p->draft, list, DNS_TYPE_PTR, spelled,
				       dns_name_nbytes(type), is_wanted);
}

/* Lists waiting types after one has left the list. Rare: the list has thousands of types then. */
static int list_waiting(struct view_pass *p, const uint8_t *list)
{
	struct undo_entry *e = NULL;
	int n = 0;

	while (n >= 0 && view_waiting_count(p->view, list) > 0 &&
	       (e = undo_table_next_in(&p->view->srvs, p->zone, e)) != NULL) {
		const uint8_t *type = dnssd_kind_type(undo_entry_name(e), p->zone);

		if (view_waiting_has(p->view, list, type))
			n = set_listed(p, list, type);
	}
	return n < 0 ? n : 0;
}

int view_browse_list(struct view_pass *p, const uint8_t *type)
{
	uint8_t list[DNS_NAME_MAX];
	int n, ret = 0;

	if (dns_name_join(list, services_name, sizeof(services_name) - 1, p->zone) == 0)
		return 0;
	n = set_listed(p, list, type);
	if (n > 0 && view_waiting_count(p->view, list) > 0)
		ret = list_waiting(p, list);
	if (ret < 0 || (n <= 0 && !p->is_reconciling))
		return n < 0 ? n : ret;
	return view_browse_domains(p);
}

int view_browse_forget(struct view *v, const uint8_t *zone)
{
	uint8_t list[DNS_NAME_MAX];
	struct undo_entry *e = NULL;
	int ret = 0;

	while (v->nwaiting > 0 && ret == 0 && (e = undo_table_next_in(&v->srvs, zone, e)) != NULL) {
		const uint8_t *name = undo_entry_name(e);
		const struct undo_list *subtypes = view_subtype_list(v, zone, name);
		const uint8_t *label, *type = dnssd_kind_type(name, zone);

		ret = view_waiting_remove(v, type, name);
		if (ret == 0 &&
		    dns_name_join(list, services_name, sizeof(services_name) - 1, zone) > 0)
			ret = view_waiting_remove(v, list, type);
		for (size_t at = 0; ret == 0 && (label = view_subtype_next(subtypes, &at)) != NULL;)
			if (view_subtype_name(list, label, type))
				ret = view_waiting_remove(v, list, name);
	}
	return ret;
}
