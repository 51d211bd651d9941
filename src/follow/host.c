/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "follow/host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "dns/type.h"
#include "resolve/host.h"

static void dirty_remove(struct follow_host *h)
{
	if (h->link_dirty == NULL)
		return;
	*h->link_dirty = h->next_dirty;
	if (h->next_dirty != NULL)
		h->next_dirty->link_dirty = h->link_dirty;
	h->link_dirty = NULL;
}

/* Puts the host at the front of a list, unless it is in one. */
static void dirty_put(struct follow_host **list, struct follow_host *h)
{
	if (h->link_dirty != NULL)
		return;
	h->next_dirty = *list;
	h->link_dirty = list;
	if (h->next_dirty != NULL)
		h->next_dirty->link_dirty = &h->next_dirty;
	*list = h;
}

static void dirty_add(struct follow_host *h)
{
	dirty_put(&h->all->dirty, h);
	h->all->on_touched(h->all->arg);
}

static void host_event(void *arg, enum client_event event, const struct dns_record *record)
{
	struct follow_host *h = arg;

	(void)record; /* all are read when the events are over */
	h->is_known |= event == CLIENT_EVENT_CURRENT;
	h->has_failed |= event == CLIENT_EVENT_FAILED;
	dirty_add(h);
}

/* ---- hosts and their users ---- */

static void host_free(struct follow_host *h)
{
	follow_track_end(h->all->tracks, &h->track);
	free(h->addresses);
	free(h);
}

static struct follow_host *host_new(struct follow_hosts *all, const uint8_t *name)
{
	static const uint16_t types[] = {DNS_TYPE_A, DNS_TYPE_AAAA};
	struct follow_host *h = calloc(1, sizeof(*h));

	if (h == NULL)
		return NULL;
	h->all = all;
	h->alias.alias = h;
	memcpy(h->entry.name, name, dns_name_nbytes(name));
	if (follow_track_begin(all->tracks, &h->track, name, types, 2, host_event, h) < 0 ||
	    follow_entries_add(&all->entries, &h->entry) < 0) {
		host_free(h);
		return NULL;
	}
	return h;
}

static struct follow_host *host_get(struct follow_hosts *all, const uint8_t *name)
{
	struct follow_entry *e = follow_entries_find(&all->entries, name);

	return e != NULL ? (struct follow_host *)(void *)e : host_new(all, name);
}

/* Returns the host that the user has used, or NULL. */
static struct follow_host *user_remove(struct follow_host_user *user)
{
	struct follow_host *h = user->host;

	if (h == NULL)
		return NULL;
	*user->link = user->next;
	if (user->next != NULL)
		user->next->link = user->link;
	user->host = NULL;
	return h;
}

void follow_host_leave(struct follow_host_user *user)
{
	struct follow_host *h = user_remove(user);

	/* The end of a host may be that of its alias, and so on. */
	while (h != NULL && h->users == NULL) {
		struct follow_host *alias = user_remove(&h->alias);

		dirty_remove(h);
		follow_entries_remove(&h->all->entries, &h->entry);
		host_free(h);
		h = alias;
	}
}

int follow_host_use(struct follow_hosts *all, struct follow_host_user *user, const uint8_t *name)
{
	struct follow_host *h = user->host;

	if (h != NULL && dns_name_equal(h->entry.name, name))
		return 0;
	h = host_get(all, name);
	if (h == NULL)
		return -ENOMEM;
	follow_host_leave(user);
	user->host = h;
	user->next = h->users;
	user->link = &h->users;
	if (user->next != NULL)
		user->next->link = &user->next;
	h->users = user;
	return 0;
}

/* ---- aliases ---- */

const struct follow_host *follow_host_end(const struct follow_host *h)
{
	for (unsigned n = 0; h != NULL && h->is_known && n <= FOLLOW_HOST_ALIASES_MAX; n++) {
		if (h->alias.host == NULL)
			return h;
		h = h->alias.host;
	}
	return h == NULL || !h->is_known ? NULL : h;
}

/* Whether the aliases that begin at `from` lead to `to`. */
static bool leads_to(const struct follow_host *from, const struct follow_host *to)
{
	for (unsigned n = 0; from != NULL && n <= FOLLOW_HOST_ALIASES_MAX; n++) {
		if (from == to)
			return true;
		from = from->alias.host;
	}
	return from != NULL; /* too long to be followed */
}

