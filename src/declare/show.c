/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "declare/show.h"

#include <inttypes.h>
#include <string.h>

#include "cli/text.h"
#include "spec/diff.h"

static const char *const kinds[] = {
	[DECLARE_SCHEMA] = "schemas",
	[DECLARE_SERVICE] = "services",
	[DECLARE_PLACE] = "places",
};

static const char *const actions[] = {
	[DECLARE_UNCHANGED] = "unchanged",
	[DECLARE_CREATED] = "created",
	[DECLARE_CHANGED] = "changed",
	[DECLARE_DELETED] = "deleted",
};

/* ---- the items of a commit ---- */

static bool is_same(const struct declare_item *a, const struct declare_item *b)
{
	return a->kind == b->kind && strcmp(a->name, b->name) == 0 &&
	       (a->type == NULL || b->type == NULL || strcmp(a->type, b->type) == 0);
}

/* Whether a later round, of those before `end`, has an item for the same that changes it. */
static bool is_later(const struct declare_commit *c, const struct declare_round *end,
		     const struct declare_item *item)
{
	for (const struct declare_round *r = c->rounds; r != end; r = r->before)
		for (size_t i = 0; i < r->plan.nitems; i++)
			if (is_same(&r->plan.items[i], item) &&
			    (r->plan.items[i].action != DECLARE_UNCHANGED ||
			     item->action == DECLARE_UNCHANGED))
				return true;
	return false;
}

/* Whether the item is changed by another round, which shows it. */
static bool is_shown_elsewhere(const struct declare_commit *c, const struct declare_round *of,
			       const struct declare_item *item)
{
	if (c->rounds->before == NULL)
		return false;
	if (is_later(c, of, item))
		return true;
	for (const struct declare_round *r = of->before;
	     r != NULL && item->action == DECLARE_UNCHANGED; r = r->before)
		for (size_t i = 0; i < r->plan.nitems; i++)
			if (is_same(&r->plan.items[i], item) &&
			    r->plan.items[i].action != DECLARE_UNCHANGED)
				return true;
	return false;
}

/* ---- for people ---- */

static void service_show(FILE *out, const struct declare_item *item)
{
	uint32_t n = item->action == DECLARE_DELETED ? item->nbefore : item->nafter;

	fputs("service ", out);
	cli_text_print(out, item->name);
	fputc(' ', out);
	cli_text_print(out, item->type);
	fprintf(out, " %s", actions[item->action]);
	if (item->action != DECLARE_CHANGED || item->nbefore != item->nafter)
		fprintf(out, ", %" PRIu32 " instance%s", n, n == 1 ? "" : "s");
	if (item->action == DECLARE_CHANGED && item->nbefore != item->nafter)
		fprintf(out, " instead of %" PRIu32, item->nbefore);
	if (item->action == DECLARE_CHANGED && item->consequence != SPEC_NOTHING)
		fprintf(out, ": %s%s", spec_diff_consequence_text(item->consequence),
			item->is_assigned ? "" : " (no instance runs)");
	fputc('\n', out);
}

/* Whether two items are instances of one service that do the same. */
static bool is_alike(const struct declare_item *a, const struct declare_item *b)
{
	const char *dash_a = strrchr(a->name, '-'), *dash_b = strrchr(b->name, '-');

	return b->kind == DECLARE_PLACE && dash_a != NULL && dash_b != NULL &&
	       dash_a - a->name == dash_b - b->name &&
	       strncmp(a->name, b->name, (size_t)(dash_a - a->name)) == 0 &&
	       strcmp(a->type, b->type) == 0 && (a->from == NULL) == (b->from == NULL) &&
	       (a->to == NULL) == (b->to == NULL) &&
	       (a->from == NULL || strcmp(a->from, b->from) == 0) &&
	       (a->to == NULL || strcmp(a->to, b->to) == 0);
}

static void place_show(FILE *out, const struct declare_item *first, const struct declare_item *last)
{
	cli_text_print(out, first->name);
	if (last != first) {
		fputs(last == first + 1 ? " and " : " to ", out);
		cli_text_print(out, last->name);
	}
	if (first->action == DECLARE_UNCHANGED) {
		fputs(first->to != NULL ? " already on " : " already on no node", out);
	} else if (first->from != NULL) {
		fputs(first->to != NULL ? " moved from " : " taken from ", out);
		cli_text_print(out, first->from);
		fputs(first->to != NULL ? " to " : "", out);
	} else {
		fputs(" placed on ", out);
	}
	if (first->to != NULL)
		cli_text_print(out, first->to);
	fputc('\n', out);
}

/* Writes an item in a line, and those after it that are alike with it. Returns how many these
 * are. */
static size_t item_show(FILE *out, const struct declare_item *item, size_t nleft)
{
	size_t n = 1;

	switch (item->kind) {
	case DECLARE_SERVICE:
		service_show(out, item);
		break;
	case DECLARE_SCHEMA:
		fputs("schema ", out);
		cli_text_print(out, item->name);
		fprintf(out, " %s\n", actions[item->action]);
		break;
	case DECLARE_PLACE:
		while (n < nleft && is_alike(&item[n - 1], &item[n]))
			n++;
		place_show(out, item, &item[n - 1]);
		break;
	}
	return n;
}

/* Writes what to do about services of which no instance has a node. */
static void next_show(FILE *out, const struct declare_commit *c)
{
	const struct declare_plan *p = &c->rounds->plan;
	uint64_t term;

	if (atlas_leader(p->atlas, &term) != NULL)
		return;
	for (size_t i = 0; i < p->nitems; i++) {
		const struct declare_item *item = &p->items[i];

		if (item->kind == DECLARE_SERVICE && item->action == DECLARE_CREATED &&
		    item->after->on.count != 1)
			fprintf(out,
				"%s-1 is on no node, and there is no coordinator: weft place %s-1 "
				"NODE\n",
				item->name, item->name);
	}
}

