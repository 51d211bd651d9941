/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "command/instance.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "command/argument.h"
#include "command/json.h"
#include "command/survey.h"
#include "control/server.h"
#include "daemon/daemon.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "dnssd/kind.h"
#include "settings/settings.h"
#include "text/rdata_write.h"
#include "view/subtype.h"
#include "zone/zone.h"

enum { STATES_TEXT_MAX = 256 };

struct listing {
	struct command_survey survey; /* first */
	bool has_zone, has_node, has_type, has_key, has_state;
	uint8_t zone[DNS_NAME_MAX], instance[DNS_NAME_MAX];
	uint8_t node[DNS_NAME_MAX], type[DNS_NAME_MAX], key[DNS_NAME_MAX]; /* first labels */
	enum listing_service_state state;
};

/* ---- which ones ---- */

static bool runs_on(const struct listing_services *s, const struct listing_service *one,
		    const uint8_t *node)
{
	for (size_t i = one->record; i < one->record + one->nrecords; i++)
		if (s->records[i].type == DNS_TYPE_SRV &&
		    dns_name_begins(s->records[i].rdata + DNS_SRV_TARGET, node))
			return true;
	return false;
}

/* What the records of the version show; the rest is known once they are looked at. */
static bool is_wanted(void *survey, const struct listing_services *s,
		      const struct listing_service *one)
{
	const struct listing *l = survey;

	return (!l->has_type ||
		dns_name_begins(dnssd_kind_type(one->name, zone_name(s->zone)), l->type)) &&
	       (!l->has_node || runs_on(s, one, l->node));
}

static bool is_shown(const struct listing *l, const struct listing_service *one)
{
	return (!l->has_state || one->state == l->state) &&
	       (!l->has_key || (one->owner != NULL && dns_name_begins(one->owner, l->key)));
}

/* ---- as JSON ---- */

static json_t *srvs_json(const struct listing_services *s, const struct listing_service *one)
{
	json_t *list = json_array();

	for (size_t i = one->record; i < one->record + one->nrecords; i++) {
		const uint8_t *rdata = s->records[i].rdata;

		if (s->records[i].type == DNS_TYPE_SRV)
			json_array_append_new(
				list, json_pack("{s:i, s:i, s:i, s:o}", "priority",
						(int)base_load16(rdata), "weight",
						(int)base_load16(rdata + DNS_SRV_WEIGHT), "port",
						(int)base_load16(rdata + DNS_SRV_PORT), "target",
						command_json_name(rdata + DNS_SRV_TARGET)));
	}
	return list;
}

static json_t *txts_json(const struct listing_services *s, const struct listing_service *one,
			 char *text)
{
	json_t *list = json_array();

	for (size_t i = one->record; i < one->record + one->nrecords; i++) {
		const struct dns_record *r = &s->records[i];

		if (r->type != DNS_TYPE_TXT)
			continue;
		text_rdata_to_text(text, TEXT_RDATA_MAX, r->type, r->rdata, r->nbytes);
		json_array_append_new(list, json_string(text));
	}
	return list;
}

static json_t *listed_json(const struct listing_services *s, const struct listing_service *one)
{
	json_t *list = json_array();

	for (size_t i = one->pointer; i < one->pointer + one->npointers; i++)
		json_array_append_new(list, command_json_name(s->pointers[i].owner));
	return list;
}

static json_t *subtypes_json(const struct listing_services *s, const struct listing_service *one)
{
	const uint8_t *type = dnssd_kind_type(one->name, zone_name(s->zone));
	json_t *list = json_array();
	uint8_t name[DNS_NAME_MAX];

	for (size_t at = 0; at < one->nsubtypes; at += 1u + one->subtypes[at])
		if (view_subtype_name(name, one->subtypes + at, type))
			json_array_append_new(list, command_json_name(name));
	return list;
}

/* Rounds seconds up: an active lease has some time left. */
static json_t *left_json(const struct listing_service *one)
{
	return one->has_lease && !one->is_suspended
		       ? json_integer((json_int_t)((one->left_ms + 999) / 1000))
		       : json_null();
}

static json_t *since_json(const struct listing_service *one, uint64_t now_s)
{
	return one->is_suspect ? command_json_time(now_s - one->suspect_ms / 1000) : json_null();
}

static json_t *row(const struct listing_services *s, const struct listing_service *one, char *text,
		   uint64_t now_s)
{
	const uint8_t *zone = zone_name(s->zone);

	return json_pack("{s:o, s:o, s:o, s:s, s:s?, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "instance", command_json_name(one->name), "zone", command_json_name(zone),
			 "type", command_json_name(dnssd_kind_type(one->name, zone)), "state",
			 listing_service_word(one->state), "why", listing_service_why(s, one),
			 "key", command_json_name(one->owner), "left", left_json(one), "granted",
			 one->has_lease ? json_integer(one->granted_s) : json_null(), "listed",
			 listed_json(s, one), "subtypes", subtypes_json(s, one), "suspect-since",
			 since_json(one, now_s), "srv", srvs_json(s, one), "txt",
			 txts_json(s, one, text));
}

