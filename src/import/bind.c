/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "import/bind.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import/bind_parse.h"
#include "import/out.h"
#include "import/survey.h"

enum { ACL_DEPTH_MAX = 10 };

struct import {
	struct import_out *out;
	const struct import_node *top;	   /* statements of the file */
	const struct import_node *options; /* its options, or NULL */
	const char *folder;		   /* where relative paths begin */
};

/* Rule types that weftd has, too. */
static const char *const ruletypes[] = {"name", "subdomain", "zonesub", "wildcard",
					"self", "selfsub",   "selfwild", NULL};

static bool is_among(const char *word, const char *const *list)
{
	for (; *list != NULL; list++)
		if (strcasecmp(word, *list) == 0)
			return true;
	return false;
}

static bool is_word(const char *word, const char *wanted)
{
	return word != NULL && strcasecmp(word, wanted) == 0;
}

/* ---- lists of clients ---- */

/* What a list is for, and the functions that take its elements. */
struct list {
	struct import_zone *zone;
	const char *option;
	void (*on_key)(struct import *im, struct list *l, const char *key);
	/* Takes an address or prefix; NULL: there is no equivalent. */
	void (*on_address)(struct import *im, struct list *l, const char *address);
};

static void list_take(struct import *im, struct list *l, const struct import_node *block,
		      unsigned depth);

static const struct import_node *acl_find(const struct import *im, const char *name)
{
	for (const struct import_node *n = im->top; n != NULL; n = n->next)
		if (is_word(n->words == NULL ? NULL : n->words[0], "acl") &&
		    is_word(import_tree_get(n, 1), name))
			return n;
	return NULL;
}

static void anybody_take(struct import *im, struct list *l)
{
	l->on_address(im, l, "0.0.0.0/0");
	l->on_address(im, l, "::/0");
}

/* Completes a prefix of IPv4 with the octets that BIND lets one leave out: 10/8 is 10.0.0.0/8.
 * Returns NULL if memory is short. */
static const char *prefix_complete(struct import *im, const char *prefix)
{
	const char *slash = strchr(prefix, '/');
	char text[64];
	int n, ndots = 0;

	if (slash == NULL || strchr(prefix, ':') != NULL)
		return prefix;
	for (const char *c = prefix; c < slash; c++)
		ndots += *c == '.';
	if (ndots >= 3)
		return prefix;
	n = snprintf(text, sizeof(text), "%.*s%.*s%.3s",
		     (int)(slash - prefix > 15 ? 15 : slash - prefix), prefix, 2 * (3 - ndots),
		     ".0.0.0", slash);
	return import_tree_copy(im->out->tree, text, (size_t)n);
}

/* Takes a word that is an address, a prefix, or the name of a list. */
static void address_take(struct import *im, struct list *l, const struct import_node *n,
			 unsigned depth)
{
	static const char *const ours[] = {"localhost", "localnets", NULL};
	const struct import_node *acl = acl_find(im, n->words[0]);
	const char *prefix;

	if (is_word(n->words[0], "none"))
		return;
	if (acl != NULL && depth < ACL_DEPTH_MAX)
		list_take(im, l, acl->block, depth + 1);
	else if (l->on_address == NULL)
		import_out_left(
			im->out, n->at,
			"zone %s: %s by address (%s) has no equivalent: give each client a key, "
			"and name it in update",
			l->zone->name, l->option, n->words[0]);
	else if (is_word(n->words[0], "any"))
		anybody_take(im, l);
	else if (is_among(n->words[0], ours) ||
		 n->words[0][strspn(n->words[0], "0123456789abcdefABCDEF.:/")] != '\0')
		import_out_left(im->out, n->at, "zone %s: %s %s is left out: name the addresses",
				l->zone->name, l->option, n->words[0]);
	else if ((prefix = prefix_complete(im, n->words[0])) != NULL)
		l->on_address(im, l, prefix);
}

/* An element that excludes clients ends the list: what follows might let them in. */
static void list_take(struct import *im, struct list *l, const struct import_node *block,
		      unsigned depth)
{
	for (const struct import_node *n = block; n != NULL; n = n->next) {
		if (n->nwords == 0 && n->block != NULL) {
			list_take(im, l, n->block, depth + 1);
		} else if (n->nwords == 0 || n->words[0][0] == '!') {
			import_out_left(im->out, n->at,
					"zone %s: %s with an exclusion has no equivalent: from "
					"there on the list is left out",
					l->zone->name, l->option);
			return;
		} else if (is_word(n->words[0], "key") && n->nwords > 1) {
			l->on_key(im, l, n->words[1]);
		} else {
			address_take(im, l, n, depth);
		}
	}
}

static void on_update_key(struct import *im, struct list *l, const char *key)
{
	import_out_full(im->out, l->zone, key);
}

