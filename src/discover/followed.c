/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "discover/followed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "discover/translate.h"
#include "dns/type.h"
#include "dnssd/kind.h"
#include "lan/browser.h"
#include "lan/name.h"
#include "mdns/rules.h"
#include "mdns/seen.h"

/* Returns the type of a subtype `_X._sub.TYPE`, or NULL. */
static const uint8_t *type_of_subtype(const uint8_t *name)
{
	if (dns_name_labels(name) > 2 && dnssd_label_is(dns_name_strip(name, 1), "_sub"))
		return dns_name_strip(name, 2);
	return NULL;
}

static struct discover_followed_type *find(const struct discover_followed *f,
					   const uint8_t *instance)
{
	return instance[0] == 0 ? NULL : mdns_table_find(&f->types, dns_name_strip(instance, 1));
}

/* ---- types ---- */

static struct discover_followed_type *add(struct discover_followed *f, const uint8_t *type)
{
	struct discover_followed_type *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	memcpy(t->name, type, dns_name_nbytes(type));
	t->entry.name = t->name;
	if (mdns_table_add(&f->types, &t->entry) < 0) {
		free(t);
		return NULL;
	}
	if (mdns_seen_add_type(f->seen, t->name) == 0)
		return t;
	mdns_table_remove(&f->types, &t->entry);
	free(t);
	return NULL;
}

static void end(struct discover_followed *f, struct discover_followed_type *t)
{
	mdns_seen_remove_type(f->seen, t->name);
	mdns_table_remove(&f->types, &t->entry);
	free(t);
}

static void end_if_unused(struct discover_followed *f, struct discover_followed_type *t)
{
	if (!t->is_of_rule && !t->is_listed && t->nusers == 0)
		end(f, t);
}

static int add_subtype(struct discover_followed *f, const uint8_t *name)
{
	if (f->nsubtypes == DISCOVER_FOLLOWED_SUBTYPES_MAX)
		return 0;
	if (mdns_seen_add_type(f->seen, name) < 0)
		return -ENOMEM;
	memcpy(f->subtypes[f->nsubtypes++], name, dns_name_nbytes(name));
	return 0;
}

/* ---- the list of types ---- */

/* Returns whether instances of a type are registries, which announce themselves on each LAN
 * (bridge/announce.h): they are not services of the LAN, and ours would come back to us. */
static bool is_of_registries(const uint8_t *type)
{
	return dnssd_label_is(type, "_weft") || dnssd_label_is(type, "_dns-push-tls");
}

/* Returns whether the rule discovers a type of the LAN: its types end at the root. */
static bool is_discovered(const struct discover_followed *f, const uint8_t *type)
{
	static const uint8_t root[1];
	uint8_t relative[DNS_NAME_MAX];

	return discover_translate_is_type(type) && !is_of_registries(type) &&
	       lan_name_move(relative, type, lan_name_local(), root) &&
	       mdns_rule_discovers(f->rule, relative);
}

static void see_type(struct discover_followed *f, const uint8_t *type)
{
	struct discover_followed_type *t = mdns_table_find(&f->types, type);

	if (t != NULL) {
		t->is_listed = true;
		return;
	}
	if (f->types.count >= DISCOVER_FOLLOWED_MAX) {
		if (!f->is_full)
			base_log(BASE_LOG_WARNING, "bridge",
				 "lan-full why=\"too many types of services are on the LAN, "
				 "others are ignored\"");
		f->is_full = true;
		return;
	}
	t = add(f, type);
	if (t == NULL)
		return;
	t->is_listed = true;
	f->on_type(f->arg, t->name);
}

static void on_list(void *arg, struct lan_browser *b, enum lan_browser_event event,
		    const uint8_t *rdata, size_t nbytes)
{
	struct discover_followed *f = arg;
	struct discover_followed_type *t;

	(void)b;
	(void)nbytes;
	if (event == LAN_BROWSER_ADDED && is_discovered(f, rdata))
		see_type(f, rdata);
	if (event != LAN_BROWSER_REMOVED)
		return;
	t = mdns_table_find(&f->types, rdata);
	if (t == NULL)
		return;
	t->is_listed = false;
	end_if_unused(f, t);
}

