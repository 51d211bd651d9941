/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* An instance that a followed type names:
 *
 * 1. gets a row, and is resolved as far as the rule's limit allows (discover/places.h);
 * 2. is judged whenever something of it changes: it is left out if it is ours, another bridge's or
 *    registered already, and refused if it cannot be translated;
 * 3. is written (discover/upkeep.h), its host and its type being shared with others
 *    (discover/shared.h); or what was written is removed, when 2 comes to another result;
 * 4. is forgotten some time after nothing names it any more. */
#include "discover/discover.h"

#include <errno.h>
#include <ev.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "advertise/advertise.h"
#include "base/counter.h"
#include "base/log.h"
#include "base/rcu.h"
#include "discover/followed.h"
#include "discover/places.h"
#include "discover/shared.h"
#include "discover/translate.h"
#include "discover/upkeep.h"
#include "dns/type.h"
#include "dns/update_write.h"
#include "lan/name.h"
#include "mdns/marker.h"
#include "mdns/rows.h"
#include "mdns/rules.h"
#include "mdns/seen.h"
#include "mdns/stats.h"
#include "zone/look.h"
#include "zone/snapshot.h"
#include "zone/zone.h"

enum { SRV_FIXED = 6 };

static const char too_many[] = "more services are on the LAN than the rule allows (into: max)",
		  too_many_of_host[] = "its host has more services than the rule allows one host",
		  no_answer[] = "it does not answer, others have its place",
		  short_memory[] = "memory is short";

struct instance {
	struct mdns_entry entry; /* first */
	struct discover_upkeep upkeep;
	struct discover *discover;
	struct mdns_row row;
	bool has_row;
	bool is_resolved;  /* mdns_seen_resolve was called */
	bool is_there;	   /* it is, or may be, in the registry */
	bool is_active;	   /* the registry has taken it */
	bool is_short;	   /* memory was, when it was looked at */
	uint64_t subtypes; /* whose PTRs are, or may be, in the registry */
	struct discover_followed_type *followed;
	struct discover_share *host, *type;
	struct discover_place place;
	const char *why_waiting;    /* for a place; a constant */
	uint8_t name[DNS_NAME_MAX]; /* under `local.` */
};

struct discover {
	struct discover_settings settings;
	const struct mdns_into *into;
	struct discover_upkeeper keeper;
	struct discover_shared shared;
	struct discover_followed followed;
	struct mdns_table instances;
	struct discover_places places;
	bool is_full; /* and that was logged */
	bool is_ending;
};

static struct instance *instance_of(struct discover_upkeep *k)
{
	return (struct instance *)((char *)k - offsetof(struct instance, upkeep));
}

/* ---- the limit ---- */

static void on_turn(struct discover_place *p)
{
	struct instance *i = (struct instance *)((char *)p - offsetof(struct instance, place));

	discover_upkeep_touch(&i->upkeep);
}

static void log_full(struct discover *d)
{
	char into[DNS_NAME_TEXT_MAX];

	if (d->is_full)
		return;
	d->is_full = true;
	dns_name_to_text(into, d->into->name);
	base_log(BASE_LOG_WARNING, "bridge",
		 "discover-full into=%s max=%u why=\"more services are on the LAN, they are "
		 "refused\"",
		 into, (unsigned)d->into->max);
}

/* Returns false if there is no place for the instance. */
static bool take_place(struct instance *i)
{
	if (discover_place_take(&i->place))
		return true;
	log_full(i->discover);
	if (i->why_waiting == NULL)
		i->why_waiting = too_many;
	return false;
}

static void leave_place(struct instance *i)
{
	struct discover *d = i->discover;

	discover_place_leave(&i->place);
	i->why_waiting = NULL;
	if (d->places.count <= d->into->max / 8 * 7)
		d->is_full = false;
}

/* ---- judging ---- */

/* What is to be done with an instance. */
struct verdict {
	enum mdns_row_state state; /* ACTIVE: it is to be written */
	const char *why;
	char text[MDNS_ROW_WHY_MAX];
};

