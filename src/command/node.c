/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "command/node.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "command/argument.h"
#include "command/json.h"
#include "command/survey.h"
#include "control/server.h"
#include "daemon/daemon.h"
#include "dns/rdata.h"
#include "dns/type.h"
#include "hosting/hosting.h"
#include "listing/nodes.h"
#include "registry/registrar.h"
#include "registry/work.h"
#include "settings/settings.h"
#include "text/rdata_write.h"
#include "zone/zone.h"

enum {
	LOOK_AT_ONCE = 512, /* instances: about a millisecond of the registrar */
	DRAIN_AT_ONCE = 64, /* instances in a commit */
	ADDRESS_TEXT_MAX = 64,
};

/* ---- list ---- */

struct listing {
	struct command_survey survey; /* first */
	struct listing_nodes nodes;   /* of the zone in hand */
	bool has_looked;
};

/* In the thread of the walk. */
static int list_walk(struct command_survey *survey)
{
	struct listing *l = (struct listing *)survey;

	l->has_looked = false;
	listing_nodes_init(&l->nodes);
	return listing_nodes_walk(&l->nodes, &survey->services);
}

/* In the registrar's thread. */
static int list_look(struct command_survey *survey, struct registry_registrar *r)
{
	struct listing *l = (struct listing *)survey;
	const struct registry_state *state = registry_work_state(r);
	int ret = l->has_looked ? 0 : listing_nodes_look(&l->nodes, &survey->services, state);

	l->has_looked = true;
	return ret < 0 ? ret
		       : listing_services_look(&survey->services, state, registry_work_now(r),
					       LOOK_AT_ONCE);
}

static json_t *addresses_json(const struct listing_nodes *n, const struct listing_node *node)
{
	json_t *list = json_array();
	char text[ADDRESS_TEXT_MAX];

	for (size_t i = node->address; i < node->address + node->naddresses; i++) {
		text_rdata_to_text(text, sizeof(text), n->addresses[i].type, n->addresses[i].rdata,
				   n->addresses[i].nbytes);
		json_array_append_new(list, json_string(text));
	}
	return list;
}

static json_t *states_json(const struct listing_node *node)
{
	json_t *states = json_object();

	for (unsigned i = 0; i < LISTING_SERVICE_STATES; i++)
		json_object_set_new(states, listing_service_word((enum listing_service_state)i),
				    json_integer((json_int_t)node->count[i]));
	return states;
}

/* In a thread of its own. */
static void list_finish(struct command_survey *survey)
{
	struct listing *l = (struct listing *)survey;

	listing_nodes_count(&l->nodes, &survey->services);
	for (size_t i = 0; i < l->nodes.count; i++) {
		const struct listing_node *node = &l->nodes.items[i];
		json_t *left = node->has_lease
				       ? json_integer((json_int_t)((node->left_ms + 999) / 1000))
				       : json_null();

		json_array_append_new(survey->list,
				      json_pack("{s:o, s:o, s:b, s:I, s:o, s:o, s:o}", "node",
						command_json_name(node->name), "zone",
						command_json_name(zone_name(survey->services.zone)),
						"drained", node->is_drained, "instances",
						(json_int_t)node->nservices, "states",
						states_json(node), "left", left, "addresses",
						addresses_json(&l->nodes, node)));
	}
	listing_nodes_fini(&l->nodes);
}

static void list_end(struct command_survey *survey)
{
	struct listing *l = (struct listing *)survey;

	if (!command_survey_failed(survey))
		control_request_answer(
			survey->request,
			json_pack("{s:O, s:O}", "nodes", survey->list, "changed", survey->changed));
	listing_nodes_fini(&l->nodes);
	command_survey_fini(survey);
	free(l);
}

