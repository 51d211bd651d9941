/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/release.h"
#include "update/report.h"
#include "update/update_priv.h"
#include "view/drain.h"
#include "view/update.h"
#include "zone/draft.h"
#include "zone/zone.h"

/* Shows the view what the lease held, once it has ended: a record that another lease holds too is
 * still there. Frees the names that have no records any more. */
static int finish_records(struct update *u, struct zone_draft *draft, struct base_buf records)
{
	struct dns_record r;
	int ret = 0;

	while (ret == 0 && zone_changeset_next(&records, &r)) {
		if (zone_draft_has(draft, r.owner, r.type, r.rdata, r.nbytes))
			view_update_added(&u->pass, &r);
		else
			view_update_removed(&u->pass, &r);
		ret = ledger_release_if_empty(u->ledger, draft, r.owner);
	}
	return ret;
}

static int expire(struct update *u, struct ledger_lease *lease, struct zone_draft *draft,
		  struct base_buf records)
{
	struct base_buf b = records;
	uint8_t name[DNS_NAME_MAX];
	struct dns_record r;
	int nremoved, ret;

	dns_name_lower(name, undo_entry_name(&lease->entry));
	while (zone_changeset_next(&b, &r))
		view_drain_restore(&u->pass, r.owner);
	nremoved = ledger_release_lease(&u->ledger->leases, lease, draft);
	if (nremoved < 0)
		return nremoved;
	ret = finish_records(u, draft, records);
	if (ret == 0)
		ret = update_report_ended(u->ledger, &u->pass, name);
	if (ret == 0)
		ret = view_update(&u->pass);
	/* The lease's own name comes last, when everything else is removed. */
	if (ret == 0)
		ret = ledger_release_if_empty(u->ledger, draft, name);
	return ret < 0 ? ret : nremoved;
}

int update_expire(struct update *u, struct ledger_lease *lease, struct zone_draft *draft,
		  const struct view_rule *rule)
{
	const struct ledger_content *c = lease->entry.content;
	size_t nbytes = c->nbytes;
	uint8_t *records = malloc(nbytes + 1); /* the content goes with the lease */
	int ret;

	if (records == NULL)
		return -ENOMEM;
	memcpy(records, c->bytes + c->nholder_bytes, nbytes);
	view_pass_begin(&u->pass, rule, draft);
	ret = expire(u, lease, draft, base_buf_over(records, nbytes));
	free(records);
	return ret;
}
