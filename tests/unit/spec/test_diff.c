/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "spec/diff.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kit.h"
#include "spec/table.h"
#include "spec/version.h"

#define WEB "'name':'web','type':'_http._tcp','run':['a']"

static void on_difference(void *arg, const char *path, const json_t *old_value,
			  const json_t *new_value, enum spec_consequence consequence)
{
	char *a = old_value != NULL ? json_dumps(old_value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
	char *b = new_value != NULL ? json_dumps(new_value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
	char *out = arg;

	sprintf(out + strlen(out), "%s %s %s: %s\n", path, a != NULL ? a : "-", b != NULL ? b : "-",
		spec_diff_consequence_text(consequence));
	free(a);
	free(b);
}

static const struct {
	const char *before, *after, *differences;
	enum spec_consequence worst;
} cases[] = {
	{"{" WEB "}", "{" WEB ",'count':1}", "", SPEC_NOTHING},
	{"{" WEB "}", "{" WEB ",'count':2}", "/count - 2: nothing\n", SPEC_NOTHING},
	{"{" WEB ",'text':{'a':'1','b':'2'}}", "{" WEB ",'text':{'b':'3','c':'4'}}",
	 "/text/a \"1\" -: register again\n/text/b \"2\" \"3\": register again\n"
	 "/text/c - \"4\": register again\n",
	 SPEC_REREGISTER},
	{"{" WEB ",'parameters':{'a':1}}", "{" WEB ",'parameters':{'a':2}}",
	 "/parameters/a 1 2: restart\n", SPEC_RESTART},
	{"{" WEB ",'reload':'signal HUP','parameters':{'a':1}}",
	 "{" WEB ",'reload':'signal HUP','parameters':{'a':2}}", "/parameters/a 1 2: reload\n",
	 SPEC_SIGNAL},
	{"{" WEB "}", "{'name':'web','type':'_x._tcp','run':['a','b']}",
	 "/run [\"a\"] [\"a\",\"b\"]: restart\n"
	 "/type \"_http._tcp\" \"_x._tcp\": another service\n",
	 SPEC_ANOTHER},
};

static void differences_have_their_consequence(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		enum spec_consequence worst;
		struct spec_service *before, *after;
		char cfg[2][SPEC_CFG_MAX], text[1000] = "";
		struct kit kit;

		kit_setup(&kit);
		before = kit_service(&kit, cases[i].before);
		after = kit_service(&kit, cases[i].after);
		assert_string_equal(kit.reports, "");
		assert_int_equal(spec_diff_find(before, after, on_difference, text, &worst), 0);
		assert_string_equal(text, cases[i].differences);
		assert_int_equal(worst, cases[i].worst);
		assert_int_equal(spec_diff_find(before, after, NULL, NULL, &worst), 0);
		assert_int_equal(worst, cases[i].worst);
		/* The hash differs exactly if a restart is necessary. */
		assert_int_equal(spec_version_cfg(cfg[0], before), 0);
		assert_int_equal(spec_version_cfg(cfg[1], after), 0);
		assert_int_equal(strcmp(cfg[0], cfg[1]) != 0, worst >= SPEC_RESTART);
		kit_teardown(&kit);
	}
}

static char *shown(const struct spec_service *before, const struct spec_service *after)
{
	char *text = NULL;
	size_t nchars;
	FILE *out = open_memstream(&text, &nchars);

	assert_non_null(out);
	assert_int_equal(spec_diff_show(out, before, after), 0);
	fclose(out);
	return text;
}

static void a_difference_is_shown_as_text(void **state)
{
	struct spec_service *before, *after;
	struct kit kit;
	char *text;

	(void)state;
	kit_setup(&kit);
	before = kit_service(&kit, "{" WEB ",'text':{'a':'1'},'user':'x'}");
	after = kit_service(&kit, "{" WEB ",'text':{'a':'2'},'ttl':5}");
	text = shown(before, after);
	assert_string_equal(text,
			    "  name: web\n  run: [\"a\"]\n  text:\n-   a: \"1\"\n+   a: \"2\"\n"
			    "+ ttl: 5\n  type: _http._tcp\n- user: x\n");
	free(text);
	text = shown(NULL, after);
	assert_string_equal(text, "+ name: web\n+ run: [\"a\"]\n+ text:\n+   a: \"2\"\n+ ttl: 5\n"
				  "+ type: _http._tcp\n");
	free(text);
	text = shown(after, after);
	assert_string_equal(text, "");
	free(text);
	kit_teardown(&kit);
}

static void values_of_any_kind_are_shown_in_one_line_without_control_characters(void **state)
{
	json_t *before = json_loads("{\"a b\":1,\"x\":{\"\\u001b[31m\":\"\\u0007\"}}", 0, NULL);
	json_t *after = json_loads("{\"a b\":2,\"x\":{\"\\u001b[31m\":\"\\u0007\"}}", 0, NULL);
	char *text = NULL;
	size_t nbytes;
	FILE *out = open_memstream(&text, &nbytes);

	(void)state;
	assert_true(before != NULL && after != NULL && out != NULL);
	assert_int_equal(spec_diff_show_json(out, before, after), 0);
	fclose(out);
	assert_string_equal(text, "- \"a b\": 1\n+ \"a b\": 2\n"
				  "  x:\n    \"\\u001B[31m\": \"\\u0007\"\n");
	free(text);
	json_decref(before);
	json_decref(after);
}

static void every_option_has_a_consequence(void **state)
{
	/* What is not in the table has the consequence that is always right. */
	static const char *const restarts[] = {
		"version", "name-resource", "prepare", "run",	 "ocf",		"unit",
		"machine", "parameters",    "user",    "folder", "environment", "secret",
		"limits",  "output",	    "port",    "listen", "uses",	"resources"};
	const struct spec_action reload = {.act = SPEC_ACT_RESTART};
	size_t count = 0;

	(void)state;
	for (const struct conf_setting *s = spec_table_service; s->name != NULL; s++)
		count += spec_diff_consequence(s->name, &reload) == SPEC_RESTART;
	assert_int_equal(count, sizeof(restarts) / sizeof(restarts[0]));
	for (size_t i = 0; i < count; i++)
		assert_int_equal(spec_diff_consequence(restarts[i], &reload), SPEC_RESTART);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(differences_have_their_consequence),
		cmocka_unit_test(a_difference_is_shown_as_text),
		cmocka_unit_test(
			values_of_any_kind_are_shown_in_one_line_without_control_characters),
		cmocka_unit_test(every_option_has_a_consequence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
