/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The tables of settings against man/weftd.conf.5: each option stands there with its type, default
 * and effect on reload, and nothing else does. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "weftd/config.h"

static char *page;

static int page_read(void **state)
{
	const char *folder = getenv("SRCDIR");
	char path[4096];
	size_t room = 0;
	FILE *in;

	(void)state;
	snprintf(path, sizeof(path), "%s/man/weftd.conf.5", folder != NULL ? folder : ".");
	in = fopen(path, "r");
	if (in == NULL || getdelim(&page, &room, '\0', in) < 0)
		return -1;
	return fclose(in);
}

static int page_free(void **state)
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
	weftd_config_list(out);
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

static void option_expect(char *line)
{
	char *save, *name = strtok_r(line, " ", &save), *type = strtok_r(NULL, ";", &save);
	char *value = strtok_r(NULL, ";", &save), *reload = strtok_r(NULL, ";", &save);
	char want[1000];

	assert_non_null(reload);
	type += strspn(type, " ");
	value = strcmp(value, " required") == 0 ? "none, it is required"
						: value + strlen(" default ");
	snprintf(want, sizeof(want), "\n.It Ic %s\nType: %s.\nDefault: %s.\nReload: %s.\n", name,
		 type, usual_default(value),
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_option_is_in_the_manual_as_it_is),
		cmocka_unit_test(the_manual_has_no_option_that_is_not),
	};

	return cmocka_run_group_tests(tests, page_read, page_free);
}
