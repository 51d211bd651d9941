/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "assign/item.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "assign/text.h"
#include "dns/type.h"
#include "dnssd/fabric_name.h"

/* ---- what is to be looked at ---- */

static void dirty_link(struct assign_item *i)
{
	struct assign_items *all = i->all;

	if (all->dirty == NULL)
		all->dirty_end = &all->dirty;
	i->next_dirty = NULL;
	i->link_dirty = all->dirty_end;
	*all->dirty_end = i;
	all->dirty_end = &i->next_dirty;
}

static void dirty_add(struct assign_item *i)
{
	if (i->link_dirty == NULL)
		dirty_link(i);
	i->all->on_touched(i->all->arg);
}

static void dirty_remove(struct assign_item *i)
{
	if (i->link_dirty == NULL)
		return;
	*i->link_dirty = i->next_dirty;
	if (i->next_dirty != NULL)
		i->next_dirty->link_dirty = i->link_dirty;
	else
		i->all->dirty_end = i->link_dirty;
	i->link_dirty = NULL;
}

static void on_event(void *arg, enum client_event event, const struct dns_record *record)
{
	struct assign_item *i = arg;

	(void)record;
	i->has_current |= event == CLIENT_EVENT_CURRENT;
	/* A failure counts only if the order is not known: registries may refuse to answer. */
	if (i->has_current != (event == CLIENT_EVENT_FAILED))
		dirty_add(i);
}

void assign_item_touch_user(void *arg, struct assign_schema_user *user)
{
	char *item = (char *)user - offsetof(struct assign_item, schema);

	(void)arg;
	dirty_add((struct assign_item *)(void *)item);
}

/* ---- reporting ---- */

static void why_set(struct assign_item *i, const char *why)
{
	free(i->why);
	i->why = why[0] != '\0' ? strdup(why) : NULL;
	i->order.why = i->why != NULL ? i->why : why[0] != '\0' ? "out of memory" : "";
}

/* Takes what is known now as the order, and reports it if it differs: `d` replaces the declaration,
 * NULL leaves it as it is. */
static void order_set(struct assign_item *i, struct assign_declaration *take_d, const char *why,
		      bool is_saved)
{
	struct assign_order *o = &i->order;
	struct assign_declaration *before = i->good;
	bool is_same = i->was_reported && strcmp(o->why, why) == 0 && o->is_saved == is_saved;

	if (take_d != NULL && before != NULL && strcmp(take_d->json, before->json) == 0) {
		assign_declaration_free(take_d);
		take_d = NULL;
	}
	if (is_same && take_d == NULL)
		return;
	why_set(i, why);
	o->is_saved = is_saved;
	if (take_d != NULL) {
		i->good = take_d;
		o->spec = take_d->spec;
		memcpy(o->cfg, take_d->cfg, sizeof(o->cfg));
		memcpy(o->ver, take_d->ver, sizeof(o->ver));
		if (i->all->copies != NULL && !is_saved)
			assign_copies_save(i->all->copies, i->entry.name, take_d->json,
					   take_d->spec->fence.fence == SPEC_FENCE_NONE);
	}
	i->was_reported = true;
	i->all->events->on_order(i->all->events_arg, o, before != NULL ? before->spec : NULL);
	if (take_d != NULL)
		assign_declaration_free(before);
}

/* ---- reading ---- */

/* Whether registries are there, but refuse to answer. */
static bool is_refused(const struct assign_item *i, const struct follow_track *t)
{
	return follow_track_known(i->all->tracks, t) == CLIENT_KNOWN_REFUSED;
}

/* Completes the declaration by its schema. Returns what assign_declaration_complete does, or
 * -EAGAIN if the schema is not known yet. */
