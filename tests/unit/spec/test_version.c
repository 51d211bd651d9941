/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "spec/version.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kit.h"

static void hashes_are_the_same_everywhere(void **state)
{
	static const struct {
		const char *json, *cfg, *ver;
	} cases[] = {
		{"{'name':'web','type':'_http._tcp','run':['a']}", "e92b82f55bd24095", ""},
		{"{'name':'web','type':'_http._tcp','run':['a'],'count':7,'text':{'a':'b'}}",
		 "e92b82f55bd24095", ""},
		{"{'name':'web','type':'_http._tcp','run':['a'],'prepare':[['x']]}",
		 "01b3b56f46a29963",
		 "3fcabcc854dcbcf9"},
		{"{'name':'web','type':'_http._tcp','run':['a'],'prepare':[['x']],'version':'1.2'}",
		 "7e6cc70a26383a3f", "1.2"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char cfg[SPEC_CFG_MAX], ver[SPEC_VER_MAX];
		struct spec_service *s;
		struct kit kit;

		kit_setup(&kit);
		s = kit_service(&kit, cases[i].json);
		assert_int_equal(spec_version_cfg(cfg, s), 0);
		assert_int_equal(spec_version_ver(ver, s), 0);
		assert_string_equal(cfg, cases[i].cfg);
		assert_string_equal(ver, cases[i].ver);
		kit_teardown(&kit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_are_the_same_everywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
