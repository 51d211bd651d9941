/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "remote/top_view.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cli/form.h"
#include "remote/rates.h"

enum {
	LINE_SIZE = 512,
	LIST_USUAL = 10, /* items without a screen */
	RCODES_MAX = 6,
	TABLE_LINES = 2, /* of each list, in addition to its items */
	NAME_MIN = 16,
	NUMBER_WIDTH = 12, /* of a column, with the blanks before it */
};

/* What is being written. */
struct page {
	FILE *out;
	const struct remote_top_view *view;
	int nlines;
};

__attribute__((format(printf, 2, 3))) static void line_write(struct page *p, const char *format,
							     ...)
{
	int columns = p->view->columns > 0 ? p->view->columns : LINE_SIZE;
	char line[LINE_SIZE];
	va_list args;

	if (p->view->rows > 0 && p->nlines >= p->view->rows)
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	fprintf(p->out, "%.*s\n", columns, line);
	p->nlines++;
}

static const char *rate_to_text(char out[static CLI_FORM_TEXT_MAX], double rate)
{
	snprintf(out, CLI_FORM_TEXT_MAX, rate < 100 ? "%.1f" : "%.0f", rate);
	return out;
}

static const char *us_to_text(char out[static CLI_FORM_TEXT_MAX], double us)
{
	snprintf(out, CLI_FORM_TEXT_MAX, us < 10000 ? "%.1fms" : "%.0fms", us / 1000);
	return out;
}

/* Returns a rate of the part `part` by the name of its counter; 0 if it is not there. */
static double rate_of(const json_t *rates, const char *part, const char *name)
{
	return json_number_value(json_object_get(json_object_get(rates, part), name));
}

/* ---- the head ---- */

static void status_write(struct page *p, const json_t *status)
{
	char uptime[CLI_FORM_TEXT_MAX], memory[CLI_FORM_TEXT_MAX];
	const json_t *reasons = json_object_get(status, "reasons");
	const char *version, *health;

	if (json_unpack((json_t *)status, "{s:s, s:s}", "version", &version, "health", &health) !=
	    0)
		return;
	if (cli_form_field_to_text(memory, status, "memory") == NULL)
		strcpy(memory, "-");
	if (cli_form_field_to_text(uptime, status, "uptime") == NULL)
		strcpy(uptime, "-");
	line_write(p, "weft %s  %s  up %s  zones %lld  leases %lld  memory %s  workers %lld",
		   version, health, uptime,
		   (long long)json_integer_value(json_object_get(status, "zones")),
		   (long long)json_integer_value(json_object_get(status, "leases")), memory,
		   (long long)json_integer_value(json_object_get(status, "workers")));
	for (size_t i = 0; i < json_array_size(reasons); i++) {
		const json_t *reason = json_array_get(reasons, i);
		const char *why = json_string_value(json_object_get(reason, "why"));

		line_write(p, "unwell: %s", why != NULL ? why : "?");
	}
}

static void traffic_write(struct page *p, const json_t *rates, const json_t *after)
{
	const json_t *opcodes = json_object_get(json_object_get(rates, "server"), "opcodes");
	char queries[CLI_FORM_TEXT_MAX], answers[CLI_FORM_TEXT_MAX], updates[CLI_FORM_TEXT_MAX];
	char drops[CLI_FORM_TEXT_MAX];

	line_write(p, "a second: queries %s  answers %s  updates %s  drops %s  tcp open %lld",
		   rate_to_text(queries, json_number_value(json_object_get(opcodes, "QUERY"))),
		   rate_to_text(answers, rate_of(rates, "server", "responses-udp") +
						 rate_of(rates, "server", "responses-tcp")),
		   rate_to_text(updates, json_number_value(json_object_get(opcodes, "UPDATE"))),
		   rate_to_text(drops, rate_of(rates, "server", "dropped") +
					       rate_of(rates, "server", "rate-limited") +
					       rate_of(rates, "server", "unsent")),
		   (long long)json_integer_value(
			   json_object_get(json_object_get(after, "server"), "tcp-connections")));
}

json_int_t remote_top_commit_us(const json_t *before, const json_t *after, double share)
{
	const json_t *to = json_object_get(after, "commit-us");
	const json_t *from = json_object_get(before, "commit-us");
	double all = 0, sum = 0;

	for (size_t i = 0; i < json_array_size(to); i++)
		all += remote_rates_of(json_array_get(json_array_get(from, i), 1),
				       json_array_get(json_array_get(to, i), 1), 1);
	for (size_t i = 0; i < json_array_size(to) && all > 0; i++) {
		const json_t *end = json_array_get(json_array_get(to, i), 0);

		sum += remote_rates_of(json_array_get(json_array_get(from, i), 1),
				       json_array_get(json_array_get(to, i), 1), 1);
		if (sum >= all * share)
			return json_is_null(end) ? -1 : json_integer_value(end);
	}
	return 0;
}

