/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "ocf/metadata.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"

static const char xml[] =
	"<?xml version=\"1.0\"?>\n<!DOCTYPE resource-agent SYSTEM \"ra-api-1.dtd\">\n"
	"<resource-agent name=\"Dummy\" version=\"1.2\">\n<version>1.1</version>\n"
	"<shortdesc lang=\"en\">An &lt;example&gt;</shortdesc>\n<parameters>\n"
	"<parameter name=\"state\" unique=\"1\"><shortdesc lang=\"en\">State file</shortdesc>"
	"<content type=\"string\" default=\"/run/x\"/></parameter>\n"
	"<parameter name=\"port\" required=\"1\"><content type=\"integer\"/></parameter>\n"
	"</parameters>\n<actions>\n<action name=\"start\" timeout=\"20s\"/>\n"
	"<action name=\"monitor\" timeout=\"30\" interval=\"10s\" depth=\"10\"/>\n"
	"<action name=\"monitor\" timeout=\"25s\" interval=\"11s\" role=\"Promoted\"/>\n"
	"<action name=\"monitor\" timeout=\"20s\" interval=\"10\" depth=\"0\"/>\n"
	"</actions></resource-agent>\n";

static void an_agents_text_becomes_a_struct(void **state)
{
	struct ocf_metadata m;

	(void)state;
	assert_int_equal(ocf_metadata_parse(&m, xml, strlen(xml), NULL), 0);
	assert_string_equal(m.name, "Dummy");
	assert_string_equal(m.text, "An <example>");
	assert_int_equal(m.nparameters, 2);
	assert_string_equal(ocf_metadata_parameter(&m, "state")->default_value, "/run/x");
	assert_string_equal(ocf_metadata_parameter(&m, "state")->text, "State file");
	assert_true(ocf_metadata_parameter(&m, "state")->is_unique);
	assert_true(ocf_metadata_parameter(&m, "port")->is_required);
	assert_null(ocf_metadata_parameter(&m, "other"));
	assert_int_equal(ocf_metadata_action(&m, "start")->timeout_ms, 20000);
	assert_int_equal(ocf_metadata_action(&m, "monitor")->timeout_ms, 20000);
	assert_string_equal(ocf_metadata_action(&m, "monitor")->role, "");
	assert_null(ocf_metadata_action(&m, "promote"));
	ocf_metadata_fini(&m);
}

static void what_is_cut_or_forged_is_refused(void **state)
{
	static const char *const cases[] = {
		"",
		"<a/>",
		"<resource-agent name='x'>",
		"<!DOCTYPE r [<!ENTITY a 'b'>]><resource-agent name='&a;'/>",
		"<!DOCTYPE r [<!ENTITY a SYSTEM "
		"'/etc/passwd'>]><resource-agent>&a;</resource-agent>",
		"<resource-agent><parameters><parameter/></parameters></resource-agent>",
		"<resource-agent><actions><action timeout='1'/></actions></resource-agent>",
	};
	struct base_error error;
	struct ocf_metadata m;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(ocf_metadata_parse(&m, cases[i], strlen(cases[i]), &error),
				 -EINVAL);
	for (size_t n = 0; n < strlen(xml) - 1; n++)
		assert_int_equal(ocf_metadata_parse(&m, xml, n, &error), -EINVAL);
}

static void times_have_units(void **state)
{
	static const struct {
		const char *text;
		int ret;
		uint32_t ms;
	} cases[] = {
		{"20", 0, 20000},	 {"20s", 0, 20000},	 {" 20 sec ", -EINVAL, 0},
		{"20 sec", 0, 20000},	 {"1min", 0, 60000},	 {"2m", 0, 120000},
		{"1h", 0, 3600000},	 {"500ms", 0, 500},	 {"", -EINVAL, 0},
		{"s", -EINVAL, 0},	 {"-1", -EINVAL, 0},	 {"99999999999", -EINVAL, 0},
		{"5000000", -EINVAL, 0}, {"1 year", -EINVAL, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint32_t ms = 0;

		assert_int_equal(ocf_metadata_parse_time(&ms, cases[i].text), cases[i].ret);
		assert_int_equal(ms, cases[i].ms);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_agents_text_becomes_a_struct),
		cmocka_unit_test(what_is_cut_or_forged_is_refused),
		cmocka_unit_test(times_have_units),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
