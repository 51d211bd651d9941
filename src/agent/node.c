/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

#include "agent/node.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/pairs.h"
#include "agent/registration.h"
#include "agent/turn.h"
#include "agent/unit.h"

/* TTL of a node's records, so that a move is noticed by caches. */
enum { TTL_S = 5 };

bool agent_node_appear(struct agent *a)
{
	struct child_identity id;
	bool has_appeared;

	if (agent_keep_node_read(&a->keep, a->folder) == -EBADMSG)
		agent_turn_log(a, NULL, BASE_LOG_WARNING,
			       "the file of the node is damaged: its age begins anew");
	if (child_identity_get(&id, getpid(), -1) == 0)
		snprintf(a->boot, sizeof(a->boot), "%s", id.boot);
	has_appeared = a->keep.has_left || strcmp(a->keep.boot, a->boot) != 0;
	a->was_here = !has_appeared;
	if (!has_appeared)
		return false;
	a->keep.age++;
	a->keep.has_left = false;
	snprintf(a->keep.boot, sizeof(a->keep.boot), "%s", a->boot);
	if (agent_keep_node_write(&a->keep, a->folder) < 0)
		agent_turn_log(a, NULL, BASE_LOG_WARNING, "the file of the node is not written");
	return true;
}

void agent_node_set(struct agent *a)
{
	struct registrant_settings settings = {
		.kind = REGISTRANT_NODE,
		.addresses = a->addresses,
		.naddresses = a->naddresses,
		.lease_s = a->lease_s,
		.ttl_s = TTL_S,
		.is_adopted = a->was_here,
		.is_eager = true,
	};
	struct agent_pairs pairs = {0};
	int ret;

	if (a->naddresses == 0)
		return;
	memcpy(settings.name, a->node_name, dns_name_nbytes(a->node_name));
	agent_pairs_add(&pairs, "state", a->ending == AGENT_STOPS ? "leaving" : "up");
	agent_pairs_add(&pairs, "boot", a->boot);
	agent_pairs_add_number(&pairs, "age", a->keep.age);
	agent_pairs_add(&pairs, "rev", a->rev);
	if (a->manage_port != 0)
		agent_pairs_add_number(&pairs, "manage", a->manage_port);
	settings.txt = pairs.bytes;
	settings.ntxt = pairs.nbytes;
	ret = agent_registration_set(&a->record, &settings);
	if (ret < 0)
		agent_turn_log(a, NULL, BASE_LOG_ERROR, "the node cannot be registered: %s",
			       strerror(-ret));
}

void agent_node_on_no_addresses(void *arg, uint64_t now_ms)
{
	struct agent *a = arg;

	(void)now_ms;
	resolve_timer_clear(&a->resolve.timers, &a->no_addresses);
	a->has_addresses = true;
	agent_turn_touch_all(a);
}

void agent_node_on_addresses(void *arg, const struct sockaddr_storage *addresses, size_t n,
			     uint64_t now_ms)
{
	struct agent *a = arg;

	if (!a->has_addresses)
		agent_node_on_no_addresses(a, now_ms);
	if (n == 0) {
		agent_turn_log(a, NULL, BASE_LOG_WARNING,
			       "the node has no address: it remains registered as it was");
		return;
	}
	if (n > ADDRESS_MAX)
		n = ADDRESS_MAX;
	memcpy(a->addresses, addresses, n * sizeof(addresses[0]));
	a->naddresses = n;
	for (size_t i = 0; i < a->ninstances; i++)
		agent_unit_refresh(a->instances[i]);
	if (a->ending == AGENT_STAYS)
		agent_node_set(a);
}

void agent_node_end(struct agent *a)
{
	a->keep.has_left = true;
	agent_keep_node_write(&a->keep, a->folder);
	agent_registration_end(&a->record);
}
