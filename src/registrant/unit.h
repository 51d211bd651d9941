/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* registrant/unit.h - the life of units, and the nodes that instances are at. One thread. */
#pragma once

#include "registrant/state.h"

/* Makes a unit of a copy of the settings, in which nothing is due. Returns 0, -EINVAL or -ENOMEM.
 */
int registrant_unit_new(struct registrant_service **out, struct registrant *r,
			const struct registrant_settings *settings);

/* Frees a unit that is in no message. */
void registrant_unit_free(struct registrant_service *s);

/* Frees units that nothing follows for, and that nobody has; `arg` is the registrant. */
void registrant_unit_reap(void *arg, uint64_t now_ms);

/* Has the instance be at this host's node, if its settings name no host. Returns 0, -EINVAL or
 * -ENOMEM. */
int registrant_unit_take_node(struct registrant_service *s);

/* One of the node's instances is not at it any more. */
void registrant_unit_leave_node(struct registrant_service *node);

/* Begins to register a unit: at once, or, if the addresses of its node are not known yet, when they
 * are. */
void registrant_unit_begin(struct registrant_service *s);

/* The host's addresses have changed; `arg` is the registrant. */
void registrant_unit_on_network(void *arg, const struct registrant_network *network,
				uint64_t now_ms);

/* Takes over the addresses that a node's settings give. */
void registrant_unit_set_addresses(struct registrant_service *node,
				   const struct registrant_settings *settings);
