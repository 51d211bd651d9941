/* SPDX-License-Identifier: BSD-2-Clause */
/* Copyright (c) 2026 The weft authors */

/* bridge/adverts_settings.h - what bridge/adverts.h and its parts work with. The bridge's
 * thread. */
#pragma once

#include <stdint.h>

#include "bridge/marker.h"

struct bridge_names;
struct bridge_rows;
struct bridge_rule;
struct bridge_rules;
struct bridge_seen;
struct bridge_stats;
struct ev_loop;
struct lan_daemon;
struct lan_interfaces;

/* Everything is borrowed. */
struct bridge_adverts_settings {
	const struct bridge_rules *rules;
	const struct bridge_rule *rule; /* one of them */
	struct ev_loop *loop;
	struct lan_daemon *daemon;
	const struct lan_interfaces *where;
	struct bridge_seen *seen; /* of the rule */
	struct bridge_names *names;
	struct bridge_rows *rows;
	struct bridge_stats *stats;
	bridge_id id;
	uint64_t seed;
};
