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
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/type.h"
#include "registrant/found.h"
#include "registrant/queue.h"
#include "registrant/rename.h"
#include "registrant/standing.h"

/* The name is another key's. */
static void conflict(struct registrant_service *s, const char *why, uint64_t now_ms)
{
	if (registrant_is_given(s) && s->todo != REGISTRANT_REMOVE &&
	    !registrant_is_at_its_end(s)) {
		if (s->ntries++ == 0)
			registrant_queue_look(s); /* for the holder */
		else
			registrant_standing_held(
				s, -EEXIST,
				registrant_is_claim(s) && s->holder != NULL ? s->holder : why,
				now_ms);
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
	registrant_standing_failed(s, -EEXIST, why, now_ms);
}

/* What is there is not what it was thought to be. */
static void surprised(struct registrant_service *s, const char *why, uint64_t now_ms)
{
	if (registrant_is_node(s) && s->todo == REGISTRANT_REFRESH && s->settings->ntxt > 0) {
		registrant_standing_lost(s, "the registry has lost it, or another has changed it");
		registrant_queue_now(s, REGISTRANT_REGISTER);
	} else if (registrant_is_node(s)) {
		registrant_standing_failed(s, -EACCES, why, now_ms);
	} else if (s->ntries++ < REGISTRANT_TRIES_MAX) {
		registrant_queue_look(s);
	} else {
		s->ntries = 0;
		registrant_standing_failed(s, -EEXIST, why, now_ms);
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
			registrant_standing_ended(s);
		else
			registrant_standing_registered(s, result, now_ms);
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
		registrant_standing_failed(s, -EACCES, result->why, now_ms);
		break;
	default:
		registrant_standing_failed(s, -EACCES, result->why, now_ms);
		break;
	}
}

static bool is_surprise(uint16_t rcode)
{
	return rcode == DNS_RCODE_YXRRSET || rcode == DNS_RCODE_NXRRSET ||
	       rcode == DNS_RCODE_NXDOMAIN;
}

/* Nothing of the message was done: what has changed meanwhile is sent the next time. */
static void send_again(struct registrant_service *s)
{
	enum registrant_todo todo = s->todo;

	if (s->has_changed && todo == REGISTRANT_REFRESH)
		todo = REGISTRANT_REGISTER;
	s->has_changed = false;
	registrant_queue_now(s, todo);
}

void registrant_fate_sent(struct registrant_service *s, const struct registrant_result *result,
			  size_t n, uint64_t now_ms)
{
	s->place = REGISTRANT_WAITS;
	if (result->error != 0 || result->rcode != DNS_RCODE_NOERROR) {
		registrant_settings_free(s->sent);
		s->sent = NULL;
	}
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
		send_again(s);
		return;
	}
	if (result->error != 0 && result->is_turned_away)
		forget_zone(s);
	if (result->error != 0)
		registrant_standing_failed(s, result->error, result->why, now_ms);
	else
		answered(s, result, now_ms);
	if (registrant_is_at_its_end(s) && s->todo != REGISTRANT_REMOVE && !s->is_over &&
	    s->place != REGISTRANT_FLIES)
		registrant_standing_end(s);
}

void registrant_fate_no_zone(struct registrant_service *s, int error, const char *why,
			     uint64_t now_ms)
{
	s->place = REGISTRANT_WAITS;
	registrant_standing_failed(s, error, why, now_ms);
}

/* ---- looked at ---- */

static bool present_is(const struct registrant_present *a, const struct registrant_present *b)
{
	return a->is_known && a->is_there == b->is_there && a->ntxt == b->ntxt &&
	       memcmp(a->txt, b->txt, a->ntxt) == 0;
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
			registrant_standing_ended(s);
		}
		return;
	}
	if (!read->is_there || read->incarnation != s->incarnation || s->is_unchecked) {
		registrant_standing_ended(s);
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

	if (found == REGISTRANT_FOUND_NOTHING && (s->is_registered || s->is_adopted))
		registrant_standing_lost(s, "the registry has lost it");
	s->present = *read;
	s->is_adopted = false;
	/* What is not in the TXT record may have changed since it was registered. */
	if (found == REGISTRANT_FOUND_SAME && is_first && !s->has_changed && s->was == NULL) {
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
	char why[REGISTRANT_WHY_MAX], holder[UINT8_MAX + 1];

	registrant_found_holder(s, read, holder);
	free(s->holder);
	s->holder = holder[0] != '\0' ? strdup(holder) : NULL;
	if (found == REGISTRANT_FOUND_LATER || found == REGISTRANT_FOUND_OTHERS) {
		registrant_found_explain(s, read, why);
		registrant_standing_held(s, found == REGISTRANT_FOUND_LATER ? -ESTALE : -EEXIST,
					 why, now_ms);
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
		registrant_standing_end(s);
		return;
	}
	if (registrant_is_given(s)) {
		looked_at_given(s, read, now_ms);
		return;
	}
	if (read->is_there && s->registered != 0 && incarnation > s->registered && !is_ours) {
		registrant_standing_moved(s, incarnation, now_ms);
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
		registrant_standing_lost(s, "the registry has lost it");
	else if (is_ours && s->is_registered && !s->has_changed)
		s->settings->state = read->state;
	else if (!is_sent && (!is_ours || !s->is_registered))
		registrant_standing_incarnate(s, incarnation);
	s->present = *read;
	s->has_changed = false;
	registrant_queue_now(s, REGISTRANT_REGISTER);
}

void registrant_fate_not_looked(struct registrant_service *s, int error, const char *why,
				uint64_t now_ms)
{
	s->place = REGISTRANT_WAITS;
	registrant_standing_failed(s, error, why, now_ms);
}
