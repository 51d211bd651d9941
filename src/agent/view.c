/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* What an agent shows of itself and its instances, and what operators ask of these: the second half
 * of agent/agent.h. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "agent/instance.h"
#include "agent/look.h"
#include "agent/show.h"
#include "agent/table.h"
#include "base/error.h"
#include "history/history.h"

enum { RESOURCES_MAX = 64, USES_MAX = 64 };

/* ---- views ---- */

/* The lists of a view: valid until the next one is made. */
struct lists {
	const char *resources[RESOURCES_MAX];
	struct agent_use uses[USES_MAX];
};

static void lists_make(struct lists *out, struct agent_view *view, const struct agent_instance *i)
{
	for (const struct agent_hold *h = i->holds; h != NULL; h = h->next) {
		if (!h->is_held)
			continue;
		if (h->kind == AGENT_HOLD_NAME)
			view->name = h->label;
		else if (view->nresources < RESOURCES_MAX)
			out->resources[view->nresources++] = h->label;
	}
	for (const struct agent_using *u = i->uses; u != NULL && view->nuses < USES_MAX;
	     u = u->next)
		out->uses[view->nuses++] = (struct agent_use){
			.name = u->name, .address = u->is_there ? u->where : NULL};
	view->resources = out->resources;
	view->uses = out->uses;
}

static void view_make(struct agent_view *out, struct lists *lists, const struct agent_instance *i)
{
	struct supervise_unit_view unit;
	bool is_active = agent_look_unit(i, &unit), is_there = i->outfit != NULL;
	const char *gate = is_active || i->keep.has_failed ? NULL : agent_show_gate_text(i->gate);

	*out = (struct agent_view){
		.instance = i->name,
		.label = i->label,
		.type = i->type,
		.state = i->state[0] == '\0' ? "assigned" : i->state,
		.cause = gate != NULL ? gate : supervise_unit_cause_to_text(unit.cause),
		.reason = agent_words_get(&i->reason),
		.health = supervise_verdict_to_text(unit.health),
		.pid = unit.pid,
		.inc = i->keep.inc,
		.id = i->label,
		.port = is_there ? outfit_port(i->outfit) : 0,
		.cfg = agent_look_cfg(i),
		.ver = agent_look_ver(i),
		.restarts = unit.nrestarts,
		.status = unit.status,
		.nchecks = unit.nchecks,
		.started_ms = unit.started_ms,
		.wait_ms = unit.wait_ms,
		.is_wanted = i->order != NULL && !i->keep.is_stopped,
		.is_registered = i->records.is_registered,
		.folder = is_there ? outfit_folder(i->outfit) : NULL,
		.log = is_there ? outfit_output(i->outfit)->path : NULL,
	};
	lists_make(lists, out, i);
}

void agent_each(const struct agent *a, void (*fn)(void *arg, const struct agent_view *view),
		void *arg)
{
	for (size_t n = 0; n < a->ninstances; n++) {
		struct agent_view view;
		struct lists lists;

		view_make(&view, &lists, a->instances[n]);
		fn(arg, &view);
	}
}

int agent_get(const struct agent *a, const uint8_t *name, struct agent_view *out)
{
	static struct lists lists; /* one agent in a process, and one thread */
	const struct agent_instance *i = agent_table_find(a, name);

	if (i == NULL)
		return -ENOENT;
	view_make(out, &lists, i);
	return 0;
}

void agent_get_status(const struct agent *a, struct agent_status *out)
{
	*out = (struct agent_status){
		.node = a->node,
		.zone = a->zone_text,
		.boot = a->boot,
		.age = a->keep.age,
		.state = a->ending == AGENT_STOPS ? "leaving"
			 : a->is_current	  ? "up"
						  : "starting",
		.is_current = a->is_current,
		.is_registered = a->record.is_registered,
		.error = a->record.error != 0 ? agent_words_get(&a->record.why) : "",
		.addresses = a->addresses,
		.naddresses = a->naddresses,
		.ninstances = a->ninstances,
		.nevents_waiting = history_nwaiting(a->history),
		.is_push_known = a->push.is_known,
		.is_pushed = a->push.is_pushed,
		.push_server = a->push.server,
		.push_why = a->push.why,
	};
}

/* ---- names ---- */

/* Adds the instance to those that `text` may mean. */
static void candidate_add(const struct agent_instance *i, size_t *n, char *list, size_t size)
{
	size_t used = strlen(list);

	snprintf(list + used, size - used, "%s%.200s", *n > 0 ? ", " : "", i->text);
	(*n)++;
}

int agent_find(const struct agent *a, const char *text, uint8_t out[static DNS_NAME_MAX],
	       struct base_error *error)
{
	const struct agent_instance *found = NULL;
	uint8_t name[DNS_NAME_MAX];
	char list[512] = "";
	size_t n = 0;

	for (size_t k = 0; k < a->ninstances; k++) {
		if (strcasecmp(a->instances[k]->label, text) != 0)
			continue;
		found = a->instances[k];
		candidate_add(found, &n, list, sizeof(list));
	}
	if (n > 1)
		return base_error_set(error, -ENOTUNIQ,
				      "%.100s is the label of several instances: %s", text, list);
	if (n == 0 && dns_name_from_text(name, text, strlen(text), a->zone) > 0)
		found = agent_table_find(a, name);
	if (n == 0 && found == NULL && dns_name_from_text(name, text, strlen(text), NULL) > 0)
		found = agent_table_find(a, name);
	if (found == NULL)
		return base_error_set(error, -ENOENT, "%s is not assigned to this node", text);
	memcpy(out, found->name, dns_name_nbytes(found->name));
	return 0;
}

/* ---- what operators ask for ---- */

static struct agent_instance *instance_find(struct agent *a, const uint8_t *name,
					    struct base_error *error)
{
	struct agent_instance *i = agent_table_find(a, name);
	char text[DNS_NAME_TEXT_MAX];

	if (i != NULL && i->order != NULL)
		return i;
	dns_name_to_text(text, name);
	base_error_set(error, -ENOENT, "%s is not assigned to this node", text);
	return NULL;
}

int agent_start_instance(struct agent *a, const uint8_t *name, struct base_error *error)
{
	struct agent_instance *i = instance_find(a, name, error);

	if (i == NULL)
		return -ENOENT;
	agent_instance_start(i);
	return 0;
}

int agent_stop_instance(struct agent *a, const uint8_t *name, struct base_error *error)
{
	struct agent_instance *i = instance_find(a, name, error);

	if (i == NULL)
		return -ENOENT;
	agent_instance_stop(i);
	return 0;
}

int agent_restart_instance(struct agent *a, const uint8_t *name, uint64_t seen_inc,
			   struct base_error *error)
{
	struct agent_instance *i = instance_find(a, name, error);

	if (i == NULL)
		return -ENOENT;
	if (seen_inc != 0 && (seen_inc != i->keep.inc || i->must_stop))
		return base_error_set(error, -EAGAIN, "%s is restarted already", i->text);
	agent_instance_restart(i);
	return 0;
}

int agent_check_instance(struct agent *a, const uint8_t *name, struct base_error *error)
{
	struct agent_instance *i = instance_find(a, name, error);

	if (i == NULL)
		return -ENOENT;
	if (!agent_look_unit(i, NULL))
		return base_error_set(error, -ESRCH, "%s does not run", i->text);
	if (supervise_unit_check(outfit_unit(i->outfit)) < 0)
		return base_error_set(error, -ENOTSUP, "%s has no check", i->text);
	return 0;
}