static void commits_write(struct page *p, const json_t *rates, const json_t *before,
			  const json_t *after)
{
	char commits[CLI_FORM_TEXT_MAX], failures[CLI_FORM_TEXT_MAX], mean[CLI_FORM_TEXT_MAX];
	char within[CLI_FORM_TEXT_MAX];
	double batches = rate_of(rates, "registrar", "batches");
	double sum_us = rate_of(rates, "registrar", "commit-us-sum");
	json_int_t most_us = remote_top_commit_us(before, after, 0.99);

	rate_to_text(commits, rate_of(rates, "store", "commits"));
	rate_to_text(failures, rate_of(rates, "store", "commit-failures"));
	if (batches > 0)
		line_write(p, "commits:  %s  failing %s  mean %s  99%% %s %s", commits, failures,
			   us_to_text(mean, sum_us / batches),
			   most_us < 0 ? "longer than" : "within",
			   us_to_text(within, most_us < 0 ? 8388608.0 : (double)most_us));
	else
		line_write(p, "commits:  %s  failing %s", commits, failures);
}

/* ---- lists ---- */

struct item {
	const char *name;
	double rate, changes;
	json_int_t number;
};

static int compare_names(const void *left, const void *right)
{
	return strcmp(((const struct item *)left)->name, ((const struct item *)right)->name);
}

static int compare_rates(const void *left, const void *right)
{
	const struct item *a = left, *b = right;

	if (a->rate != b->rate)
		return a->rate < b->rate ? 1 : -1;
	return compare_names(left, right);
}

static int compare_changes(const void *left, const void *right)
{
	const struct item *a = left, *b = right;

	if (a->changes != b->changes)
		return a->changes < b->changes ? 1 : -1;
	return compare_rates(left, right);
}

static void items_sort(struct item *items, size_t n, enum remote_top_sort sort)
{
	static int (*const compare[])(const void *, const void *) = {
		[REMOTE_TOP_BY_REQUESTS] = compare_rates,
		[REMOTE_TOP_BY_CHANGES] = compare_changes,
		[REMOTE_TOP_BY_NAME] = compare_names,
	};

	if (n > 0)
		qsort(items, n, sizeof(*items), compare[sort]);
}

/* Returns the items of the counters of an object that are not 0, sorted by rate, to be freed; NULL
 * if there are none. */
static struct item *items_of_object(const json_t *object, size_t *n)
{
	struct item *items = calloc(json_object_size(object) + 1, sizeof(*items));
	const char *name;
	json_t *value;

	*n = 0;
	json_object_foreach((json_t *)object, name,
			    value) if (items != NULL && json_number_value(value) > 0)
		items[(*n)++] = (struct item){.name = name, .rate = json_number_value(value)};
	items_sort(items, *n, REMOTE_TOP_BY_REQUESTS);
	return items;
}

/* Returns the items of a list of rates, to be freed. `number` is the field of the figure beside the
 * rates, which is in the list `now`. */
static struct item *items_of_list(const json_t *list, const char *label, const json_t *now,
				  const char *number, enum remote_top_sort sort, size_t *n)
{
	struct item *items = calloc(json_array_size(list) + 1, sizeof(*items));
	size_t at = 0;

	*n = 0;
	for (size_t i = 0; items != NULL && i < json_array_size(list); i++) {
		const json_t *rates = json_array_get(list, i), *item = NULL;
		const char *name = json_string_value(json_object_get(rates, label)), *other;

		if (name == NULL)
			continue;
		/* The rates have the order of the figures, and some of them may be missing. */
		while (at < json_array_size(now)) {
			item = json_array_get(now, at++);
			other = json_string_value(json_object_get(item, label));
			if (other != NULL && strcmp(other, name) == 0)
				break;
		}
		items[(*n)++] = (struct item){
			.name = name,
			.rate = json_number_value(json_object_get(rates, "requests")),
			.changes = json_number_value(json_object_get(rates, "serial")),
			.number = json_integer_value(json_object_get(item, number)),
		};
	}
	items_sort(items, *n, sort);
	return items;
}

static void rcodes_write(struct page *p, const json_t *rates)
{
	size_t n;
	struct item *items =
		items_of_object(json_object_get(json_object_get(rates, "server"), "rcodes"), &n);
	char line[LINE_SIZE] = "rcodes: ", rate[CLI_FORM_TEXT_MAX];

	for (size_t i = 0; i < n && i < RCODES_MAX; i++) {
		size_t used = strlen(line);

		snprintf(line + used, sizeof(line) - used, "  %s %s", items[i].name,
			 rate_to_text(rate, items[i].rate));
	}
	line_write(p, "%s", n > 0 ? line : "rcodes:   -");
	free(items);
}

