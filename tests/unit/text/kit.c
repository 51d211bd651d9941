/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "dns/rdata.h"
#include "text/rdata_parse.h"
#include "text/rdata_write.h"
#include "text/value.h"
#include "text/words.h"

static struct text_words w;

static void parse(uint16_t type, const char *text, struct base_out *out)
{
	size_t n = strlen(text) + 5;
	char *copy = malloc(n + 2);
	const char *at = copy;
	struct text_entry e = {.line = 1};

	sprintf(copy, "TYPE %s\n", text);
	assert_int_equal(text_entry_scan(&e, &at, copy + n, true), TEXT_SCAN_ENTRY);
	assert_null(e.error);
	text_words_init(&w, &e, (const uint8_t *)"\1z", 3);
	w.at++; /* the type */
	text_rdata_parse(&w, type, out);
	text_entry_fini(&e);
	free(copy);
}

void kit_reads(uint16_t type, const char *text, const char *hex, const char *again)
{
	static uint8_t rdata[DNS_RDATA_MAX];
	static char found[TEXT_RDATA_MAX], written[TEXT_RDATA_MAX];
	struct base_out out = base_out_over(rdata, sizeof(rdata));
	struct base_out o = base_out_over(found, sizeof(found));

	parse(type, text, &out);
	if (text_words_has_failed(&w))
		fail_msg("%s: %s", text, w.error.text);
	text_value_write_hex(&o, rdata, base_out_nbytes(&out));
	base_out_u8(&o, '\0');
	assert_string_equal(found, hex);
	o = base_out_over(written, sizeof(written));
	text_rdata_write(&o, type, rdata, base_out_nbytes(&out));
	base_out_u8(&o, '\0');
	assert_string_equal(written, again == NULL ? text : again);

	out = base_out_over(rdata, sizeof(rdata));
	parse(type, written, &out);
	if (text_words_has_failed(&w))
		fail_msg("%s: %s", written, w.error.text);
	o = base_out_over(found, sizeof(found));
	text_value_write_hex(&o, rdata, base_out_nbytes(&out));
	base_out_u8(&o, '\0');
	assert_string_equal(found, hex);
}

void kit_fails(uint16_t type, const char *text, const char *error)
{
	static uint8_t rdata[DNS_RDATA_MAX];
	struct base_out out = base_out_over(rdata, sizeof(rdata));

	parse(type, text, &out);
	if (!text_words_has_failed(&w))
		fail_msg("%s is taken", text);
	if (error != NULL)
		assert_string_equal(w.error.text, error);
}
