/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Compares the tables of settings with man/weftd.conf.5: the page has each option with its type,
 * default and effect on reload, and no others. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "settings/settings.h"

#include "../page.h"

static char *page;

static int page_open(void **state)
{
	(void)state;
	page = page_read("weftd.conf.5");
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
	settings_list(out);
	fclose(out);
	return text;
}

/* Paths depend on where weft is to be installed; the page has the usual ones. */
static const char *usual_default(const char *value)
{
	if (strcmp(value, WEFT_STATEDIR) == 0)
		return "/var/lib/weft";
	if (strcmp(value, WEFT_RUNDIR "/weftd.sock") == 0)
		return "/run/weft/weftd.sock";
	return value;
}

/* Returns the default as the page has it; `value` is that of the listing. */
static const char *default_text(const char *value)
{
	return strcmp(value, " required") == 0 ? "required"
					       : usual_default(value + strlen(" default "));
}

static void option_expect(char *line)
{
	char *save, *name = strtok_r(line, " ", &save), *type = strtok_r(NULL, ";", &save);
	char *value = strtok_r(NULL, ";", &save), *reload = strtok_r(NULL, ";", &save);
	char shown[200], want[1000];

	assert_non_null(reload);
	type += strspn(type, " ");
	snprintf(shown, sizeof(shown), "Default: %s", default_text(value));
	snprintf(want, sizeof(want), "\n.It Ic %s\nType: %s.\n%s.\nReload: %s.\n", name, type,
		 strcmp(value, " required") == 0 ? "Required" : shown,
		 strcmp(reload, " reload") == 0 ? "applied" : "needs a restart");
	if (strstr(page, want) == NULL)
		fail_msg("man/weftd.conf.5 does not have:%s", want);
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
			fail_msg("man/weftd.conf.5 has an option %s", name);
	}
	free(listing);
}

/* Returns whether the overview has the line `want` in the item of that group. */
static bool overview_has(const char *group, int ngroup, const char *want)
{
	char heading[100], line[400];
	const char *at, *end, *found;

	snprintf(heading, sizeof(heading), "\n.It Cm %.*s\n", ngroup, group);
	at = strstr(page, heading);
	if (at == NULL)
		return false;
	at += strlen(heading) - 1;
	end = strstr(at, "\n.It Cm ");
	if (end == NULL)
		end = strstr(at, "\n.El\n");
	for (int i = 0; i < 2; i++) {
		snprintf(line, sizeof(line), "\n%s%s\n", want, i == 0 ? "" : " ;");
		found = strstr(at, line);
		if (found != NULL && found < end)
			return true;
	}
	return false;
}

/* Returns the last dot before the name of an option, which may have a dot itself: tls-1.2. */
static const char *leaf_of(const char *name)
{
	const char *leaf = NULL;

	for (const char *at = strchr(name, '.'); at != NULL; at = strchr(at + 1, '.'))
		if (at[1] < '0' || at[1] > '9')
			leaf = at;
	return leaf;
}

static void overview_expect(char *line)
{
	char *save, *name = strtok_r(line, " ", &save), *value, *reload, want[300];
	const char *leaf = leaf_of(name), *shown;

	strtok_r(NULL, ";", &save);
	value = strtok_r(NULL, ";", &save);
	reload = strtok_r(NULL, ";", &save);
	assert_non_null(reload);
	shown = default_text(value);
	if (strcmp(shown, "\"\"") == 0)
		shown = "\\(dq\\(dq";
	if (leaf == NULL)
		snprintf(want, sizeof(want), "%s", shown);
	else
		snprintf(want, sizeof(want), ".Li %s%s:\\ %s", leaf + 1,
			 strcmp(reload, " restart") == 0 ? "*" : "", shown);
	if (!overview_has(name, (int)(leaf == NULL ? strlen(name) : (size_t)(leaf - name)), want))
		fail_msg("the overview of man/weftd.conf.5 does not have %s as %s", name, want);
}

static void every_option_is_in_the_overview(void **state)
{
	char *save, *listing = listing_make();

	(void)state;
	for (char *line = strtok_r(listing, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		overview_expect(line);
	free(listing);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_option_is_in_the_manual_as_it_is),
		cmocka_unit_test(every_option_is_in_the_overview),
		cmocka_unit_test(the_manual_has_no_option_that_is_not),
	};

	return cmocka_run_group_tests(tests, page_open, page_close);
}
