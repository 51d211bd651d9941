/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* atlas/atlas_priv.h - what the files of the room share of an atlas. */
#pragma once

#include "atlas/atlas.h"
#include "atlas/records.h"
#include "base/arena.h"
#include "dnssd/fabric_name.h"

/* Lists are allocated by themselves, what they point to is in the arenas. */
struct atlas {
	uint8_t zone[DNS_NAME_MAX];
	struct atlas_records records;
	struct base_arena arena; /* texts and specs */

	struct atlas_spec *specs;		/* by type, service and number */
	const struct atlas_spec **specs_byname; /* by `name` */
	struct atlas_service *services;
	struct atlas_schema *schemas;
	size_t nspecs, nservices, nschemas;

	struct atlas_run *runs;
	struct atlas_instance *instances;
	struct atlas_node *nodes;
	struct atlas_held *held;
	struct atlas_use *uses;
	size_t nruns, ninstances, nnodes, nheld, nuses;

	struct atlas_event *events;
	size_t nevents;
	const char *leader, *rules;
	uint64_t term;
	size_t nrules;

	/* capacities, while it is made */
	size_t specs_room, schemas_room, runs_room, instances_room, nodes_room, held_room,
		uses_room, events_room;
};

/* Each takes the records of one owner and one type, which are of its concern, and adds what they
 * mean. Returns 0 or -ENOMEM. */
typedef int (*atlas_take_fn)(struct atlas *a, const struct dnssd_fabric_name *f,
			     const struct dns_record *records, size_t n);

int atlas_declared_spec(struct atlas *a, const struct dnssd_fabric_name *f,
			const struct dns_record *records, size_t n);
int atlas_declared_schema(struct atlas *a, const struct dnssd_fabric_name *f,
			  const struct dns_record *records, size_t n);
int atlas_running_runs(struct atlas *a, const struct dnssd_fabric_name *f,
		       const struct dns_record *records, size_t n);
int atlas_running_uses(struct atlas *a, const struct dnssd_fabric_name *f,
		       const struct dns_record *records, size_t n);
int atlas_running_held(struct atlas *a, const struct dnssd_fabric_name *f,
		       const struct dns_record *records, size_t n);
int atlas_cluster_leader(struct atlas *a, const struct dnssd_fabric_name *f,
			 const struct dns_record *records, size_t n);
int atlas_cluster_rules(struct atlas *a, const struct dnssd_fabric_name *f,
			const struct dns_record *records, size_t n);
int atlas_cluster_event(struct atlas *a, const struct dnssd_fabric_name *f,
			const struct dns_record *records, size_t n);

/* Take the records at the name of a node or an instance, for the same. */
int atlas_running_node(struct atlas *a, const struct dns_record *records, size_t n);
int atlas_running_instance(struct atlas *a, const struct dns_record *records, size_t n);

/* Sort what was added, and add what follows from it. Return 0 or -ENOMEM. */
int atlas_declared_finish(struct atlas *a);
int atlas_running_finish(struct atlas *a);
void atlas_cluster_finish(struct atlas *a);

/* Frees what is not in an arena. */
void atlas_declared_fini(struct atlas *a);