static void set_row(struct instance *i, enum mdns_row_state state, const char *why)
{
	struct discover *d = i->discover;

	if (i->has_row)
		mdns_rows_set(d->settings.rows, &i->row, state, NULL, why);
}

static void set_active(struct instance *i, bool is_active)
{
	struct mdns_stats *stats = i->discover->settings.stats;

	base_counter_add(&stats->ndiscovered, (uint64_t)is_active - (uint64_t)i->is_active);
	i->is_active = is_active;
}

static bool resolve(struct instance *i)
{
	if (!i->is_resolved && mdns_seen_resolve(i->discover->settings.seen, i->name) < 0) {
		i->is_short = true;
		return false;
	}
	i->is_resolved = true;
	return true;
}

static void unresolve(struct instance *i)
{
	if (i->is_resolved)
		mdns_seen_unresolve(i->discover->settings.seen, i->name);
	i->is_resolved = false;
}

static void set_standby(struct verdict *v, const char *why)
{
	v->state = MDNS_ROW_STANDBY;
	v->why = why;
}

static bool is_marked(struct verdict *v, const struct mdns_seen_service *s)
{
	uint8_t zone[DNS_NAME_MAX];
	char text[DNS_NAME_TEXT_MAX];
	mdns_id id;

	if (!mdns_marker_read(s->txt, s->ntxt, zone, &id))
		return false;
	dns_name_to_text(text, zone);
	snprintf(v->text, sizeof(v->text), "a bridge advertises it, from the zone %.120s", text);
	set_standby(v, v->text);
	return true;
}

/* Judges what is resolved, once the rule has room for it. */
static void judge_resolved(struct instance *i, struct verdict *v, struct discover_translated *t,
			   const struct mdns_seen_service *s)
{
	struct discover *d = i->discover;

	if (is_marked(v, s))
		return;
	if (advertise_is_registered(d->settings.adverts, s)) {
		set_standby(v, "the registry has it already");
		return;
	}
	v->why = discover_translate(t, s, d->into->name, zone_name(d->into->zone));
	v->state = v->why == NULL ? MDNS_ROW_ACTIVE : MDNS_ROW_REFUSED;
}

/* A host may have many services, but not leave no places to others. */
static void judge_host(struct instance *i, struct verdict *v, const struct discover_translated *t)
{
	int ret =
		discover_place_set_host(&i->place, v->state == MDNS_ROW_ACTIVE ? t->target : NULL);

	if (ret == 0)
		return;
	i->is_short = ret == -ENOMEM;
	v->state = i->is_short ? MDNS_ROW_PENDING : MDNS_ROW_REFUSED;
	v->why = i->is_short ? short_memory : too_many_of_host;
}

/* What is not written has its place only as long as others do not want it. */
static void judge_place(struct instance *i, struct verdict *v)
{
	if (v->state == MDNS_ROW_ACTIVE) {
		discover_place_settle(&i->place);
	} else if (!i->is_short && discover_place_yield(&i->place, v->why == too_many_of_host)) {
		i->why_waiting = v->state == MDNS_ROW_REFUSED ? v->why : no_answer;
		unresolve(i);
		v->state = MDNS_ROW_REFUSED;
		v->why = i->why_waiting;
	}
}

static void set_waiting(struct instance *i, struct verdict *v)
{
	v->state = MDNS_ROW_REFUSED;
	v->why = i->why_waiting;
}

static void judge(struct instance *i, struct verdict *v, struct discover_translated *t)
{
	struct discover *d = i->discover;
	struct mdns_seen_service s;

	i->is_short = false;
	if (advertise_has(d->settings.adverts, i->name)) {
		unresolve(i);
		set_standby(v, "this bridge advertises it");
		return;
	}
	if (!i->is_resolved && !take_place(i)) {
		set_waiting(i, v);
		return;
	}
	v->state = MDNS_ROW_PENDING;
	v->why = "it waits for the records";
	if (!resolve(i))
		v->why = short_memory;
	else if (mdns_seen_find(d->settings.seen, i->name, &s) && s.is_resolved)
		judge_resolved(i, v, t, &s);
	if (v->state == MDNS_ROW_STANDBY)
		return;
	if (!take_place(i)) {
		set_waiting(i, v);
		return;
	}
	judge_host(i, v, t);
	judge_place(i, v);
}

