/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* tests/unit/declare/kit.h - a zone made of a few records, what is wanted of it, and the plan that
 * follows, as text. Any function fails the running test on an error that it does not return. */
#pragma once

#include "declare/plan.h"
#include "spec/file.h"

enum { KIT_RECORDS = 64, KIT_WANTED = 16 };

struct kit {
	struct base_arena arena;
	struct dns_record records[KIT_RECORDS];
	size_t nrecords;
	struct spec_service *services[KIT_WANTED];
	struct spec_declared_schema *schemas[KIT_WANTED];
	struct spec_set set; /* of these */
	struct atlas *atlas;
	struct declare_plan plan;
	unsigned nreports;
	char reports[4000]; /* `at: text` lines; those of warnings begin with `w ` */
	char text[4000];
};

void kit_setup(struct kit *kit);
void kit_teardown(struct kit *kit);

/* Add to the zone: a declaration, written with ' for ", a schema, an instance of a node, a node,
 * the SOA. */
void kit_spec(struct kit *kit, const char *instance, const char *json);
void kit_schema(struct kit *kit, const char *name, const char *json);
void kit_run(struct kit *kit, const char *node, const char *instance);
void kit_node(struct kit *kit, const char *node);
void kit_soa(struct kit *kit);

/* Add to what is wanted; its line is the number of those before it, from 1. */
void kit_want(struct kit *kit, const char *json);
void kit_want_schema(struct kit *kit, const char *name, const char *json);

/* Makes an atlas of the zone and a plan of that. Returns the plan's status. */
int kit_plan(struct kit *kit, void (*fn)(void *arg, struct declare_plan *p), void *arg);

/* Returns the changes as lines, in their order: `-` and `+`, the owner without the zone, and the
 * target of a PTR record. */
const char *kit_changes(struct kit *kit);

/* Returns the items as lines: what, name, action, and the consequence or the nodes. */
const char *kit_items(struct kit *kit);

/* Returns a name, relative to the zone lab.cloud, in the kit's memory. */
const uint8_t *kit_name(struct kit *kit, const char *text);
