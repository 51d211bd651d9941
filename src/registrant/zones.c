/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registrant/zones.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/type.h"
#include "locate/ask.h"

enum { ASK_MS = 5000, WHY_MAX = 512 };

/* The zone of one name. */
struct registrant_zone {
	struct registrant_zones *zones;
	struct registrant_zone *next;
	struct locate_ask *ask; /* NULL: it is known, or has failed */
	struct registrant_zone_waiter *waiters;
	unsigned nstripped; /* labels, until what is asked for now */
	bool is_known;
	uint8_t name[DNS_NAME_MAX];
	uint8_t zone[DNS_NAME_MAX];
};

void registrant_zones_init(struct registrant_zones *z, struct locate *l)
{
	*z = (struct registrant_zones){.locate = l};
}

/* Removes an entry; none waits for it. */
static void entry_remove(struct registrant_zone **at)
{
	struct registrant_zone *e = *at;

	*at = e->next;
	e->zones->n--;
	locate_ask_free(e->ask);
	free(e);
}

void registrant_zones_fini(struct registrant_zones *z)
{
	while (z->first != NULL)
		entry_remove(&z->first);
}

static struct registrant_zone *entry_find(const struct registrant_zones *z, const uint8_t *name)
{
	struct registrant_zone *e = z->first;

	while (e != NULL && !dns_name_equal(e->name, name))
		e = e->next;
	return e;
}

const uint8_t *registrant_zones_find(const struct registrant_zones *z, const uint8_t *name)
{
	const struct registrant_zone *e = entry_find(z, name);

	return e != NULL && e->is_known ? e->zone : NULL;
}

/* ---- waiting ---- */

static void waiter_add(struct registrant_zone_waiter **list, struct registrant_zone_waiter *w)
{
	w->next = *list;
	w->link = list;
	if (w->next != NULL)
		w->next->link = &w->next;
	*list = w;
}

void registrant_zones_wait_end(struct registrant_zone_waiter *w)
{
	if (w->link == NULL)
		return;
	*w->link = w->next;
	if (w->next != NULL)
		w->next->link = w->link;
	w->next = NULL;
	w->link = NULL;
}

/* Moves all waiters to `list`: those that begin to wait during the report are not of it. */
static void waiters_move(struct registrant_zone_waiter **list, struct registrant_zone_waiter **from)
{
	*list = *from;
	*from = NULL;
	if (*list != NULL)
		(*list)->link = list;
}

/* Calls all waiters. The entry, which has failed if it is not known, is forgotten first: the
 * functions may do what they want. */
static void report(struct registrant_zone *e, int error, const char *why, uint64_t now_ms)
{
	struct registrant_zone_waiter *waiting, *w;
	uint8_t zone[DNS_NAME_MAX];
	bool is_known = e->is_known;

	waiters_move(&waiting, &e->waiters);
	memcpy(zone, e->zone, sizeof(zone));
	if (!is_known)
		registrant_zones_forget(e->zones, e->name);
	while ((w = waiting) != NULL) {
		registrant_zones_wait_end(w);
		w->on_found(w->arg, is_known ? zone : NULL, error, why, now_ms);
	}
}

/* ---- asking ---- */

/* Finds the SOA record of the zone that the name is in. */
static bool answer_read(struct registrant_zone *e, struct resolve_answer *answer,
			const uint8_t *name)
{
	struct resolve_answer_record *r = malloc(sizeof(*r));

	while (r != NULL && !e->is_known && resolve_message_next(answer, r))
		if (r->type == DNS_TYPE_SOA && r->section != RESOLVE_ADDITIONAL &&
		    dns_name_is_under(name, r->owner)) {
			e->is_known = true;
			memcpy(e->zone, r->owner, dns_name_nbytes(r->owner));
		}
	free(r);
	return e->is_known;
}

/* The question is freed before anybody is called: they may free all that it needs. */
static void on_answer(void *arg, struct resolve_answer *answer, int error, const char *why,
		      uint64_t now_ms)
{
	struct registrant_zone *e = arg;
	const uint8_t *name = dns_name_strip(e->name, e->nstripped);
	bool is_answered = answer != NULL, is_found = is_answered && answer_read(e, answer, name);
	char text[WHY_MAX];

	snprintf(text, sizeof(text), "%s", is_answered ? "" : why);
	locate_ask_free(e->ask);
	e->ask = NULL;
	if (!is_answered) {
		report(e, error == -ENOENT ? -EADDRNOTAVAIL : error, text, now_ms);
	} else if (is_found) {
		report(e, 0, "", now_ms);
	} else if (*name == 0) {
		report(e, -EHOSTUNREACH, "no registry serves a zone that the name is in", now_ms);
	} else {
		e->nstripped++;
		if (locate_ask_new(&e->ask, e->zones->locate, dns_name_strip(name, 1), DNS_TYPE_SOA,
				   now_ms + ASK_MS, on_answer, e) < 0)
			report(e, -ENOMEM, "out of memory", now_ms);
	}
}

/* The question that was asked goes on, if there is no memory for another. */
void registrant_zones_hurry(struct registrant_zones *z, uint64_t now_ms)
{
	for (struct registrant_zone *e = z->first; e != NULL; e = e->next) {
		struct locate_ask *before = e->ask;

		if (before != NULL &&
		    locate_ask_new(&e->ask, z->locate, dns_name_strip(e->name, e->nstripped),
				   DNS_TYPE_SOA, now_ms + ASK_MS, on_answer, e) == 0)
			locate_ask_free(before);
	}
}

/* Forgets one that none waits for, if there are too many. */
static void make_room(struct registrant_zones *z)
{
	struct registrant_zone **at = &z->first;

	while (*at != NULL && (*at)->ask != NULL)
		at = &(*at)->next;
	if (*at != NULL && z->n >= REGISTRANT_ZONES_MAX)
		entry_remove(at);
}

int registrant_zones_wait(struct registrant_zones *z, const uint8_t *name,
			  struct registrant_zone_waiter *w, uint64_t now_ms)
{
	struct registrant_zone *e = entry_find(z, name);

	if (e != NULL && e->ask == NULL && e->waiters == NULL)
		registrant_zones_forget(z, name);
	else if (e != NULL) {
		waiter_add(&e->waiters, w);
		return 0;
	}
	make_room(z);
	e = calloc(1, sizeof(*e));
	if (e == NULL)
		return -ENOMEM;
	e->zones = z;
	memcpy(e->name, name, dns_name_nbytes(name));
	if (locate_ask_new(&e->ask, z->locate, e->name, DNS_TYPE_SOA, now_ms + ASK_MS, on_answer,
			   e) < 0) {
		free(e);
		return -ENOMEM;
	}
	e->next = z->first;
	z->first = e;
	z->n++;
	waiter_add(&e->waiters, w);
	return 0;
}

void registrant_zones_forget(struct registrant_zones *z, const uint8_t *name)
{
	struct registrant_zone **at = &z->first;

	while (*at != NULL && !dns_name_equal((*at)->name, name))
		at = &(*at)->next;
	if (*at != NULL && (*at)->ask == NULL)
		entry_remove(at);
}
