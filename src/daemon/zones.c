/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "daemon/zones.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "daemon/daemon.h"
#include "daemon/report.h"
#include "registry/announce.h"
#include "registry/registrar.h"
#include "registry/state.h"
#include "registry/work.h"
#include "settings/settings.h"
#include "zone/zone.h"

static int by_name(const void *left, const void *right)
{
	const struct daemon_zone *a = left, *b = right;

	return dns_name_compare(a->config->name, b->config->name);
}

int daemon_zones_find(struct daemon_zones *zones, struct daemon *d, const struct settings *config)
{
	*zones = (struct daemon_zones){
		.state = &d->state,
		.announced = &d->announced,
		.has_changed = true,
		.tls_port = d->tls_port,
	};
	zones->items = calloc(config->nzones + 1, sizeof(*zones->items));
	if (zones->items == NULL)
		return -ENOMEM;
	for (const struct settings_zone *z = config->zones; z != NULL; z = z->next)
		zones->items[zones->count++] =
			(struct daemon_zone){z, hosting_find(&d->zones, z->name)->zone};
	qsort(zones->items, zones->count, sizeof(*zones->items), by_name);
	return 0;
}

void daemon_zones_fini(struct daemon_zones *zones)
{
	free(zones->items);
	free(zones->before);
}

