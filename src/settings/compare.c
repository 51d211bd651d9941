/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* What differs between two configurations: options by their tables, entries by their names. */

#include <stdio.h>
#include <string.h>

#include "conf/table.h"
#include "settings/settings_priv.h"

enum { WHAT_MAX = DNS_NAME_TEXT_MAX + 128 };

struct comparing {
	const char *zone; /* whose options are compared; NULL: those of the server */
	settings_change_fn on_change;
	void *arg;
};

static void option_changed(void *arg, const char *option, bool needs_restart)
{
	const struct comparing *c = arg;
	char what[WHAT_MAX];

	if (c->zone == NULL) {
		c->on_change(c->arg, needs_restart ? SETTINGS_OPTION_RESTART : SETTINGS_OPTION,
			     option);
		return;
	}
	snprintf(what, sizeof(what), "%s %s", c->zone, option);
	c->on_change(c->arg, SETTINGS_ZONE_OPTION, what);
}

static void zones_compare(const struct settings *now, const struct settings *next,
			  struct comparing *c)
{
	for (const struct settings_zone *z = now->zones; z != NULL; z = z->next)
		if (settings_zone_find(next, z->name) == NULL)
			c->on_change(c->arg, SETTINGS_ZONE_REMOVED, z->name_text);
	for (const struct settings_zone *z = next->zones; z != NULL; z = z->next) {
		const struct settings_zone *before = settings_zone_find(now, z->name);

		/* Each is the beginning of its entry. */
		c->zone = z->name_text;
		if (before == NULL)
			c->on_change(c->arg, SETTINGS_ZONE_ADDED, z->name_text);
		else
			conf_table_compare(settings_zone_table, before, z, "", option_changed, c);
	}
	c->zone = NULL;
}

static bool is_same_key(const struct settings_key *a, const struct settings_key *b)
{
	const struct fabric_keyfile_secret *one = &a->key.secret, *two = &b->key.secret;

	return a->key.algorithm.hash == b->key.algorithm.hash &&
	       a->key.algorithm.mac_min == b->key.algorithm.mac_min && one->nbytes == two->nbytes &&
	       (one->nbytes == 0 || memcmp(one->bytes, two->bytes, one->nbytes) == 0);
}

static void keys_compare(const struct settings *now, const struct settings *next,
			 const struct comparing *c)
{
	const struct settings_whole *before = (const struct settings_whole *)now,
				    *after = (const struct settings_whole *)next;

	for (const struct settings_key *k = now->keys; k != NULL; k = k->next)
		if (settings_key_find(after, k->key.name) == NULL)
			c->on_change(c->arg, SETTINGS_KEY_REMOVED, k->name);
	for (const struct settings_key *k = next->keys; k != NULL; k = k->next) {
		const struct settings_key *old = settings_key_find(before, k->key.name);

		if (old == NULL || !is_same_key(old, k))
			c->on_change(c->arg,
				     old == NULL ? SETTINGS_KEY_ADDED : SETTINGS_KEY_CHANGED,
				     k->name);
	}
}

static const struct settings_fabric *fabric_find(const struct settings *s, const uint8_t *name)
{
	const struct settings_fabric *f = s->fabrics;

	while (f != NULL && !dns_name_equal(f->name, name))
		f = f->next;
	return f;
}

static bool is_same_fabric(const struct settings_fabric *a, const struct settings_fabric *b)
{
	if (a->overlap_s != b->overlap_s || (a->fabric == NULL) != (b->fabric == NULL))
		return false;
	return a->fabric == NULL ||
	       (a->fabric->epoch[0].number == b->fabric->epoch[0].number &&
		memcmp(a->fabric->public_key, b->fabric->public_key, FABRIC_PUBLIC_SIZE) == 0);
}

static void fabrics_compare(const struct settings *now, const struct settings *next,
			    const struct comparing *c)
{
	for (const struct settings_fabric *f = now->fabrics; f != NULL; f = f->next)
		if (fabric_find(next, f->name) == NULL)
			c->on_change(c->arg, SETTINGS_FABRIC_REMOVED, f->name_text);
	for (const struct settings_fabric *f = next->fabrics; f != NULL; f = f->next) {
		const struct settings_fabric *old = fabric_find(now, f->name);

		if (old == NULL || !is_same_fabric(old, f))
			c->on_change(c->arg,
				     old == NULL ? SETTINGS_FABRIC_ADDED : SETTINGS_FABRIC_CHANGED,
				     f->name_text);
	}
}

static void mdns_changed(void *has_changed, const char *option, bool needs_restart)
{
	(void)option;
	(void)needs_restart;
	*(bool *)has_changed = true;
}

/* The entries have no names: they are compared as one option. */
static void mdns_compare(const struct settings *now, const struct settings *next,
			 const struct comparing *c)
{
	const struct settings_mdns *a = now->mdns, *b = next->mdns;
	bool has_changed = now->nmdns != next->nmdns;

	for (; a != NULL && b != NULL; a = a->next, b = b->next)
		conf_table_compare(settings_mdns_table, a, b, "", mdns_changed, &has_changed);
	if (has_changed)
		c->on_change(c->arg, SETTINGS_OPTION, "mdns");
}

void settings_compare(const struct settings *now, const struct settings *next,
		      settings_change_fn on_change, void *arg)
{
	struct comparing c = {.on_change = on_change, .arg = arg};

	conf_table_compare(settings_table, now, next, "", option_changed, &c);
	zones_compare(now, next, &c);
	keys_compare(now, next, &c);
	fabrics_compare(now, next, &c);
	mdns_compare(now, next, &c);
}
