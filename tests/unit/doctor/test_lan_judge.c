/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "doctor/lan_judge.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "answers.h"
#include "base/address.h"
#include "dns/edns.h"
#include "dns/type.h"

static struct doctor_findings found;
static struct doctor_subject subject;
static struct doctor_hop registry;
static struct doctor_target target;
static struct doctor_lan lan;

static void set(struct doctor_view *v, const char *name, const struct answer_record *r)
{
	const struct answer a = {.name = name,
				 .type = r->type,
				 .flags = DNS_FLAG_QR | DNS_FLAG_AA,
				 .ede = DNS_EDE_NONE,
				 .records = r,
				 .nrecords = 1};

	answer_take(v, &a);
}

/* The registry has w._a._tcp.x. with id=7 at port 80 of n1.x., which is 192.0.2.1. */
static int setup(void **state)
{
	static const char name[] = "w._a._tcp.x.";
	const struct answer_record srv = {RESOLVE_ANSWER, name, DNS_TYPE_SRV, 60, "1 80 n1.x."};
	const struct answer_record txt = {RESOLVE_ANSWER, name, DNS_TYPE_TXT, 60, "id=7"};
	const struct answer_record a = {RESOLVE_ANSWER, "n1.x.", DNS_TYPE_A, 60, "192.0.2.1"};

	(void)state;
	found.n = 0;
	lan = (struct doctor_lan){.is_asked = true};
	subject = (struct doctor_subject){.types = {DNS_TYPE_SRV, DNS_TYPE_TXT}, .ntypes = 2};
	dns_name_from_text(subject.name, name, strlen(name), NULL);
	dns_name_from_text(subject.zone, "x.", 2, NULL);
	set(&registry.question[0].view, name, &srv);
	set(&registry.question[1].view, name, &txt);
	dns_name_from_text(target.name, "n1.x.", 5, NULL);
	target.port = 80;
	set(&target.addresses[0].view, "n1.x.", &a);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	doctor_probe_fini(&registry.question[0]);
	doctor_probe_fini(&registry.question[1]);
	doctor_probe_fini(&target.addresses[0]);
	return 0;
}

static void add(const char *instance, const char *id, const char *address)
{
	struct doctor_lan_item *item = &lan.items[lan.n++];

	*item = (struct doctor_lan_item){0};
	snprintf(item->instance, sizeof(item->instance), "%s", instance);
	snprintf(item->id, sizeof(item->id), "%s", id);
	assert_int_equal(base_address_from_text(&item->address, address, 0), 0);
}

static void judge(void)
{
	doctor_lan_judge(&found, &lan, &subject, &registry, &target, 1);
}

static void each_place_has_its_finding(void **state)
{
	static const struct {
		const char *id, *places[2];
		const char *code; /* NULL: nothing is wrong */
		enum doctor_severity severity;
	} cases[] = {
		{"7", {"192.0.2.1@80"}, NULL, 0},
		{"7", {"192.0.2.1@81"}, "lan-differs", DOCTOR_FAULT},
		{"8", {"192.0.2.1@81"}, "lan-differs", DOCTOR_NOTE},
		{"", {"192.0.2.2@80"}, "lan-differs", DOCTOR_NOTE},
		{"7", {"192.0.2.2@80"}, "lan-differs", DOCTOR_FAULT},
		/* One address in common is enough; the registry has no other families. */
		{"7", {"192.0.2.2@80", "192.0.2.1@80"}, NULL, 0},
		{"7", {"2001:db8::1@80"}, NULL, 0},
		{"7", {"fe80::1@80"}, NULL, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		found.n = lan.n = 0;
		for (size_t k = 0; k < 2 && cases[i].places[k] != NULL; k++)
			add("W", cases[i].id, cases[i].places[k]);
		judge();
		assert_int_equal(found.n, cases[i].code != NULL);
		if (cases[i].code == NULL)
			continue;
		assert_string_equal(found.all[0].code, cases[i].code);
		assert_int_equal(found.all[0].severity, cases[i].severity);
	}
}

static void a_lan_that_knows_nothing_is_no_fault(void **state)
{
	(void)state;
	judge();
	assert_int_equal(found.n, 1);
	assert_string_equal(found.all[0].code, "lan-absent");
	assert_false(doctor_finding_is_fault(&found, NULL));
}

static void without_a_daemon_or_a_registry_nothing_is_judged(void **state)
{
	(void)state;
	lan.error = -EHOSTUNREACH;
	judge();
	lan.error = 0;
	doctor_lan_judge(&found, &lan, &subject, NULL, NULL, 0);
	lan.is_asked = false;
	judge();
	assert_int_equal(found.n, 0);
}

static void what_is_incomplete_is_not_absent(void **state)
{
	(void)state;
	lan.error = -ETIMEDOUT;
	judge();
	assert_int_equal(found.n, 1);
	assert_string_equal(found.all[0].code, "lan-silent");
}

static void a_name_of_the_lan_cannot_write_to_the_terminal(void **state)
{
	(void)state;
	add("\033[31mw", "7", "192.0.2.1@81");
	doctor_probe_fini(&registry.question[0]); /* the registry has none of it */
	judge();
	assert_int_equal(found.n, 1);
	assert_string_equal(found.all[0].code, "lan-only");
	assert_null(strchr(found.all[0].text, '\033'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_place_has_its_finding, setup, teardown),
		cmocka_unit_test_setup_teardown(a_lan_that_knows_nothing_is_no_fault, setup,
						teardown),
		cmocka_unit_test_setup_teardown(without_a_daemon_or_a_registry_nothing_is_judged,
						setup, teardown),
		cmocka_unit_test_setup_teardown(what_is_incomplete_is_not_absent, setup, teardown),
		cmocka_unit_test_setup_teardown(a_name_of_the_lan_cannot_write_to_the_terminal,
						setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