/* ---- what is shared ---- */

static void drop_shared(struct instance *i)
{
	discover_shared_drop(i->host);
	discover_shared_drop(i->type);
	i->host = i->type = NULL;
}

/* Removes the addresses of the host that an instance had in a former run of weftd, if it has
 * another one now and nobody else needs that one: its lease still holds them. */
static void drop_former_host(struct instance *i, const struct discover_translated *t)
{
	struct discover *d = i->discover;
	const struct zone_snapshot *s;
	uint8_t host[DNS_NAME_MAX] = {0};
	struct zone_look look;
	struct zone_rrset rrset;
	struct zone_rdata rdata;
	const uint8_t *at;

	base_rcu_online();
	s = zone_current(d->into->zone);
	if (s != NULL && zone_look_find(&look, s, t->name) &&
	    zone_look_rrset(&look, DNS_TYPE_SRV, &rrset)) {
		at = rrset.data;
		if (zone_rrset_next(&rrset, &at, &rdata))
			memcpy(host, rdata.bytes + SRV_FIXED, (size_t)rdata.nbytes - SRV_FIXED);
	}
	base_rcu_offline();
	if (host[0] != 0 && dns_name_is_under(host, d->into->name) &&
	    !dns_name_equal(host, t->target))
		discover_shared_drop(discover_shared_take_host(&d->shared, host));
}

/* Begins to use the host that an instance has now. Returns false if memory is short. */
static bool take_host(struct instance *i, const struct discover_translated *t)
{
	struct discover *d = i->discover;
	struct discover_share *before = i->host;

	if (!i->is_there)
		drop_former_host(i, t);
	i->host = t->has_host ? discover_shared_take_host(&d->shared, t->target) : NULL;
	discover_shared_drop(before);
	return i->host != NULL || !t->has_host;
}

/* ---- updates ---- */

/* Writes the PTRs at the instance's subtypes: those of `added` to be added, those of `removed` to
 * be removed. */
static void write_subtypes(struct instance *i, struct dns_update_writer *u, const uint8_t *name,
			   uint64_t added, uint64_t removed)
{
	struct discover_followed *f = &i->discover->followed;
	size_t nbytes = dns_name_nbytes(name);
	uint8_t owner[DNS_NAME_MAX];

	for (unsigned k = 0; k < f->nsubtypes; k++) {
		if (((added | removed) >> k & 1) == 0 ||
		    !discover_translate_name(owner, f->subtypes[k], i->discover->into->name))
			continue;
		if ((added >> k & 1) != 0)
			dns_update_write_add(u, owner, DNS_TYPE_PTR, DISCOVER_TRANSLATED_TTL_S,
					     name, nbytes);
		else
			dns_update_write_remove(u, owner, DNS_TYPE_PTR, name, nbytes);
	}
}

/* The service view makes the PTR at a type itself, for live instances. */
static void write_instance(struct instance *i, struct dns_update_writer *u,
			   const struct discover_translated *t)
{
	struct discover_followed *f = &i->discover->followed;
	uint64_t named = discover_followed_subtypes(f, i->name);

	discover_translate_write(u, t);
	if (i->discover->shared.has_lists)
		dns_update_write_add(u, t->type, DNS_TYPE_PTR, DISCOVER_TRANSLATED_TTL_S, t->name,
				     dns_name_nbytes(t->name));
	write_subtypes(i, u, t->name, named, i->subtypes & ~named);
	i->subtypes |= named;
}

static void remove_instance(struct instance *i, struct dns_update_writer *u)
{
	const uint8_t *name = i->row.name;

	discover_translate_remove(u, name);
	dns_update_write_remove(u, dns_name_strip(name, 1), DNS_TYPE_PTR, name,
				dns_name_nbytes(name));
	write_subtypes(i, u, name, 0, i->subtypes);
}

static void remove_row(struct instance *i)
{
	if (i->has_row)
		mdns_rows_remove(i->discover->settings.rows, &i->row);
	i->has_row = false;
}

