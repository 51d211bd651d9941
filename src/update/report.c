/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "update/report.h"

#include "base/log.h"
#include "dns/type.h"
#include "dns/update.h"
#include "dnssd/kind.h"
#include "ledger/ledger.h"
#include "ledger/release.h"
#include "view/mark.h"
#include "view/pass.h"
#include "view/suspect.h"
#include "zone/draft.h"

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

int update_report_replace(struct ledger *g, struct view_pass *p,
			  const struct dns_update_record *records, size_t nrecords,
			  const uint8_t *key)
{
	int n = 0, sum = 0;

	for (size_t i = 0; i < nrecords && n >= 0; i++) {
		struct ledger_lease *lease = NULL;

		/* Once for several records at one name. */
		if (i > 0 && dns_update_is_added(&records[i - 1]) &&
		    dns_name_equal(records[i].owner, records[i - 1].owner))
			continue;
		if (dns_update_is_added(&records[i]) &&
		    dnssd_kind_of(records[i].owner, p->zone) == DNSSD_REPORT)
			lease = ledger_leases_find_by_holder(&g->leases, p->zone, records[i].owner,
							     key);
		if (lease == NULL)
			continue;
		n = view_pass_look(p, (uint64_t)ledger_lease_content(lease)->nrecords * nrecords);
		if (n < 0)
			return n;
		n = ledger_release_missing(&g->leases, lease, p->draft, records, nrecords);
		sum += n;
	}
	return n < 0 ? n : sum;
}

/* Returns whether a name has a lease of records; a key lease of the name alone does not count. */
static bool is_leased(const struct ledger *g, const struct view_pass *p, const uint8_t *name)
{
	struct ledger_lease *leases[LEDGER_LEASES_OF_NAME];
	unsigned n = ledger_leases_of(&g->leases, p->zone, name, leases);

	return n > 0 && undo_entry_number(&leases[0]->entry) != LEDGER_LEASE_NAME;
}

/* Returns how many keys have reported within the rule's time. */
static unsigned count_keys(const struct ledger *g, const struct view_pass *p, const uint8_t *report,
			   uint64_t now_ms)
{
	struct ledger_lease *leases[LEDGER_LEASES_OF_NAME];
	unsigned n = ledger_leases_of(&g->leases, p->zone, report, leases), count = 0;

	for (unsigned i = 0; i < n; i++)
		if (undo_entry_number(&leases[i]->entry) != LEDGER_LEASE_NAME &&
		    atomic_load_explicit(&leases[i]->stamp_ms, memory_order_relaxed) +
				    p->rule->suspect.within_s * 1000ull >=
			    now_ms)
			count++;
	return count;
}

static void log_suspect(const uint8_t *instance, const char *state)
{
	char name[DNS_NAME_TEXT_MAX];

	dns_name_to_text(name, instance);
	base_log(BASE_LOG_WARNING, "registry", "suspect name=%s state=%s", name, state);
}

static void log_cleared(const uint8_t *instance, const char *why)
{
	char name[DNS_NAME_TEXT_MAX];

	dns_name_to_text(name, instance);
	base_log(BASE_LOG_WARNING, "registry", "suspect-cleared name=%s why=\"%s\"", name, why);
}

/* Makes the instance's next refresh go to the registrar, which clears it, rather than be answered
 * by a worker. */
static void forget_refreshes(struct ledger *g, const struct view_pass *p, const uint8_t *instance)
{
	struct ledger_lease *leases[LEDGER_LEASES_OF_NAME];
	unsigned n = ledger_leases_of(&g->leases, p->zone, instance, leases);

	for (unsigned i = 0; i < n; i++)
		ledger_refresh_forget(&g->leases.refreshes, leases[i]);
}

/* A report was added: suspects its instance if it is the one too many. */
static int on_report(struct ledger *g, struct view_pass *p, const uint8_t *report, uint64_t now_ms)
{
	const struct view_suspect_rule *rule = &p->rule->suspect;
	const uint8_t *instance = dns_name_strip(report, 1);
	struct zone_rrset srv;
	int ret;

	if (rule->then == VIEW_IGNORE || view_mark_is_suspect(p->view, p->zone, instance) ||
	    !zone_draft_find(p->draft, instance, DNS_TYPE_SRV, &srv) ||
	    count_keys(g, p, report, now_ms) < rule->reports)
		return 0;
	ret = view_suspect_set(p, instance, true, now_ms);
	if (ret < 0)
		return ret;
	forget_refreshes(g, p, instance);
	log_suspect(instance, rule->then == VIEW_DEMOTE ? "demoted" : "withdrawn");
	return 0;
}

static int end_reports(struct ledger *g, struct view_pass *p, const uint8_t *instance)
{
	struct ledger_lease *leases[LEDGER_LEASES_OF_NAME];
	uint8_t name[DNS_NAME_MAX];
	unsigned n = 0;
	int ret = 0;

	if (dns_name_join(name, prefix, sizeof(prefix) - 1, instance) > 0)
		n = ledger_leases_of(&g->leases, p->zone, name, leases);
	for (unsigned i = 0; i < n && ret >= 0; i++)
		ret = ledger_release_lease(&g->leases, leases[i], p->draft);
	return ret < 0 ? ret : 0;
}

/* An instance was registered again: clears it. */
static int on_instance(struct ledger *g, struct view_pass *p, const uint8_t *instance)
{
	int ret;

	if (!view_mark_is_suspect(p->view, p->zone, instance))
		return 0;
	log_cleared(instance, "its owner has registered it again");
	ret = view_suspect_set(p, instance, false, 0);
	return ret == 0 ? end_reports(g, p, instance) : ret;
}

int update_report_finish(struct ledger *g, struct view_pass *p,
			 const struct dns_update_record *records, size_t nrecords, uint64_t now_ms)
{
	int ret = 0;

	for (size_t i = 0; i < nrecords && ret == 0; i++) {
		const uint8_t *owner = records[i].owner;

		if (!dns_update_is_added(&records[i]))
			ret = update_report_ended(g, p, owner);
		else if (p->view->marks.count > 0 &&
			 dnssd_kind_of(owner, p->zone) == DNSSD_INSTANCE)
			ret = on_instance(g, p, owner);
		else if (dnssd_kind_of(owner, p->zone) == DNSSD_REPORT)
			ret = on_report(g, p, owner, now_ms);
	}
	return ret;
}

int update_report_ended(struct ledger *g, struct view_pass *p, const uint8_t *name)
{
	const uint8_t *instance;

	if (p->view->marks.count == 0 || dnssd_kind_of(name, p->zone) != DNSSD_REPORT)
		return 0;
	instance = dns_name_strip(name, 1);
	if (!view_mark_is_suspect(p->view, p->zone, instance) || is_leased(g, p, name) ||
	    is_leased(g, p, instance))
		return 0;
	log_cleared(instance, "it has no lease, and its last report has ended");
	return view_suspect_set(p, instance, false, 0);
}
