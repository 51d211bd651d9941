/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "weftd/zones.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "registry/registrar.h"
#include "registry/state.h"
#include "registry/work.h"
#include "weftd/config.h"
#include "weftd/report.h"
#include "weftd/weftd.h"
#include "zone/zone.h"

bool weftd_zones_find_leased(void *daemon, const uint8_t *name, struct zone **zone,
			     const struct ledger_lease_rule **rule)
{
	const struct weftd *d = daemon;
	const struct weftd_config_zone *z = weftd_config_zone_find(d->config, name);

	if (z == NULL)
		return false;
	*zone = hosting_find(&d->zones, name)->zone;
	*rule = &z->lease;
	return true;
}

/* Hands the zones of the reverse tree (RFC 1035 section 3.5, RFC 3596 section 2.5) to the view:
 * nodes of other zones get their PTRs there. */
static void reverse_set(struct weftd *d)
{
	static const uint8_t in_addr[] = "\7in-addr\4arpa", ip6[] = "\3ip6\4arpa";
	struct zone **zones = calloc(d->config->nzones + 1, sizeof(*zones));
	size_t n = 0;

	for (const struct weftd_config_zone *z = d->config->zones; z != NULL && zones != NULL;
	     z = z->next)
		if (dns_name_is_under(z->name, in_addr) || dns_name_is_under(z->name, ip6))
			zones[n++] = hosting_find(&d->zones, z->name)->zone;
	view_set_reverse(&d->state.view, zones, n);
}

/* Hands the rules of service views to the ledger, and reconciles the derived records of each zone
 * with its rule. A zone for which that fails is served with the records that it has; each later
 * update derives those of its own instance. */
static void views_reconcile(struct registry_registrar *r, struct weftd *d)
{
	struct registry_view_rule *views = calloc(d->config->nzones + 1, sizeof(*views));
	uint32_t *ttl_before_s = calloc(d->config->nzones + 1, sizeof(*ttl_before_s));
	size_t n = 0, i = 0;

	if (views == NULL || ttl_before_s == NULL) {
		base_log(BASE_LOG_ERROR, "zone", "out of memory: service views are unchanged");
		free(views);
		free(ttl_before_s);
		return;
	}
	for (const struct weftd_config_zone *z = d->config->zones; z != NULL; z = z->next) {
		struct zone *zone = hosting_find(&d->zones, z->name)->zone;
		const struct view_rule *before = registry_state_view_rule(&d->state, zone);

		zone_set_negative_ttl(zone,
				      z->services.is_on ? z->services.negative_ttl_s : UINT32_MAX);
		if (!z->services.is_on)
			continue;
		ttl_before_s[n] = before == NULL ? z->services.ttl_s : before->ttl_s;
		views[n].zone = zone;
		views[n++].rule = z->services;
	}
	registry_state_set_view_rules(&d->state, views, n);
	for (const struct weftd_config_zone *z = d->config->zones; z != NULL; z = z->next) {
		struct hosting_zone *h = hosting_find(&d->zones, z->name);
		int ret = !z->services.is_on ? 0
					     : registry_work_reconcile(r, h->zone, &z->services,
								       ttl_before_s[i++]);

		if (ret < 0)
			weftd_report_zone(BASE_LOG_ERROR, h, "service records not derived", ret);
	}
	free(ttl_before_s);
}

void weftd_zones_reconcile(struct registry_registrar *r, void *daemon)
{
	struct weftd *d = daemon;

	reverse_set(d);
	views_reconcile(r, d);
	if (ledger_resume(&d->state.ledger, weftd_zones_find_leased, d, registry_work_now(r)) < 0)
		base_log(BASE_LOG_ERROR, "lease",
			 "out of memory: leases of new zones are suspended");
}
