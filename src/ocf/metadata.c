/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "ocf/metadata.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <expat.h>

#include "base/error.h"
#include "base/grow.h"

enum { ITEMS_MAX = 1024, TEXT_MAX = 4096, DEPTH_MAX = 16 };

struct parser {
	XML_Parser expat;
	struct ocf_metadata *out;
	size_t parameters_capacity, actions_capacity;
	unsigned depth;
	bool has_root, is_in_parameter;
	char *text; /* of the short description that is being read, or NULL */
	size_t ntext;
	int code; /* what ended parsing, or 0 */
	const char *problem;
};

static void give_up(struct parser *p, int code, const char *problem)
{
	if (p->code != 0)
		return;
	p->code = code;
	p->problem = problem;
	XML_StopParser(p->expat, XML_FALSE);
}

/* Returns an attribute, or NULL. */
static const char *attribute(const XML_Char **attributes, const char *name)
{
	for (; attributes[0] != NULL; attributes += 2)
		if (strcmp(attributes[0], name) == 0)
			return attributes[1];
	return NULL;
}

/* Returns a copy; "" of NULL. NULL when out of memory, with the parser stopped. */
static char *copy(struct parser *p, const char *text)
{
	char *copied = strdup(text != NULL ? text : "");

	if (copied == NULL)
		give_up(p, -ENOMEM, "out of memory");
	return copied;
}

static bool is_yes(const char *text)
{
	return text != NULL && (strcmp(text, "1") == 0 || strcasecmp(text, "true") == 0 ||
				strcasecmp(text, "yes") == 0);
}

static void parameter_begin(struct parser *p, const XML_Char **attributes)
{
	struct ocf_metadata *out = p->out;
	const char *name = attribute(attributes, "name");
	struct ocf_parameter *items;

	if (name == NULL || out->nparameters == ITEMS_MAX) {
		give_up(p, -EINVAL,
			name == NULL ? "parameter without a name" : "too many parameters");
		return;
	}
	items = base_grow(out->parameters, out->nparameters, &p->parameters_capacity,
			  sizeof(*items));
	if (items == NULL) {
		give_up(p, -ENOMEM, "out of memory");
		return;
	}
	out->parameters = items;
	items[out->nparameters++] = (struct ocf_parameter){
		.name = copy(p, name),
		.type = copy(p, NULL),
		.text = copy(p, NULL),
		.is_required = is_yes(attribute(attributes, "required")),
		.is_unique = is_yes(attribute(attributes, "unique")),
	};
	p->is_in_parameter = true;
}

static void content_begin(struct parser *p, const XML_Char **attributes)
{
	struct ocf_parameter *parameter = &p->out->parameters[p->out->nparameters - 1];
	const char *value = attribute(attributes, "default");

	free(parameter->type);
	parameter->type = copy(p, attribute(attributes, "type"));
	free(parameter->default_value);
	parameter->default_value = value != NULL ? copy(p, value) : NULL;
}

static void action_begin(struct parser *p, const XML_Char **attributes)
{
	const char *name = attribute(attributes, "name"), *role = attribute(attributes, "role");
	const char *timeout = attribute(attributes, "timeout");
	const char *interval = attribute(attributes, "interval");
	const char *depth = attribute(attributes, "depth");
	struct ocf_metadata *out = p->out;
	struct ocf_action action = {0}, *items;

	if (name == NULL || out->nactions == ITEMS_MAX) {
		give_up(p, -EINVAL, name == NULL ? "action without a name" : "too many actions");
		return;
	}
	/* A time that is not one is as if it were not given: agents have such. */
	if (timeout != NULL)
		ocf_metadata_parse_time(&action.timeout_ms, timeout);
	if (interval != NULL)
		ocf_metadata_parse_time(&action.interval_ms, interval);
	action.depth = depth != NULL ? (unsigned)strtoul(depth, NULL, 10) : 0;
	items = base_grow(out->actions, out->nactions, &p->actions_capacity, sizeof(*items));
	if (items == NULL) {
		give_up(p, -ENOMEM, "out of memory");
		return;
	}
	out->actions = items;
	action.name = copy(p, name);
	action.role = copy(p, role);
	items[out->nactions++] = action;
}

static void root_begin(struct parser *p, const char *element, const XML_Char **attributes)
{
	if (strcmp(element, "resource-agent") != 0) {
		give_up(p, -EINVAL, "the root element is not resource-agent");
		return;
	}
	p->has_root = true;
	p->out->name = copy(p, attribute(attributes, "name"));
	p->out->version = copy(p, attribute(attributes, "version"));
	p->out->text = copy(p, NULL);
}

static void XMLCALL on_begin(void *arg, const XML_Char *element, const XML_Char **attributes)
{
	struct parser *p = arg;

	if (++p->depth > DEPTH_MAX)
		give_up(p, -EINVAL, "elements too deep in each other");
	else if (!p->has_root)
		root_begin(p, element, attributes);
	else if (strcmp(element, "parameter") == 0)
		parameter_begin(p, attributes);
	else if (strcmp(element, "content") == 0 && p->is_in_parameter)
		content_begin(p, attributes);
	else if (strcmp(element, "action") == 0)
		action_begin(p, attributes);
	else if (strcmp(element, "shortdesc") == 0 && p->text == NULL) {
		p->text = calloc(1, TEXT_MAX + 1);
		p->ntext = 0;
		if (p->text == NULL)
			give_up(p, -ENOMEM, "out of memory");
	}
}

