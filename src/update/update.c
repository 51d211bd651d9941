/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The steps of an update are RFC 2136 section 3, in its order but for one thing: the prescan (4)
 * comes before permission (5), because what a delete of all records needs permission for is found
 * by looking its name up in the zone, so the name must be known to be in it. Only a lack of memory
 * and a bound (update_refuse_late) stop step 7 and what follows. */
#include "update/update.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "dns/rdata.h"
#include "dns/type.h"
#include "update/apply.h"
#include "update/check.h"
#include "update/fail.h"
#include "update/finish.h"
#include "update/permit.h"
#include "update/policy.h"
#include "update/quota.h"
#include "update/size.h"
#include "update/takeover.h"
#include "update/update_priv.h"
#include "view/drain.h"
#include "view/update.h"
#include "zone/draft.h"
#include "zone/zone.h"

struct update *update_new(struct ledger *ledger, struct view *view)
{
	struct update *u = calloc(1, sizeof(*u));

	if (u != NULL && dns_update_init(&u->message) != 0) {
		free(u);
		return NULL;
	}
	if (u != NULL) {
		u->ledger = ledger;
		view_pass_init(&u->pass, view);
	}
	return u;
}

void update_free(struct update *u)
{
	if (u == NULL)
		return;
	dns_update_fini(&u->message);
	view_pass_fini(&u->pass);
	free(u->permitted.slot);
	free(u);
}

const struct dns_update_record *update_records(const struct update *u, size_t *count)
{
	const struct dns_update *m = &u->message;

	*count = m->nread > m->nprerequisites ? m->nread - m->nprerequisites : 0;
	return m->update;
}

struct view_pass *update_pass(struct update *u)
{
	return &u->pass;
}

static void begin(struct update *u, const struct update_request *r)
{
	struct update_result *result = r->result;

	result->rcode = DNS_RCODE_NOERROR;
	result->bound = UPDATE_BOUND_NONE;
	result->ede = DNS_EDE_NONE;
	result->rule = 0;
	result->nadded = result->nremoved = 0;
	result->is_repeatable = false;
	result->text[0] = '\0';
	u->request = r;
	u->result = result;
	u->draft = r->draft;
	u->zone = zone_name(zone_draft_zone(r->draft));
	u->limits = zone_get_limits(zone_draft_zone(r->draft));
	u->has_key = r->key != NULL;
	if (u->has_key)
		dns_name_lower(u->key, r->key);
	u->budget.nlooks = UPDATE_LOOKS;
	view_pass_begin(&u->pass, r->view_rule, r->draft);
	u->pass.budget = u->ledger->leases.budget = &u->budget;
	if (u->has_key && update_policy_fabric(r->policy) != NULL)
		u->pass.key = u->key;
}

static int read_message(struct update *u)
{
	const struct dns_update *m = &u->message;
	char what[96] = "has malformed rdata";
	int ret = dns_update_parse(&u->message, u->request->msg, u->request->nbytes);

	if (ret != -EBADMSG)
		return ret;
	if (m->prerequisite == NULL || m->prerequisite[m->nread].owner == NULL)
		return update_fail(u, DNS_RCODE_FORMERR, "the message is malformed or cut short");
	if (m->fault != NULL && m->fault != dns_rdata_malformed)
		snprintf(what, sizeof(what), "has malformed rdata: %s", m->fault);
	return update_fail_record(u, DNS_RCODE_FORMERR, &m->prerequisite[m->nread], what);
}

/* Changes are to find what owners registered, not what drained instances publish. That copies whole
 * RRsets, so the update must be permitted; the steps before this one only read
 * (view_drain_find). */
static int restore_drained(struct update *u)
{
	const struct dns_update *m = &u->message;

	for (unsigned i = 0; i < m->nupdates; i++)
		if (!view_drain_restore(&u->pass, m->update[i].owner))
			return update_look(u, UINT64_MAX);
	return 0;
}

/* A look-up for which memory is short finds nothing: what rests on it is void. */
static int check_memory(struct update *u)
{
	return zone_draft_is_short(u->draft) ? -ENOMEM : 0;
}

/* The steps in their order. Each returns 0, the RCODE of a refusal, or a negative errno, and the
 * first that does not return 0 is the last. */
static int (*const steps[])(struct update *u) = {
	read_message,		    /* 1. the message can be read                   */
	update_check_zone,	    /* 2. it is about this zone      RFC 2136, 3.1   */
	update_check_prerequisites, /* 3. its prerequisites hold     3.2             */
	update_check_records,	    /* 4. its records make sense     3.4.1, prescan  */
	update_permit,		    /* 5. the key may do this        3.3             */
	restore_drained,	    /*    (drained: what the owner registered)       */
	update_check_services,	    /* 6. so may the service view                    */
	update_size_check,	    /*    and the limits of names and RRsets         */
	update_quota_check,	    /*    and the key's quota                        */
	update_take_over,	    /*    (what it takes over is removed)            */
	update_apply,		    /* 7. the records are applied    3.4.2           */
	check_memory,		    /*    (or all of it is undone)                   */
	update_finish,		    /* 8. leases, reports, service view, owners      */
};

/* A refusal changes nothing, but drained instances must publish their overlay again. */
static int refuse(struct update *u, int rcode)
{
	if (u->request->lease->is_present)
		u->ledger->leases.stats.refused++;
	u->pass.budget = NULL; /* it may be spent */
	return view_update(&u->pass) < 0 ? -ENOMEM : rcode;
}

int update_run(struct update *u, const struct update_request *r)
{
	int ret = 0;

	begin(u, r);
	for (size_t i = 0; i < sizeof(steps) / sizeof(*steps) && ret == 0; i++)
		ret = steps[i](u);
	if (check_memory(u) < 0)
		return -ENOMEM;
	/* A room below has spent the budget; it does not know results. */
	if (ret == -ECANCELED && u->result->bound == UPDATE_BOUND_NONE)
		return update_look_late(u, UINT64_MAX);
	return ret > 0 ? refuse(u, ret) : ret;
}
