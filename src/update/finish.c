/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "update/finish.h"

#include <errno.h>
#include <stdio.h>

#include "base/log.h"
#include "dns/type.h"
#include "dnssd/kind.h"
#include "ledger/grant.h"
#include "update/fabric_policy.h"
#include "update/fail.h"
#include "update/policy.h"
#include "update/quota.h"
#include "update/report.h"
#include "update/update_priv.h"
#include "view/update.h"

/* A report always has a lease, even if its client knows none. */
static struct ledger_lease_terms grant(const struct update *u, struct update_report_kinds kinds)
{
	struct ledger_lease_terms t = u->terms;

	if (u->request->lease_rule == NULL)
		return t;
	if (kinds.has_reports && t.lease_s == 0) {
		t.lease_s = u->pass.rule->suspect.within_s;
		if (t.lease_s < u->least_lease_s)
			t.lease_s = u->least_lease_s;
		t.key_lease_s = t.lease_s;
	}
	return t;
}

/* Makes, moves or refreshes the leases of the update's records. */
static int finish_leases(struct update *u, struct update_report_kinds kinds)
{
	const struct update_request *r = u->request;
	const struct dns_update *m = &u->message;
	int nreplaced = 0;

	if (kinds.has_reports)
		nreplaced =
			update_report_replace(u->ledger, &u->pass, m->update, m->nupdates, r->key);
	if (nreplaced < 0)
		return nreplaced;
	return ledger_grant_update(
		&u->ledger->leases, u->draft, m->update, m->nupdates, r->key, r->lease,
		u->result->nadded + u->result->nremoved + (unsigned)nreplaced > 0, r->now_ms);
}

/* A lease that would be too large for the store is refused now: no commit may fail for it. */
static int refuse_lease(struct update *u)
{
	char name[DNS_NAME_TEXT_MAX], text[UPDATE_TEXT_MAX];

	dns_name_to_text(name, u->ledger->leases.too_large);
	snprintf(text, sizeof(text),
		 "the lease of %.150s would hold more than %u octets of records", name,
		 LEDGER_CONTENT_MAX);
	return update_refuse_late(u, UPDATE_BOUND_SIZE, text);
}

/* Makes the service view agree, after reports and their ends have marked instances. */
static int finish_view(struct update *u, struct update_report_kinds kinds)
{
	const struct dns_update *m = &u->message;
	int ret = 0;

	if (u->pass.rule == NULL)
		return 0;
	for (unsigned i = 0; i < m->nupdates; i++)
		view_update_mentioned(&u->pass, &m->update[i]);
	if (kinds.has_reports || u->pass.view->marks.count > 0)
		ret = update_report_finish(u->ledger, &u->pass, m->update, m->nupdates,
					   u->request->now_ms);
	return ret == 0 ? view_update(&u->pass) : ret;
}

/* Answers that a registered instance is not live for want of an address, which may yet come. */
static void report_unaddressed(struct update *u)
{
	struct update_result *result = u->result;
	char name[DNS_NAME_TEXT_MAX];

	dns_name_to_text(name, u->pass.notice.target);
	result->ede = DNS_EDE_OTHER;
	snprintf(result->text, sizeof(result->text),
		 "%.150s has no address, instances that target it are not browsed until it has one",
		 name);
}

/* Logs and answers that a set of PTRs has outgrown an answer. The update itself has succeeded. */
static void report_notice(struct update *u)
{
	const struct view_notice *n = &u->pass.notice;
	struct update_result *result = u->result;
	char name[DNS_NAME_TEXT_MAX];
	const char *full = "no answer holds more instances, this one is not browsed until there is "
			   "room";

	if (!n->is_full && !n->has_grown)
		return;
	if (dnssd_kind_of(n->owner, u->zone) == DNSSD_OTHER)
		full = "no answer holds more types, this one is not listed until there is room";
	dns_name_to_text(name, n->owner);
	result->ede = DNS_EDE_OTHER;
	snprintf(result->text, sizeof(result->text), "%.150s: %s", name,
		 n->is_full ? full : "the answer no longer fits a datagram, clients come by TCP");
	if (n->is_new || !n->is_full)
		base_log(n->is_full ? BASE_LOG_WARNING : BASE_LOG_INFO, "registry",
			 "type-%s name=%s", n->is_full ? "full" : "outgrown", name);
}

int update_finish(struct update *u)
{
	const struct update_request *r = u->request;
	const struct dns_update *m = &u->message;
	struct update_report_kinds kinds = {0};
	bool is_asked = r->lease->is_present;
	int ret;

	if (u->pass.rule != NULL)
		kinds = update_report_look(u->zone, m->update, m->nupdates);
	*r->lease = grant(u, kinds);
	ret = finish_leases(u, kinds);
	if (ret == -E2BIG)
		return refuse_lease(u);
	if (ret == 0)
		ret = finish_view(u, kinds);
	if (ret == 0)
		ret = update_fabric_policy_finish(r->policy, u->ledger, u->draft, m->update,
						  m->nupdates, r->key);
	if (ret == 0)
		ret = update_quota_finish(u);
	if (ret < 0)
		return ret;
	if (u->pass.notice.is_unaddressed)
		report_unaddressed(u);
	report_notice(u);
	/* A worker can check neither prerequisites, with which a refresh is rare (RFC 9664 section
	 * 5.1), nor which node leads. */
	u->result->is_repeatable = is_asked && r->key != NULL && m->nprerequisites == 0 &&
				   !kinds.has_reports && !u->is_leaders;
	return 0;
}
