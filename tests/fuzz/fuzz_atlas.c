/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* A message of a transfer, whose records are anything: the zone of it has a model, whose instances
 * are joined, compared with an agent's, and make a graph. Each instance is found by its name. */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <jansson.h>

#include "atlas/atlas.h"
#include "dns/msg.h"
#include "dns/rdata.h"
#include "fleet/cycle.h"
#include "fleet/differ.h"
#include "fleet/event.h"
#include "fleet/graph.h"
#include "fleet/join.h"

enum { RECORDS = 64, RDATA = 1024 };

static const uint8_t zone[] = "\3lab\5cloud";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads the records of the message as the transfer does. Returns how many. */
static size_t records_read(struct dns_record *out, const uint8_t *data, size_t size)
{
	static uint8_t owners[RECORDS][DNS_NAME_MAX], rdata[RECORDS][RDATA];
	struct base_buf b = base_buf_over(data, size);
	size_t n = 0;
	struct dns_rr rr;

	base_buf_take(&b, DNS_HEADER_SIZE);
	while (n < RECORDS && dns_rr_parse(&b, &rr)) {
		struct base_out o = base_out_over(rdata[n], RDATA);
		size_t nbytes;

		dns_rdata_parse(&rr.rdata, rr.type, rr.rdlength, &o);
		nbytes = base_out_nbytes(&o);
		if (o.is_full || !dns_rdata_is_laid_out(rr.type, rdata[n], nbytes))
			continue;
		memcpy(owners[n], rr.owner, dns_name_nbytes(rr.owner));
		out[n] = (struct dns_record){.owner = owners[n],
					     .type = rr.type,
					     .ttl = rr.ttl,
					     .rdata = rdata[n],
					     .nbytes = (uint16_t)nbytes};
		n++;
	}
	return n;
}

/* Whatever is in a list is found by its name. */
static void names_find(const struct atlas *a)
{
	size_t n, found;
	const struct atlas_spec *specs = atlas_specs(a, &n);

	for (size_t i = 0; i < n; i++)
		if (atlas_spec(a, specs[i].name) != &specs[i] ||
		    (specs[i].service == NULL) != (specs[i].why != NULL))
			abort();
	for (size_t i = 0, nruns = (atlas_runs(a, &n), n); i < nruns; i++)
		if (atlas_runs_of(a, atlas_runs(a, &n)[i].instance, &found) == NULL)
			abort();
	for (size_t i = 0, nnodes = (atlas_nodes(a, &n), n); i < nnodes; i++)
		if (atlas_node(a, atlas_nodes(a, &n)[i].name) != &atlas_nodes(a, &n)[i])
			abort();
	for (size_t i = 0, nall = (atlas_instances(a, &n), n); i < nall; i++)
		if (atlas_instance(a, atlas_instances(a, &n)[i].name) != &atlas_instances(a, &n)[i])
			abort();
}

static void rows_read(const struct fleet_join *j)
{
	char why[FLEET_JOIN_WHY_MAX];

	for (size_t i = 0; i < j->n; i++) {
		if (fleet_join_get(j, j->rows[i].name) != &j->rows[i])
			abort();
		fleet_join_state(&j->rows[i]);
		fleet_join_why(why, j, &j->rows[i]);
	}
}

static void events_read(const struct atlas *a)
{
	size_t n;
	const struct atlas_event *events = atlas_events(a, &n);

	for (size_t i = 0; i < n; i++) {
		json_decref(fleet_event_to_json(&events[i]));
		fleet_event_is_about(&events[i], "web-1", zone);
	}
}

static void fleet_read(const struct atlas *a)
{
	json_t *status = json_pack("{s:s}", "node", "n1"), *services = json_object();
	struct fleet_graph g;
	struct fleet_join j;

	if (fleet_join_make(&j, a) != 0 || fleet_graph_make(&g, &j) != 0 ||
	    fleet_cycle_find(&g) != 0)
		abort();
	rows_read(&j);
	json_decref(fleet_differ_find(&j, status, services));
	fleet_graph_free(&g);
	fleet_join_free(&j);
	json_decref(status);
	json_decref(services);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct dns_record records[RECORDS];
	size_t n = records_read(records, data, size);
	struct atlas *a;

	if (atlas_new(&a, zone, records, n) != 0)
		abort();
	names_find(a);
	events_read(a);
	fleet_read(a);
	atlas_free(a);
	return 0;
}
