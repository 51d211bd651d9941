/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "server/refuse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"
#include "dns/type.h"
#include "server/request.h"
#include "server/stats.h"
#include "server/turn.h"
#include "update/update.h"

static struct server_stats stats;
static struct guard_gate gate;
static struct server_turn turn = {.stats = &stats, .gate = &gate};
static const struct sockaddr_storage nowhere;
static const struct server_peer peer = {.address = (const struct sockaddr *)&nowhere};

static void results_of_the_registrar_have_reasons(void **state)
{
	static const struct {
		uint16_t rcode;
		enum update_bound bound;
		const char *text;
		enum guard_reason reason;
	} cases[] = {
		{DNS_RCODE_NOERROR, 0, "", GUARD_NOT_REFUSED},
		{DNS_RCODE_REFUSED, UPDATE_BOUND_NONE, "no rule", GUARD_POLICY},
		{DNS_RCODE_REFUSED, UPDATE_BOUND_QUOTA, "", GUARD_QUOTA},
		{DNS_RCODE_REFUSED, UPDATE_BOUND_SIZE, "", GUARD_SIZE},
		{DNS_RCODE_REFUSED, UPDATE_BOUND_WORK, "", GUARD_WORK},
		{DNS_RCODE_YXDOMAIN, 0, "update 1: a. A belongs to key b.", GUARD_CONFLICT},
		{DNS_RCODE_YXDOMAIN, 0, "prerequisite 1: a. is in use", GUARD_PREREQUISITE},
		{DNS_RCODE_NXRRSET, 0, "prerequisite 2: a. A does not exist", GUARD_PREREQUISITE},
		{DNS_RCODE_SERVFAIL, 0, "", GUARD_NOT_STORED},
		{DNS_RCODE_FORMERR, 0, "", GUARD_MALFORMED},
		{DNS_RCODE_NOTZONE, 0, "", GUARD_MALFORMED},
	};
	const struct server_request request = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct update_result result = {.rcode = cases[i].rcode, .bound = cases[i].bound};

		snprintf(result.text, sizeof(result.text), "%s", cases[i].text);
		memset(&stats, 0, sizeof(stats));
		server_refuse_result(&request, &turn, &peer, &result);
		for (unsigned r = 0; r < GUARD_REASONS; r++)
			assert_int_equal(stats.refused[r],
					 r == cases[i].reason && r != GUARD_NOT_REFUSED);
	}
}

static void signatures_have_reasons(void **state)
{
	static const struct {
		struct dns_tsig tsig;
		enum guard_reason reason;
	} cases[] = {
		{{.status = DNS_TSIG_FORMERR}, GUARD_MALFORMED_TSIG},
		{{.status = DNS_TSIG_NOTAUTH, .error = DNS_TSIG_BADSIG}, GUARD_BAD_MAC},
		{{.status = DNS_TSIG_NOTAUTH, .error = DNS_TSIG_BADTIME}, GUARD_BAD_TIME},
		{{.status = DNS_TSIG_NOTAUTH, .error = DNS_TSIG_BADTRUNC}, GUARD_SHORT_MAC},
		{{.status = DNS_TSIG_NOTAUTH, .error = DNS_TSIG_BADKEY}, GUARD_UNKNOWN_KEY},
		{{.status = DNS_TSIG_NOTAUTH, .error = DNS_TSIG_BADKEY, .is_known_name = true},
		 GUARD_WRONG_ALGORITHM},
		{{.status = DNS_TSIG_NOTAUTH,
		  .error = DNS_TSIG_BADKEY,
		  .refusal = DNS_TSIG_REVOKED},
		 GUARD_REVOKED_KEY},
		{{.status = DNS_TSIG_NOTAUTH, .error = DNS_TSIG_BADKEY, .refusal = DNS_TSIG_PAST},
		 GUARD_OUTDATED_KEY},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct server_request request = {0};

		request.response.tsig = cases[i].tsig;
		memset(&stats, 0, sizeof(stats));
		server_refuse_signature(&request, &turn, &peer);
		assert_int_equal(stats.refused[cases[i].reason], 1);
	}
}

/* The message of an update is gone when the registrar has refused it. */
static void a_refusal_is_remembered_without_the_message(void **state)
{
	struct server_request request = {.has_question = true};
	const struct update_result result = {.rcode = DNS_RCODE_REFUSED, .text = "no rule"};
	static struct guard_refusal found[2];

	(void)state;
	memcpy(request.question.lower, "\3lab", 5);
	request.question.nbytes = 5;
	turn.refusals = guard_refusals_new();
	server_refuse_result(&request, &turn, &peer, &result);
	assert_int_equal(guard_refusals_find(turn.refusals, "-", found, 2), 1);
	assert_memory_equal(found[0].zone, "\3lab", 5);
	assert_string_equal(found[0].why, "no rule");
	assert_int_equal(found[0].reason, GUARD_POLICY);
	guard_refusals_free(turn.refusals);
	turn.refusals = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results_of_the_registrar_have_reasons),
		cmocka_unit_test(signatures_have_reasons),
		cmocka_unit_test(a_refusal_is_remembered_without_the_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
