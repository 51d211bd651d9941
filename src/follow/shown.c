/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "follow/shown.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "base/grow.h"

static void report(struct follow_shown *s, enum follow_watch_event event,
		   const struct find_instance *now, const struct find_instance *before)
{
	if (!s->is_over)
		s->on_event(s->arg, event, now, before);
}

void follow_shown_fini(struct follow_shown *s)
{
	for (size_t i = 0; i < s->n; i++)
		find_instance_release(s->all[i]);
	free(s->all);
	free(s->slots);
	s->all = NULL;
	s->slots = NULL;
	s->n = s->size = s->nbytes = 0;
}

/* Makes room for one more. Returns 0 or -ENOMEM. */
static int grow(struct follow_shown *s)
{
	size_t size = s->size;
	void *grown = base_grow(s->all, s->n, &size, sizeof(struct find_instance *));

	if (grown == NULL)
		return -ENOMEM;
	s->all = grown;
	if (size == s->size)
		return 0;
	grown = realloc(s->slots, size * sizeof(struct follow_shown_slot *));
	if (grown == NULL) {
		/* The larger array of instances is only not used in full. */
		return -ENOMEM;
	}
	s->slots = grown;
	s->size = size;
	return 0;
}

/* What it is that differs. */
static enum follow_watch_event event_of(const struct find_instance *before,
					const struct find_instance *now)
{
	if (now->state == DNSSD_DRAINING && before->state != DNSSD_DRAINING)
		return FOLLOW_WATCH_DRAINING;
	return find_instance_has_moved(before, now) ? FOLLOW_WATCH_MOVED : FOLLOW_WATCH_CHANGED;
}

static struct find_instance *instance_new(const struct find_parts *parts,
					  const struct sockaddr_storage *addresses,
					  size_t naddresses)
{
	struct sockaddr_storage *copy = malloc((naddresses + 1) * sizeof(*copy));
	struct find_parts with = *parts;
	struct find_instance *i;

	if (copy == NULL)
		return NULL;
	for (size_t k = 0; k < naddresses; k++) {
		copy[k] = addresses[k];
		if (copy[k].ss_family == AF_INET)
			((struct sockaddr_in *)&copy[k])->sin_port = htons(parts->port);
		else
			((struct sockaddr_in6 *)&copy[k])->sin6_port = htons(parts->port);
	}
	with.addresses = copy;
	with.naddresses = naddresses;
	i = find_instance_new(&with);
	free(copy);
	return i;
}

/* Returns whether one that is, or is to be, shown may be this one. */
static bool has_room(const struct follow_shown *s, const struct find_instance *before,
		     const struct find_instance *now)
{
	size_t n = s->n - (before != NULL);
	size_t nbytes = s->nbytes - (before != NULL ? before->nbytes : 0);

	return n < FOLLOW_SHOWN_MAX && now->nbytes <= FOLLOW_SHOWN_NBYTES_MAX - nbytes;
}

void follow_shown_remove(struct follow_shown *s, struct follow_shown_slot *slot)
{
	struct find_instance *was = slot->instance;

	if (was == NULL)
		return;
	slot->instance = NULL;
	s->nbytes -= was->nbytes;
	s->n--;
	s->all[slot->at] = s->all[s->n];
	s->slots[slot->at] = s->slots[s->n];
	s->slots[slot->at]->at = slot->at;
	report(s, FOLLOW_WATCH_REMOVED, was, NULL);
	find_instance_release(was);
}

int follow_shown_set(struct follow_shown *s, struct follow_shown_slot *slot,
		     const struct find_parts *parts, const struct sockaddr_storage *addresses,
		     size_t naddresses)
{
	struct find_instance *now, *before = slot->instance;

	if (before == NULL && grow(s) < 0)
		return -ENOMEM;
	now = instance_new(parts, addresses, naddresses);
	if (now == NULL)
		return -ENOMEM;
	if (before != NULL && find_instance_compare(before, now) == 0) {
		find_instance_release(now);
		return 0;
	}
	if (!has_room(s, before, now)) {
		find_instance_release(now);
		follow_shown_remove(s, slot);
		return 0;
	}
	s->nbytes += now->nbytes - (before != NULL ? before->nbytes : 0);
	if (before == NULL) {
		slot->at = s->n++;
		s->slots[slot->at] = slot;
	}
	slot->instance = s->all[slot->at] = now;
	/* The report is the last thing but for the release: it may end the watch. */
	report(s, before == NULL ? FOLLOW_WATCH_ADDED : event_of(before, now), now, before);
	find_instance_release(before);
	return 0;
}

void follow_shown_send(struct follow_shown *s, enum follow_watch_event event)
{
	report(s, event, NULL, NULL);
}
