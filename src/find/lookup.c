/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/address.h"
#include "dns/type.h"
#include "find/assemble.h"
#include "find/find.h"
#include "find/gather.h"

/* 1. At the first turn the gathering begins, with the RRset that the name stands for.
 * 2. When that is complete, and there were no PTR records, SRV records of the type are gathered.
 * 3. If answers take long, stale RRsets are used where there are any (RFC 8767 section 5).
 * 4. When all is there, or the time is over, instances are made of what there is.
 *
 * `done` is called by the timer only, as the last thing it does. */

enum {
	/* How long an answer is waited for if there is a stale one (RFC 8767 section 5 recommends
	 * 1.8 s for resolvers, whose clients wait for 5 s). */
	STALE_WAIT_MS = 500,
	STALE_WAIT_SHARE = 3, /* and at most this part of the time there is */
};

struct find_lookup {
	struct find_gather gather;
	struct find_wanted wanted;
	struct resolve_timer timer, stale_timer;
	find_lookup_fn done;
	void *arg;
	bool has_begun, is_complete, has_asked_srv;
};

static struct resolve_timers *timers_of(struct find_lookup *l)
{
	return &l->gather.find->events->timers;
}

/* ---- the end ---- */

/* Writes which registries were silent. */
static void silence_explain(const struct locate *locate, char why[static FIND_GATHER_WHY_MAX])
{
	size_t n, used = (size_t)snprintf(why, FIND_GATHER_WHY_MAX, "no answer in time");
	const struct locate_registry *all = locate_registries(locate, &n);

	for (size_t i = 0; i < n && used < FIND_GATHER_WHY_MAX - BASE_ADDRESS_TEXT_MAX - 8; i++) {
		char at[BASE_ADDRESS_TEXT_MAX];

		base_address_to_text(at, (const struct sockaddr *)&all[i].endpoint.address);
		used += (size_t)snprintf(why + used, FIND_GATHER_WHY_MAX - used, "%s %s",
					 i == 0 ? " from" : ",", at);
	}
}

/* Makes the instances. Returns what `done` gets, with the reason in `why`. */
static int assemble(struct find_lookup *l, struct find_set *set,
		    char why[static FIND_GATHER_WHY_MAX], uint64_t now_ms)
{
	const struct find_gather *g = &l->gather;
	int status = find_assemble(set, g, &l->wanted, now_ms, why);

	if (status == 0 || status == -ENOENT)
		return status;
	if (status == -ENOMEM || g->is_short) {
		snprintf(why, FIND_GATHER_WHY_MAX, "memory is short");
		return -ENOMEM;
	}
	if (g->error != 0) {
		snprintf(why, FIND_GATHER_WHY_MAX, "%s", g->why);
		return g->error;
	}
	if (!l->is_complete) {
		silence_explain(g->find->questions.locate, why);
		return -ETIMEDOUT;
	}
	snprintf(why, FIND_GATHER_WHY_MAX, "the answers have CNAME records that lead nowhere");
	return -EBADMSG;
}

static void finish(struct find_lookup *l, uint64_t now_ms)
{
	char why[FIND_GATHER_WHY_MAX] = "";
	struct find_set set = {0};
	int error = assemble(l, &set, why, now_ms);

	resolve_timer_clear(timers_of(l), &l->stale_timer);
	find_gather_fini(&l->gather);
	l->done(l->arg, error, why, &set, now_ms);
	find_set_fini(&set);
}

/* ---- the steps ---- */

/* Returns whether the type has no PTR records, but may have SRV records: if it does not exist, it
 * has none either (RFC 8020). */
static bool wants_srv(const struct find_lookup *l)
{
	const struct find_rrset *ptr;
	bool is_stale = false;

	if (l->wanted.are_types || l->wanted.name.kind != FIND_TYPE || l->has_asked_srv)
		return false;
	ptr = find_gather_find(&l->gather, l->wanted.name.name, DNS_TYPE_PTR, &is_stale);
	return ptr != NULL && ptr->kind == FIND_RRSET_NODATA;
}