/* Returns how wide the first column of a list with `ncolumns` others is. */
static int name_width(const struct remote_top_view *view, int ncolumns)
{
	int width = (view->columns > 0 ? view->columns : 80) - ncolumns * NUMBER_WIDTH;

	return width < NAME_MIN ? NAME_MIN : width;
}

static void zones_write(struct page *p, const struct item *items, size_t n)
{
	int width = name_width(p->view, 3);
	char rate[CLI_FORM_TEXT_MAX], changes[CLI_FORM_TEXT_MAX];

	line_write(p, "%s", "");
	line_write(p, "%-*s%*s%*s%*s", width, "ZONE", NUMBER_WIDTH, "REQUESTS/s", NUMBER_WIDTH,
		   "CHANGES/s", NUMBER_WIDTH, "RECORDS");
	for (size_t i = 0; i < n; i++)
		line_write(p, "%-*.*s%*s%*s%*lld", width, width, items[i].name, NUMBER_WIDTH,
			   rate_to_text(rate, items[i].rate), NUMBER_WIDTH,
			   rate_to_text(changes, items[i].changes), NUMBER_WIDTH,
			   (long long)items[i].number);
}

static void keys_write(struct page *p, const struct item *items, size_t n)
{
	int width = name_width(p->view, 2);
	char rate[CLI_FORM_TEXT_MAX];

	line_write(p, "%s", "");
	line_write(p, "%-*s%*s%*s", width, "KEY", NUMBER_WIDTH, "REQUESTS/s", NUMBER_WIDTH,
		   "EPOCH");
	for (size_t i = 0; i < n; i++)
		line_write(p, "%-*.*s%*s%*lld", width, width, items[i].name, NUMBER_WIDTH,
			   rate_to_text(rate, items[i].rate), NUMBER_WIDTH,
			   (long long)items[i].number);
}

static void types_write(struct page *p, const struct item *items, size_t n)
{
	int width = name_width(p->view, 1);
	char rate[CLI_FORM_TEXT_MAX];

	line_write(p, "%s", "");
	line_write(p, "%-*s%*s", width, "TYPE", NUMBER_WIDTH, "QUERIES/s");
	for (size_t i = 0; i < n; i++)
		line_write(p, "%-*.*s%*s", width, width, items[i].name, NUMBER_WIDTH,
			   rate_to_text(rate, items[i].rate));
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Decides how many items of each list are shown: a third of the lines each, and what a list does
 * not need is for the zones first. */
static void share(const struct page *p, size_t n[static 3])
{
	int rest = p->view->rows - p->nlines - 3 * TABLE_LINES - (p->view->note != NULL);
	size_t lines = rest > 0 ? (size_t)rest : 0, all[3] = {n[0], n[1], n[2]};

	if (p->view->rows == 0) {
		for (int i = 0; i < 3; i++)
			n[i] = least(n[i], LIST_USUAL);
		return;
	}
	for (int i = 0; i < 3; i++)
		n[i] = least(n[i], lines / 3);
	for (int i = 0; i < 3; i++)
		n[i] = least(all[i], n[i] + lines - n[0] - n[1] - n[2]);
}

static void lists_write(struct page *p, const json_t *rates, const json_t *after)
{
	enum remote_top_sort sort = p->view->sort;
	const json_t *types = json_object_get(json_object_get(rates, "server"), "types");
	size_t n[3];
	struct item *zones = items_of_list(json_object_get(rates, "zones"), "zone",
					   json_object_get(after, "zones"), "records", sort, &n[0]);
	struct item *keys = items_of_list(json_object_get(rates, "keys"), "key",
					  json_object_get(after, "keys"), "epoch", sort, &n[1]);
	struct item *typed = items_of_object(types, &n[2]);

	share(p, n);
	zones_write(p, zones, n[0]);
	keys_write(p, keys, n[1]);
	types_write(p, typed, n[2]);
	free(zones);
	free(keys);
	free(typed);
}

void remote_top_write(FILE *out, const json_t *before, const json_t *after, double seconds,
		      const struct remote_top_view *view)
{
	json_t *rates = remote_rates(before, after, seconds, true);
	struct page p = {.out = out, .view = view};

	status_write(&p, json_object_get(after, "status"));
	traffic_write(&p, rates, after);
	rcodes_write(&p, rates);
	commits_write(&p, rates, before, after);
	lists_write(&p, rates, after);
	if (view->note != NULL) {
		while (p.nlines < view->rows - 1)
			line_write(&p, "%s", "");
		line_write(&p, "%s", view->note);
	}
	json_decref(rates);
}