static void add_row(struct instance *i)
{
	struct discover *d = i->discover;

	if (i->has_row)
		return;
	i->row.direction = MDNS_DISCOVER;
	i->row.state = MDNS_ROW_PENDING;
	memcpy(i->row.lan_name, i->name, dns_name_nbytes(i->name));
	if (!discover_translate_name(i->row.name, i->name, d->into->name))
		memcpy(i->row.name, d->into->name, dns_name_nbytes(d->into->name));
	mdns_rows_add(d->settings.rows, &i->row);
	i->has_row = true;
}

/* Ends what an instance that is not to be written uses. */
static enum discover_upkeep_wish take_back(struct instance *i, struct dns_update_writer *u)
{
	set_active(i, false);
	drop_shared(i);
	if (!i->is_there)
		return DISCOVER_UPKEEP_NOTHING;
	remove_instance(i, u);
	return DISCOVER_UPKEEP_REMOVE;
}

static enum discover_upkeep_wish build(struct discover_upkeep *k, struct dns_update_writer *u)
{
	struct instance *i = instance_of(k);
	struct discover *d = i->discover;
	struct discover_translated t;
	struct verdict v = {.why = ""};

	if (d->is_ending)
		return take_back(i, u);
	if (!discover_followed_has(&d->followed, i->name)) {
		remove_row(i);
		unresolve(i);
		leave_place(i);
		return take_back(i, u);
	}
	add_row(i);
	judge(i, &v, &t);
	if (v.state == MDNS_ROW_STANDBY)
		leave_place(i);
	if (v.state == MDNS_ROW_ACTIVE && !take_host(i, &t)) {
		i->is_short = true;
		v.state = MDNS_ROW_PENDING;
		v.why = short_memory;
	}
	if (v.state != MDNS_ROW_ACTIVE) {
		set_row(i, v.state, v.why);
		return take_back(i, u);
	}
	i->is_there = true;
	write_instance(i, u, &t);
	if (k->is_written)
		set_row(i, MDNS_ROW_ACTIVE, "");
	return DISCOVER_UPKEEP_WRITE;
}

/* ---- the life of an instance ---- */

static void instance_free(struct instance *i, bool is_removed)
{
	struct discover *d = i->discover;

	discover_upkeep_fini(&i->upkeep, is_removed);
	set_active(i, false);
	remove_row(i);
	unresolve(i);
	leave_place(i);
	drop_shared(i);
	discover_followed_release(&d->followed, i->followed);
	mdns_table_remove(&d->instances, &i->entry);
	free(i);
}

static void on_idle(struct instance *i)
{
	if (i->is_short)
		discover_upkeep_touch(&i->upkeep);
	else if (!discover_followed_has(&i->discover->followed, i->name))
		instance_free(i, false);
}

/* A type is listed when an instance of it is there. Without the memory for that it is when the
 * lease is refreshed. */
static void list_type(struct instance *i)
{
	struct discover_shared *shared = &i->discover->shared;

	if (i->type == NULL && shared->has_lists)
		i->type = discover_shared_take_type(shared, dns_name_strip(i->row.name, 1));
}

static void on_news(struct discover_upkeep *k, enum discover_upkeep_news news, const char *why)
{
	struct instance *i = instance_of(k);
	struct discover *d = i->discover;

	switch (news) {
	case DISCOVER_UPKEEP_SENT:
		if (!k->was_removal)
			set_row(i, MDNS_ROW_PENDING, "it waits for the registry");
		break;
	case DISCOVER_UPKEEP_WRITTEN:
		list_type(i);
		i->subtypes = discover_followed_subtypes(&d->followed, i->name);
		set_active(i, true);
		set_row(i, MDNS_ROW_ACTIVE, "");
		break;
	case DISCOVER_UPKEEP_REMOVED:
		i->is_there = false;
		i->subtypes = 0;
		break;
	case DISCOVER_UPKEEP_REFUSED:
		set_active(i, false);
		set_row(i, MDNS_ROW_REFUSED, why);
		break;
	case DISCOVER_UPKEEP_FAILED:
		set_row(i, MDNS_ROW_PENDING, "the registry has no room, it is tried again");
		break;
	case DISCOVER_UPKEEP_AWAY:
		set_active(i, false);
		set_row(i, MDNS_ROW_PENDING, "avahi-daemon is away, the lease is not refreshed");
		break;
	case DISCOVER_UPKEEP_IDLE:
		on_idle(i);
		break;
	}
}

