/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* atlas/atlas.h - a fabric's zone at one moment, as one transfer shows it, and what its records
 * mean: nodes, what they have to run, what is declared, what runs, what uses what (weft(7)).
 *
 * All that it returns is the atlas's, does not change, and is valid until atlas_free. Texts are as
 * in the zone, which anybody with a key may have written: they may have any octets but NUL. It
 * knows no command and no agent. One thread. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "dns/record.h"
#include "spec/service.h"

struct atlas;
struct locate;
struct resolve_events;
struct schema;

/* Transfers the zone from the first registry that permits it, over TCP or TLS, signed by the
 * locate's key if it has one, and reads it. `events` are those of the locate; this call runs and
 * waits for them, at most `timeout_ms`. Returns 0, or a negative errno described in `error`:
 * -ENOENT without a registry; -ETIMEDOUT; -EHOSTUNREACH if none answers; -EACCES if one refuses;
 * -EKEYREJECTED for a signature; -EBADMSG; -EFBIG; -ENOMEM. */
int atlas_read(struct atlas **out, struct locate *l, struct resolve_events *events,
	       const uint8_t *zone, uint32_t timeout_ms, struct base_error *error);

/* Makes an atlas of records in any order, which are copied. Records outside of the zone are left
 * out. Returns 0 or -ENOMEM. */
int atlas_new(struct atlas **out, const uint8_t *zone, const struct dns_record *records, size_t n);

/* Frees all. NULL is fine. */
void atlas_free(struct atlas *a);

/* Returns the name of the zone, and the serial of its SOA record (0: it has none). */
const uint8_t *atlas_zone(const struct atlas *a);
uint32_t atlas_serial(const struct atlas *a);

/* ---- records ---- */

/* Returns all records, in canonical order of owners, then by type, then of rdata. Owners are in the
 * case of the zone. */
const struct dns_record *atlas_all(const struct atlas *a, size_t *n);

/* Returns the records of a type at a name, NULL with `n` 0 if there are none: what a prerequisite
 * needs. */
const struct dns_record *atlas_rrset(const struct atlas *a, const uint8_t *name, uint16_t type,
				     size_t *n);

/* Returns whether there are records of any type at the name. */
bool atlas_has_name(const struct atlas *a, const uint8_t *name);

/* ---- declared: `_spec`, `_schemas` ---- */

/* The `_spec` record of an instance. */
struct atlas_spec {
	const uint8_t *name;	  /* of the instance: LABEL.TYPE.ZONE */
	const char *label;	  /* `web-1` */
	const char *type;	  /* `_http._tcp` */
	const char *service_name; /* of the service; with a bad spec, by its label */
	uint32_t number;	  /* of the instance, from 1; 0: the label is not NAME-N */
	const struct spec_service *service; /* NULL: `why` */
	const char *why;		    /* what is wrong with the record; NULL: nothing */
	const struct dns_record *record;    /* the RRset's first; more than one is wrong */
};

/* Returns all, by type, service and number. */
const struct atlas_spec *atlas_specs(const struct atlas *a, size_t *n);

/* Returns that of the instance of this name, or NULL. */
const struct atlas_spec *atlas_spec(const struct atlas *a, const uint8_t *name);

/* A declared service: the specs of one name and type. */
struct atlas_service {
	const char *name, *type;
	const struct spec_service *service; /* of the first instance whose spec is good, or NULL */
	const struct atlas_spec *specs;	    /* by number */
	size_t nspecs;
};

/* Returns all, by type and name. */
const struct atlas_service *atlas_services(const struct atlas *a, size_t *n);

/* Returns the service of this name and type, or NULL. Without a type (NULL), the only service of
 * that name; NULL, with `is_ambiguous` set, if several have it. `is_ambiguous` may be NULL. */
const struct atlas_service *atlas_service(const struct atlas *a, const char *name, const char *type,
					  bool *is_ambiguous);

/* A schema in the zone. */
struct atlas_schema {
	const char *name;
	const char *text; /* the JSON, or NULL: it cannot be read */
	size_t nchars;
	const struct schema *schema; /* NULL: `why` */
	const char *why;
	const struct dns_record *record; /* the RRset's first */
};