/* In a thread of its own. */
static void finish(struct command_survey *survey)
{
	const struct listing *l = (const struct listing *)survey;
	const struct listing_services *s = &survey->services;
	char *text = malloc(TEXT_RDATA_MAX);
	uint64_t now_s = base_clock_wall_s();

	if (text == NULL)
		survey->ret = -ENOMEM;
	for (size_t i = 0; i < s->count && text != NULL; i++)
		if (is_shown(l, &s->items[i]))
			json_array_append_new(survey->list, row(s, &s->items[i], text, now_s));
	free(text);
}

/* ---- the commands ---- */

static void list_end(struct command_survey *survey)
{
	if (!command_survey_failed(survey))
		control_request_answer(survey->request,
				       json_pack("{s:O, s:O}", "services", survey->list, "changed",
						 survey->changed));
	command_survey_fini(survey);
	free(survey);
}

static void show_end(struct command_survey *survey)
{
	const struct listing *l = (const struct listing *)survey;
	char name[DNS_NAME_TEXT_MAX];

	dns_name_to_text(name, l->instance);
	if (command_survey_failed(survey))
		;
	else if (json_array_size(survey->list) == 0)
		control_request_fail(survey->request, "%s is not a registered instance", name);
	else
		control_request_answer(survey->request,
				       json_incref(json_array_get(survey->list, 0)));
	command_survey_fini(survey);
	free(survey);
}

static struct listing *listing_new(struct control_request *request)
{
	struct listing *l = calloc(1, sizeof(*l));

	if (l == NULL) {
		control_request_fail(request, "out of memory");
		return NULL;
	}
	l->survey.request = request;
	l->survey.is_wanted = is_wanted;
	l->survey.finish = finish;
	return l;
}

/* Takes a word like `node=n1`. Returns false if it is not `word` with a name. */
static bool name_take(const char *argument, const char *word, uint8_t out[static DNS_NAME_MAX],
		      bool *has_name)
{
	size_t n = strlen(word);

	if (strncmp(argument, word, n) != 0 || argument[n] != '=' || argument[n + 1] == '\0' ||
	    dns_name_from_text(out, argument + n + 1, strlen(argument + n + 1), NULL) == 0)
		return false;
	*has_name = true;
	return true;
}

static bool is_state(const char *argument)
{
	return strncmp(argument, "state=", 6) == 0;
}

static bool state_take(const char *argument, struct listing *l)
{
	for (unsigned i = 0; i < LISTING_SERVICE_STATES; i++)
		if (strcmp(listing_service_word((enum listing_service_state)i), argument + 6) ==
		    0) {
			l->state = (enum listing_service_state)i;
			l->has_state = true;
			return true;
		}
	return false;
}

static bool argument_take(const char *argument, struct listing *l)
{
	if (strchr(argument, '=') == NULL)
		return l->has_zone =
			       dns_name_from_text(l->zone, argument, strlen(argument), NULL) > 0;
	if (is_state(argument))
		return state_take(argument, l);
	return name_take(argument, "zone", l->zone, &l->has_zone) ||
	       name_take(argument, "node", l->node, &l->has_node) ||
	       name_take(argument, "type", l->type, &l->has_type) ||
	       name_take(argument, "key", l->key, &l->has_key);
}

/* Answers that the argument is not understood. */
static void argument_fail(struct control_request *request, const char *argument)
{
	char states[STATES_TEXT_MAX] = "";
	size_t n = 0;

	if (!is_state(argument)) {
		control_request_fail(request,
				     "%s is not a zone, zone=ZONE, node=NODE, type=TYPE, key=KEY "
				     "or state=STATE",
				     argument);
		return;
	}
	for (unsigned i = 0; i < LISTING_SERVICE_STATES && n < sizeof(states); i++)
		n += (size_t)snprintf(states + n, sizeof(states) - n, "%s%s", i > 0 ? ", " : "",
				      listing_service_word((enum listing_service_state)i));
	control_request_fail(request, "%s is not a state of a service: use one of %s", argument + 6,
			     states);
}

void command_instance_list(void *daemon, struct control_request *request)
{
	struct daemon *d = daemon;
	struct listing *l = listing_new(request);

	if (l == NULL)
		return;
	for (size_t i = 0; i < control_request_nargs(request); i++)
		if (!argument_take(control_request_arg(request, i), l)) {
			argument_fail(request, control_request_arg(request, i));
			free(l);
			return;
		}
	if (l->has_zone && settings_zone_find(d->config, l->zone) == NULL) {
		char name[DNS_NAME_TEXT_MAX];

		dns_name_to_text(name, l->zone);
		control_request_fail(request, "%s is not a zone of this weftd", name);
		free(l);
		return;
	}
	l->survey.end = list_end;
	command_survey_begin(d, &l->survey, l->has_zone ? l->zone : NULL, false);
}

void command_instance_show(void *daemon, struct control_request *request)
{
	struct daemon *d = daemon;
	const char *text = control_request_arg(request, 0);
	const struct settings_zone *z = NULL;
	struct listing *l = listing_new(request);

	if (l == NULL)
		return;
	if (dns_name_from_text(l->instance, text, strlen(text), NULL) > 0)
		z = command_argument_zone(d, l->instance);
	if (z == NULL) {
		control_request_fail(request, "%s is not in a zone of this weftd", text);
		free(l);
		return;
	}
	memcpy(l->zone, z->name, dns_name_nbytes(z->name));
	l->survey.instance = l->instance;
	l->survey.end = show_end;
	command_survey_begin(d, &l->survey, l->zone, false);
}
