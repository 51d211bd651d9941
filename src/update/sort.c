/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "update/sort.h"

#include <stdlib.h>

#include "dns/rdata.h"
#include "dns/update.h"

int update_sort_compare(const struct dns_update_record *a, const struct dns_update_record *b)
{
	bool is_added = dns_update_is_added(a);
	int d = dns_name_compare(a->owner, b->owner);

	if (d == 0)
		d = (int)is_added - (int)dns_update_is_added(b);
	if (d == 0)
		d = (int)a->type - (int)b->type;
	if (d == 0 && is_added)
		d = dns_rdata_compare(a->type, a->rdata, a->nbytes, b->rdata, b->nbytes);
	return d;
}

/* Records of a section are in one array, in their order. */
static int compare(const void *left, const void *right)
{
	const struct dns_update_record *a = *(const struct dns_update_record *const *)left;
	const struct dns_update_record *b = *(const struct dns_update_record *const *)right;
	int d = update_sort_compare(a, b);

	return d != 0 ? d : (a > b) - (a < b);
}

void update_sort(const struct dns_update_record **records, size_t count)
{
	if (count > 1)
		qsort(records, count, sizeof(*records), compare);
}
