/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "doctor/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "answers.h"
#include "dns/type.h"

#define SRV(ttl, rdata)                                                  \
	{                                                                \
		RESOLVE_ANSWER, "w._a._tcp.x.", DNS_TYPE_SRV, ttl, rdata \
	}
#define SOA(owner, ttl, rdata)                                     \
	{                                                          \
		RESOLVE_AUTHORITY, owner, DNS_TYPE_SOA, ttl, rdata \
	}

enum { FLAGS = DNS_FLAG_QR | DNS_FLAG_AA };

static struct doctor_findings found;
static struct doctor_subject subject;
static struct doctor_hop registry, resolver;

/* Makes an answer to a probe. */
static void set(struct doctor_probe *p, unsigned flags, int ede, const struct answer_record *r,
		size_t n)
{
	const struct answer a = {.name = "w._a._tcp.x.",
				 .type = DNS_TYPE_SRV,
				 .flags = (uint16_t)flags,
				 .ede = ede,
				 .records = r,
				 .nrecords = n};

	doctor_view_fini(&p->view);
	answer_take(&p->view, &a);
}

static void hop_set(struct doctor_hop *h, const char *label, const char *serial)
{
	const struct answer_record soa[] = {SOA("x.", 10, serial)};

	snprintf(h->label, sizeof(h->label), "%s", label);
	set(&h->soa, FLAGS, DNS_EDE_NONE, soa, 1);
	set(&h->tcp, FLAGS, DNS_EDE_NONE, soa, 1);
}

static void hop_fini(struct doctor_hop *h)
{
	doctor_probe_fini(&h->soa);
	doctor_probe_fini(&h->tcp);
	doctor_probe_fini(&h->question[0]);
	doctor_probe_fini(&h->unchecked);
	*h = (struct doctor_hop){0};
}

static int setup(void **state)
{
	static const struct answer_record srv[] = {SRV(60, "1 80 n1.x."), SRV(60, "2 80 n2.x.")};

	(void)state;
	found.n = 0;
	subject = (struct doctor_subject){.types = {DNS_TYPE_SRV}, .ntypes = 1};
	dns_name_from_text(subject.name, "w._a._tcp.x.", 12, NULL);
	dns_name_from_text(subject.zone, "x.", 2, NULL);
	registry.kind = DOCTOR_REGISTRY;
	resolver.kind = DOCTOR_RESOLVER;
	hop_set(&registry, "registry a", "7");
	hop_set(&resolver, "resolver b", "7");
	set(&registry.question[0], FLAGS, DNS_EDE_NONE, srv, 2);
	set(&resolver.question[0], FLAGS, DNS_EDE_NONE, srv, 2);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	hop_fini(&registry);
	hop_fini(&resolver);
	return 0;
}

static void hops_that_agree_have_no_findings(void **state)
{
	(void)state;
	assert_ptr_equal(doctor_judge_reference(&registry, 1), &registry);
	doctor_judge_registry(&found, &subject, &registry, &registry);
	doctor_judge_resolver(&found, &subject, &resolver, &registry);
	assert_int_equal(found.n, 0);
}

