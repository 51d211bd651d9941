/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "import/knot.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "import/knot_parse.h"
#include "import/out.h"
#include "import/survey.h"

/* Where Knot's packages keep zones. */
#define STORAGE "/var/lib/knot"

struct import {
	struct import_out *out;
	const struct import_node *top; /* sections */
};

static bool is_word(const char *word, const char *wanted)
{
	return word != NULL && strcasecmp(word, wanted) == 0;
}

/* Returns the item of a section whose option `key` has that value, or NULL. */
static const struct import_node *item_find(const struct import *im, const char *section,
					   const char *key, const char *value)
{
	for (const struct import_node *s = im->top; s != NULL; s = s->next) {
		if (!is_word(import_tree_get(s, 0), section))
			continue;
		for (const struct import_node *item = s->block; item != NULL; item = item->next)
			if (is_word(import_tree_get(import_tree_find(item->block, key), 1), value))
				return item;
	}
	return NULL;
}

/* Returns whether the option of the item has the value among its values. */
static bool has_value(const struct import_node *item, const char *option, const char *value)
{
	const struct import_node *n = import_tree_find(item->block, option);

	for (size_t i = 1; n != NULL && i < n->nwords; i++)
		if (is_word(n->words[i], value))
			return true;
	return false;
}

/* ---- acl ---- */

/* Adds one rule for a key, with the types of the acl. */
static void rule_add(struct import *im, struct import_zone *z, const struct import_node *acl,
		     const char *key, const char *what)
{
	const struct import_node *types = import_tree_find(acl->block, "update-type");
	char text[4096];
	size_t used = (size_t)snprintf(text, sizeof(text), "grant %s %s", key, what);
	const char *rule;

	for (size_t i = 1; types != NULL && i < types->nwords && used < sizeof(text); i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, " %s", types->words[i]);
	if (types == NULL && used < sizeof(text))
		used += (size_t)snprintf(text + used, sizeof(text) - used, " ANY");
	rule = used < sizeof(text) ? import_tree_copy(im->out->tree, text, used) : NULL;
	if (rule != NULL)
		import_out_rule(im->out, z, rule);
	else
		import_out_left(im->out, acl->at, "zone %s: the acl is too long: left out",
				z->name);
}

/* Adds the rules for names: `name`, `subdomain` or `wildcard` by update-owner-match. */
static void rules_of_name(struct import *im, struct import_zone *z, const struct import_node *acl,
			  const char *key, const char *name)
{
	const char *match =
		import_tree_get(import_tree_find(acl->block, "update-owner-match"), 1);
	bool is_absolute = name[strlen(name) - 1] == '.';
	char what[1024];

	if (is_word(match, "pattern")) {
		import_out_left(
			im->out, acl->at,
			"zone %s: update-owner-match pattern has no equivalent: %s is left out",
			z->name, name);
		return;
	}
	snprintf(what, sizeof(what), "%s%.300s%s%.300s",
		 is_word(match, "equal") ? "name "
		 : is_word(match, "sub") ? "wildcard *."
					 : "subdomain ",
		 name, is_absolute || name == z->name ? "" : ".",
		 is_absolute || name == z->name ? "" : z->name);
	rule_add(im, z, acl, key, what);
}

static void rules_of_key(struct import *im, struct import_zone *z, const struct import_node *acl,
			 const char *key)
{
	const char *owner = import_tree_get(import_tree_find(acl->block, "update-owner"), 1);
	const char *match =
		import_tree_get(import_tree_find(acl->block, "update-owner-match"), 1);
	const struct import_node *names = import_tree_find(acl->block, "update-owner-name");

	if (owner == NULL && import_tree_find(acl->block, "update-type") == NULL) {
		import_out_full(im->out, z, key);
	} else if (owner == NULL) {
		rule_add(im, z, acl, key, "zonesub");
	} else if (is_word(owner, "zone")) {
		rules_of_name(im, z, acl, key, z->name);
	} else if (is_word(owner, "name")) {
		for (size_t i = 1; names != NULL && i < names->nwords; i++)
			if (names->words[i][0] != '\0')
				rules_of_name(im, z, acl, key, names->words[i]);
	} else if (is_word(owner, "key") && !is_word(match, "pattern")) {
		rule_add(im, z, acl, key,
			 is_word(match, "equal") ? "self ."
			 : is_word(match, "sub") ? "selfwild ."
						 : "selfsub .");
	} else {
		import_out_left(im->out, acl->at,
				"zone %s: update-owner %s has no equivalent: left out", z->name,
				owner);
	}
}

