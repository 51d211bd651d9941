/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* An instance replaces only what it was decided to replace: nothing, what an earlier process has
 * left, or its own registration. A prerequisite contains what that is. If it fails, the registry is
 * asked what is there:
 *
 *  nothing			what was registered is lost: it is registered anew
 *  our incarnation		another has changed the state: it is taken over, and stays; or the
 *				answer to the last message was lost: it is sent again
 *  a later incarnation, after	the service has moved: this host does not take it back. It registers
 *  we were registered		again when the name is free
 *  anything else		an earlier run, or another host's: it is followed by the next
 *				incarnation
 *
 * Where the owner gives the number, and of claims, found.c decides: while another has the name, it
 * is looked at each second.
 *
 * Incarnations are milliseconds since 1970, or one more than what is there if that is not less: so
 * they grow over restarts, also if the last one has been removed meanwhile. */

#include "registrant/fate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/secret.h"
#include "dns/type.h"
#include "registrant/found.h"
#include "registrant/queue.h"
#include "registrant/records.h"
#include "registrant/rename.h"
#include "registrant/report.h"

enum {
	REFUSED_MS = 10000, /* until what was refused is tried again, at least */
	MOVED_MS = 30000,   /* until the name of a service that has moved is tried again */
	HELD_MS = 1000,	    /* until it is looked whether another still has the name */
};

void registrant_fate_incarnate(struct registrant_service *s, uint64_t present)
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

static void ended(struct registrant_service *s)
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

void registrant_fate_end(struct registrant_service *s)
{
	s->is_unchecked = false;
	s->nmost = s->ntries = s->nfailures = 0;
	if (s->was_sent && !s->is_superseded && !s->is_held && (s->is_ending || s->is_orphan))
		registrant_queue_now(s, REGISTRANT_REMOVE);
	else
		ended(s);
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

static void registered(struct registrant_service *s, const struct registrant_result *result,
		       uint64_t now_ms)
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

/* It is not registered any more: a new incarnation follows. */
static void lost(struct registrant_service *s, const char *why)
{
	bool was_registered = s->is_registered;

	s->is_registered = false;
	s->lease_s = 0;
	s->present.is_known = s->is_adopted = false;
	resolve_timer_clear(&s->r->events->timers, &s->lease_end);
	registrant_fate_incarnate(s, 0);
	if (was_registered)
		registrant_report_add(s, REGISTRANT_LOST, 0, why);
}

void registrant_fate_lease_end(void *arg, uint64_t now_ms)
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
	lost(s, "the lease has ended");
	registrant_queue_now(s, REGISTRANT_REGISTER);
}

/* ---- failures ---- */

/* Tries again later what has failed. */
static void again(struct registrant_service *s, uint64_t least_ms, uint64_t now_ms)
{
	enum registrant_todo todo = s->todo;

	if (todo == REGISTRANT_REMOVE && now_ms >= s->give_up_ms) {
		ended(s);
		return;
	}
	if (todo != REGISTRANT_REMOVE && registrant_is_at_its_end(s)) {
		registrant_fate_end(s);
		return;
	}
	if (todo == REGISTRANT_REFRESH &&
	    (s->has_changed || !(s->is_registered || s->is_adopted))) {
		todo = REGISTRANT_REGISTER;
		if (!s->is_registered && !s->is_adopted) {
			s->present.is_known = false;
			registrant_fate_incarnate(s, 0);
		}
	}
	s->has_changed = false;
	registrant_queue_later(s, todo, todo == REGISTRANT_REMOVE ? 0 : least_ms, now_ms);
}

static void failed(struct registrant_service *s, int error, const char *why, uint64_t now_ms)
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

/* Another has the name: it is looked at until it is free, or the owner changes something. */
static void held(struct registrant_service *s, int error, const char *why, uint64_t now_ms)
{
	bool was_registered = s->is_registered;

	if (was_registered)
		lost(s, why);
	s->is_held = true;
	s->is_adopted = s->is_unchecked = s->has_changed = false;
	s->present.is_known =
		false; /* another's record is never required, or it would be replaced */
	s->ntries = 0;
	s->nmost = 1;
	registrant_report_failure(s, error, why);
	registrant_queue_at(s, REGISTRANT_REGISTER, now_ms + HELD_MS - random_below(HELD_MS / 8));
}