void command_node_list(void *daemon, struct control_request *request)
{
	struct daemon *d = daemon;
	bool has_zone = control_request_nargs(request) > 0;
	const char *text = has_zone ? control_request_arg(request, 0) : "";
	uint8_t zone[DNS_NAME_MAX];
	struct listing *l;

	if (has_zone && (dns_name_from_text(zone, text, strlen(text), NULL) == 0 ||
			 settings_zone_find(d->config, zone) == NULL)) {
		control_request_fail(request, "%s is not a zone of this weftd", text);
		return;
	}
	l = calloc(1, sizeof(*l));
	if (l == NULL) {
		control_request_fail(request, "out of memory");
		return;
	}
	l->survey = (struct command_survey){.request = request,
					    .walk = list_walk,
					    .look = list_look,
					    .finish = list_finish,
					    .end = list_end};
	command_survey_begin(d, &l->survey, has_zone ? zone : NULL, false);
}

/* ---- drain ---- */

/* A request to drain or undrain nodes, one after the other: first the node is drained for all that
 * is registered from then on, then what runs on it already follows, some instances in a commit. */
struct draining {
	struct command_survey survey; /* first */
	struct daemon_ask ask;
	struct daemon *daemon;
	struct control_request *request;
	bool is_drained;
	size_t index;			  /* of the argument in hand */
	json_t *list;			  /* the answer so far */
	void (*next)(struct draining *c); /* goes on with the next argument */

	/* of that argument */
	uint8_t node[DNS_NAME_MAX];
	bool is_changed;
	size_t at;	   /* in the services of a zone: those before it have followed */
	size_t ninstances; /* that were drained or undrained */
};

static void drain_free(struct draining *c)
{
	json_decref(c->list);
	free(c);
}

/* In the thread of the walk. */
static bool drain_is_wanted(void *survey, const struct listing_services *s,
			    const struct listing_service *one)
{
	struct draining *c = survey;

	c->at = 0;
	for (size_t i = one->record; i < one->record + one->nrecords; i++)
		if (s->records[i].type == DNS_TYPE_SRV &&
		    dns_name_equal(s->records[i].rdata + DNS_SRV_TARGET, c->node))
			return true;
	return false;
}

/* In the registrar's thread: the next part of the instances. */
static int drain_look(struct command_survey *survey, struct registry_registrar *r)
{
	struct draining *c = (struct draining *)survey;
	const struct listing_services *s = &survey->services;
	const uint8_t *names[DRAIN_AT_ONCE];
	size_t n = 0;
	int ret = 0;

	while (n < DRAIN_AT_ONCE && c->at < s->count)
		names[n++] = s->items[c->at++].name;
	if (n > 0)
		ret = registry_work_drain_follow(r, s->zone, &s->rule, names, n);
	if (ret < 0)
		return ret;
	c->ninstances += (size_t)ret;
	return c->at < s->count;
}

static void drain_finish(struct command_survey *survey)
{
	(void)survey;
}

static void drain_fail(struct draining *c, int error)
{
	control_request_fail(c->request, "%s: %s", control_request_arg(c->request, c->index),
			     error == -ENOMEM ? "out of memory" : strerror(-error));
	drain_free(c);
}

static void drain_end(struct command_survey *survey)
{
	struct draining *c = (struct draining *)survey;
	int ret = survey->ret;
	char name[DNS_NAME_TEXT_MAX];

	command_survey_fini(survey);
	if (ret < 0) {
		drain_fail(c, ret);
		return;
	}
	dns_name_to_text(name, c->node);
	if (c->is_changed || c->ninstances > 0)
		base_log(BASE_LOG_INFO, "service", "node-%s name=%s instances=%zu",
			 c->is_drained ? "drained" : "undrained", name, c->ninstances);
	json_array_append_new(c->list, json_pack("{s:s, s:b, s:b, s:I}", "node", name, "drained",
						 c->is_drained, "changed", c->is_changed,
						 "instances", (json_int_t)c->ninstances));
	c->index++;
	c->next(c);
}

/* In the registrar's thread. */
static void drain_set(struct registry_registrar *r, struct daemon_ask *ask)
{
	struct draining *c = (struct draining *)((char *)ask - offsetof(struct draining, ask));

	ask->ret = registry_work_drain_node(r, c->node, c->is_drained);
}

