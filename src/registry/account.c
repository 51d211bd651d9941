/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "registry/account.h"

#include "registry/ledger.h"
#include "registry/message.h"
#include "registry/ready.h"
#include "registry/report.h"

/* A report does not stay, even if its client knows no leases. */
static struct registry_lease_terms grant(const struct registry_account *a,
					 const struct registry_lease_terms *asked,
					 struct registry_report_kinds kinds)
{
	struct registry_lease_terms t = {0};

	if (a->lease_rule == NULL)
		return t;
	t = registry_lease_grant(a->lease_rule, asked);
	if (kinds.has_reports && t.lease_s == 0) {
		t.lease_s = a->ledger->services.rule->suspect.within_s;
		if (t.lease_s < a->lease_rule->minimum_s)
			t.lease_s = a->lease_rule->minimum_s;
		t.key_lease_s = t.lease_s;
	}
	return t;
}

static int make_services(const struct registry_account *a, struct registry_report_kinds kinds)
{
	struct registry_services *s = &a->ledger->services;
	int ret = 0;

	if (s->rule == NULL)
		return 0;
	for (size_t i = 0; i < a->nrecords; i++)
		registry_services_said(s, &a->records[i]);
	if (kinds.has_reports || s->marks.count > 0)
		ret = registry_report_account(a->ledger, a->draft, a->records, a->nrecords,
					      a->now_ms);
	return ret == 0 ? registry_services_derive(s) : ret;
}

int registry_account(const struct registry_account *a, struct registry_lease_terms *terms)
{
	const struct registry_services *s = &a->ledger->services;
	struct registry_report_kinds kinds = {0};
	int ret = 0;

	if (s->rule != NULL)
		kinds = registry_report_look(s->zone, a->records, a->nrecords);
	*terms = grant(a, terms, kinds);
	if (kinds.has_reports)
		ret = registry_report_replace(a->ledger, a->draft, a->records, a->nrecords, a->key);
	if (ret >= 0)
		ret = registry_leases_update(&a->ledger->leases, a->draft, a->records, a->nrecords,
					     a->key, terms, a->is_changed || ret > 0, a->now_ms);
	if (ret == 0)
		ret = make_services(a, kinds);
	if (ret == 0)
		ret = registry_ready_account(a->policy, a->ledger, a->draft, a->records,
					     a->nrecords, a->key);
	return ret < 0 ? ret : !kinds.has_reports;
}