/* Returns all, by name, and that of a name, or NULL. */
const struct atlas_schema *atlas_schemas(const struct atlas *a, size_t *n);
const struct atlas_schema *atlas_schema(const struct atlas *a, const char *name);

/* ---- assigned: `_runs` ---- */

/* An instance in the supervision set of a node. */
struct atlas_run {
	const uint8_t *instance;	 /* its name, which may be any */
	const uint8_t *node;		 /* NODE.nodes.ZONE */
	const struct dns_record *record; /* the PTR at `_runs.NODE` */
};

/* Returns all, by instance and node; those of an instance follow each other. */
const struct atlas_run *atlas_runs(const struct atlas *a, size_t *n);

/* Returns those of an instance: the nodes that it is assigned to, more than one if somebody wrote
 * so. NULL with `n` 0: none. */
const struct atlas_run *atlas_runs_of(const struct atlas *a, const uint8_t *instance, size_t *n);

/* ---- running ---- */

/* A service instance that is registered: a name LABEL.TYPE.ZONE with an SRV record. */
struct atlas_instance {
	const uint8_t *name;
	const char *label, *type;
	const uint8_t *target; /* of its SRV record */
	uint16_t port, priority, weight;
	uint32_t ttl;
	/* the keys of its TXT record; NULL: it has no such key. What follows `=`, as in the zone */
	const char *id, *state, *node, *ver, *cfg, *why;
	uint64_t inc;		      /* 0: none, or not a number */
	const struct dns_record *srv; /* the first SRV record */
	const struct dns_record *txt; /* or NULL */
};

/* Returns all, by type and label, and the one of a name, or NULL. */
const struct atlas_instance *atlas_instances(const struct atlas *a, size_t *n);
const struct atlas_instance *atlas_instance(const struct atlas *a, const uint8_t *name);

/* A node: a name NODE.nodes.ZONE with records, or with instances assigned to it. */
struct atlas_node {
	const uint8_t *name;
	const char *label;		  /* `n1`, or `n1.rack2` */
	const struct dns_record *txt;	  /* NULL: it is not registered, or without TXT */
	const struct dns_record *v4, *v6; /* A and AAAA records */
	size_t nv4, nv6;
	const char *state, *boot, *rev, *manage; /* keys of the TXT record, or NULL */
	uint64_t age;
};

/* Returns all, by name, and the one of a name or a label, or NULL. */
const struct atlas_node *atlas_nodes(const struct atlas *a, size_t *n);
const struct atlas_node *atlas_node(const struct atlas *a, const uint8_t *name);
const struct atlas_node *atlas_node_of_label(const struct atlas *a, const char *label);

/* What somebody holds: a name resource of a node, or a resource of the cluster. */
struct atlas_held {
	const char *label;
	const uint8_t *node;	/* NODE.nodes.ZONE, or NULL: a resource of the cluster */
	const char *by;		/* the instance, as in the record: its name or the part before the
				   zone's. NULL: not given */
	const uint8_t *by_name; /* the same as a name; NULL: it is not one */
	const char *boot;
	uint64_t pid;
	const struct dns_record *record;
};

/* Returns all, by node (those of the cluster first) and label. A shared resource has one for each
 * holder. */
const struct atlas_held *atlas_held(const struct atlas *a, size_t *n);

/* An edge: an instance uses a name. */
struct atlas_use {
	const uint8_t *from, *to;
};

/* Returns all, by `from` and `to`, and those of one instance. */
const struct atlas_use *atlas_uses(const struct atlas *a, size_t *n);
const struct atlas_use *atlas_uses_of(const struct atlas *a, const uint8_t *from, size_t *n);

/* ---- the cluster ---- */

struct atlas_event {
	uint64_t era, n;
	uint64_t time_ms;			   /* since 1970; 0: the record has none */
	const char *node, *what, *of, *why, *rule; /* NULL: not in the record */
	const uint8_t *name;
	const struct dns_record *record;
};

/* Returns all, by time, era and number. */
const struct atlas_event *atlas_events(const struct atlas *a, size_t *n);

/* Returns the node that coordinates: the key `node` of the leader's record, with `term`; NULL:
 * nobody. */
const char *atlas_leader(const struct atlas *a, uint64_t *term);

/* Returns the JSON of the rules in force, or NULL. */
const char *atlas_rules(const struct atlas *a, size_t *nchars);
