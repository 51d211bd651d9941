/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registrant/standing.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/secret.h"
#include "registrant/queue.h"
#include "registrant/records.h"
#include "registrant/report.h"

enum {
	REFUSED_MS = 10000, /* until what was refused is tried again, at least */
	MOVED_MS = 30000,   /* until the name of a service that has moved is tried again */
	HELD_MS = 1000,	    /* until it is looked whether another still has the name */
};

void registrant_standing_incarnate(struct registrant_service *s, uint64_t present)
{
	const struct registrant_clocks *clocks = s->r->clocks;
	uint64_t next = clocks->wall_ms(clocks->arg);

	if (s->settings->kind != REGISTRANT_INSTANCE)
		return;
	if (s->settings->incarnation != 0) {
		s->incarnation = s->settings->incarnation;
		return;
	}
	if (next <= s->incarnation)
		next = s->incarnation + 1;
	if (next <= present)
		next = present + 1;
	s->incarnation = next;
}

/* ---- the end ---- */

void registrant_standing_ended(struct registrant_service *s)
{
	s->is_registered = false;
	s->lease_s = 0;
	if (s->is_ending)
		registrant_report_add(s, REGISTRANT_ENDED, 0, "");
	/* A node that was removed while instances began to be at it is needed again. */
	if (s->nusers > 0)
		registrant_queue_now(s, REGISTRANT_REGISTER);
	else
		registrant_queue_over(s);
}

void registrant_standing_end(struct registrant_service *s)
{
	s->is_unchecked = false;
	s->nmost = s->ntries = s->nfailures = 0;
	if (s->was_sent && !s->is_superseded && !s->is_held && (s->is_ending || s->is_orphan))
		registrant_queue_now(s, REGISTRANT_REMOVE);
	else
		registrant_standing_ended(s);
}

/* ---- registered ---- */

static uint32_t random_below(uint64_t n)
{
	uint32_t random;

	base_secret_random(&random, sizeof(random));
	return n == 0 ? 0 : (uint32_t)(random % n);
}

/* A refresh is due after 80 % of the lease, or up to 4 % earlier, so that those of many hosts do
 * not come at the same time. A server without leases keeps records for ever; it is sent them all
 * the same. */
static void plan_refresh(struct registrant_service *s, uint64_t now_ms)
{
	uint64_t lease_ms = s->lease_s * UINT64_C(1000);

	registrant_queue_at(s, REGISTRANT_REFRESH,
			    now_ms + lease_ms * 8 / 10 - random_below(lease_ms / 25));
}

void registrant_standing_registered(struct registrant_service *s,
				    const struct registrant_result *result, uint64_t now_ms)
{
	bool was_registered = s->is_registered;
	bool is_renamed = s->registered == 0 && s->number > 1;

	if (s->todo == REGISTRANT_REGISTER)
		registrant_records_note(s);
	s->is_registered = true;
	s->registered = s->flying;
	s->is_unchecked = s->is_superseded = s->is_adopted = false;
	s->nmost = s->ntries = s->nfailures = 0;
	s->failed = 0;
	s->lease_s =
		result->has_lease && result->lease_s > 0 ? result->lease_s : s->settings->lease_s;
	s->lease_end_ms = result->has_lease ? now_ms + s->lease_s * UINT64_C(1000) : UINT64_MAX;
	if (result->has_lease)
		resolve_timer_set(&s->r->events->timers, &s->lease_end, s->lease_end_ms);
	else
		resolve_timer_clear(&s->r->events->timers, &s->lease_end);
	if (!was_registered)
		registrant_report_add(s, is_renamed ? REGISTRANT_RENAMED : REGISTRANT_DONE, 0,
				      result->why);
	if (s->has_changed) {
		s->has_changed = false;
		registrant_queue_now(s, REGISTRANT_REGISTER);
	} else {
		plan_refresh(s, now_ms);
	}
}