bool daemon_zones_find_leased(void *arg, const uint8_t *name, struct zone **zone,
			      const struct ledger_lease_rule **rule)
{
	const struct daemon_zones *zones = arg;
	size_t low = 0, high = zones->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct daemon_zone *z = &zones->items[middle];
		int order = dns_name_compare(name, z->config->name);

		if (order == 0 && zone_current(z->zone) == NULL)
			return false;
		if (order == 0) {
			*zone = z->zone;
			*rule = &z->config->lease;
			return true;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return false;
}

/* Hands the zones of the reverse tree (RFC 1035 section 3.5, RFC 3596 section 2.5) to the view:
 * nodes of other zones get their PTRs there. Returns whether they are others than before. */
static bool reverse_set(const struct daemon_zones *all)
{
	static const uint8_t in_addr[] = "\7in-addr\4arpa", ip6[] = "\3ip6\4arpa";
	struct view *view = &all->state->view;
	struct zone **zones = calloc(all->count + 1, sizeof(*zones));
	bool has_changed;
	size_t n = 0;

	for (size_t i = 0; i < all->count && zones != NULL; i++) {
		const uint8_t *name = all->items[i].config->name;

		if (dns_name_is_under(name, in_addr) || dns_name_is_under(name, ip6))
			zones[n++] = all->items[i].zone;
	}
	has_changed = n != view->nreverse ||
		      (n > 0 && memcmp(zones, view->reverse, n * sizeof(*zones)) != 0);
	view_set_reverse(view, zones, n);
	return has_changed;
}

static bool is_zone(const struct daemon_zones *all, const uint8_t *name)
{
	struct zone *zone;
	const struct ledger_lease_rule *rule;

	return daemon_zones_find_leased((void *)all, name, &zone, &rule);
}

/* Hands the zones that lie below another one to the view: targets there are not those of the zone
 * above, even without a delegation. Returns whether they are others than before, or -ENOMEM. */
static int inner_set(const struct daemon_zones *all)
{
	struct view *view = &all->state->view;
	struct base_seen inner = {0};
	int ret = 0;

	for (size_t i = 0; i < all->count && ret >= 0; i++) {
		const uint8_t *name = all->items[i].config->name, *above = name;
		bool is_inner = false;

		while (!is_inner && above[0] != 0) {
			above = dns_name_strip(above, 1);
			is_inner = is_zone(all, above);
		}
		if (is_inner)
			ret = base_seen_add(&inner, view_hash(view, VIEW_ZONE, name));
	}
	if (ret >= 0)
		return view_set_inner(view, &inner);
	free(inner.slot);
	return ret;
}

/* What is known of a zone's view before its rule is set. */
struct view_before {
	uint32_t ttl_s;
	bool is_same; /* the records were derived by the same rule */
};

/* Padding between members may make equal rules look different: then the view is compared with its
 * records, for nothing. */
static struct view_before view_before(const struct registry_state *state, const struct zone *zone,
				      const struct view_rule *rule)
{
	for (size_t i = 0; i < state->nview_rules; i++) {
		const struct registry_view_rule *v = &state->view_rules[i];

		if (v->zone == zone)
			return (struct view_before){
				v->rule.ttl_s,
				v->is_derived && memcmp(&v->rule, rule, sizeof(*rule)) == 0};
	}
	return (struct view_before){rule->ttl_s, false};
}

static void log_not_derived(const struct zone *zone, int ret)
{
	char name[DNS_NAME_TEXT_MAX];

	dns_name_to_text(name, zone_name(zone));
	base_log(BASE_LOG_ERROR, "zone", "view-not-derived zone=%s error=\"%s\"", name,
		 strerror(-ret));
}

/* Sets the rules of service views. Returns what was known before of each zone, by its index, or
 * NULL if memory is short, with the rules unchanged. */
static struct view_before *views_set(const struct daemon_zones *zones)
{
	struct registry_view_rule *views = calloc(zones->count + 1, sizeof(*views));
	struct view_before *before = calloc(zones->count + 1, sizeof(*before));
	size_t n = 0;

	if (views == NULL || before == NULL) {
		free(views);
		free(before);
		return NULL;
	}
	for (size_t i = 0; i < zones->count; i++) {
		const struct view_rule *rule = &zones->items[i].config->services;
		struct zone *zone = zones->items[i].zone;

		zone_set_negative_ttl(zone, rule->is_on ? rule->negative_ttl_s : UINT32_MAX);
		if (!rule->is_on || zone_current(zone) == NULL)
			continue;
		before[i] = view_before(zones->state, zone, rule);
		views[n].zone = zone;
		views[n].is_derived = before[i].is_same;
		memcpy(&views[n++].rule, rule, sizeof(*rule)); /* with its padding */
	}
	registry_state_set_view_rules(zones->state, views, n);
	return before;
}

/* Does the next step of reconciling the derived records of each zone with its rule. A zone for
 * which that fails is served with the records that it has; each later update derives those of its
 * own instance. Returns whether there are more steps. */
static bool views_reconcile(struct registry_registrar *r, struct daemon_zones *zones)
{
	for (; zones->before != NULL && zones->next < zones->count; zones->next++) {
		const struct daemon_zone *z = &zones->items[zones->next];
		const struct view_before *before = &zones->before[zones->next];
		int ret;

		if (!z->config->services.is_on || zone_current(z->zone) == NULL ||
		    (before->is_same && !zones->must_reconcile))
			continue;
		if (!zones->is_begun)
			registry_work_reconcile_begin(r, z->zone, &z->config->services,
						      before->ttl_s);
		zones->is_begun = true;
		ret = registry_work_reconcile_step(r);
		if (ret > 0)
			return true;
		zones->is_begun = false;
		registry_state_set_derived(zones->state, z->zone, ret == 0);
		if (ret < 0)
			log_not_derived(z->zone, ret);
	}
	return false;
}

/* Hands the fabrics of the zones to the ledger, and has it count the zones whose fabric is
 * another. */
static void fabrics_set(struct registry_registrar *r, const struct daemon_zones *zones)
{
	struct ledger *ledger = &zones->state->ledger;
	struct ledger_fabric *fabrics = calloc(zones->count + 1, sizeof(*fabrics));
	const struct zone **changed = calloc(zones->count + 1, sizeof(*changed));
	size_t n = 0, nchanged = 0;
	int ret = fabrics == NULL || changed == NULL ? -ENOMEM : 0;

	for (size_t i = 0; i < zones->count && ret == 0; i++) {
		const struct settings_zone *z = zones->items[i].config;
		const uint8_t *before = ledger_fabric_of(ledger, z->name),
			      *after = z->update_fabric == NULL ? NULL : z->update_fabric->name;

		if (before == NULL || after == NULL ? before != after
						    : !dns_name_equal(before, after))
			changed[nchanged++] = zones->items[i].zone;
		if (after == NULL)
			continue;
		memcpy(fabrics[n].zone, z->name, dns_name_nbytes(z->name));
		memcpy(fabrics[n++].fabric, after, dns_name_nbytes(after));
	}
	if (ret == 0)
		ledger_set_fabrics(ledger, fabrics, n);
	else
		free(fabrics);
	for (size_t i = 0; i < nchanged && ret == 0; i++)
		ret = registry_work_count(r, changed[i]);
	free(changed);
	if (ret < 0)
		base_log(BASE_LOG_ERROR, "zone",
			 "out-of-memory what=\"the usage of keys is not counted\"");
}

static void begin(struct registry_registrar *r, struct daemon_zones *zones)
{
	int inner = inner_set(zones);

	zones->is_reconciling = true;
	zones->must_reconcile = reverse_set(zones) || inner > 0;
	fabrics_set(r, zones);
	zones->before = views_set(zones);
	if (zones->before == NULL || inner < 0)
		base_log(BASE_LOG_ERROR, "zone",
			 "out-of-memory what=\"service views are unchanged\"");
}

bool daemon_zones_reconcile(struct registry_registrar *r, struct daemon_zones *zones)
{
	if (!zones->is_reconciling)
		begin(r, zones);
	if (views_reconcile(r, zones))
		return true;
	if (zones->has_changed && ledger_resume(&zones->state->ledger, daemon_zones_find_leased,
						zones, registry_work_now(r)) < 0)
		base_log(BASE_LOG_ERROR, "lease",
			 "out-of-memory what=\"leases of new zones are suspended\"");
	return false;
}

void daemon_zones_announce(struct registry_registrar *r, const struct daemon_zones *zones)
{
	for (size_t i = 0; i < zones->count; i++) {
		struct zone *zone = zones->items[i].zone;
		int ret = zone_current(zone) == NULL
				  ? 0
				  : registry_announce(r, zones->announced, zone, zones->tls_port);

		if (ret < 0) {
			char name[DNS_NAME_TEXT_MAX];

			dns_name_to_text(name, zone_name(zone));
			base_log(BASE_LOG_ERROR, "zone", "push-not-announced zone=%s error=\"%s\"",
				 name, strerror(-ret));
		}
	}
}
