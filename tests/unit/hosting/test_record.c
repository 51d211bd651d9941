/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/rcu.h"
#include "dns/name.h"
#include "dns/record.h"
#include "dns/type.h"
#include "hosting/record.h"
#include "zone/draft.h"
#include "zone/zone.h"

static const uint8_t apex[] = "\003lab\005cloud";
static const struct zone_limits limits = {8, 10, 1000, 2000};

/* Adds a PTR from `owner` to `target`, names below the zone. */
static int add_pointer(struct zone_draft *d, const char *owner, const char *target,
		       enum zone_limit *over)
{
	uint8_t name[DNS_NAME_MAX], rdata[DNS_NAME_MAX];
	struct dns_record r = {.owner = name, .type = DNS_TYPE_PTR, .rdata = rdata};

	assert_true(dns_name_from_text(name, owner, strlen(owner), apex) > 0);
	r.nbytes = (uint16_t)dns_name_from_text(rdata, target, strlen(target), apex);
	assert_true(r.nbytes > 0);
	return hosting_record_add(d, &limits, &r, 60, over);
}

/* Adds PTRs to instances of `type` as long as they fit. Returns how many. */
static unsigned fill(struct zone_draft *d, const char *owner, const char *type,
		     enum zone_limit *over)
{
	char target[128];

	for (unsigned n = 0;; n++) {
		int ret;

		snprintf(target, sizeof(target), "i%04u.%s", n, type);
		ret = add_pointer(d, owner, target, over);
		if (ret < 0) {
			assert_int_equal(ret, -E2BIG);
			return n;
		}
		assert_int_equal(ret, 1);
		assert_int_equal(add_pointer(d, owner, target, over), 0);
	}
}

static void pointers_of_a_type_are_as_many_as_an_answer_carries(void **state)
{
	struct zone *z = zone_new(apex, 1);
	struct zone_draft *d = zone_draft_new(z);
	enum zone_limit over = ZONE_LIMIT_NONE;

	(void)state;
	/* 12 octets, a label of 6 and a pointer of 2 each. */
	assert_int_equal(fill(d, "_http._tcp", "_http._tcp", &over), 50);
	assert_int_equal(over, ZONE_LIMIT_OF_RRSET_NBYTES);
	assert_int_equal(fill(d, "_x._sub._http._tcp", "_http._tcp", &over), 50);
	/* Others are records like all. */
	assert_int_equal(fill(d, "_http._tcp", "_ipp._tcp", &over), 0);
	assert_int_equal(fill(d, "other", "_http._tcp", &over), 10);
	assert_int_equal(over, ZONE_LIMIT_OF_RECORDS);
	zone_draft_abort(d);
	zone_free(z);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pointers_of_a_type_are_as_many_as_an_answer_carries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