static const struct discover_upkeep_owner owner = {build, on_news};

/* What a former run has written may have any of the subtypes. */
static struct instance *instance_new(struct discover *d, const uint8_t *name)
{
	struct instance *i = calloc(1, sizeof(*i));

	if (i == NULL)
		return NULL;
	i->discover = d;
	memcpy(i->name, name, dns_name_nbytes(name));
	i->entry.name = i->name;
	if (mdns_table_add(&d->instances, &i->entry) < 0) {
		free(i);
		return NULL;
	}
	discover_upkeep_init(&i->upkeep, &d->keeper, &owner);
	discover_place_init(&i->place, &d->places);
	i->followed = discover_followed_acquire(&d->followed, name);
	i->subtypes = discover_followed_subtypes_of(&d->followed, name);
	return i;
}

/* ---- what is reported ---- */

static void on_service(void *arg, const struct mdns_seen_service *s)
{
	struct discover *d = arg;
	struct instance *i = mdns_table_find(&d->instances, s->name);

	if (i == NULL && discover_followed_has(&d->followed, s->name))
		i = instance_new(d, s->name);
	if (i != NULL)
		discover_upkeep_touch(&i->upkeep);
}

static void on_registered(void *arg, const uint8_t *lan_name)
{
	struct discover *d = arg;
	struct instance *i = mdns_table_find(&d->instances, lan_name);

	if (i != NULL)
		discover_upkeep_touch(&i->upkeep);
}

static void on_type(void *arg, const uint8_t *type)
{
	struct discover *d = arg;

	mdns_seen_each(d->settings.seen, type, on_service, d);
}

/* ---- the door ---- */

struct discover *discover_new(const struct discover_settings *settings)
{
	struct discover *d = calloc(1, sizeof(*d));
	struct mdns_seen *seen = settings->seen;

	if (d == NULL)
		return NULL;
	d->settings = *settings;
	d->into = &settings->rule->into;
	if (discover_upkeeper_init(&d->keeper, settings->loop, settings->writer, settings->daemon,
				   settings->stats, d->into) < 0) {
		free(d);
		return NULL;
	}
	mdns_table_init(&d->instances, settings->seed);
	discover_shared_init(&d->shared, &d->keeper, settings->seed);
	discover_places_init(&d->places, settings->loop, settings->seed, d->into->max,
			     settings->answer_ms, &settings->stats->nrefused, on_turn);
	if (discover_followed_init(&d->followed, settings->rule, seen, settings->daemon,
				   settings->where, settings->seed, on_type, d) < 0) {
		discover_free(d, false);
		return NULL;
	}
	mdns_seen_listen(seen, on_service, d);
	advertise_listen(settings->adverts, on_registered, d);
	for (struct discover_followed_type *t = NULL;
	     (t = mdns_table_next(&d->followed.types, t)) != NULL;)
		on_type(d, t->name);
	for (unsigned i = 0; i < d->followed.nsubtypes; i++)
		on_type(d, d->followed.subtypes[i]);
	return d;
}

void discover_free(struct discover *d, bool are_removed)
{
	struct instance *i;

	if (d == NULL)
		return;
	d->is_ending = true;
	mdns_seen_unlisten(d->settings.seen, d);
	advertise_listen(d->settings.adverts, NULL, NULL);
	while ((i = mdns_table_next(&d->instances, NULL)) != NULL)
		instance_free(i, are_removed);
	discover_shared_fini(&d->shared, are_removed);
	discover_places_fini(&d->places);
	discover_followed_fini(&d->followed);
	discover_upkeeper_fini(&d->keeper);
	mdns_table_fini(&d->instances);
	free(d);
}
