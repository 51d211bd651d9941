/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The first one in a list is looked at; what becomes of it has the next one looked at, so a turn
 * of the loop gives away no more than all places. */
#include "discover/places.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/counter.h"
#include "dns/name.h"

enum { LATE_MAX = 6 }; /* doublings of the time of a turn */

struct discover_places_host {
	struct mdns_entry entry;    /* first */
	uint8_t name[DNS_NAME_MAX]; /* of the host, as the caller has it */
	uint32_t nusers;
};

/* ---- lists ---- */

static void list_init(struct discover_places_list *list)
{
	list->first = NULL;
	list->last = &list->first;
}

static bool is_waiting(const struct discover_place *p)
{
	return p->list != NULL && p->list != &p->places->late;
}

static void leave_list(struct discover_place *p)
{
	if (p->list == NULL)
		return;
	if (is_waiting(p))
		base_counter_add(p->places->nrefused, (uint64_t)-1);
	*p->at = p->next;
	if (p->next != NULL)
		p->next->at = p->at;
	else
		p->list->last = p->at;
	p->list = NULL;
}

static void join_list(struct discover_place *p, struct discover_places_list *list)
{
	if (p->list == list)
		return;
	leave_list(p);
	p->list = list;
	p->next = NULL;
	p->at = list->last;
	*list->last = p;
	list->last = &p->next;
	if (is_waiting(p))
		base_counter_add(p->places->nrefused, 1);
}

/* ---- turns ---- */

/* Has the one looked at that may get a place now, or has to give one. */
static void offer(struct discover_places *ps)
{
	struct discover_place *p = ps->fresh.first != NULL ? ps->fresh.first : ps->again.first;

	if (ps->count >= ps->max)
		p = ps->fresh.first != NULL ? ps->late.first : NULL;
	if (p != NULL)
		ps->on_turn(p);
}

static uint64_t turn_ms(const struct discover_place *p)
{
	return p->places->answer_ms << (p->is_late ? p->nlate : 0);
}

static void on_wait(struct advertise_wait *w)
{
	struct discover_place *p =
		(struct discover_place *)((char *)w - offsetof(struct discover_place, wait));

	p->is_over = p->is_late;
	p->is_late = true;
	join_list(p, &p->places->late);
	advertise_wait_begin(&p->places->waits, w, turn_ms(p), on_wait);
	if (p->nlate < LATE_MAX)
		p->nlate++;
	p->places->on_turn(p);
}

static void end_turn(struct discover_place *p)
{
	leave_list(p);
	advertise_wait_end(&p->wait);
	p->is_late = p->is_over = false;
}

/* ---- hosts ---- */

static void leave_host(struct discover_place *p)
{
	struct discover_places_host *h = p->host;

	p->host = NULL;
	if (h == NULL || --h->nusers > 0)
		return;
	mdns_table_remove(&p->places->hosts, &h->entry);
	free(h);
}

/* Returns the host of that name, a new one if there is none, or NULL if memory is short. */
static struct discover_places_host *host_take(struct discover_places *ps, const uint8_t *name)
{
	struct discover_places_host *h = mdns_table_find(&ps->hosts, name);

	if (h != NULL)
		return h;
	h = calloc(1, sizeof(*h));
	if (h == NULL)
		return NULL;
	memcpy(h->name, name, dns_name_nbytes(name));
	h->entry.name = h->name;
	if (mdns_table_add(&ps->hosts, &h->entry) < 0) {
		free(h);
		return NULL;
	}
	return h;
}

/* ---- the door ---- */

void discover_places_init(struct discover_places *ps, struct ev_loop *loop, uint64_t seed,
			  uint32_t max, uint64_t answer_ms, uint64_t *nrefused,
			  void (*on_turn)(struct discover_place *p))
{
	*ps = (struct discover_places){
		.max = max,
		.answer_ms = answer_ms,
		.nrefused = nrefused,
		.on_turn = on_turn,
	};
	list_init(&ps->fresh);
	list_init(&ps->again);
	list_init(&ps->late);
	mdns_table_init(&ps->hosts, seed);
	advertise_waits_init(&ps->waits, loop);
}

void discover_places_fini(struct discover_places *ps)
{
	assert(ps->hosts.count == 0);
	advertise_waits_fini(&ps->waits);
	mdns_table_fini(&ps->hosts);
}

void discover_place_init(struct discover_place *p, struct discover_places *ps)
{
	*p = (struct discover_place){.places = ps};
}

bool discover_place_take(struct discover_place *p)
{
	struct discover_places *ps = p->places;

	if (p->is_taken)
		return true;
	if (ps->count < ps->max) {
		leave_list(p);
		p->is_taken = true;
		ps->count++;
		offer(ps);
		return true;
	}
	if (p->list == NULL) {
		join_list(p, &ps->fresh);
		offer(ps);
	}
	return false;
}

void discover_place_leave(struct discover_place *p)
{
	struct discover_places *ps = p->places;

	leave_host(p);
	end_turn(p);
	ps->count -= p->is_taken;
	p->is_taken = false;
	p->nlate = 0;
	offer(ps);
}

int discover_place_set_host(struct discover_place *p, const uint8_t *host)
{
	struct discover_places *ps = p->places;
	uint32_t most =
		ps->max / 2 > DISCOVER_PLACES_HOST_MIN ? ps->max / 2 : DISCOVER_PLACES_HOST_MIN;
	struct discover_places_host *h;

	if (p->host != NULL && host != NULL && dns_name_equal(p->host->name, host))
		return 0;
	leave_host(p);
	if (host == NULL)
		return 0;
	h = host_take(ps, host);
	if (h == NULL)
		return -ENOMEM;
	if (h->nusers >= most)
		return -ENOSPC;
	h->nusers++;
	p->host = h;
	return 0;
}

void discover_place_settle(struct discover_place *p)
{
	bool was_late = p->is_late;

	end_turn(p);
	p->nlate = 0;
	if (was_late)
		offer(p->places);
}

bool discover_place_yield(struct discover_place *p, bool is_hopeless)
{
	struct discover_places *ps = p->places;

	if (is_hopeless && !p->is_late) {
		p->is_late = true;
		join_list(p, &ps->late);
	}
	if (p->is_late && ps->count >= ps->max &&
	    (ps->fresh.first != NULL || (p->is_over && ps->again.first != NULL))) {
		leave_host(p);
		end_turn(p);
		p->is_taken = false;
		ps->count--;
		offer(ps);
		join_list(p, &ps->again);
		return true;
	}
	p->is_over = false;
	if (p->wait.next == NULL)
		advertise_wait_begin(&ps->waits, &p->wait, turn_ms(p), on_wait);
	return false;
}
