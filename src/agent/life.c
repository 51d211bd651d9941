/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* Making and freeing an agent, its turn, and what rooms below report: the first half of
 * agent/agent.h. */

#include "agent/agent.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/ends.h"
#include "agent/file.h"
#include "agent/instance.h"
#include "agent/node.h"
#include "agent/push.h"
#include "agent/registration.h"
#include "agent/table.h"
#include "agent/turn.h"
#include "base/error.h"
#include "base/folder.h"
#include "dnssd/fabric_name.h"
#include "history/history.h"
#include "outfit/ports.h"
#include "supervise/host.h"

enum {
	SETTLES_MAX = 32,	/* of a turn: a start takes a millisecond, and all else waits */
	NO_ADDRESSES_MS = 1000, /* until instances are opened without knowing them */
	LOG_AGE_S = 30 * 24 * 60 * 60, /* of outputs and files of instances that are no more */
};

/* ---- the turn ---- */

static bool is_known(void *arg, const char *name)
{
	const struct agent *a = arg;

	for (size_t n = 0; n < a->ninstances; n++)
		if (strcmp(a->instances[n]->text, name) == 0)
			return true;
	return false;
}

static bool is_kept(void *arg, const char *file)
{
	const struct agent *a = arg;

	for (size_t n = 0; n < a->ninstances; n++)
		if (agent_keep_is_of(file, a->instances[n]->text))
			return true;
	return false;
}

/* Ends what earlier agents have left and nobody knows: when the zone was read, and all that is
 * assigned is open. Before that, it may be what an order is about to come for. */
static void sweep(struct agent *a)
{
	unsigned n;

	if (a->is_swept || !a->is_current)
		return;
	for (size_t k = 0; k < a->ninstances; k++)
		if (!a->instances[k]->is_probed && a->instances[k]->order != NULL &&
		    a->instances[k]->order->spec != NULL)
			return;
	a->is_swept = true;
	n = supervise_host_sweep(a->host);
	if (n > 0)
		agent_turn_log(
			a, NULL, BASE_LOG_WARNING,
			"%u processes of instances that are not assigned any more were ended", n);
	outfit_prune(&a->outfit_node, LOG_AGE_S, is_known, a);
	base_folder_prune(a->kept_folder, LOG_AGE_S, is_kept, a);
}

static void on_turn(void *arg)
{
	struct agent *a = arg;
	struct agent_instance *i;

	for (unsigned n = 0; n < SETTLES_MAX && (i = agent_turn_take(a)) != NULL; n++) {
		if (agent_instance_settle(i))
			continue;
		agent_table_remove(a, i);
		if (a->events->on_change != NULL)
			a->events->on_change(a->arg, i->name);
		agent_instance_free(i);
	}
	sweep(a);
	agent_ends_settle(a);
	if (a->touched != NULL)
		resolve_timer_set(&a->resolve.timers, &a->retry, agent_loop_now_ms());
}

/* ---- orders ---- */

static void on_order(void *arg, const struct assign_order *now, const struct spec_service *before)
{
	struct agent *a = arg;
	struct agent_instance *i = agent_table_find(a, now->name);

	if (a->ending != AGENT_STAYS)
		return;
	if (i != NULL) {
		agent_instance_order(i, now, before);
		return;
	}
	i = agent_instance_new(a, now);
	if (i != NULL && agent_table_add(a, i) < 0) {
		agent_instance_free(i);
		i = NULL;
	}
	if (i == NULL)
		agent_turn_log(a, NULL, BASE_LOG_ERROR, "%s is ignored: out of memory", now->label);
}

static void on_withdrawn(void *arg, const struct assign_order *last)
{
	struct agent_instance *i = agent_table_find(arg, last->name);

	if (i != NULL)
		agent_instance_withdraw(i);
}

static void on_current(void *arg)
{
	struct agent *a = arg;

	a->is_current = true;
	agent_turn_touch_all(a);
}

static const struct assign_events assign_events = {
	.on_order = on_order,
	.on_withdrawn = on_withdrawn,
	.on_current = on_current,
};

/* ---- the registries ---- */

static void on_record(void *arg)
{
	struct agent *a = arg;

	if (agent_registration_is_silent(&a->record))
		agent_turn_set_silent(a, true);
	else if (a->record.is_registered)
		agent_turn_set_silent(a, false);
	if (a->record.error != 0)
		agent_turn_log(a, NULL, BASE_LOG_WARNING, "the node is not registered: %s",
			       agent_words_get(&a->record.why));
}