/* The version that is walked next has all instances that were registered before the node was
 * drained. */
static void drain_is_set(struct daemon_ask *ask)
{
	struct draining *c = (struct draining *)((char *)ask - offsetof(struct draining, ask));

	if (ask->ret < 0) {
		drain_fail(c, ask->ret);
		return;
	}
	c->is_changed = ask->ret > 0;
	c->ninstances = c->at = 0;
	c->survey = (struct command_survey){.request = c->request,
					    .is_wanted = drain_is_wanted,
					    .look = drain_look,
					    .finish = drain_finish,
					    .end = drain_end};
	command_survey_begin(c->daemon, &c->survey, NULL, true);
}

/* Returns whether the zone has records at the name. */
static bool has_records(const struct draining *c, const struct settings_zone *z,
			const uint8_t *name)
{
	return zone_has(hosting_find(&c->daemon->zones, z->name)->zone, name, 0);
}

/* Makes the name below `origin` the node if the zone has records there. Returns whether it has. */
static bool node_try(struct draining *c, const struct settings_zone *z, const char *text,
		     const uint8_t *origin)
{
	uint8_t name[DNS_NAME_MAX];

	if (dns_name_from_text(name, text, strlen(text), origin) == 0 || !has_records(c, z, name))
		return false;
	memcpy(c->node, name, dns_name_nbytes(name));
	return true;
}

/* Makes the only node that begins with the labels of `text` the node: n1 is n1.nodes.lab.cloud.
 * Returns how many there are. */
static unsigned node_find(struct draining *c, const char *text)
{
	uint8_t nodes[DNS_NAME_MAX];
	unsigned n = 0;

	for (const struct settings_zone *z = c->daemon->config->zones; z != NULL; z = z->next) {
		n += node_try(c, z, text, z->name);
		if (dns_name_from_text(nodes, "nodes", strlen("nodes"), z->name) > 0)
			n += node_try(c, z, text, nodes);
	}
	return n;
}

/* Takes the node of an argument. Returns NULL, or what is wrong with the argument. */
static const char *node_take(struct draining *c, const char *text)
{
	size_t length = strlen(text);
	const struct settings_zone *z;
	unsigned n;

	if (dns_name_from_text(c->node, text, length, NULL) == 0 || c->node[0] == 0)
		return "is not a node";
	z = command_argument_zone(c->daemon, c->node);
	if (z != NULL)
		return c->is_drained && !has_records(c, z, c->node) ? "is not a node" : NULL;
	/* A host outside of our zones may be a target too, but is not named by one label. */
	n = text[length - 1] == '.' ? 0 : node_find(c, text);
	if (n > 1)
		return "may be several nodes: give the whole name";
	return n == 0 && dns_name_labels(c->node) == 1 ? "is not a node" : NULL;
}

/* Goes on with the next argument, or answers the request if there is none any more. */
static void drain_next(struct draining *c)
{
	const char *text = control_request_arg(c->request, c->index), *wrong;

	if (c->index == control_request_nargs(c->request)) {
		control_request_answer(c->request, json_incref(c->list));
		drain_free(c);
		return;
	}
	wrong = node_take(c, text);
	if (wrong != NULL) {
		control_request_fail(c->request, "%s %s%s", text, wrong,
				     c->index > 0 ? "; those before it are done" : "");
		drain_free(c);
		return;
	}
	dns_name_lower(c->node, c->node);
	daemon_ask(c->daemon, &c->ask, drain_set, drain_is_set);
}

static void drain_all(struct daemon *d, struct control_request *request, bool is_drained)
{
	struct draining *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		control_request_fail(request, "out of memory");
		return;
	}
	c->daemon = d;
	c->request = request;
	c->is_drained = is_drained;
	c->list = json_array();
	c->next = drain_next;
	drain_next(c);
}

void command_node_drain(void *daemon, struct control_request *request)
{
	drain_all(daemon, request, true);
}

void command_node_undrain(void *daemon, struct control_request *request)
{
	drain_all(daemon, request, false);
}