void registrant_standing_lost(struct registrant_service *s, const char *why)
{
	bool was_registered = s->is_registered || s->is_adopted;

	s->is_registered = false;
	s->lease_s = 0;
	s->present.is_known = s->is_adopted = false;
	resolve_timer_clear(&s->r->events->timers, &s->lease_end);
	registrant_standing_incarnate(s, 0);
	if (was_registered)
		registrant_report_add(s, REGISTRANT_LOST, 0, why);
}

void registrant_standing_lease_end(void *arg, uint64_t now_ms)
{
	struct registrant_service *s = arg;

	(void)now_ms;
	if (registrant_is_at_its_end(s) || !s->is_registered)
		return;
	/* What is in flight was sent with the incarnation that there is. If it arrives, the lease
	 * has not ended for the registry. */
	if (s->place == REGISTRANT_FLIES) {
		s->is_registered = false;
		s->lease_s = 0;
		registrant_report_add(s, REGISTRANT_LOST, 0, "the lease has ended");
		return;
	}
	registrant_standing_lost(s, "the lease has ended");
	registrant_queue_now(s, REGISTRANT_REGISTER);
}

/* ---- failures ---- */

/* Tries again later what has failed. */
static void again(struct registrant_service *s, uint64_t least_ms, uint64_t now_ms)
{
	enum registrant_todo todo = s->todo;

	if (todo == REGISTRANT_REMOVE && now_ms >= s->give_up_ms) {
		registrant_standing_ended(s);
		return;
	}
	if (todo != REGISTRANT_REMOVE && registrant_is_at_its_end(s)) {
		registrant_standing_end(s);
		return;
	}
	if (todo == REGISTRANT_REFRESH &&
	    (s->has_changed || !(s->is_registered || s->is_adopted))) {
		todo = REGISTRANT_REGISTER;
		if (!s->is_registered && !s->is_adopted) {
			s->present.is_known = false;
			registrant_standing_incarnate(s, 0);
		}
	}
	s->has_changed = false;
	registrant_queue_later(s, todo, todo == REGISTRANT_REMOVE ? 0 : least_ms, now_ms);
}

void registrant_standing_failed(struct registrant_service *s, int error, const char *why,
				uint64_t now_ms)
{
	bool is_final = error == -EACCES || error == -EEXIST || error == -ENOKEY ||
			error == -ETIME || error == -EMSGSIZE;

	/* What is refused alone must not have others be refused with it the next time. */
	if (error == -EACCES || error == -EEXIST)
		s->nmost = 1;
	/* While the lease lasts, a registry that does not answer is not a failure yet. */
	if (s->todo != REGISTRANT_REMOVE && (is_final || !s->is_registered))
		registrant_report_failure(s, error, why);
	again(s, is_final ? REFUSED_MS : 0, now_ms);
}

void registrant_standing_held(struct registrant_service *s, int error, const char *why,
			      uint64_t now_ms)
{
	bool was_registered = s->is_registered;

	if (was_registered)
		registrant_standing_lost(s, why);
	s->is_held = true;
	s->is_adopted = s->is_unchecked = s->has_changed = false;
	s->present.is_known = false; /* another's record would be replaced if it were required */
	s->ntries = 0;
	s->nmost = 1;
	registrant_report_failure(s, error, why);
	registrant_queue_at(s, REGISTRANT_REGISTER, now_ms + HELD_MS - random_below(HELD_MS / 8));
}

void registrant_standing_moved(struct registrant_service *s, uint64_t incarnation, uint64_t now_ms)
{
	char why[128];

	snprintf(why, sizeof(why),
		 "registered anew by another process, as incarnation %" PRIu64
		 ": this one waits until the name is free",
		 incarnation);
	s->is_registered = false;
	s->lease_s = 0;
	s->is_superseded = true;
	s->ntries = 0;
	s->present.is_known = false;
	resolve_timer_clear(&s->r->events->timers, &s->lease_end);
	registrant_report_failure(s, -EEXIST, why);
	registrant_queue_at(s, REGISTRANT_REGISTER, now_ms + MOVED_MS - random_below(MOVED_MS / 4));
}
