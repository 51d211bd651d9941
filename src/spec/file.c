/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "spec/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/grow.h"
#include "conf/load.h"
#include "conf/reader.h"
#include "conf/table.h"
#include "conf/tree.h"
#include "schema/schema.h"
#include "spec/json.h"
#include "spec/parameters.h"
#include "spec/table.h"
#include "spec/type.h"

/* A schema of the files, as it was read; NULL: it has errors. */
struct known {
	struct schema *schema;
};

/* The reading of all files. */
struct loading {
	struct conf_reader reader; /* of the current file; first, as functions of tables get this */
	struct spec_set set;
	size_t services_capacity, schemas_capacity, known_capacity;
	struct known *known; /* in the order of the set's schemas */
	base_report_fn report;
	void *arg;
	unsigned nerrors;
	bool is_short;
};

/* Appends to one of the set's arrays, which is NULL or from malloc. Returns the array. */
static void *pointer_append(struct loading *l, void *items, size_t count, size_t *capacity,
			    const void *item)
{
	void **grown = base_grow(items, count, capacity, sizeof(*grown));

	if (grown == NULL) {
		l->is_short = true;
		return items;
	}
	grown[count] = (void *)item;
	return grown;
}

/* ---- services ---- */

static bool service_is_new(struct loading *l, const struct spec_service *s)
{
	for (size_t i = 0; i < l->set.nservices; i++) {
		const struct spec_service *other = l->set.services[i];

		if (strcmp(other->name, s->name) != 0)
			continue;
		conf_reader_error(&l->reader, &s->at,
				  "service %s is declared a second time, first at %s:%u", s->name,
				  other->at.file, other->at.line);
		return false;
	}
	return true;
}

/* Whether the record of the service can be written. */
static bool service_fits(struct loading *l, const struct spec_service *s)
{
	const char *text;
	int ret = spec_json_write(&text, l->reader.arena, s);

	if (ret == -ENOMEM)
		l->is_short = true;
	if (ret == -EMSGSIZE)
		conf_reader_error(
			&l->reader, &s->at,
			"service %s has more than %d characters as JSON, which one record "
			"holds at most",
			s->name, SPEC_JSON_MAX);
	return ret == 0;
}

static void service_item(struct conf_reader *r, struct yaml_node_s *item, void *arg)
{
	struct loading *l = (struct loading *)r;
	struct spec_service *s = conf_reader_alloc(r, sizeof(*s));
	unsigned errors = r->nerrors;

	(void)arg;
	if (s == NULL)
		return;
	spec_table_read(r, item, s, "service");
	if (r->nerrors > errors || r->is_short_of_memory || s->name == NULL ||
	    !service_is_new(l, s) || !service_fits(l, s))
		return;
	l->set.services =
		pointer_append(l, l->set.services, l->set.nservices, &l->services_capacity, s);
	l->set.nservices += !l->is_short;
}

static void services_read(struct conf_reader *r, const struct conf_setting *s,
			  struct yaml_node_s *node, void *field)
{
	(void)s;
	(void)field;
	conf_table_each(r, node, service_item, NULL);
}

/* ---- schemas ---- */

/* What an error of a schema, or of what is checked by one, is reported as. */
struct place {
	struct loading *loading;
	struct base_location at;
	const char *what, *name;
};

static void place_report(void *arg, enum base_log_level level, const struct base_error *error)
{
	struct place *place = arg;

	(void)level;
	conf_reader_error(&place->loading->reader, &place->at, "%s %s: %s%s%s", place->what,
			  place->name, error->at.file, error->at.file[0] != '\0' ? ": " : "",
			  error->text);
}

static bool schema_is_new(struct loading *l, const char *name, const struct base_location *at)
{
	for (size_t i = 0; i < l->set.nschemas; i++) {
		const struct spec_declared_schema *other = l->set.schemas[i];

		if (strcmp(other->name, name) != 0)
			continue;
		conf_reader_error(&l->reader, at,
				  "schema %s is declared a second time, first at %s:%u", name,
				  other->at.file, other->at.line);
		return false;
	}
	return true;
}

