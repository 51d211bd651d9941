/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "update/report.h"

#include "base/log.h"
#include "dns/type.h"
#include "dns/update.h"
#include "dnssd/kind.h"
#include "registry/ledger.h"
#include "zone/draft.h"
#include "zone/zone.h"

static const uint8_t prefix[] = "\10_suspect";

struct update_report_kinds
update_report_look(const uint8_t *zone, const struct dns_update_record *records, size_t nrecords)
{
	struct update_report_kinds k = {false, false};

	for (size_t i = 0; i < nrecords; i++)
		if (dns_update_is_added(&records[i])) {
			bool is_report = dnssd_kind_of(records[i].owner, zone) == DNSSD_REPORT;

			k.has_reports |= is_report;
			k.has_others |= !is_report;
		}
	return k;
}

int update_report_replace(struct registry_ledger *g, struct zone_draft *draft,
			  const struct dns_update_record *records, size_t nrecords,
			  const uint8_t *key)
{
	const uint8_t *zone = zone_name(zone_draft_zone(draft));
	int n = 0, sum = 0;

	for (size_t i = 0; i < nrecords && n >= 0; i++) {
		struct ledger_lease *lease = NULL;

		if (dns_update_is_added(&records[i]) &&
		    dnssd_kind_of(records[i].owner, zone) == DNSSD_REPORT)
			lease = ledger_leases_held_by(&g->leases, zone, records[i].owner, key);
		n = lease == NULL
			    ? 0
			    : ledger_leases_replace(&g->leases, lease, draft, records, nrecords);
		sum += n;
	}
	return n < 0 ? n : sum;
}

/* Whether a name has a lease of records; that the name itself is kept for somebody does not count.
 */
static bool is_leased(const struct registry_ledger *g, const uint8_t *zone, const uint8_t *name)
{
	struct ledger_lease *leases[LEDGER_LEASES_OF_NAME];
	unsigned n = ledger_leases_of(&g->leases, zone, name, leases);

	return n > 0 && undo_entry_number(&leases[0]->entry) != LEDGER_LEASE_NAME;
}

/* How many keys have reported within the rule's time. */
static unsigned count(const struct registry_ledger *g, const uint8_t *zone, const uint8_t *report,
		      uint64_t now_ms)
{
	struct ledger_lease *leases[LEDGER_LEASES_OF_NAME];
	unsigned n = ledger_leases_of(&g->leases, zone, report, leases), count = 0;

	for (unsigned i = 0; i < n; i++)
		if (undo_entry_number(&leases[i]->entry) != LEDGER_LEASE_NAME &&
		    atomic_load_explicit(&leases[i]->stamp_ms, memory_order_relaxed) +
				    g->services.rule->suspect.within_s * 1000ull >=
			    now_ms)
			count++;
	return count;
}

static void tell(const uint8_t *instance, const char *what)
{
	char name[DNS_NAME_TEXT_MAX];

	dns_name_to_text(name, instance);
	base_log(BASE_LOG_WARNING, "registry", "suspect: name=%s %s", name, what);
}

/* Its next refresh is to be seen by the registrar: it clears it. */
static void watch(struct registry_ledger *g, const uint8_t *zone, const uint8_t *instance)
{
	struct ledger_lease *leases[LEDGER_LEASES_OF_NAME];
	unsigned n = ledger_leases_of(&g->leases, zone, instance, leases);

	for (unsigned i = 0; i < n; i++)
		ledger_refresh_forget(&g->leases.refreshes, leases[i]);
}

static int reported(struct registry_ledger *g, struct zone_draft *draft, const uint8_t *report,
		    uint64_t now_ms)
{
	const struct view_rule *rule = g->services.rule;
	const uint8_t *zone = zone_name(zone_draft_zone(draft)),
		      *instance = dns_name_strip(report, 1);
	struct zone_rrset srv;

	if (rule->suspect.then == VIEW_IGNORE || view_is_suspect(&g->services, zone, instance) ||
	    !zone_draft_find(draft, instance, DNS_TYPE_SRV, &srv) ||
	    count(g, zone, report, now_ms) < rule->suspect.reports)
		return 0;
	watch(g, zone, instance);
	tell(instance, rule->suspect.then == VIEW_DEMOTE ? "is demoted" : "is withdrawn");
	return view_set_suspect(&g->services, instance, true, now_ms);
}

/* Ends what was reported of it. */
static int end_reports(struct registry_ledger *g, struct zone_draft *draft, const uint8_t *instance)
{
	struct ledger_lease *leases[LEDGER_LEASES_OF_NAME];
	uint8_t name[DNS_NAME_MAX];
	unsigned n = 0;
	int ret = 0;

	if (dns_name_join(name, prefix, sizeof(prefix) - 1, instance) > 0)
		n = ledger_leases_of(&g->leases, zone_name(zone_draft_zone(draft)), name, leases);
	for (unsigned i = 0; i < n && ret >= 0; i++)
		ret = ledger_leases_end(&g->leases, leases[i], draft);
	return ret < 0 ? ret : 0;
}

static int said_again(struct registry_ledger *g, struct zone_draft *draft, const uint8_t *instance)
{
	int ret;

	if (!view_is_suspect(&g->services, zone_name(zone_draft_zone(draft)), instance))
		return 0;
	tell(instance, "is said again by its owner, and is no more");
	ret = view_set_suspect(&g->services, instance, false, 0);
	return ret == 0 ? end_reports(g, draft, instance) : ret;
}

int update_report_finish(struct registry_ledger *g, struct zone_draft *draft,
			 const struct dns_update_record *records, size_t nrecords, uint64_t now_ms)
{
	const uint8_t *zone = zone_name(zone_draft_zone(draft));
	int ret = 0;

	for (size_t i = 0; i < nrecords && ret == 0; i++) {
		if (!dns_update_is_added(&records[i]))
			ret = update_report_ended(g, draft, records[i].owner); /* taken back */
		else if (g->services.marks.count > 0 &&
			 dnssd_kind_of(records[i].owner, zone) == DNSSD_INSTANCE)
			ret = said_again(g, draft, records[i].owner);
		else if (dnssd_kind_of(records[i].owner, zone) == DNSSD_REPORT)
			ret = reported(g, draft, records[i].owner, now_ms);
	}
	return ret;
}

int update_report_ended(struct registry_ledger *g, struct zone_draft *draft, const uint8_t *name)
{
	const uint8_t *zone = zone_name(zone_draft_zone(draft)), *instance;

	if (g->services.marks.count == 0 || dnssd_kind_of(name, zone) != DNSSD_REPORT)
		return 0;
	instance = dns_name_strip(name, 1);
	if (!view_is_suspect(&g->services, zone, instance) || is_leased(g, zone, name) ||
	    is_leased(g, zone, instance))
		return 0;
	tell(instance, "has no lease, and its last report has ended: it is no more");
	return view_set_suspect(&g->services, instance, false, 0);
}