static void on_transfer_key(struct import *im, struct list *l, const char *key)
{
	import_out_add(im->out, &l->zone->transfer_keys, key);
}

static void on_transfer_address(struct import *im, struct list *l, const char *address)
{
	import_out_add(im->out, &l->zone->transfer_addresses, address);
}

/* ---- update-policy ---- */

static bool is_rule_known(const struct import_node *n)
{
	if (n->nwords < 3 || n->block != NULL || !is_among(n->words[2], ruletypes))
		return false;
	/* TYPE(COUNT) */
	for (size_t i = 3; i < n->nwords; i++)
		if (strchr(n->words[i], '(') != NULL)
			return false;
	return true;
}

static const char *rule_text(struct import *im, const struct import_node *n)
{
	char text[4096];
	size_t used = 0;

	for (size_t i = 0; i < n->nwords && used < sizeof(text); i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s",
					 i > 0 ? " " : "", n->words[i]);
	if (used >= sizeof(text))
		return NULL;
	return import_tree_copy(im->out->tree, text, used);
}

/* A rule that denies and is left out would let through what comes after it. */
static void rule_take(struct import *im, struct import_zone *z, const struct import_node *n)
{
	const char *text = rule_text(im, n);
	bool is_deny = is_word(import_tree_get(n, 0), "deny");

	if (text == NULL) {
		import_out_left(im->out, n->at, "zone %s: the rule is too long: left out", z->name);
		z->is_policy_over |= is_deny;
		return;
	}
	if (z->is_policy_over) {
		import_out_left(im->out, n->at,
				"zone %s: \"%s\" is left out, because a deny before it is", z->name,
				text);
	} else if (!is_rule_known(n)) {
		import_out_left(im->out, n->at, "zone %s: \"%s\" has no equivalent: left out",
				z->name, text);
		z->is_policy_over = is_deny;
	} else {
		import_out_rule(im->out, z, text);
	}
}

static void policy_take(struct import *im, struct import_zone *z, const struct import_node *n)
{
	if (is_word(import_tree_get(n, 1), "local"))
		import_out_left(
			im->out, n->at,
			"zone %s: update-policy local has no equivalent: its key is made by "
			"named at each start; make one with weft key generate",
			z->name);
	for (const struct import_node *rule = n->block; rule != NULL; rule = rule->next)
		rule_take(im, z, rule);
}

/* ---- zones ---- */

/* Options that change nothing for weftd, or that are looked at elsewhere. */
static const char *const zone_ignored[] = {"type", "file", "ixfr-from-differences", "check-names",
					   "zone-statistics", "max-journal-size", "allow-query",
					   "masterfile-style", "serial-update-method", NULL};
static const char *const zone_signing[] = {"dnssec-policy",    "inline-signing", "auto-dnssec",
					   "sig-validity-interval", "key-directory",
					   "update-check-ksk", NULL};

static void journal_look(struct import *im, const struct import_zone *z,
			 const struct import_node *n)
{
	const char *path = import_tree_get(n, 1);

	if (path != NULL)
		import_out_left(
			im->out, n->at,
			"zone %s: %s is BIND's journal, with updates that the zone file may not "
			"have: run rndc sync -clean before BIND is stopped",
			z->name, import_tree_join(im->out->tree, im->folder, path));
}

static void zone_option(struct import *im, struct import_zone *z, const struct import_node *n)
{
	struct list updates = {z, "allow-update", on_update_key, NULL};
	struct list transfers = {z, "allow-transfer", on_transfer_key, on_transfer_address};
	const char *name = import_tree_get(n, 0);

	if (name == NULL || is_among(name, zone_ignored))
		return;
	if (is_word(name, "allow-update"))
		list_take(im, &updates, n->block, 0);
	else if (is_word(name, "update-policy"))
		policy_take(im, z, n);
	else if (is_word(name, "allow-transfer"))
		list_take(im, &transfers, n->block, 0);
	else if (is_word(name, "journal"))
		journal_look(im, z, n);
	else if (is_word(name, "masterfile-format") && is_word(import_tree_get(n, 1), "text"))
		return;
	else if (is_word(name, "notify") || is_word(name, "also-notify"))
		import_out_left(im->out, n->at, "zone %s: %s: weftd does not send NOTIFY yet",
				z->name, name);
	else if (is_among(name, zone_signing))
		import_out_left(
			im->out, n->at,
			"zone %s: %s: weftd does not sign, so remove the DS record from the "
			"parent zone first",
			z->name, name);
	else
		import_out_left(im->out, n->at, "zone %s: %s%s%s is left out", z->name, name,
				n->nwords > 1 ? " " : "", n->nwords > 1 ? n->words[1] : "");
}

/* What a zone does not say for itself is in the options. */
static void inherit(struct import *im, struct import_zone *z, const struct import_node *n,
		    const char *option)
{
	const struct import_node *found =
		im->options == NULL ? NULL : import_tree_find(im->options->block, option);

	if (found != NULL && import_tree_find(n->block, option) == NULL)
		zone_option(im, z, found);
}