/* The name is another key's. */
static void conflict(struct registrant_service *s, const char *why, uint64_t now_ms)
{
	if (registrant_is_given(s) && s->todo != REGISTRANT_REMOVE && !s->settings->is_shared &&
	    !registrant_is_at_its_end(s)) {
		if (s->ntries++ == 0)
			registrant_queue_look(s); /* for the holder */
		else
			held(s, -EEXIST, s->holder[0] != '\0' ? s->holder : why, now_ms);
		return;
	}
	if (s->settings->is_renamed && s->registered == 0 && !registrant_is_node(s) &&
	    s->todo == REGISTRANT_REGISTER && !registrant_is_at_its_end(s) &&
	    registrant_rename(s)) {
		s->present.is_known = false;
		s->ntries = 0;
		registrant_queue_now(s, REGISTRANT_REGISTER);
		return;
	}
	failed(s, -EEXIST, why, now_ms);
}

/* What is there is not what it was thought to be. */
static void surprised(struct registrant_service *s, const char *why, uint64_t now_ms)
{
	if (registrant_is_node(s) && s->todo == REGISTRANT_REFRESH && s->settings->ntxt > 0) {
		lost(s, "the registry has lost it, or another has changed it");
		registrant_queue_now(s, REGISTRANT_REGISTER);
	} else if (registrant_is_node(s)) {
		failed(s, -EACCES, why, now_ms);
	} else if (s->ntries++ < REGISTRANT_TRIES_MAX) {
		registrant_queue_look(s);
	} else {
		s->ntries = 0;
		failed(s, -EEXIST, why, now_ms);
	}
}

/* The zone may not be the registry's any more, or another server's. */
static void forget_zone(struct registrant_service *s)
{
	registrant_zones_forget(&s->r->zones, dns_name_strip(s->name, 1));
	s->zone[0] = 0;
}

static void answered(struct registrant_service *s, const struct registrant_result *result,
		     uint64_t now_ms)
{
	switch (result->rcode) {
	case DNS_RCODE_NOERROR:
		if (s->todo == REGISTRANT_REMOVE)
			ended(s);
		else
			registered(s, result, now_ms);
		break;
	case DNS_RCODE_YXRRSET:
	case DNS_RCODE_NXRRSET:
	case DNS_RCODE_NXDOMAIN:
		surprised(s, result->why, now_ms);
		break;
	case DNS_RCODE_YXDOMAIN:
		conflict(s, result->why, now_ms);
		break;
	case DNS_RCODE_NOTZONE:
		forget_zone(s);
		failed(s, -EACCES, result->why, now_ms);
		break;
	default:
		failed(s, -EACCES, result->why, now_ms);
		break;
	}
}

static bool is_surprise(uint16_t rcode)
{
	return rcode == DNS_RCODE_YXRRSET || rcode == DNS_RCODE_NXRRSET ||
	       rcode == DNS_RCODE_NXDOMAIN;
}

void registrant_fate_sent(struct registrant_service *s, const struct registrant_result *result,
			  size_t n, uint64_t now_ms)
{
	s->place = REGISTRANT_WAITS;
	if (s->is_over) {
		registrant_queue_over(s);
		return;
	}
	if (result->error == 0 && result->rcode != DNS_RCODE_NOERROR && n > 1) {
		/* One of them is at fault: those that can be looked at are, the first time; else
		 * half of them are sent together, until it is alone. */
		if (is_surprise(result->rcode) && !registrant_is_node(s) && s->ntries == 0) {
			s->ntries = 1;
			registrant_queue_look(s);
			return;
		}
		s->nmost = (unsigned)((n + 1) / 2);
		registrant_queue_now(s, s->todo);
		return;
	}
	if (result->error != 0 && result->is_turned_away)
		forget_zone(s);
	if (result->error != 0)
		failed(s, result->error, result->why, now_ms);
	else
		answered(s, result, now_ms);
	registrant_settings_free(s->sent);
	s->sent = NULL;
	if (registrant_is_at_its_end(s) && s->todo != REGISTRANT_REMOVE && !s->is_over &&
	    s->place != REGISTRANT_FLIES)
		registrant_fate_end(s);
}

void registrant_fate_no_zone(struct registrant_service *s, int error, const char *why,
			     uint64_t now_ms)
{
	s->place = REGISTRANT_WAITS;
	failed(s, error, why, now_ms);
}

/* ---- looked at ---- */

static bool present_is(const struct registrant_present *a, const struct registrant_present *b)
{
	return a->is_known && a->is_there == b->is_there && a->ntxt == b->ntxt &&
	       memcmp(a->txt, b->txt, a->ntxt) == 0;
}

/* Its name has a later incarnation: the service is another host's now. */
static void moved(struct registrant_service *s, uint64_t incarnation, uint64_t now_ms)
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

