/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "discover/shared.h"

#include <stdlib.h>
#include <string.h>

#include "discover/translate.h"
#include "dns/type.h"
#include "dns/update_write.h"
#include "mdns/rules.h"
#include "view/view.h"
#include "zone/zone.h"

static struct discover_share *share_of(struct discover_upkeep *k)
{
	return (struct discover_share *)((char *)k - offsetof(struct discover_share, upkeep));
}

static void share_free(struct discover_share *share, bool is_removed)
{
	discover_upkeep_fini(&share->upkeep, is_removed);
	mdns_table_remove(&share->owner->items, &share->entry);
	free(share);
}

static enum discover_upkeep_wish build_host(struct discover_upkeep *k, struct dns_update_writer *u)
{
	const struct discover_share *share = share_of(k);

	if (share->nusers > 0 || !share->is_there)
		return DISCOVER_UPKEEP_NOTHING;
	discover_translate_remove_host(u, share->name);
	return DISCOVER_UPKEEP_REMOVE;
}

static enum discover_upkeep_wish build_pointer(struct discover_upkeep *k,
					       struct dns_update_writer *u)
{
	struct discover_share *share = share_of(k);
	size_t nbytes = dns_name_nbytes(share->target);

	if (share->nusers > 0) {
		share->is_there = true;
		dns_update_write_add(u, share->list, DNS_TYPE_PTR, share->ttl, share->target,
				     nbytes);
		return DISCOVER_UPKEEP_WRITE;
	}
	if (!share->is_there)
		return DISCOVER_UPKEEP_NOTHING;
	dns_update_write_remove(u, share->list, DNS_TYPE_PTR, share->target, nbytes);
	return DISCOVER_UPKEEP_REMOVE;
}

/* What was refused is somebody else's: nothing of it is ours to remove. */
static void on_news(struct discover_upkeep *k, enum discover_upkeep_news news, const char *why)
{
	struct discover_share *share = share_of(k);

	(void)why;
	if (news == DISCOVER_UPKEEP_REMOVED || news == DISCOVER_UPKEEP_REFUSED)
		share->is_there = false;
	if (share->nusers == 0 && !share->is_there && !k->is_waiting &&
	    (news == DISCOVER_UPKEEP_REMOVED || news == DISCOVER_UPKEEP_IDLE ||
	     news == DISCOVER_UPKEEP_REFUSED))
		share_free(share, false);
	else if (news == DISCOVER_UPKEEP_REMOVED && share->nusers > 0)
		share->is_there = true; /* it is used again: a later update writes it */
}

static const struct discover_upkeep_owner host_owner = {build_host, on_news},
					  pointer_owner = {build_pointer, on_news};

/* ---- uses ---- */

static struct discover_share *take(struct discover_shared *s, const uint8_t *name,
				   const struct discover_upkeep_owner *owner)
{
	struct discover_share *share = mdns_table_find(&s->items, name);

	if (share == NULL) {
		share = calloc(1, sizeof(*share));
		if (share == NULL)
			return NULL;
		share->owner = s;
		memcpy(share->name, name, dns_name_nbytes(name));
		share->entry.name = share->name;
		if (mdns_table_add(&s->items, &share->entry) < 0) {
			free(share);
			return NULL;
		}
		discover_upkeep_init(&share->upkeep, s->keeper, owner);
	}
	share->nusers++;
	return share;
}

void discover_shared_drop(struct discover_share *share)
{
	struct discover_shared *s;

	if (share == NULL || --share->nusers > 0)
		return;
	s = share->owner;
	discover_upkeep_touch(&share->upkeep);
	if (share->upkeep.owner != &pointer_owner || --s->ntypes > 0)
		return;
	for (unsigned i = 0; i < 2; i++) {
		struct discover_share *domain = s->domains[i];

		if (domain == NULL)
			continue;
		domain->nusers--;
		discover_upkeep_touch(&domain->upkeep);
		s->domains[i] = NULL;
	}
}

struct discover_share *discover_shared_take_host(struct discover_shared *s, const uint8_t *host)
{
	struct discover_share *share = take(s, host, &host_owner);

	if (share != NULL)
		share->is_there = true;
	return share;
}

/* A set of PTRs has one TTL: that of the service view, if it has a part in the set. */
static void take_domains(struct discover_shared *s)
{
	static const uint8_t prefixes[2][20] = {"\1b\7_dns-sd\4_udp", "\2lb\7_dns-sd\4_udp"};
	const struct mdns_into *into = s->keeper->into;
	const uint8_t *zone = zone_name(into->zone);
	uint8_t list[DNS_NAME_MAX];

	if (dns_name_equal(into->name, zone))
		return;
	for (unsigned i = 0; i < 2; i++) {
		if (dns_name_join(list, prefixes[i], strlen((const char *)prefixes[i]), zone) == 0)
			continue;
		s->domains[i] = take(s, list, &pointer_owner);
		if (s->domains[i] == NULL)
			continue;
		memcpy(s->domains[i]->list, list, dns_name_nbytes(list));
		s->domains[i]->target = into->name;
		s->domains[i]->ttl = into->view_rule != NULL && into->view_rule->is_on
					     ? into->view_rule->ttl_s
					     : DISCOVER_TRANSLATED_TTL_S;
		discover_upkeep_touch(&s->domains[i]->upkeep);
	}
}

struct discover_share *discover_shared_take_type(struct discover_shared *s, const uint8_t *type)
{
	static const uint8_t prefix[] = "\11_services\7_dns-sd\4_udp";
	struct discover_share *share = take(s, type, &pointer_owner);

	if (share == NULL || share->nusers > 1)
		return share;
	share->target = share->name;
	share->ttl = DISCOVER_TRANSLATED_TTL_S;
	if (dns_name_join(share->list, prefix, sizeof(prefix) - 1, s->keeper->into->name) > 0)
		discover_upkeep_touch(&share->upkeep);
	if (s->ntypes++ == 0)
		take_domains(s);
	return share;
}

void discover_shared_init(struct discover_shared *s, struct discover_upkeeper *keeper,
			  uint64_t seed)
{
	const struct mdns_into *into = keeper->into;

	*s = (struct discover_shared){
		.keeper = keeper,
		.has_lists = into->view_rule == NULL || !into->view_rule->is_on ||
			     !dns_name_equal(into->name, zone_name(into->zone)),
	};
	mdns_table_init(&s->items, seed);
}

void discover_shared_fini(struct discover_shared *s, bool are_removed)
{
	struct discover_share *share;

	while ((share = mdns_table_next(&s->items, NULL)) != NULL) {
		share->nusers = 0;
		share_free(share, are_removed);
	}
	mdns_table_fini(&s->items);
}
