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

extern struct kit kit; /* of the running test */

/* Make the kit empty, and free what is in it. They fit cmocka_unit_test_setup_teardown. */
int kit_set_up(void **state);
int kit_tear_down(void **state);

/* Add to the zone: a declaration, written with ' for ", a schema, an instance of a node, a node,
 * the SOA. */
void kit_spec(const char *instance, const char *json);
void kit_schema(const char *name, const char *json);
void kit_run(const char *node, const char *instance);
void kit_node(const char *node);
void kit_soa(void);

/* Add to what is wanted; its line is the number of those before it, from 1. */
void kit_want(const char *json);
void kit_want_schema(const char *name, const char *json);

/* Makes an atlas of the zone and a plan of that. Returns the plan's status. */
int kit_plan(void (*fn)(void *arg, struct declare_plan *p), void *arg);

/* Returns the changes as lines, in their order: `-` and `+`, the owner without the zone, and the
 * target of a PTR record. */
const char *kit_changes(void);

/* Returns the items as lines: what, name, action, and the consequence or the nodes. */
const char *kit_items(void);

/* Returns a name, relative to the zone lab.cloud, in the kit's memory. */
const uint8_t *kit_name(const char *text);
