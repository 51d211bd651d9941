/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "web/page.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/histogram.h"

enum { FIRST_SIZE = 4096, SECONDS_NDIGITS = 6 };

/* By enum web_kind. */
static const char *const kinds[] = {"counter", "gauge", "histogram"};

void web_page_fini(struct web_page *p)
{
	free(p->bytes);
	p->bytes = NULL;
	p->nbytes = p->capacity = 0;
}

/* Makes room for `nbytes` more. Returns where they are to be written, or NULL if memory is
 * short. */
static char *page_reserve(struct web_page *p, size_t nbytes)
{
	size_t capacity = p->capacity == 0 ? FIRST_SIZE : p->capacity;
	char *grown;

	while (capacity - p->nbytes < nbytes)
		capacity *= 2;
	if (capacity > p->capacity) {
		grown = realloc(p->bytes, capacity);
		if (grown == NULL) {
			p->is_short = true;
			return NULL;
		}
		p->bytes = grown;
		p->capacity = capacity;
	}
	return p->bytes + p->nbytes;
}

static void page_add(struct web_page *p, const char *bytes, size_t nbytes)
{
	char *to = page_reserve(p, nbytes);

	if (to == NULL)
		return;
	memcpy(to, bytes, nbytes);
	p->nbytes += nbytes;
}

static void text_add(struct web_page *p, const char *text)
{
	page_add(p, text, strlen(text));
}

void web_page_text(struct web_page *p, const char *fmt, ...)
{
	va_list args;
	char *to;
	int n;

	va_start(args, fmt);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n < 0 || (to = page_reserve(p, (size_t)n + 1)) == NULL)
		return;
	va_start(args, fmt);
	vsnprintf(to, (size_t)n + 1, fmt, args);
	va_end(args);
	p->nbytes += (size_t)n;
}

/* Adds text with what both formats escape in the value of a label; without `has_quotes`, in a HELP
 * line. */
static void escaped_add(struct web_page *p, const char *text, bool has_quotes)
{
	const char *special = has_quotes ? "\\\"\n" : "\\\n";

	for (;;) {
		size_t n = strcspn(text, special);
		char pair[2] = {'\\', text[n] == '\n' ? 'n' : text[n]};

		page_add(p, text, n);
		if (text[n] == '\0')
			return;
		page_add(p, pair, sizeof(pair));
		text += n + 1;
	}
}

/* ---- metrics ---- */

void web_page_family(struct web_page *p, const char *name, enum web_kind kind, const char *help)
{
	const char *suffix = kind == WEB_COUNTER && p->format == WEB_PROMETHEUS ? "_total" : "";

	p->name = name;
	p->kind = kind;
	web_page_text(p, "# HELP %s%s ", name, suffix);
	escaped_add(p, help, p->format == WEB_OPENMETRICS);
	web_page_text(p, "\n# TYPE %s%s %s\n", name, suffix, kinds[kind]);
}

/* Adds the name of a sample and its labels, and the space before its value. */
static void sample_begin(struct web_page *p, const char *suffix, const struct web_label *labels)
{
	const char *between = "{";

	text_add(p, p->name);
	text_add(p, suffix);
	for (; labels != NULL && labels->name != NULL; labels++) {
		text_add(p, between);
		text_add(p, labels->name);
		text_add(p, "=\"");
		escaped_add(p, labels->value, true);
		text_add(p, "\"");
		between = ",";
	}
	text_add(p, *between == ',' ? "} " : " ");
}

static const char *suffix_of(const struct web_page *p)
{
	return p->kind == WEB_COUNTER ? "_total" : "";
}

void web_page_value(struct web_page *p, const struct web_label *labels, uint64_t value)
{
	sample_begin(p, suffix_of(p), labels);
	web_page_text(p, "%" PRIu64 "\n", value);
}

/* Writes a decimal fraction with its NUL to `out`, which has room for any. */
static const char *decimal_to_text(char out[static 32], uint64_t value, unsigned ndigits)
{
	uint64_t one = 1;

	for (unsigned i = 0; i < ndigits; i++)
		one *= 10;
	snprintf(out, 32, "%" PRIu64 ".%0*" PRIu64, value / one, (int)ndigits, value % one);
	return out;
}

void web_page_decimal(struct web_page *p, const struct web_label *labels, uint64_t value,
		      unsigned ndigits)
{
	char text[32];

	sample_begin(p, suffix_of(p), labels);
	web_page_text(p, "%s\n", decimal_to_text(text, value, ndigits));
}

void web_page_histogram(struct web_page *p, const struct base_histogram *h)
{
	char le[32], sum[32];
	uint64_t count = 0;

	for (unsigned i = 0; i < BASE_HISTOGRAM_BUCKETS; i++) {
		struct web_label labels[] = {{"le", "+Inf"}, {NULL, NULL}};

		if (i + 1 < BASE_HISTOGRAM_BUCKETS)
			labels[0].value =
				decimal_to_text(le, base_histogram_end_us(i), SECONDS_NDIGITS);
		count += h->bucket[i];
		sample_begin(p, "_bucket", labels);
		web_page_text(p, "%" PRIu64 "\n", count);
	}
	web_page_text(p, "%s_sum %s\n", p->name, decimal_to_text(sum, h->sum_us, SECONDS_NDIGITS));
	web_page_text(p, "%s_count %" PRIu64 "\n", p->name, count);
}

void web_page_end(struct web_page *p)
{
	if (p->format == WEB_OPENMETRICS)
		text_add(p, "# EOF\n");
}