/* To be removed, and not as it was registered. */
static void looked_for_removal(struct registrant_service *s, const struct registrant_present *read)
{
	enum registrant_found found;

	if (registrant_is_claim(s)) {
		found = registrant_found_judge(s, read);
		if (found == REGISTRANT_FOUND_SAME || found == REGISTRANT_FOUND_OURS) {
			s->present = *read;
			registrant_queue_now(s, REGISTRANT_REMOVE);
		} else {
			ended(s);
		}
		return;
	}
	if (!read->is_there || read->incarnation != s->incarnation || s->is_unchecked) {
		ended(s);
		return;
	}
	s->is_unchecked = true; /* another has changed its state */
	registrant_queue_now(s, REGISTRANT_REMOVE);
}

/* What was found is ours, or nothing, or may be replaced. */
static void looked_at_ours(struct registrant_service *s, const struct registrant_present *read,
			   enum registrant_found found)
{
	bool is_first = s->ntries <= 1;
	/* Drained, as in registrant_fate_looked. */
	bool is_drained = s->ntries > 2 && !registrant_is_claim(s) && present_is(&s->present, read);

	if (found == REGISTRANT_FOUND_NOTHING && s->is_registered)
		lost(s, "the registry has lost it");
	s->present = *read;
	s->is_adopted = false;
	if (found == REGISTRANT_FOUND_SAME && is_first && !s->has_changed) {
		registrant_settings_free(s->was);
		s->was = NULL;
		registrant_queue_now(s, REGISTRANT_REFRESH);
		return;
	}
	s->is_unchecked = is_drained;
	s->has_changed = false;
	registrant_queue_now(s, REGISTRANT_REGISTER);
}

/* A claim, or an instance whose owner has given the incarnation, was looked at. */
static void looked_at_given(struct registrant_service *s, const struct registrant_present *read,
			    uint64_t now_ms)
{
	enum registrant_found found = registrant_found_judge(s, read);
	char why[REGISTRANT_WHY_MAX] = "";

	if (read->is_there)
		registrant_found_explain(s, read, why);
	snprintf(s->holder, sizeof(s->holder), "%.255s", registrant_is_claim(s) ? why : "");
	if (found == REGISTRANT_FOUND_LATER || found == REGISTRANT_FOUND_OTHERS) {
		held(s, found == REGISTRANT_FOUND_LATER ? -ESTALE : -EEXIST, why, now_ms);
		return;
	}
	if (s->is_held)
		s->ntries = 1; /* if it is another key's nevertheless, it was looked at */
	s->is_held = false;
	looked_at_ours(s, read, found);
}

void registrant_fate_looked(struct registrant_service *s, const struct registrant_present *read,
			    uint64_t now_ms)
{
	uint64_t incarnation = read->incarnation;
	/* It may have been registered by a message whose answer was lost. Before the first answer,
	 * the same incarnation may be that of a process that has begun with this one. */
	bool is_sent = s->registered != 0 && incarnation == s->incarnation;
	bool is_ours = is_sent || (incarnation != 0 && incarnation == s->registered);

	s->place = REGISTRANT_WAITS;
	s->seen = incarnation;
	if (s->todo == REGISTRANT_REMOVE) {
		looked_for_removal(s, read);
		return;
	}
	if (registrant_is_at_its_end(s)) {
		registrant_fate_end(s);
		return;
	}
	if (registrant_is_given(s)) {
		looked_at_given(s, read, now_ms);
		return;
	}
	if (read->is_there && s->registered != 0 && incarnation > s->registered && !is_ours) {
		moved(s, incarnation, now_ms);
		return;
	}
	/* As a member of a message that failed for another's fault: it is as it was. */
	if (s->todo == REGISTRANT_REFRESH && present_is(&s->present, read) && s->ntries == 1) {
		registrant_queue_now(s, REGISTRANT_REFRESH);
		return;
	}
	/* What was read is not what prerequisites are compared with, if the registry publishes
	 * another state than the owner's (weft-services(7)). */
	s->is_unchecked = s->ntries > 2 && present_is(&s->present, read);
	if (!read->is_there && s->is_registered)
		lost(s, "the registry has lost it");
	else if (is_ours && s->is_registered && !s->has_changed)
		s->settings->state = read->state;
	else if (!is_sent && (!is_ours || !s->is_registered))
		registrant_fate_incarnate(s, incarnation);
	s->present = *read;
	s->has_changed = false;
	registrant_queue_now(s, REGISTRANT_REGISTER);
}

void registrant_fate_not_looked(struct registrant_service *s, int error, const char *why,
				uint64_t now_ms)
{
	s->place = REGISTRANT_WAITS;
	failed(s, error, why, now_ms);
}