static void XMLCALL on_text(void *arg, const XML_Char *text, int nbytes)
{
	struct parser *p = arg;
	size_t n = (size_t)nbytes;

	if (p->text == NULL)
		return;
	if (n > TEXT_MAX - p->ntext)
		n = TEXT_MAX - p->ntext;
	memcpy(p->text + p->ntext, text, n);
	p->ntext += n;
}

/* Stores the short description where it belongs, if that has none yet. */
static void text_end(struct parser *p)
{
	char **to = p->is_in_parameter ? &p->out->parameters[p->out->nparameters - 1].text
				       : &p->out->text;

	if (*to != NULL && **to == '\0') {
		free(*to);
		*to = p->text;
	} else {
		free(p->text);
	}
	p->text = NULL;
}

static void XMLCALL on_end(void *arg, const XML_Char *element)
{
	struct parser *p = arg;

	p->depth--;
	if (strcmp(element, "parameter") == 0)
		p->is_in_parameter = false;
	else if (strcmp(element, "shortdesc") == 0 && p->text != NULL)
		text_end(p);
}

/* Entities are not for meta-data: they are how a small text becomes a large one. */
static void XMLCALL on_entity(void *arg, const XML_Char *name, int is_parameter,
			      const XML_Char *value, int nvalue, const XML_Char *base,
			      const XML_Char *system, const XML_Char *public_id,
			      const XML_Char *notation)
{
	(void)name;
	(void)is_parameter;
	(void)value;
	(void)nvalue;
	(void)base;
	(void)system;
	(void)public_id;
	(void)notation;
	give_up(arg, -EINVAL, "entities are not allowed");
}

static int parse(struct parser *p, const char *xml, size_t nbytes, struct base_error *error)
{
	struct base_location at = {.file = "meta-data"};
	const char *problem;

	XML_SetUserData(p->expat, p);
	XML_SetElementHandler(p->expat, on_begin, on_end);
	XML_SetCharacterDataHandler(p->expat, on_text);
	XML_SetEntityDeclHandler(p->expat, on_entity);
	if (XML_Parse(p->expat, xml, (int)nbytes, XML_TRUE) == XML_STATUS_OK && p->code == 0)
		return 0;
	at.line = (unsigned)XML_GetCurrentLineNumber(p->expat);
	problem = p->code != 0 ? p->problem : XML_ErrorString(XML_GetErrorCode(p->expat));
	return base_error_set_at(error, p->code != 0 ? p->code : -EINVAL, at, "%s", problem);
}

int ocf_metadata_parse(struct ocf_metadata *out, const char *xml, size_t nbytes,
		       struct base_error *error)
{
	struct ocf_metadata metadata = {0};
	struct parser parser = {.out = &metadata};
	int ret;

	if (nbytes > OCF_METADATA_MAX)
		return base_error_set(error, -EFBIG, "meta-data: more than 1 MiB");
	parser.expat = XML_ParserCreate(NULL);
	if (parser.expat == NULL)
		return base_error_set(error, -ENOMEM, "out of memory");
	ret = parse(&parser, xml, nbytes, error);
	XML_ParserFree(parser.expat);
	free(parser.text);
	if (ret == 0)
		*out = metadata;
	else
		ocf_metadata_fini(&metadata);
	return ret;
}

void ocf_metadata_fini(struct ocf_metadata *metadata)
{
	for (size_t i = 0; i < metadata->nparameters; i++) {
		free(metadata->parameters[i].name);
		free(metadata->parameters[i].type);
		free(metadata->parameters[i].default_value);
		free(metadata->parameters[i].text);
	}
	for (size_t i = 0; i < metadata->nactions; i++) {
		free(metadata->actions[i].name);
		free(metadata->actions[i].role);
	}
	free(metadata->parameters);
	free(metadata->actions);
	free(metadata->name);
	free(metadata->version);
	free(metadata->text);
	*metadata = (struct ocf_metadata){0};
}

const struct ocf_action *ocf_metadata_action(const struct ocf_metadata *metadata, const char *name)
{
	const struct ocf_action *best = NULL;

	for (size_t i = 0; i < metadata->nactions; i++) {
		const struct ocf_action *action = &metadata->actions[i];

		if (strcmp(action->name, name) != 0)
			continue;
		if (best == NULL || action->depth < best->depth ||
		    (action->depth == best->depth && best->role[0] != '\0' &&
		     action->role[0] == '\0'))
			best = action;
	}
	return best;
}

const struct ocf_parameter *ocf_metadata_parameter(const struct ocf_metadata *metadata,
						   const char *name)
{
	for (size_t i = 0; i < metadata->nparameters; i++)
		if (strcmp(metadata->parameters[i].name, name) == 0)
			return &metadata->parameters[i];
	return NULL;
}

int ocf_metadata_parse_time(uint32_t *out_ms, const char *text)
{
	static const struct {
		const char *name;
		uint32_t ms;
	} units[] = {
		{"", 1000},   {"s", 1000},    {"sec", 1000},  {"ms", 1},       {"msec", 1},
		{"m", 60000}, {"min", 60000}, {"h", 3600000}, {"hr", 3600000},
	};
	unsigned long value;
	char *end;

	while (isspace((unsigned char)*text))
		text++;
	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	value = strtoul(text, &end, 10);
	while (isspace((unsigned char)*end))
		end++;
	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		if (strcmp(end, units[i].name) != 0)
			continue;
		if (errno != 0 || value > UINT32_MAX / units[i].ms)
			return -EINVAL;
		*out_ms = (uint32_t)value * units[i].ms;
		return 0;
	}
	return -EINVAL;
}