static int declaration_finish(struct assign_item *i, struct assign_declaration *d,
			      char why[static ASSIGN_WHY_MAX])
{
	const char *name = d->spec->schema;
	const struct assign_schema *s;
	int ret;

	if (name == NULL) {
		assign_schema_leave(&i->schema);
		return assign_declaration_complete(d, NULL, why);
	}
	ret = assign_schema_use(i->all->schemas, &i->schema, name);
	if (ret == -ENOMEM)
		return ret;
	s = i->schema.of;
	if (ret == -EINVAL)
		assign_why_set(why, "its schema %s cannot be in the zone", name);
	else if (!assign_schema_is_known(s) && !is_refused(i, &s->track))
		return -EAGAIN;
	else if (s->schema == NULL)
		assign_why_set(why, "its schema %s cannot be used: %s", name,
			       s->why[0] != '\0' ? s->why : "the registries refuse to answer");
	else
		return assign_declaration_complete(d, s->schema, why);
	return -EBADMSG;
}

/* Reads the declaration that the zone has now. Returns 0, -EBADMSG or -ENOENT with `why` filled in,
 * -EAGAIN if not all is known, or -ENOMEM. */
static int declaration_read(struct assign_declaration **out, struct assign_item *i,
			    char why[static ASSIGN_WHY_MAX])
{
	struct assign_declaration *d = NULL;
	struct assign_text text = {0};
	int ret;

	*out = NULL;
	ret = assign_text_read(&text, i->track.subscription, "_spec", why);
	if (ret == 0)
		ret = assign_declaration_new(&d, i->order.label, i->order.type, text.text,
					     text.nchars, why);
	free(text.text);
	if (ret == 0)
		ret = declaration_finish(i, d, why);
	if (ret < 0)
		assign_declaration_free(d);
	else
		*out = d;
	return ret;
}

/* Whether what is wrong is not reported yet: an update that is pushed in several messages removes
 * records before it adds others. */
static bool is_early(struct assign_item *i, const char *why, uint64_t now_ms)
{
	if (i->was_reported && strcmp(i->order.why, why) == 0)
		return false;
	if (i->bad_from_ms == UINT64_MAX)
		i->bad_from_ms = now_ms + ASSIGN_ITEM_GRACE_MS;
	return now_ms < i->bad_from_ms;
}

/* Looks what the order is now. Returns 0, -EINPROGRESS to be called again at `bad_from_ms`, or
 * -ENOMEM. */
static int item_settle(struct assign_item *i, uint64_t now_ms)
{
	char why[ASSIGN_WHY_MAX] = "";
	struct assign_declaration *d;
	int ret;

	if (i->track.subscription == NULL)
		return 0; /* there is nothing to be read of it */
	if (!i->has_current) {
		if (!i->was_reported && is_refused(i, &i->track))
			order_set(i, NULL, "the registries refuse to answer for its _spec record",
				  false);
		return 0;
	}
	ret = declaration_read(&d, i, why);
	if (ret == -ENOMEM)
		return ret;
	if (ret == -EAGAIN)
		return 0;
	if (ret < 0 && is_early(i, why, now_ms))
		return -EINPROGRESS;
	i->bad_from_ms = UINT64_MAX;
	order_set(i, d, why, false);
	return 0;
}

int assign_items_settle(struct assign_items *all, uint64_t now_ms, uint64_t *wake_ms)
{
	struct assign_item *waiting = NULL;
	int ret = 0;

	*wake_ms = UINT64_MAX;
	while (all->dirty != NULL) {
		struct assign_item *i = all->dirty;

		ret = item_settle(i, now_ms);
		if (ret == -ENOMEM)
			break;
		dirty_remove(i);
		if (ret == 0)
			continue;
		i->next_dirty = waiting;
		waiting = i;
		if (i->bad_from_ms < *wake_ms)
			*wake_ms = i->bad_from_ms;
	}
	while (waiting != NULL) {
		struct assign_item *next = waiting->next_dirty;

		dirty_link(waiting);
		waiting = next;
	}
	return ret == -ENOMEM ? ret : 0;
}

/* ---- items ---- */

