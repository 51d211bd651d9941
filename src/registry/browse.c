/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* What is browsed: PTRs at types and subtypes, the list of types, the lists of browsing domains. */

#include <errno.h>
#include <string.h>

#include "dns/type.h"
#include "registry/services_priv.h"
#include "zone/draft.h"

enum {
	ENTRY_OCTETS = 12,      /* of a PTR in an answer: its owner as a pointer, type, class, TTL, length */
	POINTER = 2,
	ANSWER_REST = 600,      /* header, question, OPT, TSIG */
};

static const uint8_t services_name[] = "\11_services\7_dns-sd\4_udp";
static const uint8_t *const browse_names[] = {
	(const uint8_t *)"\1b\7_dns-sd\4_udp", (const uint8_t *)"\2db\7_dns-sd\4_udp", (const uint8_t *)"\2lb\7_dns-sd\4_udp",
};

/* Octets of the answer with a whole set of PTRs, of which each says one label and points to the question for the rest. */
static size_t answer_octets(const struct zone_rrset *set, const uint8_t *owner)
{
	size_t rest = dns_name_length(owner);
	size_t whole = set->nbytes + (size_t)set->count * (ENTRY_OCTETS - 2);

	return whole < set->count * (rest - POINTER) ? 0 : whole - set->count * (rest - POINTER) + rest + ANSWER_REST;
}

static void tell(struct registry_services *s, bool *what, const uint8_t *owner)
{
	*what = true;
	dns_name_lower(s->told, owner);
}

/* A type that is full is news once, until so much of it has gone that it is no longer about to be. */
static void note_room(struct registry_services *s, const uint8_t *owner)
{
	struct zone_rrset set;

	if (s->full.nbytes > 0 && (!zone_draft_measure(s->draft, owner, DNS_TYPE_PTR, &set)
	                           || answer_octets(&set, owner) < REGISTRY_ANSWER_MAX - REGISTRY_ANSWER_MAX / 8))
		registry_names_drop(&s->full, owner);
}

static int add(struct registry_services *s, const uint8_t *owner, const uint8_t *instance)
{
	struct zone_rrset set;
	size_t before, after;
	int n;

	if (zone_draft_has(s->draft, owner, DNS_TYPE_PTR, instance, dns_name_length(instance)))
		return 0;
	before = zone_draft_measure(s->draft, owner, DNS_TYPE_PTR, &set) ? answer_octets(&set, owner) : 0;
	after = before + ENTRY_OCTETS + 1 + instance[0] + POINTER;
	if (after > REGISTRY_ANSWER_MAX) {
		tell(s, &s->is_full, owner);
		s->is_news |= registry_names_note(&s->full, owner) > 0;
		return registry_names_add(&s->waiting, s->zone, owner, instance);
	}
	if (before <= REGISTRY_ANSWER_SMALL && after > REGISTRY_ANSWER_SMALL)
		tell(s, &s->has_grown, owner);
	n = zone_draft_add(s->draft, owner, DNS_TYPE_PTR, s->rule->ttl_s, instance, dns_name_length(instance));
	return n < 0 ? n : 0;
}

static int take_out(struct registry_services *s, const uint8_t *owner, const uint8_t *instance)
{
	const struct registry_list *waiting;
	uint8_t next[DNS_NAME_MAX];
	int n = zone_draft_remove(s->draft, owner, DNS_TYPE_PTR, instance, dns_name_length(instance));

	if (n > 0)
		note_room(s, owner);
	if (n >= 0 && registry_names_remove(&s->waiting, s->zone, owner, instance) < 0)
		n = -ENOMEM;
	waiting = n > 0 ? registry_list_of(&s->waiting, s->zone, owner) : NULL;
	if (waiting == NULL)
		return n < 0 ? n : 0;
	/* There is room for one that waits. Who waits is live: whoever is not goes from the list. */
	dns_name_lower(next, waiting->bytes);
	if (registry_names_remove(&s->waiting, s->zone, owner, next) < 0)
		return -ENOMEM;
	return add(s, owner, next);
}

int registry_browse_set(struct registry_services *s, const uint8_t *owner, const uint8_t *instance, bool is_wanted)
{
	return is_wanted ? add(s, owner, instance) : take_out(s, owner, instance);
}

static int set_zone(struct registry_services *s, const uint8_t *list, bool is_wanted)
{
	uint8_t name[DNS_NAME_MAX];
	int n = 0;

	if (dns_name_join(name, list, strlen((const char *)list), s->zone) > 0)
		n = registry_services_set(s, s->draft, name, DNS_TYPE_PTR, s->zone, dns_name_length(s->zone), is_wanted);
	return n < 0 ? n : 0;
}

int registry_browse_domains(struct registry_services *s)
{
	uint8_t list[DNS_NAME_MAX];
	bool is_wanted;
	int ret = 0;

	if (dns_name_join(list, services_name, sizeof services_name - 1, s->zone) == 0)
		return 0;
	is_wanted = registry_services_has(s, list, DNS_TYPE_PTR);
	for (unsigned i = 0; i < sizeof browse_names / sizeof *browse_names && ret == 0; i++)
		ret = set_zone(s, browse_names[i], is_wanted);
	return ret;
}

bool registry_browse_is_list(const struct registry_services *s, const uint8_t *owner)
{
	static const uint8_t above[] = "\7_dns-sd\4_udp";
	uint8_t name[DNS_NAME_MAX];

	return dns_name_labels(owner) == dns_name_labels(s->zone) + 3 && dns_name_join(name, above, sizeof above - 1, s->zone) > 0
	       && dns_name_is_under(owner, name);
}

int registry_browse_list(struct registry_services *s, const uint8_t *type)
{
	uint8_t list[DNS_NAME_MAX];
	int n;

	if (dns_name_join(list, services_name, sizeof services_name - 1, s->zone) == 0)
		return 0;
	n = registry_services_set(s, s->draft, list, DNS_TYPE_PTR, type, dns_name_length(type),
	                          registry_services_has(s, type, DNS_TYPE_PTR));
	return n <= 0 && !s->is_following ? n : registry_browse_domains(s);
}
