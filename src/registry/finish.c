/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registry/finish.h"

#include "dns/update.h"
#include "registry/ledger.h"
#include "update/fabric_policy.h"
#include "update/report.h"

/* A report does not stay, even if its client knows no leases. */
static struct ledger_lease_terms grant(const struct registry_finish *a,
				       const struct ledger_lease_terms *asked,
				       struct update_report_kinds kinds)
{
	struct ledger_lease_terms t = {0};

	if (a->lease_rule == NULL)
		return t;
	t = ledger_lease_grant(a->lease_rule, asked);
	if (kinds.has_reports && t.lease_s == 0) {
		t.lease_s = a->ledger->services.rule->suspect.within_s;
		if (t.lease_s < a->lease_rule->minimum_s)
			t.lease_s = a->lease_rule->minimum_s;
		t.key_lease_s = t.lease_s;
	}
	return t;
}

static int make_services(const struct registry_finish *a, struct update_report_kinds kinds)
{
	struct view *s = &a->ledger->services;
	int ret = 0;

	if (s->rule == NULL)
		return 0;
	for (size_t i = 0; i < a->nrecords; i++)
		view_mentioned(s, &a->records[i]);
	if (kinds.has_reports || s->marks.count > 0)
		ret = update_report_finish(a->ledger, a->draft, a->records, a->nrecords, a->now_ms);
	return ret == 0 ? view_update(s) : ret;
}

int registry_finish(const struct registry_finish *a, struct ledger_lease_terms *terms)
{
	const struct view *s = &a->ledger->services;
	struct update_report_kinds kinds = {0};
	int ret = 0;

	if (s->rule != NULL)
		kinds = update_report_look(s->zone, a->records, a->nrecords);
	*terms = grant(a, terms, kinds);
	if (kinds.has_reports)
		ret = update_report_replace(a->ledger, a->draft, a->records, a->nrecords, a->key);
	if (ret >= 0)
		ret = ledger_leases_update(&a->ledger->leases, a->draft, a->records, a->nrecords,
					   a->key, terms, a->is_changed || ret > 0, a->now_ms);
	if (ret == 0)
		ret = make_services(a, kinds);
	if (ret == 0)
		ret = update_fabric_policy_finish(a->policy, a->ledger, a->draft, a->records,
						  a->nrecords, a->key);
	return ret < 0 ? ret : !kinds.has_reports;
}
