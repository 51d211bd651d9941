/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "assign/declaration.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "assign/text.h"
#include "spec/instance.h"
#include "spec/json.h"
#include "spec/parameters.h"

enum {
	BLOCK = 256,	 /* bytes of an arena's block: most of many declarations are small */
	TYPE_LABELS = 2, /* _http._tcp */
};

/* ---- names ---- */

/* Writes the first labels of a name as text; as an empty one if it has no room. */
static void labels_write(char out[static ASSIGN_LABEL_MAX], const uint8_t *name, unsigned labels)
{
	char text[DNS_NAME_TEXT_MAX];
	size_t nchars = dns_name_labels_to_text(text, name, labels);

	if (nchars < ASSIGN_LABEL_MAX)
		memcpy(out, text, nchars + 1);
	else
		out[0] = '\0';
}

void assign_declaration_name(char label[static ASSIGN_LABEL_MAX],
			     char type[static ASSIGN_LABEL_MAX], const uint8_t *name,
			     const uint8_t *zone)
{
	unsigned labels;

	label[0] = type[0] = '\0';
	if (name[0] != 0)
		labels_write(label, name, 1);
	if (dns_name_relative(name, zone, &labels) && labels == 1 + TYPE_LABELS)
		labels_write(type, dns_name_strip(name, 1), TYPE_LABELS);
}

/* Returns whether the service has an instance of this label and type. */
static bool has_instance(const struct spec_service *s, const char *label, const char *type)
{
	uint8_t wire[DNS_NAME_MAX];

	return strcasecmp(s->type, type) == 0 &&
	       dns_name_from_text(wire, label, strlen(label), NULL) > 0 &&
	       spec_instance_is_of(wire, s->name);
}

/* ---- what is wrong ---- */

/* The first of the errors, and how many there are. */
struct errors {
	const char *of; /* what has them; "": the declaration */
	char *why;
	unsigned n;
};

static void error_take(void *arg, enum base_log_level level, const struct base_error *error)
{
	struct errors *e = arg;
	const char *at = error->at.file != NULL ? error->at.file : "";

	if (level != BASE_LOG_ERROR || e->n++ > 0)
		return;
	assign_why_set(e->why, "%s%s%s%s%s", e->of, *e->of != '\0' ? ": " : "", at,
		       *at != '\0' ? ": " : "", error->text);
}

/* Adds to the text that there are more. Returns `error`. */
static int errors_end(const struct errors *e, int error)
{
	size_t nchars = strlen(e->why);

	if (error == -EBADMSG && e->n > 1)
		snprintf(e->why + nchars, ASSIGN_WHY_MAX - nchars, " (and %u more)", e->n - 1);
	return error;
}

/* ---- the declaration ---- */

static int instance_check(const struct assign_declaration *d, const char *label, const char *type,
			  char why[static ASSIGN_WHY_MAX])
{
	if (has_instance(d->spec, label, type))
		return 0;
	assign_why_set(why, "the _spec record declares %s of type %s: another service",
		       d->spec->name, d->spec->type);
	return -EBADMSG;
}

int assign_declaration_new(struct assign_declaration **out, const char *label, const char *type,
			   const char *text, size_t nchars, char why[static ASSIGN_WHY_MAX])
{
	struct assign_declaration *d = calloc(1, sizeof(*d));
	struct errors errors = {"", why, 0};
	int ret;

	*out = NULL;
	if (d == NULL)
		return -ENOMEM;
	base_arena_init(&d->arena, BLOCK);
	ret = spec_json_read(&d->spec, &d->arena, text, nchars, error_take, &errors);
	errors_end(&errors, ret);
	if (ret == 0)
		ret = instance_check(d, label, type, why);
	if (ret < 0)
		assign_declaration_free(d);
	else
		*out = d;
	return ret;
}

/* Reads the declaration again as it is with the schema's defaults: they need not make sense as
 * options, and then a copy could not be read. */
static int filled_read(struct assign_declaration *d, char why[static ASSIGN_WHY_MAX])
{
	struct errors errors = {"with the schema's defaults", why, 0};
	int ret =
		spec_json_read(&d->spec, &d->arena, d->json, strlen(d->json), error_take, &errors);

	return errors_end(&errors, ret);
}

int assign_declaration_complete(struct assign_declaration *d, const struct schema *schema,
				char why[static ASSIGN_WHY_MAX])
{
	struct errors errors = {"by its schema", why, 0};
	int ret = 0;

	if (schema != NULL)
		ret = errors_end(&errors, spec_parameters_check(d->spec, &d->arena, schema, true,
								error_take, &errors));
	if (ret == 0)
		ret = spec_json_write(&d->json, &d->arena, d->spec);
	if (ret == -EMSGSIZE) {
		assign_why_set(why, "with the schema's defaults it is too long");
		ret = -EBADMSG;
	}
	if (ret == 0 && schema != NULL)
		ret = filled_read(d, why);
	if (ret == 0)
		ret = spec_version_cfg(d->cfg, d->spec);
	if (ret == 0)
		ret = spec_version_ver(d->ver, d->spec);
	return ret;
}

void assign_declaration_free(struct assign_declaration *d)
{
	if (d == NULL)
		return;
	base_arena_fini(&d->arena);
	free(d);
}
