/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Compares the tables of settings with man/weftd.conf.5. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../options_page.h"
#include "settings/settings.h"

static const char *usual(const char *value)
{
	if (strcmp(value, WEFT_STATEDIR) == 0)
		return "/var/lib/weft";
	if (strcmp(value, WEFT_RUNDIR "/weftd.sock") == 0)
		return "/run/weft/weftd.sock";
	return value;
}

static const struct options_page page = {"weftd.conf.5", settings_list, usual};

static void every_option_is_in_the_manual_as_it_is(void **state)
{
	(void)state;
	options_page_has_every_option(&page);
}

static void every_option_is_in_the_overview(void **state)
{
	(void)state;
	options_page_has_an_overview_of_all(&page);
}

static void the_manual_has_no_option_that_is_not(void **state)
{
	(void)state;
	options_page_has_no_other_option(&page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_option_is_in_the_manual_as_it_is),
		cmocka_unit_test(every_option_is_in_the_overview),
		cmocka_unit_test(the_manual_has_no_option_that_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
