/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "export/format.h"
#include "export/input.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "../service/instance.h"

#define TYPE "_http._tcp.lab.cloud."

static const struct weft_instance web_1 = {
	.name = "web-1." TYPE,
	.label = "web-1",
	.type = "_http._tcp",
	.domain = "lab.cloud.",
	.host = "n1.nodes.lab.cloud.",
	.port = 8080,
	.weight = 10,
	.addresses = {"10.0.0.11", "2001:db8::11"},
	.txt = {"path=/", "flag", "a-b=1", "a.b=2", "quote=it's", "state=up"},
};
static const struct weft_instance web_2 = {
	.name = "web-2." TYPE,
	.label = "web-2",
	.type = "_http._tcp",
	.domain = "lab.cloud.",
	.host = "n2.nodes.lab.cloud.",
	.port = 80,
	.priority = 10,
	.weight = 20,
	.addresses = {"2001:db8::12"},
};
static const struct weft_instance draining = {
	.name = "web-3." TYPE,
	.label = "web-3",
	.type = "_http._tcp",
	.domain = "lab.cloud.",
	.host = "n1.nodes.lab.cloud.",
	.port = 81,
	.state = WEFT_STATE_DRAINING,
	.addresses = {"10.0.0.11"},
};
static const struct weft_instance homeless = {
	.name = "web-4." TYPE,
	.label = "web-4",
	.type = "_http._tcp",
	.domain = "lab.cloud.",
	.host = "n4.nodes.lab.cloud.",
	.port = 80,
};

static const struct weft_instance *const several[] = {&web_2, &draining, &web_1, &homeless};
static const struct export_input input = {TYPE, NULL, several, 4};

/* Writes the input, as JSON if that is wanted; the caller frees the text. */
static char *written(const char *format, const struct export_input *in, bool is_json)
{
	const struct export_format *f = export_format_find(format);
	char *text = NULL;
	size_t nbytes;
	FILE *out = open_memstream(&text, &nbytes);

	assert_non_null(f);
	assert_non_null(out);
	assert_int_equal(is_json ? export_format_write_json(f, out, in)
				 : export_format_write(f, out, in),
			 0);
	fclose(out);
	return text;
}

static void writes(const char *format, const struct export_input *in, const char *expected)
{
	char *text = written(format, in, false);

	assert_string_equal(text, expected);
	free(text);
}

static void hosts_has_each_address_of_a_host_once(void **state)
{
	(void)state;
	writes("hosts", &input,
	       "# written by weft export hosts " TYPE "; changes are lost\n"
	       "10.0.0.11\tn1.nodes.lab.cloud\n"
	       "2001:db8::11\tn1.nodes.lab.cloud\n"
	       "2001:db8::12\tn2.nodes.lab.cloud\n");
}

static void a_host_that_would_be_more_than_a_word_is_left_out(void **state)
{
	struct weft_instance bad = web_1;
	const struct weft_instance *all[] = {&bad};
	const struct export_input in = {TYPE, NULL, all, 1};

	(void)state;
	bad.host = "a\\032b#c.";
	writes("hosts", &in, "# written by weft export hosts " TYPE "; changes are lost\n");
}

static void instances_of_one_name_are_several_servers(void **state)
{
	struct weft_instance one = web_1, other = web_1, hosts[2] = {web_1, web_1};
	const struct weft_instance *all[] = {&one, &other, &hosts[0], &hosts[1]};
	const struct export_input in = {TYPE, NULL, all, 4};
	char *text;

	(void)state;
	other.port = 9090;
	for (size_t i = 0; i < 2; i++) {
		hosts[i].name = "_sip._tcp.lab.cloud.";
		hosts[i].label = "";
		hosts[i].port = (uint16_t)(5060 + i);
	}
	hosts[0].host = hosts[1].host = "h_1.lab.cloud.";
	text = written("haproxy", &in, false);
	assert_non_null(strstr(text, "    server web-1 10.0.0.11:8080 "));
	assert_non_null(strstr(text, "    server web-1.2 10.0.0.11:9090 "));
	assert_non_null(strstr(text, "    server h_5f1.lab.cloud:5060 10.0.0.11:5060 "));
	assert_non_null(strstr(text, "    server h_5f1.lab.cloud:5061 10.0.0.11:5061 "));
	free(text);
}

