/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "lan/group.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "dns/name.h"
#include "dns/type.h"
#include "lan/daemon_priv.h"
#include "lan/farewell.h"
#include "lan/interfaces_priv.h"
#include "lan/part.h"

/* How what is published becomes what is wanted, in one turn:
 *
 * 1. Wanted records are paired with equal entries. Where a unique RRset had one record and has one,
 *    the entry is updated: Avahi announces that at once.
 * 2. Entries that are not wanted affect their part, and each part that has records of the same
 *    unique RRset: a goodbye with the cache-flush bit would take these from peers, too.
 * 3. Wanted records without an entry, and those of the parts affected, get new parts. Unique names
 *    that are ours need no new probes.
 * 4. The new parts are committed, and then the parts affected are freed, within the same
 *    millisecond: Avahi sends no goodbye of a record that it is about to announce. So records that
 *    stay are never withdrawn.
 *
 * If Avahi does not allow that (it has no room for the new parts, or the old ones are in the way),
 * all parts are freed first. */

enum { PARTS_MORE = 3 }; /* than needed, by changes; then all are affected */

struct want {
	const struct lan_record *record;
	int interface;
	bool has_entry; /* in a part that stays */
	bool is_owned;
};

STAILQ_HEAD(parts, lan_part);

struct lan_group {
	struct lan_object object;
	lan_group_fn on_state;
	void *arg;
	enum lan_group_state state, reported;
	const char *why;
	struct lan_record *records; /* with their bytes */
	size_t count;
	bool is_changed;   /* records or interfaces are to be compared */
	bool has_collided; /* until the next lan_group_publish */
	struct parts parts;
};

static struct lan_group *group_of(struct lan_object *o)
{
	return (struct lan_group *)o; /* its first member */
}

/* ---- comparing ---- */

static bool key_is(const struct lan_entry *e, const struct lan_record *r, int interface)
{
	return e->interface == interface && e->record.type == r->type &&
	       e->record.transport == r->transport && e->record.is_unique == r->is_unique &&
	       dns_name_equal(e->record.owner, r->owner);
}

static bool rdata_is(const struct lan_record *a, const struct lan_record *b)
{
	return a->nbytes == b->nbytes && memcmp(a->rdata, b->rdata, a->nbytes) == 0;
}

static bool entry_is(const struct lan_entry *e, const struct lan_record *r, int interface)
{
	size_t n = dns_name_nbytes(r->owner);

	/* The case of the letters of an owner can be seen. */
	return key_is(e, r, interface) && e->record.ttl == r->ttl && rdata_is(&e->record, r) &&
	       memcmp(e->record.owner, r->owner, n) == 0;
}

/* Returns the wanted records, each on each interface; NULL if memory is short. */
static struct want *wants_new(const struct lan_group *g, size_t *n)
{
	size_t ninterfaces;
	const int *interfaces = lan_interfaces_indexes(g->object.where, &ninterfaces);
	struct want *wants = calloc(g->count * ninterfaces + 1, sizeof(*wants));

	*n = 0;
	for (size_t k = 0; wants != NULL && k < ninterfaces; k++)
		for (size_t i = 0; i < g->count; i++)
			wants[(*n)++] = (struct want){
				.record = &g->records[i],
				.interface = interfaces[k],
			};
	return wants;
}

static struct lan_entry *entry_find(struct lan_group *g, const struct want *w, bool is_key_only,
				    struct lan_part **part, unsigned *n)
{
	struct lan_entry *found = NULL, *e;
	struct lan_part *p;

	*n = 0;
	STAILQ_FOREACH (p, &g->parts, link)
		STAILQ_FOREACH (e, &p->entries, link) {
			if (!(is_key_only ? key_is(e, w->record, w->interface)
					  : entry_is(e, w->record, w->interface)))
				continue;
			*part = p;
			found = e;
			++*n;
		}
	return found;
}

