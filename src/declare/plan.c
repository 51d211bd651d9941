/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "declare/plan.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/grow.h"
#include "dns/type.h"
#include "dnssd/fabric_name.h"
#include "spec/rdata.h"

enum { BLOCK_SIZE = 65536 };

void declare_plan_init(struct declare_plan *p, const struct atlas *a, base_report_fn report,
		       void *arg)
{
	*p = (struct declare_plan){.atlas = a, .report = report, .arg = arg};
	base_arena_init(&p->arena, BLOCK_SIZE);
}

void declare_plan_fini(struct declare_plan *p)
{
	for (size_t i = 0; i < p->nchanges; i++) {
		free(p->changes[i].removed.items);
		free(p->changes[i].added.items);
	}
	free(p->changes);
	free(p->reads);
	free(p->items);
	base_arena_fini(&p->arena);
}

int declare_plan_status(const struct declare_plan *p)
{
	return p->nerrors > 0 ? -EBADMSG : p->is_short ? -ENOMEM : 0;
}

/* ---- reports ---- */

static void report(struct declare_plan *p, enum base_log_level level,
		   const struct base_location *at, const char *format, va_list args)
{
	struct base_error error = {.code = -EBADMSG};

	if (at != NULL)
		error.at = *at;
	vsnprintf(error.text, sizeof(error.text), format, args);
	p->report(p->arg, level, &error);
}

void declare_plan_error(struct declare_plan *p, const struct base_location *at, const char *format,
			...)
{
	va_list args;

	va_start(args, format);
	report(p, BASE_LOG_ERROR, at, format, args);
	va_end(args);
	p->nerrors++;
}

void declare_plan_warn(struct declare_plan *p, const struct base_location *at, const char *format,
		       ...)
{
	va_list args;

	va_start(args, format);
	report(p, BASE_LOG_WARNING, at, format, args);
	va_end(args);
}

/* ---- memory ---- */

static const uint8_t *name_copy(struct declare_plan *p, const uint8_t *name)
{
	const uint8_t *copy = base_arena_copy(&p->arena, name, dns_name_nbytes(name));

	p->is_short = p->is_short || copy == NULL;
	return copy;
}

const char *declare_plan_text(struct declare_plan *p, const char *text)
{
	const char *copy = base_arena_copy(&p->arena, text, strlen(text) + 1);

	p->is_short = p->is_short || copy == NULL;
	return copy != NULL ? copy : "";
}

/* Makes room for one more item. Returns whether there is. */
static bool room_make(struct declare_plan *p, void *items, size_t count, size_t *capacity,
		      size_t size)
{
	void *old, *grown;

	memcpy(&old, items, sizeof(old));
	grown = base_grow(old, count, capacity, size);
	if (grown == NULL) {
		p->is_short = true;
		return false;
	}
	memcpy(items, &grown, sizeof(grown));
	return true;
}

static void record_add(struct declare_plan *p, struct declare_records *records,
		       const struct dns_record *r)
{
	if (room_make(p, &records->items, records->count, &records->capacity, sizeof(*r)))
		records->items[records->count++] = *r;
}

/* ---- changes ---- */

/* Returns the change of the RRset, added if there is none yet; NULL if memory is short. */
static struct declare_change *change_of(struct declare_plan *p, const uint8_t *owner, uint16_t type)
{
	struct declare_change *c;

	/* Only an assignment's RRset is changed several times: by instances of one node in a row,
	 * mostly. */
	for (size_t i = p->nchanges; type == DNS_TYPE_PTR && i > 0; i--)
		if (p->changes[i - 1].type == DNS_TYPE_PTR &&
		    dns_name_equal(p->changes[i - 1].owner, owner))
			return &p->changes[i - 1];
	owner = name_copy(p, owner);
	if (owner == NULL ||
	    !room_make(p, &p->changes, p->nchanges, &p->changes_capacity, sizeof(*c)))
		return NULL;
	c = &p->changes[p->nchanges++];
	*c = (struct declare_change){.owner = owner, .type = type};
	c->before = atlas_rrset(p->atlas, owner, type, &c->nbefore);
	return c;
}

static void before_remove(struct declare_plan *p, struct declare_change *c)
{
	for (size_t i = 0; i < c->nbefore; i++)
		record_add(p, &c->removed, &c->before[i]);
}

const uint8_t *declare_plan_rdata(struct declare_plan *p, const struct base_location *at,
				  const char *what, const char *name, const char *text,
				  size_t *nbytes)
{
	size_t nchars = strlen(text);
	uint8_t *rdata;

	*nbytes = spec_rdata_nbytes(nchars);
	if (*nbytes == 0 || *nbytes > DECLARE_RDATA_MAX) {
		declare_plan_error(p, at,
				   "%s %s has %zu characters as JSON; a registry takes a record of "
				   "at most %d octets",
				   what, name, nchars, DECLARE_RDATA_MAX);
		return NULL;
	}
	rdata = base_arena_alloc(&p->arena, *nbytes);
	if (rdata == NULL)
		p->is_short = true;
	else
		spec_rdata_write(rdata, *nbytes, text, nchars);
	return rdata;
}

bool declare_plan_write(struct declare_plan *p, const uint8_t *owner, const uint8_t *rdata,
			size_t nbytes)
{
	size_t n;
	const struct dns_record *before = atlas_rrset(p->atlas, owner, DNS_TYPE_TXT, &n);
	struct dns_record r = {.type = DNS_TYPE_TXT,
			       .ttl = DECLARE_TTL_S,
			       .rdata = rdata,
			       .nbytes = (uint16_t)nbytes};
	struct declare_change *c;

	if (n == 1 && before->nbytes == nbytes && memcmp(before->rdata, rdata, nbytes) == 0)
		return false;
	c = change_of(p, owner, DNS_TYPE_TXT);
	if (c == NULL)
		return true;
	before_remove(p, c);
	r.owner = c->owner;
	record_add(p, &c->added, &r);
	return true;
}