/* How many things there are that have changed, or have not. */
struct counts {
	size_t nchanged, nunchanged;
};

/* Writes the rounds, the first one first. */
static void rounds_show(FILE *out, const struct declare_commit *c, const struct declare_round *r,
			struct counts *counts)
{
	if (r->before != NULL)
		rounds_show(out, c, r->before, counts);
	for (size_t i = 0; i < r->plan.nitems;) {
		const struct declare_item *item = &r->plan.items[i];

		if (is_shown_elsewhere(c, r, item)) {
			i++;
		} else if (item->action == DECLARE_UNCHANGED && item->kind != DECLARE_PLACE) {
			counts->nunchanged++;
			i++;
		} else {
			counts->nchanged++;
			i += item_show(out, item, r->plan.nitems - i);
		}
	}
}

void declare_show_done(FILE *out, const struct declare_commit *c)
{
	struct counts counts = {0};

	rounds_show(out, c, c->rounds, &counts);
	if (counts.nunchanged > 0)
		fprintf(out, "%zu unchanged\n", counts.nunchanged);
	else if (counts.nchanged == 0)
		fputs("nothing to do\n", out);
	next_show(out, c);
}

static int schema_difference(FILE *out, const struct declare_item *item)
{
	json_t *before = item->text_before != NULL
				 ? json_loads(item->text_before, JSON_DECODE_ANY, NULL)
				 : NULL;
	json_t *after = item->text_after != NULL
				? json_loads(item->text_after, JSON_DECODE_ANY, NULL)
				: NULL;
	int ret = spec_diff_show_json(out, before, after);

	json_decref(before);
	json_decref(after);
	return ret;
}

int declare_show_difference(FILE *out, const struct declare_plan *p)
{
	size_t nchanged = 0;
	int ret = 0;

	for (size_t i = 0; i < p->nitems && ret == 0;) {
		const struct declare_item *item = &p->items[i];

		if (item->action == DECLARE_UNCHANGED) {
			i++;
			continue;
		}
		nchanged++;
		i += item_show(out, item, p->nitems - i);
		if (item->kind == DECLARE_SERVICE)
			ret = spec_diff_show(out, item->before, item->after);
		else if (item->kind == DECLARE_SCHEMA)
			ret = schema_difference(out, item);
	}
	if (nchanged == 0)
		fputs("no differences\n", out);
	return ret;
}

void declare_show_deleted(FILE *out, const struct declare_plan *p)
{
	for (size_t i = 0; i < p->nitems; i++)
		if (p->items[i].action == DECLARE_DELETED)
			item_show(out, &p->items[i], 1);
}

/* ---- as JSON ---- */

static void difference_add(void *arg, const char *path, const json_t *old_value,
			   const json_t *new_value, enum spec_consequence consequence)
{
	json_t *difference =
		json_pack("{s:s, s:O*, s:O*, s:s}", "path", path, "old", old_value, "new",
			  new_value, "consequence", spec_diff_consequence_text(consequence));

	json_array_append_new(arg, difference);
}

static json_t *text_to_json(const char *text)
{
	return text != NULL ? cli_text_to_json(text, strlen(text)) : json_null();
}

static json_t *service_to_json(const struct declare_item *item)
{
	json_t *value =
		json_pack("{s:o, s:o, s:s, s:i, s:i}", "name", text_to_json(item->name), "type",
			  text_to_json(item->type), "action", actions[item->action],
			  "instances-before", (int)item->nbefore, "instances", (int)item->nafter);
	enum spec_consequence worst;
	json_t *differences;

	if (value == NULL || item->action != DECLARE_CHANGED || item->before == NULL ||
	    item->after == NULL)
		return value;
	differences = json_array();
	spec_diff_find(item->before, item->after, difference_add, differences, &worst);
	json_object_set_new(value, "consequence",
			    json_string(spec_diff_consequence_text(item->consequence)));
	json_object_set_new(value, "differences", differences);
	return value;
}

static json_t *item_to_json(const struct declare_item *item)
{
	switch (item->kind) {
	case DECLARE_SERVICE:
		return service_to_json(item);
	case DECLARE_SCHEMA:
		return json_pack("{s:o, s:s}", "name", text_to_json(item->name), "action",
				 actions[item->action]);
	case DECLARE_PLACE:
		break;
	}
	return json_pack("{s:o, s:o, s:o, s:o, s:s}", "instance", text_to_json(item->name), "type",
			 text_to_json(item->type), "from", text_to_json(item->from), "to",
			 text_to_json(item->to), "action", actions[item->action]);
}

static void rounds_add(json_t *value, const struct declare_commit *c, const struct declare_round *r)
{
	if (r->before != NULL)
		rounds_add(value, c, r->before);
	for (size_t i = 0; i < r->plan.nitems; i++) {
		const struct declare_item *item = &r->plan.items[i];

		if (!is_shown_elsewhere(c, r, item))
			json_array_append_new(json_object_get(value, kinds[item->kind]),
					      item_to_json(item));
	}
}

json_t *declare_show_to_json(const struct declare_commit *c)
{
	json_t *value = json_pack("{s:s, s:b, s:i, s:[], s:[], s:[]}", "zone", c->zone->text,
				  "dry-run", c->is_dry_run, "updates", (int)c->nupdates, "schemas",
				  "services", "places");

	if (value != NULL)
		rounds_add(value, c, c->rounds);
	return value;
}