static unsigned wants_of_key(const struct want *wants, size_t n, const struct lan_entry *e)
{
	unsigned count = 0;

	for (size_t i = 0; i < n; i++)
		count += key_is(e, wants[i].record, wants[i].interface);
	return count;
}

/* Pairs wanted records and entries; updates entries where that is all that is to be done. */
static int pair(struct lan_group *g, struct want *wants, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct want *w = &wants[i];
		struct lan_part *part;
		struct lan_entry *e;
		unsigned found;
		int ret;

		e = entry_find(g, w, false, &part, &found);
		if (e != NULL) {
			w->has_entry = e->is_wanted = true;
			continue;
		}
		e = entry_find(g, w, true, &part, &found);
		if (found != 1 || !w->record->is_unique || wants_of_key(wants, n, e) != 1)
			continue;
		ret = lan_part_update(part, e, w->record, &g->why);
		if (ret == -EAGAIN || ret == -ENOMEM)
			return ret;
		w->has_entry = e->is_wanted = ret == 0;
	}
	return 0;
}

/* Marks the parts that cannot stay, and the wanted records that lose their entry with them. */
static void affect(struct lan_group *g, struct want *wants, size_t n)
{
	struct lan_part *p, *q, *part;
	struct lan_entry *e, *f;
	unsigned nparts = 0, nfew = 1, found;

	STAILQ_FOREACH (p, &g->parts, link) {
		nparts++;
		p->is_affected = false;
	}
	if (lan_daemon_entries_max(g->object.daemon) < n)
		nfew += (unsigned)n / lan_daemon_entries_max(g->object.daemon);
	STAILQ_FOREACH (p, &g->parts, link)
		STAILQ_FOREACH (e, &p->entries, link) {
			if (e->is_wanted && nparts <= nfew + PARTS_MORE)
				continue;
			p->is_affected = true;
			STAILQ_FOREACH (q, &g->parts, link)
				STAILQ_FOREACH (f, &q->entries, link)
					q->is_affected |= f->record.is_unique &&
							  key_is(f, &e->record, e->interface);
		}
	for (size_t i = 0; i < n; i++)
		if (wants[i].has_entry) {
			entry_find(g, &wants[i], false, &part, &found);
			wants[i].has_entry = !part->is_affected;
			wants[i].is_owned = part->state == AVAHI_ENTRY_GROUP_ESTABLISHED;
		}
}

/* A unique name is ours if a part that is established has it. */
static bool is_owned(struct lan_group *g, const struct want *w)
{
	struct lan_part *p;
	struct lan_entry *e;

	STAILQ_FOREACH (p, &g->parts, link) {
		if (p->state != AVAHI_ENTRY_GROUP_ESTABLISHED)
			continue;
		STAILQ_FOREACH (e, &p->entries, link)
			if (e->record.is_unique && e->interface == w->interface &&
			    dns_name_equal(e->record.owner, w->record->owner))
				return true;
	}
	return false;
}

/* ---- publishing ---- */

static void parts_end(struct parts *made)
{
	while (!STAILQ_EMPTY(made)) {
		struct lan_part *p = STAILQ_FIRST(made);

		STAILQ_REMOVE_HEAD(made, link);
		lan_part_free(p);
	}
}

/* Returns the entry of `parts` with the same record on the same interface, over whatever transport;
 * NULL if there is none. */
static const struct lan_entry *entry_alike(const struct parts *parts, const struct lan_entry *e)
{
	const struct lan_part *p;
	const struct lan_entry *f;

	STAILQ_FOREACH (p, parts, link)
		STAILQ_FOREACH (f, &p->entries, link)
			if (f->interface == e->interface && f->record.type == e->record.type &&
			    rdata_is(&f->record, &e->record) &&
			    dns_name_equal(f->record.owner, e->record.owner))
				return f;
	return NULL;
}

