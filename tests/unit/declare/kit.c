/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "dns/name.h"
#include "dns/type.h"
#include "spec/json.h"
#include "spec/rdata.h"

struct kit kit;

static const uint8_t zone[] = "\3lab\5cloud";

static void report(void *arg, enum base_log_level level, const struct base_error *error)
{
	size_t used = strlen(kit.reports);

	(void)arg;
	kit.nreports++;
	snprintf(kit.reports + used, sizeof(kit.reports) - used, "%s%u: %s\n",
		 level == BASE_LOG_WARNING ? "w " : "", error->at.line, error->text);
}

int kit_set_up(void **state)
{
	(void)state;
	memset(&kit, 0, sizeof(kit));
	base_arena_init(&kit.arena, 4096);
	kit.set = (struct spec_set){.services = kit.services, .schemas = kit.schemas};
	return 0;
}

int kit_tear_down(void **state)
{
	(void)state;
	declare_plan_fini(&kit.plan);
	atlas_free(kit.atlas);
	base_arena_fini(&kit.arena);
	return 0;
}

const uint8_t *kit_name(const char *text)
{
	uint8_t name[DNS_NAME_MAX];

	assert_true(dns_name_from_text(name, text, strlen(text), zone) > 0);
	return base_arena_copy(&kit.arena, name, dns_name_nbytes(name));
}

static const char *json_of(const char *text)
{
	char *copy = base_arena_copy(&kit.arena, text, strlen(text) + 1);

	assert_non_null(copy);
	for (char *c = copy; *c != '\0'; c++)
		if (*c == '\'')
			*c = '"';
	return copy;
}

static void record_add(const char *owner, uint16_t type, const void *rdata, size_t nbytes)
{
	assert_true(kit.nrecords < KIT_RECORDS);
	kit.records[kit.nrecords++] = (struct dns_record){
		.owner = kit_name(owner),
		.type = type,
		.ttl = 60,
		.rdata = base_arena_copy(&kit.arena, rdata, nbytes),
		.nbytes = (uint16_t)nbytes,
	};
}

static void json_add(const char *owner, const char *json)
{
	const char *text = json_of(json);
	size_t nbytes = spec_rdata_nbytes(strlen(text));
	uint8_t *rdata = base_arena_alloc(&kit.arena, nbytes);

	assert_non_null(rdata);
	spec_rdata_write(rdata, nbytes, text, strlen(text));
	record_add(owner, DNS_TYPE_TXT, rdata, nbytes);
}

void kit_spec(const char *instance, const char *json)
{
	char owner[200];

	snprintf(owner, sizeof(owner), "_spec.%s", instance);
	json_add(owner, json);
}

void kit_schema(const char *name, const char *json)
{
	char owner[200];

	snprintf(owner, sizeof(owner), "%s._schemas", name);
	json_add(owner, json);
}

void kit_run(const char *node, const char *instance)
{
	char owner[200];
	const uint8_t *target = kit_name(instance);

	snprintf(owner, sizeof(owner), "_runs.%s.nodes", node);
	record_add(owner, DNS_TYPE_PTR, target, dns_name_nbytes(target));
}

void kit_node(const char *node)
{
	char owner[200];

	snprintf(owner, sizeof(owner), "%s.nodes", node);
	record_add(owner, DNS_TYPE_A, "\300\0\2\1", 4);
}

void kit_soa(void)
{
	static const uint8_t rdata[] = "\2ns\0\2ns\0\0\0\0\7\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\1";

	record_add("lab.cloud.", DNS_TYPE_SOA, rdata, sizeof(rdata) - 1);
}

void kit_want(const char *json)
{
	const char *text = json_of(json);
	struct spec_service *s = NULL;
	unsigned nreports = kit.nreports;

	assert_true(kit.set.nservices < KIT_WANTED);
	spec_json_read(&s, &kit.arena, text, strlen(text), report, NULL);
	assert_int_equal(kit.nreports, nreports);
	s->at = (struct base_location){"f", (unsigned)kit.set.nservices + 1};
	kit.services[kit.set.nservices++] = s;
}

void kit_want_schema(const char *name, const char *json)
{
	struct spec_declared_schema *s = base_arena_alloc(&kit.arena, sizeof(*s));

	assert_true(s != NULL && kit.set.nschemas < KIT_WANTED);
	*s = (struct spec_declared_schema){
		.name = name, .json = json_of(json), .at = {"f", 100 + (unsigned)kit.set.nschemas}};
	kit.schemas[kit.set.nschemas++] = s;
}

int kit_plan(void (*fn)(void *arg, struct declare_plan *p), void *arg)
{
	declare_plan_fini(&kit.plan);
	atlas_free(kit.atlas);
	assert_int_equal(atlas_new(&kit.atlas, zone, kit.records, kit.nrecords), 0);
	declare_plan_init(&kit.plan, kit.atlas, report, NULL);
	fn(arg, &kit.plan);
	declare_plan_sort(&kit.plan);
	return declare_plan_status(&kit.plan);
}

/* ---- as text ---- */

/* Appends the name without the zone. */
static void name_append(char *text, size_t size, const uint8_t *name)
{
	char whole[DNS_NAME_TEXT_MAX];
	size_t n = dns_name_to_text(whole, name), nzone = strlen(".lab.cloud.");

	snprintf(text + strlen(text), size - strlen(text), " %.*s", (int)(n - nzone), whole);
}

static void records_append(char sign, const struct declare_change *c,
			   const struct declare_records *records)
{
	for (size_t i = 0; i < records->count; i++) {
		size_t used = strlen(kit.text);

		snprintf(kit.text + used, sizeof(kit.text) - used, "%c", sign);
		name_append(kit.text, sizeof(kit.text), c->owner);
		if (c->type == DNS_TYPE_PTR)
			name_append(kit.text, sizeof(kit.text), records->items[i].rdata);
		strcat(kit.text, "\n");
	}
}

const char *kit_changes(void)
{
	kit.text[0] = '\0';
	for (size_t i = 0; i < kit.plan.nchanges; i++) {
		records_append('-', &kit.plan.changes[i], &kit.plan.changes[i].removed);
		records_append('+', &kit.plan.changes[i], &kit.plan.changes[i].added);
	}
	return kit.text;
}

const char *kit_items(void)
{
	static const char *const kinds[] = {"schema", "service", "place"};
	static const char *const actions[] = {"unchanged", "created", "changed", "deleted"};

	kit.text[0] = '\0';
	for (size_t i = 0; i < kit.plan.nitems; i++) {
		const struct declare_item *item = &kit.plan.items[i];
		size_t used = strlen(kit.text);
		char more[100] = "";

		if (item->kind == DECLARE_PLACE)
			snprintf(more, sizeof(more), " %s>%s", item->from != NULL ? item->from : "",
				 item->to != NULL ? item->to : "");
		else if (item->consequence != SPEC_NOTHING)
			snprintf(more, sizeof(more), " %s",
				 spec_diff_consequence_text(item->consequence));
		snprintf(kit.text + used, sizeof(kit.text) - used, "%s %s %s%s\n",
			 kinds[item->kind], item->name, actions[item->action], more);
	}
	return kit.text;
}
