/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agentd/view.h"

#include <string.h>
#include <unistd.h>

#include "agent/agent.h"
#include "agentd/program.h"
#include "base/address.h"
#include "control/server.h"

/* An empty text is nothing to show. */
static json_t *text_of(const char *text)
{
	return text == NULL || text[0] == '\0' ? json_null() : json_string(text);
}

static json_t *number_of(uint64_t n)
{
	return n == 0 ? json_null() : json_integer((json_int_t)n);
}

static json_t *name_of(const uint8_t *name)
{
	char text[DNS_NAME_TEXT_MAX];
	size_t nchars = dns_name_to_text(text, name);

	return json_stringn(text, nchars > 1 ? nchars - 1 : nchars);
}

/* ---- instances ---- */

static json_t *resources_of(const struct agent_view *v)
{
	json_t *list = json_array();

	for (size_t i = 0; i < v->nresources; i++)
		json_array_append_new(list, json_string(v->resources[i]));
	return list;
}

static json_t *uses_of(const struct agent_view *v)
{
	json_t *list = json_array();

	for (size_t i = 0; i < v->nuses; i++)
		json_array_append_new(list, json_pack("{s:s, s:o}", "name", v->uses[i].name,
						      "address", text_of(v->uses[i].address)));
	return list;
}

static json_t *instance_of(const struct agent_view *v)
{
	json_t *wait = v->wait_ms < 0 ? json_null() : json_real((double)v->wait_ms / 1000);
	json_t *began = v->started_ms == 0 ? json_null() : json_real((double)v->started_ms / 1000);
	json_t *out = json_pack(
		"{s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "instance", name_of(v->instance), "label",
		text_of(v->label), "type", text_of(v->type), "state", text_of(v->state), "cause",
		text_of(v->cause), "reason", text_of(v->reason), "health", text_of(v->health));
	json_t *more = json_pack(
		"{s:I, s:o, s:o, s:o, s:o, s:o, s:I, s:o, s:o, s:b, s:b, s:o, s:o, s:o, s:o, s:o}",
		"pid", (json_int_t)v->pid, "inc", number_of(v->inc), "id", text_of(v->id), "port",
		number_of(v->port), "cfg", text_of(v->cfg), "ver", text_of(v->ver), "restarts",
		(json_int_t)v->restarts, "started", began, "wait", wait, "wanted", v->is_wanted,
		"registered", v->is_registered, "name", text_of(v->name), "resources",
		resources_of(v), "uses", uses_of(v), "folder", text_of(v->folder), "log",
		text_of(v->log));

	json_object_set_new(out, "status", text_of(v->status));
	json_object_update(out, more);
	json_decref(more);
	return out;
}

static void add_instance(void *arg, const struct agent_view *view)
{
	json_array_append_new(arg, instance_of(view));
}

json_t *agentd_view_services(const struct agentd *d, const struct agentd_asked *items, size_t n)
{
	json_t *list = json_array();
	struct agent_view view;

	if (items == NULL)
		agent_each(d->agent, add_instance, list);
	for (size_t i = 0; items != NULL && i < n; i++)
		if (agent_get(d->agent, items[i].name, &view) == 0)
			add_instance(list, &view);
	return json_pack("{s:s, s:s, s:o}", "node", d->identity.node, "zone", d->identity.fabric,
			 "instances", list);
}

/* ---- the agent ---- */

static void count_state(void *arg, const struct agent_view *view)
{
	json_int_t n = json_integer_value(json_object_get(arg, view->state));

	json_object_set_new(arg, view->state, json_integer(n + 1));
}

static json_t *addresses_of(const struct agent_status *status)
{
	json_t *list = json_array();
	char text[BASE_ADDRESS_TEXT_MAX];

	for (size_t i = 0; i < status->naddresses; i++) {
		base_address_to_text(text, (const struct sockaddr *)&status->addresses[i]);
		text[strcspn(text, "@")] = '\0';
		json_array_append_new(list, json_string(text));
	}
	return list;
}

static json_t *push_of(const struct agent_status *status)
{
	return json_pack("{s:o, s:o, s:o}", "pushed",
			 status->is_push_known ? json_boolean(status->is_pushed) : json_null(),
			 "push-registry", text_of(status->push_server), "push-error",
			 text_of(status->push_why));
}

json_t *agentd_view_agent(const struct agentd *d)
{
	struct agent_status status;
	json_t *states = json_object(), *out, *push;

	agent_get_status(d->agent, &status);
	agent_each(d->agent, count_state, states);
	out = json_pack("{s:s, s:s, s:s, s:i, s:I, s:s, s:o, s:I, s:o, s:b, s:o, s:b, s:I, s:o, "
			"s:I}",
			"node", status.node, "zone", status.zone, "version", PACKAGE_VERSION, "pid",
			(int)getpid(), "started", (json_int_t)d->started_s, "state", status.state,
			"boot", text_of(status.boot), "age", (json_int_t)status.age, "addresses",
			addresses_of(&status), "registered", status.is_registered, "error",
			text_of(status.error), "current", status.is_current, "instances",
			(json_int_t)status.ninstances, "states", states, "events-waiting",
			(json_int_t)status.nevents_waiting);
	push = push_of(&status);
	json_object_update(out, push);
	json_decref(push);
	return out;
}

void agentd_view_answer(struct control_request *request, json_t *take_result)
{
	if (take_result == NULL)
		control_request_fail(request, "out of memory");
	else
		control_request_answer(request, take_result);
}
