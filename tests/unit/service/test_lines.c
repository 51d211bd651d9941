/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "service/lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "instance.h"

static const struct weft_instance printer = {
	.name = "My\\032printer;1._ipp._tcp.lab.cloud.",
	.label = "My printer;1",
	.type = "_ipp._tcp",
	.domain = "lab.cloud.",
	.host = "n1.nodes.lab.cloud.",
	.port = 631,
	.addresses = {"10.0.0.11", "2001:db8::11"},
	.txt = {"note=say \"hi\"", "color", "bad=\x1b[1m"},
};

static void writes(struct service_lines lines, char sign, const char *expected)
{
	char *text = NULL;
	size_t nbytes;
	FILE *out = open_memstream(&text, &nbytes);

	assert_non_null(out);
	service_lines_write(&lines, out, sign, &printer);
	fclose(out);
	assert_string_equal(text, expected);
	free(text);
}

static void an_instance_is_a_line_of_columns(void **state)
{
	(void)state;
	writes((struct service_lines){.width = 0}, '+',
	       "+ My printer;1                      Internet Printer      lab.cloud\n");
	writes((struct service_lines){.is_no_lookup = true}, '-',
	       "- My printer;1                      _ipp._tcp             lab.cloud\n");
}

static void a_narrow_terminal_gets_no_padding(void **state)
{
	(void)state;
	writes((struct service_lines){.width = 40}, '+',
	       "+ My printer;1  Internet Printer  lab.cloud\n");
}

static void fields_for_scripts_are_those_of_avahi_browse(void **state)
{
	struct service_lines lines = {.is_parsable = true, .is_no_lookup = true};

	(void)state;
	writes(lines, '+', "+;-;-;My\\032printer\\0591;_ipp._tcp;lab.cloud\n");
	lines.is_resolved = true;
	writes(lines, '-', "-;-;-;My\\032printer\\0591;_ipp._tcp;lab.cloud\n");
	writes(lines, '+',
	       "=;-;IPv4;My\\032printer\\0591;_ipp._tcp;lab.cloud;n1.nodes.lab.cloud;10.0.0.11;631;"
	       "\"note=say \\034hi\\034\" \"color\" \"bad=\\027[1m\"\n"
	       "=;-;IPv6;My\\032printer\\0591;_ipp._tcp;lab.cloud;n1.nodes.lab.cloud;2001:db8::11;"
	       "631;\"note=say \\034hi\\034\" \"color\" \"bad=\\027[1m\"\n");
}

static void details_follow_a_resolved_instance(void **state)
{
	(void)state;
	writes((struct service_lines){.is_resolved = true}, '+',
	       "= My printer;1                      Internet Printer      lab.cloud\n"
	       "   hostname = [n1.nodes.lab.cloud]\n"
	       "   address = [10.0.0.11, 2001:db8::11]\n"
	       "   port = [631]\n"
	       "   txt = [\"note=say \\034hi\\034\" \"color\" \"bad=\\027[1m\"]\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_instance_is_a_line_of_columns),
		cmocka_unit_test(a_narrow_terminal_gets_no_padding),
		cmocka_unit_test(fields_for_scripts_are_those_of_avahi_browse),
		cmocka_unit_test(details_follow_a_resolved_instance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