static int follow_list(struct discover_followed *f, struct lan_daemon *daemon,
		       const struct lan_interfaces *where)
{
	static const uint8_t list[] = "\11_services\7_dns-sd\4_udp\5local";

	f->list = lan_browser_new(daemon, where, list, DNS_TYPE_PTR, on_list, f);
	return f->list == NULL ? -ENOMEM : 0;
}

/* ---- the rule ---- */

static int follow_named(struct discover_followed *f, const uint8_t *type)
{
	struct discover_followed_type *t;
	uint8_t name[DNS_NAME_MAX];

	if (!mdns_rule_discovers(f->rule, type) ||
	    dns_name_join(name, type, dns_name_nbytes(type) - 1, lan_name_local()) == 0)
		return 0;
	if (type_of_subtype(name) != NULL)
		return add_subtype(f, name);
	if (mdns_table_find(&f->types, name) != NULL)
		return 0;
	t = add(f, name);
	if (t == NULL)
		return -ENOMEM;
	t->is_of_rule = true;
	return 0;
}

int discover_followed_init(struct discover_followed *f, const struct mdns_rule *rule,
			   struct mdns_seen *seen, struct lan_daemon *daemon,
			   const struct lan_interfaces *where, uint64_t seed,
			   void (*on_type)(void *arg, const uint8_t *type), void *arg)
{
	const struct mdns_types *types = &rule->discover;
	int ret = 0;

	*f = (struct discover_followed){.seen = seen, .rule = rule, .on_type = on_type, .arg = arg};
	mdns_table_init(&f->types, seed);
	f->subtypes = calloc(DISCOVER_FOLLOWED_SUBTYPES_MAX, sizeof(*f->subtypes));
	if (f->subtypes == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < types->count && ret == 0; i++)
		ret = follow_named(f, types->items[i]);
	if (ret == 0 && types->has_all)
		ret = follow_list(f, daemon, where);
	return ret;
}

void discover_followed_fini(struct discover_followed *f)
{
	struct discover_followed_type *t;

	lan_browser_free(f->list);
	while ((t = mdns_table_next(&f->types, NULL)) != NULL)
		end(f, t);
	for (unsigned i = 0; i < f->nsubtypes; i++)
		mdns_seen_remove_type(f->seen, f->subtypes[i]);
	free(f->subtypes);
	mdns_table_fini(&f->types);
}

/* ---- instances ---- */

uint64_t discover_followed_subtypes_of(const struct discover_followed *f, const uint8_t *instance)
{
	uint64_t bits = 0;

	for (unsigned i = 0; i < f->nsubtypes; i++)
		if (dns_name_equal(type_of_subtype(f->subtypes[i]), dns_name_strip(instance, 1)))
			bits |= UINT64_C(1) << i;
	return bits;
}

uint64_t discover_followed_subtypes(const struct discover_followed *f, const uint8_t *instance)
{
	uint64_t bits = discover_followed_subtypes_of(f, instance);

	for (unsigned i = 0; i < f->nsubtypes; i++)
		if ((bits >> i & 1) != 0 &&
		    !mdns_seen_is_named_by(f->seen, instance, f->subtypes[i]))
			bits &= ~(UINT64_C(1) << i);
	return bits;
}

bool discover_followed_has(const struct discover_followed *f, const uint8_t *instance)
{
	const struct discover_followed_type *t = find(f, instance);

	return (t != NULL && mdns_seen_is_named_by(f->seen, instance, t->name)) ||
	       discover_followed_subtypes(f, instance) != 0;
}

struct discover_followed_type *discover_followed_acquire(struct discover_followed *f,
							 const uint8_t *instance)
{
	struct discover_followed_type *t = find(f, instance);

	if (t != NULL)
		t->nusers++;
	return t;
}

void discover_followed_release(struct discover_followed *f, struct discover_followed_type *type)
{
	if (type == NULL)
		return;
	type->nusers--;
	end_if_unused(f, type);
}