static bool has_unique(const struct parts *parts, const uint8_t *name)
{
	const struct lan_part *p;
	const struct lan_entry *e;

	STAILQ_FOREACH (p, parts, link)
		STAILQ_FOREACH (e, &p->entries, link)
			if (e->record.is_unique && dns_name_equal(e->record.owner, name))
				return true;
	return false;
}

/* Returns whether an entry is a pointer to a name of the group: no other group has that. */
static bool is_pointer_to_own(const struct lan_entry *e, const struct parts *gone,
			      const struct parts *others)
{
	return e->record.type == DNS_TYPE_PTR && !e->record.is_unique &&
	       (has_unique(gone, e->record.rdata) || has_unique(others, e->record.rdata));
}

/* Has peers forget pointers of a part that is to be freed, as far as Avahi would not. */
static void part_farewell(const struct lan_part *p, const struct parts *gone,
			  const struct parts *others)
{
	struct lan_daemon *d = p->object->daemon;
	struct lan_farewell *farewell = NULL;
	const struct lan_entry *e, *stays;

	STAILQ_FOREACH (e, &p->entries, link) {
		struct lan_record r = e->record;

		if (!is_pointer_to_own(e, gone, others))
			continue;
		stays = entry_alike(others, e);
		if (stays == NULL ? e->interface < 0 || !lan_daemon_has_interfaces(d)
				  : stays->record.transport == LAN_ANY ||
					    stays->record.transport == r.transport)
			continue;
		if (stays != NULL)
			r.transport = stays->record.transport == LAN_IPV4 ? LAN_IPV6 : LAN_IPV4;
		lan_farewell_add(&farewell, d, &r, e->interface);
	}
	lan_farewell_send(farewell);
}

/* Frees all parts, or those affected; those that stay are followed by new ones. */
static void parts_free(struct lan_group *g, bool is_all, struct parts *made)
{
	struct parts gone = STAILQ_HEAD_INITIALIZER(gone), stay = STAILQ_HEAD_INITIALIZER(stay);
	struct lan_part *p;

	while (!STAILQ_EMPTY(&g->parts)) {
		p = STAILQ_FIRST(&g->parts);
		STAILQ_REMOVE_HEAD(&g->parts, link);
		if (is_all || p->is_affected)
			STAILQ_INSERT_TAIL(&gone, p, link);
		else
			STAILQ_INSERT_TAIL(&stay, p, link);
	}
	STAILQ_CONCAT(&g->parts, &stay);
	if (made != NULL)
		STAILQ_CONCAT(&g->parts, made);
	STAILQ_FOREACH (p, &gone, link)
		if (p->state == AVAHI_ENTRY_GROUP_ESTABLISHED)
			part_farewell(p, &gone, &g->parts);
	parts_end(&gone);
}

/* Adds one record to the last of the new parts, or to another new one. */
static int add(struct lan_group *g, struct parts *made, struct lan_part **last,
	       const struct want *w)
{
	int ret = *last == NULL
			  ? -E2BIG
			  : lan_part_add(*last, w->record, w->interface, !w->is_owned, &g->why);

	if (ret != -E2BIG)
		return ret;
	ret = lan_part_new(last, &g->object, &g->why);
	if (ret != 0)
		return ret;
	STAILQ_INSERT_TAIL(made, *last, link);
	ret = lan_part_add(*last, w->record, w->interface, !w->is_owned, &g->why);
	return ret == -E2BIG ? -ENOSPC : ret;
}

/* Makes parts of the records that have no entry: first of what is ours already, which need not wait
 * for the probes of the others. */
static int build(struct lan_group *g, const struct want *wants, size_t n, struct parts *made)
{
	struct lan_part *p;
	int ret = 0;

	for (int pass = 1; pass >= 0; pass--) {
		struct lan_part *last = NULL;

		for (size_t i = 0; i < n && ret == 0; i++)
			if (!wants[i].has_entry && wants[i].is_owned == pass)
				ret = add(g, made, &last, &wants[i]);
	}
	STAILQ_FOREACH (p, made, link)
		if (ret == 0)
			ret = lan_part_commit(p, &g->why);
	return ret;
}

