/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agent/records.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/look.h"
#include "agent/pairs.h"
#include "agent/registration.h"
#include "agent/turn.h"

enum { WHY_MAX = 200, EDGES_MAX = 64 };

static enum dnssd_state state_of(const char *text)
{
	for (int state = DNSSD_UP; state < DNSSD_STATES; state++)
		if (strcmp(dnssd_state_text((enum dnssd_state)state), text) == 0)
			return (enum dnssd_state)state;
	return DNSSD_STARTING;
}

/* id, inc and state are the registrant's. */
static void pairs_make(struct agent_pairs *out, const struct agent_instance *i)
{
	const struct spec_service *s = i->order->spec;
	char why[WHY_MAX + 1];

	agent_pairs_add(out, "node", i->agent->node);
	if (agent_look_ver(i)[0] != '\0')
		agent_pairs_add(out, "ver", agent_look_ver(i));
	if (agent_look_cfg(i)[0] != '\0')
		agent_pairs_add(out, "cfg", agent_look_cfg(i));
	if (i->reason.text != NULL && strcmp(i->state, "up") != 0) {
		strncpy(why, i->reason.text, WHY_MAX);
		why[WHY_MAX] = '\0';
		agent_pairs_add(out, "why", why);
	}
	for (size_t n = 0; s != NULL && n < s->text.count; n++)
		agent_pairs_add(out, s->text.items[n].name, s->text.items[n].value);
}

/* What the instance depends on: the edges of the graph. What it holds has its name. Returns how
 * many. */
static size_t edges_make(const uint8_t *out[static EDGES_MAX], const struct agent_instance *i)
{
	size_t n = 0;

	for (const struct agent_using *u = i->uses; u != NULL && n < EDGES_MAX; u = u->next)
		if (u->is_there)
			out[n++] = u->instance;
	return n;
}

static uint16_t weight_of(const struct agent_instance *i)
{
	uint32_t weight = i->order->spec->weight, less = weight / AGENT_DEGRADED;
	struct supervise_unit_view view;

	if (i->outfit == NULL || outfit_unit(i->outfit) == NULL)
		return (uint16_t)weight;
	supervise_unit_get(outfit_unit(i->outfit), &view);
	if (view.health != SUPERVISE_DEGRADED || weight == 0)
		return (uint16_t)weight;
	return (uint16_t)(less > 0 ? less : 1);
}

void agent_records_set(struct agent_instance *i, bool begins, bool is_adopted)
{
	const struct agent *a = i->agent;
	struct registrant_settings settings = {
		.kind = REGISTRANT_INSTANCE,
		.id = i->label,
		.state = state_of(i->state[0] == '\0' ? "assigned" : i->state),
		.incarnation = i->keep.inc,
		.lease_s = a->lease_s,
		.can_take_over = i->is_fenced,
		.is_adopted = is_adopted,
		.is_eager = true,
	};
	const uint8_t *edges[EDGES_MAX];
	struct agent_pairs pairs = {0};
	int ret;

	if (i->order == NULL || i->records.is_ending || (i->records.service == NULL && !begins))
		return;
	memcpy(settings.name, i->name, dns_name_nbytes(i->name));
	memcpy(settings.host, a->node_name, dns_name_nbytes(a->node_name));
	pairs_make(&pairs, i);
	settings.txt = pairs.bytes;
	settings.ntxt = pairs.nbytes;
	settings.uses = edges;
	settings.nuses = edges_make(edges, i);
	if (i->order->spec != NULL) {
		settings.port =
			(uint16_t)(i->outfit != NULL ? outfit_port(i->outfit) : i->keep.port);
		settings.priority = (uint16_t)i->order->spec->priority;
		settings.weight = weight_of(i);
		settings.ttl_s = i->order->spec->ttl_s;
	}
	ret = agent_registration_set(&i->records, &settings);
	if (ret < 0 && ret != i->records_error)
		agent_turn_log(i->agent, i, BASE_LOG_ERROR, "cannot be registered: %s",
			       strerror(-ret));
	i->records_error = ret;
}