static void zone_take(struct import *im, const struct import_node *n)
{
	const char *name = import_tree_get(n, 1);
	const char *type = import_tree_get(import_tree_find(n->block, "type"), 1);
	const char *file = import_tree_get(import_tree_find(n->block, "file"), 1);
	struct import_zone *z;

	if (name == NULL || is_word(type, "hint"))
		return;
	if (!is_word(type, "primary") && !is_word(type, "master")) {
		import_out_left(im->out, n->at,
				"zone %s of type %s is left out: weftd serves primary zones", name,
				type == NULL ? "unknown" : type);
		return;
	}
	if (file == NULL) {
		import_out_left(im->out, n->at, "zone %s has no file: left out", name);
		return;
	}
	z = import_out_zone(im->out, n->at, name,
			    import_tree_join(im->out->tree, im->folder, file));
	if (z == NULL)
		return;
	import_survey(im->out, z);
	for (const struct import_node *option = n->block; option != NULL; option = option->next)
		zone_option(im, z, option);
	inherit(im, z, n, "allow-transfer");
	inherit(im, z, n, "allow-update");
	inherit(im, z, n, "dnssec-policy");
	inherit(im, z, n, "masterfile-format");
	import_out_zone_end(im->out, z);
}

/* ---- the rest ---- */

static void key_take(struct import *im, const struct import_node *n)
{
	import_out_key(im->out, n->at, import_tree_get(n, 1),
		       import_tree_get(import_tree_find(n->block, "algorithm"), 1),
		       import_tree_get(import_tree_find(n->block, "secret"), 1));
}

static void listen_take(struct import *im, const struct import_node *n, bool is_v6)
{
	const char *port = is_word(import_tree_get(n, 1), "port") ? import_tree_get(n, 2) : "53";

	for (const struct import_node *a = n->block; a != NULL; a = a->next) {
		const char *address = import_tree_get(a, 0);
		char text[300];
		int used;

		if (is_word(address, "none"))
			continue;
		if (is_word(address, "any"))
			address = is_v6 ? "::" : "0.0.0.0";
		if (address == NULL || port == NULL ||
		    address[strspn(address, "0123456789abcdefABCDEF.:")] != '\0') {
			import_out_left(im->out, n->at, "%s: name the addresses in server.listen",
					n->words[0]);
			continue;
		}
		used = snprintf(text, sizeof(text), "%.200s@%.20s", address, port);
		address = import_tree_copy(im->out->tree, text, (size_t)used);
		if (address != NULL)
			import_out_add(im->out, &im->out->listen, address);
	}
}

static void options_take(struct import *im, const struct import_node *n)
{
	static const char *const elsewhere[] = {"directory",
						"allow-transfer",
						"allow-update",
						"dnssec-policy",
						"pid-file",
						"masterfile-format",
						NULL};

	for (const struct import_node *o = n->block; o != NULL; o = o->next) {
		const char *name = import_tree_get(o, 0);

		if (name == NULL || is_among(name, elsewhere))
			continue;
		if (is_word(name, "listen-on") || is_word(name, "listen-on-v6"))
			listen_take(im, o, is_word(name, "listen-on-v6"));
		else
			import_out_left(im->out, o->at, "option %s is left out", name);
	}
}

static void statement_take(struct import *im, const struct import_node *n)
{
	static const char *const ignored[] = {"acl", "logging", "controls", "statistics-channels",
					      NULL};
	const char *name = import_tree_get(n, 0);

	if (name == NULL || is_among(name, ignored))
		return;
	if (is_word(name, "key"))
		key_take(im, n);
	else if (is_word(name, "zone"))
		zone_take(im, n);
	else if (is_word(name, "options"))
		options_take(im, n);
	else
		import_out_left(im->out, n->at, "%s is left out", name);
}

int import_bind(struct import_out *o, const char *path)
{
	struct import im = {.out = o};

	im.top = import_bind_parse(o->tree, path, &im.folder);
	if (im.top == NULL)
		return -EBADMSG;
	im.options = import_tree_find(im.top, "options");
	for (const struct import_node *n = im.top; n != NULL; n = n->next) {
		if (!is_word(import_tree_get(n, 0), "view")) {
			statement_take(&im, n);
			continue;
		}
		import_out_left(
			o, n->at,
			"view %s: weftd has no views; its keys and zones are for all clients",
			n->nwords > 1 ? n->words[1] : "");
		for (const struct import_node *inner = n->block; inner != NULL; inner = inner->next)
			if (is_word(import_tree_get(inner, 0), "key") ||
			    is_word(import_tree_get(inner, 0), "zone"))
				statement_take(&im, inner);
	}
	return o->tree->is_short ? -ENOMEM : 0;
}
