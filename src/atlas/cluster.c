/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* The cluster: the leader, the rules, the history. */

#include <errno.h>
#include <stdlib.h>

#include "atlas/atlas_priv.h"
#include "atlas/text.h"
#include "base/error.h"
#include "base/grow.h"
#include "dns/type.h"
#include "spec/rdata.h"

int atlas_cluster_leader(struct atlas *a, const struct dnssd_fabric_name *f,
			 const struct dns_record *records, size_t n)
{
	(void)f;
	if (records->type != DNS_TYPE_TXT || n != 1)
		return 0;
	a->term = atlas_text_number(records, "term");
	return atlas_text_key(&a->leader, &a->arena, records, "node");
}

int atlas_cluster_rules(struct atlas *a, const struct dnssd_fabric_name *f,
			const struct dns_record *records, size_t n)
{
	size_t size = (size_t)records->nbytes + 1;
	struct base_error error;
	char *text;

	(void)f;
	if (records->type != DNS_TYPE_TXT || n != 1)
		return 0;
	text = base_arena_alloc(&a->arena, size);
	if (text == NULL)
		return -ENOMEM;
	if (spec_rdata_read(text, size, &a->nrules, records->rdata, records->nbytes, &error) == 0)
		a->rules = text;
	return 0;
}

/* Reads one event. */
static int event_read(struct atlas *a, struct atlas_event *e)
{
	const struct {
		const char **value, *key;
	} keys[] = {
		{&e->node, "node"}, {&e->what, "what"}, {&e->of, "of"},
		{&e->why, "why"},   {&e->rule, "rule"},
	};

	e->time_ms = atlas_text_time_ms(e->record, "t");
	for (size_t k = 0; k < sizeof(keys) / sizeof(*keys); k++)
		if (atlas_text_key(keys[k].value, &a->arena, e->record, keys[k].key) < 0)
			return -ENOMEM;
	return 0;
}

int atlas_cluster_event(struct atlas *a, const struct dnssd_fabric_name *f,
			const struct dns_record *records, size_t n)
{
	struct atlas_event *events;
	uint64_t era, number;

	(void)n;
	if (records->type != DNS_TYPE_TXT ||
	    !dnssd_fabric_name_parse_event(f->label, &era, &number))
		return 0;
	events = base_grow(a->events, a->nevents, &a->events_room, sizeof(*events));
	if (events == NULL)
		return -ENOMEM;
	a->events = events;
	events[a->nevents] = (struct atlas_event){
		.era = era, .n = number, .name = records->owner, .record = records};
	return event_read(a, &events[a->nevents++]);
}

static int event_compare(const void *one, const void *two)
{
	const struct atlas_event *a = one, *b = two;

	if (a->time_ms != b->time_ms)
		return a->time_ms < b->time_ms ? -1 : 1;
	if (a->era != b->era)
		return a->era < b->era ? -1 : 1;
	return (a->n > b->n) - (a->n < b->n);
}

void atlas_cluster_finish(struct atlas *a)
{
	if (a->nevents > 0)
		qsort(a->events, a->nevents, sizeof(*a->events), event_compare);
}

/* ---- what was made ---- */

const struct atlas_event *atlas_events(const struct atlas *a, size_t *n)
{
	*n = a->nevents;
	return a->events;
}

const char *atlas_leader(const struct atlas *a, uint64_t *term)
{
	*term = a->term;
	return a->leader;
}

const char *atlas_rules(const struct atlas *a, size_t *nchars)
{
	*nchars = a->nrules;
	return a->rules;
}
