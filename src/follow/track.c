/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "follow/track.h"

#include <stddef.h>

static void new_add(struct follow_tracks *all, struct follow_track *t)
{
	if (t->link_new != NULL)
		return;
	t->next_new = all->first_new;
	t->link_new = &all->first_new;
	if (t->next_new != NULL)
		t->next_new->link_new = &t->next_new;
	all->first_new = t;
}

static void new_remove(struct follow_track *t)
{
	if (t->link_new == NULL)
		return;
	*t->link_new = t->next_new;
	if (t->next_new != NULL)
		t->next_new->link_new = t->link_new;
	t->link_new = NULL;
}

int follow_track_begin(struct follow_tracks *all, struct follow_track *t, const uint8_t *name,
		       const uint16_t *types, unsigned ntypes, client_event_fn on_event, void *arg)
{
	int ret =
		client_subscribe(all->client, name, types, ntypes, on_event, arg, &t->subscription);

	if (ret < 0)
		return ret;
	t->next = all->first;
	t->link = &all->first;
	if (t->next != NULL)
		t->next->link = &t->next;
	all->first = t;
	t->link_new = NULL;
	new_add(all, t);
	return 0;
}

void follow_track_end(struct follow_tracks *all, struct follow_track *t)
{
	if (t->subscription == NULL)
		return;
	client_unsubscribe(all->client, t->subscription);
	t->subscription = NULL;
	new_remove(t);
	*t->link = t->next;
	if (t->next != NULL)
		t->next->link = t->link;
}

enum client_known follow_track_known(const struct follow_tracks *all, const struct follow_track *t)
{
	return client_known(all->client, t->subscription);
}

void follow_track_refresh(struct follow_tracks *all, struct follow_track *t)
{
	client_refresh(all->client, t->subscription);
	new_add(all, t);
}

bool follow_tracks_are_known(struct follow_tracks *all, const struct follow_track *root)
{
	while (all->first_new != NULL) {
		struct follow_track *t = all->first_new;
		enum client_known known = follow_track_known(all, t);

		if (known == CLIENT_KNOWN_NOT_YET || known == CLIENT_KNOWN_UNREACHED ||
		    (known == CLIENT_KNOWN_REFUSED && t == root))
			return false;
		new_remove(t);
	}
	return true;
}

void follow_tracks_doubt(struct follow_tracks *all)
{
	for (struct follow_track *t = all->first; t != NULL; t = t->next)
		new_add(all, t);
}
