/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* web/page.h - a page that is being written: text, or metrics in one of the two formats that
 * Prometheus reads.
 *
 * The text format is version 0.0.4 of Prometheus' own, the other one OpenMetrics 1.0. They differ
 * in little: OpenMetrics names the family of a counter without `_total`, and has an end. Families
 * are written one after the other, each with all of its samples. Memory that is short is remembered
 * until the page is asked for, so that writers write straight on.
 *
 * A page knows neither HTTP nor what the metrics mean. One thread at a time. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct base_histogram;

enum web_format { WEB_PROMETHEUS, WEB_OPENMETRICS, WEB_FORMATS };

enum web_kind { WEB_COUNTER, WEB_GAUGE, WEB_HISTOGRAM };

/* Starts as zeros, but for `format`. */
struct web_page {
	enum web_format format;
	char *bytes; /* from malloc, without a NUL at the end */
	size_t nbytes, capacity;
	bool is_short;	    /* memory was short: the page lacks something */
	const char *name;   /* of the family that is being written */
	enum web_kind kind; /* of that family */
};

/* A label of a sample. A list of labels ends with a name that is NULL. */
struct web_label {
	const char *name, *value;
};

/* Frees what the page holds. */
void web_page_fini(struct web_page *p);

/* Adds text. */
__attribute__((format(printf, 2, 3))) void web_page_text(struct web_page *p, const char *fmt, ...);

/* Begins a family of metrics, whose samples follow. `name` is borrowed until the next family; that
 * of a counter has no `_total`. `help` is one line. */
void web_page_family(struct web_page *p, const char *name, enum web_kind kind, const char *help);

/* Adds a sample to the family; `labels` may be NULL. */
void web_page_value(struct web_page *p, const struct web_label *labels, uint64_t value);

/* Adds a sample that is `value` divided by 10 to the power of `ndigits`, which is from 1 to 9:
 * microseconds become seconds by 6. */
void web_page_decimal(struct web_page *p, const struct web_label *labels, uint64_t value,
		      unsigned ndigits);

/* Adds the samples of a histogram of durations, in seconds, to the family. */
void web_page_histogram(struct web_page *p, const struct base_histogram *h);

/* Ends a page of metrics. */
void web_page_end(struct web_page *p);
