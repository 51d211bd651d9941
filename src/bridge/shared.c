/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "bridge/shared.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/rules.h"
#include "bridge/translate.h"
#include "dns/type.h"
#include "dns/update_write.h"
#include "view/view.h"
#include "zone/zone.h"

static struct bridge_share *share_of(struct bridge_upkeep *k)
{
	return (struct bridge_share *)((char *)k - offsetof(struct bridge_share, upkeep));
}

static void share_free(struct bridge_share *share, bool is_removed)
{
	bridge_upkeep_fini(&share->upkeep, is_removed);
	bridge_table_remove(&share->owner->items, &share->entry);
	free(share);
}

static enum bridge_upkeep_wish build_host(struct bridge_upkeep *k, struct dns_update_writer *u)
{
	const struct bridge_share *share = share_of(k);

	if (share->nusers > 0 || !share->is_there)
		return BRIDGE_UPKEEP_NOTHING;
	bridge_translate_remove_host(u, share->name);
	return BRIDGE_UPKEEP_REMOVE;
}

static enum bridge_upkeep_wish build_pointer(struct bridge_upkeep *k, struct dns_update_writer *u)
{
	struct bridge_share *share = share_of(k);
	size_t nbytes = dns_name_nbytes(share->target);

	if (share->nusers > 0) {
		share->is_there = true;
		dns_update_write_add(u, share->list, DNS_TYPE_PTR, share->ttl, share->target,
				     nbytes);
		return BRIDGE_UPKEEP_WRITE;
	}
	if (!share->is_there)
		return BRIDGE_UPKEEP_NOTHING;
	dns_update_write_remove(u, share->list, DNS_TYPE_PTR, share->target, nbytes);
	return BRIDGE_UPKEEP_REMOVE;
}

/* What was refused is somebody else's: nothing of it is ours to remove. */
static void on_news(struct bridge_upkeep *k, enum bridge_upkeep_news news, const char *why)
{
	struct bridge_share *share = share_of(k);

	(void)why;
	if (news == BRIDGE_UPKEEP_REMOVED || news == BRIDGE_UPKEEP_REFUSED)
		share->is_there = false;
	if (share->nusers == 0 && !share->is_there && !k->is_waiting &&
	    (news == BRIDGE_UPKEEP_REMOVED || news == BRIDGE_UPKEEP_IDLE ||
	     news == BRIDGE_UPKEEP_REFUSED))
		share_free(share, false);
	else if (news == BRIDGE_UPKEEP_REMOVED && share->nusers > 0)
		share->is_there = true; /* it is used again: a later update writes it */
}

static const struct bridge_upkeep_owner host_owner = {build_host, on_news},
					pointer_owner = {build_pointer, on_news};

/* ---- uses ---- */

static struct bridge_share *take(struct bridge_shared *s, const uint8_t *name,
				 const struct bridge_upkeep_owner *owner)
{
	struct bridge_share *share = bridge_table_find(&s->items, name);

	if (share == NULL) {
		share = calloc(1, sizeof(*share));
		if (share == NULL)
			return NULL;
		share->owner = s;
		memcpy(share->name, name, dns_name_nbytes(name));
		share->entry.name = share->name;
		if (bridge_table_add(&s->items, &share->entry) < 0) {
			free(share);
			return NULL;
		}
		bridge_upkeep_init(&share->upkeep, s->keeper, owner);
	}
	share->nusers++;
	return share;
}

void bridge_shared_drop(struct bridge_share *share)
{
	struct bridge_shared *s;

	if (share == NULL || --share->nusers > 0)
		return;
	s = share->owner;
	bridge_upkeep_touch(&share->upkeep);
	if (share->upkeep.owner != &pointer_owner || --s->ntypes > 0)
		return;
	for (unsigned i = 0; i < 2; i++) {
		struct bridge_share *domain = s->domains[i];

		if (domain == NULL)
			continue;
		domain->nusers--;
		bridge_upkeep_touch(&domain->upkeep);
		s->domains[i] = NULL;
	}
}

struct bridge_share *bridge_shared_take_host(struct bridge_shared *s, const uint8_t *host)
{
	struct bridge_share *share = take(s, host, &host_owner);

	if (share != NULL)
		share->is_there = true;
	return share;
}

/* A set of PTRs has one TTL: that of the service view, if it has a part in the set. */
static void take_domains(struct bridge_shared *s)
{
	static const uint8_t prefixes[2][20] = {"\1b\7_dns-sd\4_udp", "\2lb\7_dns-sd\4_udp"};
	const struct bridge_into *into = s->keeper->into;
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
					     : BRIDGE_TRANSLATED_TTL_S;
		bridge_upkeep_touch(&s->domains[i]->upkeep);
	}
}

struct bridge_share *bridge_shared_take_type(struct bridge_shared *s, const uint8_t *type)
{
	static const uint8_t prefix[] = "\11_services\7_dns-sd\4_udp";
	struct bridge_share *share = take(s, type, &pointer_owner);

	if (share == NULL || share->nusers > 1)
		return share;
	share->target = share->name;
	share->ttl = BRIDGE_TRANSLATED_TTL_S;
	if (dns_name_join(share->list, prefix, sizeof(prefix) - 1, s->keeper->into->name) > 0)
		bridge_upkeep_touch(&share->upkeep);
	if (s->ntypes++ == 0)
		take_domains(s);
	return share;
}

void bridge_shared_init(struct bridge_shared *s, struct bridge_upkeeper *keeper, uint64_t seed)
{
	const struct bridge_into *into = keeper->into;

	*s = (struct bridge_shared){
		.keeper = keeper,
		.has_lists = into->view_rule == NULL || !into->view_rule->is_on ||
			     !dns_name_equal(into->name, zone_name(into->zone)),
	};
	bridge_table_init(&s->items, seed);
}

void bridge_shared_fini(struct bridge_shared *s, bool are_removed)
{
	struct bridge_share *share;

	while ((share = bridge_table_next(&s->items, NULL)) != NULL) {
		share->nusers = 0;
		share_free(share, are_removed);
	}
	bridge_table_fini(&s->items);
}