/* Follows the alias; one that leads back, or that is one too many, is not followed. */
static int alias_set(struct follow_host *h, const uint8_t *name)
{
	const struct follow_entry *e =
		name == NULL ? NULL : follow_entries_find(&h->all->entries, name);
	int ret;

	if (name == NULL || h->depth >= FOLLOW_HOST_ALIASES_MAX ||
	    (e != NULL && leads_to((const struct follow_host *)(const void *)e, h))) {
		follow_host_leave(&h->alias);
		return 0;
	}
	ret = follow_host_use(h->all, &h->alias, name);
	if (ret == 0 && h->alias.host->depth <= h->depth)
		h->alias.host->depth = h->depth + 1;
	return ret;
}

/* ---- what has changed ---- */

/* What is read of the records of a host. */
struct reading {
	struct sockaddr_storage *addresses;
	size_t n, size;
	uint32_t ttl_s;
	uint8_t alias[DNS_NAME_MAX];
	bool has_alias, is_short;
};

/* IPv6 before IPv4, each in the order of their octets: the order in which they came is not kept. */
static int address_compare(const void *a, const void *b)
{
	const struct sockaddr_storage *x = a, *y = b;

	if (x->ss_family != y->ss_family)
		return x->ss_family == AF_INET6 ? -1 : 1;
	return memcmp(x, y, sizeof(*x)); /* what is not set is zero */
}

static void record_read(void *arg, enum client_event event, const struct dns_record *record)
{
	struct reading *r = arg;
	void *grown;

	(void)event;
	if (record->type == DNS_TYPE_CNAME) {
		memcpy(r->alias, record->rdata, record->nbytes);
		r->has_alias = true;
	}
	if ((record->type != DNS_TYPE_A && record->type != DNS_TYPE_AAAA) ||
	    r->n == FOLLOW_HOST_ADDRESSES_MAX)
		return;
	grown = base_grow(r->addresses, r->n, &r->size, sizeof(*r->addresses));
	if (grown == NULL) {
		r->is_short = true;
		return;
	}
	r->addresses = grown;
	resolve_host_address(&r->addresses[r->n++], record->type, record->rdata, 0);
	if (record->ttl < r->ttl_s)
		r->ttl_s = record->ttl;
}

/* Has those that see the host's addresses look at them again. */
static void changed(struct follow_host *h, unsigned depth)
{
	for (struct follow_host_user *user = h->users; user != NULL; user = user->next)
		if (user->alias == NULL)
			h->all->on_changed(h->all->arg, user);
		else if (depth <= FOLLOW_HOST_ALIASES_MAX)
			changed(user->alias, depth + 1);
}

/* Returns 0, -ENOMEM, or -EAGAIN while records are being sent again: with those that are in doubt
 * it would have the old ones beside the new ones. */
static int host_settle(struct follow_host *h)
{
	struct reading r = {.ttl_s = UINT32_MAX};
	enum client_known known = follow_track_known(h->all->tracks, &h->track);

	if (known == CLIENT_KNOWN_NOT_YET)
		return -EAGAIN;
	client_subscription_each(h->track.subscription, record_read, &r);
	if (r.is_short || alias_set(h, r.has_alias && r.n == 0 ? r.alias : NULL) < 0) {
		free(r.addresses);
		return -ENOMEM;
	}
	if (r.n > 0)
		qsort(r.addresses, r.n, sizeof(*r.addresses), address_compare);
	free(h->addresses);
	h->addresses = r.addresses;
	h->naddresses = r.n;
	h->size = r.size;
	h->ttl_s = r.ttl_s;
	if (known == CLIENT_KNOWN_REFUSED)
		h->is_known = true;
	changed(h, 0);
	return 0;
}

int follow_hosts_settle(struct follow_hosts *all)
{
	struct follow_host *waiting = NULL;
	int ret = 0;

	/* Settling a host may end others, in either list. */
	while (all->dirty != NULL && ret != -ENOMEM) {
		struct follow_host *h = all->dirty;

		dirty_remove(h);
		ret = host_settle(h);
		if (ret < 0)
			dirty_put(ret == -ENOMEM ? &all->dirty : &waiting, h);
	}
	while (waiting != NULL) {
		struct follow_host *h = waiting;

		dirty_remove(h);
		dirty_put(&all->dirty, h);
	}
	return ret == -ENOMEM ? ret : 0;
}

/* ---- the end ---- */

static void entry_end(void *arg, struct follow_entry *e)
{
	(void)arg;
	host_free((struct follow_host *)(void *)e);
}

void follow_hosts_fini(struct follow_hosts *all)
{
	all->dirty = NULL;
	follow_entries_fini(&all->entries, entry_end, NULL);
}
