/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agent/uses.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/turn.h"

static void on_depend(void *arg, const char *host_port, const uint8_t *instance)
{
	struct agent_using *u = arg;

	u->is_there = host_port != NULL;
	if (host_port != NULL) {
		/* A new incarnation at the same place is a change, too. */
		snprintf(u->where, sizeof(u->where), "%s", host_port);
		memcpy(u->instance, instance, dns_name_nbytes(instance));
	}
	/* An adopted process was started with what is kept. */
	u->has_changed = u->was_known || !agent_keep_has_use(&u->of->keep, u->name, host_port);
	u->was_known = true;
	agent_turn_touch(u->of);
}

static void using_free(struct agent_using *u)
{
	depend_free(u->depend);
	free(u->name);
	free(u->type);
	free(u);
}

/* Has the use be in the list, and be looked for. */
static void using_want(struct agent_instance *i, const struct spec_use *use)
{
	struct agent *a = i->agent;
	const char *type = use->type == NULL ? "" : use->type;
	struct agent_using **link = &i->uses, *u;

	for (; (u = *link) != NULL; link = &u->next)
		if (strcmp(u->name, use->name) == 0 && strcmp(u->type, type) == 0)
			break;
	if (u != NULL) {
		u->is_kept = true;
		return;
	}
	u = calloc(1, sizeof(*u));
	if (u == NULL)
		return;
	u->of = i;
	u->is_kept = true;
	u->name = strdup(use->name);
	u->type = strdup(type);
	if (u->name == NULL || u->type == NULL) {
		using_free(u);
		return;
	}
	*link = u;
	if (type[0] != '\0' &&
	    depend_new(&u->depend, a->follow, a->zone, u->name, u->type, on_depend, u) < 0)
		agent_turn_log(a, i, BASE_LOG_ERROR, "cannot look for %s", u->name);
}

bool agent_uses_are_there(struct agent_instance *i)
{
	const struct spec_uses *uses = &i->order->spec->uses;
	struct agent_using **link = &i->uses, *u;
	bool are_there = true;

	for (u = i->uses; u != NULL; u = u->next)
		u->is_kept = false;
	for (size_t n = 0; n < uses->count; n++)
		using_want(i, &uses->items[n]);
	while ((u = *link) != NULL) {
		if (u->is_kept) {
			link = &u->next;
			continue;
		}
		*link = u->next;
		using_free(u);
	}
	for (u = i->uses; u != NULL && are_there; u = u->next) {
		are_there = u->is_there;
		if (are_there)
			continue;
		i->gate = AGENT_GATE_USES;
		agent_words_set(&i->gate_why, "%s for %s%s%s",
				u->type[0] == '\0' ? "the declaration has no type" : "waits",
				u->name, u->type[0] == '\0' ? "" : ".", u->type);
	}
	return are_there;
}

const struct spec_action *agent_uses_take_change(struct agent_instance *i,
						 const struct agent_using **out)
{
	const struct spec_uses *uses = &i->order->spec->uses;

	for (struct agent_using *u = i->uses; u != NULL; u = u->next) {
		if (!u->has_changed)
			continue;
		u->has_changed = false;
		agent_keep_use(&i->keep, u->name, u->is_there ? u->where : NULL);
		for (size_t n = 0; n < uses->count; n++) {
			if (strcmp(uses->items[n].name, u->name) != 0)
				continue;
			*out = u;
			return &uses->items[n].on_change;
		}
	}
	return NULL;
}

void agent_uses_are_passed(struct agent_instance *i)
{
	i->keep.uses[0] = '\0';
	for (struct agent_using *u = i->uses; u != NULL; u = u->next) {
		u->has_changed = false;
		if (u->is_there)
			agent_keep_use(&i->keep, u->name, u->where);
	}
}

size_t agent_uses_facts(const struct agent_instance *i, struct spec_pair *pairs, size_t size)
{
	size_t n = 0;

	for (const struct agent_using *u = i->uses; u != NULL && n < size; u = u->next)
		if (u->is_there)
			pairs[n++] = (struct spec_pair){.name = u->name, .value = u->where};
	return n;
}

void agent_uses_end(struct agent_instance *i)
{
	struct agent_using *u;

	while ((u = i->uses) != NULL) {
		i->uses = u->next;
		using_free(u);
	}
}
