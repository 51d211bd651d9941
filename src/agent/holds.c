/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agent/holds.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/look.h"
#include "agent/pairs.h"
#include "agent/registration.h"
#include "agent/turn.h"
#include "base/error.h"
#include "dnssd/fabric_name.h"
#include "outfit/lock.h"

static const char *const kind_texts[] = {
	[AGENT_HOLD_NAME] = "name",
	[AGENT_HOLD_RESOURCE] = "resource",
	[AGENT_HOLD_SHARED] = "shared resource",
};

/* ---- the list ---- */

/* Somebody may wait for the name. */
static void unlock(struct agent_hold *h)
{
	struct agent *a = h->of->agent;

	if (h->lock == NULL)
		return;
	outfit_lock_release(h->lock);
	h->lock = NULL;
	for (size_t n = 0; n < a->ninstances; n++)
		if (a->instances[n]->gate == AGENT_GATE_NAME)
			agent_turn_touch(a->instances[n]);
}

static void on_claim(void *arg)
{
	struct agent_hold *h = arg;

	if (h->claim.service == NULL && !h->is_held)
		unlock(h);
	agent_turn_touch(h->of);
}

static struct agent_hold *hold_find(struct agent_instance *i, enum agent_hold_kind kind,
				    const char *label)
{
	struct agent_hold *h = i->holds;

	while (h != NULL && (h->kind != kind || strcmp(h->label, label) != 0))
		h = h->next;
	return h;
}

/* Has the declaration's name or resource be in the list. */
static void hold_want(struct agent_instance *i, enum agent_hold_kind kind, const char *label)
{
	struct agent_hold *h = hold_find(i, kind, label), **link = &i->holds;
	struct agent *a = i->agent;
	enum dnssd_fabric_kind of =
		kind == AGENT_HOLD_NAME ? DNSSD_FABRIC_HELD : DNSSD_FABRIC_RESOURCE;

	if (h != NULL) {
		h->is_kept = true;
		return;
	}
	h = calloc(1, sizeof(*h));
	if (h == NULL)
		return;
	h->of = i;
	h->kind = kind;
	h->is_kept = true;
	h->claim.agent = a;
	h->claim.on_change = on_claim;
	h->claim.arg = h;
	snprintf(h->label, sizeof(h->label), "%s", label);
	if (dnssd_fabric_name_write(h->name, of, label,
				    kind == AGENT_HOLD_NAME ? a->node_name : a->zone) == 0) {
		free(h);
		return;
	}
	while (*link != NULL)
		link = &(*link)->next;
	*link = h;
}

/* ---- giving up ---- */

static void hold_release(struct agent_hold *h)
{
	if (h->is_held) {
		char what[AGENT_TEXT_MAX];

		h->is_held = false;
		snprintf(what, sizeof(what), "%s %s", kind_texts[h->kind], h->label);
		agent_turn_event(h->of->agent, h->of, "released", what);
	}
	h->pid = 0;
	agent_registration_end(&h->claim);
	/* Another must not find the claim when it has the lock; but what no registry answers to
	 * cannot be waited for. */
	if (h->claim.service == NULL || agent_registration_is_silent(&h->claim) ||
	    h->of->agent->is_silent)
		unlock(h);
}

static void hold_free(struct agent_hold *h, bool is_left)
{
	if (is_left) {
		outfit_lock_leave(h->lock);
		h->lock = NULL;
	} else {
		unlock(h);
		agent_registration_drop(&h->claim);
	}
	agent_words_clear(&h->claim.why);
	free(h);
}

/* Frees what the declaration has no more, when it is given up. */
static void holds_prune(struct agent_instance *i)
{
	struct agent_hold **link = &i->holds, *h;

	while ((h = *link) != NULL) {
		if (!h->is_kept)
			hold_release(h);
		if (h->is_kept || h->claim.service != NULL) {
			link = &h->next;
			continue;
		}
		*link = h->next;
		hold_free(h, false);
	}
}

/* ---- taking ---- */

static int claim_set(struct agent_hold *h)
{
	const struct agent *a = h->of->agent;
	struct supervise_unit_view view;
	struct registrant_settings settings = {
		.kind = REGISTRANT_CLAIM,
		.lease_s = a->lease_s,
		.is_adopted = h->of->is_adopted,
		.is_eager = true,
		.is_shared = h->kind == AGENT_HOLD_SHARED,
	};
	struct agent_pairs pairs = {0};

	agent_pairs_add(&pairs, "by", h->of->text);
	if (h->kind == AGENT_HOLD_NAME) {
		agent_look_unit(h->of, &view);
		if (view.pid > 0)
			agent_pairs_add_number(&pairs, "pid", (uint64_t)view.pid);
		agent_pairs_add(&pairs, "boot", a->boot);
	} else {
		agent_pairs_add(&pairs, "node", a->node);
	}
	memcpy(settings.name, h->name, dns_name_nbytes(h->name));
	settings.txt = pairs.bytes;
	settings.ntxt = pairs.nbytes;
	return agent_registration_set(&h->claim, &settings);
}