static void on_complete(void *arg, uint64_t now_ms)
{
	struct find_lookup *l = arg;

	if (wants_srv(l)) {
		l->has_asked_srv = true;
		find_gather_need(&l->gather, l->wanted.name.name, DNS_TYPE_SRV);
		find_gather_continue(&l->gather, now_ms);
		return;
	}
	l->is_complete = true;
	resolve_timer_set(timers_of(l), &l->timer, now_ms);
}

static void begin(struct find_lookup *l, uint64_t now_ms)
{
	struct find_gather *g = &l->gather;
	const struct find_name *name = &l->wanted.name;
	uint64_t wait_ms =
		g->deadline_ms > now_ms ? (g->deadline_ms - now_ms) / STALE_WAIT_SHARE : 0;

	l->has_begun = true;
	resolve_timer_set(timers_of(l), &l->timer, g->deadline_ms);
	resolve_timer_set(timers_of(l), &l->stale_timer,
			  now_ms + (wait_ms < STALE_WAIT_MS ? wait_ms : STALE_WAIT_MS));
	if (l->wanted.are_types || name->kind == FIND_TYPE) {
		find_gather_need(g, name->name, DNS_TYPE_PTR);
	} else if (name->kind != FIND_HOST) {
		find_gather_need(g, name->name, DNS_TYPE_SRV);
		if (name->kind == FIND_INSTANCE)
			find_gather_need(g, name->name, DNS_TYPE_TXT);
	} else if (!name->is_address) {
		find_gather_need(g, name->name, DNS_TYPE_A);
		find_gather_need(g, name->name, DNS_TYPE_AAAA);
	}
	find_gather_continue(g, now_ms);
}

static void on_due(void *arg, uint64_t now_ms)
{
	struct find_lookup *l = arg;

	if (!l->has_begun)
		begin(l, now_ms);
	else
		finish(l, now_ms);
}

static void on_stale_due(void *arg, uint64_t now_ms)
{
	struct find_lookup *l = arg;

	if (!find_gather_use_stale(&l->gather))
		return;
	l->gather.find->questions.silent_until_ms = now_ms + FIND_SILENCE_MS;
	find_gather_continue(&l->gather, now_ms);
}

static int lookup_new(struct find_lookup **out, struct find *f, const struct find_wanted *wanted,
		      uint64_t deadline_ms, find_lookup_fn done, void *arg)
{
	struct find_lookup *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return -ENOMEM;
	l->gather.find = f;
	l->gather.deadline_ms = deadline_ms;
	l->gather.has_no_targets = wanted->are_types;
	l->gather.on_complete = on_complete;
	l->gather.arg = l;
	l->wanted = *wanted;
	l->done = done;
	l->arg = arg;
	l->timer.on_due = on_due;
	l->timer.arg = l;
	l->stale_timer.on_due = on_stale_due;
	l->stale_timer.arg = l;
	resolve_timer_set(timers_of(l), &l->timer, 0);
	*out = l;
	return 0;
}

int find_lookup_new(struct find_lookup **out, struct find *f, const struct find_name *name,
		    uint64_t deadline_ms, find_lookup_fn done, void *arg)
{
	const struct find_wanted wanted = {.name = *name};

	return lookup_new(out, f, &wanted, deadline_ms, done, arg);
}

int find_lookup_new_types(struct find_lookup **out, struct find *f, const uint8_t *domain,
			  uint64_t deadline_ms, find_lookup_fn done, void *arg)
{
	static const uint8_t prefix[] = "\11_services\7_dns-sd\4_udp";
	struct find_wanted wanted = {.are_types = true};

	if (dns_name_join(wanted.name.name, prefix, sizeof(prefix) - 1, domain) == 0)
		return -ENAMETOOLONG;
	return lookup_new(out, f, &wanted, deadline_ms, done, arg);
}

void find_lookup_want_anew(struct find_lookup *l)
{
	l->gather.is_anew = true;
}

void find_lookup_free(struct find_lookup *l)
{
	if (l == NULL)
		return;
	resolve_timer_clear(timers_of(l), &l->timer);
	resolve_timer_clear(timers_of(l), &l->stale_timer);
	find_gather_fini(&l->gather);
	free(l);
}