static void haproxy_has_weights_backups_and_drains(void **state)
{
	(void)state;
	writes("haproxy", &input,
	       "# written by weft export haproxy " TYPE "; changes are lost\n"
	       "backend _http._tcp.lab.cloud\n"
	       "    server web-1 10.0.0.11:8080 check weight 10\n"
	       "    server web-2 [2001:db8::12]:80 check weight 20 backup\n"
	       "    server web-3 10.0.0.11:81 check weight 0\n");
}

static void nginx_has_weights_backups_and_drains(void **state)
{
	(void)state;
	writes("nginx", &input,
	       "# written by weft export nginx " TYPE "; changes are lost\n"
	       "upstream _http._tcp.lab.cloud {\n"
	       "    server 10.0.0.11:8080 weight=10; # web-1\n"
	       "    server [2001:db8::12]:80 weight=20 backup; # web-2\n"
	       "    server 10.0.0.11:81 weight=1 down; # web-3\n"
	       "}\n");
}

static void the_block_has_the_name_that_is_wanted(void **state)
{
	const struct export_input in = {TYPE, "my web;", NULL, 0};

	(void)state;
	writes("haproxy", &in,
	       "# written by weft export haproxy " TYPE "; changes are lost\nbackend my_web_\n");
	writes("nginx", &in,
	       "# written by weft export nginx " TYPE "; changes are lost\n"
	       "upstream my_web_ {\n"
	       "    server 127.0.0.1:9 down; # no instance\n"
	       "}\n");
}

static void weights_keep_their_proportion_within_what_haproxy_takes(void **state)
{
	struct weft_instance heavy = web_1, light = web_2, none = draining;
	const struct weft_instance *all[] = {&heavy, &light, &none};
	const struct export_input in = {TYPE, NULL, all, 3};
	char *text;

	(void)state;
	heavy.weight = 65535;
	light.weight = 32768;
	none.weight = 1;
	none.state = WEFT_STATE_UP;
	text = written("haproxy", &in, false);
	assert_non_null(strstr(text, "server web-1 10.0.0.11:8080 check weight 256\n"));
	assert_non_null(strstr(text, "check weight 128 backup\n"));
	assert_non_null(strstr(text, "server web-3 10.0.0.11:81 check weight 1\n"));
	free(text);
}

/* Returns how often a text is in another one. */
static unsigned count_of(const char *text, const char *part)
{
	unsigned n = 0;

	for (const char *at = text; (at = strstr(at, part)) != NULL; at += strlen(part))
		n++;
	return n;
}

static void no_two_labels_become_the_same_name(void **state)
{
	static const char *const labels[] = {"a b", "a_b",	 "a_20b", "a.b",
					     "a-b", "a\xc3\xbc", "a;b",	  "a\nb"};
	enum { COUNT = sizeof(labels) / sizeof(*labels) };
	struct weft_instance instances[COUNT];
	const struct weft_instance *all[COUNT];
	const struct export_input in = {TYPE, NULL, all, COUNT};
	char *text;

	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		instances[i] = web_1;
		instances[i].name = instances[i].label = labels[i];
		all[i] = &instances[i];
	}
	text = written("haproxy", &in, false);
	for (size_t i = 0; i < COUNT; i++) {
		char *line = strstr(text, "    server "), name[64];

		for (size_t at = 0; at < i; at++)
			line = strstr(line + 1, "    server ");
		snprintf(name, sizeof(name), " %.*s ", (int)strcspn(line + 11, " "), line + 11);
		assert_int_equal(count_of(text, name), 1);
	}
	assert_int_equal(count_of(text, "\n"), COUNT + 2);
	free(text);
}

