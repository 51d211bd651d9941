/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "options_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "page.h"

/* Page and listing, as texts. */
struct texts {
	const struct options_page *of;
	char *page, *listing; /* one option a line: `name  type; default value; reload` */
};

static struct texts texts_open(const struct options_page *p)
{
	struct texts t = {.of = p, .page = page_read(p->name)};
	size_t length;
	FILE *out = open_memstream(&t.listing, &length);

	assert_non_null(t.page);
	assert_non_null(out);
	p->list(out);
	fclose(out);
	return t;
}

static void texts_close(struct texts *t)
{
	free(t->page);
	free(t->listing);
}

/* Returns the default as the page has it; `value` is that of the listing. */
static const char *default_text(const struct texts *t, const char *value)
{
	return strcmp(value, " required") == 0 ? "required"
					       : t->of->usual(value + strlen(" default "));
}

static void option_expect(const struct texts *t, char *line)
{
	char *save, *name = strtok_r(line, " ", &save), *type = strtok_r(NULL, ";", &save);
	char *value = strtok_r(NULL, ";", &save), *reload = strtok_r(NULL, ";", &save);
	char shown[200], want[1000];

	assert_non_null(reload);
	type += strspn(type, " ");
	snprintf(shown, sizeof(shown), "Default: %s", default_text(t, value));
	snprintf(want, sizeof(want), "\n.It Ic %s\nType: %s.\n%s.\nReload: %s.\n", name, type,
		 strcmp(value, " required") == 0 ? "Required" : shown,
		 strcmp(reload, " reload") == 0 ? "applied" : "needs a restart");
	if (strstr(t->page, want) == NULL)
		fail_msg("man/%s does not have:%s", t->of->name, want);
}

void options_page_has_every_option(const struct options_page *p)
{
	struct texts t = texts_open(p);
	char *save;

	for (char *line = strtok_r(t.listing, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		option_expect(&t, line);
	texts_close(&t);
}

void options_page_has_no_other_option(const struct options_page *p)
{
	struct texts t = texts_open(p);
	const char *at = t.page;

	while ((at = strstr(at, "\n.It Ic ")) != NULL) {
		char name[100];

		at += strlen("\n.It Ic ");
		snprintf(name, sizeof(name), "%.*s ", (int)strcspn(at, "\n"), at);
		if (strstr(t.listing, name) == NULL)
			fail_msg("man/%s has an option %s", p->name, name);
	}
	texts_close(&t);
}

/* Returns whether the overview has the line `want` in the item of that group. */
static bool overview_has(const struct texts *t, const char *group, int ngroup, const char *want)
{
	char heading[100], line[400];
	const char *at, *end, *found;

	snprintf(heading, sizeof(heading), "\n.It Cm %.*s\n", ngroup, group);
	at = strstr(t->page, heading);
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

static void overview_expect(const struct texts *t, char *line)
{
	char *save, *name = strtok_r(line, " ", &save), *value, *reload, want[300];
	const char *leaf = leaf_of(name), *shown;

	strtok_r(NULL, ";", &save);
	value = strtok_r(NULL, ";", &save);
	reload = strtok_r(NULL, ";", &save);
	assert_non_null(reload);
	shown = default_text(t, value);
	if (strcmp(shown, "\"\"") == 0)
		shown = "\\(dq\\(dq";
	if (leaf == NULL)
		snprintf(want, sizeof(want), "%s", shown);
	else
		snprintf(want, sizeof(want), ".Li %s%s:\\ %s", leaf + 1,
			 strcmp(reload, " restart") == 0 ? "*" : "", shown);
	if (!overview_has(t, name, (int)(leaf == NULL ? strlen(name) : (size_t)(leaf - name)),
			  want))
		fail_msg("the overview of man/%s does not have %s as %s", t->of->name, name, want);
}

void options_page_has_an_overview_of_all(const struct options_page *p)
{
	struct texts t = texts_open(p);
	char *save;

	for (char *line = strtok_r(t.listing, "\n", &save); line != NULL;
	     line = strtok_r(NULL, "\n", &save))
		overview_expect(&t, line);
	texts_close(&t);
}