static void update_take(struct import *im, struct import_zone *z, const struct import_node *acl,
			const struct import_node *keys, const struct import_node *addresses)
{
	if (keys == NULL) {
		import_out_left(im->out, acl->at,
				"zone %s: update by address has no equivalent: give each client a "
				"key, and name it in update",
				z->name);
		return;
	}
	if (addresses != NULL)
		import_out_left(im->out, addresses->at,
				"zone %s: the addresses of the acl are not checked: its keys may "
				"update from anywhere",
				z->name);
	for (size_t i = 1; i < keys->nwords; i++)
		rules_of_key(im, z, acl, keys->words[i]);
}

static void transfer_take(struct import *im, struct import_zone *z, const struct import_node *acl,
			  const struct import_node *keys, const struct import_node *addresses)
{
	z->nboth += keys != NULL && addresses != NULL;
	z->nsingle += keys == NULL || addresses == NULL;
	for (size_t i = 1; keys != NULL && i < keys->nwords; i++)
		import_out_add(im->out, &z->transfer_keys, keys->words[i]);
	for (size_t i = 1; addresses != NULL && i < addresses->nwords; i++) {
		if (strchr(addresses->words[i], '-') != NULL)
			import_out_left(im->out, addresses->at,
					"zone %s: the range %s is left out: name prefixes", z->name,
					addresses->words[i]);
		else
			import_out_add(im->out, &z->transfer_addresses, addresses->words[i]);
	}
	if (keys == NULL && addresses == NULL)
		import_out_left(im->out, acl->at,
				"zone %s: transfer to everybody is left out: name the secondaries",
				z->name);
}

/* The first acl that matches decides, so none after one that denies is taken over. */
static void acl_take(struct import *im, struct import_zone *z, const char *id,
		     struct base_location at)
{
	const struct import_node *acl = item_find(im, "acl", "id", id), *keys, *addresses;

	if (acl == NULL) {
		import_out_left(im->out, at, "zone %s: there is no acl %s", z->name, id);
		return;
	}
	keys = import_tree_find(acl->block, "key");
	addresses = import_tree_find(acl->block, "address");
	z->is_policy_over |= has_value(acl, "deny", "on") || has_value(acl, "deny", "true");
	if (z->is_policy_over)
		import_out_left(
			im->out, acl->at,
			"zone %s: acl %s is left out: there is no equivalent of deny, nor of "
			"what comes after it",
			z->name, id);
	else if (import_tree_find(acl->block, "remote") != NULL)
		import_out_left(im->out, acl->at, "zone %s: acl %s by remote is left out", z->name,
				id);
	else {
		if (has_value(acl, "action", "update"))
			update_take(im, z, acl, keys, addresses);
		if (has_value(acl, "action", "transfer"))
			transfer_take(im, z, acl, keys, addresses);
	}
}

/* ---- zones ---- */

/* Returns an option of a zone, or of its template, or of the default template. */
static const struct import_node *zone_option(const struct import *im,
					     const struct import_node *item, const char *option)
{
	const char *name = import_tree_get(import_tree_find(item->block, "template"), 1);
	const struct import_node *found = import_tree_find(item->block, option), *template;

	if (found != NULL)
		return found;
	template = item_find(im, "template", "id", name == NULL ? "default" : name);
	return template == NULL ? NULL : import_tree_find(template->block, option);
}

/* Replaces %s by the zone's name. Returns NULL if the name of the file has another %. */
static const char *file_expand(struct import *im, const char *file, const char *name)
{
	const char *percent = strchr(file, '%');
	size_t nname = strlen(name);
	char text[4096];
	int used;

	if (percent == NULL)
		return file;
	if (percent[1] != 's' || strchr(percent + 1, '%') != NULL)
		return NULL;
	nname -= nname > 1 && name[nname - 1] == '.';
	used = snprintf(text, sizeof(text), "%.*s%.*s%s", (int)(percent - file), file, (int)nname,
			name, percent + 2);
	return used >= (int)sizeof(text) ? NULL
					 : import_tree_copy(im->out->tree, text, (size_t)used);
}

/* Reports a folder in which Knot keeps what a zone file does not have. */
static void folder_look(struct import *im, const struct import_zone *z, const char *storage,
			const char *name, const char *what)
{
	const char *path = import_tree_join(im->out->tree, storage, name);

	if (access(path, F_OK) == 0)
		import_out_left(im->out, z->at, "zone %s: %s %s", z->name, path, what);
}