static void schema_add(struct loading *l, struct spec_declared_schema *declared,
		       const json_t *document)
{
	struct place place = {l, declared->at, "schema", declared->name};
	struct known known = {0}, *grown;

	grown = base_grow(l->known, l->set.nschemas, &l->known_capacity, sizeof(known));
	if (grown == NULL) {
		l->is_short = true;
		return;
	}
	l->known = grown;
	if (schema_read(&known.schema, document, place_report, &place) == -ENOMEM)
		l->is_short = true;
	l->set.schemas =
		pointer_append(l, l->set.schemas, l->set.nschemas, &l->schemas_capacity, declared);
	if (l->is_short) {
		schema_free(known.schema);
		return;
	}
	l->known[l->set.nschemas++] = known;
}

static void schema_pair(struct conf_reader *r, const char *name, const struct base_location *at,
			struct yaml_node_s *node, void *arg)
{
	struct loading *l = (struct loading *)r;
	struct spec_declared_schema *declared = conf_reader_alloc(r, sizeof(*declared));
	const struct conf_setting setting = {.name = "schema", .type = &spec_type_label};
	json_t *document;

	(void)arg;
	if (declared == NULL)
		return;
	declared->at = *at;
	spec_type_label.from_text(r, &setting, at, name, &declared->name);
	document = spec_table_value(r, "schema", node);
	if (document == NULL)
		return;
	declared->json = spec_table_text(r, document);
	if (declared->name != NULL && declared->json != NULL &&
	    schema_is_new(l, declared->name, at)) {
		if (strlen(declared->json) > SPEC_JSON_MAX)
			conf_reader_error(r, at, "schema %s has more than %d characters as JSON",
					  declared->name, SPEC_JSON_MAX);
		else
			schema_add(l, declared, document);
	}
	json_decref(document);
}

static void schemas_read(struct conf_reader *r, const struct conf_setting *s,
			 struct yaml_node_s *node, void *field)
{
	(void)field;
	conf_table_each_pair(r, s->name, node, schema_pair, NULL);
}

static const struct conf_setting file_table[] = {
	{"service", .read = services_read, .table = spec_table_service},
	{"schema", .read = schemas_read},
	{0},
};

/* Checks the services whose schema is in the files. */
static void services_check(struct loading *l)
{
	for (size_t i = 0; i < l->set.nservices; i++) {
		struct spec_service *s = l->set.services[i];
		struct place place = {l, s->at, "service", s->name};

		for (size_t j = 0; s->schema != NULL && j < l->set.nschemas; j++)
			if (strcmp(l->set.schemas[j]->name, s->schema) == 0 &&
			    l->known[j].schema != NULL &&
			    spec_parameters_check(s, l->reader.arena, l->known[j].schema, false,
						  place_report, &place) == -ENOMEM)
				l->is_short = true;
	}
}

/* ---- files ---- */

static void file_read(struct loading *l, struct base_arena *arena, const char *path)
{
	l->reader = (struct conf_reader){
		.arena = arena,
		.report = l->report,
		.arg = l->arg,
		.has_documents = true,
		.table = file_table,
		.base = l,
	};
	conf_load(&l->reader, path);
	l->nerrors += l->reader.nerrors;
	l->is_short = l->is_short || l->reader.is_short_of_memory;
	conf_reader_end(&l->reader);
}

/* Moves the arrays, which grew, to the arena. */
static bool arrays_keep(struct spec_set *set, struct base_arena *arena)
{
	size_t nservices = set->nservices * sizeof(void *);
	size_t nschemas = set->nschemas * sizeof(void *);
	void *services = nservices > 0 ? base_arena_copy(arena, set->services, nservices) : NULL;
	void *schemas = nschemas > 0 ? base_arena_copy(arena, set->schemas, nschemas) : NULL;

	free((void *)set->services);
	free((void *)set->schemas);
	set->services = services;
	set->schemas = schemas;
	return (nservices == 0 || services != NULL) && (nschemas == 0 || schemas != NULL);
}

int spec_file_read(struct spec_set *out, struct base_arena *arena, const char *const *paths,
		   size_t npaths, base_report_fn report, void *arg)
{
	struct loading l = {.report = report, .arg = arg};

	for (size_t i = 0; i < npaths; i++)
		file_read(&l, arena, paths[i]);
	l.reader.nerrors = 0;
	services_check(&l);
	l.nerrors += l.reader.nerrors;
	for (size_t i = 0; i < l.set.nschemas; i++)
		schema_free(l.known[i].schema);
	free(l.known);
	if (!arrays_keep(&l.set, arena))
		l.is_short = true;
	if (l.nerrors > 0)
		return -EBADMSG;
	if (l.is_short)
		return -ENOMEM;
	*out = l.set;
	return 0;
}