/* What waits for a registry need not wait for its time when one is back. */
static void on_follow(void *arg, const struct client_state *state)
{
	struct agent *a = arg;

	agent_push_take(a, state);
	if (state->kind == CLIENT_STATE_PUSH) {
		registrant_hurry(a->registrant);
		history_hurry(a->history);
		if (a->address != NULL)
			address_refresh(a->address, agent_loop_now_ms());
	} else if (state->kind == CLIENT_STATE_UNREACHED && a->is_current) {
		/* Before that, the node's registration is to fail as well: what another node has
		 * meanwhile must not be started because one connection was slow. */
		agent_turn_set_silent(a, true);
	}
}

/* Nothing is to be done but what the follower does before this. */
static void on_settle(void *arg, uint64_t now_ms)
{
	(void)arg;
	(void)now_ms;
}

static void on_user_end(void *arg)
{
	((struct agent *)arg)->is_user = false;
}

/* A problem that a room below has found. */
static void on_report(void *arg, enum base_log_level level, const struct base_error *error)
{
	agent_turn_log(arg, NULL, level, "%s%s%s", error->at.file == NULL ? "" : error->at.file,
		       error->at.file == NULL ? "" : ": ", error->text);
}

/* ---- opening ---- */

static char *text_copy(const char *text)
{
	return strdup(text == NULL ? "" : text);
}

static int settings_copy(struct agent *a, const struct agent_settings *s, struct base_error *error)
{
	a->node = text_copy(s->node);
	a->zone_text = text_copy(s->fabric);
	a->registry = text_copy(s->locate.registry);
	a->key_file = text_copy(s->locate.key_file);
	a->folder = text_copy(s->folder);
	a->run_folder = text_copy(s->run_folder);
	a->log_folder = text_copy(s->log_folder);
	a->group = s->group == NULL ? NULL : strdup(s->group);
	a->rev = text_copy(s->rev);
	a->lease_s = s->lease_s;
	a->manage_port = s->manage_port;
	if (a->node == NULL || a->zone_text == NULL || a->registry == NULL || a->key_file == NULL ||
	    a->folder == NULL || a->run_folder == NULL || a->log_folder == NULL ||
	    (s->group != NULL && a->group == NULL) || a->rev == NULL)
		return base_error_set(error, -ENOMEM, "out of memory");
	if (dns_name_from_text(a->zone, s->fabric, strlen(s->fabric), NULL) == 0)
		return base_error_set(error, -EINVAL, "%s is not a domain name", s->fabric);
	dns_name_lower(a->zone, a->zone);
	if (dnssd_fabric_name_node(a->node_name, s->node, a->zone) == 0)
		return base_error_set(error, -EINVAL, "%s cannot be the name of a node", s->node);
	dns_name_lower(a->node_name, a->node_name);
	return 0;
}

static int folder_make(char *out, const char *above, const char *name, unsigned mode,
		       struct base_error *error)
{
	int ret = (size_t)snprintf(out, AGENT_FOLDER_MAX, "%s/%s", above, name) < AGENT_FOLDER_MAX
			  ? agent_file_folder(out, mode)
			  : -ENAMETOOLONG;

	return ret == 0 ? 0 : base_error_set(error, ret, "%s: %s", out, strerror(-ret));
}

static int folders_make(struct agent *a, struct base_error *error)
{
	char log[AGENT_FOLDER_MAX];
	int ret;

	/* Users of services must be able to reach their folders. */
	ret = folder_make(a->instances_folder, a->folder, "instances", 0755, error);
	if (ret == 0)
		ret = folder_make(a->kept_folder, a->folder, "kept", 0700, error);
	if (ret == 0)
		ret = folder_make(a->orders_folder, a->folder, "orders", 0700, error);
	if (ret == 0)
		ret = folder_make(a->lock_folder, a->run_folder, "names", 0700, error);
	if (ret < 0 || a->log_folder[0] != '\0')
		return ret;
	ret = folder_make(log, a->folder, "log", 0750, error);
	if (ret < 0)
		return ret;
	free(a->log_folder);
	a->log_folder = strdup(log);
	return a->log_folder == NULL ? base_error_set(error, -ENOMEM, "out of memory") : 0;
}

static int host_open(struct agent *a, struct base_error *error)
{
	struct supervise_host_settings settings = {
		.folder = a->run_folder,
		.group = a->group,
		.report = on_report,
		.report_arg = a,
	};
	int ret = supervise_host_open(&a->host, a->loop, &settings, error);

	if (ret < 0)
		return ret;
	if (outfit_ports_new(&a->ports) < 0)
		return base_error_set(error, -ENOMEM, "out of memory");
	a->outfit_node = (struct outfit_node){
		.name = a->node,
		.registry = a->registry,
		.key_file = a->key_file,
		.folder = a->instances_folder,
		.log_folder = a->log_folder,
		.host = a->host,
		.ports = a->ports,
	};
	return 0;
}

