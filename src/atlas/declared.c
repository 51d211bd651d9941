/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* What is declared: `_spec` and `_schemas` records. */

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "atlas/atlas_priv.h"
#include "atlas/text.h"
#include "base/grow.h"
#include "dns/type.h"
#include "schema/schema.h"
#include "spec/instance.h"
#include "spec/json.h"
#include "spec/rdata.h"

/* What was wrong first, and how much more. */
struct faults {
	struct base_arena *arena;
	const char *first; /* NULL: nothing */
	size_t n;
	bool is_short; /* of memory */
};

static const char *fault_copy(struct base_arena *arena, const char *at, const char *text)
{
	char line[BASE_ERROR_TEXT_MAX + 256];

	snprintf(line, sizeof(line), "%.200s%s%s", at, at[0] != '\0' ? ": " : "", text);
	return base_arena_copy(arena, line, strlen(line) + 1);
}

static void on_fault(void *arg, enum base_log_level level, const struct base_error *error)
{
	struct faults *f = arg;

	if (level != BASE_LOG_ERROR || f->n++ > 0)
		return;
	f->first = fault_copy(f->arena, error->at.file != NULL ? error->at.file : "", error->text);
	f->is_short = f->first == NULL;
}

/* Reads the text of a record. Returns it, in memory of the caller's, or NULL with `why`, which is
 * NULL if memory is short. */
static char *text_read(struct atlas *a, const struct dns_record *records, size_t n, size_t *nchars,
		       const char **why)
{
	struct base_error error;
	char *text;

	*why = NULL;
	if (n > 1) {
		*why = "there are several TXT records, where one is expected";
		return NULL;
	}
	text = malloc((size_t)records->nbytes + 1);
	if (text == NULL)
		return NULL;
	if (spec_rdata_read(text, (size_t)records->nbytes + 1, nchars, records->rdata,
			    records->nbytes, &error) == 0)
		return text;
	*why = fault_copy(&a->arena, "", error.text);
	free(text);
	return NULL;
}

/* ---- specs ---- */

/* Reads the service of a record. Returns 0, also if it is bad, or -ENOMEM. */
static int service_read(struct atlas *a, struct atlas_spec *s, size_t n)
{
	struct faults faults = {.arena = &a->arena};
	struct spec_service *service;
	size_t nchars;
	char *text = text_read(a, s->record, n, &nchars, &s->why);
	int ret;

	if (text == NULL)
		return s->why == NULL ? -ENOMEM : 0;
	ret = spec_json_read(&service, &a->arena, text, nchars, on_fault, &faults);
	free(text);
	if (ret == -ENOMEM || faults.is_short)
		return -ENOMEM;
	if (ret < 0)
		s->why = faults.first != NULL ? faults.first : "it is not a service";
	else if (strcasecmp(service->type, s->type) != 0)
		s->why = "its type is not that of its name";
	else
		s->service = service;
	return 0;
}

/* Returns the name of the service that a label suggests: web-1 is of web. */
static const char *service_guess(struct base_arena *arena, const char *label)
{
	size_t n = strlen(label), at = n;

	while (at > 0 && label[at - 1] >= '0' && label[at - 1] <= '9')
		at--;
	if (at < n && at > 1 && label[at - 1] == '-')
		n = at - 1;
	return atlas_text_copy(arena, label, n);
}

int atlas_declared_spec(struct atlas *a, const struct dnssd_fabric_name *f,
			const struct dns_record *records, size_t n)
{
	struct atlas_spec *specs, *s;

	if (records->type != DNS_TYPE_TXT || memchr(f->base + 1, '\0', f->base[0]) != NULL)
		return 0;
	specs = base_grow(a->specs, a->nspecs, &a->specs_room, sizeof(*specs));
	if (specs == NULL)
		return -ENOMEM;
	a->specs = specs;
	s = &specs[a->nspecs];
	*s = (struct atlas_spec){
		.name = f->base,
		.label = atlas_text_label(&a->arena, f->base),
		.type = atlas_text_labels(&a->arena, dns_name_strip(f->base, 1), 2),
		.record = records,
	};
	if (s->label == NULL || s->type == NULL || service_read(a, s, n) < 0)
		return -ENOMEM;
	s->service_name =
		s->service != NULL ? s->service->name : service_guess(&a->arena, s->label);
	if (s->service_name == NULL)
		return -ENOMEM;
	s->number = spec_instance_number(f->base, s->service_name);
	a->nspecs++;
	return 0;
}

static int compare_service(const char *a_type, const char *a_name, const char *b_type,
			   const char *b_name)
{
	int order = strcasecmp(a_type, b_type);

	return order != 0 ? order : strcasecmp(a_name, b_name);
}

static int spec_compare(const void *one, const void *two)
{
	const struct atlas_spec *a = one, *b = two;
	int order = compare_service(a->type, a->service_name, b->type, b->service_name);

	if (order != 0)
		return order;
	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	return dns_name_compare(a->name, b->name);
}

static int byname_compare(const void *one, const void *two)
{
	const struct atlas_spec *const *a = one, *const *b = two;

	return dns_name_compare((*a)->name, (*b)->name);
}