/* Returns whether the instance has the lock; it is not needed for resources. */
static bool is_locked(struct agent_hold *h)
{
	const struct agent *a = h->of->agent;
	struct base_error error;
	int ret;

	if (h->kind != AGENT_HOLD_NAME || h->lock != NULL)
		return true;
	ret = outfit_lock_take(&h->lock, a->lock_folder, h->label, h->of->text, NULL, &error);
	if (ret == 0)
		return true;
	snprintf(h->why, sizeof(h->why), "%.500s", error.text);
	agent_turn_retry(h->of);
	return false;
}

static void why_held_elsewhere(struct agent_hold *h)
{
	snprintf(h->why, sizeof(h->why), "%s %s is held by %.400s", kind_texts[h->kind], h->label,
		 agent_words_get(&h->claim.why));
}

/* Returns whether the claim is settled in our favour, as far as can be known. */
static bool is_claimed(struct agent_hold *h)
{
	if (h->claim.error == -EEXIST) {
		why_held_elsewhere(h);
		return false;
	}
	if (h->claim.is_registered || h->kind == AGENT_HOLD_SHARED)
		return true;
	/* While no registry answers, nobody else can have got it before our lease has ended. */
	if (h->is_held || (h->kind == AGENT_HOLD_NAME && h->claim.error != 0))
		return true;
	if (h->kind == AGENT_HOLD_NAME && h->of->agent->is_silent)
		return true;
	h->why[0] = '\0'; /* an answer is about to come */
	if (h->claim.error != 0)
		snprintf(h->why, sizeof(h->why), "%s %s: %.400s", kind_texts[h->kind], h->label,
			 agent_words_get(&h->claim.why));
	return false;
}

static bool hold_take(struct agent_hold *h)
{
	char what[AGENT_TEXT_MAX];

	if (!is_locked(h))
		return false;
	if (h->claim.is_ending) {
		h->why[0] = '\0'; /* it is being given up */
		return false;
	}
	if (h->claim.service == NULL && claim_set(h) < 0) {
		snprintf(h->why, sizeof(h->why), "%s %s: out of memory", kind_texts[h->kind],
			 h->label);
		agent_turn_retry(h->of);
		return false;
	}
	if (!is_claimed(h))
		return false;
	h->why[0] = '\0';
	if (!h->is_held) {
		h->is_held = true;
		snprintf(what, sizeof(what), "%s %s", kind_texts[h->kind], h->label);
		if (!h->of->is_adopted)
			agent_turn_event(h->of->agent, h->of, "acquired", what);
	}
	return true;
}

bool agent_holds_take(struct agent_instance *i)
{
	const struct spec_service *s = i->order->spec;
	const char *name = spec_service_name_resource(s);
	bool has_all = true;

	for (struct agent_hold *h = i->holds; h != NULL; h = h->next)
		h->is_kept = false;
	if (name != NULL)
		hold_want(i, AGENT_HOLD_NAME, name);
	for (size_t n = 0; n < s->resources.count; n++)
		hold_want(i,
			  s->resources.items[n].is_exclusive ? AGENT_HOLD_RESOURCE
							     : AGENT_HOLD_SHARED,
			  s->resources.items[n].name);
	holds_prune(i);
	/* In this order: what is held while a later one is waited for is the same everywhere. */
	for (struct agent_hold *h = i->holds; h != NULL && has_all; h = h->next) {
		if (!h->is_kept || hold_take(h))
			continue;
		has_all = false;
		i->gate = h->kind == AGENT_HOLD_NAME ? AGENT_GATE_NAME : AGENT_GATE_RESOURCE;
		agent_words_set(&i->gate_why, "%s", h->why);
	}
	return has_all;
}

const uint8_t *agent_holds_awaited(const struct agent_instance *i)
{
	for (const struct agent_hold *h = i->holds; h != NULL; h = h->next)
		if (!h->is_held && h->claim.error == -EEXIST)
			return h->name;
	return NULL;
}

bool agent_holds_are_lost(const struct agent_instance *i, const char **why)
{
	for (struct agent_hold *h = i->holds; h != NULL; h = h->next) {
		if (h->claim.error != -EEXIST || h->kind == AGENT_HOLD_SHARED)
			continue;
		why_held_elsewhere(h);
		h->is_held = false;
		*why = h->why;
		return true;
	}
	return false;
}

void agent_holds_set_process(struct agent_instance *i, pid_t pid)
{
	for (struct agent_hold *h = i->holds; h != NULL; h = h->next) {
		if (h->lock == NULL || h->pid == pid)
			continue;
		h->pid = pid;
		outfit_lock_record(h->lock, pid);
		if (pid > 0 && h->claim.service != NULL)
			claim_set(h);
	}
}

/* ---- the end ---- */

void agent_holds_release(struct agent_instance *i)
{
	for (struct agent_hold *h = i->holds; h != NULL; h = h->next)
		hold_release(h);
}

bool agent_holds_are_free(const struct agent_instance *i)
{
	for (const struct agent_hold *h = i->holds; h != NULL; h = h->next)
		if (h->claim.service != NULL)
			return false;
	return true;
}

void agent_holds_free(struct agent_instance *i, bool is_left)
{
	struct agent_hold *h;

	while ((h = i->holds) != NULL) {
		i->holds = h->next;
		hold_free(h, is_left);
	}
}
