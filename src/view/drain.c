/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A drained instance says `state=draining` in its TXT, in the place of what its owner says of its
 * state. What that was is kept with its mark; while an update, a lease's end or the zone's file is
 * applied the records say it again, so that who registered the instance finds what it left. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dns/type.h"
#include "view/instance.h"
#include "view/view_priv.h"
#include "zone/draft.h"

enum { TXT_MAX = 65535 };

static const uint8_t said_nothing[1]; /* an empty character-string (RFC 6763 section 6.1) */

/* What a TXT with that rdata says while its instance is drained: to `out`. The length; 0 if there
 * is no room to say it. */
static size_t drained(uint8_t out[static TXT_MAX], const uint8_t *rdata, size_t nbytes)
{
	return dnssd_txt_set(out, TXT_MAX, rdata, nbytes, "state", "draining");
}

/* Takes `from` out and puts `to` in its place. */
static int replace(struct zone_draft *d, const uint8_t *instance, uint32_t ttl, const uint8_t *from,
		   size_t nfrom, const uint8_t *to, size_t nto)
{
	int n = nfrom > 0 ? zone_draft_remove(d, instance, DNS_TYPE_TXT, from, nfrom) : 0;

	if (n >= 0 && nto > 0)
		n = zone_draft_add(d, instance, DNS_TYPE_TXT, ttl, to, nto);
	return n < 0 ? n : 0;
}

/* All that is shown goes before what was said comes: two TXTs that differ in their state alone show
 * the same. What is not shown, since somebody has changed it while there was no view, is not put
 * back. */
static int lift(struct view *s, const uint8_t *instance, const struct view_mark *mark,
		uint8_t *shown)
{
	const struct zone_rrset said = {.data = mark->said, .nbytes = (uint32_t)mark->nsaid};
	uint32_t ttl = zone_draft_ttl(s->draft, instance, DNS_TYPE_TXT, s->rule->ttl_s);
	const uint8_t *at = said.data;
	bool was_shown = false;
	struct zone_rdata one;
	size_t n;
	int ret = 0;

	while (ret >= 0 && zone_rrset_next(&said, &at, &one)) {
		n = drained(shown, one.bytes, one.nbytes);
		ret = n == 0 ? 0 : zone_draft_remove(s->draft, instance, DNS_TYPE_TXT, shown, n);
		was_shown |= ret > 0;
	}
	at = said.data;
	while (was_shown && ret >= 0 && zone_rrset_next(&said, &at, &one))
		ret = zone_draft_add(s->draft, instance, DNS_TYPE_TXT, ttl, one.bytes, one.nbytes);
	if (mark->nsaid == 0) {
		n = drained(shown, said_nothing, sizeof(said_nothing));
		ret = zone_draft_remove(s->draft, instance, DNS_TYPE_TXT, shown, n);
	}
	return ret < 0 ? ret : 0;
}

int view_drain_restore(struct view *s, const uint8_t *instance)
{
	uint8_t *shown = malloc(TXT_MAX);
	int ret = shown == NULL ? -ENOMEM
				: lift(s, instance, view_mark_of(s, s->zone, instance), shown);

	free(shown);
	return ret;
}

/* Puts what the instance is to show in the place of the TXTs in `said`. */
static int show(struct view *s, const uint8_t *instance, const struct zone_rrset *said)
{
	uint8_t *shown = malloc(TXT_MAX);
	const uint8_t *at = said->data;
	struct zone_rdata one;
	int ret = shown == NULL ? -ENOMEM : 0;

	if (ret == 0 && said->nbytes == 0)
		ret = replace(s->draft, instance, said->ttl, NULL, 0, shown,
			      drained(shown, said_nothing, sizeof(said_nothing)));
	while (ret == 0 && zone_rrset_next(said, &at, &one)) {
		size_t nshown = drained(shown, one.bytes, one.nbytes);

		if (nshown > 0)
			ret = replace(s->draft, instance, said->ttl, one.bytes, one.nbytes, shown,
				      nshown);
	}
	free(shown);
	return ret;
}

int view_drain_overlay(struct view *s, const uint8_t *instance)
{
	const struct view_mark *mark = view_mark_of(s, s->zone, instance);
	struct zone_rrset said;
	struct view_mark next;
	uint8_t *copy;
	int ret = 0;

	/* Who is no longer drained, or no longer there, says what it says. */
	if (mark == NULL || !mark->is_drained || zone_draft_count(s->draft, instance) == 0)
		return 0;
	if (!zone_draft_find(s->draft, instance, DNS_TYPE_TXT, &said))
		said = (struct zone_rrset){.ttl = s->rule->ttl_s, .data = said_nothing};
	/* The view of a set does not outlive a change of its owner. */
	copy = malloc(said.nbytes + 1);
	if (copy == NULL)
		return -ENOMEM;
	said.data = memcpy(copy, said.data, said.nbytes);
	next = *mark;
	next.nsaid = said.nbytes;
	if (mark->nsaid != next.nsaid || memcmp(mark->said, copy, next.nsaid) != 0)
		ret = view_mark_put(s, instance, &next, copy);
	if (ret == 0)
		ret = show(s, instance, &said);
	free(copy);
	return ret;
}