/* Makes the services: runs of specs, which are sorted. */
static void services_make(struct atlas *a)
{
	struct atlas_service *last = NULL;

	for (size_t i = 0; i < a->nspecs; i++) {
		const struct atlas_spec *s = &a->specs[i];

		if (last == NULL ||
		    compare_service(last->type, last->name, s->type, s->service_name) != 0) {
			last = &a->services[a->nservices++];
			*last = (struct atlas_service){
				.name = s->service_name, .type = s->type, .specs = s};
		}
		last->nspecs++;
		if (last->service == NULL)
			last->service = s->service;
	}
}

/* ---- schemas ---- */

static int schema_take(struct atlas *a, struct atlas_schema *s, char *text)
{
	struct faults faults = {.arena = &a->arena};
	json_error_t error;
	json_t *document;
	struct schema *schema = NULL;
	int ret = 0;

	s->text = base_arena_copy(&a->arena, text, s->nchars + 1);
	document = json_loadb(text, s->nchars, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (document == NULL)
		s->why = fault_copy(&a->arena, "", error.text);
	else
		ret = schema_read(&schema, document, on_fault, &faults);
	json_decref(document);
	s->schema = schema;
	if (s->text == NULL || ret == -ENOMEM || faults.is_short ||
	    (document == NULL && s->why == NULL))
		return -ENOMEM;
	if (ret < 0)
		s->why = faults.first != NULL ? faults.first : "it is not a schema";
	return 0;
}

int atlas_declared_schema(struct atlas *a, const struct dnssd_fabric_name *f,
			  const struct dns_record *records, size_t n)
{
	struct atlas_schema *schemas, *s;
	char *text;
	int ret;

	if (records->type != DNS_TYPE_TXT || memchr(f->label + 1, '\0', f->label[0]) != NULL)
		return 0;
	schemas = base_grow(a->schemas, a->nschemas, &a->schemas_room, sizeof(*schemas));
	if (schemas == NULL)
		return -ENOMEM;
	a->schemas = schemas;
	s = &schemas[a->nschemas];
	*s = (struct atlas_schema){.name = atlas_text_label(&a->arena, f->label),
				   .record = records};
	if (s->name == NULL)
		return -ENOMEM;
	text = text_read(a, records, n, &s->nchars, &s->why);
	if (text == NULL && s->why == NULL)
		return -ENOMEM;
	a->nschemas++;
	ret = text == NULL ? 0 : schema_take(a, s, text);
	free(text);
	return ret;
}

static int schema_compare(const void *one, const void *two)
{
	const struct atlas_schema *a = one, *b = two;

	return strcasecmp(a->name, b->name);
}

/* ---- all ---- */

int atlas_declared_finish(struct atlas *a)
{
	if (a->nschemas > 0)
		qsort(a->schemas, a->nschemas, sizeof(*a->schemas), schema_compare);
	if (a->nspecs == 0)
		return 0;
	qsort(a->specs, a->nspecs, sizeof(*a->specs), spec_compare);
	a->specs_byname = malloc(a->nspecs * sizeof(const struct atlas_spec *));
	a->services = malloc(a->nspecs * sizeof(*a->services));
	if (a->specs_byname == NULL || a->services == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < a->nspecs; i++)
		a->specs_byname[i] = &a->specs[i];
	qsort(a->specs_byname, a->nspecs, sizeof(const struct atlas_spec *), byname_compare);
	services_make(a);
	return 0;
}

void atlas_declared_fini(struct atlas *a)
{
	for (size_t i = 0; i < a->nschemas; i++)
		schema_free((struct schema *)a->schemas[i].schema);
	free(a->schemas);
	free(a->services);
	free(a->specs_byname);
	free(a->specs);
}

/* ---- what was made ---- */

const struct atlas_spec *atlas_specs(const struct atlas *a, size_t *n)
{
	*n = a->nspecs;
	return a->specs;
}

const struct atlas_spec *atlas_spec(const struct atlas *a, const uint8_t *name)
{
	size_t low = 0, high = a->nspecs;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = dns_name_compare(a->specs_byname[middle]->name, name);

		if (order == 0)
			return a->specs_byname[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

const struct atlas_service *atlas_services(const struct atlas *a, size_t *n)
{
	*n = a->nservices;
	return a->services;
}

const struct atlas_service *atlas_service(const struct atlas *a, const char *name, const char *type,
					  bool *is_ambiguous)
{
	const struct atlas_service *found = NULL;

	if (is_ambiguous != NULL)
		*is_ambiguous = false;
	for (size_t i = 0; i < a->nservices; i++) {
		const struct atlas_service *s = &a->services[i];

		if (strcasecmp(s->name, name) != 0 ||
		    (type != NULL && strcasecmp(s->type, type) != 0))
			continue;
		if (found != NULL) {
			if (is_ambiguous != NULL)
				*is_ambiguous = true;
			return NULL;
		}
		found = s;
	}
	return found;
}

const struct atlas_schema *atlas_schemas(const struct atlas *a, size_t *n)
{
	*n = a->nschemas;
	return a->schemas;
}

const struct atlas_schema *atlas_schema(const struct atlas *a, const char *name)
{
	for (size_t i = 0; i < a->nschemas; i++)
		if (strcasecmp(a->schemas[i].name, name) == 0)
			return &a->schemas[i];
	return NULL;
}
