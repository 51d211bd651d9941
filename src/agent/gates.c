/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agent/gates.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/holds.h"
#include "agent/look.h"
#include "agent/number.h"
#include "agent/records.h"
#include "agent/registration.h"
#include "agent/turn.h"
#include "agent/unit.h"
#include "agent/uses.h"

static bool close_at(struct agent_instance *i, enum agent_gate gate, const char *why)
{
	i->gate = gate;
	agent_words_set(&i->gate_why, "%s", why);
	return false;
}

/* While no registry answers, an instance that was started here in this boot is still this node's,
 * as far as can be known; after a boot its lease may have ended, and another node may have it,
 * which only `fence: none` does not mind. */
static bool may_go_unseen(const struct agent_instance *i)
{
	const struct agent *a = i->agent;

	if (!a->is_silent)
		return false;
	return strcmp(i->keep.boot, a->boot) == 0 ||
	       (i->order->spec != NULL && i->order->spec->fence.fence == SPEC_FENCE_NONE);
}

static bool has_spec(struct agent_instance *i)
{
	if (i->order->spec == NULL)
		return close_at(i, AGENT_GATE_SPEC, i->order->why);
	if (i->open_error.text != NULL)
		return close_at(i, AGENT_GATE_SPEC, i->open_error.text);
	return i->outfit != NULL || close_at(i, AGENT_GATE_SPEC, "");
}

/* Another node has the instance: it is gone with its lease, or made to go. */
static bool is_fenced(struct agent_instance *i)
{
	const struct spec_fencing *fence = &i->order->spec->fence;
	char why[AGENT_REASON_MAX];

	i->is_fenced = i->is_fenced || fence->fence == SPEC_FENCE_NONE;
	if (fence->fence == SPEC_FENCE_EXEC && !i->is_fenced && !i->is_fencing && !i->must_retry)
		agent_unit_fence(i);
	snprintf(why, sizeof(why), "%s: %.400s",
		 i->is_fencing ? "its fence command runs" : "runs elsewhere",
		 agent_words_get(&i->records.why));
	return close_at(i, AGENT_GATE_FENCE, why);
}

static bool is_ours(struct agent_instance *i)
{
	const struct agent_registration *r = &i->records;
	char why[AGENT_REASON_MAX];

	if (i->order->is_saved && !may_go_unseen(i))
		return close_at(i, AGENT_GATE_ZONE,
				i->agent->is_silent ? "no registry answers" : "");
	if (r->is_registered && !i->is_fencing)
		return true;
	if (r->is_registered)
		return close_at(i, AGENT_GATE_FENCE, "its fence command runs");
	if (r->is_ending || r->error == 0 || r->error == -ESTALE)
		return (r->error == 0 && may_go_unseen(i)) || close_at(i, AGENT_GATE_ZONE, "");
	if (r->error == -EEXIST)
		return is_fenced(i);
	if (agent_registration_is_silent(r) && may_go_unseen(i))
		return true;
	snprintf(why, sizeof(why), "not registered: %.400s", agent_words_get(&r->why));
	return close_at(i, AGENT_GATE_ZONE, why);
}

bool agent_gates_pass(struct agent_instance *i)
{
	i->gate = AGENT_GATE_NONE;
	agent_words_clear(&i->gate_why);
	return has_spec(i) && is_ours(i) && agent_holds_take(i) && agent_uses_are_there(i);
}

void agent_gates_register(struct agent_instance *i)
{
	bool is_active = agent_look_unit(i, NULL);

	if (i->order == NULL || i->records.service != NULL || i->agent->ending != AGENT_STAYS)
		return;
	if (i->type[0] == '\0')
		return; /* its name is not that of an instance */
	if (!is_active && i->order->is_saved && !may_go_unseen(i))
		return;
	if (!is_active && !i->is_number_new && (i->keep.inc == 0 || !i->is_of_before))
		agent_number_take(i, 0);
	i->is_fenced = i->order->spec != NULL && i->order->spec->fence.fence == SPEC_FENCE_NONE &&
		       !is_active;
	agent_records_set(i, true, !i->is_number_new);
}