static void item_free(void *arg, struct follow_entry *e)
{
	struct assign_item *i = (struct assign_item *)(void *)e;

	(void)arg;
	dirty_remove(i);
	assign_schema_leave(&i->schema);
	follow_track_end(i->all->tracks, &i->track);
	assign_declaration_free(i->good);
	free(i->why);
	free(i);
}

struct assign_item *assign_item_find(const struct assign_items *all, const uint8_t *name)
{
	return (struct assign_item *)(void *)follow_entries_find(&all->entries, name);
}

static struct assign_item *item_make(struct assign_items *all, const uint8_t *name)
{
	char label[ASSIGN_LABEL_MAX], type[ASSIGN_LABEL_MAX];
	uint8_t lower[DNS_NAME_MAX];
	struct assign_item *i;

	dns_name_lower(lower, name);
	assign_declaration_name(label, type, lower, all->zone);
	i = calloc(1, sizeof(*i) + strlen(label) + strlen(type) + 2);
	if (i == NULL)
		return NULL;
	i->all = all;
	i->bad_from_ms = UINT64_MAX;
	dns_name_lower(i->entry.name, lower);
	i->order.name = i->entry.name;
	i->order.label = strcpy(i->texts, label);
	i->order.type = strcpy(i->texts + strlen(label) + 1, type);
	i->order.why = "";
	if (follow_entries_add(&all->entries, &i->entry) < 0) {
		free(i);
		return NULL;
	}
	return i;
}

static void item_drop(struct assign_item *i)
{
	follow_entries_remove(&i->all->entries, &i->entry);
	item_free(NULL, &i->entry);
}

int assign_item_follow(struct assign_item *i)
{
	static const uint16_t type = DNS_TYPE_TXT;
	uint8_t owner[DNS_NAME_MAX];

	if (i->track.subscription != NULL)
		return 0;
	if (i->order.type[0] == '\0') {
		order_set(i, NULL, "its name is not that of an instance in the zone", false);
		return 0;
	}
	if (dnssd_fabric_name_write(owner, DNSSD_FABRIC_SPEC, NULL, i->order.name) == 0) {
		order_set(i, NULL, "its name is too long for a _spec record", false);
		return 0;
	}
	if (follow_track_begin(i->all->tracks, &i->track, owner, &type, 1, on_event, i) < 0)
		return -ENOMEM;
	client_want_large(i->track.subscription);
	return 0;
}

int assign_item_new(struct assign_item **out, struct assign_items *all, const uint8_t *name)
{
	struct assign_item *i = item_make(all, name);

	if (i == NULL)
		return -ENOMEM;
	if (assign_item_follow(i) < 0) {
		item_drop(i);
		return -ENOMEM;
	}
	*out = i;
	return 0;
}

int assign_item_new_saved(struct assign_items *all, const uint8_t *name, const char *json,
			  size_t nchars, struct base_error *error)
{
	struct assign_item *i = item_make(all, name);
	struct assign_declaration *d = NULL;
	char why[ASSIGN_WHY_MAX] = "";
	int ret;

	if (i == NULL)
		return base_error_set(error, -ENOMEM, "out of memory");
	ret = assign_declaration_new(&d, i->order.label, i->order.type, json, nchars, why);
	if (ret == 0)
		ret = assign_declaration_complete(d, NULL, why);
	if (ret < 0) {
		assign_declaration_free(d);
		item_drop(i);
		return base_error_set(error, ret, "%s", ret == -ENOMEM ? "out of memory" : why);
	}
	order_set(i, d, "", true);
	return 0;
}

void assign_item_withdraw(struct assign_item *i)
{
	struct assign_items *all = i->all;

	follow_entries_remove(&all->entries, &i->entry);
	if (all->copies != NULL)
		assign_copies_remove(all->copies, i->entry.name);
	if (i->was_reported)
		all->events->on_withdrawn(all->events_arg, &i->order);
	item_free(NULL, &i->entry);
}

void assign_items_fini(struct assign_items *all)
{
	follow_entries_fini(&all->entries, item_free, NULL);
}
