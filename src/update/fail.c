/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "update/fail.h"

#include <errno.h>
#include <stdio.h>

#include "dns/type.h"
#include "update/update_priv.h"

int update_fail(struct update *u, uint16_t rcode, const char *text)
{
	u->result->rcode = rcode;
	u->result->ede = rcode == DNS_RCODE_REFUSED ? DNS_EDE_PROHIBITED : DNS_EDE_OTHER;
	snprintf(u->result->text, sizeof(u->result->text), "%s", text);
	return rcode;
}

int update_fail_record(struct update *u, uint16_t rcode, const struct dns_update_record *record,
		       const char *what)
{
	const struct dns_update *m = &u->message;
	bool is_update = record >= m->update;
	size_t number = (size_t)(record - (is_update ? m->update : m->prerequisite)) + 1;
	char owner[DNS_NAME_TEXT_MAX], type[DNS_TYPE_TEXT_MAX], text[UPDATE_TEXT_MAX];

	dns_name_to_text(owner, record->owner);
	dns_type_to_text(type, record->type);
	snprintf(text, sizeof(text), "%s %zu: %.110s%s%s %.100s",
		 is_update ? "update" : "prerequisite", number, owner,
		 record->type == DNS_TYPE_ANY ? "" : " ", record->type == DNS_TYPE_ANY ? "" : type,
		 what);
	return update_fail(u, rcode, text);
}

int update_refuse(struct update *u, enum update_bound bound, const char *text)
{
	int rcode = update_fail(u, DNS_RCODE_REFUSED, text);

	u->result->ede = DNS_EDE_OTHER;
	u->result->bound = bound;
	return rcode;
}

/* What was counted as added and removed is undone. */
static int late(struct update *u)
{
	u->result->nadded = u->result->nremoved = 0;
	return -ECANCELED;
}

int update_refuse_late(struct update *u, enum update_bound bound, const char *text)
{
	update_refuse(u, bound, text);
	return late(u);
}

int update_refuse_record(struct update *u, enum update_bound bound,
			 const struct dns_update_record *record, const char *what)
{
	int rcode = update_fail_record(u, DNS_RCODE_REFUSED, record, what);

	u->result->ede = DNS_EDE_OTHER;
	u->result->bound = bound;
	return rcode;
}

int update_refuse_record_late(struct update *u, enum update_bound bound,
			      const struct dns_update_record *record, const char *what)
{
	update_refuse_record(u, bound, record, what);
	return late(u);
}

static const char too_much[] = "this update looks at more than one request may: divide it";

int update_look(struct update *u, uint64_t n)
{
	return base_budget_take(&u->budget, n) ? DNS_RCODE_NOERROR
					       : update_refuse(u, UPDATE_BOUND_WORK, too_much);
}

int update_look_late(struct update *u, uint64_t n)
{
	return base_budget_take(&u->budget, n) ? 0
					       : update_refuse_late(u, UPDATE_BOUND_WORK, too_much);
}