static void prometheus_gets_a_target_for_each_instance(void **state)
{
	char *text = written("http_sd", &input, false);
	json_t *list = json_loads(text, 0, NULL), *first = json_array_get(list, 0),
	       *labels = json_object_get(first, "labels");

	(void)state;
	assert_int_equal(json_array_size(list), 3);
	assert_string_equal(json_string_value(json_array_get(json_object_get(first, "targets"), 0)),
			    "10.0.0.11:8080");
	assert_string_equal(json_string_value(json_object_get(labels, "__meta_weft_name")),
			    "web-1");
	assert_string_equal(json_string_value(json_object_get(labels, "__meta_weft_host")),
			    "n1.nodes.lab.cloud");
	assert_string_equal(json_string_value(json_object_get(labels, "__meta_weft_txt_path")),
			    "/");
	assert_string_equal(json_string_value(json_object_get(labels, "__meta_weft_txt_flag")),
			    "true");
	assert_string_equal(json_string_value(json_object_get(labels, "__meta_weft_txt_a_b")), "1");
	assert_string_equal(
		json_string_value(json_object_get(
			json_object_get(json_array_get(list, 2), "labels"), "__meta_weft_state")),
		"draining");
	json_decref(list);
	free(text);
}

static void variables_are_quoted_and_numbered(void **state)
{
	const struct weft_instance *all[] = {&web_1, &homeless};
	const struct export_input in = {TYPE, NULL, all, 2};
	char *text = written("env", &in, false);

	(void)state;
	assert_non_null(strstr(text, "\nWEFT_COUNT='2'\nWEFT_NAME='web-1'\n"));
	assert_non_null(strstr(text, "\nWEFT_ADDRESS='10.0.0.11'\n"));
	assert_non_null(strstr(text, "\nWEFT_TXT_quote='it'\\''s'\n"));
	assert_non_null(strstr(text, "\nWEFT_TXT_flag=''\n"));
	assert_non_null(strstr(text, "\nWEFT_TXT_a_b='1'\n"));
	assert_int_equal(count_of(text, "\nWEFT_TXT_a_b="), 1);
	assert_non_null(strstr(text, "\nWEFT_1_PORT='8080'\n"));
	assert_non_null(strstr(text, "\nWEFT_2_NAME='web-4'\n"));
	assert_non_null(strstr(text, "\nWEFT_2_ADDRESS=''\n"));
	free(text);
}

static void a_value_with_control_characters_is_no_variable(void **state)
{
	struct weft_instance bad = web_1;
	const struct weft_instance *all[] = {&bad};
	const struct export_input in = {TYPE, NULL, all, 1};
	char *text;

	(void)state;
	bad.txt[0] = "bad=\x1b[31m";
	text = written("env", &in, false);
	assert_non_null(strstr(text, "\n# WEFT_TXT_bad has characters that are not shown\n"));
	assert_null(strchr(text, '\x1b'));
	free(text);
}

static void every_format_is_there_as_json(void **state)
{
	char *names = strdup(export_format_names());

	(void)state;
	for (char *name = strtok(names, " "); name != NULL; name = strtok(NULL, " ")) {
		char *text = written(name, &input, true);
		json_t *value = json_loads(text, 0, NULL);

		assert_non_null(value);
		if (strcmp(name, "env") == 0)
			assert_string_equal(json_string_value(json_object_get(value, "WEFT_COUNT")),
					    "4");
		if (strcmp(name, "nginx") == 0)
			assert_string_equal(json_string_value(json_object_get(value, "format")),
					    "nginx");
		json_decref(value);
		free(text);
	}
	free(names);
	assert_null(export_format_find("bogus"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hosts_has_each_address_of_a_host_once),
		cmocka_unit_test(a_host_that_would_be_more_than_a_word_is_left_out),
		cmocka_unit_test(instances_of_one_name_are_several_servers),
		cmocka_unit_test(haproxy_has_weights_backups_and_drains),
		cmocka_unit_test(nginx_has_weights_backups_and_drains),
		cmocka_unit_test(the_block_has_the_name_that_is_wanted),
		cmocka_unit_test(weights_keep_their_proportion_within_what_haproxy_takes),
		cmocka_unit_test(no_two_labels_become_the_same_name),
		cmocka_unit_test(prometheus_gets_a_target_for_each_instance),
		cmocka_unit_test(variables_are_quoted_and_numbered),
		cmocka_unit_test(a_value_with_control_characters_is_no_variable),
		cmocka_unit_test(every_format_is_there_as_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