static void each_answer_has_its_finding(void **state)
{
	static const struct {
		const char *code; /* NULL: nothing is wrong */
		unsigned flags;
		int ede;
		struct answer_record records[2];
		size_t n;
	} cases[] = {
		{NULL, DNS_FLAG_QR, -1, {SRV(60, "2 80 n2.x."), SRV(59, "1 80 n1.x.")}, 2},
		{"left-out", DNS_FLAG_QR, -1, {SRV(60, "1 80 n1.x.")}, 1},
		{"stale", DNS_FLAG_QR, -1, {SRV(60, "1 80 n1.x."), SRV(60, "2 81 n2.x.")}, 2},
		{"stale", DNS_FLAG_QR, -1, {SRV(60, "1 80 n1.x."), SRV(60, "3 80 n2.x.")}, 2},
		{"expired", DNS_FLAG_QR, 3, {SRV(30, "1 80 n1.x.")}, 1},
		{"ttl-raised", DNS_FLAG_QR, -1, {SRV(99, "1 80 n1.x."), SRV(99, "2 80 n2.x.")}, 2},
		{"negative", DNS_FLAG_QR | 3, -1, {SOA("x.", 9, "7")}, 1},
		{"negative", DNS_FLAG_QR, -1, {SOA("x.", 9, "7")}, 1},
		{"not-routed", DNS_FLAG_QR | 3, -1, {SOA("org.", 9, "7")}, 1},
		{"not-routed", DNS_FLAG_QR | 3, -1, {SOA("x.", 9, "7")}, 0},
		{"refused", DNS_FLAG_QR | 5, 18, {SOA("x.", 9, "7")}, 0},
		{"refused", DNS_FLAG_QR | 2, -1, {SOA("x.", 9, "7")}, 0},
		{"nta-missing", DNS_FLAG_QR | 2, 6, {SOA("x.", 9, "7")}, 0},
		{"nta-missing", DNS_FLAG_QR | 2, 9, {SOA("x.", 9, "7")}, 0},
		{"truncated", DNS_FLAG_QR | DNS_FLAG_TC, -1, {SRV(60, "1 80 n1.x.")}, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		found.n = 0;
		set(&resolver.question[0], cases[i].flags, cases[i].ede, cases[i].records,
		    cases[i].n);
		doctor_judge_resolver(&found, &subject, &resolver, &registry);
		assert_int_equal(found.n, cases[i].code != NULL);
		if (cases[i].code != NULL)
			assert_string_equal(found.all[0].code, cases[i].code);
	}
}

static void one_question_without_an_answer_is_found(void **state)
{
	(void)state;
	doctor_view_fini(&resolver.question[0].view);
	resolver.question[0].view.outcome = DOCTOR_SILENT;
	doctor_judge_resolver(&found, &subject, &resolver, &registry);
	assert_int_equal(found.n, 1);
	assert_string_equal(found.all[0].code, "silent");
	/* Of a server without UDP that is known already. */
	found.n = 0;
	doctor_view_fini(&resolver.soa.view);
	resolver.soa.view.outcome = DOCTOR_SILENT;
	doctor_judge_resolver(&found, &subject, &resolver, &registry);
	assert_int_equal(found.n, 1);
	assert_string_equal(found.all[0].code, "udp-blocked");
}

static void servfail_that_goes_away_without_validation_is_a_missing_anchor(void **state)
{
	static const struct answer_record srv[] = {SRV(60, "1 80 n1.x.")};

	(void)state;
	set(&resolver.question[0], DNS_FLAG_QR | 2, DNS_EDE_NONE, srv, 0);
	set(&resolver.unchecked, DNS_FLAG_QR, DNS_EDE_NONE, srv, 1);
	doctor_judge_resolver(&found, &subject, &resolver, &registry);
	assert_string_equal(found.all[0].code, "nta-missing");
}

static void the_newest_serial_is_the_reference(void **state)
{
	struct doctor_hop all[3] = {{.kind = DOCTOR_REGISTRY}};

	(void)state;
	hop_set(&all[0], "registry 0", "4294967295");
	hop_set(&all[1], "registry 1", "2"); /* newer, past the end of the numbers */
	hop_set(&all[2], "registry 2", "3");
	set(&all[2].soa, DNS_FLAG_QR, DNS_EDE_NONE, NULL, 0); /* without authority */
	set(&all[2].tcp, DNS_FLAG_QR, DNS_EDE_NONE, NULL, 0);
	assert_ptr_equal(doctor_judge_reference(all, 3), &all[1]);
	doctor_judge_registry(&found, &subject, &all[0], &all[1]);
	assert_true(doctor_finding_has(&found, "registry 0", "serial"));
	doctor_judge_registry(&found, &subject, &all[2], &all[1]);
	assert_true(doctor_finding_has(&found, "registry 2", "not-authoritative"));
	assert_null(doctor_judge_reference(all, 0));
	for (size_t i = 0; i < 3; i++)
		hop_fini(&all[i]);
}

static void a_clock_that_differs_and_a_key_that_is_not_known_are_found(void **state)
{
	(void)state;
	set(&registry.sign, FLAGS, DNS_EDE_NONE, NULL, 0);
	registry.sign.signature = DNS_TSIG_RESPONSE_BADTIME;
	registry.sign.request.time_signed_s = 1000;
	registry.sign.server_s = 400;
	doctor_judge_registry(&found, &subject, &registry, &registry);
	assert_non_null(strstr(found.all[0].text, "600 s behind"));
	registry.sign.signature = DNS_TSIG_RESPONSE_BADKEY;
	doctor_judge_registry(&found, &subject, &registry, &registry);
	assert_true(doctor_finding_has(&found, "registry a", "key"));
	doctor_probe_fini(&registry.sign);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(hops_that_agree_have_no_findings, setup, teardown),
		cmocka_unit_test_setup_teardown(each_answer_has_its_finding, setup, teardown),
		cmocka_unit_test_setup_teardown(one_question_without_an_answer_is_found, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			servfail_that_goes_away_without_validation_is_a_missing_anchor, setup,
			teardown),
		cmocka_unit_test_setup_teardown(the_newest_serial_is_the_reference, setup,
						teardown),
		cmocka_unit_test_setup_teardown(
			a_clock_that_differs_and_a_key_that_is_not_known_are_found, setup,
			teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