bool declare_plan_erase(struct declare_plan *p, const uint8_t *owner)
{
	struct declare_change *c;
	size_t n;

	if (atlas_rrset(p->atlas, owner, DNS_TYPE_TXT, &n) == NULL)
		return false;
	c = change_of(p, owner, DNS_TYPE_TXT);
	if (c != NULL)
		before_remove(p, c);
	return true;
}

void declare_plan_assign(struct declare_plan *p, const uint8_t *node, const uint8_t *instance)
{
	uint8_t owner[DNS_NAME_MAX];
	struct declare_change *c;
	struct dns_record r = {.type = DNS_TYPE_PTR, .ttl = DECLARE_TTL_S};

	if (dnssd_fabric_name_write(owner, DNSSD_FABRIC_RUNS, NULL, node) == 0) {
		declare_plan_error(p, NULL, "the name of a node is too long");
		return;
	}
	c = change_of(p, owner, DNS_TYPE_PTR);
	r.rdata = name_copy(p, instance);
	if (c == NULL || r.rdata == NULL)
		return;
	for (size_t i = 0; i < c->nbefore; i++)
		if (dns_name_equal(c->before[i].rdata, instance))
			return;
	r.owner = c->owner;
	r.nbytes = (uint16_t)dns_name_nbytes(instance);
	record_add(p, &c->added, &r);
}

void declare_plan_withdraw(struct declare_plan *p, const struct atlas_run *run)
{
	struct declare_change *c = change_of(p, run->record->owner, DNS_TYPE_PTR);

	if (c == NULL)
		return;
	for (size_t i = 0; i < c->removed.count; i++)
		if (dns_name_equal(c->removed.items[i].rdata, run->instance))
			return;
	record_add(p, &c->removed, run->record);
}

bool declare_plan_move(struct declare_plan *p, const uint8_t *instance, const uint8_t *node,
		       const char **from)
{
	size_t nruns;
	const struct atlas_run *runs = atlas_runs_of(p->atlas, instance, &nruns);
	bool is_there = false;

	*from = NULL;
	for (size_t i = 0; i < nruns; i++) {
		if (node != NULL && dns_name_equal(runs[i].node, node)) {
			is_there = true;
			continue;
		}
		*from = declare_plan_node(p, runs[i].node);
		declare_plan_withdraw(p, &runs[i]);
	}
	if (node == NULL || is_there)
		return *from != NULL;
	declare_plan_assign(p, node, instance);
	return true;
}

const char *declare_plan_node(const struct declare_plan *p, const uint8_t *name)
{
	const struct atlas_node *node = atlas_node(p->atlas, name);

	return node != NULL ? node->label : "?";
}

void declare_plan_read(struct declare_plan *p, const uint8_t *owner, uint16_t type)
{
	struct declare_read *r;

	for (size_t i = 0; i < p->nreads; i++)
		if (p->reads[i].type == type && dns_name_equal(p->reads[i].owner, owner))
			return;
	owner = name_copy(p, owner);
	if (owner == NULL || !room_make(p, &p->reads, p->nreads, &p->reads_capacity, sizeof(*r)))
		return;
	r = &p->reads[p->nreads++];
	*r = (struct declare_read){.owner = owner, .type = type};
	r->records = atlas_rrset(p->atlas, owner, type, &r->count);
}

void declare_plan_read_runs(struct declare_plan *p)
{
	size_t n;
	const struct atlas_node *nodes = atlas_nodes(p->atlas, &n);

	for (size_t i = 0; i < n; i++) {
		uint8_t owner[DNS_NAME_MAX];

		if (dnssd_fabric_name_write(owner, DNSSD_FABRIC_RUNS, NULL, nodes[i].name) > 0)
			declare_plan_read(p, owner, DNS_TYPE_PTR);
	}
}

struct declare_item *declare_plan_item(struct declare_plan *p)
{
	static struct declare_item ignored;
	struct declare_item *item = &ignored;

	if (room_make(p, &p->items, p->nitems, &p->items_capacity, sizeof(*item)))
		item = &p->items[p->nitems++];
	*item = (struct declare_item){0};
	return item;
}

/* ---- the order ---- */

/* The phases of a change: what is taken from a node, what is declared, what a node is given. So an
 * agent never has to run what is not declared, whatever of it is done. */
enum { TAKEN, DECLARED, GIVEN, EMPTY };

static int phase_of(const struct declare_change *c)
{
	if (c->removed.count == 0 && c->added.count == 0)
		return EMPTY;
	if (c->type != DNS_TYPE_PTR)
		return DECLARED;
	return c->added.count == 0 ? TAKEN : GIVEN;
}

void declare_plan_sort(struct declare_plan *p)
{
	struct declare_change *sorted = malloc((p->nchanges + 1) * sizeof(*sorted));
	size_t n = 0;

	if (sorted == NULL) {
		p->is_short = true;
		return;
	}
	for (int phase = TAKEN; phase < EMPTY; phase++)
		for (size_t i = 0; i < p->nchanges; i++)
			if (phase_of(&p->changes[i]) == phase)
				sorted[n++] = p->changes[i];
	free(p->changes);
	p->changes = sorted;
	p->changes_capacity = p->nchanges + 1;
	p->nchanges = n;
}