static void zone_look(struct import *im, struct import_zone *z, const struct import_node *item,
		      const char *storage)
{
	static const char *const left[] = {"notify", "module", "catalog-role", "dnssec-policy",
					   "ds-push", NULL};
	const struct import_node *n = zone_option(im, item, "dnssec-signing");

	if (is_word(import_tree_get(n, 1), "on") || is_word(import_tree_get(n, 1), "true"))
		import_out_left(
			im->out, n->at,
			"zone %s: dnssec-signing: weftd does not sign, so remove the DS record "
			"from the parent zone first",
			z->name);
	for (size_t i = 0; left[i] != NULL; i++)
		if ((n = zone_option(im, item, left[i])) != NULL)
			import_out_left(im->out, n->at, "zone %s: %s is left out%s", z->name,
					left[i], i == 0 ? ": weftd does not send NOTIFY yet" : "");
	n = zone_option(im, item, "zonefile-sync");
	if (is_word(import_tree_get(n, 1), "-1"))
		import_out_left(im->out, n->at,
				"zone %s: zonefile-sync -1: the zone file lacks all updates; run "
				"knotc zone-flush -f +outdir FOLDER and use the file there",
				z->name);
	folder_look(im, z, storage, "journal",
		    "is Knot's journal, with updates that the zone file may not have: run knotc -f "
		    "zone-flush before Knot is stopped");
	folder_look(im, z, storage, "keys", "is Knot's KASP database: weftd does not sign");
}

static void zone_take(struct import *im, const struct import_node *item)
{
	const char *name = import_tree_get(import_tree_find(item->block, "domain"), 1);
	const char *storage = import_tree_get(zone_option(im, item, "storage"), 1);
	const char *file = import_tree_get(zone_option(im, item, "file"), 1), *path;
	const struct import_node *acls = zone_option(im, item, "acl");
	struct import_zone *z;

	if (name == NULL || *name == '\0') {
		import_out_left(im->out, item->at, "a zone without a domain is left out");
		return;
	}
	if (zone_option(im, item, "master") != NULL) {
		import_out_left(im->out, item->at,
				"zone %s is secondary: left out, weftd serves primary zones", name);
		return;
	}
	storage = storage == NULL ? STORAGE : storage;
	path = file_expand(im, file == NULL ? "%s.zone" : file, name);
	if (path == NULL) {
		import_out_left(im->out, item->at, "zone %s: the file %s is not understood", name,
				file);
		return;
	}
	z = import_out_zone(im->out, item->at, name,
			    import_tree_join(im->out->tree, storage, path));
	if (z == NULL)
		return;
	import_survey(im->out, z);
	zone_look(im, z, item, storage);
	for (size_t i = 1; acls != NULL && i < acls->nwords; i++)
		acl_take(im, z, acls->words[i], acls->at);
	import_out_zone_end(im->out, z);
}

/* ---- the rest ---- */

static void key_take(struct import *im, const struct import_node *item)
{
	import_out_key(im->out, item->at,
		       import_tree_get(import_tree_find(item->block, "id"), 1),
		       import_tree_get(import_tree_find(item->block, "algorithm"), 1),
		       import_tree_get(import_tree_find(item->block, "secret"), 1));
}

static void server_take(struct import *im, const struct import_node *item)
{
	for (const struct import_node *n = item->block; n != NULL; n = n->next) {
		if (!is_word(n->words[0], "listen")) {
			import_out_left(im->out, n->at, "server: %s is left out", n->words[0]);
			continue;
		}
		for (size_t i = 1; i < n->nwords; i++) {
			if (n->words[i][0] == '/')
				import_out_left(im->out, n->at, "server: listen %s is left out",
						n->words[i]);
			else
				import_out_add(im->out, &im->out->listen, n->words[i]);
		}
	}
}

static const struct {
	const char *section;
	void (*take)(struct import *im, const struct import_node *item); /* NULL: elsewhere */
} sections[] = {
	{"server", server_take}, {"key", key_take},   {"zone", zone_take}, {"acl", NULL},
	{"template", NULL},	 {"include", NULL},   {"log", NULL},	   {"control", NULL},
	{"statistics", NULL},	 {"remote", NULL},
};

static void section_take(struct import *im, const struct import_node *s)
{
	for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++) {
		if (!is_word(s->words[0], sections[i].section))
			continue;
		for (const struct import_node *item = s->block;
		     item != NULL && sections[i].take != NULL; item = item->next)
			sections[i].take(im, item);
		return;
	}
	import_out_left(im->out, s->at, "section %s is left out", s->words[0]);
}

int import_knot(struct import_out *o, const char *path)
{
	struct import im = {.out = o};

	im.top = import_knot_parse(o->tree, path);
	if (im.top == NULL)
		return -EBADMSG;
	for (const struct import_node *s = im.top; s != NULL; s = s->next)
		section_take(&im, s);
	return o->tree->is_short ? -ENOMEM : 0;
}
