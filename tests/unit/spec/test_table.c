/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Compares the table of a service's options with man/weft-spec.5: the page has each option with its
 * type, default and the consequence of a change, and no others. */

#include "spec/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../page.h"
#include "conf/table.h"
#include "spec/diff.h"

static char *page;

static int page_open(void **state)
{
	(void)state;
	page = page_read("weft-spec.5");
	return page != NULL ? 0 : -1;
}

static int page_close(void **state)
{
	(void)state;
	free(page);
	return 0;
}

/* The listing, one option a line: `name  type; default value; reload`. */
static char *listing_make(void)
{
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	assert_non_null(out);
	conf_table_list(out, spec_table_service, "");
	fclose(out);
	return text;
}

static void option_expect(char *line)
{
	const struct spec_action reload = {.act = SPEC_ACT_RESTART};
	char *save, *name = strtok_r(line, " ", &save), *type = strtok_r(NULL, ";", &save);
	char *value = strtok_r(NULL, ";", &save), shown[200], option[40], want[1000];

	assert_non_null(value);
	type += strspn(type, " ");
	if (strcmp(value, " required") == 0)
		snprintf(shown, sizeof(shown), "Required.");
	else
		snprintf(shown, sizeof(shown), "Default: %s.", value + strlen(" default "));
	snprintf(option, sizeof(option), "%.*s", (int)strcspn(name, "."), name);
	snprintf(want, sizeof(want), "\n.It Ic %s\nType: %s.\n%s\nChange: %s.\n", name, type, shown,
		 spec_diff_consequence_text(spec_diff_consequence(option, &reload)));
	if (strstr(page, want) == NULL)
		fail_msg("man/weft-spec.5 does not have:%s", want);
}

static void every_option_is_in_the_manual_as_it_is(void **state)
{
	char *save, *listing = listing_make();

	(void)state;
	for (char *line = strtok_r(listing, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		option_expect(line);
	free(listing);
}

static void the_manual_has_no_option_that_is_not(void **state)
{
	char *listing = listing_make();
	const char *at = page;

	(void)state;
	while ((at = strstr(at, "\n.It Ic ")) != NULL) {
		char name[100];

		at += strlen("\n.It Ic ");
		snprintf(name, sizeof(name), "%.*s ", (int)strcspn(at, "\n"), at);
		if (strstr(listing, name) == NULL)
			fail_msg("man/weft-spec.5 has an option %s", name);
	}
	free(listing);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_option_is_in_the_manual_as_it_is),
		cmocka_unit_test(the_manual_has_no_option_that_is_not),
	};

	return cmocka_run_group_tests(tests, page_open, page_close);
}