/* What is published again is not to be forgotten. */
static void cancel_farewells(struct lan_group *g)
{
	struct lan_daemon *d = g->object.daemon;
	struct lan_part *p;
	struct lan_entry *e;

	if (lan_daemon_farewell(d, NULL) == NULL)
		return;
	STAILQ_FOREACH (p, &g->parts, link)
		STAILQ_FOREACH (e, &p->entries, link)
			if (e->record.type == DNS_TYPE_PTR)
				lan_farewell_cancel(d, &e->record, e->interface);
}

static int reconcile(struct lan_group *g)
{
	struct parts made = STAILQ_HEAD_INITIALIZER(made);
	struct lan_part *p;
	struct lan_entry *e;
	size_t n;
	struct want *wants = wants_new(g, &n);
	int ret;

	if (wants == NULL)
		return -ENOMEM;
	STAILQ_FOREACH (p, &g->parts, link)
		STAILQ_FOREACH (e, &p->entries, link)
			e->is_wanted = false;
	ret = pair(g, wants, n);
	if (ret != 0)
		goto out;
	affect(g, wants, n);
	for (size_t i = 0; i < n; i++)
		wants[i].is_owned |= wants[i].record->is_unique && is_owned(g, &wants[i]);
	ret = build(g, wants, n, &made);
	if ((ret == -ENOSPC || ret == -EEXIST) && !STAILQ_EMPTY(&g->parts)) {
		parts_end(&made);
		parts_free(g, true, NULL);
		for (size_t i = 0; i < n; i++)
			wants[i].has_entry = false;
		ret = build(g, wants, n, &made);
	}
	if (ret != 0) {
		parts_end(&made);
		goto out;
	}
	parts_free(g, false, &made);
	cancel_farewells(g);
out:
	free(wants);
	return ret;
}

/* ---- the state ---- */

static const char *const no_interface = "none of its interfaces is there";
static const char *const not_running = "avahi-daemon does not run";

static void wait_for(struct lan_group *g, const char *why)
{
	g->state = LAN_GROUP_WAITING;
	g->why = why;
}

static void collide(struct lan_group *g)
{
	parts_free(g, true, NULL);
	g->has_collided = true;
	g->state = LAN_GROUP_COLLISION;
	lan_daemon_count_collision(g->object.daemon);
}

/* Has the group tried again later. */
static void refuse(struct lan_group *g, enum lan_group_state state, const char *why)
{
	char owner[DNS_NAME_TEXT_MAX];
	size_t i = 0;

	parts_free(g, true, NULL);
	g->state = state;
	g->why = why;
	g->is_changed = true;
	lan_object_refuse(&g->object);
	/* The records that point to a service may come before its own. */
	while (i + 1 < g->count && !g->records[i].is_unique)
		i++;
	dns_name_to_text(owner, g->records[i].owner);
	if (base_log_may_few("bridge-groups", 5))
		base_log(BASE_LOG_WARNING, "bridge", "publish-refused name=%s why=\"%s\"", owner,
			 why);
}

static void state_read(struct lan_group *g)
{
	bool is_established = true;
	struct lan_part *p;

	STAILQ_FOREACH (p, &g->parts, link) {
		if (p->state == AVAHI_ENTRY_GROUP_COLLISION) {
			collide(g);
			return;
		}
		if (p->state == AVAHI_ENTRY_GROUP_FAILURE) {
			refuse(g, LAN_GROUP_REFUSED, "avahi-daemon failed to publish it");
			return;
		}
		is_established &= p->state == AVAHI_ENTRY_GROUP_ESTABLISHED;
	}
	g->state = is_established ? LAN_GROUP_ESTABLISHED : LAN_GROUP_PROBING;
}

