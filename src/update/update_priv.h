/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* update/update_priv.h - an update in hand, shared by the files that do its steps. */
#pragma once

#include "base/budget.h"
#include "dns/name.h"
#include "dns/update.h"
#include "ledger/ledger.h"
#include "update/update.h"
#include "view/pass.h"
#include "zone/limits.h"

struct update_quota;

struct update {
	struct ledger *ledger;
	struct view_pass pass;
	struct dns_update message;  /* the request, parsed */
	struct base_seen permitted; /* what update_permit has looked at */

	/* during one update_run */
	const struct update_request *request;
	struct update_result *result;
	struct zone_draft *draft;
	const uint8_t *zone;	   /* the draft's zone's name */
	struct base_budget budget; /* what the update may still look at */
	struct zone_limits limits; /* of the zone */
	bool has_key;
	struct ledger_lease_terms terms;  /* to be granted (terms.h), */
	uint32_t least_lease_s;		  /* and the least lease that may be */
	bool is_leaders;		  /* permitted to the leader's key only */
	uint8_t key[DNS_NAME_MAX];	  /* that signed, in lower case; if has_key */
	const struct update_quota *quota; /* that the key may go over; NULL: it cannot */
	struct ledger_amounts before;	  /* what the key has before the update; if `quota` */
};