/* What speaks to registries. */
static int clients_open(struct agent *a, const struct agent_settings *s, struct base_error *error)
{
	struct history_settings history = {
		.zone = a->zone,
		.node = a->node,
		.folder = a->folder,
		.keep = s->history_keep,
		.report = on_report,
		.report_arg = a,
	};
	int ret = resolve_events_init(&a->resolve);

	if (ret < 0)
		return base_error_set(error, ret, "%s", strerror(-ret));
	a->has_resolve = true;
	ret = locate_new(&a->locate, &a->resolve, &s->locate, error);
	if (ret < 0)
		return ret;
	ret = follow_new(&a->follow, &a->resolve, a->locate);
	if (ret == 0)
		ret = registrant_new(&a->registrant, &a->resolve, a->locate, NULL);
	if (ret < 0)
		return base_error_set(error, ret, "%s", strerror(-ret));
	follow_set_eager(a->follow);
	follow_on_state(a->follow, on_follow, a);
	a->user = (struct follow_user){.settle = on_settle, .end = on_user_end, .arg = a};
	follow_add(a->follow, &a->user);
	a->is_user = true;
	ret = history_new(&a->history, &a->resolve, a->registrant, &history, error);
	if (ret < 0)
		return ret;
	ret = address_new(&a->address, &a->resolve, a->locate, a->zone, s->address,
			  agent_node_on_addresses, a);
	return ret == 0 ? 0
			: base_error_set(error, ret, "the node's addresses: %s", strerror(-ret));
}

static int orders_open(struct agent *a, struct base_error *error)
{
	struct assign_settings settings = {
		.node = a->node_name,
		.zone = a->zone,
		.folder = a->orders_folder,
		.report = on_report,
		.report_arg = a,
	};
	int ret = assign_new(&a->assign, a->follow, &settings, &assign_events, a, error);

	if (ret == 0 && assign_start(a->assign) < 0)
		ret = base_error_set(error, -ENOMEM, "out of memory");
	return ret;
}

int agent_new(struct agent **out, struct ev_loop *loop, const struct agent_settings *settings,
	      const struct agent_events *events, void *arg, struct base_error *error)
{
	struct agent *a = calloc(1, sizeof(*a));
	int ret;

	if (a == NULL)
		return base_error_set(error, -ENOMEM, "out of memory");
	a->loop = loop;
	a->events = events;
	a->arg = arg;
	a->last_touched = &a->touched;
	a->retry = (struct resolve_timer){.on_due = agent_turn_on_retry, .arg = a};
	a->end = (struct resolve_timer){.on_due = agent_ends_on_due, .arg = a};
	a->no_addresses = (struct resolve_timer){.on_due = agent_node_on_no_addresses, .arg = a};
	a->record.agent = a;
	a->record.on_change = on_record;
	a->record.arg = a;
	ret = settings_copy(a, settings, error);
	if (ret == 0)
		ret = folders_make(a, error);
	if (ret == 0)
		ret = host_open(a, error);
	if (ret == 0)
		ret = clients_open(a, settings, error);
	if (ret < 0)
		goto undo;
	resolve_timer_set(&a->resolve.timers, &a->no_addresses,
			  agent_loop_now_ms() + NO_ADDRESSES_MS);
	if (agent_node_appear(a))
		agent_turn_event(a, NULL, "up", a->rev);
	ret = orders_open(a, error);
	if (ret < 0)
		goto undo;
	a->turns = (struct agent_loop){
		.loop = loop, .events = &a->resolve, .on_turn = on_turn, .arg = a};
	agent_loop_start(&a->turns);
	*out = a;
	return 0;
undo:
	agent_free(a);
	return ret;
}

void agent_free(struct agent *a)
{
	if (a == NULL)
		return;
	agent_loop_stop(&a->turns);
	for (size_t n = 0; n < a->ninstances; n++)
		agent_instance_free(a->instances[n]);
	free((void *)a->instances);
	assign_free(a->assign);
	address_free(a->address);
	history_free(a->history);
	registrant_free(a->registrant);
	if (a->is_user)
		follow_remove(a->follow, &a->user);
	follow_free(a->follow);
	locate_free(a->locate);
	if (a->has_resolve)
		resolve_events_fini(&a->resolve);
	outfit_ports_free(a->ports);
	supervise_host_close(a->host);
	free(a->node);
	free(a->zone_text);
	free(a->registry);
	free(a->key_file);
	free(a->folder);
	free(a->run_folder);
	free(a->log_folder);
	free(a->group);
	free(a->rev);
	agent_words_clear(&a->record.why);
	free(a);
}

int agent_hand_over(struct agent *a)
{
	return supervise_host_hand_over(a->host);
}
