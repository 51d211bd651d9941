/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* differ/rdata - what weft makes of rdata, for comparison with other servers.
 *
 * Each line of standard input is a type and rdata as in a zone file. Each line of standard output
 * is "+ HEX TEXT", the octets and the text that a zone dump writes, or "- REASON". */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "text/rdata_parse.h"
#include "text/rdata_write.h"
#include "text/value.h"
#include "text/words.h"

static uint8_t rdata[DNS_RDATA_MAX];
static char text[TEXT_RDATA_MAX];

static void result_write(uint16_t type, const struct base_out *out)
{
	struct base_out o = base_out_over(text, sizeof(text));

	printf("+ ");
	for (const uint8_t *p = out->start; p < out->at; p++)
		printf("%02x", *p);
	text_rdata_write(&o, type, rdata, base_out_nbytes(out));
	printf(" %.*s\n", (int)base_out_nbytes(&o), text);
}

static void line_read(char *line, size_t nchars)
{
	struct text_entry e = {.line = 1};
	struct base_out out = base_out_over(rdata, sizeof(rdata));
	struct text_words w;
	const char *at = line;
	uint16_t type;

	if (text_entry_scan(&e, &at, line + nchars - 1, true) != TEXT_SCAN_ENTRY ||
	    e.error != NULL) {
		printf("- %s\n", e.error == NULL ? "empty" : e.error);
	} else {
		text_words_init(&w, &e, (const uint8_t *)"\1z", 3);
		if (!text_value_parse_type(&type, text_words_take(&w, ""))) {
			printf("- not a type\n");
		} else {
			text_rdata_parse(&w, type, &out);
			if (text_words_has_failed(&w))
				printf("- %s\n", w.error.text);
			else
				result_write(type, &out);
		}
	}
	text_entry_fini(&e);
}

int main(void)
{
	char *line = NULL;
	size_t size = 0;
	ssize_t n;

	while ((n = getline(&line, &size, stdin)) > 0) {
		line_read(line, (size_t)n);
		fflush(stdout);
	}
	free(line);
	return 0;
}