static void publish(struct lan_group *g)
{
	int ret = reconcile(g);

	g->is_changed = ret != 0;
	if (ret == 0)
		state_read(g);
	else if (ret == -EAGAIN)
		wait_for(g, not_running);
	else if (ret == -EEXIST)
		collide(g);
	else if (ret == -ENOSPC)
		refuse(g, LAN_GROUP_NO_ROOM, LAN_NO_ROOM);
	else if (ret == -ENOMEM)
		refuse(g, LAN_GROUP_NO_ROOM, "out of memory");
	else
		refuse(g, LAN_GROUP_REFUSED, g->why);
}

static void work(struct lan_object *o)
{
	struct lan_group *g = group_of(o);
	size_t ninterfaces;

	lan_interfaces_indexes(o->where, &ninterfaces);
	if (g->count == 0 || ninterfaces == 0) {
		parts_free(g, true, NULL);
		g->is_changed = true;
		wait_for(g, no_interface);
		if (g->count == 0)
			g->state = LAN_GROUP_EMPTY;
	} else if (g->has_collided) {
		g->state = LAN_GROUP_COLLISION;
	} else if (!lan_daemon_is_running(o->daemon)) {
		wait_for(g, not_running);
	} else if (g->is_changed || o->is_moved) {
		publish(g);
	} else {
		state_read(g);
	}
	o->is_moved = false;
	if (g->state == g->reported)
		return;
	g->reported = g->state;
	g->on_state(g->arg, g, g->state);
}

static void lose(struct lan_object *o)
{
	struct lan_group *g = group_of(o);

	g->is_changed = true;
	while (!STAILQ_EMPTY(&g->parts)) {
		struct lan_part *p = STAILQ_FIRST(&g->parts);

		STAILQ_REMOVE_HEAD(&g->parts, link);
		lan_part_lose(p);
	}
}

/* ---- the group ---- */

struct lan_group *lan_group_new(struct lan_daemon *d, const struct lan_interfaces *where,
				lan_group_fn on_state, void *arg)
{
	struct lan_group *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return NULL;
	lan_object_init(&g->object, d, where);
	g->object.work = work;
	g->object.lose = lose;
	g->on_state = on_state;
	g->arg = arg;
	STAILQ_INIT(&g->parts);
	return g;
}

int lan_group_publish(struct lan_group *g, const struct lan_record *records, size_t n)
{
	size_t nbytes = n * sizeof(*records);
	struct lan_record *copy;
	uint8_t *at;

	for (size_t i = 0; i < n; i++)
		nbytes += dns_name_nbytes(records[i].owner) + records[i].nbytes;
	copy = malloc(nbytes + 1);
	if (copy == NULL)
		return -ENOMEM;
	at = (uint8_t *)(copy + n);
	for (size_t i = 0; i < n; i++) {
		size_t nowner = dns_name_nbytes(records[i].owner);

		copy[i] = records[i];
		copy[i].owner = memcpy(at, records[i].owner, nowner);
		at += nowner;
		copy[i].rdata = at;
		if (records[i].nbytes > 0)
			memcpy(at, records[i].rdata, records[i].nbytes);
		at += records[i].nbytes;
	}
	free(g->records);
	g->records = copy;
	g->count = n;
	g->is_changed = true;
	g->has_collided = false;
	g->reported = LAN_GROUP_STATES; /* what comes of it is reported in any case */
	lan_object_schedule(&g->object, !STAILQ_EMPTY(&g->parts));
	return 0;
}

enum lan_group_state lan_group_state(const struct lan_group *g)
{
	return g->state;
}

const char *lan_group_why(const struct lan_group *g)
{
	return g->why != NULL ? g->why : "";
}

void lan_group_free(struct lan_group *g)
{
	if (g == NULL)
		return;
	parts_free(g, true, NULL);
	lan_object_fini(&g->object);
	free(g->records);
	free(g);
}
